import type { Diagnostic } from "../diagnostics/index.js";
import type { Finding } from "./finding.js";
import { aboutNoPackets } from "./finding.js";
import type { LintOptions } from "./lint.js";
import { severityOf } from "./lint.js";
import { wordsOf } from "./drafts.js";
import { rules } from "./rules/index.js";

/** What the reading of the policy warned of, where the linter has a rule for it: exceptions past their date, or too broad. */
export function policyFindings(
  diagnostics: readonly Diagnostic[],
  path: string,
  severities: LintOptions["severities"],
): Finding[] {
  return diagnostics.flatMap(({ code, message, help, primary, related = [] }) => {
    const rule = rules.find((one) => one.code === code);
    const severity = rule === undefined ? "off" : severityOf(rule, severities);
    if (severity === "off") return [];
    return [
      {
        code,
        severity,
        message,
        ...(help !== undefined && { help }),
        file: primary?.source.path ?? path,
        ...(primary !== undefined && { primary }),
        ...aboutNoPackets,
        related,
        identity: primary === undefined ? message : wordsOf(primary),
      },
    ];
  });
}
