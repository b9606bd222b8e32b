import type { Interval, Match, State } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  egress,
  everyPacket,
  from,
  ingress,
  inState,
  ipv4Addresses,
  ipv6Addresses,
  noPacket,
  not,
  ofFamily,
  ofProtocol,
  particular,
  parseIpv4,
  parseIpv6,
  portNumbers,
  protocols,
  protocolsWithPorts,
  to,
  toSet,
  varying,
  withTcpFlags,
} from "../../src/vendor-kit/index.js";
import type { Element } from "./elements.js";
import type { Token } from "./lexer.js";
import { protocolNames, stateBits, tcpFlagNames } from "./names.js";
import type { Field, Selector } from "./selectors.js";
import { readAddresses4, readAddresses6, readMac, readNumbers, underMask } from "./values.js";

/** How a selector is compared. `has` is nft's unwritten operator: one of a set, or any of the bits of a flag field. */
export type Operator = "has" | "==" | "!=" | "!" | "<" | ">" | "<=" | ">=";

/** A match, or the token that was not understood. */
export type Lowered = { readonly match: Match } | { readonly unread: Token };

/** The selector compared with values that are written beside it: `22`, `established,related`, `& 0xf0 == 0x10`. */
export function compareWithValues(
  selector: Selector,
  mask: readonly Token[] | undefined,
  operator: Operator,
  values: readonly Token[],
): Lowered {
  const lowered = comparison(selector, mask, operator, values);
  return "unread" in lowered ? lowered : { match: all(selector.needs, lowered.match) };
}

/** The selectors looked up in a set: each element is a key of as many parts. */
export function lookUp(selectors: readonly Selector[], negated: boolean, elements: readonly Element[]): Lowered {
  const lowered = elementsMatch(selectors, elements);
  if ("unread" in lowered) return lowered;
  const needs = selectors.map((selector) => selector.needs);
  return { match: all(...needs, negated ? not(lowered.match) : lowered.match) };
}

/** The selectors have the element's key. */
export function hasKey(selectors: readonly Selector[], element: Element): Lowered {
  return lookUp(selectors, false, [element]);
}

function elementsMatch(selectors: readonly Selector[], elements: readonly Element[]): Lowered {
  if (elements.some((element) => element.parts.length === 0)) return { match: everyPacket };
  if (selectors.length === 1) {
    const values: Token[] = [];
    for (const element of elements) {
      if (element.parts.length !== 1) return { unread: element.parts[0]![0]! };
      for (const value of element.parts[0]!) values.push(value);
    }
    return oneOf(selectors[0]!, values);
  }
  const keys: Match[] = [];
  for (const element of elements) {
    if (element.parts.length !== selectors.length) return { unread: element.parts[0]![0]! };
    const parts: Match[] = [];
    for (const [i, values] of element.parts.entries()) {
      const part = oneOf(selectors[i]!, values);
      if ("unread" in part) return part;
      parts.push(part.match);
    }
    keys.push(all(...parts));
  }
  return { match: any(...keys) };
}

