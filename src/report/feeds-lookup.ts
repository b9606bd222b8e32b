import type { Diagnostic } from "../diagnostics/index.js";
import type { AnyFeed, FeedPart, Found } from "../feeds/index.js";
import { feedTitle, partLabel, partsOf } from "../feeds/index.js";
import type { FeedQuery } from "../jobs/feed-queries.js";
import type { AnyPrefix } from "../net/index.js";
import { formatPrefix4, formatPrefix6, size } from "../net/index.js";
import { amount } from "../policy/index.js";
import { csvText } from "../vendor-kit/csv.js";
import { grouped } from "./exceptions.js";
import type { JsonFeed } from "./feeds-show.js";
import { jsonFeed } from "./feeds-show.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { displayWidth, visibleLine } from "./visible.js";

export interface LookupAnswer {
  readonly query: FeedQuery;
  readonly found: Found;
}

/** What `ringwall feeds lookup --json` prints: schemas/feeds-lookup-report.schema.json. */
export interface JsonFeedsLookup {
  readonly feeds: readonly JsonFeed[];
  readonly answers: readonly {
    readonly query: string;
    readonly holding: readonly (JsonPart & {
      /** Null where only several published prefixes together hold it. */
      readonly prefix: string | null;
    })[];
    readonly partly: readonly (JsonPart & {
      /** How many of the addresses that were asked for. */
      readonly addresses: string;
    })[];
  }[];
  readonly diagnostics: readonly JsonDiagnostic[];
}

interface JsonPart {
  /** Which of `feeds`, from 0. */
  readonly feed: number;
  readonly name: string;
  readonly kind: FeedPart["kind"];
  /** Of a tag; empty for one of all regions. */
  readonly region?: string;
  readonly service?: string;
  /** Of an endpoint set. */
  readonly id?: number;
  readonly area?: string;
  readonly category?: string;
  readonly ports?: readonly string[];
}

export function jsonFeedsLookup(
  feeds: readonly AnyFeed[],
  answers: readonly LookupAnswer[],
  diagnostics: readonly Diagnostic[],
): JsonFeedsLookup {
  const places = placesOf(feeds);
  return {
    feeds: feeds.map(jsonFeed),
    answers: answers.map(({ query, found }) => ({
      query: query.text,
      holding: found.holding.map(({ part, prefix }) => ({
        ...jsonPart(part, places.get(part)!),
        prefix: prefix === undefined ? null : prefixText(prefix),
      })),
      partly: found.partly.map(({ part, addresses }) => ({
        ...jsonPart(part, places.get(part)!),
        addresses: (size(addresses.ipv4) + size(addresses.ipv6)).toString(),
      })),
    })),
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
}

/** Of each part the place of its feed: two clouds have tags of the same names. */
function placesOf(feeds: readonly AnyFeed[]): ReadonlyMap<FeedPart, number> {
  return new Map(feeds.flatMap((feed, i) => partsOf(feed).parts.map((part) => [part, i] as const)));
}

function jsonPart(part: FeedPart, feed: number): JsonPart {
  const name = partLabel(part);
  if (part.kind === "tag") {
    return { feed, name, kind: part.kind, region: part.tag.region, service: part.tag.service };
  }
  const { id, area, category, ports } = part.set;
  return { feed, name, kind: part.kind, id, area, category, ports };
}

/** Of the parts that have some of a prefix, how many are shown. */
const mostPartly = 10;

/** Each query with the parts that hold it, most specific first. */
export function feedsLookupText(
  feeds: readonly AnyFeed[],
  answers: readonly LookupAnswer[],
  style: Style = plain,
): string {
  const width = answers.reduce(
    (most, { found }) =>
      found.holding.reduce((one, { part }) => Math.max(one, displayWidth(visibleLine(partLabel(part)))), most),
    0,
  );
  const publisher = publisherNames(feeds);
  const blocks = answers.map((answer) => answerText(answer, width, publisher, style));
  const held = answers.filter(({ found }) => found.holding.length > 0).length;
  const where = feeds.map((feed) => visibleLine(`${feedTitle(feed)} (${feed.source.path})`)).join(" and ");
  const sum = answers.length === 1 ? where : `${grouped(held)} of ${grouped(answers.length)} are in ${where}`;
  return `${blocks.join("")}${style.faint(sum)}\n`;
}

/** `  cloud China` of a part, where several feeds of its kind are asked; else nothing. */
function publisherNames(feeds: readonly AnyFeed[]): (part: FeedPart) => string {
  const places = placesOf(feeds);
  return (part) => {
    const feed = feeds[places.get(part)!]!;
    if (feeds.filter(({ kind }) => kind === feed.kind).length < 2) return "";
    const { path } = feed.source;
    const name =
      feed.kind === "azure" ? `cloud ${feed.cloud}` : feed.instance === undefined ? path : `instance ${feed.instance}`;
    return `  ${visibleLine(name)}`;
  };
}

function answerText(
  { query, found }: LookupAnswer,
  width: number,
  publisher: (part: FeedPart) => string,
  style: Style,
): string {
  const lines = found.holding.map(({ part, prefix }) => {
    const label = visibleLine(partLabel(part));
    const rest = `${prefix === undefined ? "several prefixes" : prefixText(prefix)}${detailOf(part)}`;
    return `  ${label}${" ".repeat(Math.max(0, width - displayWidth(label)))}  ${rest}${publisher(part)}`;
  });
  const partly = found.partly
    .slice(0, mostPartly)
    .map(({ part, addresses }) => `  ${visibleLine(partLabel(part))} has ${amount(addresses)} of it${publisher(part)}`);
  const more = found.partly.length - partly.length;
  const nothing = found.holding.length + found.partly.length === 0 ? ["  in none of it"] : [];
  return [
    style.bold(query.text),
    ...lines,
    ...nothing,
    ...partly,
    ...(more > 0 ? [`  and ${grouped(more)} more have some of it; --json shows all`] : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function detailOf(part: FeedPart): string {
  if (part.kind === "tag") return part.tag.region === "" ? "" : `  ${visibleLine(part.tag.region)}`;
  return part.set.ports.length === 0 ? "" : `  ${visibleLine(part.set.ports.join(" "))}`;
}

/** A row for each part that holds a query, and one with empty fields for a query that none holds. */
export function feedsLookupCsv(feeds: readonly AnyFeed[], answers: readonly LookupAnswer[]): string {
  const places = placesOf(feeds);
  const rows = answers.flatMap(({ query, found }) =>
    found.holding.length === 0
      ? [[query.text, "", "", "", ""]]
      : found.holding.map(({ part, prefix }) => [
          query.text,
          partLabel(part),
          part.kind === "tag" ? part.tag.region : "",
          prefix === undefined ? "" : prefixText(prefix),
          feeds[places.get(part)!]!.source.path,
        ]),
  );
  return csvText([["query", "name", "region", "prefix", "feed"], ...rows]);
}

function prefixText(prefix: AnyPrefix): string {
  return prefix.family === "ipv4" ? formatPrefix4(prefix.prefix) : formatPrefix6(prefix.prefix);
}
