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
  pathOf,
  trace,
  withoutStateAndFlags,
  witness,
} from "../packet-set/index.js";
import type { Direction, Edge } from "../policy/edge.js";
import type { ProfileNames } from "../policy/host-truth.js";
import { hostTruthOf } from "../policy/host-truth.js";
import type { HostRole, NetworkProfile } from "../policy/hosts.js";
import { exceptedMatch, truthOf } from "../policy/truth.js";
import type { PacketVerdict } from "./answer.js";
import { verdictOf } from "./answer.js";
import type { Configuration } from "./configuration.js";
import type { ExplainedStep } from "./explain.js";
import { decidingStep, explainByPolicy, stepOf } from "./explain.js";
import type { Crossing, Mapping } from "./interfaces.js";
import { hooksOf, knownNames, mappingOf, otherInterface } from "./interfaces.js";
import type { HookWays, Side, Way } from "./ways.js";
import { waysThrough } from "./ways.js";

/** One side of a comparison. */
export type DiffSide =
  | {
      readonly kind: "policy";
      readonly name: string;
      readonly edge: Edge;
      /** What hosts of this role do, in place of the rules of the edge. */
      readonly role?: HostRole;
    }
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
  /** What a configuration stops of the packets that a policy leaves to the device; they do not count either. */
  readonly beyondPolicy: readonly DiffDifference[];
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

/**
 * Which packets pass across the edge on one side and not on the other. Dropped and rejected are both "not passing"; what
 * a configuration leaves to something outside its text passes as far as that text is concerned. What a policy excepts
 * from its rules and leaves to the device is meant to pass; what no rule of it speaks of is not compared.
 */