/** The selector's field has exactly one of the values. */
function oneOf(selector: Selector, values: readonly Token[]): Lowered {
  const { field } = selector;
  switch (field.kind) {
    case "number":
    case "header-number": {
      const bits = bitsOf(field);
      const read = field.field === "source-mac" ? readMac : (text: string) => readNumbers(text, bits, field.names);
      const intervals: Interval<number>[] = [];
      for (const value of values) {
        const interval = value.text === "*" ? { first: 0, last: 2 ** bits - 1 } : read(value.text);
        if (interval === undefined) return notAConstant(selector, value);
        intervals.push(interval);
      }
      return { match: numberMatch(selector, field, intervals) };
    }
    case "first-header": {
      const intervals: Interval<number>[] = [];
      for (const value of values) {
        const interval = readNumbers(value.text, 8, protocolNames);
        if (interval === undefined) return notAConstant(selector, value);
        intervals.push(interval);
      }
      return { match: firstHeaderMatch(intervals) };
    }
    case "address": {
      const addresses4: Interval<number>[] = [];
      const addresses6: Interval<bigint>[] = [];
      for (const value of values) {
        if (field.family === "ipv4") {
          const interval = value.text === "*" ? readAddresses4("0.0.0.0/0") : readAddresses4(value.text);
          if (interval === undefined) return notAConstant(selector, value);
          addresses4.push(interval);
        } else {
          const interval = value.text === "*" ? readAddresses6("::/0") : readAddresses6(value.text);
          if (interval === undefined) return notAConstant(selector, value);
          addresses6.push(interval);
        }
      }
      const set = { ipv4: toSet(ipv4Addresses, addresses4), ipv6: toSet(ipv6Addresses, addresses6) };
      return { match: field.end === "source" ? from(set) : to(set) };
    }
    case "interface": {
      const names = field.end === "ingress" ? ingress : egress;
      const numbered = values.filter((value) => value.kind === "word" && /^\d+$/.test(value.text));
      const named = values.filter((value) => !numbered.includes(value)).map((value) => value.text);
      const indexes = numbered.map((value) => condition(`${selector.words} ${value.text}`));
      return { match: any(...(named.length === 0 ? [] : [names(...named)]), ...indexes) };
    }
    case "state": {
      const matches: Match[] = [];
      for (const value of values) {
        const bits = flagBits([value], stateBits);
        if (bits === undefined) return { unread: value };
        matches.push(stateWhere((bit) => bit === bits));
      }
      return { match: any(...matches) };
    }
    case "direction": {
      const matches: Match[] = [];
      for (const value of values) {
        if (value.text === "original" || value.text === "0") matches.push(inState("new", "established", "related"));
        else if (value.text === "reply" || value.text === "1")
          matches.push(inState("established-reply", "related-reply"));
        else return { unread: value };
      }
      return { match: any(...matches) };
    }
    case "family": {
      const matches: Match[] = [];
      for (const value of values) {
        const match = familyNames.get(value.text.toLowerCase());
        if (match === undefined) return { unread: value };
        matches.push(match);
      }
      return { match: any(...matches) };
    }
    case "tcp-flags": {
      const matches: Match[] = [];
      for (const value of values) {
        const bits = flagBits([value], tcpFlagNames);
        if (bits === undefined) return { unread: value };
        matches.push(withTcpFlags(0xff, bits));
      }
      return { match: any(...matches) };
    }
    case "free":
      return { match: any(...values.map((value) => asked(selector, `${selector.words} ${textOf(value)}`))) };
  }
}

/** A condition on something that is no field of the model. */
export function asked({ field }: Selector, words: string): Match {
  // Nearly all packets are unicast: that others come, too, nobody can be sure of.
  if (field.kind !== "free" || field.changing === "meta pkttype") return condition(words);
  // What nothing has marked has the mark 0.
  return field.carried ? varying(words) : /\s0(?:x0+)?$/.test(words) ? condition(words) : particular(words);
}

/** A host name or an unknown service: nft would look it up when it loads the text. */
function notAConstant(selector: Selector, value: Token): Lowered {
  const isName = value.kind === "word" && /^[A-Za-z][A-Za-z0-9.-]*$/.test(value.text);
  if (!isName) return { unread: value };
  const build = selector.field.kind === "address" ? particular : condition;
  return { match: build(`${selector.words} ${value.text}`) };
}

function textOf(token: Token): string {
  return token.kind === "string" ? `"${token.text}"` : token.text;
}

function bitsOf(field: Extract<Field, { kind: "number" | "header-number" }>): number {
  switch (field.field) {
    case "source-mac":
      return 48;
    case "source-port":
    case "destination-port":
      return 16;
    case "protocol":
    case "icmp-type":
    case "icmp-code":
      return 8;
  }
}

function numberMatch(
  selector: Selector,
  field: Extract<Field, { kind: "number" | "header-number" }>,
  intervals: readonly Interval<number>[],
): Match {
  const values = toSet({ ...portNumbers, max: 2 ** 48 - 1 }, intervals);
  const match: Match = { kind: "number", field: field.field, values };
  if (field.kind === "number") return match;
  const isPort = field.field === "source-port" || field.field === "destination-port";
  const known = isPort ? ofProtocol(...protocolsWithPorts) : ofProtocol(protocols.icmp, protocols.icmpv6);
  const text = values.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(", ");
  return any(all(known, match), all(not(known), varying(`${selector.words} ${text}, in another protocol`)));
}

/** Numbers that stand for an extension header, behind which the transport header is still to come. */
const extensionHeaders = new Set([0, 43, 44, 51, 60, 135, 139, 140]);

function firstHeaderMatch(intervals: readonly Interval<number>[]): Match {
  const wanted: number[] = [];
  for (const { first, last } of toSet(portNumbers, intervals)) for (let n = first; n <= last; n++) wanted.push(n);
  const extensions = wanted.filter((n) => extensionHeaders.has(n));
  const transports = wanted.filter((n) => !extensionHeaders.has(n));
  return any(
    transports.length === 0
      ? noPacket
      : all(ofProtocol(...transports), not(varying("IPv6 extension headers in the packet"))),
    extensions.length === 0 ? noPacket : varying(`ip6 nexthdr ${extensions.join(", ")}`),
  );
}

