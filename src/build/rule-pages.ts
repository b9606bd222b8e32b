import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codes } from "../diagnostics/index.js";
import { allRules } from "../lint/all-rules.js";
import type { RuleAbout } from "../report/lint/index.js";
import { categories, ruleMarkdown, rulePath, ruleTitle } from "../report/lint/index.js";
import { formatted, repository } from "./generated-files.js";

/**
 * A page for each rule of the linter, the list of them, and the same list in the README, by their paths in the
 * repository. Apart from {@link generatedFiles}, because the rules need the validator that is made there.
 */
export async function rulePages(): Promise<Readonly<Record<string, string>>> {
  const pages = allRules.map((rule) => [rulePath(rule.code), page(rule)] as const);
  const texts = await Promise.all(
    [...pages, ["docs/rules/README.md", overview()] as const].map(
      async ([path, text]) => [path, await formatted(path, text)] as const,
    ),
  );
  return { ...Object.fromEntries(texts), "README.md": readme() };
}

const remark = "<!-- Written by `npm run generate` from the rule's own documentation. Do not change. -->";

function page(rule: RuleAbout): string {
  const { code, category, severity } = rule;
  return [
    remark,
    "",
    `# ${code}: ${codes[code].name}`,
    "",
    `${ruleTitle(code)}. Category: ${category}; severity: ${severityText(severity)}.`,
    "",
    ruleMarkdown(rule),
    "## Settings",
    "",
    `Another severity stands in \`ringwall.yaml\`: \`severities: { ${code}: error }\`, or \`warning\`, \`note\`, \`off\`. One finding is suppressed`,
    `by a comment at its line, or in front of it: \`ringwall: ignore[${code}] reason\`.`,
    "",
    "[All rules](README.md)",
    "",
  ].join("\n");
}

function severityText(severity: RuleAbout["severity"]): string {
  return severity === "off"
    ? "`off`, unless the settings ask for it"
    : `\`${severity}\`, unless the settings say another`;
}

function overview(): string {
  return [
    remark,
    "",
    "# What `ringwall lint` looks for",
    "",
    "`ringwall rules` lists them in the terminal, `ringwall rules RW4001` shows a page. `off` means that a rule runs only where the",
    "settings ask for it.",
    "",
    ...categories.flatMap(({ category, title }) => [
      `## ${title}`,
      "",
      "| rule | severity | |",
      "|---|---|---|",
      ...ofCategory(category).map(({ code, severity }) => {
        const file = rulePath(code).slice("docs/rules/".length);
        return `| [${code} ${codes[code].name}](${file}) | ${severity} | ${codes[code].about.replaceAll("|", "\\|")} |`;
      }),
      "",
    ]),
  ].join("\n");
}

function ofCategory(category: RuleAbout["category"]): readonly RuleAbout[] {
  return allRules.filter((rule) => rule.category === category);
}

const [start, end] = ["<!-- rules: written by `npm run generate` -->", "<!-- end of rules -->"];

/** The README with the list between its marks; all else stays, however it is laid out. */
function readme(): string {
  const file = join(repository, "README.md");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for the rules: ${start} ... ${end}`);
  const lists = categories.map(({ category, title }) => {
    const links = ofCategory(category).map(({ code }) => `[${codes[code].name}](${rulePath(code)})`);
    return `- **${title}** — ${links.join(", ")}`;
  });
  return `${text.slice(0, from)}${[start, "", ...lists, "", ""].join("\n")}${text.slice(to)}`;
}
