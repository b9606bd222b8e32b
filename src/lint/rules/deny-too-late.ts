import { placeOf } from "../blame.js";
import { directionWords, edgeFindings, passLabels } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const denyTooLate: LintRule = {
  code: "RW4007",
  category: "policy",
  severity: "error",
  docs: {
    what: "A rule denies what the policy denies, and a rule in front of it has let those packets pass already.",
    why: `The order decides. A denial that was added at the end of a list, behind a general permit, does nothing, and its hit counter
      stays at zero without anybody wondering.`,
    example: `-A FORWARD -i wan0 -j ACCEPT
-A FORWARD -i wan0 -p tcp --dport 445 -j DROP`,
    instead: `-A FORWARD -i wan0 -p tcp --dport 445 -j DROP
-A FORWARD -i wan0 -j ACCEPT`,
    howToFix: "Move the denial in front of the rule that lets the packets pass, or narrow that rule.",
  },
  check: (context) =>
    edgeFindings(context, "too-late", (found) => ({
      message: `denied traffic ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)}: this denial of ${found.services} comes too late, behind "${placeOf(found.by).label}"`,
      help: "where the order decides move it in front of that rule, else narrow that rule or take it out",
      primary: found.reason.rule.origin.span,
      related: passLabels(found),
    })),
};
