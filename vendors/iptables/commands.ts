import type { Diagnostic, Match, Source } from "../../src/vendor-kit/index.js";
import { all, diagnostic, everyPacket, not, span } from "../../src/vendor-kit/index.js";
import type { FamilyText, RuleText, Word } from "./model.js";
import { emptyChain, isBuiltIn, tableOf, unreadIn } from "./model.js";

/** Where a command stands, and under which condition of its script it runs. */
export interface CommandPlace {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  readonly when: Match;
}

/** What a command's exit status would be: undefined where that cannot be said. */
export type Status = boolean | undefined;

/**
 * Does to the tables what one command of iptables does, such as `-A FORWARD -j DROP` (without the program's name).
 *
 * Source: iptables(8), COMMANDS.
 */
export function runCommand(
  tables: FamilyText,
  words: readonly Word[],
  place: CommandPlace,
  diagnostics: Diagnostic[],
  defaultTable = "filter",
): Status {
  const command = readCommand(words, defaultTable);
  const table = tableOf(tables, command.table);
  const { source, start, end, when } = place;
  const unread = (why: string): Status => {
    diagnostics.push(
      diagnostic("RW6001", `this command could not be read: ${why}`, { primary: span(source, start, end) }),
    );
    unreadIn(table, source, start, end);
    return undefined;
  };
  if (command.undecided !== undefined) return unread(command.undecided);
  const name = command.chain;
  const rule = (): RuleText => ({ words: command.spec, source, start, end, when });
  const chainOf = (chain: string) => {
    let found = table.chains.get(chain);
    if (found === undefined) {
      found = emptyChain(chain);
      table.chains.set(chain, found);
    }
    return found;
  };
  switch (command.name) {
    case "append":
      if (name === undefined) return unread("it names no chain");
      chainOf(name).rules.push(rule());
      return true;
    case "insert":
      if (name === undefined) return unread("it names no chain");
      chainOf(name).rules.splice(Math.max(0, (command.position ?? 1) - 1), 0, rule());
      return true;
    case "replace": {
      const old = name === undefined ? undefined : table.chains.get(name)?.rules[(command.position ?? 0) - 1];
      if (old === undefined || name === undefined) return unread("it replaces a rule that is not in this text");
      const rules = chainOf(name).rules;
      rules.splice(rules.indexOf(old), 1, ...(when === everyPacket ? [] : [unless(old, when)]), rule());
      return true;
    }
    case "delete": {
      const rules = name === undefined ? undefined : table.chains.get(name)?.rules;
      const index =
        rules === undefined ? -1 : command.position !== undefined ? command.position - 1 : find(rules, command.spec);
      const old = rules?.[index];
      if (rules === undefined || old === undefined) {
        diagnostics.push(
          diagnostic("RW6002", "this deletes a rule that is not in this text", { primary: span(source, start, end) }),
        );
        return false;
      }
      rules.splice(index, 1, ...(when === everyPacket ? [] : [unless(old, when)]));
      return true;
    }
    case "check":
      return name !== undefined && find(table.chains.get(name)?.rules ?? [], command.spec) >= 0;
    case "flush":
      for (const chain of name === undefined ? table.chains.values() : [chainOf(name)]) {
        const kept = when === everyPacket ? [] : chain.rules.map((old) => unless(old, when));
        chain.rules.length = 0;
        for (const old of kept) chain.rules.push(old);
      }
      return true;
    case "new": {
      if (name === undefined) return unread("it names no chain");
      const there = table.chains.has(name);
      chainOf(name).declared ??= span(source, start, end);
      return !there;
    }
    case "delete-chain":
      if (when !== everyPacket) return true;
      for (const chain of name === undefined ? [...table.chains.keys()] : [name]) {
        if (!isBuiltIn(table.name, chain)) table.chains.delete(chain);
      }
      return true;
    case "policy": {
      if (name === undefined || command.spec[0] === undefined) return unread("it names no policy");
      const word = command.spec[0];
      const action = word.text === "ACCEPT" ? "accept" : word.text === "DROP" ? "drop" : "unknown";
      if (action === "unknown") {
        diagnostics.push(
          diagnostic("RW6001", `"${word.text}" is not a policy`, { primary: span(source, word.start, word.end) }),
        );
      }
      const chain = chainOf(name);
      const before = when === everyPacket ? [] : chain.policies;
      chain.policies = [...before, { action, span: span(source, start, end), when }];
      return true;
    }
    case "rename": {
      const to = command.spec[0]?.text;
      const chain = name === undefined ? undefined : table.chains.get(name);
      if (chain === undefined || name === undefined || to === undefined) return unread("it renames no known chain");
      table.chains.delete(name);
      table.chains.set(to, { ...chain, name: to });
      return true;
    }
    case "nothing":
      return true;
    case "none":
      return unread("it has no command such as -A or -P");
  }
}

/** So many conditions make a rule's fate readable to nobody: it is taken for unknown. */
const mostConditions = 64;