const familyNames: ReadonlyMap<string, Match> = new Map([
  ...["ipv4", "ip", "2", "0x0800", "0x800", "2048"].map((name) => [name, ofFamily("ipv4")] as const),
  ...["ipv6", "ip6", "10", "0x86dd", "34525"].map((name) => [name, ofFamily("ipv6")] as const),
  ...["arp", "vlan", "8021q", "8021ad", "bridge", "inet", "netdev", "0x0806", "0x8100", "0x88a8"].map(
    (name) => [name, noPacket] as const,
  ),
]);

function comparison(
  selector: Selector,
  mask: readonly Token[] | undefined,
  operator: Operator,
  values: readonly Token[],
): Lowered {
  const { field } = selector;
  switch (field.kind) {
    case "tcp-flags":
      return flagComparison(values, mask, tcpFlagNames, (wanted, masked) => {
        if (operator === "<" || operator === ">" || operator === "<=" || operator === ">=") {
          return flagsInOrder(operator, wanted, masked ?? 0xff);
        }
        if (masked !== undefined) {
          if (operator === "!") return undefined;
          if ((wanted & ~masked) !== 0) return operator === "!=" ? everyPacket : noPacket;
          return operator === "!=" ? not(withTcpFlags(masked, wanted)) : withTcpFlags(masked, wanted);
        }
        switch (operator) {
          case "has":
            return not(withTcpFlags(wanted, 0));
          case "!":
            return withTcpFlags(wanted, 0);
          case "==":
            return withTcpFlags(0xff, wanted);
          case "!=":
            return not(withTcpFlags(0xff, wanted));
          default:
            return undefined;
        }
      });
    case "state":
      return flagComparison(values, mask, stateBits, (wanted, masked) => {
        if (masked !== undefined) {
          const isEquality = operator === "has" || operator === "==" || operator === "!=";
          return isEquality ? stateWhere((bit) => ((bit & masked) === wanted) !== (operator === "!=")) : undefined;
        }
        switch (operator) {
          case "has":
            return stateWhere((bit) => (bit & wanted) !== 0);
          case "!":
            return stateWhere((bit) => (bit & wanted) === 0);
          case "==":
            return stateWhere((bit) => bit === wanted);
          case "!=":
            return stateWhere((bit) => bit !== wanted);
          default:
            return undefined;
        }
      });
    case "free": {
      const operand = values.map(textOf).join(",");
      const masked = mask === undefined ? "" : ` & ${mask.map(textOf).join("|")}`;
      if (operator === "!=") return { match: not(asked(selector, `${selector.words}${masked} ${operand}`)) };
      const sign = operator === "has" || operator === "==" ? "" : ` ${operator}`;
      return { match: asked(selector, `${selector.words}${masked}${sign} ${operand}`) };
    }
    default:
  }
  if (mask !== undefined) return underMaskMatch(selector, mask, operator, values);
  switch (operator) {
    case "has":
    case "==":
      return oneOf(selector, values);
    case "!=":
    case "!": {
      const lowered = oneOf(selector, values);
      return "unread" in lowered ? lowered : { match: not(lowered.match) };
    }
    default:
      return orderMatch(selector, operator, values);
  }
}

function flagComparison(
  values: readonly Token[],
  mask: readonly Token[] | undefined,
  names: ReadonlyMap<string, number>,
  match: (wanted: number, mask: number | undefined) => Match | undefined,
): Lowered {
  const wanted = flagBits(values, names);
  const masked = mask === undefined ? undefined : flagBits(mask, names);
  if (wanted === undefined || (mask !== undefined && masked === undefined)) return { unread: values[0]! };
  const found = match(wanted, masked);
  return found === undefined ? { unread: values[0]! } : { match: found };
}

/** `tcp flags & (fin|syn|urg) > urg`: the octet under the mask as a number. */
function flagsInOrder(operator: "<" | ">" | "<=" | ">=", wanted: number, mask: number): Match {
  const matches: Match[] = [];
  for (let flags = 0; flags <= 0xff; flags++) {
    if ((flags & mask) !== flags) continue;
    const order = { "<": flags < wanted, "<=": flags <= wanted, ">": flags > wanted, ">=": flags >= wanted };
    if (order[operator]) matches.push(withTcpFlags(mask, flags));
  }
  return any(...matches);
}

/** The bits of names and numbers, which `|` may join; undefined when one is not known. */
function flagBits(values: readonly Token[], names: ReadonlyMap<string, number>): number | undefined {
  let bits = 0;
  for (const value of values) {
    for (const word of value.text.split("|")) {
      const bit = names.get(word) ?? (/^(0x[0-9a-f]{1,4}|\d{1,4})$/i.test(word) ? Number(word) : undefined);
      if (bit === undefined) return undefined;
      bits |= bit;
    }
  }
  return bits;
}

