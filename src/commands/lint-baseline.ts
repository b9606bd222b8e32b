import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Baseline, PlacedFinding } from "../lint/baseline.js";
import { baselineOf, baselineText, compareBaseline, pruned, readBaseline, replaced } from "../lint/baseline.js";
import type { Given } from "./command.js";
import type { SettingsFile } from "./settings-file.js";
import { pathBelow } from "./settings-file.js";
import { readTextFile, shownPath } from "./text-file.js";

/** What a baseline makes of the findings of a run. */
export interface Baselined<T> {
  readonly known: ReadonlySet<T>;
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface BaselineRun {
  readonly given: Given;
  readonly settings: SettingsFile;
  readonly cwd: string;
  /** Full paths of the files that were looked at. */
  readonly files: readonly string[];
}

/**
 * Compares findings with the baseline of the command line or the settings, and writes it where the command line wants
 * that. `fileOf` gives the full path of a finding's file.
 */
export function applyBaseline<T extends PlacedFinding["finding"]>(
  findings: readonly T[],
  fileOf: (finding: T) => string,
  { given, settings, cwd, files }: BaselineRun,
): Baselined<T> {
  const nothing = { known: new Set<T>(), notes: [] };
  const [write, prune] = [given.flag("write-baseline"), given.flag("prune-baseline")];
  const named = settings.settings.baseline;
  const wanted = given.text("baseline") ?? (named === undefined ? undefined : resolve(settings.folder, named.text));
  if (wanted === undefined) {
    if (!write && !prune) return { ...nothing, diagnostics: [] };
    const help = "name it: --baseline FILE, or `baseline:` in ringwall.yaml";
    return { ...nothing, diagnostics: [diagnostic("RW1007", "nobody says where the baseline is", { help })] };
  }
  const path = resolve(cwd, wanted);
  const shown = shownPath(cwd, path);
  let old: Baseline = { entries: [] };
  if (existsSync(path) || !write) {
    const reading = readTextFile(shown, {
      from: cwd,
      namedAt: given.text("baseline") === undefined ? named?.span : undefined,
    });
    if (!reading.ok) {
      const help = "write it with --write-baseline";
      return { ...nothing, diagnostics: [existsSync(path) ? reading.diagnostic : { ...reading.diagnostic, help }] };
    }
    const read = readBaseline(reading.source);
    if (read.ok) old = read.baseline;
    else if (!write) return { ...nothing, diagnostics: read.diagnostics };
  }

  const folder = dirname(path);
  const placed = findings.map((finding) => ({ finding, file: pathBelow(folder, fileOf(finding)) }));
  const looked = new Set(files.map((file) => pathBelow(folder, file)));
  const isLookedAt = (file: string): boolean => looked.has(file) || !existsSync(resolve(folder, file));
  const put = (baseline: Baseline, words: string): Pick<Baselined<T>, "notes" | "diagnostics"> => {
    const failed = writeTextFile(path, baselineText(baseline), cwd);
    return { notes: failed === undefined ? [words] : [], diagnostics: failed === undefined ? [] : [failed] };
  };
  if (write) {
    const baseline = replaced(old, baselineOf(placed), isLookedAt);
    return { known: new Set(findings), ...put(baseline, `${shown}: ${countOf(baseline)} accepted`) };
  }
  const { known, gone } = compareBaseline(old, placed, isLookedAt);
  const found = new Set(known.map((one) => one.finding));
  if (gone.length === 0) return { known: found, notes: [], diagnostics: [] };
  const count = countOf({ entries: gone });
  if (prune) return { known: found, ...put(pruned(old, gone), `${shown}: ${count} taken out`) };
  return {
    known: found,
    notes: [`${shown}: ${count} no longer found; --prune-baseline takes them out`],
    diagnostics: [],
  };
}

function countOf({ entries }: Baseline): string {
  const count = entries.reduce((sum, entry) => sum + entry.count, 0);
  return `${count} ${count === 1 ? "finding" : "findings"}`;
}

/** Writes a file whole or not at all, with its folders. Undefined when it is done. */
export function writeTextFile(file: string, text: string, cwd: string): Diagnostic | undefined {
  const path = resolve(cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) {
      const temporary = `${path}.ringwall-${process.pid}.tmp`;
      writeFileSync(temporary, text, { flag: "wx" });
      renameSync(temporary, path);
    } else {
      // It may be a device, a pipe or a link: it stays what it is.
      writeFileSync(path, text);
    }
    return undefined;
  } catch (error) {
    return diagnostic("RW1009", `cannot write ${shownPath(cwd, path)}: ${(error as Error).message}`);
  }
}
