import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const addressTranslation: LintRule = {
  code: "RW6007",
  category: "reading",
  severity: "off",
  docs: {
    what: `Addresses or ports are rewritten before or after the filter.`,
    why: `Rules then speak of what comes out. Translations that bring denied traffic past the filter are found by RW4009; this rule lists all others.`,
    example: `-A PREROUTING -i wan0 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80`,
    instead: `-A FORWARD -i wan0 -d 10.0.0.5 -p tcp --dport 80 -j ACCEPT`,
    howToFix: `Nothing needs to be done.`,
  },
  check: (context) => readerFindings(context, "RW6007"),
};
