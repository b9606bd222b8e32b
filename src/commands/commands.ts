import type { Command } from "./command.js";
import type { CommandName } from "./summaries.js";
import { commandNames } from "./summaries.js";

/** Each command is loaded only when it runs, or when its help is asked for: start-up is part of every use. */
const loaders = {
  init: () => import("./init.js"),
  compile: () => import("./compile.js"),
  explain: () => import("./explain.js"),
  diff: () => import("./diff.js"),
  vendors: () => import("./vendors.js"),
  completion: () => import("./completion.js"),
} satisfies Record<CommandName, () => Promise<{ readonly command: Command }>>;

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(loaders, word);
}

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await loaders[name]()).command;
}

export function loadAllCommands(): Promise<readonly Command[]> {
  return Promise.all(commandNames.map(loadCommand));
}
