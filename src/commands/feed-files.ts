import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { AnyFeed, FeedText, LockedFeed } from "../feeds/index.js";
import { lockFileName } from "../feeds/index.js";
import { readFeed } from "../library/feeds.js";
import type { LockedReading } from "../library/lock.js";
import { lockedFeed, readLockedFile } from "../library/lock.js";
import type { Option } from "./command.js";
import { readTextFile } from "./files.js";
import type { Io } from "./io.js";
import type { LockFile } from "./lock-file.js";
import { findLock, readerOfLock } from "./lock-file.js";

/** `--feed`, where one feed is read. */
export const feedOption: Option = {
  name: "feed",
  kind: "text",
  value: "FILE",
  about: `read this file, or the feed of this name in the lock; by default the one in ${lockFileName}`,
};

/** `--feed`, where several are read. */
export const feedsOption: Option = {
  ...feedOption,
  kind: "list",
  value: "FILE",
  about: `read these files, or feeds of these names in the lock; by default every feed in ${lockFileName}`,
};

export type FeedsReading =
  | { readonly ok: true; readonly feeds: readonly AnyFeed[]; readonly lock: LockFile | undefined }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * The feeds that the command line names, by files or by names in the lock. Without words: every feed of the lock, or of
 * one kind the one that the lock has.
 */
export function readFeeds(words: readonly string[], kind: LockedFeed["kind"] | undefined, io: Io): FeedsReading {
  const found = findLock(io.cwd, io.cwd);
  // A lock that cannot be read matters only to those who need it.
  if (found.kind === "unusable" && words.every((word) => existsSync(resolve(io.cwd, word))) && words.length === 0) {
    return { ok: false, diagnostics: [found.diagnostic] };
  }
  const lock = found.kind === "found" ? found.file : undefined;
  if (words.length === 0 && lock === undefined) return { ok: false, diagnostics: [noFeed(kind)] };

  const texts =
    words.length > 0
      ? words.map((word) => textNamed(word, lock, io))
      : kind !== undefined
        ? [fromLock({ kind }, lock!, io)]
        : [...lock!.lock.feeds].map(([name, feed]) => fromLock({ kind: feed.kind, name }, lock!, io));
  const readings = texts.map((text) => ("code" in text ? { ok: false as const, problem: text } : readFeed(text)));
  const problems = readings.flatMap((reading) => (reading.ok ? [] : [reading.problem]));
  if (problems.length > 0) return { ok: false, diagnostics: problems };
  return { ok: true, feeds: readings.flatMap((reading) => (reading.ok ? [reading.feed] : [])), lock };
}

/** The changes that Office 365 has announced, where the lock has them beside the feed of these bytes. */
export function changesBeside(feed: AnyFeed, lock: LockFile | undefined, io: Io): FeedText | undefined {
  const locked = [...(lock?.lock.feeds.values() ?? [])].find((one) => one.sha256 === feed.sha256);
  if (lock === undefined || locked?.kind !== "office365" || locked.changes === undefined) return undefined;
  const reading = readLockedFile(locked.changes, readerOfLock(lock, io.cwd));
  return reading.ok ? { source: reading.source, sha256: reading.sha256 } : undefined;
}

function textNamed(word: string, lock: LockFile | undefined, io: Io): FeedText | Diagnostic {
  const inLock = lock?.lock.feeds.get(word);
  if (inLock !== undefined && !existsSync(resolve(io.cwd, word))) {
    return fromLock({ kind: inLock.kind, name: word }, lock!, io);
  }
  const reading = readTextFile(word, { from: io.cwd });
  if (reading.ok) return { source: reading.source, sha256: reading.sha256 };
  const names = [...(lock?.lock.feeds.keys() ?? [])];
  const near = didYouMean(word, names);
  return near === "" ? reading.diagnostic : { ...reading.diagnostic, message: reading.diagnostic.message + near };
}

function fromLock(
  wanted: { readonly kind: LockedFeed["kind"]; readonly name?: string },
  lock: LockFile,
  io: Io,
): FeedText | Diagnostic {
  const reading: LockedReading = lockedFeed(lock.lock, wanted, readerOfLock(lock, io.cwd));
  return reading.ok ? reading.text : reading.diagnostic;
}

function noFeed(kind: LockedFeed["kind"] | undefined): Diagnostic {
  return diagnostic("RW5011", `no feed is named, and there is no ${lockFileName} here or above`, {
    help: `name a file with --feed, or fetch one with ringwall feeds update ${kind ?? "azure"}`,
  });
}
