import { installedVendors } from "../registry.js";
import type { Command } from "./command.js";
import { commandsOfGroup, ownName } from "./summaries.js";

/**
 * What a shell may offer for `current`, the last of the words. Empty where it should offer files. Undefined where yargs
 * knows best: commands, options, and an option's choices.
 */
export function completionsOf(
  command: Command | undefined,
  words: readonly string[],
  current: string,
): readonly string[] | undefined {
  if (command === undefined || current.startsWith("-")) return undefined;
  const before = words.at(-2);
  const option = command.options.find((one) => one.kind !== "flag" && `--${one.name}` === before);
  if (option !== undefined && option.kind !== "flag") {
    if (option.choices !== undefined) return undefined;
    return option.complete === "vendor" ? startingWith(current, installedVendors().ids) : [];
  }
  const subcommands = before === command.name ? commandsOfGroup(command.name).map(ownName) : [];
  const choices = command.positionals.flatMap(({ complete }) => (complete === "file" ? [] : complete));
  return startingWith(current, [...subcommands, ...choices]);
}

function startingWith(start: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(start));
}
