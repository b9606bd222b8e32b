import type { LintRule } from "./rule.js";
import { rules } from "./rules/index.js";
import { suppressionRules } from "./suppression-rules.js";

/** Whatever a finding can be of: the rules about devices, and those about suppressions behind them. */
export const allRules: readonly Omit<LintRule, "check">[] = [...rules, ...suppressionRules];
