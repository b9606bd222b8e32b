import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Device, Hook, Packet, Path } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { Family } from "../net/index.js";
import type { Fate, Fates, PacketSet, PathDecision } from "../packet-set/index.js";
import {
  PacketSpace,
  SpaceExhausted,
  decidePath,
  describe,
  firstPackets,
  interfacePatterns,
  trace,
  witness,
} from "../packet-set/index.js";
import type { Direction, Edge } from "../policy/edge.js";
import { directions } from "../policy/edge.js";
import { truthOf } from "../policy/truth.js";
import type { PacketVerdict } from "./answer.js";
import { verdictOf } from "./answer.js";
import type { Configuration } from "./configuration.js";
import type { ExplainedStep } from "./explain.js";
import { decidingStep, stepOf } from "./explain.js";
import type { Crossing, Mapping } from "./interfaces.js";
import { crossingsOf, hooksOf, mappingOf, otherInterface } from "./interfaces.js";

/** One side of a comparison. */
export type DiffSide =
  | { readonly kind: "policy"; readonly name: string; readonly edge: Edge }
  | { readonly kind: "configuration"; readonly name: string; readonly configuration: Configuration };

export interface DiffOptions {
  /** One address family only. */
  readonly family?: Family | undefined;
  /** At most this many lines describe the packets of a difference. */
  readonly lines?: number;
}

/** What two sides do differently. */
export interface DiffResult {
  /** `undecided` when no packet is known to fare differently, and some may. */
  readonly result: "equal" | "different" | "undecided";
  readonly differences: readonly DiffDifference[];
  /** Differences that do not count: in packets that only occur in connections that were open before. */
  readonly laterDifferences: readonly DiffDifference[];
  /** What the result speaks of: the first packets of connections, or each packet by itself. */
  readonly judged: "first-packets" | "every-packet";
  /** Hooks that only one side has rules for; nothing is said about their packets. */
  readonly notCompared: readonly { readonly hook: Hook; readonly onlyIn: "a" | "b" }[];
  readonly mappings: { readonly a: Mapping; readonly b: Mapping };
  readonly diagnostics: readonly Diagnostic[];
}

export interface DiffDifference {
  readonly hook: Hook;
  /** `either` where nobody says which interfaces are outside: then each way is told once. */
  readonly direction: Direction | "either";
  /** On which side the packets pass; `unknown` where one side's text was not understood, or left open by both. */
  readonly passesIn: "a" | "b" | "unknown";
  /** Whether they part whatever the conditions are that the texts do not decide. */
  readonly certain: boolean;
  /** The packets, in lines for people; the last may be `and more`. */
  readonly packets: readonly string[];
  /** One of them. */
  readonly example: Packet;
  readonly a: DiffFate;
  readonly b: DiffFate;
  /** The pairs of ways across the edge on which exactly these packets part. */
  readonly ways: readonly Way[];
}

/** What one side does with the example. */
export interface DiffFate {
  readonly verdict: PacketVerdict;
  readonly decidedBy?: ExplainedStep;
}

export interface Way {
  readonly a: Crossing;
  readonly b: Crossing;
}

/**
 * Which packets pass across the edge on one side and not on the other. Dropped and rejected are both "not passing"; what
 * a configuration leaves to something outside its text passes as far as that text is concerned; what a policy leaves to
 * the device is not compared.
 */
