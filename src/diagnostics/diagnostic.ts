import type { Code } from "./codes.js";
import { codes } from "./codes.js";
import type { Span } from "./source.js";

export type Severity = "error" | "warning" | "note";

/** A second place that explains the first. */
export interface Label {
  readonly span: Span;
  readonly message: string;
}

/**
 * Something that the user should know about an input. Bad input gives diagnostics; only a broken invariant throws.
 *
 * `message` says what is wrong and why, in one line; `help` says what to write instead.
 */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly primary?: Span;
  readonly related?: readonly Label[];
  readonly help?: string;
}

export interface DiagnosticDetails {
  readonly primary?: Span | undefined;
  readonly related?: readonly Label[] | undefined;
  readonly help?: string | undefined;
  /** Overrides the severity that the catalogue gives the code. */
  readonly severity?: Severity;
}

/** A diagnostic with the severity of the catalogue, unless the details say another. */
export function diagnostic(code: Code, message: string, details: DiagnosticDetails = {}): Diagnostic {
  return {
    code,
    severity: details.severity ?? codes[code].severity,
    message,
    ...(details.primary !== undefined && { primary: details.primary }),
    ...(details.related !== undefined && details.related.length > 0 && { related: details.related }),
    ...(details.help !== undefined && { help: details.help }),
  };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === "error");
}
