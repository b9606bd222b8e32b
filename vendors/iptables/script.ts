import type { Diagnostic, Family, Match, Source } from "../../src/vendor-kit/index.js";
import { all, condition, diagnostic, everyPacket, not, span, spanLabel } from "../../src/vendor-kit/index.js";
import type { Status } from "./commands.js";
import { runCommand } from "./commands.js";
import type { RulesText, Word } from "./model.js";
import { familyOf, tableOf, unreadIn } from "./model.js";
import { readRestore } from "./restore.js";
import type { SetsText } from "./sets.js";
import { readSets, runSetCommand } from "./sets.js";
import type { Node, Redirect, ShellWord } from "./shell.js";
import { readShell } from "./shell.js";

/**
 * Runs a script of `iptables`, `ip6tables` and `ipset` commands as far as its text decides what it does: assignments,
 * loops over words, functions, tests of known words.
 *
 * Where a test is not decided, what stands below it becomes a rule under a condition in the test's words; where a value
 * is not decided, the match that needs it becomes a condition. Each such place is a diagnostic.
 */
export function readScript(source: Source, rules: RulesText, sets: SetsText, diagnostics: Diagnostic[]): void {
  const script = readShell(source.text);
  const runner = new Runner(source, rules, sets, diagnostics);
  for (const place of script.broken) {
    diagnostics.push(
      diagnostic("RW6001", "the script's syntax is not understood here", {
        primary: span(source, place.start, place.end),
      }),
    );
    runner.anything(place.start, place.end);
  }
  runner.run(script.nodes, everyPacket);
}

/** More commands than a script for people has; loops in loops end here. */
const mostCommands = 50_000;
const deepestCalls = 30;

/** A variable that grows beyond this is not followed: doubling it a few times more would fill the memory. */
const longestValue = 100_000;

interface Value {
  readonly text: string;
  readonly undecided?: true;
}

class Runner {
  private variables = new Map<string, Value>();
  private readonly functions = new Map<string, readonly Node[]>();
  private commands = 0;
  /** The arguments of the functions that are being run, with the place of the call. */
  private readonly calls: { readonly words: readonly Word[]; readonly start: number; readonly end: number }[] = [];
  /** False for ever after an `exit` that certainly runs; a condition after one that may. */
  private alive: Match = everyPacket;
  private ended = false;
  private readonly said = new Set<string>();

  constructor(
    private readonly source: Source,
    private readonly rules: RulesText,
    private readonly sets: SetsText,
    private readonly diagnostics: Diagnostic[],
  ) {}

  run(nodes: readonly Node[], when: Match): Status {
    let status: Status = true;
    for (const node of nodes) {
      if (this.ended) return status;
      status = this.node(node, when);
    }
    return status;
  }

  /** Something unread that could be any command. */
  anything(start: number, end: number): void {
    for (const family of ["ipv4", "ipv6"] as const) {
      const tables = this.rules[family];
      if (tables === undefined && family === "ipv6") continue;
      unreadIn(tableOf(familyOf(this.rules, family), "filter"), this.source, start, end);
    }
  }

  private node(node: Node, when: Match): Status {
    if (++this.commands > mostCommands) {
      this.say("RW6001", "the script runs more commands than are followed here", node.start, node.end);
      this.anything(node.start, node.end);
      this.ended = true;
      return undefined;
    }
    switch (node.kind) {
      case "simple":
        return this.simple(node, when);
      case "and-or":
        return this.andOr(node, when);
      case "pipe": {
        let status: Status;
        for (const one of node.nodes) status = this.node(one, when);
        return status;
      }
      case "not": {
        const status = this.node(node.node, when);
        return status === undefined ? undefined : !status;
      }
      case "if":
        return this.ifNode(node, when);
      case "for":
        return this.forNode(node, when);
      case "loop": {
        this.run(node.test, when);
        const test = this.testOf(node.start, node.body[0]?.start ?? node.end, "the loop's test");
        this.branches(when, [{ condition: test, body: node.body }]);
        return undefined;
      }
      case "case":
        return this.caseNode(node, when);
      case "group":
        return this.run(node.body, when);
      case "function":
        this.functions.set(node.name, node.body);
        return true;
    }
  }