function unless(rule: RuleText, when: Match): RuleText {
  if (rule.when.kind === "all" && rule.when.of.length >= mostConditions) return { ...rule, unread: true };
  return { ...rule, when: all(rule.when, not(when)) };
}

function find(rules: readonly RuleText[], spec: readonly Word[]): number {
  const wanted = specKey(spec);
  return rules.findIndex((rule) => rule.unread === undefined && ruleKey(rule) === wanted);
}

const ruleKeys = new WeakMap<RuleText, string>();

function ruleKey(rule: RuleText): string {
  let key = ruleKeys.get(rule);
  if (key === undefined) {
    key = specKey(rule.words);
    ruleKeys.set(rule, key);
  }
  return key;
}

function specKey(words: readonly Word[]): string {
  return words.map((word) => word.text).join("\0");
}

type CommandName =
  | "append"
  | "insert"
  | "replace"
  | "delete"
  | "check"
  | "flush"
  | "new"
  | "delete-chain"
  | "policy"
  | "rename"
  | "nothing"
  | "none";

interface Command {
  readonly name: CommandName;
  readonly table: string;
  readonly chain?: string;
  readonly position?: number;
  readonly spec: readonly Word[];
  /** Why one cannot say what the command is. */
  readonly undecided?: string;
}

const commandOptions: Readonly<Record<string, CommandName>> = {
  "-A": "append",
  "--append": "append",
  "-I": "insert",
  "--insert": "insert",
  "-R": "replace",
  "--replace": "replace",
  "-D": "delete",
  "--delete": "delete",
  "-C": "check",
  "--check": "check",
  "-F": "flush",
  "--flush": "flush",
  "-N": "new",
  "--new": "new",
  "--new-chain": "new",
  "-X": "delete-chain",
  "--delete-chain": "delete-chain",
  "-P": "policy",
  "--policy": "policy",
  "-E": "rename",
  "--rename-chain": "rename",
  "-L": "nothing",
  "--list": "nothing",
  "-S": "nothing",
  "--list-rules": "nothing",
  "-Z": "nothing",
  "--zero": "nothing",
  "-V": "nothing",
  "--version": "nothing",
  "-h": "nothing",
  "--help": "nothing",
};

function readCommand(words: readonly Word[], defaultTable: string): Command {
  let name: CommandName = "none";
  let table = defaultTable;
  let chain: string | undefined;
  let position: number | undefined;
  let undecided: string | undefined;
  const spec: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word.text.charCodeAt(0) !== dash) {
      spec.push(word);
      continue;
    }
    const next = words[i + 1];
    const command = word.quoted === undefined ? commandOptions[word.text] : undefined;
    if (command !== undefined && name === "none") {
      name = command;
      if (next !== undefined && (next.quoted !== undefined || !next.text.startsWith("-"))) {
        if (next.undecided !== undefined) undecided = `its chain "${next.text}" is not known`;
        chain = next.text;
        i++;
        const number = words[i + 1];
        if (
          (name === "insert" || name === "delete" || name === "replace") &&
          number !== undefined &&
          /^\d{1,9}$/.test(number.text)
        ) {
          position = Number(number.text);
          i++;
        }
      }
    } else if (word.text === "-t" || word.text === "--table") {
      if (next?.undecided !== undefined) undecided = `its table "${next.text}" is not known`;
      table = next?.text ?? table;
      i++;
    } else if (word.text.startsWith("--table=")) {
      table = word.text.slice(8);
    } else if (word.text === "-w" || word.text === "--wait" || word.text === "-W" || word.text === "--wait-interval") {
      if (next !== undefined && /^\d+$/.test(next.text)) i++;
    } else if (word.text === "-c" || word.text === "--set-counters") {
      i += 2;
    } else if (word.text === "-M" || word.text === "--modprobe") {
      i++;
    } else if (!ignoredOptions.has(word.text)) {
      spec.push(word);
    }
  }
  return {
    name,
    table,
    spec,
    ...(chain !== undefined && { chain }),
    ...(position !== undefined && { position }),
    ...(undecided !== undefined && { undecided }),
  };
}

/** The sign that options begin with. */
const dash = 45;

const ignoredOptions = new Set([
  "-v",
  "--verbose",
  "-n",
  "--numeric",
  "-x",
  "--exact",
  "--line-numbers",
  "-4",
  "--ipv4",
  "-6",
  "--ipv6",
]);

/** Which family a `-4` or `-6` in a rule leaves it to; undefined for both. Source: iptables(8), -4 and -6. */
export function onlyFamily(words: readonly Word[]): "ipv4" | "ipv6" | undefined {
  for (const word of words) {
    if (word.quoted !== undefined) continue;
    if (word.text === "-4" || word.text === "--ipv4") return "ipv4";
    if (word.text === "-6" || word.text === "--ipv6") return "ipv6";
  }
  return undefined;
}
