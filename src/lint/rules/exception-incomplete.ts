import { amountsOf, prefixesIn } from "../amounts.js";
import { packetDraft } from "../drafts.js";
import { directionWords, servicesIn } from "../edge-findings.js";
import { blockedExceptions } from "../blocked.js";
import { placeOf } from "../blame.js";
import type { LintRule } from "../rule.js";

export const exceptionIncomplete: LintRule = {
  code: "RW4022",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "Some of the addresses that the policy excepts pass, and others do not: ranges that the feed has gained are missing.",
    why: `Clouds add ranges every week. A share that moves to one of them stops working on the day it moves, for reasons that nobody sees.`,
    example: `set cloud4 { type ipv4_addr; flags interval; elements = { 20.60.26.0/24 } }`,
    instead: `set cloud4 { type ipv4_addr; flags interval; elements = { 20.60.26.0/24, 20.60.130.0/24 } }`,
    howToFix:
      "Compile the list from the present feed: `ringwall compile`, or `ringwall exceptions` for the list alone.",
  },
  check: (context) =>
    blockedExceptions(context)
      .filter((found) => found.partly)
      .map((found) => {
        const { label, span } = placeOf(found.by);
        return packetDraft(context, {
          message: `the exception is not complete: traffic (${servicesIn(context, found.packets)}) is blocked ${directionWords([found.direction])} for ${prefixesIn(found.addresses)} by "${label}"`,
          help: "add the missing ranges to the list of the exception",
          primary: span,
          certainty: found.certain ? "must" : "may",
          packets: found.packets,
          hooks: [found.hook],
          directions: [found.direction],
          amounts: amountsOf(found.addresses),
        });
      }),
};
