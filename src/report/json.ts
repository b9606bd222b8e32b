import type { Code, Diagnostic, Severity, Span } from "../diagnostics/index.js";
import { codes, positionOf } from "../diagnostics/index.js";

/** A place in a file as JSON reports show it. Lines and columns start at 1; the end is exclusive. */
export interface JsonPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A diagnostic as JSON reports show it: schemas/diagnostic.schema.json. */
export interface JsonDiagnostic {
  readonly code: Code;
  /** The code's name: `yaml-syntax`. */
  readonly name: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place?: JsonPlace;
  readonly related?: readonly { readonly message: string; readonly place: JsonPlace }[];
  readonly help?: string;
}

export function jsonDiagnostic(diagnostic: Diagnostic): JsonDiagnostic {
  const { code, severity, message, primary, related, help } = diagnostic;
  return {
    code,
    name: codes[code].name,
    severity,
    message,
    ...(primary !== undefined && { place: jsonPlace(primary) }),
    ...(related !== undefined && {
      related: related.map((label) => ({ message: label.message, place: jsonPlace(label.span) })),
    }),
    ...(help !== undefined && { help }),
  };
}

export function jsonPlace(span: Span): JsonPlace {
  const start = positionOf(span.source, span.start);
  const end = positionOf(span.source, span.end);
  return { path: span.source.path, ...start, endLine: end.line, endColumn: end.column };
}
