import { positionOf } from "../../diagnostics/index.js";
import { visibleLine } from "../visible.js";
import type { Entry } from "./entries.js";
import { entriesOf, suppressedText } from "./entries.js";
import type { Format } from "./format.js";
import { logLines } from "./log.js";

/** `edge1.conf:12:1: error: RW4001 message`, a line a finding. */
export const concise: Format = {
  name: "concise",
  about: "a line a finding, for editors and grep",
  write: (report) => [logLines(entriesOf(report).map(conciseLine))],
};

export function conciseLine(entry: Entry): string {
  const { severity, code, message, finding } = entry;
  const why = finding?.suppressed === undefined ? "" : ` (suppressed ${suppressedText(finding.suppressed)})`;
  return `${placeText(entry)}${severity}: ${code} ${message}${why}`;
}

function placeText({ path, span }: Entry): string {
  if (path === undefined) return "";
  if (span === undefined) return `${visibleLine(path)}: `;
  const { line, column } = positionOf(span.source, span.start);
  return `${visibleLine(path)}:${line}:${column}: `;
}
