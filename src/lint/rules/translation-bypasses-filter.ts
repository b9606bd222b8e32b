import { bypassesOf } from "../bypasses.js";
import type { Bypass } from "../bypasses.js";
import type { LintContext } from "../context.js";
import { packetDraft } from "../drafts.js";
import { servicesIn } from "../edge-findings.js";
import type { Draft, LintRule } from "../rule.js";

export const translationBypassesFilter: LintRule = {
  code: "RW4009",
  category: "policy",
  severity: "error",
  docs: {
    what: `Address translation rewrites packets that the policy denies, or into such packets, and the filter lets pass what comes out, or is
      not asked.`,
    why: `The filter sees what translation has made of a packet. A forwarded port 445 that becomes another port inside passes a rule that
      knows 445 alone; \`rdr pass\` and associated pass rules ask no filter at all.`,
    example: `rdr pass on wan proto tcp to port 445 -> 10.0.0.5`,
    instead: `block in quick on wan proto tcp to port 445`,
    howToFix: `Remove the translation, or bind it to the addresses that the policy excepts. Where it forwards something else to a port that
      file sharing uses, give it another port inside.`,
  },
  check: (context) => bypassesOf(context).map((bypass) => draftOf(context, bypass)),
};

function draftOf(context: LintContext, { translation, packets, spokenOf, certain, hooks }: Bypass): Draft {
  const { label, span, bypassesFilter } = translation;
  const how = bypassesFilter ? " and lets it pass without the filter" : " into something that the filter lets pass";
  return packetDraft(context, {
    message: `denied traffic (${servicesIn(context, spokenOf)}) ${certain ? "passes" : "may pass"} inbound: "${label}" rewrites it${how}`,
    help: "remove the translation, or limit it to the addresses that the policy excepts",
    primary: span,
    certainty: certain ? "must" : "may",
    packets,
    hooks,
    directions: ["inbound"],
  });
}
