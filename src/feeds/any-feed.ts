import type { AzureFeed } from "./azure.js";
import { readAzureFeed } from "./azure.js";
import type { FeedReading, FeedText } from "./feed.js";
import type { Office365Feed } from "./office365.js";
import { readOffice365Feed } from "./office365.js";

export type AnyFeed = AzureFeed | Office365Feed;

/**
 * Reads a feed of either kind. The Office 365 endpoints are a list, or an object with a list `endpoints`; anything else is
 * read as Azure service tags, and refused as such.
 */
export function readFeed(text: FeedText): FeedReading<AnyFeed> {
  const start = /^\ufeff?\s*(\[|\{\s*"version"\s*:|\{\s*"instance"\s*:|\{\s*"endpoints"\s*:)/.test(text.source.text);
  return start ? readOffice365Feed(text) : readAzureFeed(text);
}

/** `Azure service tags, cloud Public, changeNumber 375`. */
export function feedTitle(feed: AnyFeed): string {
  switch (feed.kind) {
    case "azure":
      return `Azure service tags, cloud ${feed.cloud}, ${feed.version}`;
    case "office365":
      return `Office 365 endpoints${feed.instance === undefined ? "" : `, instance ${feed.instance}`}, ${feed.version}`;
  }
}
