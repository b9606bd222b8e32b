import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import { noAddress, unionAddresses } from "../net/index.js";
import { prefixesToSet } from "./feed.js";
import type { FeedReading, FeedText, Selected, Wanted } from "./feed.js";
import { readJson, wrongFormat } from "./json.js";

/**
 * The endpoint sets of the Office 365 IP Address and URL web service, one instance.
 *
 * Source: https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service
 */
export interface Office365Feed {
  readonly kind: "office365";
  readonly source: Source;
  readonly sha256: string;
  /** `version 2024073100`, or `version unknown`: the answer of the service does not hold its own version. */
  readonly version: string;
  /** `Worldwide`; undefined for the bare answer of the service, which does not say it. */
  readonly instance: string | undefined;
  readonly sets: readonly EndpointSet[];
}

export interface EndpointSet {
  readonly id: number;
  readonly area: string;
  readonly category: string;
  readonly required: boolean;
  /** Host names, some with `*`; as the file has them. */
  readonly urls: readonly string[];
  /** As the file has them; empty for a set of host names only. */
  readonly prefixes: readonly unknown[];
  /** `tcp/443`, ascending within a protocol. */
  readonly ports: readonly string[];
}

/** Undefined selects all; a set must meet every key, and within a key any of its words. */
export interface Office365Selection {
  readonly areas?: readonly Wanted[];
  readonly categories?: readonly Wanted[];
  readonly required?: true;
  readonly ids?: readonly Wanted[];
  /** `tcp/443`: sets that publish it. */
  readonly ports?: readonly Wanted[];
  /** Of the whole selection. */
  readonly span?: Span;
}

export interface SelectedOffice365 extends Selected {
  /** The sets that were taken, each with its own addresses. */
  readonly sets: readonly { readonly set: EndpointSet; readonly addresses: AddressSet }[];
}

const format = "a list of Office 365 endpoint sets";

/** Reads the web service's answer as it is: a list, or an object `{ "version": "…", "endpoints": [ … ] }`. */
export function readOffice365Feed({ source, sha256 }: FeedText): FeedReading<Office365Feed> {
  const json = readJson(source, format);
  if (!json.ok) return json;
  const refuse = (why: string): FeedReading<Office365Feed> => ({
    ok: false,
    problem: wrongFormat(source, format, why),
  });
  const rows: unknown = isObject(json.value) ? json.value["endpoints"] : json.value;
  if (isObject(json.value) && "values" in json.value) return refuse("it has Azure service tags; is its kind azure?");
  if (!Array.isArray(rows)) return refuse("it is neither a list nor an object with a list `endpoints`");
  const sets: EndpointSet[] = [];
  for (const [i, row] of rows.entries()) {
    const set = endpointSet(row);
    if (typeof set === "string") return refuse(`entry ${i} ${set}`);
    sets.push(set);
  }
  const { version, instance } = isObject(json.value) ? json.value : {};
  return {
    ok: true,
    feed: {
      kind: "office365",
      source,
      sha256,
      version: versionOf(version, source.path),
      instance: typeof instance === "string" ? instance : undefined,
      sets,
    },
  };
}

/**
 * The addresses of the endpoint sets that a selection takes, both families.
 *
 * A word that no set of the feed has is an error, and so is a selection without addresses.
 */
export function selectOffice365(feed: Office365Feed, selection: Office365Selection): SelectedOffice365 {
  const diagnostics: Diagnostic[] = [
    ...unknownWords(feed, selection.areas, "service area", (set) => [set.area]),
    ...unknownWords(feed, selection.categories, "category", (set) => [set.category]),
    ...unknownWords(feed, selection.ids, "id", (set) => [String(set.id)]),
  ];
  if (diagnostics.length > 0) return { addresses: noAddress, sets: [], diagnostics };

  const taken = feed.sets.filter((set) => takes(selection, set));
  const sets = taken.flatMap((set) => {
    const { addresses, diagnostics: wrong } = prefixesToSet(feed.source, set.prefixes, `endpoint set ${set.id}`);
    diagnostics.push(...wrong);
    return set.prefixes.length === 0 ? [] : [{ set, addresses }];
  });
  if (sets.length === 0) diagnostics.push(nothing(feed, selection, taken.length));
  return { addresses: unionAddresses(...sets.map((one) => one.addresses)), sets, diagnostics };
}