  private andOr(node: Node & { kind: "and-or" }, when: Match): Status {
    let status: Status = true;
    let guard = when;
    let left: Node | undefined;
    for (const { operator, node: part } of node.parts) {
      if (left !== undefined) {
        if (status === undefined) {
          const test = this.testOf(left.start, left.end, "whether this succeeds", left);
          guard = all(guard, operator === "&&" ? test : not(test));
        } else if ((operator === "&&") !== status) {
          continue;
        }
      }
      const next = this.node(part, guard);
      status = guard === when ? next : undefined;
      left = part;
      if (this.ended && guard === when) return status;
    }
    return status;
  }

  private ifNode(node: Node & { kind: "if" }, when: Match): Status {
    const open: { condition: Match; body: readonly Node[] }[] = [];
    let otherwise: Match = everyPacket;
    for (const { test, body } of node.branches) {
      const status = this.run(test, all(when, otherwise));
      if (status === false) continue;
      if (status === true) {
        open.push({ condition: otherwise, body });
        return this.branches(when, open);
      }
      const last = test[test.length - 1];
      const words = this.testOf(test[0]?.start ?? node.start, last?.end ?? node.start, "this test", last);
      open.push({ condition: all(otherwise, words), body });
      otherwise = all(otherwise, not(words));
    }
    open.push({ condition: otherwise, body: node.otherwise });
    return this.branches(when, open);
  }

  /** Each body under its condition. A variable that they leave with different values is not decided afterwards. */
  private branches(when: Match, open: readonly { condition: Match; body: readonly Node[] }[]): Status {
    const [only, more] = open;
    if (only !== undefined && more === undefined && only.condition === everyPacket) return this.run(only.body, when);
    const before = this.variables;
    const results: Map<string, Value>[] = [];
    for (const { condition: own, body } of open) {
      this.variables = new Map(before);
      this.run(body, all(when, own));
      if (this.ended) this.ended = false;
      results.push(this.variables);
    }
    this.variables = new Map(before);
    const names = new Set(results.flatMap((result) => [...result.keys()]));
    for (const name of names) {
      const values = results.map((result) => result.get(name));
      const [first] = values;
      const same = values.every((value) => value !== undefined && first !== undefined && value.text === first.text);
      this.variables.set(name, same ? first! : { text: `$${name}`, undecided: true });
    }
    return undefined;
  }

  private forNode(node: Node & { kind: "for" }, when: Match): Status {
    const words = node.words?.flatMap((word) => this.expand(word));
    // An undecided word without quotes may stand for any number of words.
    if (words === undefined || words.some((word) => word.undecided && !word.quoted)) {
      this.say(
        "RW6001",
        `the words that "${node.name}" stands for are not known`,
        node.start,
        node.body[0]?.start ?? node.end,
      );
      this.variables.set(node.name, { text: `$${node.name}`, undecided: true });
      return this.run(node.body, when);
    }
    for (const word of words) {
      this.variables.set(node.name, word.undecided ? { text: word.text, undecided: true } : { text: word.text });
      this.run(node.body, when);
      if (this.ended) break;
    }
    return true;
  }

  private caseNode(node: Node & { kind: "case" }, when: Match): Status {
    const [word] = this.expand(node.word);
    const patterns = node.clauses.map((clause) =>
      clause.patterns.map((pattern) => this.expand(pattern)[0]?.text ?? ""),
    );
    if (word !== undefined && word.undecided === undefined) {
      const index = patterns.findIndex((one) => one.some((pattern) => globMatches(pattern, word.text)));
      return index < 0 ? true : this.run(node.clauses[index]!.body, when);
    }
    // A start script: what it does when the system starts is what is asked.
    const start = patterns.findIndex((one) => one.includes("start"));
    if (start >= 0) {
      this.say("RW6002", 'the script is read as it runs with "start"', node.word.start, node.word.end);
      return this.run(node.clauses[start]!.body, when);
    }
    let otherwise: Match = everyPacket;
    const open = node.clauses.map((clause, index) => {
      const test = condition(`${word?.text ?? ""} is ${patterns[index]!.join(" or ")}`);
      const own = patterns[index]!.includes("*") ? otherwise : all(otherwise, test);
      otherwise = all(otherwise, not(test));
      return { condition: own, body: clause.body };
    });
    this.say("RW6001", "which of these cases holds is not known", node.word.start, node.word.end);
    return this.branches(when, [...open, { condition: otherwise, body: [] }]);
  }

