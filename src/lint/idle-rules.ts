import type { Fix, Label } from "../diagnostics/index.js";
import type { Filter, Rule } from "../ir/index.js";
import { fateInChain, fateOfVerdict, inDecidingOrder, matches, rulesThatMayGo, witness } from "../packet-set/index.js";
import type { PacketSet } from "../packet-set/index.js";
import type { LintContext } from "./context.js";
import { deniedServices } from "./denied-services.js";
import { perContext } from "./per-context.js";
import { wordsOf } from "./drafts.js";
import type { RuleUse, WrittenRule } from "./written-rules.js";

/** Why a rule makes no difference. */
export type Idleness =
  /** No packet that it speaks of comes to its chain. */
  | "dead"
  /** Rules in front of it decide all of its packets, at least one of them otherwise. */
  | "shadowed"
  /** The very same rule stands in front of it. */
  | "duplicate"
  /** Without it each of its packets meets the same fate. */
  | "redundant";

export interface IdleRuleFound {
  readonly written: WrittenRule;
  readonly idleness: Idleness;
  /** The rules in front that take its packets, a few of them. */
  readonly because: readonly Label[];
}

/** Rules that make no difference, in every place where the device asks them: each by itself, and all of them together. */
export const idleRules = perContext(find);

function find(context: LintContext): readonly IdleRuleFound[] {
  const mayGo = rulesToRemove(context);
  return context.writtenRules().flatMap((written) => {
    if (!mayGo.has(written) || written.uses.every((use) => isNeverEntered(context, use))) return [];
    const each = written.uses.map((use) => idlenessOf(context, use));
    if (each.includes(undefined)) return [];
    const idleness = order.find((one) => each.includes(one))!;
    return [{ written, idleness, because: idleness === "dead" ? [] : inFront(context, written.uses[0]!) }];
  });
}

/** Those that may go wherever they are asked, while all others stay. */
function rulesToRemove(context: LintContext): ReadonlySet<WrittenRule> {
  const rules = context.writtenRules();
  const places = placesOf(rules);
  const staying = new Set(tooLate(context));
  for (;;) {
    const going = new Set<RuleUse>();
    for (const uses of places) {
      const [{ decision, filter, chain }] = uses.values().next().value!;
      const effects = context.effects(filter).get(chain.name)!;
      const stays = (index: number): boolean => {
        const [use, written] = uses.get(index) ?? [];
        return use === undefined || staying.has(written!) || isKept(context, use);
      };
      for (const index of rulesThatMayGo(context.space, decision, chain.name, effects, stays)) {
        going.add(uses.get(index)![0]);
      }
    }
    const goes = (use: RuleUse): boolean => going.has(use);
    // A rule that goes in one place and is needed in another stays in both, which others have to count on.
    const needed = rules.filter((one) => !staying.has(one) && one.uses.some(goes) && !one.uses.every(goes));
    if (needed.length === 0) return new Set(rules.filter((one) => one.uses.every(goes)));
    for (const one of needed) staying.add(one);
  }
}

type Place = Map<number, readonly [RuleUse, WrittenRule]>;

/** The rules of each chain of each filter, by their indexes. None is empty. */
function placesOf(rules: readonly WrittenRule[]): Place[] {
  const places = new Map<Filter, Map<string, Place>>();
  for (const written of rules) {
    for (const use of written.uses) {
      const chains = places.get(use.filter) ?? new Map<string, Place>();
      places.set(use.filter, chains);
      const place = chains.get(use.chain.name) ?? (new Map() as Place);
      chains.set(use.chain.name, place);
      place.set(use.index, [use, written]);
    }
  }
  return [...places.values()].flatMap((chains) => [...chains.values()]);
}

/** Denials that come too late for denied traffic: an error of its own, and not to be mended by removing them. */
function tooLate(context: LintContext): WrittenRule[] {
  const spans = new Set(
    context.violations().flatMap(({ reason }) => (reason.kind === "too-late" ? [reason.rule.origin.span] : [])),
  );
  return context.writtenRules().filter(({ span }) => spans.has(span));
}

