import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressSet, AnyPrefix, Interval } from "../net/index.js";
import { ipv4Addresses, ipv6Addresses, parsePrefix, prefixInterval4, prefixInterval6, toSet } from "../net/index.js";
import type { AnyFeed } from "./any-feed.js";
import type { AzureTag } from "./azure.js";
import { prefixesToSet } from "./feed.js";
import type { EndpointSet } from "./office365.js";

/** What a feed gives a name: a service tag or an endpoint set, with its addresses. */
export type FeedPart =
  | {
      readonly kind: "tag";
      readonly tag: AzureTag;
      readonly published: readonly AnyPrefix[];
      readonly addresses: AddressSet;
    }
  | {
      readonly kind: "endpoint-set";
      readonly set: EndpointSet;
      /** As the feed publishes them, in its order; they may overlap. */
      readonly published: readonly AnyPrefix[];
      readonly addresses: AddressSet;
    };

export interface FeedParts {
  /** In the order of the feed; parts without addresses too. */
  readonly parts: readonly FeedPart[];
  /** One error for each part with prefixes that are not strict; its addresses are those of the others. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Every part of a feed. Worked out once for a feed. */
export function partsOf(feed: AnyFeed): FeedParts {
  const found = known.get(feed) ?? readParts(feed);
  known.set(feed, found);
  return found;
}

const known = new WeakMap<AnyFeed, FeedParts>();

/** `Storage.WestEurope`, or `endpoint set 31 (SharePoint, Optimize)`. */
export function partLabel(part: FeedPart): string {
  switch (part.kind) {
    case "tag":
      return part.tag.name;
    case "endpoint-set":
      return endpointSetLabel(part.set);
  }
}

export function endpointSetLabel({ id, area, category }: EndpointSet): string {
  return `endpoint set ${id} (${area}, ${category})`;
}

function readParts(feed: AnyFeed): FeedParts {
  const diagnostics: Diagnostic[] = [];
  const parts =
    feed.kind === "azure"
      ? [...feed.tags.values()].map((tag): FeedPart => ({ kind: "tag", tag, ...contentOf(tag.prefixes, tag.name) }))
      : feed.sets.map((set): FeedPart => ({
          kind: "endpoint-set",
          set,
          ...contentOf(set.prefixes, `endpoint set ${set.id}`),
        }));
  return { parts, diagnostics };

  function contentOf(texts: readonly unknown[], near: string): Pick<FeedPart, "published" | "addresses"> {
    const published: AnyPrefix[] = [];
    const ipv4: Interval<number>[] = [];
    const ipv6: Interval<bigint>[] = [];
    let wrong = false;
    for (const text of texts) {
      const prefix = typeof text === "string" ? prefixOf(text) : undefined;
      if (prefix === undefined) wrong = true;
      else {
        published.push(prefix);
        if (prefix.family === "ipv4") ipv4.push(prefixInterval4(prefix.prefix));
        else ipv6.push(prefixInterval6(prefix.prefix));
      }
    }
    if (wrong) diagnostics.push(...prefixesToSet(feed.source, texts, near).diagnostics);
    return { published, addresses: { ipv4: toSet(ipv4Addresses, ipv4), ipv6: toSet(ipv6Addresses, ipv6) } };
  }
}

function prefixOf(text: string): AnyPrefix | undefined {
  const reading = parsePrefix(text);
  return reading.ok ? reading.value : undefined;
}
