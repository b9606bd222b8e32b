import { plainDraft } from "../drafts.js";
import { idleRules, removal } from "../idle-rules.js";
import type { LintRule } from "../rule.js";

export const shadowedRule: LintRule = {
  code: "RW4030",
  category: "hygiene",
  severity: "warning",
  docs: {
    what: `Rules in front of it decide all of the rule's packets, some of them otherwise: it never has a say.`,
    why: `Somebody wrote it to stop or to open something, and it does neither. All rules in front count together, not only each by itself.`,
    example: `access-list IN extended permit tcp any any range 1 1023
access-list IN extended deny tcp any any eq 23`,
    instead: `access-list IN extended deny tcp any any eq 23
access-list IN extended permit tcp any any range 1 1023`,
    howToFix: `Move it in front of the rules that take its packets where it was meant to hold; else remove it.`,
  },
  check: (context) =>
    idleRules(context)
      .filter(({ idleness }) => idleness === "shadowed")
      .map(({ written, because }) => {
        const isFirstMatch = written.uses.every(({ chain }) => chain.order === "first-match");
        return plainDraft(context.configuration, {
          message: `"${written.label}" never has a say: ${isFirstMatch ? "rules in front of it" : "other rules"} decide all of its packets otherwise`,
          help: isFirstMatch
            ? "move it in front of them, or remove it"
            : "let it come later, make it quick, or remove it",
          primary: written.span,
          related: because,
          fix: removal(context, written, "remove the shadowed rule"),
        });
      }),
};
