import type { Code, Diagnostic } from "../diagnostics/index.js";
import type { LintContext } from "./context.js";
import { plainDraft } from "./drafts.js";
import type { Draft } from "./rule.js";

/** What the reader of the configuration said under one code. */
export function readerFindings({ configuration }: LintContext, code: Code): Draft[] {
  return configuration.diagnostics
    .filter((one) => one.code === code)
    .filter((one, index, all) => all.findIndex((other) => isSame(one, other)) === index)
    .map(({ message, help, primary, related = [] }) =>
      plainDraft(configuration, { message, help, primary, related, identity: message }),
    );
}

/** A reader that makes several rules of one statement may say the same of each. */
function isSame(a: Diagnostic, b: Diagnostic): boolean {
  return a.message === b.message && a.primary?.source === b.primary?.source && a.primary?.start === b.primary?.start;
}
