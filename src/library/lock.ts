import type { Diagnostic } from "../diagnostics/index.js";
import type { FeedText, Lock, LockedFeed, LockedFile, WantedFeed } from "../feeds/index.js";
import { digestProblem, feedInLock } from "../feeds/index.js";
import type { FileReading, ReadFile } from "./files.js";

export { lockFileName, lockText, readLock } from "../feeds/index.js";
export type { Lock, LockReading, LockedFeed, LockedFile, WantedFeed } from "../feeds/index.js";

export type LockedReading =
  | { readonly ok: true; readonly name: string; readonly feed: LockedFeed; readonly text: FeedText }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * The text of a locked feed: the one of that name, else the one that is named like its kind, else the only one of its
 * kind. `readFile` gets the paths of the lock, which are relative to its folder. Bytes that the lock does not name are an
 * error.
 */
export function lockedFeed(lock: Lock, wanted: WantedFeed, readFile: ReadFile): LockedReading {
  const found = feedInLock(lock, wanted);
  if ("code" in found) return { ok: false, diagnostic: found };
  const reading = readLockedFile(found.feed, readFile);
  return reading.ok
    ? { ok: true, ...found, text: { source: reading.source, sha256: reading.sha256 } }
    : { ok: false, diagnostic: reading.diagnostic };
}

/** One file of a feed, such as its changes, with the same check. */
export function readLockedFile(file: LockedFile, readFile: ReadFile): FileReading {
  const reading = readFile(file.file);
  if (!reading.ok) return reading;
  const problem = digestProblem(reading.source.path, file, reading.sha256);
  return problem === undefined ? reading : { ok: false, diagnostic: problem };
}
