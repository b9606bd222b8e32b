import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const missingReference: LintRule = {
  code: "RW6005",
  category: "reading",
  severity: "warning",
  docs: {
    what: `A name is used that the configuration does not define.`,
    why: `Depending on the vendor the rule is refused, matches nothing, or matches everything.`,
    example: `access-list OUT extended deny tcp any object-group NOWHERE eq 445`,
    instead: `object-group network NOWHERE
 network-object 10.0.0.0 255.0.0.0
access-list OUT extended deny tcp any object-group NOWHERE eq 445`,
    howToFix: `Define it, correct its name, or give the file that defines it to the linter too.`,
  },
  check: (context) => readerFindings(context, "RW6005"),
};
