import type { Family, Match, Verdict } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  egress,
  everyPacket,
  from,
  ingress,
  noPacket,
  not,
  ofProtocol,
  particular,
  protocols,
  protocolsWithPorts,
  to,
  varying,
} from "../../src/vendor-kit/index.js";
import { addressesOf } from "./address-text.js";
import type { GivenOption, MatchModule, MatchSetting } from "./matches.js";
import { matchModule } from "./matches.js";
import type { Word } from "./model.js";
import { isBuiltIn } from "./model.js";
import { protocolNumber } from "./protocol-names.js";
import { targetOf } from "./targets.js";

export interface RuleMeaning {
  readonly match: Match;
  readonly verdict: Verdict;
  readonly log: boolean;
}

/**
 * What the words of a rule mean, those after the chain's name.
 *
 * Negation is read old style (`-d ! 10.0.0.0/8`) and new style (`! -d 10.0.0.0/8`). What is not known becomes a
 * condition, and a verdict that is not known `unknown`.
 *
 * Source: iptables(8), PARAMETERS; iptables/xshared.c, do_parse.
 */
export function readRule(words: readonly Word[], setting: MatchSetting): RuleMeaning {
  const reader = new RuleReader(words, setting);
  return reader.read();
}

interface Loaded {
  readonly name: string;
  readonly module: MatchModule | undefined;
  readonly given: GivenOption[];
  /** For an unknown match: all of its words. */
  readonly words: Word[];
}

/** Short and long names of the options that need no match. */
const parameters: Readonly<Record<string, string>> = {
  "-p": "protocol",
  "--protocol": "protocol",
  "--proto": "protocol",
  "-s": "source",
  "--source": "source",
  "--src": "source",
  "-d": "destination",
  "--destination": "destination",
  "--dst": "destination",
  "-i": "in",
  "--in-interface": "in",
  "--in-iface": "in",
  "-o": "out",
  "--out-interface": "out",
  "--out-iface": "out",
  "-f": "fragment",
  "--fragment": "fragment",
  "--fragments": "fragment",
  "-m": "match",
  "--match": "match",
  "-j": "jump",
  "--jump": "jump",
  "-g": "goto",
  "--goto": "goto",
};

class RuleReader {
  private readonly parts: Match[] = [];
  private readonly loaded: Loaded[] = [];
  private verdict: Verdict = "continue";
  private target: { readonly name: string; readonly options: RegExp | undefined } | undefined;
  private log = false;
  private position = 0;
  /** The protocol that `-p` names without `!`, whose match is loaded with it. */
  private protocol: number | undefined;

  constructor(
    private readonly words: readonly Word[],
    private readonly setting: MatchSetting,
  ) {}

  read(): RuleMeaning {
    let negated = false;
    while (this.position < this.words.length) {
      const word = this.words[this.position++]!;
      if (word.text === "!" && word.quoted === undefined) {
        negated = true;
        continue;
      }
      this.option(word, negated);
      negated = false;
    }
    for (const one of this.loaded) this.parts.push(this.matchOf(one));
    const ports = this.loaded.find((one) => one.name === "multiport" || one.name === "mport");
    if (ports !== undefined && (this.protocol === undefined || !protocolsWithPorts.includes(this.protocol))) {
      this.setting.refused("multiport needs a protocol with ports in front of it, such as -p tcp", ports.words[0]);
    }
    return { match: all(...this.parts), verdict: this.verdict, log: this.log };
  }

  private option(written: Word, before: boolean): void {
    if (written.text === "#" && written.quoted === undefined) {
      this.setting.refused("a comment must stand on a line of its own", written);
      this.position = this.words.length;
      return;
    }
    const [name, glued] = splitGlued(written);
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (written.undecided !== undefined) {
      this.parts.push(this.unreadCondition(`"${written.text}" is not known`, written));
      return;
    }
    if (written.quoted !== undefined || !name.startsWith("-")) {
      this.parts.push(this.unreadCondition(`"${written.text}" stands where an option is expected`, written));
      return;
    }
    if (parameter === "fragment") {
      this.setting.undecided("fragment after the first");
      this.parts.push(signed(before, varying("fragment after the first")));
      return;
    }
    // A match may have an option of such a name: `-m policy --proto esp`.
    if (parameter === undefined || (name.startsWith("--") && hasOption(this.loaded.at(-1)?.module, name.slice(2)))) {
      this.matchOption(name, written, glued, before);
      return;
    }
    // Old style: the sign stands after the option.
    let negated = before;
    let value = glued;
    if (value === undefined) {
      value = this.words[this.position++];
      if (value?.text === "!" && value.quoted === undefined) {
        negated = !negated;
        value = this.words[this.position++];
      }
    }
    if (value !== undefined && value.quoted === undefined && /^!./.test(value.text)) {
      negated = !negated;
      value = { ...value, text: value.text.slice(1), start: value.start + 1 };
    }
    if (value === undefined) {
      this.parts.push(this.unreadCondition(`"${written.text}" has no value`, written));
      return;
    }
    this.parameter(parameter, value, negated);
  }

