import type { Box, Direction, Edge, EdgeRule, IntervalSet } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { AddressFilter, IcmpType, PortFilter, Profile, ProfileSettings, WindowsRule } from "./model.js";
import { MOST_ENTRIES } from "./model.js";
import { displayText, nameWord } from "./rule-text.js";

/** Something that no rule of this firewall can say. */
export class Unspeakable extends Error {
  constructor(
    readonly rule: EdgeRule,
    why: string,
  ) {
    super(why);
  }
}

/** Exceptions that overlap in too many ways. */
export class TooMany extends Error {}

/** More boxes than this are not worked out for one policy. */
const MOST_BOXES = 5_000;

export interface PerimeterOptions {
  readonly outside: readonly Profile[];
  readonly prefix: string;
  readonly group: string;
}

export interface Perimeter {
  readonly rules: readonly WindowsRule[];
  readonly profileSettings: readonly ProfileSettings[];
}

/**
 * An edge policy as rules without an order.
 *
 * A block beats every allow. So a denial is written without what its exceptions and the permits before it take out of
 * it, and a permit may be written as it stands: where an earlier rule denies, the block wins anyway.
 *
 *     1  permit  from partners             allow  from partners
 *     2  deny    tcp/445 except azure      block  tcp/445, remote = everything but partners and azure
 *
 * Throws `Unspeakable` and `TooMany`.
 */
export function perimeterOf(edge: Edge, options: PerimeterOptions): Perimeter {
  const names = new Set<string>();
  const rules = kit.directions.flatMap((direction) => rulesOf(edge, direction, options, names));
  const blocks = rules.filter((rule) => rule.action.kind === "block");
  const allows = rules.filter((rule) => rule.action.kind === "allow");
  return {
    // What opens comes last: a script that is stopped half-way has closed more, never less.
    rules: [...blocks, ...allows],
    profileSettings:
      edge.default === "deny"
        ? options.outside.map((profile) => ({
            profile,
            enabled: true,
            defaultInbound: "block",
            defaultOutbound: "block",
            allowLocalRules: false,
          }))
        : [],
  };
}

interface Part {
  readonly title: string;
  readonly about: string;
  readonly action: "allow" | "block";
  readonly boxes: readonly Box[];
  readonly rule: EdgeRule;
}

function rulesOf(edge: Edge, direction: Direction, options: PerimeterOptions, names: Set<string>): WindowsRule[] {
  const parts: Part[] = [];
  const permitted: Box[] = [];
  const budget = { left: MOST_BOXES };
  for (const rule of edge.rules.filter((one) => one.directions.includes(direction))) {
    const exceptions = rule.exceptions.filter((one) => one.directions.includes(direction)).flatMap(kit.boxesOf);
    const permits = rule.action === "permit";
    const boxes = cut(kit.boxesOf(rule), permits ? exceptions : [...exceptions, ...permitted], budget);
    if (permits) permitted.push(...boxes);
    parts.push({
      title: rule.name,
      about: [
        `Rule "${rule.name}" of the policy ${edge.name}.`,
        ...(rule.description === undefined ? [] : [rule.description]),
      ].join(" "),
      action: permits ? "allow" : "block",
      boxes,
      rule,
    });
  }
  parts.push(...endOf(edge, direction));
  return parts.flatMap((part) =>
    part.boxes
      .flatMap((box) => spoken(part, box, direction))
      .map((one, i, all) =>
        finished(one, part, direction, options, names, all.length > 1 ? ` (${i + 1} of ${all.length})` : ""),
      ),
  );
}

/** The boxes without the holes. Throws `TooMany`. */
function cut(boxes: readonly Box[], holes: readonly Box[], budget: { left: number }): readonly Box[] {
  let rest: readonly Box[] = boxes;
  for (const hole of kit.joinedBoxes(holes)) {
    rest = rest.flatMap((box) => kit.cutOutBox(box, hole));
    if (rest.length > budget.left) throw new TooMany();
  }
  rest = withJoinedPorts(kit.withoutCoveredBoxes(rest));
  budget.left -= rest.length;
  return rest;
}

