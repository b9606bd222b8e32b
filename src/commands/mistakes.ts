import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean, nearest } from "../diagnostics/index.js";
import type { Command, Option } from "./command.js";
import type { Values } from "./given.js";
import { positionalsOf, standInput, valuesOf } from "./given.js";
import { completionKey } from "./parser.js";
import { commandsOfGroup, firstWords, ownName } from "./summaries.js";

/** What is wrong with a command line. */
export interface Mistake {
  readonly about: "option" | "positional";
  readonly diagnostic: Diagnostic;
}

/** The value of an option that there is not would be one word too many. */
export function worthTelling(mistakes: readonly Mistake[]): Diagnostic[] {
  const aboutOptions = mistakes.filter((one) => one.about === "option");
  const worth = (aboutOptions.length > 0 ? aboutOptions : mistakes).map((one) => one.diagnostic);
  return worth.filter((one, i) => worth.findIndex((other) => other.message === one.message) === i);
}

/** What yargs refuses, in our words. What has no words here is told in those of yargs. */
export function explained(message: string, command: Command | undefined, words: readonly string[]): Mistake[] {
  if (command === undefined) return [];
  const [, unknown] = /^Unknown arguments?: ([^]*)$/.exec(message) ?? [];
  if (unknown !== undefined) {
    return unknown.split(", ").map((name) => {
      const word = optionWords(words).find((one) => isOption(one, name) || (name.length === 1 && isLetters(one, name)));
      return word === undefined ? strayWord(name, command) : unknownOption(word, command);
    });
  }
  const [, flag] = /^Argument unexpected for: (.*)$/.exec(message) ?? [];
  if (flag !== undefined) {
    const value = optionWords(words).find((one) => one.startsWith(`--${flag}=`)) ?? "";
    return [
      optionMistake(
        `--${flag} is a switch and takes no value, but "${value.slice(flag.length + 3)}" was given`,
        `write --${flag} alone`,
      ),
    ];
  }
  if (message.startsWith("Invalid values:")) return []; // see valueMistake
  if (/^(Not enough non-option arguments|Missing required arguments?):/.test(message)) return []; // see positionalMistakes
  return [optionMistake(message, help(command))];
}

/** What yargs lets pass. */
export function optionMistakes(command: Command, values: Values, words: readonly string[]): Mistake[] {
  const mistakes = command.options.flatMap((option) => valueMistake(option, values[option.name]) ?? []);
  // yargs takes an argument's name for an option, and a word of letters for many.
  for (const word of optionWords(words)) {
    if (isUnreadable(word) || isLetters(word, "") || command.positionals.some(({ name }) => isOption(word, name)))
      mistakes.push(unknownOption(word, command));
  }
  return words[0] === ownName(command.name)
    ? mistakes
    : [{ about: "option", diagnostic: commandFirst(words[0] ?? "", groupOf(command.name)) }, ...mistakes];
}

function valueMistake(option: Option, value: Values[string]): Mistake | undefined {
  if (option.kind === "flag" || value === undefined) return undefined;
  const all = [value].flat().map(String);
  if (all.some((one) => valuesOf(option, one).length === 0)) {
    return optionMistake(`--${option.name} needs a value`, `write --${option.name} ${option.value}`);
  }
  if (option.kind === "text" && all.length > 1) {
    return optionMistake(`--${option.name} is given twice, and only one value can count`, "leave one of them out");
  }
  const { choices } = option;
  if (choices === undefined) return undefined;
  const wrong = all.find((one) => !choices.includes(one));
  return wrong === undefined
    ? undefined
    : optionMistake(
        `--${option.name} cannot be "${wrong}"${didYouMean(wrong, choices)}`,
        `choose from ${choices.join(", ")}`,
      );
}

export function positionalMistakes(command: Command, values: Values): Mistake[] {
  const positionals = positionalsOf(command, values);
  const missing = command.positionals.slice(positionals.length).filter((one) => one.required);
  if (missing.length > 0) {
    const names = missing.map((one) => `<${one.name}>`).join(" and ");
    const about = missing.map((one) => one.about).join("; ");
    return [{ about: "positional", diagnostic: usage(`${command.name} needs ${names} (${about})`, help(command)) }];
  }
  if (command.positionals.at(-1)?.many === true) return [];
  return positionals.slice(command.positionals.length).map((word) => strayWord(word, command));
}

function strayWord(word: string, command: Command): Mistake {
  return {
    about: "positional",
    diagnostic: usage(`${command.name} does not know what to do with "${word}"`, help(command)),
  };
}

function unknownOption(word: string, command: Command): Mistake {
  const written = word.replace(/=[^]*$/, "");
  const names = [...command.options.map((option) => option.name), "help"].map((name) => `--${name}`);
  const nearby = didYouMean(`--${written.replace(/^-+/, "")}`, names).replaceAll('"', "");
  return optionMistake(`${command.name} has no option ${written}${nearby}`, help(command));
}

function optionMistake(message: string, help: string): Mistake {
  return { about: "option", diagnostic: usage(message, help) };
}

/** `group` is the group that has no such command; undefined for the program itself. */
export function noCommand([word = ""]: readonly string[], group: string | undefined): Diagnostic {
  if (word.startsWith("-")) return commandFirst(word, group);
  const names = group === undefined ? [...firstWords.keys()] : commandsOfGroup(group).map(ownName);
  const [near] = nearest(word, names, 1);
  return usage(
    `there is no command "${withGroup(word, group)}"`,
    near === undefined ? `the commands are ${names.join(", ")}` : `did you mean ringwall ${withGroup(near, group)}?`,
  );
}

function commandFirst(word: string, group: string | undefined): Diagnostic {
  return usage(`the command comes first, before ${word}`, `ringwall ${withGroup("<command>", group)} [options]`);
}

function groupOf(name: string): string | undefined {
  return name.includes(" ") ? name.slice(0, name.indexOf(" ")) : undefined;
}

function withGroup(word: string, group: string | undefined): string {
  return group === undefined ? word : `${group} ${word}`;
}

function usage(message: string, help: string): Diagnostic {
  return diagnostic("RW1007", message, { help });
}

function help({ name }: Command): string {
  return `ringwall ${name} --help shows all options with examples`;
}

function isOption(word: string, name: string): boolean {
  return word === `--${name}` || word.startsWith(`--${name}=`);
}

/** `-xyz`, which yargs reads as `-x -y -z`. */
function isLetters(word: string, name: string): boolean {
  return /^-[^-]/.test(word) && word.includes(name);
}

/** The words without the options that yargs cannot read, of which optionMistakes tells, and with {@link standInput}. */
export function readable(words: readonly string[]): string[] {
  const before = beforeDashes(words).filter(
    (word, i) => !isUnreadable(word) || (i === 0 && word === `--${completionKey}`),
  );
  return [...before, ...words.slice(beforeDashes(words).length)].map((word) => (word === "-" ? standInput : word));
}

/**
 * yargs has names of its own in what it reads, and fails at options like `--constructor`, which it looks up in plain
 * objects: they inherit something there.
 */
function isUnreadable(word: string): boolean {
  const name = /^--([^=]*)/.exec(word)?.[1];
  return name !== undefined && (["_", "$0", completionKey].includes(name) || name in {});
}

/** Negative numbers are values; another value never starts with `-`. */
function optionWords(words: readonly string[]): string[] {
  return beforeDashes(words).filter((word) => /^-./.test(word) && !/^-(\d+(\.\d+)?|\.\d+)$/.test(word));
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end < 0 ? words : words.slice(0, end);
}
