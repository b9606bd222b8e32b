import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean, span } from "../diagnostics/index.js";
import { jsonErrorOffset } from "./json-error.js";

/**
 * What `ringwall.lock.json` holds: which bytes of which feeds a repository works with, so that every machine compiles the
 * same. It belongs into the repository, beside or above the policies; `ringwall feeds update` writes it.
 *
 * Format: schemas/lock.schema.json.
 */
export interface Lock {
  /** By name, in the order of the names. No two of their files have the same path. */
  readonly feeds: ReadonlyMap<string, LockedFeed>;
}

export type LockedFeed = LockedAzure | LockedOffice365;

export interface LockedAzure extends LockedFile {
  readonly kind: "azure";
  /** As the file writes it: `Public`. */
  readonly cloud: string;
  /** The file's changeNumber: `397`. */
  readonly version: string;
  readonly fetched: string;
}

export interface LockedOffice365 extends LockedFile {
  readonly kind: "office365";
  /** As the web service writes it: `Worldwide`. */
  readonly instance: string;
  /** YYYYMMDDNN. */
  readonly version: string;
  readonly fetched: string;
  /** All changes that the web service has published, with their dates. */
  readonly changes?: LockedFile;
}

export interface LockedFile {
  /** Relative to the folder of the lock, with `/`; never leads out of it. */
  readonly file: string;
  /** Of the file's bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** An https address without its query, which may hold secrets; or `file:NAME` for what somebody downloaded by hand. */
  readonly source: string;
  /** The entity tag with which the source was served. */
  readonly etag?: string;
}

export type LockReading =
  { readonly ok: true; readonly lock: Lock } | { readonly ok: false; readonly diagnostic: Diagnostic };

export const lockFileName = "ringwall.lock.json";

export const noLock: Lock = { feeds: new Map() };

/** Strict: an unknown key or another version is an error, because a later release may mean something by it. */
export function readLock(source: Source): LockReading {
  const refuse = (why: string, at?: Span, help = rewrite): LockReading => ({
    ok: false,
    diagnostic: diagnostic("RW5006", `${source.path} is not a lock file: ${why}`, {
      primary: at ?? span(source, 0, 0),
      help,
    }),
  });
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(source.text));
  } catch {
    const conflict = /^(<{7}|={7}|>{7})/m.exec(source.text);
    if (conflict !== null) {
      const at = span(source, conflict.index, conflict.index + 7);
      return refuse("it holds both sides of a merge", at, "take either side, then run ringwall feeds update");
    }
    const offset = Math.min(jsonErrorOffset(source.text), source.text.length);
    return refuse("it is not well-formed JSON here", span(source, offset, Math.min(offset + 1, source.text.length)));
  }
  if (!isObject(value)) return refuse("it is not a JSON object");
  if (value["version"] !== 1) {
    return refuse(
      `its version is ${JSON.stringify(value["version"]) ?? "missing"}, and this release reads 1`,
      undefined,
      "another release of ringwall has written it; use that one",
    );
  }
  const stray = Object.keys(value).find((key) => !["$schema", "version", "feeds"].includes(key));
  if (stray !== undefined) return refuse(`it has no key "${stray}"`, placeOf(source, stray));
  if (!isObject(value["feeds"])) return refuse('"feeds" is not an object');

  const feeds = new Map<string, LockedFeed>();
  const owners = new Map<string, string>();
  for (const name of Object.keys(value["feeds"]).sort()) {
    const read = lockedFeedOf(value["feeds"][name]);
    if (typeof read === "string") return refuse(`the feed "${name}" ${read}`, placeOf(source, name));
    if (!isName(name)) return refuse(`"${name}" is no name of a feed`, placeOf(source, name));
    for (const { file } of filesOf(read)) {
      // Disks differ in whether case matters.
      const owner = owners.get(file.toLowerCase());
      if (owner !== undefined) {
        return refuse(`"${owner}" and "${name}" have the same file ${file}`, placeOf(source, name));
      }
      owners.set(file.toLowerCase(), name);
    }
    feeds.set(name, read);
  }
  return { ok: true, lock: { feeds } };
}

const rewrite = "take it from version control, or delete it and run ringwall feeds update";

/** The same lock always gives the same text: keys in one order, feeds by name, two spaces, a line end at the end. */
export function lockText(lock: Lock): string {
  const feeds = Object.fromEntries(
    [...lock.feeds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, feed]) => [name, jsonFeed(feed)]),
  );
  return `${JSON.stringify({ version: 1, feeds }, null, 2)}\n`;
}

