import { placeOf } from "../blame.js";
import { amountsOf, prefixesIn } from "../amounts.js";
import { directionWords, edgeFindings } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const exceptionTooBroad: LintRule = {
  code: "RW4020",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "A rule that lets the policy's exceptions pass has more addresses than the policy excepts.",
    why: `An exception for one storage region that was written as a whole /10 opens the virtual machines of everybody who rents there,
      an attacker's among them.`,
    example: `access-list OUT extended permit tcp any 20.0.0.0 255.0.0.0 eq 445`,
    instead: `access-list OUT extended permit tcp any object-group storage-westeurope eq 445`,
    howToFix: `Cut the list down to what the policy excepts: \`ringwall exceptions POLICY\` prints it in the form of every vendor. If the
      addresses are meant, add them to the policy.`,
  },
  check: (context) =>
    edgeFindings(context, "too-broad", (found) => {
      if (found.reason.stale) return undefined;
      const { label, span } = placeOf(found.by);
      return {
        message: `"${label}" opens more than the policy excepts: ${prefixesIn(found.reason.extra)} (${found.services}, ${directionWords(found.directions)})`,
        help: "cut it down to the addresses of the policy's exception",
        primary: span,
        amounts: amountsOf(found.reason.extra),
      };
    }),
};
