import { NONE, ALL } from "./bdd.js";
import { ChainOutcomes, inDecidingOrder } from "./chains.js";
import type { FilterDecision } from "./decide.js";
import type { PacketSet, PacketSpace } from "./space.js";

/**
 * The packets that each rule meets and matches, of those that enter the filter: by chain, then by the rule's index.
 * Chains that cannot be reached are left out. A rule with the empty set never has a say.
 */
export function effectsOf(space: PacketSpace, decision: FilterDecision): ReadonlyMap<string, readonly PacketSet[]> {
  const { filter } = decision;
  const outcomes = new ChainOutcomes(space, filter);
  const entering = new Map<string, PacketSet>([[filter.entry, ALL]]);
  const effects = new Map<string, readonly PacketSet[]>();
  for (const name of outcomes.order) if (name !== filter.entry) outcomes.of(name);
  // Callers before what they call.
  for (const name of [...outcomes.order].reverse()) {
    const sets = effectsIn(space, decision, outcomes, name, entering.get(name) ?? NONE);
    effects.set(name, sets);
    for (const [index, { verdict }] of filter.chains.get(name)!.rules.entries()) {
      if (typeof verdict !== "object") continue;
      entering.set(verdict.chain, space.or(entering.get(verdict.chain) ?? NONE, sets[index]!));
    }
  }
  return effects;
}

/** One pass forward over a chain, with the packets that are still on their way. */
function effectsIn(
  space: PacketSpace,
  { filter }: FilterDecision,
  outcomes: ChainOutcomes,
  name: string,
  entering: PacketSet,
): PacketSet[] {
  const chain = filter.chains.get(name)!;
  const sets = new Array<PacketSet>(chain.rules.length).fill(NONE);
  let live = entering;
  for (const index of inDecidingOrder(chain)) {
    if (live === NONE) break;
    const { match, verdict } = chain.rules[index]!;
    const met = space.and(live, space.compile(match));
    sets[index] = met;
    if (verdict === "continue") continue;
    const comesBack = typeof verdict === "object" && verdict.kind === "jump" && outcomes.leadsOn(verdict);
    const back = comesBack ? space.and(met, outcomes.returningFrom(verdict.chain)) : NONE;
    live = space.difference(live, space.difference(met, back));
  }
  return sets;
}
