import * as ir from "../ir/index.js";
import { NONE } from "./bdd.js";
import type { PacketSet, PacketSpace } from "./space.js";

/**
 * How many different headers the set holds: family, protocol, ports or ICMP type and code, and both addresses.
 *
 * Interfaces, states, flags, link-layer addresses and conditions are left out: a header counts when it is in the set
 * with some value of them.
 */
export function countHeaders(space: PacketSpace, set: PacketSet): bigint {
  const { layout } = space;
  const left = [layout.ingress, layout.egress, layout.state, layout.tcpFlags, layout.sourceMac];
  let headers = space.may(set);
  for (const field of left) headers = space.bdd.exists(headers, field.first, field.first + field.bits - 1);

  const ports = ir.ofProtocol(...ir.protocolsWithPorts);
  const icmp = ir.ofProtocol(ir.protocols.icmp, ir.protocols.icmpv6);
  const kinds = [
    { protocols: ports, fields: [layout.destinationPort, layout.sourcePort] },
    { protocols: icmp, fields: [layout.icmpType, layout.icmpCode] },
    { protocols: ir.not(ir.any(ports, icmp)), fields: [] },
  ];
  let count = 0n;
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const kind of kinds) {
      const part = space.and(headers, space.compile(ir.all(ir.ofFamily(family), kind.protocols)));
      const bits = family === "ipv4" ? 32 : 128;
      const levels = [
        layout.protocol,
        ...kind.fields,
        { ...layout.destination, bits },
        { ...layout.source, bits },
      ].flatMap((field) => Array.from({ length: field.bits }, (_, i) => field.first + i));
      // The family is settled, and no level but these is tested: a field that the protocol lacks is never asked for.
      count += countOver(space, part, levels);
    }
  }
  return count;
}

/** The assignments of `levels` (ascending) that are in the set; other levels must not change the answer. */
function countOver(space: PacketSpace, set: PacketSet, levels: readonly number[]): bigint {
  const place = new Map(levels.map((level, i) => [level, i]));
  const done = new Map<number, bigint>();
  const { bdd } = space;
  const placeOf = (node: number): number => (node <= 1 ? levels.length : (place.get(bdd.level(node)) ?? -1));
  /** Of the levels from the node's own downwards. */
  const visit = (node: number): bigint => {
    if (node === NONE) return 0n;
    if (node === 1) return 1n;
    let count = done.get(node);
    if (count === undefined) {
      const own = placeOf(node);
      if (own < 0) {
        // A level of another kind of packet: both sides stand for the same headers.
        count = visit(bdd.low(node)) || visit(bdd.high(node));
      } else {
        const side = (child: number): bigint => visit(child) << BigInt(placeOf(settled(child)) - own - 1);
        count = side(bdd.low(node)) + side(bdd.high(node));
      }
      done.set(node, count);
    }
    return count;
  };
  const settled = (node: number): number => {
    let at = node;
    while (at > 1 && !place.has(bdd.level(at))) at = bdd.low(at) !== NONE ? bdd.low(at) : bdd.high(at);
    return at;
  };
  const start = settled(set);
  return visit(start) << BigInt(Math.max(0, placeOf(start)));
}
