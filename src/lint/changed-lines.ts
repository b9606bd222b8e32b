import type { Span } from "../diagnostics/index.js";
import { positionOf } from "../diagnostics/index.js";
import type { Finding } from "./finding.js";

/** What became of a file since a revision, by its path. A file that is not among them has not changed. */
export type Changes = ReadonlyMap<string, FileChanges>;

export interface FileChanges {
  /** Ranges of lines, from 1, both ends in, in ascending order: lines that are new or other, and neighbours of removed ones. */
  readonly lines: readonly LineRange[];
  /** Whether lines went away: what they did may be missing anywhere. */
  readonly removes: boolean;
}

export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** A file that was not there before. */
export const newFile: FileChanges = { lines: [{ first: 1, last: Infinity }], removes: false };

/**
 * Whether a finding is of the change: its place, or one that explains it, is among the changed lines. What lines that
 * are gone may have caused counts too, or a removed denial would be nobody's: findings about packets, and those without a
 * place, where lines of their files went away.
 *
 * `changesOf` gives the changes of a file by its path as sources have it, and `files` are those of the finding's device.
 */
export function isOfChange(
  finding: Finding,
  files: readonly string[],
  changesOf: (file: string) => FileChanges | undefined,
): boolean {
  const places = [
    ...(finding.primary === undefined ? [] : [finding.primary]),
    ...finding.related.map((one) => one.span),
  ];
  if (places.some((place) => touches(place, changesOf(place.source.path)))) return true;
  const aboutPackets = finding.directions.length > 0 || finding.hooks.length > 0 || finding.witness !== undefined;
  if (finding.primary !== undefined && !aboutPackets) return false;
  return files.map(changesOf).some((changes) => changes !== undefined && (changes.removes || changes === newFile));
}

function touches({ source, start, end }: Span, changes: FileChanges | undefined): boolean {
  if (changes === undefined) return false;
  if (changes === newFile) return true;
  const first = positionOf(source, start).line;
  const last = positionOf(source, Math.max(start, end - 1)).line;
  return changes.lines.some((range) => range.first <= last && first <= range.last);
}

/**
 * Reads what `git diff --unified=0` prints, with the prefixes `a/` and `b/`. Files that went away are left out.
 *
 * Source: git-diff(1), "Generating patch text with -p" and "combined diff format".
 */
export function readPatch(patch: string): Changes {
  const changes = new Map<string, FileChanges>();
  let path: string | undefined;
  let lines: LineRange[] = [];
  let removes = false;
  const keep = (): void => {
    if (path !== undefined) changes.set(path, { lines, removes });
    path = undefined;
    lines = [];
    removes = false;
  };
  const text = patch.split("\n");
  for (let at = 0; at < text.length; at++) {
    const line = text[at]!;
    if (line.startsWith("diff --git ")) keep();
    else if (line.startsWith("+++ ")) path = pathIn(line.slice(4));
    else if (line.startsWith("@@ ")) {
      const [, before = "1", start = "0", after = "1"] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
      const [gone, first, come] = [Number(before), Number(start), Number(after)];
      // Where nothing came, `start` is the line in front of what went.
      lines.push(come > 0 ? { first, last: first + come - 1 } : { first, last: first + 1 });
      removes ||= gone > 0;
      // What follows is content, whatever it looks like; a line with a backslash says that a line end is missing.
      for (let content = gone + come; content > 0 && at + 1 < text.length;) {
        if (!text[++at]!.startsWith("\\")) content--;
      }
    }
  }
  keep();
  return changes;
}

/** `b/edge1.conf`, in quotes as C writes them where it has odd characters; a tab ends a name with spaces. */
function pathIn(word: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(word)?.[1];
  const path = quoted === undefined ? word.replace(/\t.*$/, "") : unquoted(quoted);
  return path.startsWith("b/") ? path.slice(2) : undefined;
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

function unquoted(text: string): string {
  const bytes = [...text.matchAll(/\\([0-7]{3}|.)|[^\\]+/gs)].flatMap(([piece, escape]) =>
    escape === undefined
      ? [...new TextEncoder().encode(piece)]
      : [escape.length === 3 ? parseInt(escape, 8) : (escapes[escape] ?? escape.charCodeAt(0))],
  );
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
