import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const unreadText: LintRule = {
  code: "RW6001",
  category: "reading",
  severity: "note",
  docs: {
    what: `A form that the reader does not know. What it could influence counts as unknown.`,
    why: `Where it could let denied traffic pass there is a finding of its own (RW4003). This one says which words to look at.`,
    example: `-A FORWARD -m some-local-module --dport 445 -j ACCEPT`,
    instead: `-A FORWARD -p tcp --dport 445 -j ACCEPT`,
    howToFix: `Write it in a form that is read, or report the form if devices accept it.`,
  },
  check: (context) => readerFindings(context, "RW6001"),
};
