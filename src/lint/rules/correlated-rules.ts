import { plainDraft } from "../drafts.js";
import { pairsThatDiffer } from "../pairs.js";
import type { LintRule } from "../rule.js";

export const correlatedRules: LintRule = {
  code: "RW4033",
  category: "hygiene",
  severity: "off",
  docs: {
    what: "Two rules with different verdicts overlap, and neither contains the other: their order decides about what they share.",
    why: "Who sorts or moves such rules changes what passes, without a word of theirs changing.",
    example: `access-list IN extended permit tcp host 10.0.0.5 any
access-list IN extended deny tcp any any eq 25`,
    instead: `access-list IN extended deny tcp any any eq 25
access-list IN extended permit tcp host 10.0.0.5 any`,
    howToFix: "Make sure that the order is meant. Off unless asked for.",
  },
  check: (context) =>
    pairsThatDiffer(context)
      .filter((pair) => pair.kind === "correlated")
      .map(({ earlier, later }) =>
        plainDraft(context.configuration, {
          message: `"${earlier.label}" overlaps with a later rule that decides otherwise: the order decides`,
          primary: earlier.span,
          related: [{ span: later.span, message: `overlaps: ${later.label}` }],
        }),
      ),
};
