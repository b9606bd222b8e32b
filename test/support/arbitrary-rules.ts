import fc from "fast-check";
import type { Chain, Filter, Match, Packet, Rule, Verdict } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { formatIpv4, toSet, ipv4Addresses, ipv6Addresses, parseIpv6 } from "../../src/net/index.js";

/**
 * A tiny world of packets: two bits of each field, chosen where boundaries are likely to be wrong (first and last
 * values of a field among them), so that a whole world can be walked through.
 */
const v4 = [0, 0x0a000001, 0x0a0000ff, 0xffffffff];
const v6 = [0n, parseIpv6("2001:db8::1")!, parseIpv6("2001:db8::ff")!, (1n << 128n) - 1n];
const ports = [0, 445, 65535];
const interfaces = [undefined, "wan0", "ppp7", "lan0"];
const conditionWords = ["limit", "is local"];

export const arbitraryPacket: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
    ingress: fc.constantFrom(...interfaces),
    egress: fc.constantFrom(...interfaces),
    state: fc.constantFrom(...ir.states),
    protocol: fc.constantFrom(0, 1, 6, 17, 58, 255),
    sourcePort: fc.constantFrom(...ports),
    destinationPort: fc.constantFrom(...ports),
    icmpType: fc.constantFrom(0, 8, 255),
    icmpCode: fc.constantFrom(0, 3),
    tcpFlags: fc.constantFrom(0, 2, 16, 18, 255),
    source: fc.nat(3),
    destination: fc.nat(3),
    sourceMac: fc.constantFrom(0, 2 ** 48 - 1, 0x020000000001),
    conditions: fc.subarray(conditionWords).map((words) => new Set(words)),
  })
  .map(({ ingress, egress, source, destination, ...rest }): Packet => {
    const hasPorts = ir.protocolsWithPorts.includes(rest.protocol);
    const icmp = rest.protocol === 1 || rest.protocol === 58;
    const addresses = rest.family === "ipv4" ? v4 : v6;
    return {
      ...rest,
      ...(ingress !== undefined && { ingress }),
      ...(egress !== undefined && { egress }),
      sourcePort: hasPorts ? rest.sourcePort : 0,
      destinationPort: hasPorts ? rest.destinationPort : 0,
      icmpType: icmp ? rest.icmpType : 0,
      icmpCode: icmp ? rest.icmpCode : 0,
      tcpFlags: rest.protocol === 6 ? rest.tcpFlags : 0,
      source: addresses[source]!,
      destination: addresses[destination]!,
    };
  });

const range = (top: number): fc.Arbitrary<[number, number]> =>
  fc
    .tuple(fc.nat(4), fc.nat(4))
    .map(([a, b]) => [0, 1, 445, 446, 65535].map((n) => Math.min(n, top)).filter((_, i) => i === a || i === b))
    .map((ends) => [ends[0]!, ends.at(-1)!]);

const addresses = fc
  .record({
    ipv4: fc.array(fc.tuple(fc.constantFrom(...v4), fc.constantFrom(...v4)), { maxLength: 2 }),
    ipv6: fc.array(fc.tuple(fc.constantFrom(...v6), fc.constantFrom(...v6)), { maxLength: 2 }),
  })
  .map(({ ipv4, ipv6 }) => ({
    ipv4: toSet(
      ipv4Addresses,
      ipv4.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    ),
    ipv6: toSet(
      ipv6Addresses,
      ipv6.map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a })),
    ),
  }));

const withPorts = ir.ofProtocol(...ir.protocolsWithPorts);
const withIcmp = ir.ofProtocol(1, 58);

