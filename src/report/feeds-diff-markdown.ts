import type { FeedsDiffReport, Section, SectionRow } from "./feeds-diff.js";
import { allPrefixes, diffTitle, resliceText, sectionsOf } from "./feeds-diff.js";
import { changeCells, changeColumns, policyQuiet, wholeLine } from "./feeds-diff-text.js";
import { visibleLine } from "./visible.js";

/** A pull request holds 65,536 characters. */
const mostCharacters = 60_000;

/** Rows of a table before the rest folds away. */
const mostRows = 25;

/** How much is told: everything; without the prefixes; or the first rows of each table only. */
type Detail = "all" | "tables" | "first rows";

/** The report for a pull request: GitHub's tables, with the prefixes folded. What is too long is told in less detail. */
export function feedsDiffMarkdown(report: FeedsDiffReport): string {
  for (const detail of ["all", "tables", "first rows"] as const) {
    const text = markdownOf(report, detail);
    if (text.length <= mostCharacters) return text;
  }
  // Names as long as that are none of Microsoft's.
  const text = markdownOf(report, "first rows");
  return `${text.slice(0, text.lastIndexOf("\n", mostCharacters))}\n`;
}

function markdownOf(report: FeedsDiffReport, detail: Detail): string {
  const { difference, policy } = report;
  const reslice = resliceText(difference);
  const blocks = [
    `## ${escapeMarkdown(diffTitle(difference))}`,
    `${escapeMarkdown(wholeLine(report))}.`,
    ...(policy === undefined ? [] : policyBlocks(policy)),
    ...sectionsOf(report).map((section) => sectionMarkdown(section, detail)),
    ...(reslice === undefined ? [] : [`${escapeMarkdown(reslice)}.`]),
    ...(detail === "all" ? [] : ["This is not all: `ringwall feeds diff` shows the rest, `--json` every prefix."]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function policyBlocks(policy: NonNullable<FeedsDiffReport["policy"]>): string[] {
  if (policy.changes.length + policy.broken.length === 0) return [`**${escapeMarkdown(policyQuiet(policy))}.**`];
  return policy.broken.map(
    ({ message, code }) => `**${escapeMarkdown(policy.name)} would not compile:** ${escapeMarkdown(message)} [${code}]`,
  );
}

function sectionMarkdown(section: Section, detail: Detail): string {
  const { title, rows } = section;
  const some = rows.slice(0, mostRows);
  const rest = rows.slice(mostRows);
  const more = `${rest.length} more`;
  const hasPrefixes = detail === "all" && !title.startsWith("By region") && section.moved !== true;
  return [
    `### ${escapeMarkdown(title)} (${rows.length})`,
    table(section, some),
    ...(rest.length === 0 ? [] : [detail === "first rows" ? `and ${more}` : folded(more, table(section, rest))]),
    ...(hasPrefixes ? [prefixList(rows)] : []),
  ].join("\n\n");
}

function table(section: Section, rows: readonly SectionRow[]): string {
  const { head } = section;
  const titles = [...head, ...changeColumns(section)];
  return [
    row(titles),
    `| ${titles.map((_, i) => (i < head.length ? "---" : "--:")).join(" | ")} |`,
    ...rows.map((one) => row([...one.cells, ...changeCells(section, one.change)].map(escapeMarkdown))),
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function prefixList(rows: readonly SectionRow[]): string {
  const lines = rows.flatMap(({ cells, change, remarks }) => [
    `${visibleLine(cells.join(" "))}`,
    ...allPrefixes(change.added).map((prefix) => `+ ${prefix}`),
    ...allPrefixes(change.removed).map((prefix) => `- ${prefix}`),
    ...remarks.map((remark) => `  ${visibleLine(remark)}`),
  ]);
  return folded("prefixes", `\`\`\`diff\n${lines.map((line) => line.replaceAll("`", "'")).join("\n")}\n\`\`\``);
}

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Text from a feed or a policy as one line of markdown that is nothing but text. */
function escapeMarkdown(text: string): string {
  return visibleLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|~#@!]/g, (sign) => (sign === "@" ? "&#64;" : `\\${sign}`));
}