export function diff(a: DiffSide, b: DiffSide, options: DiffOptions = {}): DiffResult {
  const left = prepare(a);
  const right = prepare(b);
  const judged = judgedOf(a, b);
  const hooks = hooksOf(left.device).filter((hook) => hooksOf(right.device).includes(hook));
  const base = {
    judged,
    notCompared: notCompared(left.device, right.device),
    mappings: { a: left.mapping, b: right.mapping },
  };
  const ways = hooks.flatMap((hook) => waysThrough(left, right, hook));
  if (ways.some((one) => one.ways.length > MOST_WAYS)) return { ...base, ...undecided(tooManyInterfaces(left, right)) };
  try {
    const space = new PacketSpace({
      interfaces: [
        ...interfacePatterns(left.device),
        ...interfacePatterns(right.device),
        ...left.names,
        ...right.names,
        otherInterface,
      ],
    });
    const all = ways.flatMap((one) => compareHook(space, left, right, one, options));
    const counted = judged === "every-packet" ? all : all.filter((one) => one.scope === "first-packets");
    const found = counted.map((one) => one.difference);
    const result = found.some((one) => one.certain && one.passesIn !== "unknown")
      ? "different"
      : found.length > 0
        ? "undecided"
        : "equal";
    return {
      ...base,
      result,
      differences: found,
      laterDifferences: all
        .filter((one) => !counted.includes(one) && [a, b].every(meetsEveryPacket))
        .map((one) => one.difference),
      diagnostics: hooks.length === 0 ? [nothingInCommon()] : [],
      ...(hooks.length === 0 && { result: "undecided" as const }),
    };
  } catch (error) {
    if (!(error instanceof SpaceExhausted)) throw error;
    return {
      ...base,
      ...undecided(diagnostic("RW9002", `the two sides are too large to compare exactly: ${error.message}`)),
    };
  }
}

/** More pairs of interfaces than anybody wants to read about. */
const MOST_WAYS = 200;

interface Side {
  readonly device: Device;
  readonly mapping: Mapping;
  readonly names: readonly string[];
  readonly isPolicy: boolean;
}

function prepare(side: DiffSide): Side {
  if (side.kind === "policy") {
    const mapping: Mapping = { outside: ["outside"], inside: ["inside", "another outside"], outsideIs: "given" };
    const device = truthOf(side.edge, { outside: ["outside", "another outside"], hooks: ir.hooks });
    return { device, mapping, names: ["outside", "another outside", "inside"], isPolicy: true };
  }
  const { device, sides } = side.configuration;
  const mapping = mappingOf(device, sides);
  return { device, mapping, names: [...mapping.outside, ...mapping.inside], isPolicy: false };
}

/**
 * A policy speaks of first packets, and so do stateful devices. Only two configurations that meet each packet by itself
 * are compared on every packet.
 */
function judgedOf(a: DiffSide, b: DiffSide): DiffResult["judged"] {
  const configurations = a.kind === "configuration" && b.kind === "configuration";
  const same = configurations && a.configuration.vendor === b.configuration.vendor;
  return same || (configurations && [a, b].every(meetsEveryPacket)) ? "every-packet" : "first-packets";
}

/** Whether later packets of a connection mean anything to a side: a policy says what they meet on such devices. */
function meetsEveryPacket(side: DiffSide): boolean {
  return side.kind === "policy" || side.configuration.vendor.manifest.judges === "every-packet";
}

function notCompared(a: Device, b: Device): DiffResult["notCompared"] {
  const only = (device: Device, other: Device, onlyIn: "a" | "b") =>
    hooksOf(device)
      .filter((hook) => !hooksOf(other).includes(hook))
      .map((hook) => ({ hook, onlyIn }));
  return [...only(a, b, "a"), ...only(b, a, "b")];
}

/** Where neither side says what is outside, a way through is inbound and outbound at once: it is looked at once. */
function waysThrough(left: Side, right: Side, hook: Hook): HookWays[] {
  const tried = left.mapping.outsideIs === "tried" && right.mapping.outsideIs === "tried";
  if (tried && hook === "forward") return [{ hook, direction: "either", ways: waysOf(left, right, hook, "inbound") }];
  return directions.map((direction) => ({ hook, direction, ways: waysOf(left, right, hook, direction) }));
}

/** Every pair of ways that stand for the same way across the edge. */
function waysOf(left: Side, right: Side, hook: Hook, direction: Direction): Way[] {
  const near = direction === "inbound" ? "ingress" : "egress";
  const far = direction === "inbound" ? "egress" : "ingress";
  const outside = pairs(left, right, "outside");
  const inside = pairs(left, right, "inside");
  const alike = (x: string, y: string): boolean => inside(x, y) && isOutside(left, x) === isOutside(right, y);
  const a = crossingsOf(left.mapping, direction, hook);
  const b = crossingsOf(right.mapping, direction, hook);
  return a.flatMap((x) =>
    b
      .filter(
        (y) => outside(x[near]!, y[near]!) && (x[far] === undefined || y[far] === undefined || alike(x[far], y[far])),
      )
      .map((y) => ({ a: x, b: y })),
  );
}

