import type { Diagnostic } from "../diagnostics/index.js";
import { feedTitle } from "../feeds/index.js";
import type { FeedOverview, OverviewRow } from "../jobs/feed-overview.js";
import type { Family } from "../net/index.js";
import { amount } from "../policy/index.js";
import { csvText } from "../vendor-kit/csv.js";
import type { JsonCount } from "./exceptions.js";
import { countOf, grouped } from "./exceptions.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import type { Column } from "./table.js";
import { tableText } from "./table.js";
import { visibleLine } from "./visible.js";

/** What `ringwall feeds show --json` prints: schemas/feeds-show-report.schema.json. */
export interface JsonFeedsShow {
  readonly feeds: readonly JsonFeedOverview[];
  readonly diagnostics: readonly JsonDiagnostic[];
}

export interface JsonFeedOverview extends JsonFeed {
  readonly by: FeedOverview["by"];
  readonly rows: readonly JsonOverviewRow[];
}

/** How reports speak of a feed. */
export interface JsonFeed {
  readonly kind: "azure" | "office365";
  readonly file: string;
  readonly version: string;
  readonly sha256: string;
  /** The cloud or the instance; null where the file does not say. */
  readonly of: string | null;
}

interface JsonOverviewRow {
  readonly name: string;
  readonly tags: number;
  readonly region?: string;
  readonly service?: string;
  readonly changeNumber?: number;
  readonly area?: string;
  readonly category?: string;
  readonly required?: boolean;
  readonly ports?: readonly string[];
  readonly urls?: readonly string[];
  /** Absent for the family that was not asked for. */
  readonly ipv4?: JsonCount & { readonly published: number };
  readonly ipv6?: JsonCount & { readonly published: number };
}

export function jsonFeedsShow(
  overviews: readonly FeedOverview[],
  families: readonly Family[],
  diagnostics: readonly Diagnostic[],
): JsonFeedsShow {
  return {
    feeds: overviews.map(({ feed, by, rows }) => ({
      ...jsonFeed(feed),
      by,
      rows: rows.map((row) => jsonRow(row, families)),
    })),
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
}

export function jsonFeed(feed: FeedOverview["feed"]): JsonFeed {
  return {
    kind: feed.kind,
    file: feed.source.path,
    version: feed.version,
    sha256: feed.sha256,
    of: (feed.kind === "azure" ? feed.cloud : feed.instance) ?? null,
  };
}

function jsonRow(row: OverviewRow, families: readonly Family[]): JsonOverviewRow {
  const { name, tags, tag, set } = row;
  const count = (family: Family) => ({ published: row.published[family], ...countOf(row.addresses, family) });
  return {
    name,
    tags,
    ...(tag !== undefined && {
      region: tag.region,
      service: tag.service,
      ...(tag.changeNumber !== undefined && { changeNumber: tag.changeNumber }),
    }),
    ...(set !== undefined && {
      area: set.area,
      category: set.category,
      required: set.required,
      ports: set.ports,
      urls: set.urls,
    }),
    ...(families.includes("ipv4") && { ipv4: count("ipv4") }),
    ...(families.includes("ipv6") && { ipv6: count("ipv6") }),
  };
}

/** Each feed with a table and a line that sums it up. */
export function feedsShowText(
  overviews: readonly FeedOverview[],
  families: readonly Family[],
  style: Style = plain,
): string {
  return overviews
    .map((overview) => {
      const { feed, by, rows } = overview;
      const table = tableText(
        columnsOf(by, families),
        rows.map((row) => cellsOf(row, by, families, grouped)),
        style,
      );
      return `${visibleLine(feedTitle(feed))} (${visibleLine(feed.source.path)})\n\n${table}\n${sumOf(overview, families)}\n`;
    })
    .join("\n");
}

/** One table; the feeds are of one kind. */
export function feedsShowCsv(overviews: readonly FeedOverview[], families: readonly Family[]): string {
  const [first] = overviews;
  if (first === undefined) return "";
  const header = columnsOf(first.by, families).map(({ title }) => title.replaceAll(" ", "_").toLowerCase());
  return csvText([
    header,
    ...overviews.flatMap(({ rows, by }) => rows.map((row) => cellsOf(row, by, families, String))),
  ]);
}

function columnsOf(by: FeedOverview["by"], families: readonly Family[]): Column[] {
  const heads: Readonly<Record<FeedOverview["by"], readonly Column[]>> = {
    tag: [{ title: "tag" }, { title: "region" }],
    service: [{ title: "service" }, { title: "tags", right: true }],
    region: [{ title: "region" }, { title: "tags", right: true }],
    "endpoint-set": [
      { title: "id", right: true },
      { title: "area" },
      { title: "category" },
      { title: "required" },
      { title: "ports" },
      { title: "host names", right: true },
    ],
  };
  return [
    ...heads[by],
    ...(families.includes("ipv4")
      ? ["IPv4 published", "IPv4 fewest", "IPv4 addresses"].map((title) => ({ title, right: true }))
      : []),
    ...(families.includes("ipv6") ? ["IPv6 published", "IPv6 fewest"].map((title) => ({ title, right: true })) : []),
  ];
}

function cellsOf(
  row: OverviewRow,
  by: FeedOverview["by"],
  families: readonly Family[],
  number: (count: number | string) => string,
): string[] {
  const { set, tag, addresses, published } = row;
  const [ipv4, ipv6] = [countOf(addresses, "ipv4"), countOf(addresses, "ipv6")];
  const head =
    set !== undefined
      ? [row.name, set.area, set.category, set.required ? "yes" : "no", set.ports.join(" "), number(set.urls.length)]
      : [row.name, by === "tag" ? (tag?.region ?? "") : number(row.tags)];
  return [
    ...head,
    ...(families.includes("ipv4") ? [number(published.ipv4), number(ipv4.prefixes), number(ipv4.addresses)] : []),
    ...(families.includes("ipv6") ? [number(published.ipv6), number(ipv6.prefixes)] : []),
  ];
}

function sumOf({ rows, tags, by, addresses }: FeedOverview, families: readonly Family[]): string {
  const counted = {
    ipv4: families.includes("ipv4") ? addresses.ipv4 : [],
    ipv6: families.includes("ipv6") ? addresses.ipv6 : [],
  };
  const parts = by === "endpoint-set" ? "endpoint sets" : "tags";
  const groups = by === "service" || by === "region" ? ` in ${grouped(rows.length)} ${by}s` : "";
  return `${grouped(tags)} ${tags === 1 ? parts.slice(0, -1) : parts}${groups}: ${amount(counted) || "no addresses"}`;
}
