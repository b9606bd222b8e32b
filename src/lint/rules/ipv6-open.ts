import { placeOf } from "../blame.js";
import { directionWords, edgeFindings } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const ipv6Open: LintRule = {
  code: "RW4004",
  category: "policy",
  severity: "error",
  docs: {
    what: "What the policy denies is stopped in IPv4 and passes in IPv6.",
    why: `Most hosts have IPv6 whether anybody set it up or not, and connect by it first where both work. A rule that knows IPv4 alone
      looks like a closed edge in every test that somebody makes by hand.`,
    example: `access-list OUT extended deny tcp any4 any eq 445
access-list OUT extended permit ip any any`,
    instead: `access-list OUT extended deny tcp any any eq 445
access-list OUT extended permit ip any any`,
    howToFix: `Write the denial for both families: a second list for IPv6 where the device has one, or a rule without a family where it
      does not. If the network really has no IPv6, ask about IPv4 alone with \`--family 4\`, or deny IPv6 as a whole.`,
  },
  check: (context) =>
    edgeFindings(context, "ipv6-open", (found) => {
      const { label, span } = placeOf(found.by);
      return {
        message: `denied traffic ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)} in IPv6 and not in IPv4: "${label}" lets ${found.services} through`,
        help: "deny it in both families",
        primary: span,
      };
    }),
};
