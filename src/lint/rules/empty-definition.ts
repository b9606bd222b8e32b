import { plainDraft } from "../drafts.js";
import type { LintRule } from "../rule.js";

export const emptyDefinition: LintRule = {
  code: "RW4036",
  category: "hygiene",
  severity: "note",
  docs: {
    what: "A set, list or object that is referred to and holds nothing.",
    why: `What an empty set matches depends on the vendor: nothing, or everything. Often the import
      that should have filled it failed.`,
    example: `set blocked { type ipv4_addr; }
ip saddr @blocked drop`,
    instead: `set blocked { type ipv4_addr; elements = { 192.0.2.7 } }
ip saddr @blocked drop`,
    howToFix:
      "Fill it, or remove it with what refers to it. One that a program fills while the device runs may be suppressed with that reason.",
  },
  check: ({ configuration }) =>
    (configuration.inventory?.definitions ?? [])
      // Programs write chains for others to fill; a jump to one of them that is empty changes nothing.
      .filter((one) => one.uses > 0 && one.empty === true && one.kind !== "chain")
      .map(({ kind, name, span }) =>
        plainDraft(configuration, {
          message: `the ${kind} ${name} is used and holds nothing`,
          help: "fill it, or remove it with what refers to it",
          primary: span,
        }),
      ),
};
