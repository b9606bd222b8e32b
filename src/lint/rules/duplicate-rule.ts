import { plainDraft } from "../drafts.js";
import { idleRules, removal } from "../idle-rules.js";
import type { LintRule } from "../rule.js";

export const duplicateRule: LintRule = {
  code: "RW4037",
  category: "hygiene",
  severity: "note",
  docs: {
    what: `The same rule stands in front of it already.`,
    why: `Changed in one place and not in the other, the two will say different things one day.`,
    example: `-A FORWARD -p tcp --dport 445 -j DROP
-A FORWARD -p tcp --dport 445 -j DROP`,
    instead: `-A FORWARD -p tcp --dport 445 -j DROP`,
    howToFix: `Remove one of them.`,
  },
  check: (context) =>
    idleRules(context)
      .filter((found) => found.idleness === "duplicate")
      .map(({ written, because }) =>
        plainDraft(context.configuration, {
          message: `"${written.label}" stands there twice`,
          help: "remove one of them",
          primary: written.span,
          related: because,
          fix: removal(context, written, "remove the second one"),
        }),
      ),
};
