import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const loadFailure: LintRule = {
  code: "RW6004",
  category: "reading",
  severity: "error",
  docs: {
    what: `The device refuses this text: it does not load, and what was loaded before stays, or nothing is loaded at all.`,
    why: `A rule set that fails to load at boot leaves many systems without any filter.`,
    example: `add element inet filter cloud4 { 10.0.0.0/8, 10.1.0.0/16 }`,
    instead: `add element inet filter cloud4 { 10.0.0.0/8 }`,
    howToFix: `Correct the text; for overlapping elements take out those that others contain, or let the set merge them.`,
  },
  check: (context) => readerFindings(context, "RW6004"),
};