/** Whether the other end of a way is outside too. Where each interface is tried as the outside one, it is not. */
function isOutside({ isPolicy, mapping }: Side, far: string): boolean {
  if (isPolicy) return far !== "inside";
  return mapping.outsideIs !== "tried" && mapping.outside.includes(far);
}

/**
 * Which names of the two sides may be one interface: the same names where both know a common one, else each with each.
 * A policy's outside is every outside interface.
 */
function pairs(left: Side, right: Side, side: "outside" | "inside"): (a: string, b: string) => boolean {
  const a = left.mapping[side];
  const b = right.mapping[side];
  const common = a.filter((name) => name !== otherInterface && b.includes(name));
  const byName = !left.isPolicy && !right.isPolicy && common.length > 0;
  if (!byName)
    return (x, y) =>
      left.isPolicy ||
      right.isPolicy ||
      (x === otherInterface) === (y === otherInterface) ||
      a.length === 1 ||
      b.length === 1;
  // A name that only one side knows is any other interface to the other side.
  return (x, y) => x === y || (y === otherInterface && !b.includes(x)) || (x === otherInterface && !a.includes(y));
}

interface HookWays {
  readonly hook: Hook;
  readonly direction: DiffDifference["direction"];
  readonly ways: readonly Way[];
}

interface Scoped {
  readonly scope: "first-packets" | "later-packets";
  readonly difference: DiffDifference;
}

function compareHook(
  space: PacketSpace,
  left: Side,
  right: Side,
  { hook, direction, ways }: HookWays,
  options: DiffOptions,
): Scoped[] {
  const paths = [left, right].map((side) => side.device.paths.find((path) => path.hook === hook)!);
  const [a, b] = paths.map((path) => decidedOnce(space, path));
  const first = firstPackets(space);
  const asked = options.family === undefined ? space.all : space.compile(ir.ofFamily(options.family));
  const scopes = [
    { scope: "first-packets", question: space.and(asked, first) },
    { scope: "later-packets", question: space.difference(asked, first) },
  ] as const;

  const found = new Map<
    string,
    { scope: Scoped["scope"]; passesIn: DiffDifference["passesIn"]; packets: PacketSet; ways: Way[] }
  >();
  for (const way of ways) {
    const x = passing(space, projected(space, a!, way.a), left.isPolicy);
    const y = passing(space, projected(space, b!, way.b), right.isPolicy);
    const cared = space.and(x.cared, y.cared);
    const parting = [
      { passesIn: "a", packets: space.and(x.passes, y.stops) },
      { passesIn: "b", packets: space.and(x.stops, y.passes) },
      { passesIn: "unknown", packets: space.or(x.unknown, y.unknown) },
    ] as const;
    for (const { scope, question } of scopes) {
      for (const { passesIn, packets: all } of parting) {
        const packets = space.and(space.and(all, cared), question);
        if (packets === space.none) continue;
        const key = `${scope} ${passesIn} ${packets}`;
        const known = found.get(key);
        if (known !== undefined) known.ways.push(way);
        else found.set(key, { scope, passesIn, packets, ways: [way] });
      }
    }
  }
  return [...found.values()].map((one) => ({
    scope: one.scope,
    difference: differenceOf(space, { hook, direction, paths: [paths[0]!, paths[1]!] }, one, options.lines ?? 4),
  }));
}

const decisions = new WeakMap<PacketSpace, Map<Path, PathDecision>>();

/** Both directions ask the same path. */
function decidedOnce(space: PacketSpace, path: Path): PathDecision {
  const known = decisions.get(space) ?? new Map<Path, PathDecision>();
  decisions.set(space, known);
  const decision = known.get(path) ?? decidePath(space, path);
  known.set(path, decision);
  return decision;
}

