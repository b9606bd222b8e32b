import type { Diagnostic, Label } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { isNoAddress, subtractAddresses } from "../net/index.js";
import type { EdgeException, EdgeRule } from "./edge.js";
import { serviceCovers } from "./services.js";

/**
 * Warns of a rule that can match no packet, because one earlier rule without exceptions decides all of them, or one of
 * its own exceptions takes all of them out. What only several together do is not looked for here.
 */
export function coverageWarnings(rule: EdgeRule, before: readonly EdgeRule[]): Diagnostic[] {
  const first = before.find((other) => other.exceptions.length === 0 && covers(other, rule));
  if (first !== undefined) {
    const label = labelAt(first, "the first match");
    return [
      nothingLeft(rule, `"${first.name}" decides all of them before`, label, "delete it, or move it above the other"),
    ];
  }
  const exception = rule.exceptions.find((one) => covers(one, rule));
  if (exception === undefined) return [];
  const label = labelAt(exception, "this exception");
  return [
    nothingLeft(rule, "one of its exceptions takes out all of it", label, "remove the rule, or narrow the exception"),
  ];
}

/** Whether every packet of the rule, its exceptions apart, is one of the wide box. */
function covers(wide: EdgeRule | EdgeException, rule: EdgeRule): boolean {
  return (
    rule.directions.every((one) => wide.directions.includes(one)) &&
    rule.families.every((one) => wide.families.includes(one)) &&
    rule.services.every((service) => wide.services.some((other) => serviceCovers(other, service))) &&
    isNoAddress(subtractAddresses(rule.from.addresses, wide.from.addresses)) &&
    isNoAddress(subtractAddresses(rule.to.addresses, wide.to.addresses))
  );
}

function labelAt({ span }: EdgeRule | EdgeException, message: string): Label[] {
  return span === undefined ? [] : [{ span, message }];
}

function nothingLeft(rule: EdgeRule, why: string, related: readonly Label[], help: string): Diagnostic {
  const message = `the rule "${rule.name}" can match no packet: ${why}`;
  return diagnostic("RW2009", message, { primary: rule.span, related, help });
}
