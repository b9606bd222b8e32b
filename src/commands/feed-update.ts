import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Held, LockedFeed, LockedFile } from "../feeds/index.js";
import { azureArrival, filesOf, office365Version, plainAddress, replacementOf } from "../feeds/index.js";
import type { ArrivedFeed, ArrivedFile, Fetched, HeldFeed, Machine, Office365Fetched, Web } from "../fetch/index.js";
import {
  arrivedAzure,
  arrivedOffice365,
  failure,
  fetchAzure,
  fetchOffice365,
  knownVersion,
  limits,
  mebibyte,
  withHeldOff,
  withVersion,
} from "../fetch/index.js";
import { sha256 } from "../library/files.js";
import { readLockedFile } from "../library/lock.js";
import type { FeedChange, ReportedFeed } from "../report/index.js";
import { readTextFile, shownPath } from "./files.js";
import type { Io } from "./io.js";
import type { LockFile } from "./lock-file.js";
import { readerOfLock } from "./lock-file.js";
import type { WantedUpdate } from "./wanted-feeds.js";

/** What becomes of one feed. Nothing of it is written yet; nothing is meant to be when there are errors. */
export interface Update {
  readonly feed: ReportedFeed;
  /** What the lock is to say of it. */
  readonly locked: LockedFeed;
  /** What is to be written, relative to the lock. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface UpdateOptions {
  readonly web: Web;
  readonly machine: Machine;
  readonly file: LockFile;
  readonly io: Io;
  readonly allowOlder: boolean;
}

/** Fetches one feed and decides what becomes of it; with what the machine has to remember of that. */
export async function updateOf(
  wanted: WantedUpdate,
  options: UpdateOptions,
): Promise<{ readonly update: Update; readonly machine: Machine }> {
  const { file, io } = options;
  const readFile = readerOfLock(file, io.cwd);
  const intact = wanted.held !== undefined && filesOf(wanted.held).every((one) => readLockedFile(one, readFile).ok);
  const fetched = await fetchedFor(wanted, intact, options);
  const machine = remembered(options.machine, wanted, fetched, io);
  return { update: decided(wanted, intact, fetched, options), machine };
}

async function fetchedFor(wanted: WantedUpdate, intact: boolean, options: UpdateOptions): Promise<Office365Fetched> {
  const { web, machine, io, allowOlder } = options;
  const { kind, of, from, name } = wanted;
  if (from.kind === "file") return fetchedFile(wanted, from.path, io);
  const held: HeldFeed | undefined = intact ? wanted.held : undefined;
  if (kind === "azure") return fetchAzure(web, { cloud: of, from: from.url, hosts: from.hosts, held });
  const known = knownVersion(machine, versionKey(wanted), io.now());
  // Without the changes beside them, the endpoints are fetched once more.
  const whole = wanted.held?.kind === "office365" && wanted.held.changes !== undefined;
  return fetchOffice365(web, {
    name,
    instance: of,
    from: from.url,
    hosts: from.hosts,
    client: machine.client,
    known,
    held: whole || from.url.pathname.endsWith(".json") ? held : undefined,
    allowOlder,
  });
}

function remembered(machine: Machine, wanted: WantedUpdate, fetched: Office365Fetched, io: Io): Machine {
  const now = io.now();
  const asked =
    fetched.latest !== undefined && knownVersion(machine, versionKey(wanted), now) === undefined
      ? withVersion(machine, versionKey(wanted), fetched.latest, now)
      : machine;
  return fetched.kind === "failed" && fetched.heldOff !== undefined
    ? withHeldOff(asked, fetched.heldOff.host, fetched.heldOff.until)
    : asked;
}

function versionKey({ from, of }: WantedUpdate): string {
  return from.kind === "web" ? `${plainAddress(from.url)} ${of}` : "";
}

/** A file that somebody downloaded by hand. */
function fetchedFile({ kind, of }: WantedUpdate, path: string, io: Io): Fetched {
  const what = kind === "azure" ? `the service-tag file of Azure ${of}` : `the endpoints of Office 365 ${of}`;
  const full = resolve(io.cwd, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found?.isFile() === true && found.size > limits.file) {
    return failure(
      what,
      `${path} is larger than ${limits.file / mebibyte} MiB, which no such file has ever been`,
      "name another file",
    );
  }
  const reading = readTextFile(path, { from: io.cwd });
  if (!reading.ok) return { kind: "failed", diagnostic: reading.diagnostic };
  // What is kept is the text, and it has to give the same bytes again.
  if (sha256(reading.source.text) !== reading.sha256) {
    return failure(what, `${path} is not UTF-8`, "take it as it was served");
  }
  const origin: Pick<ArrivedFile, "source"> = { source: `file:${basename(full)}` };
  return kind === "azure" ? arrivedAzure(reading, of, origin) : arrivedOffice365(reading, undefined, of, origin);
}

function decided(wanted: WantedUpdate, intact: boolean, fetched: Fetched, options: UpdateOptions): Update {
  const { name, kind, of, path } = wanted;
  const { file, io, allowOlder } = options;
  const shown = shownPath(io.cwd, resolve(file.folder, path));
  const outcome = (
    change: FeedChange,
    version: string,
    locked: LockedFeed,
    rest: Partial<Pick<Update, "files" | "diagnostics">> & { readonly before?: string | undefined } = {},
  ): Update => ({
    feed: { name, kind, of, change, version, ...(rest.before !== undefined && { before: rest.before }), file: shown },
    locked,
    files: rest.files ?? [],
    diagnostics: rest.diagnostics ?? [],
  });
  switch (fetched.kind) {
    case "failed":
      return outcome("current", "", wanted.held!, { diagnostics: [fetched.diagnostic] });
    case "current":
      return outcome("current", fetched.version, wanted.held!);
    case "arrived": {
      const { feed } = fetched;
      const there = wanted.held === undefined ? foundFile(wanted, file) : undefined;
      const held = wanted.held ?? (there === "unreadable" ? undefined : there);
      const arrived: Held = { version: feed.version, sha256: feed.file.sha256 };
      const replacement = replacementOf(name, held, arrived, { allowOlder });
      const locked = lockedAs(wanted, feed, replacement.kind === "same", io);
      const files = filesToWrite(wanted, feed);
      const before = held?.version === feed.version ? undefined : held?.version;
      switch (replacement.kind) {
        case "refused":
          return outcome("current", "", locked, { diagnostics: [replacement.diagnostic] });
        case "first":
          return outcome("added", feed.version, locked, {
            files,
            diagnostics: there === "unreadable" ? [noFeedThere(shown)] : [],
          });
        case "same":
          if (intact && sameFiles(wanted.held!, locked)) return outcome("current", feed.version, locked);
          return outcome(wanted.held === undefined ? "added" : intact ? "updated" : "restored", feed.version, locked, {
            files,
          });
        case "newer":
          return outcome("updated", feed.version, locked, { files, before });
        case "older":
          return outcome("went-back", feed.version, locked, { files, before });
        case "republished":
          return outcome("republished", feed.version, locked, {
            files,
            diagnostics: [republished(name, feed.version)],
          });
      }
    }
  }
}

/** A feed at the place of a new one, that no lock names yet: it must not be replaced by an older one either. */
function foundFile({ kind, of, path }: WantedUpdate, { folder }: LockFile): Held | "unreadable" | undefined {
  if (statSync(resolve(folder, path), { throwIfNoEntry: false }) === undefined) return undefined;
  const reading = readTextFile(path, { from: folder });
  if (!reading.ok) return "unreadable";
  if (kind === "azure") {
    const read = azureArrival(reading, of);
    return read.ok ? { version: read.version, sha256: reading.sha256 } : "unreadable";
  }
  const version = office365Version(reading);
  return version === undefined ? "unreadable" : { version, sha256: reading.sha256 };
}

function lockedAs(wanted: WantedUpdate, feed: ArrivedFeed, same: boolean, io: Io): LockedFeed {
  const { held, of, path, changesPath } = wanted;
  const fetched = `${io.now().toISOString().slice(0, 19)}Z`;
  // The same bytes keep what was written down when they came first: a lock changes only when a feed does.
  const own =
    same && held !== undefined
      ? { ...lockedFile(path, held), version: held.version, fetched: held.fetched }
      : { ...lockedFile(path, feed.file), version: feed.version, fetched };
  if (wanted.kind === "azure") return { kind: "azure", cloud: of, ...own };
  const before = held?.kind === "office365" ? held.changes : undefined;
  const changes = feed.changes === undefined ? before : lockedFile(changesPath, feed.changes);
  return { kind: "office365", instance: of, ...own, ...(changes !== undefined && { changes }) };
}

function lockedFile(file: string, { sha256, source, etag }: Omit<LockedFile, "file">): LockedFile {
  return { file, sha256, source, ...(etag !== undefined && { etag }) };
}

function filesToWrite({ path, changesPath }: WantedUpdate, { file, changes }: ArrivedFeed): Update["files"] {
  return [{ path, text: file.text }, ...(changes === undefined ? [] : [{ path: changesPath, text: changes.text }])];
}

function sameFiles(a: LockedFeed, b: LockedFeed): boolean {
  const digests = (feed: LockedFeed): string =>
    filesOf(feed)
      .map(({ sha256 }) => sha256)
      .join(" ");
  return digests(a) === digests(b);
}

function noFeedThere(shown: string): Diagnostic {
  return diagnostic("RW5010", `${shown} was no feed that could be read, and is replaced`, {
    help: "version control has what was there",
  });
}

function republished(name: string, version: string): Diagnostic {
  return diagnostic("RW5010", `${name}: other bytes were served under the same version ${version}`, {
    help: "its publisher corrects files now and then; ringwall feeds diff shows what it is this time",
  });
}
