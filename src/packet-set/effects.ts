import type { Verdict } from "../ir/index.js";
import type { Node } from "./bdd.js";
import { NONE, ALL } from "./bdd.js";
import type { ChainOutcomes } from "./chains.js";
import { inDecidingOrder } from "./chains.js";
import type { FilterDecision } from "./decide.js";
import type { Fate } from "./fates.js";
import { onlyFate } from "./fates.js";
import type { PacketSet, PacketSpace } from "./space.js";

/** What comes to a chain, and what becomes of it there. */
export interface ChainEffects {
  /** The packets that enter the chain. */
  readonly entering: PacketSet;
  /** By the rule's index: the packets that meet the rule and match it. A rule with the empty set never has a say. */
  readonly rules: readonly PacketSet[];
  /** The packets that come to the chain's end. */
  readonly end: PacketSet;
}

/**
 * The packets that each rule meets and matches, of those that enter the filter, by the chain's name. Chains that cannot
 * be reached are left out.
 *
 * A verdict that was not understood is taken for one that may let the packet go on: what stands behind it is met too.
 */
export function effectsOf(
  space: PacketSpace,
  decision: FilterDecision,
  entering: PacketSet = ALL,
): ReadonlyMap<string, ChainEffects> {
  const { filter } = decision;
  const outcomes = decision.chains;
  outcomes.workOutCalled();
  const comingTo = new Map<string, PacketSet>([[filter.entry, entering]]);
  const effects = new Map<string, ChainEffects>();
  // Callers before what they call.
  for (const name of [...outcomes.order].reverse()) {
    const found = effectsIn(space, filter, outcomes, name, comingTo.get(name) ?? NONE);
    effects.set(name, found);
    for (const [index, { verdict }] of filter.chains.get(name)!.rules.entries()) {
      if (typeof verdict !== "object") continue;
      comingTo.set(verdict.chain, space.or(comingTo.get(verdict.chain) ?? NONE, found.rules[index]!));
    }
  }
  return effects;
}

/** One pass forward over a chain, with the packets that are still on their way. */
function effectsIn(
  space: PacketSpace,
  filter: FilterDecision["filter"],
  outcomes: ChainOutcomes,
  name: string,
  entering: PacketSet,
): ChainEffects {
  const chain = filter.chains.get(name)!;
  const rules = new Array<PacketSet>(chain.rules.length).fill(NONE);
  const few = chain.rules.length <= FEW;
  const before: { readonly matching: PacketSet; readonly gone: PacketSet }[] = [];
  let live = entering;
  for (const index of inDecidingOrder(chain)) {
    if (live === NONE) break;
    const { match, verdict } = chain.rules[index]!;
    const matching = space.compile(match);
    // What is live gets large. Of a list of jumps by source each meets what one or two rules in front have left.
    const touched = few ? before.filter((one) => space.and(one.matching, matching) !== NONE) : undefined;
    const met =
      touched === undefined || touched.length > FEW_TOUCHED
        ? space.and(live, matching)
        : touched.reduce((sofar, { gone }) => space.difference(sofar, gone), space.and(entering, matching));
    rules[index] = met;
    if (verdict === "continue" || verdict === "unknown") continue;
    const comesBack = typeof verdict === "object" && verdict.kind === "jump" && outcomes.leadsOn(verdict);
    const gone = comesBack ? space.difference(met, outcomes.returningFrom(verdict.chain)) : met;
    before.push({ matching, gone });
    live = space.difference(live, gone);
  }
  return { entering, rules, end: live };
}

/** Each match of so few rules may be compared with each. */
const FEW = 256;

/** So many rules in front are taken from a rule's packets one by one. */
const FEW_TOUCHED = 4;

/**
 * Rules of a chain that may go, each by itself and all of them at once: those that nothing comes to, and those behind which
 * every packet that they decide meets the same fate anyway. `effects` are the chain's own. A rule whose verdict leads on
 * (a jump, a log) goes only where nothing comes to it. Those of which `stays` says so are counted on to stay.
 */
export function rulesThatMayGo(
  space: PacketSpace,
  decision: FilterDecision,
  name: string,
  effects: ChainEffects,
  stays: (index: number) => boolean = () => false,
): ReadonlySet<number> {
  const outcomes = decision.chains;
  const { rules } = decision.filter.chains.get(name)!;
  const mayGo = new Set<number>();
  let withAll: readonly Node[] | undefined;
  outcomes.behindEach(name, (index, behind) => {
    const fate = fateOfVerdict(rules[index]!.verdict);
    const met = effects.rules[index]!;
    if (met !== NONE) {
      if (fate === undefined || onlyFate(space, met, behind) !== fate) return false;
      // Behind it others were left out, which may be what its packets would meet.
      withAll ??= outcomes.behindEach(name, () => false);
      if (withAll[index] !== behind && onlyFate(space, met, withAll[index]!) !== fate) return false;
    }
    if (stays(index)) return false;
    mayGo.add(index);
    return true;
  });
  return mayGo;
}

/**
 * The one fate that packets of a set meet which enter a chain, `returned` where all leave it for the rule behind the jump;
 * undefined if there are several.
 */
export function fateInChain(
  space: PacketSpace,
  decision: FilterDecision,
  name: string,
  set: PacketSet,
): Fate | "returned" | undefined {
  const entry = name === decision.filter.entry;
  decision.chains.workOutCalled();
  return onlyFate(space, set, entry ? decision.outcome : decision.chains.of(name));
}

/** The fate that a verdict settles; undefined for one that leads on. */
export function fateOfVerdict(verdict: Verdict): Fate | undefined {
  switch (verdict) {
    case "accept":
      return "accepted";
    case "drop":
      return "dropped";
    case "reject":
      return "rejected";
    default:
      return undefined;
  }
}
