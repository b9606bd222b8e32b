import { directionWords, edgeFindings, passLabels } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const denyNotInForce: LintRule = {
  code: "RW4008",
  category: "policy",
  severity: "error",
  docs: {
    what: "The rule that would deny what the policy denies is inactive, disabled, or in force at some times only.",
    why: `A rule that was switched off for an hour of debugging looks like a rule. Outside the hours of its schedule a denial does not
      exist.`,
    example: `access-list OUT extended deny tcp any any eq 445 inactive`,
    instead: `access-list OUT extended deny tcp any any eq 445`,
    howToFix:
      "Put the rule in force again and take the schedule from it, or remove it and say in the policy why it is not needed.",
  },
  check: (context) =>
    edgeFindings(context, "not-in-force", (found) => {
      const { rule, why } = found.reason;
      const idle = context.configuration.inventory?.idle.find((one) => one.rule === rule);
      return {
        message: `denied traffic ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)}: the rule that would stop ${found.services} is ${why}`,
        help: "put it in force, at all times",
        primary: rule.origin.span,
        related: passLabels(found),
        unsafeFix: idle?.activation && { title: "put the rule in force", edits: idle.activation },
      };
    }),
};
