import type { Argv, FallbackCompletionFunction } from "yargs";
import type { Diagnostic } from "../diagnostics/index.js";
import type { Command, Given } from "./command.js";
import { completionsOf } from "./completions.js";
import type { Values } from "./given.js";
import { givenBy } from "./given.js";
import type { Mistake } from "./mistakes.js";
import { explained, noCommand, optionMistakes, positionalMistakes, readable, worthTelling } from "./mistakes.js";
import { completionKey, describeCommand, describeProgram, positionalWord, yargsIn } from "./parser.js";
import { commandNames, summaries } from "./summaries.js";

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
 */
export function readCommandLine(words: readonly string[], options: CommandLineOptions): CommandLine {
  let command: Command | undefined;
  let given: Given | undefined;
  let answer = "";
  const mistakes: Mistake[] = [];

  const parser = yargsIn(options.shell);
  describeProgram(parser, options.version, options.columns);
  for (const name of commandNames) {
    const known = options.commands.find((one) => one.name === name);
    if (known === undefined) {
      parser.command(name, summaries[name]);
      continue;
    }
    parser.command({
      command: [known.name, ...known.positionals.map(positionalWord)].join(" "),
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
  if (command === undefined) return { kind: "wrong", diagnostics: [noCommand(words)] };
  if (mistakes.length > 0 || given === undefined) return { kind: "wrong", diagnostics: worthTelling(mistakes) };
  return { kind: "run", command, given };
}
