import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { AzureFeed, AzureTag, EndpointSet, Office365Feed } from "../feeds/index.js";

/** Words that choose from feeds. A part must meet every key that has words, and within a key any of them. */
export interface FeedFilter {
  /** Names of tags; `Storage.*` is every tag whose name starts with `Storage.`. */
  readonly tags?: readonly string[];
  /** `westeurope`, in any case. */
  readonly regions?: readonly string[];
  /** The part of a tag's name before the dot: `Storage`. */
  readonly services?: readonly string[];
  readonly areas?: readonly string[];
  readonly categories?: readonly string[];
  /** `443` (TCP or UDP), `tcp/443`. */
  readonly ports?: readonly string[];
}

export interface Filtered<Part> {
  readonly chosen: (part: Part) => boolean;
  /** An error for each word that none of the feeds knows. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The tags of Azure that a filter takes; the words of Office 365 are errors. */
export function chosenTags(feeds: readonly AzureFeed[], filter: FeedFilter): Filtered<AzureTag> {
  const { tags = [], regions = [], services = [] } = filter;
  const all = feeds.flatMap((feed) => [...feed.tags.values()]);
  const files = [...new Set(feeds.map((feed) => feed.source.path))].join(" and ");
  const matches = (word: string, name: string): boolean =>
    word.endsWith(".*") ? name.startsWith(word.slice(0, -1)) : name === word;
  const isRegion = (word: string, { name, region }: AzureTag): boolean =>
    region !== "" &&
    [region, name.slice(name.indexOf(".") + 1)].some((one) => one.toLowerCase() === word.toLowerCase());
  return {
    chosen: (tag) =>
      (tags.length === 0 || tags.some((word) => matches(word, tag.name))) &&
      (regions.length === 0 || regions.some((word) => isRegion(word, tag))) &&
      (services.length === 0 || services.includes(tag.service)),
    diagnostics: [
      ...foreign(filter, ["areas", "categories", "ports"], "Azure has no such thing", files),
      ...unknown(
        "service tag",
        tags,
        (word) => all.some((tag) => matches(word, tag.name)),
        files,
        () => all.map((tag) => tag.name),
      ),
      ...unknown(
        "region",
        regions,
        (word) => all.some((tag) => isRegion(word, tag)),
        files,
        () => all.map((tag) => tag.region),
      ),
      ...unknown(
        "service",
        services,
        (word) => all.some((tag) => tag.service === word),
        files,
        () => all.map((tag) => tag.service),
      ),
    ],
  };
}

/** The endpoint sets that a filter takes; the words of Azure are errors. */
export function chosenSets(feeds: readonly Office365Feed[], filter: FeedFilter): Filtered<EndpointSet> {
  const { areas = [], categories = [], ports = [] } = filter;
  const all = feeds.flatMap((feed) => feed.sets);
  const files = [...new Set(feeds.map((feed) => feed.source.path))].join(" and ");
  const publishes = (word: string, set: EndpointSet): boolean =>
    set.ports.some((port) => port === word || port.slice(port.indexOf("/") + 1) === word);
  const has = (word: string, of: (set: EndpointSet) => string) => all.some((set) => of(set) === word);
  return {
    chosen: (set) =>
      (areas.length === 0 || areas.includes(set.area)) &&
      (categories.length === 0 || categories.includes(set.category)) &&
      (ports.length === 0 || ports.some((word) => publishes(word, set))),
    diagnostics: [
      ...foreign(filter, ["tags", "regions", "services"], "Office 365 has no such thing", files),
      ...unknown(
        "service area",
        areas,
        (word) => has(word, (set) => set.area),
        files,
        () => all.map((set) => set.area),
      ),
      ...unknown(
        "category",
        categories,
        (word) => has(word, (set) => set.category),
        files,
        () => all.map((set) => set.category),
      ),
      ...unknown(
        "port",
        ports,
        (word) => all.some((set) => publishes(word, set)),
        files,
        () => all.flatMap((set) => set.ports),
      ),
    ],
  };
}

function foreign(filter: FeedFilter, keys: readonly (keyof FeedFilter)[], why: string, files: string): Diagnostic[] {
  return keys.flatMap((key) =>
    (filter[key] ?? []).map((word) =>
      diagnostic("RW5002", `"${word}" chooses among ${key}, and ${files} has none: ${why}`),
    ),
  );
}

function unknown(
  what: string,
  words: readonly string[],
  isKnown: (word: string) => boolean,
  files: string,
  candidates: () => readonly string[],
): Diagnostic[] {
  return words
    .filter((word) => !isKnown(word))
    .map((word) => {
      const known = [...new Set(candidates())].filter((one) => one !== "").sort();
      const near = didYouMean(word, known);
      return diagnostic("RW5002", `the ${what} "${word}" does not occur in ${files}${near}`, {
        help:
          near !== ""
            ? "it is written as the feed writes it"
            : known.length <= 12
              ? `it has ${known.join(", ")}`
              : `ringwall feeds show lists what there is (${known.length})`,
      });
    });
}