  private parameter(parameter: string, value: Word, negated: boolean): void {
    switch (parameter) {
      case "protocol":
        this.readProtocol(value, negated);
        return;
      case "source":
      case "destination":
        if (negated && value.text.includes(",")) this.setting.refused('"!" before several addresses', value);
        this.parts.push(signed(negated, addressMatch(value, parameter, this.setting)));
        return;
      case "in":
      case "out":
        this.parts.push(signed(negated, this.interfaceMatch(value, parameter)));
        return;
      case "match":
        this.loaded.push({ name: value.text, module: matchModule(value.text), given: [], words: [value] });
        return;
      case "goto":
        this.target = { name: value.text, options: undefined };
        this.verdict = value.undecided ? this.unknownVerdict(value) : { kind: "goto", chain: value.text };
        return;
      case "jump":
        this.readTarget(value);
    }
  }

  private readProtocol(value: Word, negated: boolean): void {
    const number = protocolNumber(value.text);
    if (number === undefined) {
      this.setting.unread(`protocol ${value.text}`, value);
      this.parts.push(signed(negated, condition(`protocol is ${value.text}`)));
      return;
    }
    if (number === "all") {
      if (negated) this.parts.push(noPacket);
      return;
    }
    this.parts.push(signed(negated, protocolMatch(number)));
    if (!negated) this.protocol = number;
  }

  private interfaceMatch(value: Word, end: "in" | "out"): Match {
    if (value.undecided !== undefined) {
      this.setting.unread(`interface ${value.text}`, value);
      return condition(`${end === "in" ? "ingress" : "egress"} interface is ${value.text}`);
    }
    if (value.text === "+") return everyPacket;
    const { chain, table } = this.setting;
    if (lacks[end].has(chain) && isBuiltIn(table, chain)) {
      this.setting.refused(`packets of ${chain} have no interface to be asked for with -${end[0]!}`, value);
    }
    if (end === "out" && !this.setting.hasEgress) return noPacket;
    const name = value.text.endsWith("+") ? `${value.text.slice(0, value.text.length - 1)}*` : value.text;
    return end === "in" ? ingress(name) : egress(name);
  }

  private readTarget(value: Word): void {
    if (value.undecided !== undefined) {
      this.verdict = this.unknownVerdict(value);
      this.target = { name: value.text, options: /^/ };
      return;
    }
    const target = targetOf(value.text);
    if (target === undefined) {
      this.verdict = { kind: "jump", chain: value.text };
      // A target that is not known has options of its own, a chain has none.
      this.target = { name: value.text, options: this.setting.isChain(value.text) ? undefined : /^/ };
      return;
    }
    const { table } = this.setting;
    if (target.tables !== undefined && !target.tables.includes(table)) {
      this.setting.refused(`${value.text} works in the table ${target.tables.join(" or ")} and not in ${table}`, value);
    }
    this.target = { name: value.text, options: target.options };
    this.verdict = target.verdict;
    if (target.log) this.log = true;
    if (target.verdict === "unknown") {
      this.setting.undecided(`what ${value.text} does with a packet`);
    }
  }

  private unknownVerdict(value: Word): Verdict {
    this.setting.unread(`target ${value.text}`, value);
    return "unknown";
  }

  /** An option of a loaded match, of the match that `-p` brings with it, or of the target. */
  private matchOption(name: string, written: Word, glued: Word | undefined, before: boolean): void {
    const option = name.replace(/^--?/, "");
    const found = this.ownerOf(option);
    if (found !== undefined) {
      const arity = found.owner.module!.options[found.name]!;
      found.owner.given.push({ name: found.name, ...this.values(arity, glued, before) });
      return;
    }
    const foreign = this.loaded.findLast((one) => one.module === undefined);
    if (this.target?.options?.test(option) && foreign === undefined) {
      this.values("rest", glued, false);
      return;
    }
    const { values } = this.values("rest", glued, false);
    if (foreign !== undefined) {
      foreign.words.push(written, ...values);
      if (before) foreign.words.push({ ...written, text: "!" });
      return;
    }
    if (hasOption(matchModule("tcp"), option)) {
      this.setting.refused(`"${name}" needs a protocol in front of it, such as -p tcp`, written);
      this.parts.push(condition(`${[written, ...values].map((one) => one.text).join(" ")} at ${this.setting.place}`));
      return;
    }
    this.parts.push(this.unreadCondition(`the option "${name}" is not known here`, written, [written, ...values]));
  }

  /** The match that has the option, with the option's full name: getopt takes an unmistakable beginning for it. */
  private ownerOf(option: string): { readonly owner: Loaded; readonly name: string } | undefined {
    const exact = this.loaded.findLast((one) => hasOption(one.module, option));
    if (exact !== undefined) return { owner: exact, name: option };
    for (const owner of this.loaded) {
      const begun = Object.keys(owner.module?.options ?? {}).filter((name) => name.startsWith(option));
      if (begun.length === 1) return { owner, name: begun[0]! };
    }
    if (this.protocol === undefined) return undefined;
    // Source: iptables/xshared.c: `-p tcp` loads the tcp match when one of its options is met.
    const implied = impliedMatch(this.protocol);
    const module = implied === undefined ? undefined : matchModule(implied);
    if (implied === undefined || !hasOption(module, option)) return undefined;
    const owner: Loaded = { name: implied, module, given: [], words: [] };
    this.loaded.push(owner);
    return { owner, name: option };
  }

