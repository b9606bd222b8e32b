import type { Style } from "../style.js";
import { plain } from "../style.js";
import { renderDiagnostic } from "../text.js";
import { visibleLine } from "../visible.js";
import type { Entry } from "./entries.js";
import { leftOut, mostRelated, oneLine, shortLines, suppressedText } from "./entries.js";
import { factsOf } from "./facts.js";

/** An entry for people, as a diagnostic with all that a finding tells; ends with a line end. */
export function entryText(entry: Entry, style: Style = plain): string {
  const { code, severity, message, path, span, related, help, finding } = entry;
  const remarks = finding === undefined ? [] : [...factsOf(finding)];
  if (finding?.suppressed !== undefined) {
    remarks.push({ name: "suppressed", lines: [suppressedText(finding.suppressed)] });
  }
  remarks.push(...leftOut(entry));
  const shown = {
    code,
    severity,
    message,
    ...(span !== undefined && { primary: span }),
    related: related.slice(0, mostRelated).map((label) => ({ ...label, message: oneLine(label.message) })),
    ...(help !== undefined && { help: shortLines(help) }),
  };
  const named = span === undefined && path !== undefined ? `${style.bold(visibleLine(path))}: ` : "";
  return named + renderDiagnostic(shown, style, remarks);
}
