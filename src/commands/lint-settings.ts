import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import type { LintPolicy } from "../library/lint-policy.js";
import { lintPolicy } from "../library/lint-policy.js";
import { sha256 } from "../library/files.js";
import type { Given } from "./command.js";
import { readTextFile, readerBeside } from "./files.js";
import type { Io } from "./io.js";
import { shownFile } from "./lint-files.js";
import type { SettingsFile } from "./settings-file.js";
import { findSettings, readSettings, withoutSettings } from "./settings-file.js";

/** The settings and policies of a run, each read once. */
export interface LintSurroundings {
  settingsOf(folder: string): SettingsFile;
  /** The number of the policy that files with these settings are judged by; undefined where it cannot be read. */
  policyFor(settings: SettingsFile): number | undefined;
  readonly policies: readonly RunPolicy[];
  /** Of all settings and policies that were asked for. */
  diagnostics(): readonly Diagnostic[];
}

export interface RunPolicy extends LintPolicy {
  /** What its meaning depends on. */
  readonly digest: string;
}

export function surroundings(given: Given, io: Io, today: string): LintSurroundings {
  const byFolder = new Map<string, SettingsFile>();
  const byPath = new Map<string, SettingsFile>();
  const policies: RunPolicy[] = [];
  const numbers = new Map<string, number | undefined>();
  const policyProblems: Diagnostic[] = [];

  const only = given.text("config");
  const fixed = given.flag("no-config")
    ? withoutSettings(io.cwd)
    : only === undefined
      ? undefined
      : readSettings(only, io.cwd);

  const load = (path: string | undefined, settings: SettingsFile): number | undefined => {
    const namedAt = given.text("policy") === undefined ? settings.settings.policy?.span : undefined;
    const reading = path === undefined ? undefined : readTextFile(shownFile(io.cwd, path), { from: io.cwd, namedAt });
    if (reading !== undefined && !reading.ok) {
      policyProblems.push(reading.diagnostic);
      return undefined;
    }
    const read = lintPolicy(reading?.source, readerBeside(path ?? resolve(io.cwd, "policy.yaml"), io.cwd), today);
    if (!read.ok) {
      policyProblems.push(...read.diagnostics);
      return undefined;
    }
    const { source, edge } = read.policy;
    const digest = sha256(JSON.stringify([source.path, source.text, ...edge.feeds.map((feed) => feed.sha256)]));
    return policies.push({ ...read.policy, digest }) - 1;
  };

  return {
    policies,
    settingsOf(folder) {
      const known = fixed ?? byFolder.get(folder);
      if (known !== undefined) return known;
      const found = findSettings(folder, io.cwd);
      // One object for each file: what has the same settings is seen by that.
      const own = found.path === undefined ? found : (byPath.get(found.path) ?? found);
      if (own.path !== undefined) byPath.set(own.path, own);
      byFolder.set(folder, own);
      return own;
    },
    policyFor(settings) {
      const wanted = given.text("policy");
      const named = settings.settings.policy?.text;
      const path =
        wanted !== undefined
          ? resolve(io.cwd, wanted)
          : named === undefined
            ? undefined
            : resolve(settings.folder, named);
      const key = path ?? "";
      if (!numbers.has(key)) numbers.set(key, load(path, settings));
      return numbers.get(key);
    },
    diagnostics: () => [
      ...(fixed?.diagnostics ?? []),
      ...[...byPath.values()].flatMap((one) => one.diagnostics),
      ...policyProblems,
    ],
  };
}
