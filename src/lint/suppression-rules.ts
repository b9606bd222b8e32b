import type { LintRule } from "./rule.js";

/** What is looked for in suppressions themselves, behind all other rules, because only then one knows what they did. */
export const suppressionRules: readonly Omit<LintRule, "check">[] = [
  {
    code: "RW4050",
    category: "reading",
    severity: "warning",
    docs: {
      what: "A suppression for which there is nothing to suppress.",
      why: "The finding that it was written for is gone, or it stands at the wrong rule. It stays behind as a hole: the next finding of that kind at the same place is hidden by a reason that was never given for it.",
      example: "# ringwall: ignore[RW4038] the lab is open on purpose\n-A FORWARD -i wan0 -p tcp --dport 22 -j ACCEPT",
      instead: "-A FORWARD -i wan0 -p tcp --dport 22 -j ACCEPT",
      howToFix:
        "Remove it, or move it to the line of the rule that it is about, or in front of it. It is not reported where only a part was asked about (--family), nor for a rule that is off.",
    },
  },
  {
    code: "RW4051",
    category: "reading",
    severity: "error",
    docs: {
      what: "A suppression without a reason, or one that cannot be read.",
      why: "It suppresses nothing, though whoever wrote it believes that it does. The reason is what lets somebody else judge, a year later, whether it still holds.",
      example: "# ringwall: ignore[RW4038]\n-A FORWARD -i lab0 -j ACCEPT",
      instead: "# ringwall: ignore[RW4038] the lab is open on purpose, CHG-1234\n-A FORWARD -i lab0 -j ACCEPT",
      howToFix:
        "Write `ringwall: ignore[RULE, ...] reason`, with the rules by code or by name. `until=YYYY-MM-DD` in front of the reason ends it after that day; `ignore-file` is about the whole file.",
    },
  },
  {
    code: "RW4052",
    category: "reading",
    severity: "warning",
    docs: {
      what: "A suppression that is past its date.",
      why: "It was meant to end, and it has: what it hid is reported again. Nothing opens or closes by it.",
      example: "# ringwall: ignore[RW4038] until=2025-12-31 until the printers move\n-A FORWARD -i prn0 -j ACCEPT",
      instead: "-A FORWARD -i prn0 -p tcp --dport 631 -j ACCEPT",
      howToFix: "Mend what it hides and remove it, or, after another look, give it another date.",
    },
  },
];
