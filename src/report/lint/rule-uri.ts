import type { Code } from "../../diagnostics/index.js";
import { codes } from "../../diagnostics/index.js";
import type { LintReport } from "./report.js";

/** `docs/rules/RW4001-denied-traffic-passes.md`: where the page of a rule stands in the repository of the tool. */
export function rulePath(code: Code): string {
  return `docs/rules/${code}-${codes[code].name}.md`;
}

/** The address of a rule's page, where the tool has pages and the rule is one of the linter's. */
export function rulePage({ tool, rules }: LintReport, code: Code): string | undefined {
  if (tool.informationUri === undefined || !rules.some((rule) => rule.code === code)) return undefined;
  return new URL(rulePath(code), tool.informationUri).href;
}