/** What stays though it changes no packet's fate. */
function isKept(context: LintContext, use: RuleUse): boolean {
  const { space } = context;
  const { rule, met, entering } = use;
  const own = fateOfVerdict(rule.verdict);
  if (met === space.none) {
    const matching = space.and(entering, space.compile(rule.match));
    return matching !== space.none && isSafetyNet(use, matching);
  }
  // What only repeats the end of its chain is said for the reader, and counts or logs the packets; so is a denial of what
  // the policy denies. Rules that reject need not answer the sender alike.
  if (rule.log === true || own === "rejected" || isLast(use)) return true;
  return own === "dropped" && isDeniedByPolicy(context, rule);
}

/** Of a rule with several uses the first of these that is true of one. */
const order: readonly Idleness[] = ["shadowed", "redundant", "duplicate", "dead"];

function idlenessOf({ space }: LintContext, use: RuleUse): Idleness | undefined {
  const { rule, met, chain, entering, decision } = use;
  if (met !== space.none) return "redundant";
  const own = fateOfVerdict(rule.verdict);
  const matching = space.and(entering, space.compile(rule.match));
  if (matching === space.none) return "dead";
  if (own === undefined) return rule.verdict === "continue" ? undefined : "dead";
  const fate = fateInChain(space, decision, chain.name, matching);
  if (fate !== own) return "shadowed";
  return sameInFront(use) === undefined ? "redundant" : "duplicate";
}

/** The jump that no packet takes is what there is to tell of a chain that none enters. */
function isNeverEntered(context: LintContext, { filter, chain }: RuleUse): boolean {
  return chain.name !== filter.entry && context.effects(filter).get(chain.name)!.entering === context.space.none;
}

function isLast({ chain, index }: RuleUse): boolean {
  return inDecidingOrder(chain).at(-1) === index;
}

/** Whether the policy asks for this denial and no rule more. */
function isDeniedByPolicy(context: LintContext, { match }: Rule): boolean {
  const { space } = context;
  return space.difference(space.compile(match), deniedServices(context)) === space.none;
}

/** What takes all that the chains in front of it leave, which is nothing as they stand: programs write it, and it harms nobody. */
function isSafetyNet(use: RuleUse, matching: PacketSet): boolean {
  return isLast(use) && matching === use.entering && use.chain.rules.some(({ verdict }) => typeof verdict === "object");
}

/** A rule in front that is written in the same words, or means exactly the same with the same verdict. */
function sameInFront({ chain, index, rule }: RuleUse): number | undefined {
  const sequence = inDecidingOrder(chain);
  const words = rule.origin.span && wordsOf(rule.origin.span);
  return sequence.slice(0, sequence.indexOf(index)).find((other) => {
    const { span } = chain.rules[other]!.origin;
    return (
      chain.rules[other]!.verdict === rule.verdict &&
      span !== undefined &&
      span !== rule.origin.span &&
      wordsOf(span) === words
    );
  });
}

/** Packet by packet, because a list of rules is too long to intersect each with each. */
function inFront(context: LintContext, use: RuleUse): Label[] {
  const { space } = context;
  const { chain } = use;
  const sequence = inDecidingOrder(chain);
  const effects = context.effects(use.filter).get(chain.name)!;
  const takers = new Set<number>();
  let rest: PacketSet = space.and(use.entering, space.compile(use.rule.match));
  while (rest !== space.none && takers.size < MOST_LABELS) {
    const packet = witness(space, rest)!;
    const taker = sequence.find((index) => {
      const { match, verdict } = chain.rules[index]!;
      return index !== use.index && verdict !== "continue" && !takers.has(index) && matches(match, packet);
    });
    if (taker === undefined) break;
    takers.add(taker);
    rest = space.difference(rest, effects.rules[taker]!);
  }
  return [...takers]
    .sort((a, b) => sequence.indexOf(a) - sequence.indexOf(b))
    .flatMap((index): Label[] => {
      const { origin } = chain.rules[index]!;
      return origin.span === undefined ? [] : [{ span: origin.span, message: `takes such packets: ${origin.label}` }];
    });
}

const MOST_LABELS = 3;

/** Cuts the rule out of its text, where the vendor can. */
export function removal(context: LintContext, { span }: WrittenRule, title: string): Fix | undefined {
  const edits = context.configuration.vendor.removalOf?.(span);
  return edits === undefined ? undefined : { title, edits };
}
