import type { Argv, FallbackCompletionFunction } from "yargs";
import type { Diagnostic } from "../diagnostics/index.js";
import type { Command, Given } from "./command.js";
import { completionsOf } from "./completions.js";
import type { Values } from "./given.js";
import { givenBy } from "./given.js";
import type { Mistake } from "./mistakes.js";
import { explained, noCommand, optionMistakes, positionalMistakes, readable, worthTelling } from "./mistakes.js";
import { completionKey, describeCommand, describeProgram, positionalWord, yargsIn } from "./parser.js";
import { commandsOfGroup, firstWords, isGroupOnly, ownName, summaries } from "./summaries.js";

export type CommandLine =
  | { readonly kind: "run"; readonly command: Command; readonly given: Given }
  /** Help, the version, or the completions of a word. */
  | { readonly kind: "answer"; readonly text: string }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[] };

export interface CommandLineOptions {
  /** At least the commands whose names are among the words. */
  readonly commands: readonly Command[];
  readonly version: string;
  /** How many characters fit on a line of help. */
  readonly columns: number;
  /** $SHELL: zsh gets completions together with what they mean. */
  readonly shell: string | undefined;
}

/**
 * Reads the words of a command line, the command's name first, with yargs. All that is wrong is told at once, as far as
 * yargs goes on after it. Options and positionals may come in any order; after `--` every word is a positional.
 *
 * A group of commands is read as if it were a program of its own.
 */
export function readCommandLine(all: readonly string[], options: CommandLineOptions): CommandLine {
  const { group, words } = inGroup(all);
  let command: Command | undefined;
  let given: Given | undefined;
  let answer = "";
  const mistakes: Mistake[] = [];

  const parser = yargsIn(options.shell);
  describeProgram(parser, group, options.version, options.columns);
  for (const [name, summary] of choicesIn(group)) {
    const known = options.commands.find((one) => one.name === name);
    if (known === undefined) {
      parser.command(ownName(name), summary);
      continue;
    }
    parser.command({
      command: [ownName(known.name), ...known.positionals.map(positionalWord)].join(" "),
      describe: known.summary,
      // The types leave out the second parameter.
      builder: ((own: Argv, helpAsked: boolean) => {
        command = known;
        return describeCommand(own, known, helpAsked);
      }) as (own: Argv) => Argv,
      handler: (values) => {
        const read = values as Values;
        mistakes.push(...optionMistakes(known, read, words), ...positionalMistakes(known, read));
        given = givenBy(known, read);
      },
    });
  }
  const complete: FallbackCompletionFunction = (current, _values, byYargs, done) => {
    const completions = completionsOf(command, words, current);
    if (completions === undefined) byYargs();
    else done([...completions]);
  };
  parser
    .completion(completionKey, false, complete)
    .fail((message: string | null, error) => {
      if (message === null) throw error;
      mistakes.push(...explained(message, command, words));
    })
    // The completions of a word are found by reading the words once more, which answers with nothing.
    .parse(readable(words), {}, (_error, _values, output) => {
      if (output !== "") answer = `${output}\n`;
    });

  if (answer !== "" || words[0] === `--${completionKey}`) return { kind: "answer", text: answer };
  if (command === undefined) return { kind: "wrong", diagnostics: [noCommand(words, group)] };
  if (mistakes.length > 0 || given === undefined) return { kind: "wrong", diagnostics: worthTelling(mistakes) };
  return { kind: "run", command, given };
}

/**
 * The group that the first word is, and the words without it. Of a word that is a group and a command too
 * (`exceptions`), the next word decides. Words of help, and those by which a shell asks for completions, stay in front.
 */
function inGroup(words: readonly string[]): { readonly group?: string; readonly words: readonly string[] } {
  const completing = words[0] === `--${completionKey}`;
  let at = completing ? 2 : 0;
  while (words[at] === "--help" || words[at] === "-h") at++;
  const [first = "", second] = words.slice(at);
  const isGroup = commandsOfGroup(first).some((name) => ownName(name) === second) || isGroupOnly(first);
  // A shell completes the group itself as long as nothing stands behind it.
  if (!isGroup || (completing && second === undefined)) return { words };
  return { group: first, words: words.filter((_, i) => i !== at) };
}

/** The commands that may be named here, and the groups, each with its line of help. */
function choicesIn(group: string | undefined): Iterable<readonly [string, string]> {
  return group === undefined ? firstWords : commandsOfGroup(group).map((name) => [name, summaries[name]] as const);
}
