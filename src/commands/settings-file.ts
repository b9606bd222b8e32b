import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import type { DeviceSettings, RepositorySettings } from "../jobs/repository-settings.js";
import { noSettings, readRepositorySettings, settingsFor } from "../jobs/repository-settings.js";
import { readTextFile, shownPath } from "./text-file.js";

/** A `ringwall.yaml` that was read, with whatever is wrong in it; or the lack of one. */
export interface SettingsFile {
  /** The full path; undefined where there is none. */
  readonly path?: string;
  /** From which its patterns and paths start; without a file, the folder that was asked about. */
  readonly folder: string;
  readonly settings: RepositorySettings;
  readonly diagnostics: readonly Diagnostic[];
}

export const settingsName = "ringwall.yaml";

/** `ringwall.yaml` in a folder or in one above it, up to the root of the repository. */
export function findSettings(folder: string, cwd: string): SettingsFile {
  const from = resolve(cwd, folder);
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, settingsName);
    if (existsSync(path)) return readSettings(path, cwd);
    if (existsSync(join(at, ".git")) || dirname(at) === at) return withoutSettings(from);
  }
}

/** The settings at a path, which has to be there. */
export function readSettings(path: string, cwd: string): SettingsFile {
  const full = resolve(cwd, path);
  const folder = dirname(full);
  const reading = readTextFile(full, { from: cwd, shownAs: shownPath(cwd, full) });
  if (!reading.ok) return { ...withoutSettings(folder), diagnostics: [reading.diagnostic] };
  return { path: full, folder, ...readRepositorySettings(reading.source) };
}

export function withoutSettings(folder: string): SettingsFile {
  return { folder, settings: noSettings, diagnostics: [] };
}

/** What the settings say of a file, by its full path. */
export function deviceSettingsOf(file: string, { settings, folder }: SettingsFile): DeviceSettings | undefined {
  return settingsFor(settings, pathBelow(folder, file));
}

/** A full path as patterns see it: relative to a folder, with `/`. */
export function pathBelow(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}
