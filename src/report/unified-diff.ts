import type { Hunk } from "./line-difference.js";
import { lineDifference } from "./line-difference.js";

/** How many lines that stay are shown around those that do not. */
const around = 3;

/**
 * The difference of a file as patch(1) and `git apply` take it; "" for equal texts. Lines keep their carriage returns.
 *
 * Source: GNU diffutils manual, "Detailed Description of Unified Format".
 */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const a = linesOf(before);
  const b = linesOf(after);
  const hunks = lineDifference(a.join("\n"), b.join("\n")).filter(
    (hunk) => hunk.removed.length + hunk.added.length > 0,
  );
  const text: string[] = [`--- a/${path}`, `+++ b/${path}`];
  let shift = 0;
  for (const group of nearTogether(hunks)) {
    const [first, last] = [group[0]!, group[group.length - 1]!];
    const from = Math.max(1, first.line - around);
    const to = Math.min(a.length, last.line + last.removed.length - 1 + around);
    const body: string[] = [];
    let at = from;
    let come = 0;
    for (const { line, removed, added } of group) {
      for (; at < line; at++) body.push(` ${a[at - 1]}`);
      const there = line - 1 + shift + come;
      // By their places: the comparison does not look at carriage returns.
      body.push(...a.slice(line - 1, line - 1 + removed.length).map((one) => `-${one}`));
      body.push(...b.slice(there, there + added.length).map((one) => `+${one}`));
      at += removed.length;
      come += added.length - removed.length;
    }
    for (; at <= to; at++) body.push(` ${a[at - 1]}`);
    const count = to - from + 1;
    text.push(
      `@@ -${count === 0 ? 0 : from},${count} +${count + come === 0 ? 0 : from + shift},${count + come} @@`,
      ...body,
    );
    shift += come;
  }
  return `${text.join("\n")}\n`;
}

/** A text that does not end with a line end is shown as if it did. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\n$/, "").split("\n");
}

function nearTogether(hunks: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const group = groups[groups.length - 1];
    const last = group?.[group.length - 1];
    if (last !== undefined && hunk.line - (last.line + last.removed.length) <= 2 * around) group!.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}
