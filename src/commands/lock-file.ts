import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import type { Lock, LockedFile } from "../feeds/index.js";
import { filesOf, lockFileName, readLock } from "../feeds/index.js";
import type { ReadFile } from "../library/files.js";
import { readTextFile, shownPath } from "./text-file.js";

/** The lock of a folder, found or named. */
export interface LockFile {
  /** The full path of the lock file. */
  readonly path: string;
  /** Its folder, from which its paths start. */
  readonly folder: string;
  readonly lock: Lock;
}

export type LockFileReading =
  | { readonly kind: "found"; readonly file: LockFile }
  | { readonly kind: "absent" }
  | { readonly kind: "unusable"; readonly diagnostic: Diagnostic };

/** The lock in a folder or in one above it, up to the root of the repository. */
export function findLock(folder: string, cwd: string): LockFileReading {
  for (let at = resolve(cwd, folder); ; at = dirname(at)) {
    const path = join(at, lockFileName);
    if (existsSync(path)) return readLockFile(path, cwd);
    if (existsSync(join(at, ".git")) || dirname(at) === at) return { kind: "absent" };
  }
}

/** The lock at a path. A file that does not exist is `absent`. */
export function readLockFile(path: string, cwd: string): LockFileReading {
  const full = resolve(cwd, path);
  if (!existsSync(full)) return { kind: "absent" };
  const reading = readTextFile(full, { from: cwd, shownAs: shownPath(cwd, full) });
  if (!reading.ok) return { kind: "unusable", diagnostic: reading.diagnostic };
  const read = readLock(reading.source);
  return read.ok
    ? { kind: "found", file: { path: full, folder: dirname(full), lock: read.lock } }
    : { kind: "unusable", diagnostic: read.diagnostic };
}

/** Reads the files that a lock names: what `lockedFeed` of the library wants. */
export function readerOfLock({ folder }: Pick<LockFile, "folder">, cwd: string): ReadFile {
  return (path, namedAt) =>
    readTextFile(path, { from: folder, namedAt, shownAs: shownPath(cwd, resolve(folder, path)) });
}

/** What the lock says of a file, by the file's full path. Links and the disk's idea of case do not get around it. */
export function lockedAt({ folder, lock }: LockFile, path: string): LockedFile | undefined {
  const real = realPath(path);
  return [...lock.feeds.values()].flatMap(filesOf).find(({ file }) => realPath(join(folder, file)) === real);
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