/** Boxes that differ in their destination ports alone are one, where there are few enough to compare them all. */
function withJoinedPorts(boxes: readonly Box[]): readonly Box[] {
  if (boxes.length > 100) return boxes;
  const joined: Box[] = [];
  for (const box of boxes) {
    const at = joined.findIndex(
      (one) =>
        kit.equalAddresses(one.from.addresses, box.from.addresses) &&
        kit.equalAddresses(one.to.addresses, box.to.addresses) &&
        (["protocols", "sourcePorts", "icmpTypes", "icmpCodes"] as const).every((field) =>
          kit.equalSets(one.traffic[field], box.traffic[field]),
        ),
    );
    const same = joined[at];
    if (same === undefined) joined.push(box);
    else {
      const destinationPorts = kit.union(kit.portNumbers, same.traffic.destinationPorts, box.traffic.destinationPorts);
      joined[at] = { ...same, traffic: { ...same.traffic, destinationPorts } };
    }
  }
  return joined;
}

/** What no rule decides, where the policy says: neighbour discovery under a default that denies, everything under one that permits. */
function endOf(edge: Edge, direction: Direction): Part[] {
  const rule: EdgeRule = {
    name: `default: ${edge.default}`,
    action: "permit",
    directions: [direction],
    families: kit.families,
    from: { label: "any", id: "any", addresses: kit.anyAddress },
    to: { label: "any", id: "any", addresses: kit.anyAddress },
    services: [],
    log: false,
    exceptions: [],
  };
  const part = { about: `What no rule of the policy ${edge.name} decides.`, action: "allow", rule } as const;
  switch (edge.default) {
    case "continue":
      return [];
    case "permit":
      return [{ ...part, title: "default permit", boxes: [kit.everyBox] }];
    case "deny": {
      const { first, last } = kit.neighbourDiscoveryTypes;
      const ipv6 = { addresses: { ipv4: [], ipv6: kit.anyAddress.ipv6 }, name: "any" };
      const traffic = { ...kit.anyTraffic, protocols: one(kit.protocols.icmpv6), icmpTypes: [{ first, last }] };
      return [{ ...part, title: "neighbour discovery", boxes: [{ traffic, from: ipv6, to: ipv6 }] }];
    }
  }
}

function one(n: number): IntervalSet<number> {
  return [{ first: n, last: n }];
}

/** A box in the terms of one rule, without its name. */
interface Spoken {
  readonly protocol: number | "any";
  readonly sourcePorts: PortFilter;
  readonly destinationPorts: PortFilter;
  readonly icmp?: readonly IcmpType[];
  readonly from: AddressFilter;
  readonly to: AddressFilter;
}

function spoken({ rule }: Part, box: Box, direction: Direction): Spoken[] {
  const { traffic } = box;
  const any = kit.isEverything(kit.octets, traffic.protocols);
  const numbers = any
    ? []
    : traffic.protocols.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  if (numbers.length > MOST_PROTOCOLS)
    throw new Unspeakable(rule, `it speaks of ${numbers.length} protocols, and a rule has one or any`);
  return (any ? (["any"] as const) : numbers).flatMap((protocol) => {
    const sourcePorts = portsOf(traffic.sourcePorts);
    const destinationPorts = portsOf(traffic.destinationPorts);
    if (
      (sourcePorts !== "any" || destinationPorts !== "any") &&
      protocol !== kit.protocols.tcp &&
      protocol !== kit.protocols.udp
    )
      throw new Unspeakable(
        rule,
        `it speaks of ports of ${protocol === "any" ? "any protocol" : `protocol ${protocol}`}, and rules know ports of TCP and UDP only`,
      );
    return icmpLists(box, protocol, rule).flatMap((icmp) =>
      placesOf(box, direction).map(([from, to]) => ({
        protocol,
        sourcePorts,
        destinationPorts,
        ...(icmp && { icmp }),
        from,
        to,
      })),
    );
  });
}

/** "Every protocol but a few" would be hundreds of rules that nobody reads. */
const MOST_PROTOCOLS = 16;

function portsOf(ports: IntervalSet<number>): PortFilter {
  return kit.isEverything(kit.portNumbers, ports) ? "any" : { ports, keywords: [] };
}

