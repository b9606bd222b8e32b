import type { Code } from "../../diagnostics/index.js";
import { codes } from "../../diagnostics/index.js";
import type { Style } from "../style.js";
import { plain } from "../style.js";
import type { RuleAbout } from "./report.js";

/** `Traffic that the policy denies passes`: a code in words. */
export function ruleTitle(code: Code): string {
  const { about } = codes[code];
  return about.charAt(0).toUpperCase() + about.slice(1);
}

/** A rule's page as Markdown, without its title. */
export function ruleMarkdown({ docs }: Pick<RuleAbout, "code" | "docs">): string {
  return [
    ...prose(docs.what),
    "## Why it matters",
    "",
    ...prose(docs.why),
    "## Example",
    "",
    ...fenced(docs.example),
    "",
    "## Use instead",
    "",
    ...fenced(docs.instead),
    "",
    "## How to fix it",
    "",
    ...prose(docs.howToFix),
  ].join("\n");
}

/** Paragraphs stand apart by a blank line; within one, line ends are blanks. Each is followed by an empty line. */
function prose(words: string): string[] {
  return paragraphsOf(words).flatMap((paragraph) => [paragraph, ""]);
}

function paragraphsOf(words: string): string[] {
  return words
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " "));
}

/** A block of code whose fence is longer than any run of backticks in it. */
export function fenced(text: string, language = "text"): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...text.trimEnd().split("\n"), fence];
}

/** The page for a terminal. */
export function ruleText(
  { code, category, severity, docs }: Pick<RuleAbout, "code" | "docs"> & Partial<RuleAbout>,
  style: Style = plain,
  columns = 100,
): string {
  const facts = [category, severity].filter((word) => word !== undefined);
  const paragraph = (words: string): string[] =>
    paragraphsOf(words).flatMap((one, i) => [...(i === 0 ? [] : [""]), ...wrapped(one, columns)]);
  const block = (words: string): string[] =>
    words
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`.trimEnd());
  return [
    style.bold(`${code} ${codes[code].name}`) + (facts.length === 0 ? "" : style.faint(` (${facts.join(", ")})`)),
    "",
    ...paragraph(docs.what),
    "",
    style.bold("Why it matters"),
    ...paragraph(docs.why),
    "",
    style.bold("Example"),
    ...block(docs.example),
    "",
    style.bold("Use instead"),
    ...block(docs.instead),
    "",
    style.bold("How to fix it"),
    ...paragraph(docs.howToFix),
    "",
  ].join("\n");
}

/** Lines of at most `columns` characters, unless a word is longer. */
function wrapped(paragraph: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** All rules for a terminal, by category, a line each, or more where they are long. */
export function rulesText(rules: readonly RuleAbout[], style: Style = plain, columns = 100): string {
  const width = Math.max(...rules.map(({ code }) => codes[code].name.length));
  const severityWidth = Math.max(...rules.map(({ severity }) => severity.length));
  return categories
    .flatMap(({ category, title }) => {
      const own = rules.filter((rule) => rule.category === category);
      if (own.length === 0) return [];
      const rows = own.flatMap(({ code, severity }) => {
        const head = `  ${code}  ${codes[code].name.padEnd(width)}  ${painted(severity, style, severityWidth)}  `;
        const indent = 2 + code.length + 2 + width + 2 + severityWidth + 2;
        const lines = wrapped(codes[code].about, Math.max(20, columns - indent));
        return lines.map((line, k) => (k === 0 ? head + line : " ".repeat(indent) + line));
      });
      return [style.bold(title), ...rows, ""];
    })
    .join("\n");
}

function painted(severity: RuleAbout["severity"], style: Style, width: number): string {
  const blanks = " ".repeat(width - severity.length);
  return (severity === "off" ? style.faint(severity) : style[severity](severity)) + blanks;
}

/** In the order of help. */
export const categories: readonly { readonly category: RuleAbout["category"]; readonly title: string }[] = [
  { category: "policy", title: "Policy: what crosses the edge" },
  { category: "exceptions", title: "Exceptions: against the feeds" },
  { category: "hygiene", title: "Hygiene: the text itself" },
  { category: "reading", title: "Reading: what the reader saw" },
];

/** What `ringwall rules --json` prints for one rule: schemas/rules-report.schema.json. */
export interface JsonRule {
  readonly code: Code;
  readonly name: string;
  readonly category: RuleAbout["category"];
  readonly severity: RuleAbout["severity"];
  readonly about: string;
  readonly docs: RuleAbout["docs"];
}

export function jsonRule({ code, category, severity, docs }: RuleAbout): JsonRule {
  const said = (words: string): string => paragraphsOf(words).join("\n\n");
  return {
    code,
    name: codes[code].name,
    category,
    severity,
    about: codes[code].about,
    docs: {
      what: said(docs.what),
      why: said(docs.why),
      example: docs.example,
      instead: docs.instead,
      howToFix: said(docs.howToFix),
    },
  };
}
