import type { Diagnostic, Source } from "../diagnostics/index.js";
import type { AnyFeed, AzureDiff, Found, Office365Diff } from "../feeds/index.js";
import {
  diffAzure,
  diffOffice365,
  lookupIndex,
  partsOf,
  readFeed as readAnyFeed,
  readOffice365Changes,
} from "../feeds/index.js";
import type { FeedReading, FeedText } from "../feeds/index.js";
import type { FeedFilter } from "../jobs/feed-filter.js";
import { chosenSets, chosenTags } from "../jobs/feed-filter.js";
import { differentKinds } from "../jobs/feed-pair.js";
import type { AnyPrefix } from "../net/index.js";
import { parsePrefix } from "../net/index.js";
import { sha256 } from "./files.js";

/** The text of a feed as it is published, or as it was read from a file with its digest. */
export type GivenFeedText = string | Source | FeedText;

/** Reads Azure service tags or Office 365 endpoints, whichever it is. */
export function readFeed(text: GivenFeedText): FeedReading<AnyFeed> {
  if (typeof text === "string") return readFeed({ path: "feed.json", text });
  return readAnyFeed("source" in text ? text : { source: text, sha256: sha256(text.text) });
}

/**
 * Answers which tags and endpoint sets of the feeds hold an address or a prefix. Made once, asked many times; a text that
 * is neither gives undefined.
 */
export function feedLookup(feeds: readonly AnyFeed[]): FeedLookup {
  const index = lookupIndex(feeds.flatMap((feed) => partsOf(feed).parts));
  return {
    find(wanted) {
      if (typeof wanted !== "string") return index.find(wanted);
      const read = parsePrefix(wanted);
      return read.ok ? index.find(read.value) : undefined;
    },
  };
}

export interface FeedLookup {
  find(wanted: string | AnyPrefix): Found | undefined;
}

export interface FeedDiffOptions extends FeedFilter {
  /** The answer of Office 365's changes service, for the days on which additions take effect. */
  readonly changes?: GivenFeedText;
}

export interface FeedDiffAnswer {
  /** Absent when there are errors. */
  readonly difference?: AzureDiff | Office365Diff;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares two versions of a feed, in addresses; see `AzureDiff` and `Office365Diff`. */
export function diffFeeds(from: AnyFeed, to: AnyFeed, options: FeedDiffOptions = {}): FeedDiffAnswer {
  if (from.kind === "azure" && to.kind === "azure") {
    const { chosen, diagnostics } = chosenTags([from, to], options);
    return diagnostics.length > 0 ? { diagnostics } : withDiagnostics(diffAzure(from, to, chosen));
  }
  if (from.kind === "office365" && to.kind === "office365") {
    const { chosen, diagnostics } = chosenSets([from, to], options);
    if (diagnostics.length > 0) return { diagnostics };
    const changes = options.changes === undefined ? undefined : readOffice365Changes(textOf(options.changes));
    if (changes?.ok === false) return { diagnostics: [changes.problem] };
    return withDiagnostics(diffOffice365(from, to, { chosen, ...(changes?.ok === true && { changes: changes.feed }) }));
  }
  return { diagnostics: [differentKinds(from, to)] };
}

function withDiagnostics(difference: AzureDiff | Office365Diff): FeedDiffAnswer {
  return { difference, diagnostics: difference.diagnostics };
}

function textOf(text: GivenFeedText): FeedText {
  if (typeof text === "string") return textOf({ path: "changes.json", text });
  return "source" in text ? text : { source: text, sha256: sha256(text.text) };
}
