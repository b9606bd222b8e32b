import { plainDraft } from "../drafts.js";
import { idleRules, removal } from "../idle-rules.js";
import type { LintRule } from "../rule.js";

export const deadRule: LintRule = {
  code: "RW4034",
  category: "hygiene",
  severity: "note",
  docs: {
    what: `No packet that the rule speaks of ever comes to it: its conditions exclude each other or what leads to its chain.`,
    why: `It looks like protection or like a hole, and is neither.`,
    example: `-A INPUT -o eth0 -j DROP`,
    instead: `-A OUTPUT -o eth0 -j DROP`,
    howToFix: `Put it into the chain where such packets pass, or remove it.`,
  },
  check: (context) =>
    idleRules(context)
      .filter((found) => found.idleness === "dead")
      .map(({ written, because }) =>
        plainDraft(context.configuration, {
          message: `no packet ever comes to "${written.label}"`,
          help: "put it where such packets pass, or remove it",
          primary: written.span,
          related: because,
          fix: removal(context, written, "remove the dead rule"),
        }),
      ),
};