/** The lock with one feed put in or replaced. */
export function lockWith(lock: Lock, name: string, feed: LockedFeed): Lock {
  return { feeds: new Map([...lock.feeds, [name, feed] as const].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The files that a feed has: its own, and its changes. */
export function filesOf(feed: LockedFeed): readonly LockedFile[] {
  return feed.kind === "office365" && feed.changes !== undefined ? [feed, feed.changes] : [feed];
}

export interface WantedFeed {
  readonly kind: LockedFeed["kind"];
  /** The feed's name in the lock. */
  readonly name?: string | undefined;
}

/** The feed of that name; or the one that is named like its kind; or the only one of its kind. Otherwise what is wrong. */
export function feedInLock(
  lock: Lock,
  { kind, name }: WantedFeed,
): { readonly name: string; readonly feed: LockedFeed } | Diagnostic {
  const ofKind = [...lock.feeds].filter(([, feed]) => feed.kind === kind);
  const names = ofKind.map(([one]) => one);
  const chosen = name ?? (ofKind.length === 1 ? names[0]! : kind);
  const feed = lock.feeds.get(chosen);
  if (feed?.kind === kind) return { name: chosen, feed };
  const there =
    names.length === 0 ? `ringwall feeds update ${kind} adds one` : `of this kind it has ${names.join(", ")}`;
  if (name === undefined && names.length > 1) {
    return diagnostic("RW5011", `the lock has ${names.length} feeds of kind ${kind}, and nothing says which`, {
      help: `name one: ${names.join(", ")}`,
    });
  }
  return diagnostic(
    "RW5011",
    name === undefined
      ? `the lock has no feed of kind ${kind}`
      : feed === undefined
        ? `the lock has no feed "${name}"${didYouMean(name, names)}`
        : `the feed "${name}" of the lock is of kind ${feed.kind}, not ${kind}`,
    { help: there },
  );
}

/** What is wrong with a file whose bytes have the digest `sha256`; undefined when it is the one of the lock. */
export function digestProblem(
  shown: string,
  locked: LockedFile,
  sha256: string,
  namedAt?: Span,
): Diagnostic | undefined {
  if (locked.sha256 === sha256) return undefined;
  return diagnostic(
    "RW5007",
    `${shown} is not the file that ${lockFileName} names: its SHA-256 is ${sha256}, locked is ${locked.sha256}`,
    {
      primary: namedAt,
      help: "take both files from the same commit, or fetch anew with ringwall feeds update; a feed changed by hand belongs under another name",
    },
  );
}

function lockedFeedOf(value: unknown): LockedFeed | string {
  if (!isObject(value)) return "is not an object";
  const own = lockedFileOf(value);
  if (typeof own === "string") return own;
  const { kind, cloud, instance, version, fetched, changes } = value;
  if (typeof fetched !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(fetched))
    return 'has a "fetched" that is no time, such as 2026-11-23T06:00:00Z';
  switch (kind) {
    case "azure": {
      const stray = strayKey(value, [...fileKeys, "kind", "cloud", "version", "fetched"]);
      if (stray !== undefined) return stray;
      if (typeof cloud !== "string" || cloud === "") return 'has no "cloud"';
      if (typeof version !== "string" || !/^\d{1,15}$/.test(version)) return 'has a "version" that is no change number';
      return { kind, cloud, version, ...own, fetched };
    }
    case "office365": {
      const stray = strayKey(value, [...fileKeys, "kind", "instance", "version", "fetched", "changes"]);
      if (stray !== undefined) return stray;
      if (typeof instance !== "string" || instance === "") return 'has no "instance"';
      if (typeof version !== "string" || !/^\d{10}$/.test(version)) return 'has a "version" that is no YYYYMMDDNN';
      if (changes === undefined) return { kind, instance, version, ...own, fetched };
      const more = isObject(changes) ? (strayKey(changes, fileKeys) ?? lockedFileOf(changes)) : "is not an object";
      return typeof more === "string"
        ? `has "changes" that cannot be: ${more}`
        : { kind, instance, version, ...own, fetched, changes: more };
    }
    default:
      return 'has a "kind" that is neither azure nor office365';
  }
}

const fileKeys = ["file", "sha256", "source", "etag"];

function lockedFileOf(value: Readonly<Record<string, unknown>>): LockedFile | string {
  const { file, sha256, source, etag } = value;
  if (typeof file !== "string" || !isInside(file)) {
    return `has the "file" ${JSON.stringify(file) ?? "missing"}, which is no path below the lock's folder, with /`;
  }
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256))
    return 'has a "sha256" that is not 64 hexadecimal digits';
  if (typeof source !== "string" || source === "") return 'has no "source"';
  if (etag !== undefined && !isEntityTag(etag)) return 'has an "etag" that is no entity tag';
  return { file, sha256, source, ...(etag !== undefined && { etag }) };
}

function strayKey(value: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  const stray = Object.keys(value).find((key) => !keys.includes(key));
  return stray === undefined ? undefined : `has no key "${stray}"`;
}

function jsonFeed(feed: LockedFeed): object {
  const { kind, version, fetched } = feed;
  switch (kind) {
    case "azure":
      return { kind, cloud: feed.cloud, version, ...jsonFile(feed), fetched };
    case "office365":
      return {
        kind,
        instance: feed.instance,
        version,
        ...jsonFile(feed),
        fetched,
        ...(feed.changes !== undefined && { changes: jsonFile(feed.changes) }),
      };
  }
}

function jsonFile({ file, sha256, source, etag }: LockedFile): object {
  return { file, sha256, source, ...(etag !== undefined && { etag }) };
}

/** Whether a path stays below the folder that it starts from, on every system, and out of the repository's own data. */
export function isInside(path: string): boolean {
  return (
    path !== "" &&
    !/[\u0000-\u001f\u007f\\:]/.test(path) &&
    path.split("/").every((part) => !["", ".", "..", ".git"].includes(part.toLowerCase()))
  );
}

/** Source: RFC 9110 section 8.8.3. It goes into a request, so that nothing else may be in it. */
export function isEntityTag(value: unknown): value is string {
  return typeof value === "string" && /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/.test(value);
}

function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9._-]*$/.test(text);
}

function placeOf(source: Source, key: string): Span {
  const text = JSON.stringify(key);
  const at = source.text.indexOf(text);
  return at < 0 ? span(source, 0, 0) : span(source, at, at + text.length);
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