/** The states whose bit is as wanted; a packet has one bit, replies that of their connection. */
function stateWhere(wanted: (bit: number) => boolean): Match {
  const found: State[] = [];
  for (const [name, bit] of stateBits) {
    if (!wanted(bit)) continue;
    found.push(name as State);
    if (name === "established") found.push("established-reply");
    if (name === "related") found.push("related-reply");
  }
  return found.length === 0 ? noPacket : found.length === 7 ? everyPacket : inState(...found);
}

function orderMatch(selector: Selector, operator: "<" | ">" | "<=" | ">=", values: readonly Token[]): Lowered {
  const { field } = selector;
  const value = values[0];
  if (value === undefined || values.length > 1) return { unread: value! };
  if (field.kind === "number" && field.field !== "source-mac") {
    const bits = bitsOf(field);
    const read = readNumbers(value.text, bits, field.names);
    if (read === undefined) return notAConstant({ ...selector, words: `${selector.words} ${operator}` }, value);
    const top = 2 ** bits - 1;
    const bounds = {
      "<": [0, read.first - 1],
      "<=": [0, read.first],
      ">": [read.first + 1, top],
      ">=": [read.first, top],
    };
    const [first, last] = bounds[operator] as [number, number];
    return { match: first > last ? noPacket : numberMatch(selector, field, [{ first, last }]) };
  }
  if (field.kind === "address") {
    const read = field.family === "ipv4" ? readAddresses4(value.text) : readAddresses6(value.text);
    if (read === undefined) return { unread: value };
    const top = field.family === "ipv4" ? BigInt(ipv4Addresses.max) : ipv6Addresses.max;
    const at = BigInt(read.first);
    const bounds = { "<": [0n, at - 1n], "<=": [0n, at], ">": [at + 1n, top], ">=": [at, top] };
    const [first, last] = bounds[operator] as [bigint, bigint];
    return { match: first > last ? noPacket : addressMatch(field, [{ first, last }]) };
  }
  return { match: asked(selector, `${selector.words} ${operator} ${textOf(value)}`) };
}

function underMaskMatch(
  selector: Selector,
  mask: readonly Token[],
  operator: Operator,
  values: readonly Token[],
): Lowered {
  const { field } = selector;
  const negated = operator === "!=";
  const words = `${selector.words} & ${mask.map(textOf).join("|")} ${values.map(textOf).join(",")}`;
  const undecided: Lowered = { match: negated ? not(condition(words)) : condition(words) };
  if (operator !== "has" && operator !== "==" && operator !== "!=") {
    return {
      match: condition(`${selector.words} & ${mask.map(textOf).join("|")} ${operator} ${values.map(textOf).join(",")}`),
    };
  }
  const maskText = mask.length === 1 ? mask[0]!.text : "";
  if (field.kind === "address") {
    const read = field.family === "ipv4" ? parseIpv4 : parseIpv6;
    const bits = read(maskText);
    if (bits === undefined) return undecided;
    const wanted: Interval<bigint>[] = [];
    for (const value of values) {
      const interval = field.family === "ipv4" ? readAddresses4(value.text) : readAddresses6(value.text);
      if (interval === undefined) return undecided;
      wanted.push({ first: BigInt(interval.first), last: BigInt(interval.last) });
    }
    const found = underMask(field.family === "ipv4" ? 32 : 128, BigInt(bits), toSet(ipv6Addresses, wanted));
    if (found === undefined) return undecided;
    return { match: negated ? not(addressMatch(field, found)) : addressMatch(field, found) };
  }
  if (field.kind === "number" && field.field !== "source-mac") {
    const width = bitsOf(field);
    const bits = readNumbers(maskText, width, field.names);
    if (bits === undefined) return undecided;
    const wanted: Interval<bigint>[] = [];
    for (const value of values) {
      const interval = readNumbers(value.text, width, field.names);
      if (interval === undefined) return undecided;
      wanted.push({ first: BigInt(interval.first), last: BigInt(interval.last) });
    }
    const found = underMask(width, BigInt(bits.first), toSet(ipv6Addresses, wanted));
    if (found === undefined) return undecided;
    const match = numberMatch(
      selector,
      field,
      found.map(({ first, last }) => ({ first: Number(first), last: Number(last) })),
    );
    return { match: negated ? not(match) : match };
  }
  return undecided;
}

function addressMatch(field: Extract<Field, { kind: "address" }>, intervals: readonly Interval<bigint>[]): Match {
  const set =
    field.family === "ipv4"
      ? {
          ipv4: toSet(
            ipv4Addresses,
            intervals.map(({ first, last }) => ({ first: Number(first), last: Number(last) })),
          ),
          ipv6: [],
        }
      : { ipv4: [], ipv6: toSet(ipv6Addresses, intervals) };
  return field.end === "source" ? from(set) : to(set);
}
