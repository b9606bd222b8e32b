import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { AddressSet } from "../../src/net/index.js";
import { fewestPrefixes4, fewestPrefixes6, formatPrefix4, formatPrefix6 } from "../../src/net/index.js";
import type { AzureFeed, FeedText, Office365Feed } from "../../src/feeds/index.js";
import { readAzureFeed, readOffice365Feed } from "../../src/feeds/index.js";

/** A feed file as a command reads it. */
export function feedFile(path: string): FeedText {
  const bytes = readFileSync(path);
  return {
    source: { path: basename(path), text: bytes.toString("utf8") },
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** One of the hand-made feeds of `examples/feeds`. */
export function sampleFeed(name: string): FeedText {
  return feedFile(fileURLToPath(new URL(`../../examples/feeds/${name}`, import.meta.url)));
}

export function feedText(text: string, path = "feed.json"): FeedText {
  return { source: { path, text }, sha256: "0".repeat(64) };
}

export function azureFeed(file: FeedText): AzureFeed {
  const read = readAzureFeed(file);
  if (!read.ok) throw new Error(read.problem.message);
  return read.feed;
}

export function office365Feed(file: FeedText): Office365Feed {
  const read = readOffice365Feed(file);
  if (!read.ok) throw new Error(read.problem.message);
  return read.feed;
}

export function words(...texts: readonly string[]): { text: string }[] {
  return texts.map((text) => ({ text }));
}

/** The fewest prefixes as text, IPv4 before IPv6. */
export function prefixTexts({ ipv4, ipv6 }: AddressSet): string[] {
  return [...fewestPrefixes4(ipv4).map(formatPrefix4), ...fewestPrefixes6(ipv6).map(formatPrefix6)];
}
