import type { Code, Span } from "../diagnostics/index.js";
import type { Direction, Hook, Rule } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { Family } from "../net/index.js";
import { families, intersectAddresses, isNoAddress, subtractAddresses, unionAddresses } from "../net/index.js";
import type { AddressSet } from "../net/index.js";
import type { PacketSet } from "../packet-set/index.js";
import { addressesIn, servicesOf, decideFilter, effectsOf, inDecidingOrder } from "../packet-set/index.js";
import type { IdleRule } from "../vendor-kit/inventory.js";
import type { Blamed } from "./blame.js";
import { isNearlyEverywhere } from "./amounts.js";
import { blame, isParticular } from "./blame.js";
import type { LintContext } from "./context.js";
import { perContext } from "./per-context.js";
import type { EdgeQuestion } from "./edge-question.js";

/**
 * Denied packets that pass, or may: those of one direction that one rule of the text lets through for one reason. A
 * packet belongs to one reason only, the one that says most: so that nobody reads of it twice.
 */
export interface Violation {
  readonly reason: Reason;
  readonly hook: Hook;
  readonly direction: Direction;
  readonly packets: PacketSet;
  /** False where it depends on something that the text does not decide. */
  readonly certain: boolean;
  /** What lets them through, or what was not understood. */
  readonly by: Blamed["step"];
}

export type Reason =
  /** A rule or a default lets them pass. */
  | { readonly kind: "passes" }
  /** They are IPv6, and their like in IPv4 do not pass. */
  | { readonly kind: "ipv6-open" }
  /** Nothing of their services passes in the other direction, where it is denied too. */
  | { readonly kind: "one-direction" }
  /** A list would deny them and is bound nowhere. */
  | { readonly kind: "not-bound"; readonly list: string; readonly span: Span; readonly rule: Rule }
  /** A rule would deny them that stands behind the one that lets them pass. */
  | { readonly kind: "too-late"; readonly rule: Rule }
  /** A rule would deny them that is not in force, or not always. */
  | { readonly kind: "not-in-force"; readonly rule: Rule; readonly why: string }
  /** The rule that lets them pass is meant for the policy's exceptions, and has more addresses. */
  | {
      readonly kind: "too-broad";
      readonly end: "source" | "destination";
      readonly extra: AddressSet;
      readonly stale: boolean;
    }
  /** No rule decides them, and the text is not all that the device has. */
  | { readonly kind: "left" }
  /** Whether they pass depends on which interface is outside, and nobody says. */
  | { readonly kind: "outside-not-known" }
  /** The text that decides was not understood. */
  | { readonly kind: "unknown" }
  /** The text has nothing for this family. */
  | { readonly kind: "family-not-given"; readonly family: Family };

export function violationsOf(context: LintContext): Violation[] {
  const { space } = context;
  const questions = context.questions();
  const open = new Map(
    questions.map((question) => {
      const passes = space.and(question.denied, question.passes);
      return [question, { passes, sure: question.whicheverIsOutside(passes) }];
    }),
  );
  return questions.flatMap((question) => {
    const { passes, sure } = open.get(question)!;
    const other = questions.find((one) => isOpposite(one, question));
    const closedElsewhere =
      other === undefined ? space.none : closedServices(context, other.denied, open.get(other)!.passes, other.unknown);
    const decided = space.difference(sure, question.left);
    const openTo = { decided, closedElsewhere, closedInIpv4: closedInIpv4(context, question, decided) };
    const byRule = blame(context, question, decided).flatMap((part) => byReason(context, question, part, openTo));
    return [
      ...withoutGap(context, byRule, space.must(decided)),
      ...blame(context, question, space.and(sure, question.left)).flatMap((part) =>
        leftToOthers(context, question, part),
      ),
      ...blame(context, question, space.difference(passes, sure)).map((part): Violation =>
        violation(question, part, { kind: "outside-not-known" }, false),
      ),
      ...notUnderstood(context, question),
    ];
  });
}

/**
 * Packets that certainly pass, and by no rule for certain, pass by rules with conditions that leave no gap: then those are
 * certainly to blame, too.
 */
function withoutGap({ space }: LintContext, found: readonly Violation[], certainly: PacketSet): Violation[] {
  const told = space.bdd.orAll(found.map((one) => (one.certain ? space.may(one.packets) : space.none)));
  const left = space.difference(certainly, told);
  if (left === space.none) return [...found];
  return found.map((one) => (space.and(one.packets, left) === space.none ? one : { ...one, certain: true }));
}

/** Of the services that are denied somewhere, those of which nothing passes there and nothing is unknown. */
function closedServices(context: LintContext, denied: PacketSet, passes: PacketSet, unknown: PacketSet): PacketSet {
  const { space } = context;
  const services = (set: PacketSet): PacketSet => servicesOf(space, set);
  return space.difference(services(denied), services(space.and(denied, space.or(passes, unknown))));
}

/** The other way across the edge: what the firewall receives and what it sends belong together. */
function isOpposite(a: EdgeQuestion, b: EdgeQuestion): boolean {
  return a.direction !== b.direction && (a.hook === "forward") === (b.hook === "forward");
}

