import type { Severity } from "../../diagnostics/index.js";
import { codes, lineText, positionOf } from "../../diagnostics/index.js";
import { visible } from "../visible.js";
import { countFindings, countsText, isClean, totalsText } from "./counts.js";
import type { Entry } from "./entries.js";
import { entriesOf, leftOut, mostRelated, oneLine, suppressedText, worstFirst } from "./entries.js";
import { factsOf } from "./facts.js";
import type { Format, FormatEnv } from "./format.js";
import { logLines } from "./log.js";
import { repositoryPath } from "./places.js";
import type { LintReport, ReportedDevice } from "./report.js";
import { fenced } from "./rule-page.js";

/** A page for job summaries and comments; it stays below the 1 MiB that GitHub takes for the summary of a step. */
export const markdown: Format = {
  name: "markdown",
  about: "a page for a job summary or a comment",
  write: (report, env) => [markdownPage(report, env, longest)],
};

/** Bytes. Source: GitHub Actions, job summaries: 1 MiB a step, which other commands of the step write to, too. */
const longest = 900_000;

/** The page, with as many of the findings as fit into `most` bytes, the worst first. */
export function markdownPage(report: LintReport, env: FormatEnv, most: number): string {
  const entries = worstFirst(entriesOf(report));
  const head = [`# ${escaped(heading(report))}`, "", ...deviceTable(report)].join("\n");
  const pieces: string[] = [];
  let bytes = Buffer.byteLength(head);
  for (const entry of entries) {
    const piece = section(entry, env).join("\n");
    bytes += Buffer.byteLength(piece) + 1;
    if (bytes > most) break;
    pieces.push(piece);
  }
  const left = entries.length - pieces.length;
  const rest = left === 0 ? [] : [`And ${left} more, which are not shown here.`, ""];
  return logLines([head, ...pieces, ...rest].join("\n").trimEnd().split("\n"));
}

function heading(report: LintReport): string {
  return `Ringwall: ${totalsText(report)}`;
}

const mostDevices = 200;

/** Those of which something is to be said; the others are counted. */
function deviceTable({ devices }: LintReport): string[] {
  const talked = devices.filter((device) => !isClean(device));
  const shown = talked.slice(0, mostDevices);
  const ok = devices.length - talked.length;
  const counted = [
    ...(ok > 0 ? [`${ok} ok`] : []),
    ...(talked.length > shown.length ? [`${talked.length - shown.length} more that are not`] : []),
  ];
  return [
    ...(shown.length === 0
      ? []
      : ["| device | vendor | edge | findings |", "|---|---|---|---|", ...shown.map(deviceRow), ""]),
    ...(counted.length === 0 ? [] : [`Devices not in a row of their own: ${counted.join(", ")}.`, ""]),
  ];
}

function deviceRow({ name, vendor, edge, findings }: ReportedDevice): string {
  const cells = [name, vendor.title, edge, countsText(countFindings(findings)) || "none"];
  return `| ${cells.map((cell) => escaped(oneLine(cell, 200))).join(" | ")} |`;
}

const marks: Readonly<Record<Severity, string>> = { error: "❌", warning: "⚠️", note: "ℹ️" };

function section(entry: Entry, env: FormatEnv): string[] {
  const { code, severity, message, path, span, related, help, finding } = entry;
  const { line } = span === undefined ? { line: undefined } : positionOf(span.source, span.start);
  const place = path === undefined ? [] : [`${repositoryPath(path, env)}${line === undefined ? "" : `:${line}`}`];
  const why = finding?.suppressed === undefined ? [] : [`suppressed ${suppressedText(finding.suppressed)}`];
  const facts = [...(finding === undefined ? [] : factsOf(finding)), ...leftOut(entry)];
  const items = [
    ...facts.map(({ name, lines }) => [`${name}: ${lines[0]!}`, ...lines.slice(1)]),
    ...related.slice(0, mostRelated).map((label) => [`${label.message}: ${labelPlace(label.span, env)}`]),
    ...(help === undefined ? [] : [`help: ${help}`.split("\n").slice(0, 20)]),
  ];
  return [
    `### ${marks[severity]} ${code} ${codes[code].name}`,
    "",
    [`**${escaped(message)}**`, ...[...place, ...why].map((words) => escaped(oneLine(words)))].join(" — "),
    "",
    ...(span === undefined ? [] : [...fenced(codeLine(lineText(span.source, line!))), ""]),
    ...items.map((lines) => `- ${lines.map((words) => escaped(oneLine(words.trim()))).join("<br>")}`),
    ...(items.length === 0 ? [] : [""]),
  ];
}

/** A fence holds whatever a line says, but for what ends the line. */
function codeLine(line: string): string {
  return visible(line.length > 400 ? `${line.slice(0, 400)}...` : line);
}

function labelPlace(span: NonNullable<Entry["span"]>, env: FormatEnv): string {
  return `${repositoryPath(span.source.path, env)}:${positionOf(span.source, span.start).line}`;
}

/**
 * Every character that Markdown or HTML could take for more than itself, as a reference: also `@` and `#`, with which
 * GitHub calls people and names issues, `$` for formulas, and what begins an address that it makes a link.
 */
function escaped(text: string): string {
  return text.replace(/[&<>`*_{}[\]#!|~@\\$]|:\/\/|www\./g, (found) =>
    [...found].map((character) => `&#${character.codePointAt(0)!};`).join(""),
  );
}
