import type { Command, Given, Option } from "./command.js";

/** What yargs has read: a switch is true or absent, and an option that was given several times has all its values. */
export type Values = Readonly<Record<string, true | string | readonly string[] | undefined>>;

/** Stands for the word `-`, standard input, which yargs loses among positionals. */
export const standInput = "\u0001-";

/** What a command gets of it. */
export function givenBy(command: Command, values: Values): Given {
  const of = (name: string, kind: Option["kind"]): readonly string[] => {
    const option = command.options.find((one) => one.name === name && one.kind === kind);
    if (option === undefined) throw new Error(`${command.name} has no ${kind} option ${name}`);
    const value = values[name];
    if (value === undefined) return [];
    return [value]
      .flat()
      .map((one) => (one === standInput ? "-" : one))
      .flatMap((one) => (one === true ? [""] : option.kind === "list" ? valuesOf(option, one) : [one]));
  };
  return {
    positionals: positionalsOf(command, values),
    flag: (name) => of(name, "flag").length > 0,
    text: (name) => of(name, "text")[0],
    list: (name) => [...new Set(of(name, "list"))],
  };
}

/** A list splits its values at commas. Empty when nothing is left but space. */
export function valuesOf(option: Option, value: string): string[] {
  return (option.kind === "list" ? value.split(",") : [value]).map((one) => one.trim()).filter((one) => one !== "");
}

/** yargs gives names only to the words before `--`. */
export function positionalsOf(command: Command, values: Values): string[] {
  return [...command.positionals.map(({ name }) => values[name]), values["--"]]
    .flat()
    .filter((word) => typeof word === "string" && word !== "")
    .map((word) => (word === standInput ? "-" : word)) as string[];
}
