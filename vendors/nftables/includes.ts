import type { Source } from "../../src/vendor-kit/index.js";
import { tokenize } from "./lexer.js";

/**
 * The sources that `include "wanted"` in a text means, in the order in which nft reads them: alphabetically for a pattern.
 *
 * A path beside the including file is taken first. Else those whose folders are the most like the wanted ones, counted
 * from the file upwards: a repository's `roles/fw/nftables.d/` stands for `/etc/nftables.d/`.
 *
 * Source: nft(8), "INCLUDE FILES".
 */
export function includedBy(includer: Source, wanted: string, sources: readonly Source[]): Source[] {
  const target = segmentsOf(wanted);
  const pattern = target.at(-1);
  if (pattern === undefined) return [];
  const folders = target.slice(0, -1);
  const others = sources.filter((source) => source !== includer && fits(pattern, segmentsOf(source.path).at(-1) ?? ""));
  const base = segmentsOf(includer.path).slice(0, -1);
  const beside = wanted.startsWith("/") ? undefined : resolved([...base, ...folders]);
  const exact =
    beside === undefined ? [] : others.filter((source) => isSame(segmentsOf(source.path).slice(0, -1), beside));
  if (exact.length > 0) return inOrder(exact);
  const wantedFolders = resolved(folders);
  let best = isPattern(pattern) && wantedFolders.length > 0 ? 1 : 0;
  let found: Source[] = [];
  for (const source of others) {
    const likeness = commonEnd(wantedFolders, segmentsOf(source.path).slice(0, -1));
    if (likeness < best) continue;
    if (likeness > best) found = [];
    best = likeness;
    found.push(source);
  }
  // One file of a name is as good as another then: the one that stands beside the includer.
  if (!isPattern(pattern) && found.length > 1) {
    const near = found.filter((source) => isSame(segmentsOf(source.path).slice(0, -1), base));
    return near.length > 0 ? near.slice(0, 1) : found.slice(0, 1);
  }
  return inOrder(found);
}

/** What the `include` commands of a text name. */
export function includesOf(source: Source): string[] {
  if (!source.text.includes("include")) return [];
  const tokens = tokenize(source);
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    return token.kind === "word" && token.text === "include" && next?.kind === "string" ? [next.text] : [];
  });
}

function segmentsOf(path: string): string[] {
  return path
    .replaceAll("\\", "/")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");
}

function resolved(segments: readonly string[]): string[] {
  const result: string[] = [];
  for (const segment of segments) {
    if (segment === ".." && result.length > 0) result.pop();
    else result.push(segment);
  }
  return result;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((segment, i) => fits(b[i]!, segment));
}

function commonEnd(wanted: readonly string[], there: readonly string[]): number {
  let count = 0;
  while (
    count < wanted.length &&
    count < there.length &&
    fits(wanted[wanted.length - 1 - count]!, there[there.length - 1 - count]!)
  ) {
    count++;
  }
  return count;
}

function isPattern(segment: string): boolean {
  return /[*?[]/.test(segment);
}

/** Whether a name fits a pattern of glob(7) with `*`, `?` and `[…]`; linear in both but for the stars. */
function fits(pattern: string, name: string): boolean {
  if (!isPattern(pattern)) return pattern === name;
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const parts = pattern.match(/\[!?\]?[^\]]*\]|\*|\?|[^]/g) ?? [];
  let part = 0;
  let at = 0;
  let star = -1;
  let mark = 0;
  while (at < name.length) {
    const one = parts[part];
    if (one === "*") {
      star = part++;
      mark = at;
    } else if (one !== undefined && fitsOne(one, name[at]!)) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++mark;
    } else return false;
  }
  while (parts[part] === "*") part++;
  return part === parts.length;
}

function fitsOne(part: string, letter: string): boolean {
  if (part === "?") return true;
  if (part.length < 3 || !part.startsWith("[")) return part === letter;
  const isNegated = part[1] === "!";
  const inner = part.slice(isNegated ? 2 : 1, -1);
  let found = false;
  for (let i = 0; i < inner.length; i++) {
    if (inner[i + 1] === "-" && i + 2 < inner.length) {
      found ||= inner[i]! <= letter && letter <= inner[i + 2]!;
      i += 2;
    } else found ||= inner[i] === letter;
  }
  return found !== isNegated;
}

function inOrder(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
