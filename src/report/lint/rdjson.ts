import type { Edit, Fix, Source, Span } from "../../diagnostics/index.js";
import { applyEdits, positionOf } from "../../diagnostics/index.js";
import type { Entry } from "./entries.js";
import { entriesOf, shortLines } from "./entries.js";
import { factLines } from "./facts.js";
import type { Format, FormatEnv } from "./format.js";
import { jsonText } from "./json-text.js";
import { repositoryPath } from "./places.js";
import { rulePage } from "./rule-uri.js";

/**
 * The diagnostic format of reviewdog, which comments on pull requests of many services and offers fixes there. Columns
 * are counted in bytes of UTF-8.
 *
 * Source: reviewdog, proto/rdf (DiagnosticResult).
 */
export const rdjson: Format = {
  name: "rdjson",
  about: "the diagnostic format of reviewdog, with suggestions",
  write: (report, env) => {
    const { name, informationUri } = report.tool;
    const entries = entriesOf(report).filter((one) => one.finding?.suppressed === undefined);
    return [
      jsonText({
        source: { name, ...(informationUri !== undefined && { url: informationUri }) },
        diagnostics: entries.map((entry) => diagnosticOf(entry, rulePage(report, entry.code), env)),
      }),
    ];
  },
};

const severityNames = { error: "ERROR", warning: "WARNING", note: "INFO" } as const;

function diagnosticOf(entry: Entry, url: string | undefined, env: FormatEnv): object {
  const { code, severity, message, help, path, span, finding } = entry;
  const lines = [
    message,
    ...(finding === undefined ? [] : factLines(finding)),
    ...(help === undefined ? [] : [`help: ${shortLines(help)}`]),
  ];
  const suggestions = finding?.fix === undefined || span === undefined ? [] : suggestionsOf(finding.fix, span.source);
  return {
    message: lines.join("\n"),
    location: {
      path: path === undefined ? "" : repositoryPath(path, env),
      ...(span !== undefined && { range: rangeOf(span) }),
    },
    severity: severityNames[severity],
    code: { value: code, ...(url !== undefined && { url }) },
    ...(suggestions.length > 0 && { suggestions }),
  };
}

/**
 * A fix as one replacement, since each suggestion is offered, and taken, by itself. None where the fix touches other
 * files too, or reaches over more lines than anybody reviews.
 */
function suggestionsOf({ edits }: Fix, source: Source): object[] {
  const starts = edits.map((edit) => edit.span.start);
  const ends = edits.map((edit) => edit.span.end);
  if (edits.length === 0 || edits.some((edit) => edit.span.source !== source)) return [];
  const whole: Span = { source, start: Math.min(...starts), end: Math.max(...ends) };
  if (positionOf(source, whole.end).line - positionOf(source, whole.start).line > 50) return [];
  return [{ range: rangeOf(whole), text: replaced(whole, edits) }];
}

function replaced({ source, start, end }: Span, edits: readonly Edit[]): string {
  const after = applyEdits(source, edits);
  return after.slice(start, after.length - (source.text.length - end));
}

function rangeOf({ source, start, end }: Span): object {
  return { start: bytePosition(source, start), end: bytePosition(source, end) };
}

function bytePosition(source: Source, offset: number): { readonly line: number; readonly column: number } {
  const { line, column } = positionOf(source, offset);
  const before = source.text.slice(offset - column + 1, offset);
  return { line, column: new TextEncoder().encode(before).length + 1 };
}
