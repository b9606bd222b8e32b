import type { LintRule } from "../rule.js";

/** Found when the policy itself is read, by `policyFindings`: no device has a part in it. */
export const expiredException: LintRule = {
  code: "RW2005",
  category: "exceptions",
  severity: "warning",
  docs: {
    what: "An exception of the policy is past its date. It stays in force until somebody takes it out.",
    why: "It was agreed on for a time. Closing it by itself on a date would break things at night; leaving it unsaid would keep it for ever.",
    example: `except:
  - to: migration
    expires: 2025-12-31`,
    instead: `except: []`,
    howToFix: "Remove the exception, or agree on a new date.",
  },
  check: () => [],
};