  private testOf(start: number, end: number, what: string, node?: Node): Match {
    const text = this.source.text
      .slice(start, Math.min(end, start + 80))
      .replace(/\s+/g, " ")
      .trim();
    // A command of iptables that may succeed or not is plain; anything else is worth a word.
    const plain = node?.kind === "simple" && /^\S*iptables\b/.test(text);
    if (!plain) this.say("RW6001", `${what} is not decided by the text; what depends on it is a condition`, start, end);
    return condition(`"${text}" at ${this.place(start)}`);
  }

  private simple(node: Node & { kind: "simple" }, when: Match): Status {
    const words = node.words.flatMap((word, index) => this.expand(word, index === 0));
    while (words.length > 0 && assignment(words[0]!) !== undefined && !words[0]!.quoted) {
      const { name, value } = assignment(words.shift()!)!;
      this.variables.set(name, value);
    }
    // The value of NAME="a b" is one word with a quoted part.
    while (words.length > 0 && assignment(words[0]!) !== undefined) {
      const { name, value } = assignment(words.shift()!)!;
      this.variables.set(name, value);
    }
    while (words.length > 1 && prefixCommands.has(words[0]!.text)) words.shift();
    const first = words[0];
    if (first === undefined) return true;
    const rest = words.slice(1);
    const family = programFamily(first, rest);
    if (family !== undefined) return this.iptables(family, first, rest, node, when);
    const command = first.text.slice(first.text.lastIndexOf("/") + 1);
    const body = this.functions.get(command);
    if (body !== undefined) return this.call(body, rest, node, when);
    switch (command) {
      case "ipset":
        return this.ipset(rest, node, when);
      case "[":
      case "[[":
      case "test":
        return testStatus(rest);
      case ":":
      case "true":
        return true;
      case "false":
        return false;
      case "exit":
        if (when === everyPacket) this.ended = true;
        else this.alive = all(this.alive, not(when));
        return true;
      case "export":
      case "readonly":
      case "local":
      case "declare":
      case "typeset":
        for (const word of rest) {
          const given = assignment(word);
          if (given !== undefined) this.variables.set(given.name, given.value);
        }
        return true;
      case "unset":
        for (const word of rest) this.variables.delete(word.text);
        return true;
      case "read":
        for (const word of rest) this.variables.set(word.text, { text: `$${word.text}`, undecided: true });
        return undefined;
      case ".":
      case "source":
        this.say(
          "RW6001",
          "a file that is not given is read here; it may set variables or add rules",
          node.start,
          node.end,
        );
        return true;
      case "return":
      case "break":
      case "continue":
        if (command === "return" || when === everyPacket) return true;
        return true;
      case "ufw":
      case "firewall-cmd":
      case "nft":
      case "shorewall":
      case "csf":
      case "iptables-apply":
        this.say("RW6001", `"${command}" changes rules in a way that is not in this text`, node.start, node.end);
        this.anything(node.start, node.end);
        return undefined;
    }
    if (harmless.has(command)) return true;
    if (!asking.has(command)) {
      this.say(
        "RW6002",
        `what "${command}" does is not in this text; it is taken not to touch the rules`,
        node.start,
        node.end,
      );
    }
    return undefined;
  }

  private iptables(
    family: Family,
    program: Word,
    words: readonly Word[],
    node: Node & { kind: "simple" },
    when: Match,
  ): Status {
    const name = program.text.slice(program.text.lastIndexOf("/") + 1);
    if (/-save\b/.test(name)) return true;
    if (/-restore\b/.test(name)) return this.restore(family, node, when);
    const guard = all(this.alive, when);
    // A rule that a function makes from its arguments is known by the call.
    const call = this.calls.at(-1);
    const { start, end } = call !== undefined && node.words.some(isArgument) ? call : node;
    const place = { source: this.source, start, end, when: guard };
    return runCommand(familyOf(this.rules, family), words, place, this.diagnostics);
  }

  private restore(family: Family, node: Node & { kind: "simple" }, when: Match): Status {
    const here = hereOf(node.redirects);
    if (here === undefined || when !== everyPacket || this.alive !== everyPacket) {
      this.say("RW6001", "rules are loaded here from a text that is not given", node.start, node.end);
      unreadIn(tableOf(familyOf(this.rules, family), "filter"), this.source, node.start, node.end);
      return undefined;
    }
    readRestore(this.source, this.rules, this.diagnostics, family, onlyPart(this.source, here.start, here.end));
    return true;
  }

