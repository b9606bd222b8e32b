import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { readAzureFeed } from "./azure.js";
import type { FeedText } from "./feed.js";
import { prefixesToSet } from "./feed.js";
import { readJson, wrongFormat } from "./json.js";
import type { LockedFeed } from "./lock.js";
import { lockFileName } from "./lock.js";
import { readOffice365Feed } from "./office365.js";

/** What has come from a publisher and was found to be a feed. */
export type Arrival =
  | { readonly ok: true; readonly version: string; readonly prefixes: number }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * Whether a text is the service-tag file of a cloud, complete and with strict addresses only: nothing less replaces a
 * file that works.
 */
export function azureArrival(text: FeedText, cloud: string): Arrival {
  const read = readAzureFeed(text);
  if (!read.ok) return { ok: false, diagnostic: read.problem };
  const { feed } = read;
  if (feed.cloud.toLowerCase() !== cloud.toLowerCase()) {
    return wrong(text, `a service-tag file of the cloud ${cloud}`, `it is of the cloud ${feed.cloud}`);
  }
  const tags = [...feed.tags.values()];
  return checked(
    text,
    tags.map(({ name, prefixes }) => [name, prefixes]),
    feed.version.replace("changeNumber ", ""),
  );
}

/** Whether a text holds the endpoint sets of Office 365, with strict addresses only. `version` is known from elsewhere. */
export function office365Arrival(text: FeedText, version: string): Arrival {
  const read = readOffice365Feed(text);
  if (!read.ok) return { ok: false, diagnostic: read.problem };
  return checked(
    text,
    read.feed.sets.map(({ id, prefixes }) => [`endpoint set ${id}`, prefixes]),
    version,
  );
}

/** Whether a text is the list of changes that the Office 365 web service publishes; undefined when it is. */
export function changesProblem({ source }: FeedText): Diagnostic | undefined {
  const what = "the list of Office 365 changes";
  const json = readJson(source, what);
  if (!json.ok) return json.problem;
  if (!Array.isArray(json.value)) return wrongFormat(source, what, "it is not a list");
  const rows: readonly unknown[] = json.value;
  const strange = rows.findIndex((row) => {
    const { id, endpointSetId, disposition, version } = (row ?? {}) as Readonly<Record<string, unknown>>;
    return (
      ![id, endpointSetId].every(Number.isSafeInteger) ||
      ![disposition, version].every((one) => typeof one === "string")
    );
  });
  return strange < 0
    ? undefined
    : wrongFormat(source, what, `entry ${strange} lacks one of "id", "endpointSetId", "disposition", "version"`);
}

/** The version that an Office 365 file says, or else its name: YYYYMMDDNN. */
export function office365Version(text: FeedText): string | undefined {
  const read = readOffice365Feed(text);
  const version = read.ok ? read.feed.version.replace("version ", "") : "";
  return /^\d{10}$/.test(version) ? version : undefined;
}

/**
 * What a feed says of itself otherwise than the lock: its cloud or instance, or its version, which a later update would
 * then take for newer or older than it is. Undefined where they agree, or the text does not say it.
 */
export function lockedOtherwise(shown: string, locked: LockedFeed, text: FeedText): Diagnostic | undefined {
  const said = saidOf(text, locked.kind);
  if (said === undefined)
    return wrongFormat(text.source, `a feed of kind ${locked.kind}`, `${lockFileName} says that it is one`);
  const of = locked.kind === "azure" ? locked.cloud : locked.instance;
  const pairs = [
    [locked.kind === "azure" ? "the cloud" : "the instance", of, said.of],
    ["version", locked.version, said.version],
  ] as const;
  const other = pairs.find(
    ([, inLock, inFeed]) => inFeed !== undefined && inFeed.toLowerCase() !== inLock.toLowerCase(),
  );
  if (other === undefined) return undefined;
  const [what, inLock, inFeed] = other;
  return diagnostic("RW5007", `${shown} is of ${what} ${inFeed!}, and ${lockFileName} says ${inLock}`, {
    help: "the lock was changed by hand; take it from version control, or delete it and run ringwall feeds update",
  });
}

function saidOf(
  text: FeedText,
  kind: LockedFeed["kind"],
): { readonly of?: string; readonly version?: string } | undefined {
  if (kind === "azure") {
    const read = readAzureFeed(text);
    return read.ok ? { of: read.feed.cloud, version: read.feed.version.replace("changeNumber ", "") } : undefined;
  }
  const read = readOffice365Feed(text);
  if (!read.ok) return undefined;
  const version = office365Version(text);
  const { instance } = read.feed;
  return { ...(instance !== undefined && { of: instance }), ...(version !== undefined && { version }) };
}

function checked(text: FeedText, parts: readonly (readonly [string, readonly unknown[]])[], version: string): Arrival {
  for (const [name, prefixes] of parts) {
    const [problem] = prefixesToSet(text.source, prefixes, name).diagnostics;
    if (problem !== undefined) return { ok: false, diagnostic: problem };
  }
  const prefixes = parts.reduce((sum, [, part]) => sum + part.length, 0);
  if (prefixes === 0) return wrong(text, "a feed of addresses", "it has no address at all");
  return { ok: true, version, prefixes };
}

function wrong({ source }: FeedText, what: string, why: string): Arrival {
  return { ok: false, diagnostic: { ...wrongFormat(source, what, why), help: "nothing was replaced" } };
}

/**
 * The file that is kept of Office 365: the answer of `/endpoints` does not say its version, so it is put around the text,
 * which stays as it was served.
 */
export function office365File(endpoints: string, version: string, instance: string): string {
  const text = endpoints.replace(/^\ufeff/, "").trim();
  return `{ "version": ${JSON.stringify(version)}, "instance": ${JSON.stringify(instance)}, "endpoints": ${text} }\n`;
}

export type Replacement =
  /** There was none. */
  | { readonly kind: "first" }
  | { readonly kind: "same" }
  | { readonly kind: "newer" }
  /** Asked for by --allow-older. */
  | { readonly kind: "older" }
  /** The publisher has served other bytes under the same version. */
  | { readonly kind: "republished" }
  | { readonly kind: "refused"; readonly diagnostic: Diagnostic };

export interface Held {
  readonly version: string;
  readonly sha256: string;
}

/** Whether what has come may replace what is held. Never an older version, unless somebody says so. */
export function replacementOf(
  name: string,
  held: Held | undefined,
  arrived: Held,
  options: { readonly allowOlder: boolean },
): Replacement {
  if (held === undefined) return { kind: "first" };
  if (held.sha256 === arrived.sha256) return { kind: "same" };
  // Change numbers, and YYYYMMDDNN: both count upward and fit a number.
  const [before, after] = [Number(held.version), Number(arrived.version)];
  if (after > before) return { kind: "newer" };
  if (after === before) return { kind: "republished" };
  if (options.allowOlder) return { kind: "older" };
  return {
    kind: "refused",
    diagnostic: diagnostic("RW5009", `${name}: what came is version ${arrived.version}, older than ${held.version}`, {
      help: "going back could close what is open today and open what was closed; nothing was replaced. If that is what you want, say --allow-older",
    }),
  };
}