  private values(
    arity: number | "rest",
    glued: Word | undefined,
    before: boolean,
  ): { readonly negated: boolean; readonly values: readonly Word[] } {
    const values: Word[] = glued === undefined ? [] : [glued];
    let negated = before;
    const next = this.words[this.position];
    if (glued === undefined && arity !== 0 && next?.text === "!" && next.quoted === undefined && arity !== "rest") {
      negated = !negated;
      this.position++;
    }
    while (this.position < this.words.length && (arity === "rest" || values.length < arity)) {
      const value = this.words[this.position]!;
      const isOption = value.quoted === undefined && (value.text.startsWith("-") || value.text === "!");
      if (isOption && (arity === "rest" || !/^-\d/.test(value.text))) break;
      values.push(value);
      this.position++;
    }
    const first = values[0];
    if (first !== undefined && first.quoted === undefined && arity !== "rest" && /^!./.test(first.text)) {
      negated = !negated;
      values[0] = { ...first, text: first.text.slice(1), start: first.start + 1 };
    }
    return { negated, values };
  }

  private matchOf(one: Loaded): Match {
    if (one.module !== undefined) {
      const undecided = one.given.flatMap((given) => given.values).find((value) => value.undecided !== undefined);
      if (undecided !== undefined && one.name !== "comment") {
        return this.unreadCondition(
          `"${undecided.text}" is not known`,
          undecided,
          one.given.flatMap((given) => given.values),
        );
      }
      return one.module.build(one.given, this.setting, one.name);
    }
    return this.unreadCondition(`the match "${one.name}" is not known`, one.words[0]!, one.words);
  }

  private unreadCondition(why: string, word: Word, words: readonly Word[] = [word]): Match {
    this.setting.unread(why, word);
    return condition(`${words.map((one) => one.text).join(" ")} at ${this.setting.place}`);
  }
}

/** Built-in chains whose packets lack an interface. Source: iptables(8), -i and -o. */
const lacks: Readonly<Record<"in" | "out", ReadonlySet<string>>> = {
  in: new Set(["OUTPUT", "POSTROUTING"]),
  out: new Set(["INPUT", "PREROUTING"]),
};

/** `--dport=80` and `-ptcp` are two words in one. */
function splitGlued(word: Word): readonly [name: string, value: Word | undefined] {
  if (word.quoted !== undefined && !word.text.startsWith("--")) return [word.text, undefined];
  const equals = word.text.indexOf("=");
  if (word.text.startsWith("--") && equals > 0) {
    return [word.text.slice(0, equals), { ...word, text: word.text.slice(equals + 1), start: word.start + equals + 1 }];
  }
  if (/^-[psdiojmg]./.test(word.text)) {
    return [word.text.slice(0, 2), { ...word, text: word.text.slice(2).replace(/^=/, ""), start: word.start + 2 }];
  }
  return [word.text, undefined];
}

function hasOption(module: MatchModule | undefined, option: string): boolean {
  return module !== undefined && Object.hasOwn(module.options, option);
}

function impliedMatch(protocol: number): string | undefined {
  switch (protocol) {
    case protocols.tcp:
      return "tcp";
    case protocols.udp:
      return "udp";
    case protocols.udplite:
      return "udplite";
    case protocols.sctp:
      return "sctp";
    case protocols.dccp:
      return "dccp";
    case protocols.icmp:
      return "icmp";
    case protocols.icmpv6:
      return "icmp6";
    case protocols.ah:
      return "ah";
    case protocols.esp:
      return "esp";
    case 135:
      return "mh";
    default:
      return undefined;
  }
}

/** The addresses of `-s` or `-d`: one or several with commas, each of which makes a rule of its own. */
function addressMatch(value: Word, end: "source" | "destination", setting: MatchSetting): Match {
  const side = end === "source" ? from : to;
  return any(
    ...value.text.split(",").map((text) => {
      const addresses = value.undecided === undefined ? addressesOf(text, setting.family) : undefined;
      if (addresses !== undefined) return side(addresses);
      const words = `${end} address is ${text}`;
      if (value.undecided !== undefined || otherFamily(text, setting.family)) setting.unread(words, value);
      else setting.undecided(words, "a host's name is looked up when the rule is loaded, and a mask may have gaps");
      return particular(words);
    }),
  );
}

function otherFamily(text: string, family: Family): boolean {
  return addressesOf(text, family === "ipv4" ? "ipv6" : "ipv4") !== undefined;
}

const protocolMatches = new Map<number, Match>();

/** The same object for the same protocol: long texts ask for TCP many times. */
function protocolMatch(number: number): Match {
  let match = protocolMatches.get(number);
  if (match === undefined) {
    match = ofProtocol(number);
    protocolMatches.set(number, match);
  }
  return match;
}

function signed(negated: boolean, match: Match): Match {
  return negated ? not(match) : match;
}
