import type { Diagnostic, Label, Severity, Span } from "../diagnostics/index.js";
import { lineText, positionOf } from "../diagnostics/index.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { displayWidth, visible, visibleLine, visiblePath } from "./visible.js";

/**
 * Diagnostics for people: place, message, the line with a caret below the piece that is meant, the other places that
 * explain it, and what to do. A blank line stands between two of them; "" for none.
 *
 * ```
 * policy.yaml:41:11: warning: rule "allow-web-again" is shadowed by "allow-web" [RW4001]
 *    |
 * 41 |   - name: allow-web-again
 *    |           ^^^^^^^^^^^^^^^
 *    = first match at policy.yaml:12:5
 *    = help: delete it, or move it above "allow-web"
 * ```
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style = plain): string {
  return diagnostics.map((one) => renderDiagnostic(one, style)).join("\n");
}

/** As {@link renderDiagnostics}, at most `most` of them, the worst first; a line says how many were left out. */
export function renderSome(diagnostics: readonly Diagnostic[], most: number, style: Style = plain): string {
  if (diagnostics.length <= most) return renderDiagnostics(diagnostics, style);
  const worst = (["error", "warning", "note"] as const).flatMap((severity) =>
    diagnostics.filter((one) => one.severity === severity),
  );
  return `${renderDiagnostics(worst.slice(0, most), style)}\nand ${diagnostics.length - most} more; --json shows all\n`;
}

/** What is told of a diagnostic between its message and its help: a name, and lines that stand below each other. */
export interface Remark {
  readonly name: string;
  readonly lines: readonly string[];
}

/** One diagnostic; ends with a line end. The remarks stand before the other places. */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  style: Style = plain,
  remarks: readonly Remark[] = [],
): string {
  const { primary, related = [], help } = diagnostic;
  const place = primary === undefined ? "" : `${style.bold(placeOf(primary))}: `;
  const severity = severityStyle(style, diagnostic.severity)(`${diagnostic.severity}:`);
  const lines = [`${place}${severity} ${visibleLine(diagnostic.message)} ${style.faint(`[${diagnostic.code}]`)}`];

  const gutter = primary === undefined ? 0 : String(positionOf(primary.source, primary.start).line).length;
  if (primary !== undefined) lines.push(...excerpt(primary, gutter, style, severityStyle(style, diagnostic.severity)));
  const indent = " ".repeat(gutter + 1);
  for (const remark of remarks) lines.push(...remarkLines(remark, indent, style));
  for (const label of related) lines.push(`${indent}${style.faint("=")} ${relatedLine(label)}`);
  if (help !== undefined) lines.push(...helpLines(help, indent, style));
  return lines.map((line) => `${line}\n`).join("");
}

/** `path:line:column` of a span, the way editors and terminals make it a link. */
export function placeOf(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  return `${visiblePath(span.source.path)}:${line}:${column}`;
}

/** `2 errors and 1 warning`; "" when there are none of either. Notes do not count. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const counts = (["error", "warning"] as const).flatMap((severity) => {
    const count = diagnostics.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return counts.join(" and ");
}

function severityStyle(style: Style, severity: Severity): (text: string) => string {
  return severity === "error" ? style.error : severity === "warning" ? style.warning : style.note;
}

function relatedLine(label: Label): string {
  return `${visibleLine(label.message)} at ${placeOf(label.span)}`;
}

function remarkLines({ name, lines }: Remark, indent: string, style: Style): string[] {
  const [first = "", ...more] = lines.map(visibleLine);
  const below = `${indent}${" ".repeat(name.length + 4)}`;
  return [`${indent}${style.faint("=")} ${name}: ${first}`, ...more.map((line) => below + line)];
}

function helpLines(help: string, indent: string, style: Style): string[] {
  const [first, ...more] = visible(help).split("\n");
  return [
    `${indent}${style.faint("=")} ${style.bold("help:")} ${first}`,
    ...more.map((line) => `${indent}        ${line}`.trimEnd()),
  ];
}

/** Lines of a base64 blob or of JSON without line ends are longer than anybody reads: this much of them is shown. */
const widest = 160;

/** The line of the span's start; a span that goes on below is underlined to the end of its first line. */
function excerpt(span: Span, gutter: number, style: Style, emphasis: (text: string) => string): string[] {
  const { line, column } = positionOf(span.source, span.start);
  const text = lineText(span.source, line);
  const from = Math.min(column - 1, text.length);
  const to = Math.min(Math.max(span.end - span.start + from, from), text.length);

  const { shown, start, end } = cutAround(text, from, to);
  const before = tabsToSpaces(visible(shown.slice(0, start)));
  const marked = tabsToSpaces(visible(shown.slice(start, end)), displayWidth(before));
  const after = tabsToSpaces(visible(shown.slice(end)), displayWidth(before) + displayWidth(marked));

  const bar = style.faint("|");
  const empty = `${" ".repeat(gutter)} ${bar}`;
  const caret = " ".repeat(displayWidth(before)) + emphasis("^".repeat(Math.max(1, displayWidth(marked))));
  return [empty, `${style.faint(String(line))} ${bar} ${before}${marked}${after}`.trimEnd(), `${empty} ${caret}`];
}

/** The part of a line that is worth showing, with `start` and `end` counted in it. */
function cutAround(text: string, start: number, end: number): { shown: string; start: number; end: number } {
  if (text.length <= widest) return { shown: text, start, end };
  const left = Math.max(0, Math.min(start - widest / 4, text.length - widest));
  const right = Math.min(text.length, left + widest);
  const head = left > 0 ? "..." : "";
  const tail = right < text.length ? "..." : "";
  const shift = head.length - left;
  return {
    shown: head + text.slice(left, right) + tail,
    start: start + shift,
    end: Math.min(end, right) + shift,
  };
}

/** Tab stops every four columns: the caret must stand below what it points at on every terminal. */
function tabsToSpaces(text: string, column = 0): string {
  if (!text.includes("\t")) return text;
  let result = "";
  for (const character of text) {
    result += character === "\t" ? " ".repeat(4 - ((column + displayWidth(result)) % 4)) : character;
  }
  return result;
}