function violation(question: EdgeQuestion, part: Blamed, reason: Reason, certain: boolean): Violation {
  const { hook, direction } = question;
  return { reason, hook, direction, packets: part.packets, certain, by: part.step };
}

/** The rule that puts a reason into words. */
function codeFor(reason: Reason): Code {
  switch (reason.kind) {
    case "passes":
      return "RW4001";
    case "unknown":
      return "RW4003";
    case "ipv6-open":
      return "RW4004";
    case "one-direction":
      return "RW4005";
    case "not-bound":
      return "RW4006";
    case "too-late":
      return "RW4007";
    case "not-in-force":
      return "RW4008";
    case "left":
      return "RW4013";
    case "outside-not-known":
      return "RW4011";
    case "too-broad":
      return reason.stale ? "RW4021" : "RW4020";
    case "family-not-given":
      return "RW6006";
  }
}

/** What is open in a question, besides one rule. */
interface Openness {
  /** Denied packets that pass by rules and defaults in the text. */
  readonly decided: PacketSet;
  /** Services of which nothing passes in the other direction. */
  readonly closedElsewhere: PacketSet;
  /** IPv6 packets of services of which nothing passes in IPv4. */
  readonly closedInIpv4: PacketSet;
}

function closedInIpv4(context: LintContext, { denied, unknown }: EdgeQuestion, open: PacketSet): PacketSet {
  const { space } = context;
  const ipv4 = space.compile(ir.ofFamily("ipv4"));
  const inIpv4 = (set: PacketSet): PacketSet => space.and(set, ipv4);
  return space.difference(closedServices(context, inIpv4(denied), inIpv4(open), inIpv4(unknown)), ipv4);
}

/** The packets of one rule, each given to the reason that says most. */
function byReason(
  context: LintContext,
  question: EdgeQuestion,
  part: Blamed,
  { decided, closedElsewhere, closedInIpv4 }: Openness,
): Violation[] {
  const { space } = context;
  // A rule with a condition is not certainly to blame for what passes without it too.
  const { rule } = part.step ?? {};
  const certainly = space.and(
    space.must(decided),
    rule === undefined ? space.all : space.must(space.compile(rule.match)),
  );
  const reasons: readonly Claimed[] = [
    ...denialsNotAsked(context, question),
    ...broadException(context, question, part),
    ...denialsBehind(context, part).map((behind) => ({
      packets: space.compile(behind.match),
      reason: { kind: "too-late" as const, rule: behind },
    })),
    { packets: closedInIpv4, reason: { kind: "ipv6-open" } },
    { packets: closedElsewhere, reason: { kind: "one-direction" } },
    { packets: space.all, reason: { kind: "passes" } },
  ];
  return sharedOut(context, question, part, reasons, certainly);
}

/** Packets that no rule decides, in a text that is not all there is: something else may stop them. */
function leftToOthers(context: LintContext, question: EdgeQuestion, part: Blamed): Violation[] {
  const { space } = context;
  const reasons: readonly Claimed[] = [
    ...denialsNotAsked(context, question),
    { packets: space.all, reason: { kind: "left" } },
  ];
  return sharedOut(context, question, part, reasons, space.none);
}

/** A reason with all the packets that it is true of. */
interface Claimed {
  readonly packets: PacketSet;
  readonly reason: Reason;
}

/** Gives each packet to the first reason that is true of it; the last one takes the rest. */
function sharedOut(
  context: LintContext,
  question: EdgeQuestion,
  part: Blamed,
  reasons: readonly Claimed[],
  certainly: PacketSet,
): Violation[] {
  const { space, options } = context;
  let rest = part.packets;
  return reasons.flatMap(({ packets, reason }, index) => {
    const taken = space.and(rest, packets);
    // Who does not want to hear of a reason still has to hear that the packets pass.
    const isOff = index < reasons.length - 1 && options.severities.get(codeFor(reason)) === "off";
    if (taken === space.none || isOff) return [];
    rest = space.difference(rest, taken);
    const certain = space.and(taken, certainly) !== space.none;
    return [violation(question, { ...part, packets: taken }, reason, certain)];
  });
}

/** Denials that stand in the text and that the device does not ask, or not always, with the packets that they speak of. */
function denialsNotAsked(context: LintContext, { hook }: EdgeQuestion): readonly Claimed[] {
  return allDenialsNotAsked(context).filter(({ hooks }) => hooks === undefined || hooks.includes(hook));
}

const allDenialsNotAsked = perContext((context): readonly (Claimed & { readonly hooks?: readonly Hook[] })[] => {
  const idle = (context.configuration.inventory?.idle ?? []).filter(({ rule }) => denies(rule));
  return [
    ...idle.map((one) => ({
      packets: wouldTake(context, one),
      reason: { kind: "not-in-force" as const, rule: one.rule, why: one.why },
      hooks: one.hooks,
    })),
    ...unboundDenials(context).map(({ rule, list, span, packets }) => ({
      packets,
      reason: { kind: "not-bound" as const, rule, list, span },
    })),
  ];
});

