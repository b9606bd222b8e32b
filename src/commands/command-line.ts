import { parseArgs } from "node:util";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { Command, Given, Option } from "./command.js";
import { helpOption } from "./command.js";

export type CommandLine =
  | { readonly kind: "run"; readonly given: Given }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[] };

/**
 * The words after the command's name, read against its options. Every option that is wrong is told at once. Options and
 * positionals may come in any order; after `--` every word is a positional.
 */
export function readCommandLine(command: Command, words: readonly string[]): CommandLine {
  const options = new Map([...command.options, helpOption].map((option) => [option.name, option]));
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      [...options.values()].map((option) => [option.name, { type: option.kind === "flag" ? "boolean" : "string" }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });

  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  const problems: Diagnostic[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (token.rawName === "-h") return { kind: "help" };
    const option = options.get(token.name);
    if (option === undefined || !token.rawName.startsWith("--")) {
      problems.push(unknownOption(token.rawName, command, options.keys()));
      continue;
    }
    const problem = valueProblem(option, token.value, values);
    if (problem !== undefined) problems.push(problem);
    else values.set(option.name, [...(values.get(option.name) ?? []), ...valuesOf(option, token.value)]);
  }
  if (values.has("help")) return { kind: "help" };

  // The value of an option that there is not would be one word too many.
  if (problems.length === 0) problems.push(...positionalProblems(command, positionals));
  return problems.length > 0
    ? { kind: "wrong", diagnostics: problems }
    : { kind: "run", given: given(command, positionals, values) };
}

function unknownOption(rawName: string, command: Command, names: Iterable<string>): Diagnostic {
  const wanted = rawName.replace(/^-+/, "");
  const nearby = didYouMean(
    `--${wanted}`,
    [...names].map((name) => `--${name}`),
  ).replaceAll('"', "");
  return usageProblem(`${command.name} has no option ${rawName}${nearby}`, command);
}

function valueProblem(
  option: Option,
  value: string | undefined,
  seen: ReadonlyMap<string, unknown>,
): Diagnostic | undefined {
  if (option.kind === "flag") {
    return value === undefined
      ? undefined
      : usageProblem(`--${option.name} is a switch and takes no value, but "${value}" was given`);
  }
  if (value === undefined || value === "") {
    return usageProblem(`--${option.name} needs a value`, undefined, `write --${option.name} ${option.value}`);
  }
  if (option.kind === "text" && seen.has(option.name)) {
    return usageProblem(`--${option.name} is given twice, and only one value can count`);
  }
  const { choices } = option;
  if (choices === undefined) return undefined;
  const wrong = valuesOf(option, value).find((one) => !choices.includes(one));
  return wrong === undefined
    ? undefined
    : usageProblem(
        `--${option.name} cannot be "${wrong}"${didYouMean(wrong, choices)}`,
        undefined,
        `choose from ${choices.join(", ")}`,
      );
}

function valuesOf(option: Option, value: string | undefined): string[] {
  if (option.kind === "list")
    return value!
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  return [value ?? ""];
}

function positionalProblems(command: Command, positionals: readonly string[]): Diagnostic[] {
  const missing = command.positionals.slice(positionals.length).filter((one) => one.required);
  if (missing.length > 0) {
    const names = missing.map((one) => `<${one.name}>`).join(" and ");
    const about = missing.map((one) => one.about).join("; ");
    return [usageProblem(`${command.name} needs ${names} (${about})`, command)];
  }
  return positionals
    .slice(command.positionals.length)
    .map((word) => usageProblem(`${command.name} does not know what to do with "${word}"`, command));
}

function usageProblem(message: string, command?: Command, help?: string): Diagnostic {
  return diagnostic("RW1007", message, {
    help:
      help ?? (command === undefined ? undefined : `ringwall ${command.name} --help shows all options with examples`),
  });
}

function given(
  command: Command,
  positionals: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): Given {
  const of = (name: string, kind: Option["kind"]): readonly string[] => {
    if (!command.options.some((option) => option.name === name && option.kind === kind)) {
      throw new Error(`${command.name} has no ${kind} option ${name}`);
    }
    return values.get(name) ?? [];
  };
  return {
    positionals,
    flag: (name) => of(name, "flag").length > 0,
    text: (name) => of(name, "text")[0],
    list: (name) => [...new Set(of(name, "list"))],
  };
}
