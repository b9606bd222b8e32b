import type { Definition } from "../../vendor-kit/inventory.js";
import type { LintContext } from "../context.js";
import { plainDraft } from "../drafts.js";
import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const unusedDefinition: LintRule = {
  code: "RW4035",
  category: "hygiene",
  severity: "note",
  docs: {
    what: "A set, chain, list, object or schedule that nothing refers to.",
    why: "It looks like a part of the rules and is none. Somebody will maintain it for years.",
    example: `object-group network OLD-PRINTERS
 network-object 10.9.0.0 255.255.0.0`,
    instead: `! removed`,
    howToFix:
      "Remove it: `ringwall lint --fix` does, and proves that nothing changes. Or refer to it where it was meant to be used.",
  },
  check(context) {
    const { configuration } = context;
    return (configuration.inventory?.definitions ?? [])
      .filter((one) => one.uses === 0 && !isToldOtherwise(context, one))
      .map(({ kind, name, span, removal }) =>
        plainDraft(configuration, {
          message: `nothing refers to the ${kind} ${name}`,
          help: "remove it, or refer to it where it was meant to be used",
          primary: span,
          fix: removal && { title: `remove the ${kind} ${name}`, edits: removal },
        }),
      );
  },
};

/** A list that is bound nowhere is a finding of its own, of the reader or because it would stop something. */
function isToldOtherwise(context: LintContext, { span, filter }: Definition): boolean {
  if (filter === undefined) return false;
  const places = [
    ...readerFindings(context, "RW6003").map((one) => one.primary),
    ...context.violations().map(({ reason }) => (reason.kind === "not-bound" ? reason.span : undefined)),
  ];
  return places.some((place) => place?.source === span.source && place.start === span.start);
}
