import { visibleLine } from "./visible.js";

/** A run of lines that were taken out at a place and others put in. */
export interface Hunk {
  /** The line of the earlier text at which it starts, counted from 1. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * Where two texts differ, line by line, in order. Empty for equal lines (the texts may still differ in line ends).
 *
 * Lines that occur once in both texts hold the comparison in place; between them what is left is one hunk, so that a
 * long list that moved does not cost the square of its length.
 *
 * Source: B. Cohen, patience diff.
 */
export function lineDifference(before: string, after: string): Hunk[] {
  const a = before.split(/\r?\n/);
  const b = after.split(/\r?\n/);
  const hunks: Hunk[] = [];
  const compare = (aFrom: number, aTo: number, bFrom: number, bTo: number): void => {
    while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) [aFrom, bFrom] = [aFrom + 1, bFrom + 1];
    while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) [aTo, bTo] = [aTo - 1, bTo - 1];
    if (aFrom === aTo && bFrom === bTo) return;
    let [x, y] = [aFrom, bFrom];
    const anchors = aFrom < aTo && bFrom < bTo ? commonAnchors(a, b, [aFrom, aTo], [bFrom, bTo]) : [];
    if (anchors.length === 0) {
      hunks.push({ line: aFrom + 1, removed: a.slice(aFrom, aTo), added: b.slice(bFrom, bTo) });
      return;
    }
    for (const [i, j] of [...anchors, [aTo, bTo] as const]) {
      compare(x, i, y, j);
      [x, y] = [i + 1, j + 1];
    }
  };
  compare(0, a.length, 0, b.length);
  return hunks;
}

/** A difference for people: at most `most` lines, then how many more there are. */
export function differenceLines(before: string, after: string, most = 20): string[] {
  const hunks = lineDifference(before, after);
  if (hunks.length === 0) return ["only the line ends differ; tell Git to keep them: `* -text` in .gitattributes"];
  const lines = hunks.flatMap(({ line, removed, added }) => [
    `@@ line ${line}`,
    ...removed.map((text) => `-${cut(text)}`),
    ...added.map((text) => `+${cut(text)}`),
  ]);
  return lines.length <= most ? lines : [...lines.slice(0, most), `... and ${lines.length - most} more lines`];
}

function cut(text: string): string {
  const shown = visibleLine(text);
  return shown.length <= 140 ? shown : `${shown.slice(0, 137)}...`;
}

/** Pairs of lines that occur once on each side, the longest run of them in ascending order. */
function commonAnchors(
  a: readonly string[],
  b: readonly string[],
  [aFrom, aTo]: readonly [number, number],
  [bFrom, bTo]: readonly [number, number],
): (readonly [number, number])[] {
  const inA = onceIn(a, aFrom, aTo);
  const inB = onceIn(b, bFrom, bTo);
  const pairs: (readonly [number, number])[] = [];
  for (const [text, i] of inA) {
    const j = inB.get(text);
    if (i >= 0 && j !== undefined && j >= 0) pairs.push([i, j]);
  }
  return longestAscending(pairs);
}

/** The place of each line, or -1 for one that occurs again. */
function onceIn(lines: readonly string[], from: number, to: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = from; i < to; i++) found.set(lines[i]!, found.has(lines[i]!) ? -1 : i);
  return found;
}

/** Of pairs in ascending order of the first number, the most whose second numbers ascend too. */
function longestAscending(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const previous = new Array<number>(pairs.length).fill(-1);
  for (let i = 0; i < pairs.length; i++) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]![1] < pairs[i]![1]) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[i] = tails[low - 1]!;
    tails[low] = i;
  }
  const result: (readonly [number, number])[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i]!) result.push(pairs[i]!);
  return result.reverse();
}
