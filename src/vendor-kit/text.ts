import type { Source, Span } from "../diagnostics/index.js";
import { span } from "../diagnostics/index.js";

/**
 * Text from a policy or feed as one line of printable ASCII for a comment or a remark: line ends, controls and
 * characters beyond ASCII (look-alike quotes, direction marks) become spaces or `?`, runs of spaces one space.
 *
 * Cut to `most` characters, with `...` as the last three where something was cut.
 */
export function plainLine(text: string, most = 200): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[^\x20-\x7e]/gu, "?")
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 3)}...`;
}

/** A line of a source with where it stands; `text` is without the line end. */
export interface Line {
  readonly text: string;
  readonly start: number;
  /** Counted from 1. */
  readonly number: number;
}

/** The lines of a text. LF, CR LF and a lone CR end a line. */
export function linesOf(source: Source): Line[] {
  const lines: Line[] = [];
  const lineEnd = /\r\n|\n|\r/g;
  let start = 0;
  for (;;) {
    const found = lineEnd.exec(source.text);
    const end = found === null ? source.text.length : found.index;
    if (found !== null || end > start)
      lines.push({ text: source.text.slice(start, end), start, number: lines.length + 1 });
    if (found === null) return lines;
    start = lineEnd.lastIndex;
  }
}

export function lineSpan(source: Source, line: Line): Span {
  return span(source, line.start, line.start + line.text.length);
}

/** The text of a line as an origin's label: without indentation, at most 120 characters. */
export function labelOf(text: string): string {
  const plain = text.trim();
  return plain.length <= 120 ? plain : `${plain.slice(0, 117)}...`;
}

/** Whether a text is XML or HTML: a report or a page may quote a configuration on lines of its own, and is none. */
export function isMarkup(text: string): boolean {
  return /^\uFEFF?\s*<[!?a-z]/i.test(text.slice(0, 1000));
}
