import * as ir from "../ir/index.js";
import type { IntervalSet } from "../net/index.js";
import { asPrefix4, asPrefix6, formatIpv4, formatIpv6, formatPrefix4, formatPrefix6 } from "../net/index.js";
import { protocolName } from "./protocol-name.js";
import { NONE } from "./bdd.js";
import type { Field } from "./layout.js";
import type { PacketSet, PacketSpace } from "./space.js";

/**
 * The set as lines that people can read, each a box: `IPv4 tcp 10.20.0.0/16 > any:445, new, arriving on wan0`.
 *
 * At most `most` lines; then one more says that there is more. A value that does not limit anything is left out. The
 * boxes have no packet in common and together are the set.
 */
export function describe(space: PacketSpace, set: PacketSet, most = 4): string[] {
  if (set === NONE) return ["no packet"];
  if (set === space.all) return ["every packet"];
  const lines: string[] = [];
  let budget = 20_000;
  const fields = fieldsOf(space);

  /** Follows the fields in order; false as soon as there are enough lines. */
  const visit = (node: PacketSet, index: number, box: Box): boolean => {
    if (node === NONE) return true;
    if (lines.length > most || budget-- <= 0) return false;
    if (index === fields.length) {
      lines.push(lineOf(space, node, box));
      return lines.length <= most;
    }
    const field = fields[index]!;
    const width = field.address === true && box.family === "ipv4" ? 32 : field.bits;
    const { slices, complete } = slicesOf(space, node, field, width);
    for (const slice of slices) {
      const next: Box = { ...box };
      if (field.name === "family") {
        if (slice.values.length === 1 && slice.values[0]!.first === slice.values[0]!.last) {
          next.family = slice.values[0]!.first === 0n ? "ipv4" : "ipv6";
        }
      } else if (!isFull(slice.values, width)) {
        next[field.name] = slice.values;
      }
      if (!visit(slice.node, index + 1, next)) return false;
    }
    return complete;
  };
  const complete = visit(set, 0, {});
  if (lines.length > most) lines.length = most;
  if (!complete) lines.push("and more");
  return lines;
}

type Values = IntervalSet<bigint>;

interface Box {
  family?: "ipv4" | "ipv6";
  ingress?: Values;
  egress?: Values;
  state?: Values;
  protocol?: Values;
  destinationPort?: Values;
  sourcePort?: Values;
  tcpFlags?: Values;
  destination?: Values;
  source?: Values;
  sourceMac?: Values;
}

interface NamedField extends Field {
  readonly name: keyof Box;
  readonly address?: boolean;
}

function fieldsOf(space: PacketSpace): readonly NamedField[] {
  const { layout } = space;
  return [
    { name: "family", ...layout.family },
    { name: "ingress", ...layout.ingress },
    { name: "egress", ...layout.egress },
    { name: "state", ...layout.state },
    { name: "protocol", ...layout.protocol },
    { name: "destinationPort", ...layout.destinationPort },
    { name: "sourcePort", ...layout.sourcePort },
    { name: "tcpFlags", ...layout.tcpFlags },
    { name: "destination", ...layout.destination, address: true },
    { name: "source", ...layout.source, address: true },
    { name: "sourceMac", ...layout.sourceMac },
  ];
}

interface Slice {
  readonly node: PacketSet;
  readonly values: Values;
}

/**
 * The values of a field by what they lead to, in the order of their first value. A field whose values are scattered
 * over more than 4,096 pieces is cut there, and `complete` is false.
 */
function slicesOf(
  space: PacketSpace,
  set: PacketSet,
  field: Field,
  width: number,
): { slices: Slice[]; complete: boolean } {
  const { bdd } = space;
  const slices = new Map<PacketSet, { first: bigint; last: bigint }[]>();
  let budget = 4096;
  const visit = (node: PacketSet, depth: number, value: bigint): void => {
    if (node === NONE || budget <= 0) return;
    const level = bdd.level(node);
    if (level >= field.first + width) {
      budget--;
      const rest = BigInt(width - depth);
      const first = value << rest;
      const last = ((value + 1n) << rest) - 1n;
      const values = slices.get(node);
      const top = values?.at(-1);
      if (values === undefined) slices.set(node, [{ first, last }]);
      else if (top!.last + 1n === first) top!.last = last;
      else values.push({ first, last });
      return;
    }
    const tested = level === field.first + depth;
    visit(tested ? bdd.low(node) : node, depth + 1, value << 1n);
    visit(tested ? bdd.high(node) : node, depth + 1, (value << 1n) | 1n);
  };
  visit(set, 0, 0n);
  return { slices: [...slices].map(([node, values]) => ({ node, values })), complete: budget > 0 };
}

