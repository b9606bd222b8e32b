import { dirname, resolve } from "node:path";
import { digestProblem } from "../feeds/index.js";
import type { ReadFile } from "../library/files.js";
import { findLock, lockedAt } from "./lock-file.js";
import { readTextFile, shownPath } from "./text-file.js";

export { isDirectory, readTextFile, shownPath } from "./text-file.js";
export type { ReadFileOptions } from "./text-file.js";

/**
 * Files that a policy names, relative to the folder of the policy. What a lock beside the policy or above it names has to
 * be what the lock says; where the lock cannot be read, nobody knows, and no file is given.
 */
export function readerBeside(policy: string, cwd: string): ReadFile {
  const from = dirname(resolve(cwd, policy));
  const lock = findLock(from, cwd);
  return (path, namedAt) => {
    const full = resolve(from, path);
    const shownAs = shownPath(cwd, full);
    const reading = readTextFile(path, { from, namedAt, shownAs });
    if (!reading.ok || lock.kind === "absent") return reading;
    if (lock.kind === "unusable") {
      const named =
        namedAt === undefined ? [] : [{ span: namedAt, message: `so that nobody knows what ${path} has to be` }];
      return { ok: false, diagnostic: { ...lock.diagnostic, related: named } };
    }
    const locked = lockedAt(lock.file, full);
    const problem = locked === undefined ? undefined : digestProblem(shownAs, locked, reading.sha256, namedAt);
    return problem === undefined ? reading : { ok: false, diagnostic: problem };
  };
}
