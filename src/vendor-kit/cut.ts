import type { Edit, Span } from "../diagnostics/index.js";
import { span } from "../diagnostics/index.js";

/**
 * Cuts out a piece of text with its lines: indentation, what `behind` allows after it (a comment), and the line's end.
 * Undefined where something else stands on those lines.
 */
export function cutLines(piece: Span, behind = /^[ \t]*$/): Edit | undefined {
  const { text } = piece.source;
  let start = piece.start;
  while (start > 0 && (text[start - 1] === " " || text[start - 1] === "\t")) start--;
  if (start > 0 && text[start - 1] !== "\n" && text[start - 1] !== "\r") return undefined;
  let end = piece.end;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  if (!behind.test(text.slice(piece.end, end))) return undefined;
  if (text[end] === "\r" && text[end + 1] === "\n") end += 2;
  else if (end < text.length) end++;
  return { span: span(piece.source, start, end), text: "" };
}
