import type { Label } from "../../diagnostics/index.js";
import { placeOf } from "../blame.js";
import { directionWords, edgeFindings, hookWords } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const undecided: LintRule = {
  code: "RW4003",
  category: "policy",
  severity: "error",
  docs: {
    what: "A part of the text that decides about denied traffic was not understood, so that nobody can tell whether it passes.",
    why: `A linter that skips what it does not know says "ok" to anything. Here what was not understood counts as what it is: unknown.`,
    example: `include "/etc/firewall/site-rules"`,
    instead: `# give the included file to the linter too
ringwall lint firewall.conf site-rules`,
    howToFix: `Give the linter the files that are missing, or write the rule in a form that it reads; please report forms that devices accept
      and it does not. Where the rule is known to be harmless, suppress the finding with that reason.`,
  },
  check: (context) =>
    edgeFindings(context, "unknown", (found) => {
      const { label, span } = placeOf(found.by);
      const related: Label[] = context.configuration.diagnostics.flatMap(({ code, primary, message }) =>
        code === "RW6001" && primary !== undefined && overlaps(primary, span) ? [{ span: primary, message }] : [],
      );
      return {
        message: `whether denied traffic (${found.services}) passes ${directionWords(found.directions)}, ${hookWords(found.hooks)}, cannot be told: "${label}" was not understood`,
        help: "write it in another form, or give the files that it refers to",
        primary: span,
        related: related.slice(0, 3),
      };
    }),
};

interface Place {
  readonly source: object;
  readonly start: number;
  readonly end: number;
}

function overlaps(a: Place, b: Place | undefined): boolean {
  return b !== undefined && a.source === b.source && a.start < b.end && b.start < a.end;
}