function isFull(values: Values, width: number): boolean {
  return values.length === 1 && values[0]!.first === 0n && values[0]!.last === (1n << BigInt(width)) - 1n;
}

function lineOf(space: PacketSpace, rest: PacketSet, box: Box): string {
  const parts: string[] = [];
  if (box.family !== undefined) parts.push(box.family === "ipv4" ? "IPv4" : "IPv6");
  const single =
    box.protocol?.length === 1 && box.protocol[0]!.first === box.protocol[0]!.last
      ? Number(box.protocol[0]!.first)
      : undefined;
  parts.push(
    box.protocol === undefined ? "any protocol" : list(box.protocol, (n) => protocolName(Number(n)), protocolRange),
  );
  const icmp = single === ir.protocols.icmp || single === ir.protocols.icmpv6;
  const end = (addresses: Values | undefined, ports: Values | undefined): string =>
    (addresses === undefined ? "any" : addressList(addresses, box.family ?? "ipv6")) +
    (ports === undefined ? "" : `:${list(ports, String)}`);
  parts.push(end(box.source, box.sourcePort), ">", end(box.destination, icmp ? undefined : box.destinationPort));
  const more: string[] = [];
  if (icmp && box.destinationPort !== undefined) more.push(icmpText(box.destinationPort));
  if (box.state !== undefined) more.push(stateList(box.state));
  if (box.tcpFlags !== undefined) more.push(flagText(box.tcpFlags));
  if (box.ingress !== undefined)
    more.push(interfaceList(space, box.ingress, "arriving on", "from the firewall itself"));
  if (box.egress !== undefined) more.push(interfaceList(space, box.egress, "leaving by", "to the firewall itself"));
  if (box.sourceMac !== undefined) more.push(`from hardware address ${list(box.sourceMac, formatMac)}`);
  if (rest !== space.all) more.push(conditionsOf(space, rest));
  return [parts.join(" "), ...more].join(", ");
}

/** The name of one protocol, the numbers of several. */
function protocolRange(first: bigint, last: bigint): string {
  return first === last ? protocolName(Number(first)) : `protocols ${first}-${last}`;
}

/** At most three pieces; the rest is counted. */
function list(values: Values, text: (n: bigint) => string, piece?: (first: bigint, last: bigint) => string): string {
  const pieces = values
    .slice(0, 3)
    .map(({ first, last }) => piece?.(first, last) ?? (first === last ? text(first) : `${text(first)}-${text(last)}`));
  const rest = values.length - pieces.length;
  return pieces.join(",") + (rest > 0 ? ` and ${rest} more` : "");
}

function addressList(values: Values, family: "ipv4" | "ipv6"): string {
  return list(
    values,
    (n) => (family === "ipv4" ? formatIpv4(Number(n)) : formatIpv6(n)),
    (first, last) => {
      if (first === last) return family === "ipv4" ? formatIpv4(Number(first)) : formatIpv6(first);
      if (family === "ipv4") {
        const prefix = asPrefix4({ first: Number(first), last: Number(last) });
        return prefix ? formatPrefix4(prefix) : `${formatIpv4(Number(first))}-${formatIpv4(Number(last))}`;
      }
      const prefix = asPrefix6({ first, last });
      return prefix ? formatPrefix6(prefix) : `${formatIpv6(first)}-${formatIpv6(last)}`;
    },
  );
}

function stateList(values: Values): string {
  const names = new Set<ir.State>();
  for (const { first, last } of values)
    for (let n = first; n <= last; n++) names.add(ir.states[Math.min(Number(n), ir.states.length - 1)]!);
  const missing = ir.states.filter((state) => !names.has(state));
  if (missing.length > 2) return [...names].join(" or ");
  return missing.every((state) => state.endsWith("-reply")) && missing.length === 2
    ? "not a reply"
    : `neither ${missing.join(" nor ")}`.replace(/^neither (\S+)$/, "not $1");
}

