/** A text with the name under which messages show it. `path` is for people; nothing is read from it here. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A piece of a source: UTF-16 offsets, `start` inclusive, `end` exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place as editors count it: `line` and `column` start at 1, a column is one UTF-16 unit. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function span(source: Source, start: number, end: number): Span {
  return { source, start, end };
}

/** The text that `piece` covers. */
export function spanText(piece: Span): string {
  return piece.source.text.slice(piece.start, piece.end);
}

/** The place of `offset` (0 to the text's length, inclusive). A line ends with LF, CR LF, or a lone CR. */
export function positionOf(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}

/** The text of a line (counted from 1) without its line end; "" beyond the last line. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return "";
  return source.text.slice(start, starts[line] ?? source.text.length).replace(/[\r\n]+$/, "");
}

/** `path:line:column` of the span's start. */
export function spanLabel(piece: Span): string {
  const { line, column } = positionOf(piece.source, piece.start);
  return `${piece.source.path}:${line}:${column}`;
}

const lineStartsOf = new WeakMap<Source, readonly number[]>();

function lineStarts(source: Source): readonly number[] {
  let starts = lineStartsOf.get(source);
  if (starts === undefined) {
    starts = findLineStarts(source.text);
    lineStartsOf.set(source, starts);
  }
  return starts;
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  const lineEnd = /\r\n|\n|\r/g;
  while (lineEnd.exec(text) !== null) starts.push(lineEnd.lastIndex);
  return starts;
}
