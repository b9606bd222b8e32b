import { placeOf } from "../blame.js";
import { directionWords, edgeFindings, hookWords } from "../edge-findings.js";
import type { LintRule } from "../rule.js";
import { removalOfOpening } from "../opening.js";

export const oneDirectionOpen: LintRule = {
  code: "RW4005",
  category: "policy",
  severity: "error",
  docs: {
    what: "What the policy denies both ways is stopped in one direction and passes in the other.",
    why: `Inbound is what people think of. Outbound is what a link in a mail uses: a client that opens \\\\server\\share outside sends its
      user's credentials there. The reverse mistake leaves the servers open.`,
    example: `pass out quick on wan
block in quick on wan proto tcp to port 445`,
    instead: `block quick on wan proto tcp to port 445
pass out quick on wan`,
    howToFix:
      "Write the denial for the other direction too. Where one direction is enough, let the policy say `direction: inbound`.",
  },
  check: (context) =>
    edgeFindings(context, "one-direction", (found) => {
      const { label, span } = placeOf(found.by);
      const other = found.directions[0] === "inbound" ? "outbound" : "inbound";
      return {
        message: `denied traffic is stopped ${other} and ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)}, ${hookWords(found.hooks)}: "${label}" lets ${found.services} through`,
        help: `deny it ${directionWords(found.directions)} too`,
        primary: span,
        unsafeFix: removalOfOpening(context, found),
      };
    }),
};