/** The fates of the packets of one way, their interfaces taken away: so that ways of two devices can be compared. */
function projected(space: PacketSpace, of: Fates, way: Crossing): Projected {
  const end = (name: string | undefined, which: "ingress" | "egress"): PacketSet =>
    name === undefined
      ? space.noInterface(which)
      : space.compile(which === "ingress" ? ir.ingress(name) : ir.egress(name));
  const there = space.and(end(way.ingress, "ingress"), end(way.egress, "egress"));
  const project = (set: PacketSet): PacketSet => space.withoutInterfaces(space.and(set, there));
  return {
    accepted: project(of.accepted),
    dropped: project(of.dropped),
    rejected: project(of.rejected),
    undecided: project(of.undecided),
    unknown: project(of.unknown),
  };
}

type Projected = Readonly<Record<Fate, PacketSet>>;

interface Passing {
  readonly passes: PacketSet;
  readonly stops: PacketSet;
  readonly unknown: PacketSet;
  /** What this side wants compared. */
  readonly cared: PacketSet;
}

function passing(space: PacketSpace, of: Projected, isPolicy: boolean): Passing {
  return {
    passes: isPolicy ? of.accepted : space.or(of.accepted, of.undecided),
    stops: space.or(of.dropped, of.rejected),
    unknown: of.unknown,
    cared: isPolicy ? space.not(of.undecided) : space.all,
  };
}

function differenceOf(
  space: PacketSpace,
  { hook, direction, paths }: { hook: Hook; direction: DiffDifference["direction"]; paths: readonly [Path, Path] },
  found: { scope: Scoped["scope"]; passesIn: DiffDifference["passesIn"]; packets: PacketSet; ways: readonly Way[] },
  lines: number,
): DiffDifference {
  const { scope } = found;
  const sure = space.must(found.packets);
  const shown = sure === space.none ? found.packets : sure;
  const example = witness(space, shown)!;
  const way = found.ways[0]!;
  return {
    hook,
    direction,
    passesIn: found.passesIn,
    certain: sure !== space.none,
    packets: describe(
      space,
      scope === "first-packets" ? withoutStateAndFlags(space, found.packets) : found.packets,
      lines,
    ),
    example,
    a: fateOf(paths[0], example, way.a),
    b: fateOf(paths[1], example, way.b),
    ways: found.ways,
  };
}

/** That a first packet is new and has SYN and not ACK need not be said. */
function withoutStateAndFlags(space: PacketSpace, packets: PacketSet): PacketSet {
  const { state, tcpFlags } = space.layout;
  const stateless = space.bdd.exists(packets, state.first, state.first + state.bits - 1);
  return space.bdd.exists(stateless, tcpFlags.first, tcpFlags.first + tcpFlags.bits - 1);
}

function fateOf(path: Path, packet: Packet, { ingress, egress }: Crossing): DiffFate {
  const placed = { ...packet, ...(ingress !== undefined && { ingress }), ...(egress !== undefined && { egress }) };
  const way = trace(path, placed);
  const decidedBy = decidingStep(way);
  return { verdict: verdictOf(way.fate), ...(decidedBy && { decidedBy: stepOf(decidedBy) }) };
}

function undecided(why: Diagnostic): Pick<DiffResult, "result" | "differences" | "laterDifferences" | "diagnostics"> {
  return { result: "undecided", differences: [], laterDifferences: [], diagnostics: [why] };
}

function nothingInCommon(): Diagnostic {
  return diagnostic(
    "RW6005",
    "the two sides have no rules for packets of the same kind (forwarded, to or from the firewall)",
  );
}

function tooManyInterfaces(left: Side, right: Side): Diagnostic {
  const names = [...new Set([...left.names, ...right.names])].filter((name) => name !== otherInterface);
  return diagnostic(
    "RW1007",
    `nobody says which of ${names.length} interfaces are outside, and trying every pair says nothing that one can read`,
    {
      help: `name them: --outside-a ${left.mapping.outside[0]} --outside-b ${right.mapping.outside[0]}, and --inside-a and --inside-b`,
    },
  );
}
