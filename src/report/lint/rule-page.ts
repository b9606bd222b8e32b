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
    docs.what,
    "",
    "## Why it matters",
    "",
    docs.why,
    "",
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
    docs.howToFix,
    "",
  ].join("\n");
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
  const paragraph = (words: string): string[] => words.split("\n").flatMap((line) => wrapped(line, columns));
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

/** A line that holds code or a list stays as it is. */
function wrapped(line: string, columns: number): string[] {
  if (line.length <= columns || /^(\s|[-*]\s)/.test(line)) return [line];
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current];
}
