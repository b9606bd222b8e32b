import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import { noAddress, unionAddresses } from "../net/index.js";
import { prefixesToSet } from "./feed.js";
import type { FeedReading, FeedText, Selected, Wanted } from "./feed.js";
import { readJson, wrongFormat } from "./json.js";

/**
 * Azure IP Ranges and Service Tags of one cloud.
 *
 * Source: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 */
export interface AzureFeed {
  readonly kind: "azure";
  readonly source: Source;
  readonly sha256: string;
  /** `changeNumber 375`: rises when any tag changes. */
  readonly version: string;
  /** `Public`, `China`, … */
  readonly cloud: string;
  /** By name, in the order of the file. Prefixes are read when a tag is selected. */
  readonly tags: ReadonlyMap<string, AzureTag>;
}

export interface AzureTag {
  readonly name: string;
  /** The name up to its first dot: `Storage` of `Storage.WestEurope`. */
  readonly service: string;
  /** As the file has it, in lower case: `westeurope`; empty for a tag of all regions. */
  readonly region: string;
  /** How often the tag has changed; undefined where the file does not say. */
  readonly changeNumber: number | undefined;
  /** As the file has them; strict or not. */
  readonly prefixes: readonly unknown[];
}

export interface AzureSelection {
  /** Names of tags; `Storage.*` is every tag whose name starts with `Storage.`. */
  readonly tags?: readonly Wanted[];
  /** `WestEurope` is the tag `Storage.WestEurope`. */
  readonly regions?: readonly Wanted[];
}

export interface SelectedAzure extends Selected {
  /** The tags that were taken, each once, in the order of the selection. */
  readonly tags: readonly string[];
}

const format = "an Azure IP Ranges and Service Tags file";

/** Reads the file as it is published, any cloud. */
export function readAzureFeed({ source, sha256 }: FeedText): FeedReading<AzureFeed> {
  const json = readJson(source, format);
  if (!json.ok) return json;
  const refuse = (why: string, offset = 0): FeedReading<AzureFeed> => ({
    ok: false,
    problem: wrongFormat(source, format, why, offset),
  });
  if (Array.isArray(json.value)) return refuse("it is a list; is it the Office 365 endpoints?");
  if (!isObject(json.value)) return refuse("it is not a JSON object");
  const { changeNumber, cloud, values } = json.value;
  if (!Number.isSafeInteger(changeNumber)) return refuse('"changeNumber" is not a whole number');
  if (typeof cloud !== "string") return refuse('"cloud" is not text');
  if (!Array.isArray(values)) return refuse('"values" is not a list');

  const tags = new Map<string, AzureTag>();
  for (const [i, value] of values.entries()) {
    const name: unknown = isObject(value) ? value["name"] : undefined;
    const properties: unknown = isObject(value) ? value["properties"] : undefined;
    const prefixes: unknown = isObject(properties) ? properties["addressPrefixes"] : undefined;
    if (typeof name !== "string" || name === "") return refuse(`values[${i}] has no "name"`);
    if (!Array.isArray(prefixes)) return refuse(`the tag ${name} has no list "addressPrefixes"`);
    if (tags.has(name)) return refuse(`the tag ${name} occurs twice`, lastNamed(source, name));
    tags.set(name, tagOf(name, properties as Readonly<Record<string, unknown>>, prefixes));
  }
  return {
    ok: true,
    feed: { kind: "azure", source, sha256, version: `changeNumber ${String(changeNumber)}`, cloud, tags },
  };
}

/** Where the last object of that name has it; 0 where a search cannot tell. */
function lastNamed({ text }: Source, name: string): number {
  const written = JSON.stringify(name);
  let at = text.lastIndexOf(written);
  while (at > 0 && !/"name"\s*:\s*$/.test(text.slice(Math.max(0, at - 40), at))) at = text.lastIndexOf(written, at - 1);
  return Math.max(0, at);
}

function tagOf(name: string, properties: Readonly<Record<string, unknown>>, prefixes: readonly unknown[]): AzureTag {
  const { region, changeNumber } = properties;
  return {
    name,
    service: name.split(".", 1)[0]!,
    region: typeof region === "string" ? region : "",
    changeNumber: typeof changeNumber === "number" ? changeNumber : undefined,
    prefixes,
  };
}

/**
 * The addresses of tags, both families.
 *
 * An unknown tag is an error (its case must be right, too), and so is a tag or a whole selection without addresses: a
 * region that vanished from the feed must be noticed.
 */
export function selectAzure(feed: AzureFeed, selection: AzureSelection): SelectedAzure {
  const diagnostics: Diagnostic[] = [];
  const names = new Set<string>();
  for (const tag of selection.tags ?? []) {
    for (const name of namesOf(feed, tag, tag.text, "tag", diagnostics)) names.add(name);
  }
  for (const region of selection.regions ?? []) {
    for (const name of namesOf(feed, region, `${storage}${region.text}`, "region", diagnostics)) names.add(name);
  }
  const parts = [...names].map((name) => {
    const { addresses, diagnostics: wrong } = prefixesToSet(feed.source, feed.tags.get(name)!.prefixes, name);
    diagnostics.push(...wrong);
    return addresses;
  });
  const addresses = parts.length === 0 ? noAddress : parts.length === 1 ? parts[0]! : unionAddresses(...parts);
  return { addresses, tags: [...names], diagnostics };
}

const storage = "Storage.";

function namesOf(
  feed: AzureFeed,
  wanted: Wanted,
  tag: string,
  what: "tag" | "region",
  diagnostics: Diagnostic[],
): readonly string[] {
  const names = tag.endsWith(".*")
    ? [...feed.tags.keys()].filter((name) => name.startsWith(tag.slice(0, -1)))
    : feed.tags.has(tag)
      ? [tag]
      : [];
  const empty = names.filter((name) => feed.tags.get(name)!.prefixes.length === 0);
  if (names.length === 0) diagnostics.push(unknown(feed, wanted, tag, what));
  for (const name of empty) {
    diagnostics.push(
      diagnostic("RW5003", `the service tag ${name} has no addresses in ${feed.source.path} (${feed.version})`, {
        primary: wanted.span,
        help: "an empty selection is an error, because an exception that opens nothing would look like one that works; remove the tag or use another feed",
      }),
    );
  }
  return names.filter((name) => !empty.includes(name));
}

function unknown(feed: AzureFeed, wanted: Wanted, tag: string, what: "tag" | "region"): Diagnostic {
  const candidates =
    what === "tag"
      ? [...feed.tags.keys()]
      : [...feed.tags.keys()].filter((name) => name.startsWith(storage)).map((name) => name.slice(storage.length));
  const near = didYouMean(wanted.text, candidates);
  const missing = what === "tag" ? `the service tag "${tag}"` : `the region "${wanted.text}" (service tag "${tag}")`;
  return diagnostic("RW5002", `${missing} does not occur in ${feed.source.path}${near}`, {
    primary: wanted.span,
    help:
      near === ""
        ? `it has ${feed.tags.size} tags (cloud ${feed.cloud}, ${feed.version}); tags come and go between releases`
        : "tags are spelt as the feed spells them, upper and lower case included",
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
