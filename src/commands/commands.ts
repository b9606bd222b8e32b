import type { Command } from "./command.js";
import type { CommandName } from "./summaries.js";

/** Each command is loaded only when the command line names it: start-up is part of every use. */
const loaders = {
  init: () => import("./init.js"),
  compile: () => import("./compile.js"),
  explain: () => import("./explain.js"),
  lint: () => import("./lint.js"),
  diff: () => import("./diff.js"),
  "feeds update": () => import("./feeds-update.js"),
  rules: () => import("./rules.js"),
  "feeds show": () => import("./feeds-show.js"),
  "feeds lookup": () => import("./feeds-lookup.js"),
  "feeds diff": () => import("./feeds-diff.js"),
  exceptions: () => import("./exceptions.js"),
  "exceptions azure": () => import("./exceptions-azure.js"),
  "exceptions office365": () => import("./exceptions-office365.js"),
  vendors: () => import("./vendors.js"),
  completion: () => import("./completion.js"),
} satisfies Record<CommandName, () => Promise<{ readonly command: Command }>>;

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await loaders[name]()).command;
}
