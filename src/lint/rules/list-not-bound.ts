import { directionWords, edgeFindings } from "../edge-findings.js";
import type { LintRule } from "../rule.js";
import { passLabels } from "../edge-findings.js";

export const listNotBound: LintRule = {
  code: "RW4006",
  category: "policy",
  severity: "error",
  docs: {
    what: "A list or chain denies what the policy denies, and nothing refers to it: it is never asked.",
    why: `Whoever reads the file sees the denial and believes it. This is what is left when a list was renamed, an interface rebuilt, or
      a jump lost in a merge.`,
    example: `access-list NO-SMB extended deny tcp any any eq 445
access-list NO-SMB extended permit ip any any`,
    instead: `access-list NO-SMB extended deny tcp any any eq 445
access-list NO-SMB extended permit ip any any
access-group NO-SMB in interface outside`,
    howToFix: "Bind the list to the interface and direction it was written for, or jump to the chain; else remove it.",
  },
  check: (context) =>
    edgeFindings(context, "not-bound", (found) => ({
      message: `denied traffic ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)}: ${found.reason.list} would stop ${found.services}, and nothing refers to it`,
      help: `bind ${found.reason.list} where these packets pass`,
      primary: found.reason.rule.origin.span ?? found.reason.span,
      related: passLabels(found),
    })),
};
