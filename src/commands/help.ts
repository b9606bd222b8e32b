import type { Style } from "../report/index.js";
import type { Command, Option } from "./command.js";
import { helpOption } from "./command.js";
import { commandNames, summaries } from "./summaries.js";

/** What `ringwall --help` shows. */
export function generalHelp(version: string, columns: number, style: Style): string {
  return sections([
    `${style.bold("ringwall")} ${version}: one edge policy, every firewall, proved packet by packet`,
    section(style, "Usage", ["ringwall <command> [options]"]),
    section(
      style,
      "Commands",
      table(
        commandNames.map((name) => [name, summaries[name]]),
        columns,
      ),
    ),
    section(
      style,
      "Options",
      table(
        [
          ["--help", "show this help, or a command's: ringwall compile --help"],
          ["--version", "show the version"],
        ],
        columns,
      ),
    ),
    section(style, "Examples", [
      "ringwall init                           write a first policy.yaml",
      "ringwall compile policy.yaml            write every target's configuration, proved",
      "ringwall diff policy.yaml running.conf  what passes in one and not in the other",
    ]),
    section(style, "Exit codes", [
      "0 done   1 findings, drift or differences   2 usage or input   3 internal, or a proof failed",
    ]),
  ]);
}

/** What `ringwall <command> --help` shows. */
export function commandHelp(command: Command, columns: number, style: Style): string {
  return sections([
    paragraphs(command.description, columns),
    section(style, "Usage", [usageLine(command)]),
    section(
      style,
      "Arguments",
      table(
        command.positionals.map((one) => [`<${one.name}>`, one.about]),
        columns,
      ),
    ),
    section(
      style,
      "Options",
      table(
        [...command.options, helpOption].map((one) => [optionWords(one), optionAbout(one)]),
        columns,
      ),
    ),
    section(
      style,
      "Examples",
      command.examples.flatMap((one, i) => [...(i === 0 ? [] : [""]), style.faint(`# ${one.about}`), one.line]),
    ),
  ]);
}

/** `ringwall compile <policy> [options]` */
export function usageLine(command: Command): string {
  const words = command.positionals.map((one) => (one.required ? `<${one.name}>` : `[${one.name}]`));
  return ["ringwall", command.name, ...words, "[options]"].join(" ");
}

function optionWords(option: Option): string {
  if (option.kind === "flag") return `--${option.name}`;
  return `--${option.name} ${option.value}${option.kind === "list" ? "..." : ""}`;
}

function optionAbout(option: Option): string {
  if (option.kind === "flag" || option.choices === undefined) return option.about;
  return `${option.about} (${option.choices.join(", ")})`;
}

function sections(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function section(style: Style, title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return [style.bold(`${title}:`), ...lines.map((line) => `  ${line}`.trimEnd())].join("\n");
}

/** Two columns; the second wraps below itself. */
function table(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const left = Math.max(0, ...rows.map(([name]) => name.length)) + 3;
  return rows.flatMap(([name, about]) =>
    wrap(about, Math.max(30, columns - left - 2)).map((line, i) => (i === 0 ? name : "").padEnd(left) + line),
  );
}

function paragraphs(text: string, columns: number): string {
  return text
    .split("\n\n")
    .map((paragraph) => wrap(paragraph.replace(/\s+/g, " "), columns).join("\n"))
    .join("\n\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
