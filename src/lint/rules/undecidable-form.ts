import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const undecidableForm: LintRule = {
  code: "RW6002",
  category: "reading",
  severity: "off",
  docs: {
    what: `A condition that no text decides: the time, a rate, the owner of a socket, a list that is filled while the device runs.`,
    why: `Findings whose certainty is \`may\` name the conditions that they depend on; this rule lists all of them, for people who want to know.`,
    example: `-A INPUT -p tcp --dport 22 -m recent --name ssh --update --seconds 60 -j DROP`,
    instead: `-A INPUT -p tcp --dport 22 -j DROP`,
    howToFix: `Nothing needs to be done.`,
  },
  check: (context) => readerFindings(context, "RW6002"),
};
