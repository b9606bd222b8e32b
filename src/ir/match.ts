import type { AddressSet, Family, IntervalSet } from "../net/index.js";

/**
 * Which packets a rule speaks of: a boolean expression over the fields of a packet.
 *
 * A port is a field of TCP, UDP, SCTP, DCCP and UDP-Lite packets only, an ICMP type one of ICMP and ICMPv6 packets
 * only: a match on such a field means nothing without a match on the protocol beside it, and whoever builds one adds it.
 */
export type Match =
  | { readonly kind: "everything" }
  | { readonly kind: "nothing" }
  | { readonly kind: "all"; readonly of: readonly Match[] }
  | { readonly kind: "any"; readonly of: readonly Match[] }
  | { readonly kind: "not"; readonly of: Match }
  | { readonly kind: "family"; readonly family: Family }
  | { readonly kind: "interface"; readonly end: "ingress" | "egress"; readonly names: readonly string[] }
  | { readonly kind: "state"; readonly states: readonly State[] }
  | { readonly kind: "number"; readonly field: NumberField; readonly values: IntervalSet<number> }
  | { readonly kind: "tcp-flags"; readonly mask: number; readonly value: number }
  | { readonly kind: "address"; readonly end: "source" | "destination"; readonly addresses: AddressSet }
  | {
      readonly kind: "condition";
      readonly condition: string;
      /** `both`: see {@link varying}; `absent`: see {@link particular}. */
      readonly varies?: "both" | "absent";
    };

/**
 * Fields that hold a number: `protocol`, `icmp-type`, `icmp-code` 8 bits, ports 16, `source-mac` 48 (the sender's
 * link-layer address as the firewall sees it). `icmp-type` and `icmp-code` serve ICMP and ICMPv6 alike.
 */
export type NumberField = "protocol" | "source-port" | "destination-port" | "icmp-type" | "icmp-code" | "source-mac";

/**
 * How connection tracking sees the packet. `new` starts a connection; `established` and `related` are of the
 * direction of its first packet, `-reply` of the other; `related` packets are ICMP errors about a connection or open
 * an expected one. A stateful device without these words (ASA, pf) decides on `new` and lets the rest follow.
 *
 * Source: Linux include/uapi/linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_info.
 */
export type State = "new" | "established" | "established-reply" | "related" | "related-reply" | "invalid" | "untracked";

export const states: readonly State[] = [
  "new",
  "established",
  "established-reply",
  "related",
  "related-reply",
  "invalid",
  "untracked",
];

/** Bits of the TCP flags octet. Source: RFC 9293 section 3.1. */
export const tcpFlags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

/** Protocol numbers (IANA) that are spoken of by name in the code. */
export const protocols = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
  dccp: 33,
} as const;

/** The protocols whose header starts with a source and a destination port. */
export const protocolsWithPorts: readonly number[] = [6, 17, 33, 132, 136];

export const everyPacket: Match = { kind: "everything" };
export const noPacket: Match = { kind: "nothing" };

/** All of them; every packet when there are none. */
export function all(...of: readonly Match[]): Match {
  const parts = of.flatMap((one) => (one.kind === "all" ? one.of : one.kind === "everything" ? [] : [one]));
  if (parts.some((one) => one.kind === "nothing")) return noPacket;
  return parts.length === 0 ? everyPacket : parts.length === 1 ? parts[0]! : { kind: "all", of: parts };
}

/** Any of them; no packet when there are none. */
export function any(...of: readonly Match[]): Match {
  const parts = of.flatMap((one) => (one.kind === "any" ? one.of : one.kind === "nothing" ? [] : [one]));
  if (parts.some((one) => one.kind === "everything")) return everyPacket;
  return parts.length === 0 ? noPacket : parts.length === 1 ? parts[0]! : { kind: "any", of: parts };
}

export function not(of: Match): Match {
  if (of.kind === "everything") return noPacket;
  if (of.kind === "nothing") return everyPacket;
  return of.kind === "not" ? of.of : { kind: "not", of };
}

export function ofFamily(family: Family): Match {
  return { kind: "family", family };
}

/** A name may end in `*`, which stands for any rest, also an empty one. No name at all means no packet. */
export function ingress(...names: readonly string[]): Match {
  return { kind: "interface", end: "ingress", names };
}

/** See {@link ingress}. */
export function egress(...names: readonly string[]): Match {
  return { kind: "interface", end: "egress", names };
}

export function inState(...of: readonly State[]): Match {
  return { kind: "state", states: of };
}

export function ofProtocol(...numbers: readonly number[]): Match {
  return numberIn("protocol", ...numbers.map((n) => [n, n] as const));
}

/** The field's value is in one of the ranges; both ends belong to a range. Ranges may overlap and come in any order. */
export function numberIn(field: NumberField, ...ranges: readonly (readonly [number, number])[]): Match {
  const sorted = ranges.map(([first, last]) => ({ first, last })).sort((a, b) => a.first - b.first);
  const values: { first: number; last: number }[] = [];
  for (const { first, last } of sorted) {
    const top = values[values.length - 1];
    if (top !== undefined && first <= top.last + 1) top.last = Math.max(top.last, last);
    else values.push({ first, last });
  }
  return { kind: "number", field, values };
}

export function from(addresses: AddressSet): Match {
  return { kind: "address", end: "source", addresses };
}

export function to(addresses: AddressSet): Match {
  return { kind: "address", end: "destination", addresses };
}

/** Of the flags in `mask` exactly those in `value` are set. A match on TCP must stand beside it. */
export function withTcpFlags(mask: number, value: number): Match {
  return { kind: "tcp-flags", mask, value };
}

/**
 * Something that the text does not let us decide. The same words are the same condition: a packet meets both or
 * neither. So the words must say everything that the condition depends on, such as `limit 3/minute at rules.v4:12`
 * for a limit (each rule counts for itself), or `destination address is local` for an address type.
 */
export function condition(words: string): Match {
  return { kind: "condition", condition: words };
}

/**
 * A condition that some packets meet and others do not, whatever else they are: a rate, which the first packet after a
 * quiet time keeps; a part of the packet that the model leaves out, such as its length. It counts as a property of the
 * packet: where packets pass if it holds, packets certainly pass.
 */
export function varying(words: string): Match {
  return { kind: "condition", condition: words, varies: "both" };
}

/**
 * A condition that some packets certainly do not meet, whatever else they are, while nobody knows whether any does: that
 * an address is in a list which is not in the text, or that something has marked the packet. Where packets pass if it
 * does not hold, packets certainly pass.
 */
export function particular(words: string): Match {
  return { kind: "condition", condition: words, varies: "absent" };
}
