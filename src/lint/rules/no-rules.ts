import { plainDraft } from "../drafts.js";
import { hasRules } from "../has-rules.js";
import type { LintRule } from "../rule.js";

export const noRules: LintRule = {
  code: "RW4012",
  category: "policy",
  severity: "error",
  docs: {
    what: "A file was taken for a configuration and has no rule at all.",
    why: `An export that failed, a template that was never filled, a file that was emptied by mistake: all of them would pass as clean if
      no rule meant no finding.`,
    example: `*filter
COMMIT`,
    instead: `*filter
:FORWARD DROP [0:0]
-A FORWARD -i lan0 -j ACCEPT
COMMIT`,
    howToFix: "Put the rules in, or leave the file out with `exclude` in ringwall.yaml.",
  },
  check(context) {
    const { configuration } = context;
    if (hasRules(configuration)) return [];
    const files = configuration.sources.map((source) => source.path).join(", ");
    return [
      plainDraft(configuration, {
        message: `there is no rule in ${files}`,
        help: "put the rules in, or exclude the file in ringwall.yaml",
        identity: "no rules",
      }),
    ];
  },
};
