import type { Comment, IdleRule, Inventory, Source } from "../../src/vendor-kit/index.js";
import { aboutStatements, inventoryOf, linesOf, speaksToLinter } from "../../src/vendor-kit/index.js";
import { irRule } from "./device.js";
import type { Firewall } from "./firewall.js";

/** What stands in the texts of a machine besides the rules in force: rules that are disabled, and comments. */
export function inventory(sources: readonly Source[], firewall: Firewall): Inventory {
  return inventoryOf({
    definitions: () => [],
    idle: () => idleRules(firewall),
    translations: () => [],
    comments: () => sources.flatMap((source) => commentsIn(source, firewall)),
  });
}

function idleRules(firewall: Firewall): IdleRule[] {
  return firewall.rules
    .filter(({ rule, unread }) => !rule.enabled && !unread)
    .map((one) => ({
      rule: irRule(one, one.rule.action.kind === "block" ? "drop" : "accept"),
      why: "disabled",
      hooks: [one.rule.direction === "inbound" ? "input" : "output"],
    }));
}

/** Comments that have a line of their own: `#` of PowerShell, `;` of .reg files, `rem` and `::` of batch files. */
function commentsIn(source: Source, firewall: Firewall): Comment[] {
  if (!speaksToLinter(source.text)) return [];
  const found = linesOf(source).flatMap((line) => {
    const sign = /^\s*(?:#|;|rem\s|::)\s*/i.exec(line.text);
    if (sign === null) return [];
    const text = line.text.slice(sign[0].length).trimEnd();
    return [{ text, start: line.start + sign[0].search(/\S/), end: line.start + line.text.length }];
  });
  const statements = firewall.rules.flatMap(({ origin: { span } }) => (span?.source === source ? [span] : []));
  return aboutStatements(source, found, statements);
}
