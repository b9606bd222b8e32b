import type { FeedsDiffReport, Section, SectionRow } from "./feeds-diff.js";
import { allPrefixes, diffTitle, resliceText, sectionsOf } from "./feeds-diff.js";
import { changeCells, changeColumns, policyQuiet, wholeLine } from "./feeds-diff-text.js";
import { visibleLine } from "./visible.js";

/** A pull request holds 65,536 characters; what is longer is cut at a line, and says so. */
const mostCharacters = 60_000;

/** Rows of a table before the rest folds away. */
const mostRows = 25;

/** The report for a pull request: GitHub's tables, with the prefixes folded. */
export function feedsDiffMarkdown(report: FeedsDiffReport): string {
  const { difference, policy } = report;
  const reslice = resliceText(difference);
  const blocks = [
    `## ${escapeMarkdown(diffTitle(difference))}`,
    `${escapeMarkdown(wholeLine(report))}.`,
    ...(policy === undefined ? [] : policyBlocks(policy)),
    ...sectionsOf(report).map(sectionMarkdown),
    ...(reslice === undefined ? [] : [`${escapeMarkdown(reslice)}.`]),
  ];
  return cut(`${blocks.join("\n\n")}\n`);
}

function policyBlocks(policy: NonNullable<FeedsDiffReport["policy"]>): string[] {
  if (policy.changes.length + policy.broken.length === 0) return [`**${escapeMarkdown(policyQuiet(policy))}.**`];
  return policy.broken.map(
    ({ message, code }) => `**${escapeMarkdown(policy.name)} would not compile:** ${escapeMarkdown(message)} [${code}]`,
  );
}

function sectionMarkdown(section: Section): string {
  const { title, rows } = section;
  const some = rows.slice(0, mostRows);
  const rest = rows.slice(mostRows);
  return [
    `### ${escapeMarkdown(title)} (${rows.length})`,
    table(section, some),
    ...(rest.length === 0 ? [] : [folded(`${rest.length} more`, table(section, rest))]),
    ...(title.startsWith("By region") || section.moved === true ? [] : [prefixList(rows)]),
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

function cut(text: string): string {
  if (text.length <= mostCharacters) return text;
  const at = text.lastIndexOf("\n### ", mostCharacters);
  return `${text.slice(0, at)}\n\nThis is not all: the report was too long for a pull request. \`ringwall feeds diff\` shows the rest.\n`;
}
