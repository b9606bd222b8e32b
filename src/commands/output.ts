import { lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Encoding } from "../vendor-kit/vendor.js";
import { shownPath } from "./files.js";
import { decode } from "./text-file.js";

/** A file to write, below the output folder, with `/`. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
  /** UTF-8 by default. */
  readonly encoding?: Encoding;
  readonly executable: boolean;
}

export type Change =
  | { readonly kind: "created"; readonly file: OutputFile }
  | {
      readonly kind: "updated";
      readonly file: OutputFile;
      readonly before: string;
      readonly bytes: Buffer;
      readonly modeOnly: boolean;
    }
  | { readonly kind: "unchanged"; readonly file: OutputFile }
  /** A file of an earlier run that no target writes any more. */
  | { readonly kind: "removed"; readonly path: string; readonly bytes: Buffer };

export type Planning =
  { readonly ok: true; readonly changes: readonly Change[] } | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * What writing `files` below `folder` would change. Nothing is touched.
 *
 * `owned` are the sub-folders in which files of an earlier run, known by their header, are removed when they are not
 * written again: a stale one could be loaded by mistake.
 */
export function planOutput(
  folder: string,
  files: readonly OutputFile[],
  owned: readonly string[],
  cwd: string,
): Planning {
  try {
    const changes: Change[] = files.map((file) => changeOf(folder, file));
    const kept = new Set(files.map((file) => file.path));
    for (const sub of owned) {
      for (const path of filesBelow(folder, sub)) {
        if (kept.has(path)) continue;
        const bytes = readFileSync(join(folder, path));
        if (isOurs(decode(bytes))) changes.push({ kind: "removed", path, bytes });
      }
    }
    return { ok: true, changes };
  } catch (error) {
    return { ok: false, diagnostic: unwritable(folder, error, cwd) };
  }
}

/**
 * Makes the changes, all or none: every text is written to a file of its own beside its place, and only when all are
 * there they take their places. Undefined when it is done.
 */
export function writeOutput(folder: string, changes: readonly Change[], cwd: string): Diagnostic | undefined {
  const folders: string[] = [];
  const prepared: { readonly change: Change & { file: OutputFile }; readonly temporary: string }[] = [];
  const made: Change[] = [];
  try {
    for (const change of changes) {
      if (change.kind !== "created" && change.kind !== "updated") continue;
      const place = placeOf(folder, change.file.path);
      const first = mkdirSync(dirname(place), { recursive: true });
      if (first !== undefined) folders.push(first);
      const temporary = join(dirname(place), `.ringwall-${process.pid}-${prepared.length}.tmp`);
      prepared.push({ change, temporary });
      writeNew(temporary, bytesOf(change.file), change.file.executable);
    }
    for (const { change, temporary } of prepared) {
      renameSync(temporary, placeOf(folder, change.file.path));
      made.push(change);
    }
    for (const change of changes) {
      if (change.kind !== "removed") continue;
      rmSync(placeOf(folder, change.path));
      made.push(change);
    }
    return undefined;
  } catch (error) {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
    for (const change of made) undo(folder, change);
    for (const first of folders) rmSync(first, { recursive: true, force: true });
    const { path } = error as NodeJS.ErrnoException;
    const meant = prepared.find(({ temporary }) => temporary === path)?.change.file.path;
    return unwritable(folder, error, cwd, meant === undefined ? undefined : join(folder, meant));
  }
}

/** Whether a text says of itself that Ringwall wrote it; see headerLines in vendor-kit. */
export function isOurs(text: string): boolean {
  return /\bwritten by ringwall \d/.test(text.slice(0, 4096));
}

function changeOf(folder: string, file: OutputFile): Change {
  const place = placeOf(folder, file.path);
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found === undefined) return { kind: "created", file };
  if (found.isDirectory()) throw new OutputProblem(place, "there is a folder of that name");
  if (found.isSymbolicLink()) throw new OutputProblem(place, leadsAway);
  const bytes = readFileSync(place);
  const modeOnly = bytes.equals(bytesOf(file));
  // Windows keeps no execute bit.
  const sameMode = process.platform === "win32" || ((found.mode & 0o100) !== 0) === file.executable;
  if (modeOnly && sameMode) return { kind: "unchanged", file };
  return { kind: "updated", file, before: decode(bytes), bytes, modeOnly };
}

const leadsAway = "it is a symbolic link, and what is written has to stay below the output folder";

/** The full path, if no symbolic link on the way leads somewhere else. The output folder itself may be one. */
function placeOf(folder: string, path: string): string {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    throw new Error(`not a path below the output: ${path}`);
  for (let i = 1; i < parts.length; i++) {
    const sub = join(folder, ...parts.slice(0, i));
    if (lstatSync(sub, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new OutputProblem(sub, leadsAway);
    }
  }
  return join(folder, ...parts);
}

function filesBelow(folder: string, sub: string): string[] {
  const found = lstatSync(join(folder, sub), { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return [];
  return readdirSync(join(folder, sub), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort();
}

/** "wx" neither follows a link nor takes a file that is there already; the umask narrows the mode. */
function writeNew(path: string, bytes: Buffer, executable: boolean): void {
  writeFileSync(path, bytes, { flag: "wx", mode: executable ? 0o777 : 0o666 });
}

/** What a file holds. A byte order mark stands in its text, where it has one. */
export function bytesOf({ text, encoding = "utf8" }: Pick<OutputFile, "text" | "encoding">): Buffer {
  return Buffer.from(text, encoding);
}

/** As far as it goes: the disk has just refused something. */
function undo(folder: string, change: Change): void {
  try {
    if (change.kind === "created") rmSync(join(folder, change.file.path), { force: true });
    if (change.kind === "updated") restore(join(folder, change.file.path), change.bytes, change.file.executable);
    if (change.kind === "removed") restore(join(folder, change.path), change.bytes, false);
  } catch {
    // The first error is the one to tell.
  }
}

function restore(place: string, bytes: Buffer, executable: boolean): void {
  rmSync(place, { force: true });
  writeNew(place, bytes, executable);
}

class OutputProblem extends Error {
  readonly place: string;
  constructor(place: string, why: string) {
    super(why);
    this.place = place;
  }
}

/** `meant` is the file whose temporary one it was. */
function unwritable(folder: string, error: unknown, cwd: string, meant?: string): Diagnostic {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof OutputProblem) && code === undefined) throw error;
  const place = error instanceof OutputProblem ? error.place : (meant ?? path ?? folder);
  return diagnostic("RW1009", `cannot write ${shownPath(cwd, place)}: ${explainWriteError(code, message)}`, {
    help: "nothing was written; --out names another folder",
  });
}

function explainWriteError(code: string | undefined, message: string): string {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "the permission is missing";
    case "EROFS":
      return "the disk is read-only";
    case "ENOSPC":
      return "the disk is full";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of the path is a file, not a folder";
    case "ENOENT":
      return "there is no such folder, and it cannot be made";
    case "EISDIR":
      return "there is a folder of that name";
    default:
      return message;
  }
}
