import type { AddressChange } from "../feeds/index.js";
import type { AddressSet, Family } from "../net/index.js";
import { isNoAddress, size } from "../net/index.js";
import { amount } from "../policy/index.js";
import { grouped } from "./exceptions.js";
import type { FeedsDiffReport, Section, SectionRow } from "./feeds-diff.js";
import { allPrefixes, diffTitle, feedsDiffer, prefixTexts, resliceText, sectionsOf } from "./feeds-diff.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { tableText } from "./table.js";
import { visibleLine } from "./visible.js";

/** Prefixes are listed as long as they fit a few screens; --json has all of them. */
const mostPrefixes = 120;

/**
 * What changed, in tables of addresses: each with the fewest prefixes that are these addresses, in brackets. IPv6 counts
 * networks of 64 bits where there is at least one.
 */
export function feedsDiffText(report: FeedsDiffReport, style: Style = plain): string {
  const { difference, policy } = report;
  const sections = sectionsOf(report);
  const listed = sections.filter(({ title }) => !title.startsWith("By region"));
  const prefixes = listed.flatMap(({ rows }) => rows).reduce((sum, row) => sum + countPrefixes(row), 0);
  const reslice = resliceText(difference);
  return [
    `${style.bold(visibleLine(diffTitle(difference)))}\n`,
    `${wholeLine(report)}\n`,
    ...(policy !== undefined && policy.changes.length + policy.broken.length === 0
      ? [`${style.good(policyQuiet(policy))}\n`]
      : []),
    ...sections.map((section) => {
      const showAll = prefixes <= mostPrefixes && listed.includes(section);
      return `\n${style.bold(`${visibleLine(section.title)} (${grouped(section.rows.length)})`)}\n${sectionText(section, showAll, style)}`;
    }),
    ...(reslice === undefined ? [] : [`\n${visibleLine(reslice)}\n`]),
    ...(feedsDiffer(difference) && prefixes > mostPrefixes ? [`\n${style.faint("--json lists every prefix")}\n`] : []),
  ].join("");
}

/** `503 of 3,071 tags differ: +749,273 -29,324 IPv4 addresses, …`. */
export function wholeLine({ difference }: FeedsDiffReport): string {
  const { whole, compared, kind } = difference;
  const what = kind === "azure" ? "tags" : "endpoint sets";
  const changed = kind === "azure" ? difference.tags.length : difference.sets.length;
  if (!feedsDiffer(difference)) return `none of ${grouped(compared)} ${what} differs in its addresses`;
  const counts = [
    ...(isNoAddress(whole.added) ? [] : [`added ${amount(whole.added)}`]),
    ...(isNoAddress(whole.removed) ? [] : [`removed ${amount(whole.removed)}`]),
  ];
  const sum = counts.length === 0 ? "taken together they hold the same addresses" : counts.join(", ");
  return `${grouped(changed)} of ${grouped(compared)} ${what} ${changed === 1 ? "differs" : "differ"}: ${sum}`;
}

export function policyQuiet({ name, used }: NonNullable<FeedsDiffReport["policy"]>): string {
  return used === 0 ? `${name} takes nothing from this feed` : `nothing that ${name} uses has changed`;
}

/** `2,048`, or `12 /64` for IPv6. */
function count(addresses: AddressSet, family: Family): string {
  const total = size<number | bigint>(addresses[family]);
  if (family === "ipv4") return grouped(total);
  return total >= 1n << 64n ? `${grouped(total >> 64n)} /64` : grouped(total);
}

/** `2,048 (5)`: addresses, and the fewest prefixes. */
function cellOf(addresses: AddressSet, family: Family): string {
  return addresses[family].length === 0
    ? ""
    : `${count(addresses, family)} (${grouped(prefixTexts(addresses, family).length)})`;
}

export function changeColumns({ moved }: Section): readonly string[] {
  return moved === true ? ["IPv4", "IPv6"] : ["IPv4 added", "IPv4 removed", "IPv6 added", "IPv6 removed"];
}

export function changeCells({ moved }: Section, { added, removed }: AddressChange): string[] {
  return moved === true
    ? [cellOf(added, "ipv4"), cellOf(added, "ipv6")]
    : [cellOf(added, "ipv4"), cellOf(removed, "ipv4"), cellOf(added, "ipv6"), cellOf(removed, "ipv6")];
}

function sectionText(section: Section, showPrefixes: boolean, style: Style): string {
  const { head, rows } = section;
  const columns = [
    ...head.map((title) => ({ title })),
    ...changeColumns(section).map((title) => ({ title, right: true })),
  ];
  const cells = rows.map((row) => [...row.cells, ...changeCells(section, row.change)]);
  const kept = columns.map((_, i) => i < head.length || cells.some((row) => row[i] !== ""));
  const table = tableText(
    columns.filter((_, i) => kept[i]),
    cells.map((row) => row.filter((_, i) => kept[i])),
    style,
  ).split("\n");
  const lines = [
    table[0]!,
    ...rows.flatMap((row, i) => [table[i + 1]!, ...detailLines(row, section, showPrefixes, style)]),
  ];
  return lines
    .map((line) => `  ${line}`.trimEnd())
    .map((line) => `${line}\n`)
    .join("");
}

function detailLines(
  { change, remarks }: SectionRow,
  { moved }: Section,
  showPrefixes: boolean,
  style: Style,
): string[] {
  const prefixes = !showPrefixes
    ? []
    : moved === true
      ? allPrefixes(change.added).map((prefix) => `    ${prefix}`)
      : [
          ...allPrefixes(change.added).map((prefix) => style.good(`  + ${prefix}`)),
          ...allPrefixes(change.removed).map((prefix) => style.error(`  - ${prefix}`)),
        ];
  return [...prefixes, ...remarks.map((remark) => `  ${visibleLine(remark)}`)];
}

function countPrefixes({ change }: SectionRow): number {
  return allPrefixes(change.added).length + allPrefixes(change.removed).length;
}
