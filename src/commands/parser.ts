import yargs from "yargs";
import type { Argv } from "yargs";
import type { Command } from "./command.js";
import { commandsOfGroup, firstWords, ownName, summaries } from "./summaries.js";

/** The script of yargs that completes words in a shell. */
export function completionScript(shell: "bash" | "zsh"): string {
  let script = "";
  yargsIn(shell)
    .scriptName("ringwall")
    .completion("completion")
    .parse(["completion"], {}, (_error, _values, output) => {
      script = output;
    });
  // Who types in zsh may have bash as $SHELL, and the other way round.
  return `${script.trimEnd().replaceAll(`ringwall --${completionKey}`, `SHELL=${shell} $&`)}\n`;
}

/** The option with which the scripts of yargs ask for completions. */
export const completionKey = "get-yargs-completions";

/**
 * yargs looks up the shell in the environment when a parser is made, and nothing else that matters here: no locale, as
 * the language is set, and no terminal, as the width is.
 */
export function yargsIn(shell: string | undefined): Argv {
  const before = { SHELL: process.env["SHELL"], ZSH_NAME: process.env["ZSH_NAME"] };
  setEnvironment({ SHELL: shell, ZSH_NAME: undefined });
  try {
    return yargs().locale("en").updateStrings({ "Positionals:": "Arguments:" });
  } finally {
    setEnvironment(before);
  }
}

function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

/** The program, or one of its groups: `ringwall feeds`. */
export function describeProgram(parser: Argv, group: string | undefined, version: string, columns: number): void {
  // The published types do not know this one yet.
  (parser as Argv & { usageConfiguration(of: object): unknown }).usageConfiguration({ "hide-types": true });
  parser
    .scriptName(group === undefined ? "ringwall" : `ringwall ${group}`)
    .exitProcess(false)
    .wrap(columns)
    .strict()
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "populate--": true,
    });
  if (group === undefined) describeWhole(parser, version);
  else parser.version(false).usage(`${firstWords.get(group) ?? ""}\n\nUsage: $0 <command> [options]`);
  describeHelp(parser);
}

function describeWhole(parser: Argv, version: string): void {
  parser
    .usage(
      `ringwall ${version}: one edge policy, every firewall, proved packet by packet\n\nUsage: $0 <command> [options]`,
    )
    .version("version", "show the version", version)
    .alias("version", "V")
    .example("$0 init", "write a first policy.yaml")
    .example("$0 compile policy.yaml", "write every target's configuration, proved")
    .example("$0 diff policy.yaml running.conf", "what passes in one and not in the other")
    .example("$0 compile --help", "what a command takes, with examples")
    .epilogue(
      "Exit codes:\n  0 done   1 findings, drift or differences   2 usage or input   3 internal, or a proof failed",
    );
}

/** yargs lays out the help of every command that runs, wanted or not; only wanted help is given its texts. */
export function describeCommand(parser: Argv, command: Command, helpAsked: boolean): Argv {
  parser.version(false);
  if (helpAsked) describeUse(parser, command);
  else parser.wrap(null).usage(null as never);
  for (const { name, about } of command.positionals) parser.positional(name, { type: "string", describe: about });
  for (const option of command.options) {
    if (option.kind === "flag") parser.option(option.name, { type: "boolean", nargs: 0, describe: option.about });
    else {
      const { value, choices = [] } = option;
      const about = choices.length === 0 ? option.about : `${option.about} (${choices.join(", ")})`;
      parser.option(option.name, {
        type: "string",
        describe: `<${value}>${option.kind === "list" ? "..." : ""} ${about}`,
        ...(choices.length > 0 && { choices }),
      });
    }
  }
  return describeHelp(parser);
}

function describeUse(parser: Argv, command: Command): void {
  for (const name of commandsOfGroup(command.name)) parser.command(ownName(name), summaries[name]);
  const usage = ["Usage: $0", ownName(command.name), ...command.positionals.map(positionalWord), "[options]"].join(" ");
  const paragraphs = command.description.split("\n\n").map((paragraph) => paragraph.replace(/\s+/g, " "));
  parser.usage([usage, ...paragraphs].join("\n\n"));
  command.examples.forEach(({ line, about }, i) => parser.example(`${i === 0 ? "" : "\n"}# ${about}\n${line}`, ""));
}

/** Described last, the option stands last in help. */
function describeHelp(parser: Argv): Argv {
  return parser.help("help", "show this help").alias("help", "h");
}

export function positionalWord({ name, required, many }: Command["positionals"][number]): string {
  const word = many === true ? `${name}..` : name;
  return required ? `<${word}>` : `[${word}]`;
}
