import { plainDraft } from "../drafts.js";
import { idleRules, removal } from "../idle-rules.js";
import type { LintRule } from "../rule.js";

export const redundantRule: LintRule = {
  code: "RW4031",
  category: "hygiene",
  severity: "note",
  docs: {
    what: `Without the rule every packet would meet the same fate: others in front of it or behind it decide the same.`,
    why: `Every rule that does nothing is one more to read in an incident. Rules that are called redundant may all be removed together.`,
    example: `-A INPUT -p tcp --dport 22 -j ACCEPT
-A INPUT -p tcp --dport 20:25 -j ACCEPT`,
    instead: `-A INPUT -p tcp --dport 20:25 -j ACCEPT`,
    howToFix: `Remove it: \`ringwall lint --fix\` does and proves that nothing changes. Where it is kept for its counter or for a reader, suppress the finding with that reason.`,
  },
  check: (context) =>
    idleRules(context)
      .filter((found) => found.idleness === "redundant")
      .map(({ written, because }) =>
        plainDraft(context.configuration, {
          message: `"${written.label}" makes no difference: without it every packet meets the same fate`,
          help: "remove it",
          primary: written.span,
          related: because,
          fix: removal(context, written, "remove the redundant rule"),
        }),
      ),
};
