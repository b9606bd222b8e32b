import { plainDraft } from "../drafts.js";
import { pairsThatDiffer } from "../pairs.js";
import type { LintRule } from "../rule.js";

export const generalisedRules: LintRule = {
  code: "RW4032",
  category: "hygiene",
  severity: "off",
  docs: {
    what: "A rule is a special case of a later one that decides otherwise.",
    why: "That is how exceptions are written, and mostly right. Who moves one of the two changes what passes.",
    example: `access-list IN extended permit tcp host 10.0.0.5 any eq 25
access-list IN extended deny tcp any any eq 25`,
    instead: `! the same, if the exception is meant`,
    howToFix: "Look whether the exception is still needed. Off unless asked for.",
  },
  check: (context) =>
    pairsThatDiffer(context)
      .filter((pair) => pair.kind === "generalised")
      .map(({ earlier, later }) =>
        plainDraft(context.configuration, {
          message: `"${earlier.label}" is an exception from a later rule that decides otherwise`,
          primary: earlier.span,
          related: [{ span: later.span, message: `the general rule: ${later.label}` }],
        }),
      ),
};
