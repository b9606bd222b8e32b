import type { Span } from "../diagnostics/index.js";
import type { Chain, Filter, Rule } from "../ir/index.js";
import type { FilterDecision, PacketSet } from "../packet-set/index.js";
import { decideFilter, fateOfVerdict, inDecidingOrder } from "../packet-set/index.js";
import type { LintContext } from "./context.js";

/** A rule as somebody wrote it, with all that the device makes of it. */
export interface WrittenRule {
  readonly span: Span;
  readonly label: string;
  /** At least one: a list that is bound twice asks its rules twice, and a statement may stand for several rules. */
  readonly uses: readonly RuleUse[];
}

export interface RuleUse {
  readonly decision: FilterDecision;
  readonly filter: Filter;
  readonly chain: Chain;
  readonly index: number;
  readonly rule: Rule;
  /** The packets that enter the chain, without those that the device decides by itself in front of the rule. */
  readonly entering: PacketSet;
  /** The packets that meet the rule and match it. */
  readonly met: PacketSet;
}

/** The rules that stand in the text, in its order. What a device adds of its own accord stands nowhere. */
export function writtenRulesOf(context: LintContext): WrittenRule[] {
  const { configuration, hooks, space } = context;
  const filters = new Set(
    configuration.device.paths.filter((path) => hooks.includes(path.hook)).flatMap((path) => path.filters),
  );
  const written = new Map<string, { span: Span; label: string; uses: RuleUse[] }>();
  for (const filter of filters) {
    const decision = decideFilter(space, filter);
    for (const [name, effects] of context.effects(filter)) {
      const chain = filter.chains.get(name)!;
      let entering = effects.entering;
      for (const index of inDecidingOrder(chain)) {
        const rule = chain.rules[index]!;
        const { span, label, implied } = rule.origin;
        if (span === undefined || implied === true) {
          // What the device decides by itself was never meant by the rules behind it.
          if (fateOfVerdict(rule.verdict) !== undefined) entering = space.difference(entering, effects.rules[index]!);
          continue;
        }
        const key = `${span.source.path}:${span.start}:${span.end}`;
        const one = written.get(key) ?? { span, label, uses: [] };
        written.set(key, one);
        const met = effects.rules[index]!;
        one.uses.push({
          decision,
          filter,
          chain,
          index,
          rule,
          entering,
          met,
        });
      }
    }
  }
  return [...written.values()].sort((a, b) => a.span.start - b.span.start);
}