/** `SYN and not ACK` for a set of flags that is one such pattern, `not (SYN and not ACK)` for all but one. */
function flagText(values: Values): string {
  const flags = new Set<number>();
  for (const { first, last } of values) for (let n = Number(first); n <= Number(last); n++) flags.add(n);
  const others = new Set(Array.from({ length: 256 }, (_, n) => n).filter((n) => !flags.has(n)));
  const plain = flagPattern(flags);
  if (plain !== undefined) return plain;
  const negated = flagPattern(others);
  return negated !== undefined ? `not (${negated})` : `${flags.size} of 256 combinations of TCP flags`;
}

/** The bits that all of them share, if these alone make up the set. */
function flagPattern(flags: ReadonlySet<number>): string | undefined {
  const all = [...flags].reduce((bits, n) => bits & n, 255);
  const none = [...flags].reduce((bits, n) => bits & ~n, 255);
  const free = 8 - bitCount(all) - bitCount(none);
  if (flags.size !== 2 ** free || free === 8) return undefined;
  const names = (bits: number, word: string): string[] =>
    Object.entries(ir.tcpFlags).flatMap(([name, bit]) => ((bits & bit) > 0 ? [word + name.toUpperCase()] : []));
  const set = names(all, "");
  return none === (255 & ~all)
    ? `only ${set.join(" and ") || "no flag"}`
    : [...set, ...names(none, "not ")].join(" and ");
}

function bitCount(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}

function interfaceList(space: PacketSpace, values: Values, words: string, none: string): string {
  const { other } = space.interfaces;
  const names = new Set<string>();
  let firewall = false;
  for (const { first, last } of values) {
    for (let n = Number(first); n <= Math.min(Number(last), other); n++) {
      if (n === 0) firewall = true;
      else names.add(n === other ? "any other interface" : space.interfaces.nameOf(n)!);
    }
    if (Number(first) > other) names.add("any other interface");
  }
  const parts = names.size > 0 ? [`${words} ${shortList([...names])}`] : [];
  return [...(firewall ? [none] : []), ...parts].join(" or ");
}

function shortList(names: readonly string[], between = " or "): string {
  return names.length <= 4 ? names.join(between) : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}

/** What has to hold of the conditions, or which ones play a part where that is not one sentence. */
function conditionsOf(space: PacketSpace, set: PacketSet): string {
  const words: string[] = [];
  let exact = true;
  for (let node = set; node > 1;) {
    const text = wordsAt(space, node);
    const [low, high] = [space.bdd.low(node), space.bdd.high(node)];
    if (low !== NONE && high !== NONE) exact = false;
    if (low === NONE) words.push(text);
    else if (high === NONE) words.push(`not ${text}`);
    node = low === NONE ? high : low;
  }
  return exact ? `if ${words.join(" and ")}` : `depending on ${shortList(space.conditionsIn(set), ", ")}`;
}

function wordsAt(space: PacketSpace, node: PacketSet): string {
  return space.conditions[space.bdd.level(node) - space.layout.conditions]!;
}

/** Type and code share sixteen bits: `type 8`, `type 3 code 1-2`, or pairs `3/1-4/0` where they are mixed. */
function icmpText(values: Values): string {
  const [only, ...more] = values;
  const wholeTypes = values.every(({ first, last }) => (first & 255n) === 0n && (last & 255n) === 255n);
  if (wholeTypes)
    return `type ${list(
      values.map(({ first, last }) => ({ first: first >> 8n, last: last >> 8n })),
      String,
    )}`;
  if (more.length === 0 && only!.first >> 8n === only!.last >> 8n) {
    return `type ${only!.first >> 8n} code ${list([{ first: only!.first & 255n, last: only!.last & 255n }], String)}`;
  }
  return `type/code ${list(values, (n) => `${n >> 8n}/${n & 255n}`)}`;
}

function formatMac(n: bigint): string {
  return n
    .toString(16)
    .padStart(12, "0")
    .replace(/(..)(?!$)/g, "$1:");
}
