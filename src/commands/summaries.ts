/**
 * The commands in the order of help, each in one line. They stand here so that help need not load the commands. The name
 * of a command in a group has two words, the group's first.
 */
export const summaries = {
  init: "write a first policy that compiles",
  compile: "write the configuration of every target, each read back and proved",
  explain: "say what happens to a packet, and which rule decides",
  lint: "check a repository's configurations against the policy, with packets as evidence",
  diff: "compare two configurations of any vendors, or a policy and a configuration",
  "feeds update": "fetch the newest Azure service tags or Office 365 endpoints, and lock them",
  rules: "list what the linter looks for, or explain one rule",
  "feeds show": "show what a feed has: tags, services, regions, endpoint sets",
  "feeds lookup": "say which tags and endpoint sets hold an address",
  "feeds diff": "compare two versions of a feed, in addresses, and for a policy",
  exceptions: "print the addresses of exceptions for any firewall: of a policy, Azure or Office 365",
  "exceptions azure": "print the addresses of Azure service tags for any firewall",
  "exceptions office365": "print the addresses of Office 365 for any firewall",
  vendors: "show what each vendor can express",
  completion: "print a completion script for bash or zsh",
} as const satisfies Readonly<Record<string, string>>;

export type CommandName = keyof typeof summaries;

export const commandNames = Object.keys(summaries) as CommandName[];

/** The groups that are no command themselves. */
const groupSummaries: Readonly<Record<string, string>> = {
  feeds: "Azure service tags and Office 365 endpoints: update, show, look up, compare",
};

/** What may stand first on a command line, commands and groups, in the order of help. */
export const firstWords: ReadonlyMap<string, string> = new Map(
  Object.entries(summaries).map(([name, summary]) => {
    const first = firstWord(name);
    return [first, first === name ? summary : summaryOf(first)];
  }),
);

function summaryOf(word: string): string {
  return (summaries as Readonly<Record<string, string>>)[word] ?? groupSummaries[word] ?? "";
}

/** The commands of the group, without those that are not in one. */
export function commandsOfGroup(group: string): CommandName[] {
  return commandNames.filter((name) => name.startsWith(`${group} `));
}

/** Whether the word is a group and no command, so that another word has to follow. */
export function isGroupOnly(word: string): boolean {
  return commandsOfGroup(word).length > 0 && !Object.hasOwn(summaries, word);
}

/** `show` of `feeds show`: what a command is called within its group. */
export function ownName(name: string): string {
  return name.slice(name.indexOf(" ") + 1);
}

function firstWord(name: string): string {
  return name.split(" ", 1)[0]!;
}