const leaf: fc.Arbitrary<Match> = fc.oneof(
  fc.constant(ir.everyPacket),
  fc.constant(ir.noPacket),
  fc.constantFrom("ipv4" as const, "ipv6" as const).map(ir.ofFamily),
  fc.subarray(["wan0", "ppp*", "ppp1", "*", "eth9"]).map((names) => ir.ingress(...names)),
  fc.subarray(["wan0", "lan*", "p*"]).map((names) => ir.egress(...names)),
  fc.subarray([...ir.states]).map((of) => ir.inState(...of)),
  fc.subarray([0, 1, 6, 17, 58, 255]).map((numbers) => ir.ofProtocol(...numbers)),
  range(65535).map((ends) => ir.all(withPorts, ir.numberIn("source-port", ends))),
  range(65535).map((ends) => ir.all(withPorts, ir.numberIn("destination-port", ends))),
  range(255).map((ends) => ir.all(withIcmp, ir.numberIn("icmp-type", ends))),
  range(255).map((ends) => ir.all(withIcmp, ir.numberIn("icmp-code", ends))),
  range(65535).map((ends) => ir.numberIn("source-mac", ends)),
  fc
    .tuple(fc.nat(255), fc.nat(255))
    .map(([mask, value]) => ir.all(ir.ofProtocol(6), ir.withTcpFlags(mask, value & mask))),
  addresses.map(ir.from),
  addresses.map(ir.to),
  fc.constantFrom(...conditionWords).map(ir.condition),
);

export const arbitraryMatch: fc.Arbitrary<Match> = fc.letrec<{ match: Match }>((tie) => ({
  match: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: leaf, weight: 4 },
    { arbitrary: fc.array(tie("match"), { maxLength: 4 }).map((of): Match => ({ kind: "all", of })), weight: 3 },
    { arbitrary: fc.array(tie("match"), { maxLength: 3 }).map((of): Match => ({ kind: "any", of })), weight: 1 },
    { arbitrary: tie("match").map((of): Match => ({ kind: "not", of })), weight: 1 },
  ),
})).match;

/** Filters of up to four chains that jump to and return from each other; a jump may miss its chain, or loop. */
export const arbitraryFilter: fc.Arbitrary<Filter> = fc
  .tuple(
    fc.constantFrom("first-match" as const, "first-match" as const, "last-match" as const),
    fc.constantFrom("accept" as const, "drop" as const, "reject" as const, "continue" as const, "unknown" as const),
    fc.array(fc.array(arbitraryRule(), { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
    // Long chains are decided in another way: some are made long by rules that never match.
    fc.boolean(),
  )
  .map(([order, end, rules, long]) => {
    const lists = long ? rules.map((list) => [...list, ...padding]) : rules;
    const chains = (order === "last-match" ? lists.slice(0, 1) : lists).map((rules, i): Chain => ({
      name: `chain${i}`,
      order,
      end: i === 0 ? end : "return",
      // Calls go forward only: what a loop does is nobody's promise but "unknown".
      rules: rules.map((rule, j) => ({
        ...rule,
        origin: { label: `chain${i} rule${j}` },
        verdict: plainIn(order, forward(rule.verdict, i)),
      })),
    }));
    return { name: "filter", chains: new Map(chains.map((chain) => [chain.name, chain])), entry: "chain0" };
  });

const padding: readonly Rule[] = Array.from({ length: 32 }, () => ({
  match: ir.noPacket,
  verdict: "drop",
  origin: { label: "never" },
}));

function arbitraryRule(): fc.Arbitrary<Rule> {
  const verdict = fc.constantFrom<Verdict>(
    "accept",
    "drop",
    "reject",
    "continue",
    "return",
    "unknown",
    { kind: "jump", chain: "1" },
    { kind: "jump", chain: "2" },
    { kind: "goto", chain: "1" },
  );
  return fc
    .record({ match: arbitraryMatch, verdict, quick: fc.boolean() })
    .map((rule) => ({ ...rule, origin: { label: "" } }));
}

function forward(verdict: Verdict, from: number): Verdict {
  return typeof verdict === "object" ? { kind: verdict.kind, chain: `chain${from + Number(verdict.chain)}` } : verdict;
}

function plainIn(order: Chain["order"], verdict: Verdict): Verdict {
  return order === "last-match" && (typeof verdict === "object" || verdict === "return") ? "continue" : verdict;
}

export function packetText(packet: Packet): string {
  const source = packet.family === "ipv4" ? formatIpv4(packet.source as number) : String(packet.source);
  return JSON.stringify({
    ...packet,
    source,
    destination: String(packet.destination),
    conditions: [...packet.conditions],
  });
}
