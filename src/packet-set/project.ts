import * as ir from "../ir/index.js";
import type { AddressSet } from "../net/index.js";
import { NONE } from "./bdd.js";
import type { PacketSet, PacketSpace } from "./space.js";

/** All packets, of any family, interface, state and address, with a protocol and destination port that one of the set has. */
export function servicesOf(space: PacketSpace, set: PacketSet): PacketSet {
  const { bdd, layout } = space;
  const before = bdd.exists(set, layout.family.first, layout.protocol.first - 1);
  const port = layout.destinationPort;
  return bdd.exists(before, port.first + port.bits, Math.max(space.lastLevel(), layout.conditions));
}

/** The addresses that packets of the set have at one end, whatever else they have. */
export function addressesIn(space: PacketSpace, set: PacketSet, end: "source" | "destination"): AddressSet {
  const { bdd, layout } = space;
  const field = layout[end];
  const others = [
    { first: layout.family.first + 1, last: field.first - 1 },
    { first: field.first + field.bits, last: Math.max(space.lastLevel(), layout.conditions) },
  ];
  let projected = set;
  for (const { first, last } of others) if (first <= last) projected = bdd.exists(projected, first, last);
  const tested = bdd.level(projected) === layout.family.first;
  const ipv4 = intervalsOf(space, tested ? bdd.low(projected) : projected, field.first, 32);
  const ipv6 = intervalsOf(space, tested ? bdd.high(projected) : projected, field.first, 128);
  return {
    ipv4: ipv4.map(({ first, last }) => ({ first: Number(first), last: Number(last) })),
    ipv6,
  };
}

/** How many destination ports packets of the set have, whatever else they have. */
export function countPorts(space: PacketSpace, set: PacketSet): number {
  const { bdd, layout } = space;
  const { first, bits } = layout.destinationPort;
  const withPorts = bdd.and(set, space.compile(ir.ofProtocol(...ir.protocolsWithPorts)));
  const before = bdd.exists(withPorts, layout.family.first, first - 1);
  const ports = bdd.exists(before, first + bits, Math.max(space.lastLevel(), layout.conditions));
  return intervalsOf(space, ports, first, bits).reduce((sum, one) => sum + Number(one.last - one.first) + 1, 0);
}

/** The numbers of `bits` bits, the most significant at level `top`, that lead anywhere. */
function intervalsOf(space: PacketSpace, set: PacketSet, top: number, bits: number): { first: bigint; last: bigint }[] {
  const { bdd } = space;
  const found: { first: bigint; last: bigint }[] = [];
  const visit = (node: PacketSet, depth: number, value: bigint): void => {
    if (node === NONE) return;
    const level = bdd.level(node);
    // What no level below tests is one interval, however deep it would go.
    if (level >= top + bits) {
      const rest = BigInt(bits - depth);
      const first = value << rest;
      const last = ((value + 1n) << rest) - 1n;
      const open = found.at(-1);
      if (open !== undefined && open.last + 1n === first) open.last = last;
      else found.push({ first, last });
      return;
    }
    const tested = level === top + depth;
    visit(tested ? bdd.low(node) : node, depth + 1, value << 1n);
    visit(tested ? bdd.high(node) : node, depth + 1, (value << 1n) | 1n);
  };
  visit(set, 0, 0n);
  return found;
}
