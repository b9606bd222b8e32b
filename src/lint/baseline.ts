import type { Code, Diagnostic, Source } from "../diagnostics/index.js";
import { codes, diagnostic } from "../diagnostics/index.js";
import type { Finding } from "./finding.js";

/**
 * Findings that were there when the linter was switched on, and do not count. What makes a finding the same as one of
 * them is its rule, its file and its identity: moved lines do not matter, a second finding like it does.
 */
export interface Baseline {
  /** In the order of the file, no two alike. */
  readonly entries: readonly BaselineEntry[];
}

export interface BaselineEntry {
  readonly code: Code;
  /** Relative to the folder of the baseline, with `/`. */
  readonly file: string;
  readonly identity: string;
  /** How many findings are alike in all this; at least one. */
  readonly count: number;
}

export type BaselineReading =
  | { readonly ok: true; readonly baseline: Baseline }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What the baseline is compared by: a finding, by the path of its file as the baseline has it. */
export interface PlacedFinding {
  readonly finding: Pick<Finding, "code" | "identity">;
  readonly file: string;
}

export interface BaselineComparison<T extends PlacedFinding> {
  /** In their order. */
  readonly known: readonly T[];
  readonly fresh: readonly T[];
  /** What is no longer found, of files that were looked at. */
  readonly gone: readonly BaselineEntry[];
}

/** Tells findings that the baseline has from those that it has not; of alike ones the first are the known ones. */
export function compareBaseline<T extends PlacedFinding>(
  baseline: Baseline,
  found: readonly T[],
  looksAt: (file: string) => boolean,
): BaselineComparison<T> {
  const left = new Map(baseline.entries.map((entry) => [keyOf(entry), entry.count]));
  const known: T[] = [];
  const fresh: T[] = [];
  for (const one of found) {
    const key = keyOf({ ...one.finding, file: one.file });
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    (count > 0 ? known : fresh).push(one);
  }
  const gone = baseline.entries.flatMap((entry) => {
    const count = left.get(keyOf(entry)) ?? 0;
    return count > 0 && looksAt(entry.file) ? [{ ...entry, count }] : [];
  });
  return { known, fresh, gone };
}

/** The baseline that has exactly these findings. */
export function baselineOf(found: readonly PlacedFinding[]): Baseline {
  const entries = new Map<string, BaselineEntry>();
  for (const { finding, file } of found) {
    const entry = { code: finding.code, file, identity: finding.identity };
    const count = (entries.get(keyOf(entry))?.count ?? 0) + 1;
    entries.set(keyOf(entry), { ...entry, count });
  }
  return { entries: [...entries.values()].sort(inOrder) };
}

/** The baseline without what is no longer found. */
export function pruned(baseline: Baseline, gone: readonly BaselineEntry[]): Baseline {
  const less = new Map(gone.map((entry) => [keyOf(entry), entry.count]));
  return {
    entries: baseline.entries
      .map((entry) => ({ ...entry, count: entry.count - (less.get(keyOf(entry)) ?? 0) }))
      .filter(({ count }) => count > 0)
      .sort(inOrder),
  };
}

/** Two baselines of different files in one: `of` tells which of the old entries are replaced. */
export function replaced(old: Baseline, now: Baseline, of: (file: string) => boolean): Baseline {
  return { entries: [...old.entries.filter((entry) => !of(entry.file)), ...now.entries].sort(inOrder) };
}

/** JSON with an entry a line, sorted, so that a change of it reads well. */
export function baselineText({ entries }: Baseline): string {
  const lines = entries.map(({ code, file, identity, count }) =>
    JSON.stringify({ rule: `${code} ${codes[code].name}`, file, identity, ...(count > 1 && { count }) }),
  );
  return `{\n  "version": 1,\n  "findings": [${lines.map((line) => `\n    ${line}`).join(",")}${lines.length > 0 ? "\n  " : ""}]\n}\n`;
}

/** Reads what {@link baselineText} writes. */
export function readBaseline(source: Source): BaselineReading {
  const refuse = (why: string): BaselineReading => ({
    ok: false,
    diagnostics: [
      diagnostic("RW1011", `${source.path} is no baseline: ${why}`, {
        help: "write it anew with ringwall lint --write-baseline",
      }),
    ],
  });
  let read: unknown;
  try {
    read = JSON.parse(source.text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (typeof read !== "object" || read === null) return refuse("it is no JSON object");
  const { version, findings } = read as { readonly version?: unknown; readonly findings?: unknown };
  if (version !== 1) return refuse(`its version is ${JSON.stringify(version) ?? "not given"}, and only 1 exists`);
  if (!Array.isArray(findings)) return refuse("it has no list of findings");
  const entries: BaselineEntry[] = [];
  for (const [index, one] of findings.entries()) {
    const entry = entryOf(one);
    if (entry === undefined) return refuse(`entry ${index + 1} lacks a rule, a file or an identity`);
    entries.push(entry);
  }
  return { ok: true, baseline: { entries } };
}

function entryOf(value: unknown): BaselineEntry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { rule, file, identity, count = 1 } = value as Readonly<Record<string, unknown>>;
  if (typeof rule !== "string" || typeof file !== "string" || typeof identity !== "string") return undefined;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1) return undefined;
  const code = rule.split(" ", 1)[0]!;
  return Object.hasOwn(codes, code) ? { code: code as Code, file, identity, count } : undefined;
}

function keyOf({ code, file, identity }: Omit<BaselineEntry, "count">): string {
  return JSON.stringify([code, file, identity]);
}

function inOrder(a: BaselineEntry, b: BaselineEntry): number {
  return compare(a.file, b.file) || compare(a.code, b.code) || compare(a.identity, b.identity);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
