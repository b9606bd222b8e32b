import { placeOf } from "../blame.js";
import { directionWords, edgeFindings, hookWords } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const leftToOthers: LintRule = {
  code: "RW4013",
  category: "policy",
  severity: "warning",
  docs: {
    what: "No rule in the text decides about denied traffic, and the text is not all that the device has: other rules may stop it, or let it pass.",
    why: `A part of a configuration looks like the whole. Whether the edge is closed is decided by what is not there: rules that another file
      loads, a default that nobody wrote down.`,
    example: `*filter
:SMB - [0:0]
-A FORWARD -j SMB
-A SMB -p tcp --dport 139 -j DROP
COMMIT`,
    instead: `*filter
:FORWARD DROP [0:0]
:SMB - [0:0]
-A FORWARD -j SMB
-A SMB -p tcp --dport 139 -j DROP
COMMIT`,
    howToFix: `Deny it in this text, write down the default, or give the linter the rest of the configuration together with this file
      (\`devices\` in ringwall.yaml).`,
  },
  check: (context) =>
    edgeFindings(context, "left", (found) => {
      const { label, span } = placeOf(found.by);
      return {
        message: `nothing in this text stops denied traffic ${directionWords(found.directions)}, ${hookWords(found.hooks)} (${found.services}): ${label}`,
        help: "deny it here, write down the default, or give the rest of the configuration together with this file",
        primary: span,
      };
    }),
};