  private ipset(words: readonly Word[], node: Node & { kind: "simple" }, when: Match): Status {
    const here = hereOf(node.redirects);
    const command = words.find((word) => !word.text.startsWith("-"))?.text;
    if (here !== undefined) {
      readSets(this.source, this.sets, this.diagnostics, onlyPart(this.source, here.start, here.end));
    } else if (command === "restore") {
      this.say("RW6001", "sets are loaded here from a text that is not given", node.start, node.end);
      for (const set of this.sets.values()) set.undecided = "sets are loaded from a text that is not given";
    } else {
      runSetCommand(words, this.source, node.start, node.end, this.sets, this.diagnostics);
      if (when !== everyPacket) {
        const set = this.sets.get(words[1]?.text ?? "");
        if (set !== undefined) set.undecided = "the script changes it under a condition";
      }
    }
    return command === "test" || command === "list" ? undefined : true;
  }

  private call(body: readonly Node[], words: readonly Word[], node: Node, when: Match): Status {
    if (this.calls.length >= deepestCalls) return undefined;
    const outer = argumentNames.map((name) => [name, this.variables.get(name)] as const);
    for (const [index, name] of argumentNames.entries()) this.variables.set(name, valueOf(words[index]));
    const outerCall = this.calls.at(-1);
    // Within a function that passes its own arguments on, the first call is the telling one.
    const passesOn = outerCall !== undefined && node.kind === "simple" && node.words.some(isArgument);
    const { start, end } = passesOn ? outerCall : node;
    this.calls.push({ words, start, end });
    const status = this.run(body, when);
    this.calls.pop();
    for (const [name, value] of outer) {
      if (value === undefined) this.variables.delete(name);
      else this.variables.set(name, value);
    }
    return status;
  }

  /** The words that a word becomes: an unquoted variable may become several or none. */
  private expand(word: ShellWord, command = false): Word[] {
    const { start, end } = word;
    const [only, more] = word.parts;
    if (only?.kind === "variable" && more === undefined && (only.name === "@" || only.name === "*")) {
      const call = this.calls.at(-1);
      if (call !== undefined) return [...call.words];
    }
    const words: { text: string; quoted: boolean; undecided: boolean }[] = [];
    let open: { text: string; quoted: boolean; undecided: boolean } | undefined;
    const add = (text: string, quoted: boolean, undecided: boolean): void => {
      if (open === undefined) {
        open = { text: "", quoted: false, undecided: false };
        words.push(open);
      }
      open.text += text;
      if (quoted) open.quoted = true;
      if (undecided) open.undecided = true;
    };
    const isAssignment = command && word.parts[0]?.kind === "text" && /^\w+=/.test(word.parts[0].text);
    for (const part of word.parts) {
      if (part.kind === "text") {
        add(part.text, part.quoted, false);
        continue;
      }
      if (part.kind === "undecided") {
        const program = programLookup.exec(part.raw)?.[1];
        add(program ?? part.raw, part.quoted, program === undefined);
        continue;
      }
      const value =
        this.variables.get(part.name) ?? (part.fallback === undefined ? undefined : { text: part.fallback });
      if (value === undefined) add(part.raw, part.quoted, true);
      else if (value.undecided) add(value.text, part.quoted, true);
      else if (part.quoted || isAssignment) add(value.text, part.quoted, false);
      else {
        const pieces = value.text.split(/[ \t\n\r]+/);
        for (const [index, piece] of pieces.entries()) {
          if (index > 0) open = undefined;
          if (piece !== "") add(piece, false, false);
        }
      }
    }
    return words.map((one) => ({
      text: one.text,
      start,
      end,
      ...(one.quoted && { quoted: true as const }),
      ...(one.undecided && { undecided: true as const }),
    }));
  }

  private place(start: number): string {
    const label = spanLabel(span(this.source, start, start));
    return label.slice(0, label.lastIndexOf(":"));
  }

