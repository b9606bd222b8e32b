import { relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { CloudWord, Hosts, InstanceWord, Lock, LockedFeed } from "../feeds/index.js";
import {
  addressProblem,
  azureClouds,
  cloudWords,
  filesOf,
  isInside,
  office365Instances,
  office365Service,
} from "../feeds/index.js";
import type { Given } from "./command.js";
import type { LockFile } from "./lock-file.js";

/** A feed to bring up to date. */
export interface WantedUpdate {
  /** In the lock, or what it will be there. */
  readonly name: string;
  readonly kind: LockedFeed["kind"];
  /** The cloud or the instance, as the publisher writes it. */
  readonly of: string;
  readonly from: Origin;
  /** What the lock says of it now. */
  readonly held: LockedFeed | undefined;
  /** Where its files go, relative to the lock. */
  readonly path: string;
  readonly changesPath: string;
}

export type Origin =
  { readonly kind: "web"; readonly url: URL; readonly hosts: Hosts } | { readonly kind: "file"; readonly path: string };

export type WantedUpdates =
  | { readonly ok: true; readonly updates: readonly WantedUpdate[] }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/** What a command line asks for; at least one feed. With --frozen each of them is in the lock. */
export function wantedUpdates(given: Given, { folder, lock }: LockFile, cwd: string): WantedUpdates {
  const wrong = (problem: Diagnostic): WantedUpdates => ({ ok: false, diagnostic: problem });
  const problem = usageProblem(given);
  if (problem !== undefined) return wrong(problem);

  const [kind] = given.positionals;
  const dir = relative(folder, resolve(cwd, given.text("dir") ?? resolve(folder, "feeds")))
    .split(sep)
    .join("/");
  if (dir !== "" && !isInside(dir)) {
    return wrong(
      usage(`--dir ${given.text("dir")} is not below the folder of the lock`, "a lock names files beside and below it"),
    );
  }
  const below = (name: string): string => (dir === "" ? name : `${dir}/${name}`);

  if (kind === undefined) {
    const updates: WantedUpdate[] = [];
    for (const [name, held] of lock.feeds) {
      const from = publishersOrigin(held);
      if (from === undefined) return wrong(unknownPart(name, held));
      updates.push({ name, kind: held.kind, of: partOf(held), from, held, ...pathsOf(held, below) });
    }
    return updates.length === 0 ? wrong(nothingLocked()) : { ok: true, updates };
  }

  const of =
    kind === "azure"
      ? azureClouds[(given.text("cloud") ?? "public") as CloudWord].cloud
      : office365Instances[(given.text("instance") ?? "worldwide") as InstanceWord];
  const found = [...lock.feeds].find(
    ([, feed]) => feed.kind === kind && partOf(feed).toLowerCase() === of.toLowerCase(),
  );
  if (found === undefined && given.flag("frozen")) {
    return wrong(
      diagnostic("RW5011", `the lock has no feed of kind ${kind} for ${of}`, { help: "leave out --frozen to add it" }),
    );
  }
  const from = originOf(given, kind, of);
  if ("code" in from) return wrong(from);
  const part = kind === "azure" ? { kind, cloud: of } : { kind: "office365" as const, instance: of };
  const update: WantedUpdate = {
    name: found?.[0] ?? newName(given, kind, lock.feeds),
    kind: part.kind as LockedFeed["kind"],
    of,
    from,
    held: found?.[1],
    ...pathsOf(
      found?.[1],
      below,
      kind === "azure" ? `ServiceTags_${of}.json` : `o365-endpoints-${of.toLowerCase()}.json`,
    ),
  };
  const taken = found === undefined ? ownerOf(update, lock) : undefined;
  if (taken !== undefined) {
    return wrong(usage(`${update.path} is a file of the feed "${taken}" already`, "name another folder with --dir"));
  }
  return { ok: true, updates: [update] };
}

/** The feed whose file stands where a new one would go. */
function ownerOf({ path, changesPath }: WantedUpdate, lock: Lock): string | undefined {
  const paths = [path, changesPath].map((one) => one.toLowerCase());
  return [...lock.feeds].find(([, feed]) => filesOf(feed).some(({ file }) => paths.includes(file.toLowerCase())))?.[0];
}

/** The cloud or the instance. */
export function partOf(feed: LockedFeed): string {
  return feed.kind === "azure" ? feed.cloud : feed.instance;
}

function usageProblem(given: Given): Diagnostic | undefined {
  const [kind] = given.positionals;
  const has = (name: string): boolean => given.text(name) !== undefined;
  if (kind !== undefined && kind !== "azure" && kind !== "office365") {
    return usage(`feeds update does not know the feed "${kind}"`, "the feeds are azure and office365");
  }
  if (has("cloud") && kind !== "azure")
    return usage("--cloud belongs to azure", "ringwall feeds update azure --cloud CLOUD");
  if (has("instance") && kind !== "office365") {
    return usage("--instance belongs to office365", "ringwall feeds update office365 --instance INSTANCE");
  }
  for (const name of ["url", "file"]) {
    if (has(name) && kind === undefined)
      return usage(`--${name} is for one feed, and none is named`, `ringwall feeds update azure --${name} …`);
  }
  if (has("url") && has("file")) return usage("--url and --file both say where the feed is", "leave one of them out");
  const fetching = ["url", "file", "dir"].find(has) ?? ["allow-older", "check"].find((name) => given.flag(name));
  return given.flag("frozen") && fetching !== undefined
    ? usage(
        `--frozen fetches and writes nothing, so that --${fetching} means nothing beside it`,
        "leave one of them out",
      )
    : undefined;
}

function usage(message: string, help: string): Diagnostic {
  return diagnostic("RW1007", message, { help });
}

function nothingLocked(): Diagnostic {
  return diagnostic("RW5011", "there is no lock with feeds in it, here or in a folder above", {
    help: "ringwall feeds update azure, or office365, adds the first feed",
  });
}

function unknownPart(name: string, held: LockedFeed): Diagnostic {
  return diagnostic("RW5008", `nobody knows where ${held.kind} ${partOf(held)} (the feed "${name}") is published`, {
    help: "correct it in the lock, or delete the entry and add the feed anew",
  });
}

function originOf(given: Given, kind: string, of: string): Origin | Diagnostic {
  const file = given.text("file");
  if (file !== undefined) return { kind: "file", path: file };
  const text = given.text("url");
  if (text === undefined)
    return publishersOrigin(kind === "azure" ? { kind, cloud: of } : { kind: "office365", instance: of })!;
  if (!URL.canParse(text)) return usage(`--url ${text} is no address`, "write it with https://");
  const url = new URL(text);
  const hosts: Hosts = { kind: "given", host: url.hostname };
  const problem = addressProblem(url, hosts);
  return problem === undefined
    ? { kind: "web", url, hosts }
    : usage(`--url ${text} is refused: ${problem}`, "name an https address, or give the file with --file");
}

type Part =
  { readonly kind: "azure"; readonly cloud: string } | { readonly kind: "office365"; readonly instance: string };

/** Where Microsoft publishes it. */
function publishersOrigin(part: Part): Origin | undefined {
  if (part.kind === "azure") {
    const word = cloudWords.find((one) => azureClouds[one].cloud.toLowerCase() === part.cloud.toLowerCase());
    return word === undefined
      ? undefined
      : { kind: "web", url: new URL(azureClouds[word].page), hosts: { kind: "microsoft" } };
  }
  return Object.values(office365Instances).some((one) => one.toLowerCase() === part.instance.toLowerCase())
    ? { kind: "web", url: new URL(office365Service), hosts: { kind: "microsoft" } }
    : undefined;
}

/** A feed stays where it is; the name has no version in it, so that a policy can name it for good. */
function pathsOf(
  held: LockedFeed | undefined,
  below: (name: string) => string,
  name = "",
): { path: string; changesPath: string } {
  const path = held?.file ?? below(name);
  const changes = held?.kind === "office365" ? held.changes?.file : undefined;
  const beside = path.includes("endpoints")
    ? path.replace(/endpoints(?!.*endpoints)/, "changes")
    : `${path}.changes.json`;
  return { path, changesPath: changes ?? beside };
}

/** `azure`, `azure-china`; with a number where another feed has that name already. */
function newName(given: Given, kind: string, feeds: ReadonlyMap<string, unknown>): string {
  const word = given.text("cloud") ?? given.text("instance");
  const plain = word === undefined || word === "public" || word === "worldwide" ? kind : `${kind}-${word}`;
  const names = [plain, `${kind}-${word ?? (kind === "azure" ? "public" : "worldwide")}`];
  for (let i = 2; ; i++) {
    const free = names.find((name) => !feeds.has(name));
    if (free !== undefined) return free;
    names.push(`${plain}-${i}`);
  }
}