export function diff(a: DiffSide, b: DiffSide, options: DiffOptions = {}): DiffResult {
  const left = prepare(a, b);
  const right = prepare(b, a);
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
    const laterToo = [a, b].every(meetsEveryPacket);
    const all = ways.flatMap((one) => compareHook(space, left, right, one, { ...options, judged, laterToo }));
    const ofScope = (scope: Scope): DiffDifference[] =>
      all.filter((one) => one.scope === scope).map((one) => one.difference);
    const found = ofScope("counted");
    const result = found.some((one) => one.certain && one.passesIn !== "unknown")
      ? "different"
      : found.length > 0
        ? "undecided"
        : "equal";
    return {
      ...base,
      result,
      differences: found,
      laterDifferences: ofScope("later"),
      beyondPolicy: ofScope("beyond"),
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

function prepare(side: DiffSide, other: DiffSide): Side {
  const { role } = side.kind === "policy" ? side : {};
  if (role !== undefined) {
    const profiles = profileNamesOf(other);
    return { ...withProfiles(hostTruthOf(role, profiles), profiles), leavesTheRest: true };
  }
  // A role speaks of all categories of networks, whichever the configuration takes for the outside.
  if (side.kind === "configuration" && other.kind === "policy" && other.role !== undefined)
    return withProfiles(side.configuration.device, profileNamesOf(side));
  if (side.kind === "policy") {
    const mapping: Mapping = { outside: ["outside"], inside: ["inside", "another outside"], outsideIs: "given" };
    const device = truthOf(side.edge, { outside: ["outside", "another outside"], hooks: ir.hooks });
    return { device, mapping, names: ["outside", "another outside", "inside"], edge: side.edge };
  }
  const { device, sides } = side.configuration;
  const mapping = mappingOf(device, sides);
  return { device, mapping, names: [...mapping.outside, ...mapping.inside] };
}

function withProfiles(device: Device, names: ProfileNames): Side {
  const outside = Object.values(names);
  const mapping: Mapping = { outside, inside: outside, outsideIs: "given" };
  return { device, mapping, names: outside };
}

/** The categories of networks as a configuration names them, in whatever case. */
function profileNamesOf(side: DiffSide): ProfileNames {
  const known = side.kind === "configuration" ? knownNames(side.configuration.device) : [];
  const named = (profile: NetworkProfile): string => known.find((name) => name.toLowerCase() === profile) ?? profile;
  return { domain: named("domain"), private: named("private"), public: named("public") };
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

/** Whether a difference makes the sides different; see `laterDifferences` and `beyondPolicy`. */
type Scope = "counted" | "later" | "beyond";

interface Scoped {
  readonly scope: Scope;
  readonly difference: DiffDifference;
}

interface Found {
  readonly scope: Scope;
  readonly passesIn: DiffDifference["passesIn"];
  readonly packets: PacketSet;
  readonly ways: Way[];
}

interface Question extends DiffOptions {
  readonly judged: DiffResult["judged"];
  readonly laterToo: boolean;
}

function compareHook(
  space: PacketSpace,
  left: Side,
  right: Side,
  { hook, direction, ways }: HookWays,
  question: Question,
): Scoped[] {
  const [a, b] = [pathOf(left.device.paths, hook)!, pathOf(right.device.paths, hook)!];
  const first = firstPackets(space);
  const asked = question.family === undefined ? space.all : space.compile(ir.ofFamily(question.family));
  const counted = question.judged === "every-packet" ? asked : space.and(asked, first);
  const later = question.laterToo ? space.difference(asked, counted) : space.none;

  const found = new Map<string, Found>();
  for (const way of ways) {
    const x = passing(space, projected(space, decidedOnce(space, a), way.a), left, direction);
    const y = passing(space, projected(space, decidedOnce(space, b), way.b), right, direction);
    const partings = [
      { passesIn: "a", packets: space.and(x.passes, y.stops), left: space.and(x.left, y.stops) },
      { passesIn: "b", packets: space.and(x.stops, y.passes), left: space.and(x.stops, y.left) },
      {
        passesIn: "unknown",
        packets: space.difference(space.or(x.unknown, y.unknown), space.or(x.left, y.left)),
        left: space.none,
      },
    ] as const;
    for (const { passesIn, packets, left: beyond } of partings) {
      note(found, { scope: "counted", passesIn, packets: space.and(packets, counted), ways: [way] });
      note(found, { scope: "later", passesIn, packets: space.and(packets, later), ways: [way] });
      note(found, { scope: "beyond", passesIn, packets: space.and(beyond, counted), ways: [way] });
    }
  }
  return [...found.values()].map((one) => ({
    scope: one.scope,
    difference: differenceOf(space, { hook, direction, sides: [left, right] }, one, question),
  }));
}

/** Ways with the same difference are told together. Zero is the empty set. */
function note(found: Map<string, Found>, one: Found): void {
  if (one.packets === 0) return;
  const key = `${one.scope} ${one.passesIn} ${one.packets}`;
  const known = found.get(key);
  if (known === undefined) found.set(key, one);
  else known.ways.push(...one.ways);
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
  /** What a policy has no word on. */
  readonly left: PacketSet;
}

function passing(
  space: PacketSpace,
  of: Projected,
  { edge, leavesTheRest }: Side,
  direction: DiffDifference["direction"],
): Passing {
  const stops = space.or(of.dropped, of.rejected);
  const { accepted, undecided, unknown } = of;
  if (leavesTheRest === true) return { passes: accepted, stops, unknown, left: undecided };
  if (edge === undefined) return { passes: space.or(accepted, undecided), stops, unknown, left: space.none };
  const excepted = space.and(undecided, space.compile(exceptedMatch(edge, direction)));
  return { passes: space.or(accepted, excepted), stops, unknown, left: space.difference(undecided, excepted) };
}

function differenceOf(
  space: PacketSpace,
  { hook, direction, sides }: Omit<HookWays, "ways"> & { readonly sides: readonly [Side, Side] },
  found: Found,
  { judged, lines = 4 }: Question,
): DiffDifference {
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
      judged === "first-packets" && found.scope !== "later"
        ? withoutStateAndFlags(space, found.packets)
        : found.packets,
      lines,
    ),
    example,
    a: fateOf(sides[0], example, way.a, direction),
    b: fateOf(sides[1], example, way.b, direction),
    ways: found.ways,
  };
}

function fateOf(side: Side, packet: Packet, crossing: Crossing, direction: DiffDifference["direction"]): DiffFate {
  if (side.edge !== undefined && direction !== "either") return policyFate(side.edge, packet, direction);
  const { ingress, egress } = crossing;
  const placed = { ...packet, ...(ingress !== undefined && { ingress }), ...(egress !== undefined && { egress }) };
  const way = trace(pathOf(side.device.paths, crossing.hook)!, placed);
  const decidedBy = decidingStep(way);
  return { verdict: verdictOf(way.fate), ...(decidedBy && { decidedBy: stepOf(decidedBy) }) };
}

/** By the policy's own words, its exceptions among them. */
function policyFate(edge: Edge, packet: Packet, direction: Direction): DiffFate {
  const { verdict, cases } = explainByPolicy(edge, packet, direction);
  const decidedBy = cases[0]?.decidedBy;
  return { verdict, ...(decidedBy && { decidedBy }) };
}

function undecided(
  why: Diagnostic,
): Pick<DiffResult, "result" | "differences" | "laterDifferences" | "beyondPolicy" | "diagnostics"> {
  return { result: "undecided", differences: [], laterDifferences: [], beyondPolicy: [], diagnostics: [why] };
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