  private say(code: "RW6001" | "RW6002", message: string, start: number, end: number): void {
    const key = `${code} ${start} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.diagnostics.push(diagnostic(code, message, { primary: span(this.source, start, end) }));
  }
}

const argumentNames = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

function isArgument(word: ShellWord): boolean {
  return word.parts.some((part) => part.kind === "variable" && /^[@*1-9]$/.test(part.name));
}

function valueOf(word: Word | undefined): Value {
  if (word === undefined) return { text: "" };
  if (word.text.length > longestValue) return { text: "$1", undecided: true };
  return word.undecided ? { text: word.text, undecided: true } : { text: word.text };
}

/** `$(which iptables)` is the program of that name. */
const programLookup =
  /^(?:\$\(|`)\s*(?:which|command\s+-v|type\s+-[pP])\s+([\w/.-]+)\s*(?:2>\s*\/dev\/null\s*)?(?:\)|`)$/;

const prefixCommands = new Set(["sudo", "exec", "command", "nice", "env", "time", "busybox", "eval"]);

/** Commands that are taken to succeed and to leave the rules alone. */
const harmless = new Set(
  "echo printf modprobe sysctl sleep logger set cd rm touch insmod rmmod ip ifconfig route tc mkdir cat cp mv chmod chown service systemctl umask trap shift date log_begin_msg log_end_msg log_daemon_msg log_action_msg depmod conntrack tee sync wait clear tput ulimit arp sed awk".split(
    " ",
  ),
);

/** Commands whose answer a script asks for. */
const asking = new Set(
  "grep egrep fgrep which type lsmod id uname hostname ping ps pgrep dig host getent expr let".split(" "),
);

/** `iptables`, `/sbin/ip6tables`, `$IPT` and `$(which iptables)` before something that is a command of theirs. */
function programFamily(first: Word, rest: readonly Word[]): Family | undefined {
  const name = first.text.slice(first.text.lastIndexOf("/") + 1);
  const program = /^(ip6?)tables(?:-nft|-legacy)?(?:-restore|-save)?(?:-translate)?$/.exec(name);
  if (program !== null) return program[1] === "ip6" ? "ipv6" : "ipv4";
  if (first.undecided === undefined) return undefined;
  const isCommand = rest.some((word) =>
    /^-[ADIRNFXPEtC]$|^--(?:append|insert|delete|policy|flush|table|new-chain)$/.test(word.text),
  );
  if (!isCommand && !/tables/.test(first.text)) return undefined;
  return /6/.test(first.text) ? "ipv6" : "ipv4";
}

function assignment(word: Word): { readonly name: string; readonly value: Value } | undefined {
  const found = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word.text);
  if (found === null) return undefined;
  if (found[2]!.length > longestValue) return { name: found[1]!, value: { text: `$${found[1]!}`, undecided: true } };
  return { name: found[1]!, value: word.undecided ? { text: found[2]!, undecided: true } : { text: found[2]! } };
}

/** `[ "$A" = b ]` and the like with known words; undefined for anything else. */
function testStatus(words: readonly Word[]): Status {
  const inner = words.filter((word) => word.quoted || (word.text !== "]" && word.text !== "]]"));
  if (inner.some((word) => word.undecided)) return undefined;
  const [a, b, c, d] = inner.map((word) => word.text);
  if (d !== undefined) return undefined;
  if (b === undefined) return a !== undefined && a !== "";
  if (c === undefined) return a === "-n" ? b !== "" : a === "-z" ? b === "" : undefined;
  switch (b) {
    case "=":
    case "==":
      return a === c;
    case "!=":
      return a !== c;
    case "-eq":
      return Number(a) === Number(c);
    case "-ne":
      return Number(a) !== Number(c);
    case "-gt":
      return Number(a) > Number(c);
    case "-lt":
      return Number(a) < Number(c);
    default:
      return undefined;
  }
}

/** A pattern of `case` with `*` alone or literal text; other signs match nothing that is certain. */
function globMatches(pattern: string, text: string): boolean {
  if (pattern === text || pattern === "*") return true;
  return pattern.endsWith("*") && !/[?[]/.test(pattern) && text.startsWith(pattern.slice(0, pattern.length - 1));
}

function hereOf(redirects: readonly Redirect[]): { readonly start: number; readonly end: number } | undefined {
  return redirects.find((redirect) => redirect.here !== undefined)?.here;
}

/** A text in which only a part is left, at its place: all else is blank. */
function onlyPart(source: Source, start: number, end: number): string {
  const blank = source.text.slice(0, start).replace(/[^\r\n]/g, " ");
  return blank + source.text.slice(start, end);
}
