import type { Match, Packet } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { AddressSet } from "../net/index.js";
import { parseIpv4, parseIpv6 } from "../net/index.js";
import { NONE } from "./bdd.js";
import type { Field } from "./layout.js";
import type { PacketSet, PacketSpace } from "./space.js";

/**
 * The plainest packet of a set: a first packet of a TCP connection from an ephemeral port between two ordinary
 * addresses, as far as the set has one; else as near to that as it gets, with the first address of a prefix.
 *
 * Undefined for the empty set. The same set gives the same packet.
 */
export function witness(space: PacketSpace, set: PacketSet): Packet | undefined {
  if (set === NONE) return undefined;
  let narrowed = withoutConditions(space, set);
  for (const preference of preferences) {
    const next = space.and(narrowed, space.compile(preference));
    if (next !== NONE) narrowed = next;
  }
  return lowest(space, narrowed);
}

/** Conditions that need not hold do not. */
function withoutConditions(space: PacketSpace, set: PacketSet): PacketSet {
  let narrowed = set;
  for (const words of space.conditions) {
    const next = space.difference(narrowed, space.compile(ir.condition(words)));
    if (next !== NONE) narrowed = next;
  }
  return narrowed;
}

const ordinaryAddresses: AddressSet = {
  ipv4: [{ first: parseIpv4("1.0.0.0")!, last: parseIpv4("223.255.255.255")! }],
  ipv6: [{ first: parseIpv6("2000::")!, last: parseIpv6("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")! }],
};

function only(ipv4: string, ipv6: string): AddressSet {
  const a = parseIpv4(ipv4)!;
  const b = parseIpv6(ipv6)!;
  return { ipv4: [{ first: a, last: a }], ipv6: [{ first: b, last: b }] };
}

/** In order of weight. Addresses for documentation where any would do. Source: RFC 5737, RFC 3849, RFC 6335 section 6. */
const preferences: readonly Match[] = [
  ir.inState("new"),
  ir.ofFamily("ipv4"),
  ir.ofProtocol(ir.protocols.tcp),
  ir.ofProtocol(ir.protocols.tcp, ir.protocols.udp),
  ir.withTcpFlags(255, ir.tcpFlags.syn),
  ir.numberIn("source-port", [49152, 65535]),
  ir.numberIn("source-port", [1024, 65535]),
  ir.numberIn("destination-port", [1, 65535]),
  ir.from(only("192.0.2.1", "2001:db8::1")),
  ir.to(only("198.51.100.1", "2001:db8:1::1")),
  ir.from(ordinaryAddresses),
  ir.to(ordinaryAddresses),
];

/** The packet whose bits are 0 wherever they may be. */
function lowest(space: PacketSpace, set: PacketSet): Packet {
  const { layout, bdd } = space;
  const ones = new Set<number>();
  for (let node = set; node > 1;) {
    if (bdd.low(node) !== NONE) {
      node = bdd.low(node);
    } else {
      ones.add(bdd.level(node));
      node = bdd.high(node);
    }
  }
  const read = (field: Field, width = field.bits): bigint => {
    let value = 0n;
    for (let i = 0; i < width; i++) value = value * 2n + (ones.has(field.first + i) ? 1n : 0n);
    return value;
  };
  const family = ones.has(layout.family.first) ? "ipv6" : "ipv4";
  const address = (field: Field): number | bigint => (family === "ipv6" ? read(field) : Number(read(field, 32)));
  const protocol = Number(read(layout.protocol));
  const ports = ir.protocolsWithPorts.includes(protocol);
  const icmp = protocol === ir.protocols.icmp || protocol === ir.protocols.icmpv6;
  const ingress = space.interfaces.nameOf(Number(read(layout.ingress)));
  const egress = space.interfaces.nameOf(Number(read(layout.egress)));
  return {
    family,
    ...(ingress !== undefined && { ingress }),
    ...(egress !== undefined && { egress }),
    state: ir.states[Math.min(Number(read(layout.state)), ir.states.length - 1)]!,
    protocol,
    sourcePort: ports ? Number(read(layout.sourcePort)) : 0,
    destinationPort: ports ? Number(read(layout.destinationPort)) : 0,
    icmpType: icmp ? Number(read(layout.icmpType)) : 0,
    icmpCode: icmp ? Number(read(layout.icmpCode)) : 0,
    tcpFlags: protocol === ir.protocols.tcp ? Number(read(layout.tcpFlags)) : 0,
    source: address(layout.source),
    destination: address(layout.destination),
    sourceMac: Number(read(layout.sourceMac)),
    conditions: new Set(space.conditions.filter((_, i) => ones.has(layout.conditions + i))),
  };
}
