import type { Code } from "../diagnostics/index.js";
import type { LintContext } from "./context.js";
import { plainDraft } from "./drafts.js";
import type { Draft } from "./rule.js";

/** What the reader of the configuration said under one code. */
export function readerFindings({ configuration }: LintContext, code: Code): Draft[] {
  return configuration.diagnostics
    .filter((one) => one.code === code)
    .map(({ message, help, primary, related = [] }) =>
      plainDraft(configuration, { message, help, primary, related, identity: message }),
    );
}