function icmpLists({ traffic }: Box, protocol: number | "any", rule: EdgeRule): (readonly IcmpType[] | undefined)[] {
  const everyType = kit.isEverything(kit.octets, traffic.icmpTypes);
  const everyCode = kit.isEverything(kit.octets, traffic.icmpCodes);
  if (everyType && everyCode) return [undefined];
  if (protocol !== kit.protocols.icmp && protocol !== kit.protocols.icmpv6)
    throw new Unspeakable(rule, "it speaks of ICMP types of other protocols");
  const numbers = (set: IntervalSet<number>): number[] =>
    set.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  const codes = everyCode ? [undefined] : numbers(traffic.icmpCodes);
  const types = numbers(traffic.icmpTypes).flatMap((type) =>
    codes.map((code): IcmpType => (code === undefined ? { type } : { type, code })),
  );
  return chunks(types);
}

/**
 * Source and destination of the rules that a box needs: both ends in lists that a rule can hold. An end that has every
 * address of its families is `any`, as long as the other end still says which families they are.
 */
function placesOf({ from, to }: Box, direction: Direction): [AddressFilter, AddressFilter][] {
  const isBoth = kit.families.every((family) => from.addresses[family].length > 0);
  // Of two ends that could say the family, the other computer's does.
  const [near, far] = direction === "inbound" ? [to, from] : [from, to];
  const anyNear = isWhole(near.addresses);
  const anyFar = isWhole(far.addresses) && (isBoth || !anyNear);
  const nears: readonly AddressFilter[] = anyNear ? ["any"] : addressLists(near.addresses);
  const fars: readonly AddressFilter[] = anyFar ? ["any"] : addressLists(far.addresses);
  return nears.flatMap((one) =>
    fars
      .filter((other) => meet(one, other))
      .map((other): [AddressFilter, AddressFilter] => (direction === "inbound" ? [other, one] : [one, other])),
  );
}

/** Whether a set has every address of each family that it has any of. */
function isWhole({ ipv4, ipv6 }: kit.AddressSet): boolean {
  return (
    (ipv4.length === 0 || kit.isEverything(kit.ipv4Addresses, ipv4)) &&
    (ipv6.length === 0 || kit.isEverything(kit.ipv6Addresses, ipv6))
  );
}

function meet(a: AddressFilter, b: AddressFilter): boolean {
  return (
    a === "any" ||
    b === "any" ||
    kit.families.some((family) => a.addresses[family].length > 0 && b.addresses[family].length > 0)
  );
}

/** A set in lists of at most {@link MOST_ENTRIES} entries for each family. */
export function addressLists(addresses: kit.AddressSet): AddressFilter[] {
  const ipv4 = chunks(addresses.ipv4);
  const ipv6 = chunks(addresses.ipv6);
  return Array.from({ length: Math.max(ipv4.length, ipv6.length) }, (_, i) => ({
    addresses: { ipv4: ipv4[i] ?? [], ipv6: ipv6[i] ?? [] },
    keywords: [],
  }));
}

function chunks<T>(list: readonly T[]): (readonly T[])[] {
  // The whole of a family is written as its two halves, so that a chunk is never one entry too long by that.
  const found: (readonly T[])[] = [];
  for (let i = 0; i < list.length; i += MOST_ENTRIES) found.push(list.slice(i, i + MOST_ENTRIES));
  return found;
}

function finished(
  said: Spoken,
  part: Part,
  direction: Direction,
  options: PerimeterOptions,
  names: Set<string>,
  which: string,
): WindowsRule {
  const inbound = direction === "inbound";
  const { sourcePorts, destinationPorts, from, to } = said;
  const plain = `${options.prefix}-${inbound ? "In" : "Out"}-${nameWord(part.title)}`;
  let name = plain;
  for (let i = 2; names.has(name); i++) name = `${plain}-${i}`;
  names.add(name);
  return {
    name,
    displayName: displayText(`${options.prefix}: ${displayText(part.title)}, ${direction}${which}`),
    description: displayText(part.about, 1000),
    group: options.group,
    direction,
    action: { kind: part.action },
    enabled: true,
    profiles: options.outside,
    protocol: said.protocol,
    localPorts: inbound ? destinationPorts : sourcePorts,
    remotePorts: inbound ? sourcePorts : destinationPorts,
    ...(said.icmp && { icmp: said.icmp }),
    local: inbound ? to : from,
    remote: inbound ? from : to,
    scopes: [],
  };
}