function endpointSet(row: unknown): EndpointSet | string {
  if (!isObject(row)) return "is not an object";
  const { id, serviceArea, category, required, urls = [], ips = [], tcpPorts = "", udpPorts = "" } = row;
  if (typeof id !== "number") return 'has no "id"';
  if (typeof serviceArea !== "string") return `(id ${id}) has no "serviceArea"`;
  if (typeof category !== "string") return `(id ${id}) has no "category"`;
  if (typeof required !== "boolean") return `(id ${id}) has no "required"`;
  if (!Array.isArray(ips)) return `(id ${id}) has "ips" that are no list`;
  if (!Array.isArray(urls)) return `(id ${id}) has "urls" that are no list`;
  if (typeof tcpPorts !== "string" || typeof udpPorts !== "string") return `(id ${id}) has ports that are no text`;
  const ports = [...portsOf("tcp", tcpPorts), ...portsOf("udp", udpPorts)];
  const names = urls.filter((url) => typeof url === "string");
  return { id, area: serviceArea, category, required, urls: names, prefixes: ips, ports };
}

/** The service writes `443,80` and `80, 443` alike. */
function portsOf(protocol: "tcp" | "udp", text: string): string[] {
  const numbers = text.split(",").map((part) => part.trim());
  return [...new Set(numbers.filter((part) => part !== ""))]
    .sort((a, b) => Number(a) - Number(b))
    .map((port) => `${protocol}/${port}`);
}

/** YYYYMMDDNN, from the file itself or from its name. */
function versionOf(written: unknown, path: string): string {
  if (typeof written === "string" && /^\d{10}$/.test(written)) return `version ${written}`;
  const inName = /(?<!\d)(20\d{8})(?!\d)[^/\\]*$/.exec(path);
  return `version ${inName?.[1] ?? "unknown"}`;
}

function takes(selection: Office365Selection, set: EndpointSet): boolean {
  const has = (words: readonly Wanted[] | undefined, ...values: readonly string[]): boolean =>
    words === undefined || words.some((word) => values.includes(word.text));
  return (
    has(selection.areas, set.area) &&
    has(selection.categories, set.category) &&
    (selection.required === undefined || set.required) &&
    has(selection.ids, String(set.id)) &&
    has(selection.ports, ...set.ports)
  );
}

function unknownWords(
  feed: Office365Feed,
  words: readonly Wanted[] | undefined,
  what: string,
  valuesOf: (set: EndpointSet) => readonly string[],
): Diagnostic[] {
  if (words === undefined) return [];
  const known = [...new Set(feed.sets.flatMap(valuesOf))].sort();
  return words
    .filter((word) => !known.includes(word.text))
    .map((word) =>
      diagnostic(
        "RW5002",
        `the ${what} "${word.text}" does not occur in ${feed.source.path}${didYouMean(word.text, known)}`,
        {
          primary: word.span,
          help: known.length <= 12 ? `it has ${known.join(", ")}` : "it is written as the feed writes it",
        },
      ),
    );
}

function nothing(feed: Office365Feed, selection: Office365Selection, withoutAddresses: number): Diagnostic {
  const why =
    withoutAddresses === 0
      ? "no endpoint set meets all that is asked for"
      : `the ${withoutAddresses} endpoint sets that it takes publish host names only`;
  return diagnostic("RW5003", `the selection from ${feed.source.path} has no addresses: ${why}`, {
    primary: selection.span,
    help: "an empty selection is an error, because an exception that opens nothing would look like one that works; ask for less at once",
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
