import type { Diagnostic } from "../diagnostics/index.js";
import type {
  AddressChange,
  AzureDiff,
  EndpointSetChange,
  Move,
  Office365Diff,
  TagChange,
  WordChange,
} from "../feeds/index.js";
import { endpointSetLabel, feedTitle, isNoChange } from "../feeds/index.js";
import type { PolicyFeedDiff, UsedChange } from "../jobs/policy-feed-diff.js";
import type { AddressSet, Family } from "../net/index.js";
import { fewestPrefixes4, fewestPrefixes6, formatPrefix4, formatPrefix6, isNoAddress, size } from "../net/index.js";
import type { JsonFeed } from "./feeds-show.js";
import { jsonFeed } from "./feeds-show.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";

/** Two versions of a feed, and what that means to a policy where one was named. */
export interface FeedsDiffReport {
  readonly difference: AzureDiff | Office365Diff;
  readonly policy?: { readonly name: string } & PolicyFeedDiff;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `ringwall feeds diff --json` prints: schemas/feeds-diff-report.schema.json. */
export interface JsonFeedsDiff {
  readonly kind: "azure" | "office365";
  readonly from: JsonFeed;
  readonly to: JsonFeed;
  /** How many tags or endpoint sets were compared. */
  readonly compared: number;
  /** All of them taken together. */
  readonly whole: JsonChange;
  /** Azure only, and so are regions and moves. */
  readonly tags?: readonly (Pick<TagChange, "name" | "what" | "service" | "region"> & JsonChange)[];
  readonly regions?: readonly ({ readonly region: string } & JsonChange)[];
  readonly moves?: readonly (Omit<Move, "addresses"> & { readonly addresses: JsonAddresses })[];
  /** Office 365 only. */
  readonly sets?: readonly JsonSetChange[];
  /** Tags, or numbers of endpoint sets: the same addresses in other prefixes. */
  readonly resliced: readonly string[];
  readonly policy?: {
    readonly name: string;
    readonly feeds: readonly string[];
    readonly used: number;
    readonly changes: readonly ({
      readonly network: string;
      readonly use: UsedChange["used"]["use"];
      readonly rule?: string;
    } & JsonChange)[];
    readonly broken: readonly JsonDiagnostic[];
  };
  readonly diagnostics: readonly JsonDiagnostic[];
}

interface JsonSetChange extends JsonChange {
  readonly id: number;
  readonly what: EndpointSetChange["what"];
  readonly area: string;
  readonly category: string;
  readonly ports: WordChange;
  readonly urls: WordChange;
  readonly properties: EndpointSetChange["properties"];
  readonly effective: readonly { readonly date: string; readonly addresses: JsonAddresses }[];
}

export interface JsonChange {
  readonly added: JsonAddresses;
  readonly removed: JsonAddresses;
}

export interface JsonAddresses {
  readonly ipv4: { readonly prefixes: readonly string[]; readonly addresses: string };
  readonly ipv6: { readonly prefixes: readonly string[]; readonly addresses: string };
}

export function jsonFeedsDiff({ difference, policy, diagnostics }: FeedsDiffReport): JsonFeedsDiff {
  const { kind, from, to, compared, whole } = difference;
  return {
    kind,
    from: jsonFeed(from),
    to: jsonFeed(to),
    compared,
    whole: jsonChange(whole),
    ...(difference.kind === "azure" ? jsonAzure(difference) : { sets: difference.sets.map(jsonSet) }),
    resliced: difference.resliced.map(String),
    ...(policy !== undefined && {
      policy: {
        name: policy.name,
        feeds: policy.feeds,
        used: policy.used,
        changes: policy.changes.map((change) => ({
          network: change.used.label,
          use: change.used.use,
          ...(change.used.rule !== undefined && { rule: change.used.rule }),
          ...jsonChange(change),
        })),
        broken: policy.broken.map(jsonDiagnostic),
      },
    }),
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
}

function jsonAzure({ tags, regions, moves }: AzureDiff): Pick<JsonFeedsDiff, "tags" | "regions" | "moves"> {
  return {
    tags: tags.map((tag) => ({
      name: tag.name,
      what: tag.what,
      service: tag.service,
      region: tag.region,
      ...jsonChange(tag),
    })),
    regions: regions.map((one) => ({ region: one.region, ...jsonChange(one) })),
    moves: moves.map(({ kind, from, to, addresses }) => ({ kind, from, to, addresses: jsonAddresses(addresses) })),
  };
}

function jsonSet(change: EndpointSetChange): JsonSetChange {
  const { id, what, set, ports, urls, properties, effective } = change;
  return {
    id,
    what,
    area: set.area,
    category: set.category,
    ...jsonChange(change),
    ports,
    urls,
    properties,
    effective: effective.map(({ date, addresses }) => ({ date, addresses: jsonAddresses(addresses) })),
  };
}

function jsonChange({ added, removed }: AddressChange): JsonChange {
  return { added: jsonAddresses(added), removed: jsonAddresses(removed) };
}

function jsonAddresses(addresses: AddressSet): JsonAddresses {
  return {
    ipv4: { prefixes: prefixTexts(addresses, "ipv4"), addresses: size(addresses.ipv4).toString() },
    ipv6: { prefixes: prefixTexts(addresses, "ipv6"), addresses: size(addresses.ipv6).toString() },
  };
}

export function prefixTexts(addresses: AddressSet, family: Family): string[] {
  return family === "ipv4"
    ? fewestPrefixes4(addresses.ipv4).map(formatPrefix4)
    : fewestPrefixes6(addresses.ipv6).map(formatPrefix6);
}

/** A change in the shape that text and markdown share. */
export interface Section {
  readonly title: string;
  /** What a row is: `tag`, `region`. */
  readonly head: readonly string[];
  readonly rows: readonly SectionRow[];
  /** Addresses that have moved are neither added nor removed; they stand in `added`. */
  readonly moved?: true;
}

export interface SectionRow {
  readonly cells: readonly string[];
  readonly change: AddressChange;
  /** What else changed, a line each. */
  readonly remarks: readonly string[];
}

/** The sections of a report, the most important first; those without rows are left out. */
export function sectionsOf({ difference, policy }: FeedsDiffReport): Section[] {
  const all: Section[] = [
    ...(policy === undefined ? [] : [policySection(policy)]),
    ...(difference.kind === "azure" ? azureSections(difference) : office365Sections(difference)),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

function policySection({ name, changes }: NonNullable<FeedsDiffReport["policy"]>): Section {
  return {
    title: `What ${name} uses`,
    head: ["network", "used in"],
    rows: changes.map((change) => ({ cells: [change.used.label, useText(change)], change, remarks: [] })),
  };
}

function useText({ used }: UsedChange): string {
  switch (used.use) {
    case "rule":
      return `rule "${used.rule ?? ""}"`;
    case "exception":
      return `exception of "${used.rule ?? ""}"`;
    case "hosts":
      return "hosts";
  }
}

function azureSections({ tags, regions, moves }: AzureDiff): Section[] {
  const of = (what: TagChange["what"], title: string): Section => ({
    title,
    head: ["tag", "region"],
    rows: tags
      .filter((tag) => tag.what === what)
      .map((tag) => ({ cells: [tag.name, tag.region], change: tag, remarks: [] })),
  });
  return [
    of("vanished", "Vanished tags"),
    of("new", "New tags"),
    of("changed", "Changed tags"),
    {
      title: "Moved from one tag to another",
      moved: true,
      head: ["from", "to"],
      rows: moves.map((move) => ({
        cells: [move.from, move.to],
        change: { added: move.addresses, removed: { ipv4: [], ipv6: [] } },
        remarks: [],
      })),
    },
    {
      title: "By region, all tags together",
      head: ["region"],
      rows: (regions.length < 2 ? [] : regions).map((one) => ({
        cells: [one.region === "" ? "(none)" : one.region],
        change: one,
        remarks: [],
      })),
    },
  ];
}

function office365Sections({ sets }: Office365Diff): Section[] {
  const of = (what: EndpointSetChange["what"], title: string): Section => ({
    title,
    head: ["endpoint set", "ports"],
    rows: sets
      .filter((set) => set.what === what)
      .map((change) => ({
        cells: [endpointSetLabel(change.set), change.set.ports.join(" ")],
        change,
        remarks: remarksOf(change),
      })),
  });
  return [
    of("vanished", "Vanished endpoint sets"),
    of("new", "New endpoint sets"),
    of("changed", "Changed endpoint sets"),
  ];
}

function remarksOf({ what, urls, ports, properties, effective, undated, added }: EndpointSetChange): string[] {
  const words = (what: string, change: WordChange): string[] => [
    ...(change.added.length > 0 ? [`${what} added: ${change.added.join(", ")}`] : []),
    ...(change.removed.length > 0 ? [`${what} removed: ${change.removed.join(", ")}`] : []),
  ];
  const dates = effective.map(({ date, addresses }) => `from ${date}: ${allPrefixes(addresses).join(", ")}`);
  return [
    ...dates,
    ...(effective.length > 0 && !isNoAddress(undated) && !isNoAddress(added)
      ? [`no date announced: ${allPrefixes(undated).join(", ")}`]
      : []),
    ...(what === "changed" ? words("ports", ports) : []),
    ...words("host names", urls),
    ...properties.map(({ name, before, after }) => `${name}: ${before} -> ${after}`),
  ];
}

export function allPrefixes(addresses: AddressSet): string[] {
  return [...prefixTexts(addresses, "ipv4"), ...prefixTexts(addresses, "ipv6")];
}

/** `Azure service tags, cloud Public: changeNumber 361 -> changeNumber 375`. */
export function diffTitle({ from, to }: AzureDiff | Office365Diff): string {
  return `${feedTitle(from)} -> ${to.version}`;
}

export function resliceText({ resliced, kind }: AzureDiff | Office365Diff): string | undefined {
  if (resliced.length === 0) return undefined;
  const what = `${kind === "azure" ? "tag" : "endpoint set"}${resliced.length === 1 ? " has" : "s have"}`;
  const names = resliced.slice(0, 5).join(", ");
  return `${resliced.length} ${what} the same addresses in other prefixes: ${names}${resliced.length > 5 ? ", …" : ""}`;
}

/** Whether anything differs, besides the way in which addresses are cut into prefixes. */
export function feedsDiffer(difference: AzureDiff | Office365Diff): boolean {
  return difference.kind === "azure"
    ? difference.tags.length > 0
    : difference.sets.length > 0 || !isNoChange(difference.whole);
}
