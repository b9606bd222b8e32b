import type { Diagnostic } from "../diagnostics/index.js";
import type { AnyFeed, AzureTag, EndpointSet, FeedPart } from "../feeds/index.js";
import { partsOf } from "../feeds/index.js";
import type { AddressSet } from "../net/index.js";
import { ipv4Addresses, ipv6Addresses, toSet } from "../net/index.js";
import type { FeedFilter } from "./feed-filter.js";
import { chosenSets, chosenTags } from "./feed-filter.js";

/** What a feed has, in rows: tags, endpoint sets, or all tags of a service or region together. */
export interface FeedOverview {
  readonly feed: AnyFeed;
  readonly by: "tag" | "service" | "region" | "endpoint-set";
  readonly rows: readonly OverviewRow[];
  /** Of the parts that are in the rows. */
  readonly tags: number;
  readonly addresses: AddressSet;
  /** Errors where a word of the filter is unknown; then there are no rows. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface OverviewRow {
  /** The tag, the service, the region, or the number of the endpoint set. */
  readonly name: string;
  readonly tag?: AzureTag;
  readonly set?: EndpointSet;
  /** How many tags are taken together. */
  readonly tags: number;
  /** Prefixes as they are published; in several tags each counts. */
  readonly published: { readonly ipv4: number; readonly ipv6: number };
  /** Without those that stand in several tags. */
  readonly addresses: AddressSet;
}

/** `by` counts for Azure only. Tags are in the order of the feed, services and regions by name. */
export function feedOverview(feed: AnyFeed, filter: FeedFilter, by: "tag" | "service" | "region"): FeedOverview {
  const { parts, diagnostics: wrong } = partsOf(feed);
  const { chosen, diagnostics } = chooserOf(feed, filter);
  const of = feed.kind === "azure" ? by : "endpoint-set";
  if (diagnostics.length > 0) {
    return { feed, by: of, rows: [], tags: 0, addresses: { ipv4: [], ipv6: [] }, diagnostics };
  }
  const wanted = parts.filter(chosen);
  const rows =
    of === "tag" || of === "endpoint-set"
      ? wanted.map((part) => rowOf(part.kind === "tag" ? part.tag.name : String(part.set.id), [part], true))
      : grouped(wanted, (part) => (part.kind === "tag" ? (of === "service" ? part.tag.service : part.tag.region) : ""));
  return { feed, by: of, rows, tags: wanted.length, addresses: union(wanted), diagnostics: wrong };
}

function chooserOf(
  feed: AnyFeed,
  filter: FeedFilter,
): { readonly chosen: (part: FeedPart) => boolean; readonly diagnostics: readonly Diagnostic[] } {
  if (feed.kind === "azure") {
    const { chosen, diagnostics } = chosenTags([feed], filter);
    return { chosen: (part) => part.kind === "tag" && chosen(part.tag), diagnostics };
  }
  const { chosen, diagnostics } = chosenSets([feed], filter);
  return { chosen: (part) => part.kind === "endpoint-set" && chosen(part.set), diagnostics };
}

function grouped(parts: readonly FeedPart[], nameOf: (part: FeedPart) => string): OverviewRow[] {
  const groups = new Map<string, FeedPart[]>();
  for (const part of parts) {
    const group = groups.get(nameOf(part));
    if (group === undefined) groups.set(nameOf(part), [part]);
    else group.push(part);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => rowOf(name, group, false));
}

function rowOf(name: string, parts: readonly FeedPart[], single: boolean): OverviewRow {
  const published = parts.flatMap((part) => part.published);
  const ipv4 = published.reduce((count, prefix) => count + (prefix.family === "ipv4" ? 1 : 0), 0);
  const [first] = parts;
  return {
    name,
    ...(single && first?.kind === "tag" && { tag: first.tag }),
    ...(single && first?.kind === "endpoint-set" && { set: first.set }),
    tags: parts.length,
    published: { ipv4, ipv6: published.length - ipv4 },
    addresses: single ? first!.addresses : union(parts),
  };
}

function union(parts: readonly FeedPart[]): AddressSet {
  return {
    ipv4: toSet(
      ipv4Addresses,
      parts.flatMap((part) => part.addresses.ipv4),
    ),
    ipv6: toSet(
      ipv6Addresses,
      parts.flatMap((part) => part.addresses.ipv6),
    ),
  };
}
