import type { Command } from "./command.js";

export type CommandName = keyof typeof loaders;

/** Each command is loaded only when it runs, or when its help is asked for: start-up is part of every use. */
const loaders = {
  init: () => import("./init.js"),
  compile: () => import("./compile.js"),
  explain: () => import("./explain.js"),
  diff: () => import("./diff.js"),
  vendors: () => import("./vendors.js"),
  completion: () => import("./completion.js"),
} satisfies Record<string, () => Promise<{ readonly command: Command }>>;

export const summaries: Readonly<Record<CommandName, string>> = {
  init: "write a first policy that compiles",
  compile: "write the configuration of every target, each read back and proved",
  explain: "say what happens to a packet, and which rule decides",
  diff: "compare two configurations of any vendors, or a policy and a configuration",
  vendors: "show what each vendor can express",
  completion: "print a completion script for bash or zsh",
};

export const commandNames = Object.keys(loaders) as CommandName[];

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(loaders, word);
}

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await loaders[name]()).command;
}
