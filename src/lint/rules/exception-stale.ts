import { placeOf } from "../blame.js";
import { amountsOf, prefixesIn } from "../amounts.js";
import { directionWords, edgeFindings } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const exceptionStale: LintRule = {
  code: "RW4021",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "A rule that lets the policy's exceptions pass has addresses that are in no feed of the policy any more.",
    why: `Addresses that a cloud has given back belong to somebody else now, and the hole for them stays.`,
    example: `set cloud4 { type ipv4_addr; flags interval; elements = { 20.60.26.0/24, 198.51.100.0/24 } }`,
    instead: `set cloud4 { type ipv4_addr; flags interval; elements = { 20.60.26.0/24 } }`,
    howToFix: `Take the addresses out, or compile the list anew from the present feed. If they are meant for something else, except them in
      the policy under a name of their own.`,
  },
  check: (context) =>
    edgeFindings(context, "too-broad", (found) => {
      if (!found.reason.stale) return undefined;
      const { label, span } = placeOf(found.by);
      return {
        message: `"${label}" opens addresses that are in no feed (any more): ${prefixesIn(found.reason.extra)} (${found.services}, ${directionWords(found.directions)})`,
        help: "take them out, or compile the list from the present feed",
        primary: span,
        amounts: amountsOf(found.reason.extra),
      };
    }),
};
