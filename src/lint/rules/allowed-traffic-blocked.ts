import { amountsOf, prefixesIn } from "../amounts.js";
import { packetDraft } from "../drafts.js";
import { directionWords, hookWords, servicesIn } from "../edge-findings.js";
import { blockedExceptions } from "../blocked.js";
import { placeOf } from "../blame.js";
import type { LintRule } from "../rule.js";

export const allowedTrafficBlocked: LintRule = {
  code: "RW4002",
  category: "policy",
  severity: "warning",
  docs: {
    what: "The policy permits or excepts traffic, and nothing of it passes.",
    why: `Whoever wrote the exception needs it: cloud file shares do not mount. Sooner or later somebody opens more than was asked for to
      make it work.`,
    example: `-A FORWARD -p tcp --dport 445 -j DROP`,
    instead: `-A FORWARD -p tcp --dport 445 -m set --match-set storage-westeurope dst -j ACCEPT
-A FORWARD -p tcp --dport 445 -j DROP`,
    howToFix: "Let the excepted addresses pass in front of the denial, or take the exception out of the policy.",
  },
  check: (context) =>
    blockedExceptions(context)
      .filter((found) => !found.partly)
      .map((found) => {
        const { label, span } = placeOf(found.by);
        return packetDraft(context, {
          message: `allowed traffic (${servicesIn(context, found.packets)}) is blocked ${directionWords([found.direction])}, ${hookWords([found.hook])}, by "${label}": ${prefixesIn(found.addresses)}`,
          help: "let it pass in front of this rule, or take the exception out of the policy",
          primary: span,
          certainty: found.certain ? "must" : "may",
          packets: found.packets,
          hooks: [found.hook],
          directions: [found.direction],
          amounts: amountsOf(found.addresses),
        });
      }),
};
