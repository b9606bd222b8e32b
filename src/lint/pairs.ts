import type { PacketSet } from "../packet-set/index.js";
import { fateOfVerdict } from "../packet-set/index.js";
import type { LintContext } from "./context.js";
import { perContext } from "./per-context.js";
import type { RuleUse, WrittenRule } from "./written-rules.js";

/** Two rules of one chain with different verdicts and common packets. */
export interface Pair {
  readonly earlier: WrittenRule;
  readonly later: WrittenRule;
  /** What both speak of. */
  readonly common: PacketSet;
  /** How the earlier stands to the later: all of it is common, or a part. */
  readonly kind: "generalised" | "correlated";
}

/** Pairs are looked for in chains of at most this many rules: their number grows with the square. */
const MOST_RULES = 1500;

/** In the terms of E. Al-Shaer and H. Hamed, Discovery of Policy Anomalies in Distributed Firewalls (2004). */
export const pairsThatDiffer = perContext(find);

function find(context: LintContext): readonly Pair[] {
  const { space } = context;
  const chains = new Map<object, { readonly written: WrittenRule; readonly use: RuleUse; readonly set: PacketSet }[]>();
  for (const written of context.writtenRules()) {
    for (const use of written.uses) {
      if (fateOfVerdict(use.rule.verdict) === undefined || use.chain.rules.length > MOST_RULES) continue;
      const members = chains.get(use.chain) ?? [];
      chains.set(use.chain, members);
      members.push({ written, use, set: space.and(use.entering, space.compile(use.rule.match)) });
    }
  }
  const pairs = new Map<string, Pair>();
  for (const members of chains.values()) {
    for (const [i, earlier] of members.entries()) {
      for (const later of members.slice(i + 1)) {
        if (isPassing(earlier.use) === isPassing(later.use)) continue;
        const common = space.and(earlier.set, later.set);
        if (common === space.none || common === later.set) continue;
        const kind = common === earlier.set ? "generalised" : "correlated";
        pairs.set(`${earlier.written.span.start}:${later.written.span.start}`, {
          earlier: earlier.written,
          later: later.written,
          common,
          kind,
        });
      }
    }
  }
  return [...pairs.values()];
}

function isPassing({ rule }: RuleUse): boolean {
  return rule.verdict === "accept";
}
