import type { Source } from "../diagnostics/index.js";
import { span } from "../diagnostics/index.js";
import type { Comment } from "./inventory.js";

/** A comment as it was found: its words, and where it stands with its signs. */
export interface FoundComment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A rule, a definition, or what holds them, from its first character to its last. */
export interface Statement {
  readonly start: number;
  readonly end: number;
  /** Holds other statements: a chain, a table. Others must not overlap. */
  readonly block?: boolean;
}

/** Whether a text has comments for the linter at all: most have none, and need not be searched for statements. */
export function speaksToLinter(text: string): boolean {
  return text.includes("ringwall") || /ringwall/i.test(text);
}

/**
 * What comments speak of: the statement that they stand in, else the last that begins on their line in front of them, else
 * one that ends there, else the next one. A comment behind the last statement speaks of itself.
 *
 * Statements may come in any order; comments keep theirs.
 */
export function aboutStatements(
  source: Source,
  comments: readonly FoundComment[],
  statements: readonly Statement[],
): Comment[] {
  if (comments.length === 0) return [];
  const byStart = [...statements].sort((a, b) => a.start - b.start || b.end - a.end);
  const plain = byStart.filter((one) => one.block !== true);
  const byEnd = [...statements].sort((a, b) => a.end - b.end || b.start - a.start);
  return comments.map((comment): Comment => {
    const line = lineStart(source.text, comment.start);
    const around = lastBefore(plain, comment.start, (one) => one.start);
    const here = lastBefore(byStart, comment.start, (one) => one.start);
    const ending = lastBefore(byEnd, comment.start + 1, (one) => one.end);
    const about =
      around !== undefined && around.end >= comment.end
        ? around
        : here !== undefined && here.start >= line
          ? here
          : ending !== undefined && ending.end > line
            ? ending
            : (firstFrom(byStart, comment.end, (one) => one.start) ?? comment);
    return {
      text: comment.text,
      span: span(source, comment.start, comment.end),
      about: span(source, about.start, about.end),
    };
  });
}

function lineStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && text[start - 1] !== "\n" && text[start - 1] !== "\r") start--;
  return start;
}

/** The last whose key is below `limit`, in ascending order of the key. */
function lastBefore(
  sorted: readonly Statement[],
  limit: number,
  key: (one: Statement) => number,
): Statement | undefined {
  return sorted[firstIndexFrom(sorted, limit, key) - 1];
}

function firstFrom(
  sorted: readonly Statement[],
  limit: number,
  key: (one: Statement) => number,
): Statement | undefined {
  return sorted[firstIndexFrom(sorted, limit, key)];
}

function firstIndexFrom(sorted: readonly Statement[], limit: number, key: (one: Statement) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(sorted[middle]!) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
