/** The commands in the order of help, each in one line. They stand here so that help need not load the commands. */
export const summaries = {
  init: "write a first policy that compiles",
  compile: "write the configuration of every target, each read back and proved",
  explain: "say what happens to a packet, and which rule decides",
  diff: "compare two configurations of any vendors, or a policy and a configuration",
  vendors: "show what each vendor can express",
  completion: "print a completion script for bash or zsh",
} as const satisfies Readonly<Record<string, string>>;

export type CommandName = keyof typeof summaries;

export const commandNames = Object.keys(summaries) as CommandName[];