/** The packets that a rule which is not in force would deny, if it were. */
function wouldTake(context: LintContext, { rule, comesTo, sometimes }: IdleRule): PacketSet {
  const { space } = context;
  const match = space.compile(rule.match);
  if (comesTo !== undefined) return space.and(match, space.compile(comesTo));
  if (sometimes !== true) return match;
  // It stands in the device's paths under its condition: what comes to its chain comes to it.
  const places = context.writtenRules().flatMap(({ uses }) => uses.filter((use) => use.rule === rule));
  if (places.length === 0) return match;
  return space.and(space.may(match), space.bdd.orAll(places.map((use) => use.entering)));
}

function denies({ verdict }: Rule): boolean {
  return verdict === "drop" || verdict === "reject";
}

interface UnboundDenial {
  readonly rule: Rule;
  readonly list: string;
  readonly span: Span;
  /** Whatever interface they are on: nobody can know where the list was meant to be bound. */
  readonly packets: PacketSet;
}

/** Rules that deny particular services, in lists that nothing refers to. */
const unboundDenials = perContext(findUnboundDenials);

function findUnboundDenials(context: LintContext): readonly UnboundDenial[] {
  const { space, configuration } = context;
  return (configuration.inventory?.definitions ?? []).flatMap(({ filter, name, span, uses }) => {
    if (filter === undefined || uses > 0) return [];
    const effects = effectsOf(space, decideFilter(space, filter));
    return [...effects].flatMap(([chain, { rules: met }]) =>
      filter.chains.get(chain)!.rules.flatMap((rule, index): UnboundDenial[] => {
        if (!denies(rule) || !isParticular(context, rule)) return [];
        return [{ rule, list: name, span, packets: space.withoutInterfaces(met[index]!) }];
      }),
    );
  });
}

/** Rules of the same chain that deny particular services, come later and speak of these packets. */
function denialsBehind(context: LintContext, { step, packets }: Blamed): Rule[] {
  // A permit of these services alone stands where somebody wanted it, in front of the denial of the others.
  if (step?.rule === undefined || isParticular(context, step.rule)) return [];
  const { space } = context;
  const order = inDecidingOrder(step.chain);
  const own = order.indexOf(step.chain.rules.indexOf(step.rule));
  return order
    .slice(own + 1)
    .map((index) => step.chain.rules[index]!)
    .filter(
      (rule) =>
        denies(rule) &&
        rule.origin.span !== undefined &&
        space.and(packets, space.compile(rule.match)) !== space.none &&
        isParticular(context, rule),
    );
}

/**
 * Where the rule that lets them pass also lets pass what the policy excepts, and has a list of addresses of its own: the
 * addresses that are too many, those that no feed has apart from those that belong to something else in it.
 */
function broadException(
  context: LintContext,
  question: EdgeQuestion,
  { step, packets }: Blamed,
): { readonly packets: PacketSet; readonly reason: Extract<Reason, { kind: "too-broad" }> }[] {
  const { space, options } = context;
  if (step?.rule === undefined) return [];
  const match = space.compile(step.rule.match);
  const excepted = space.and(space.and(question.allowed, question.passes), match);
  if (excepted === space.none) return [];
  const end = question.direction === "outbound" ? "destination" : "source";
  const extra = addressesIn(space, packets, end);
  const meant = addressesIn(space, excepted, end);
  const parts = families.filter((family) => extra[family].length > 0);
  // A rule for any address is no list of exceptions.
  if (parts.some((family) => isNearlyEverywhere(unionAddresses(extra, meant), family))) return [];
  const published = options.feeds?.published;
  const stale = published === undefined ? { ipv4: [], ipv6: [] } : subtractAddresses(extra, published);
  const broad = published === undefined ? extra : intersectAddresses(extra, published);
  const of = (addresses: AddressSet, isStale: boolean) =>
    isNoAddress(addresses)
      ? []
      : [
          {
            packets: space.compile(end === "destination" ? ir.to(addresses) : ir.from(addresses)),
            reason: { kind: "too-broad" as const, end, extra: addresses, stale: isStale } as const,
          },
        ];
  return [...of(stale, true), ...of(broad, false)];
}

function notUnderstood(context: LintContext, question: EdgeQuestion): Violation[] {
  const { space, configuration, options } = context;
  let unknown = space.and(question.denied, question.unknown);
  const found: Violation[] = [];
  if (configuration.diagnostics.some((one) => one.code === "RW6006")) {
    for (const family of options.families) {
      const own = space.compile(ir.ofFamily(family));
      const denied = space.and(question.denied, own);
      if (denied === space.none || space.difference(denied, unknown) !== space.none) continue;
      const part: Blamed = { packets: denied, packet: blame(context, question, denied)[0]!.packet };
      found.push(violation(question, part, { kind: "family-not-given", family }, false));
      unknown = space.difference(unknown, own);
    }
  }
  return [
    ...found,
    ...blame(context, question, unknown).map((part) => violation(question, part, { kind: "unknown" }, false)),
  ];
}
