import type {
  AddressSet,
  Direction,
  Edge,
  EdgeException,
  EdgeRule,
  Endpoint,
  Family,
  Hook,
} from "../../src/vendor-kit/index.js";
import {
  fewestPrefixes4,
  fewestPrefixes6,
  formatPrefix4,
  formatPrefix6,
  ipv4Addresses,
  ipv6Addresses,
  neighbourDiscoveryTypes,
  plainLine,
  protocols,
} from "../../src/vendor-kit/index.js";
import { longestComment, longestLogPrefix, ruleChainName, setName } from "./names.js";
import type { Guard } from "./services.js";
import { guardsOf } from "./services.js";
import type { TreePrefix } from "./tree.js";
import { branchesOf } from "./tree.js";

export interface RulesetOptions {
  /** As iptables writes them: `ppp+`. */
  readonly outside: readonly string[];
  readonly hooks: readonly Hook[];
  /** What every chain and set begins with: `RW`. */
  readonly prefix: string;
  readonly sets: SetUse;
}

/**
 * `ipset`: every set of more than {@link fewPrefixes} prefixes is an ipset. `tree`: it is a tree of chains. `closed`:
 * there are neither sets nor exceptions, and what would need them is denied (see {@link closedRuleset}).
 */
export type SetUse = "ipset" | "tree" | "closed";

/** What one family's rules file and its part of the sets file hold. */
export interface Ruleset {
  readonly family: Family;
  /** In an order in which every chain stands before the chains that it goes to. */
  readonly chains: readonly OwnChain[];
  /** Which own chain stands at the head of which built-in one. */
  readonly heads: readonly { readonly builtIn: string; readonly chain: string }[];
  readonly sets: readonly OwnSet[];
  /** The longest way of jumps and gotos from a built-in chain. */
  readonly depth: number;
}

export interface OwnChain {
  readonly name: string;
  /** For the comment above it; one line. */
  readonly about: string;
  readonly lines: readonly OwnLine[];
}

export interface OwnLine {
  /** Options of the matches; "" for every packet. */
  readonly match: string;
  /** `-j DROP`, `-g RW-OUT`. */
  readonly target: string;
  readonly comment?: string;
}

export interface OwnSet {
  readonly name: string;
  readonly family: Family;
  /** Prefixes as text, ascending, never of length 0. */
  readonly entries: readonly string[];
}

/** Up to so many prefixes are plain rules: a rule for each costs a packet no more than a set's lookup does. */
export const fewPrefixes = 8;

/**
 * The longest way of jumps and gotos that the kernel loads. Source: Linux include/net/netfilter/nf_tables.h,
 * NFT_JUMP_STACK_SIZE: the sixteenth is refused with EMLINK.
 */
export const deepest = 15;

/** A deny rule with exceptions may have so many plain lines in a row before it is cut into chains. */
const longestProduct = 32;

/** The policy as chains of one family. A tree is as narrow as the kernel's limit of jumps permits. */
export function rulesetOf(edge: Edge, family: Family, options: RulesetOptions): Ruleset {
  let best: Ruleset | undefined;
  for (const width of [8, 16, 32, 64, 128, 100_000]) {
    best = buildRuleset(edge, family, options, width);
    if (best.depth <= deepest) break;
  }
  return best!;
}

/** The last resort where restoring fails: nothing is excepted, and what many prefixes decide is denied. */
export function closedRuleset(edge: Edge, family: Family, options: RulesetOptions): Ruleset {
  const many = (endpoint: Endpoint): boolean => prefixesOf(endpoint.addresses, family).length > fewPrefixes;
  const rules = edge.rules.flatMap((rule): EdgeRule[] => {
    const large = many(rule.from) || many(rule.to);
    // Without its exceptions a permit would let pass what the policy denies behind it.
    if (rule.action === "permit") return large || rule.exceptions.length > 0 ? [] : [rule];
    const wide: Endpoint = { label: "any", id: "any", addresses: everywhere };
    return [{ ...rule, from: many(rule.from) ? wide : rule.from, to: many(rule.to) ? wide : rule.to, exceptions: [] }];
  });
  return rulesetOf({ ...edge, rules }, family, { ...options, sets: "closed" });
}

const everywhere: AddressSet = {
  ipv4: [{ first: ipv4Addresses.min, last: ipv4Addresses.max }],
  ipv6: [{ first: ipv6Addresses.min, last: ipv6Addresses.max }],
};

function buildRuleset(edge: Edge, family: Family, options: RulesetOptions, treeWidth: number): Ruleset {
  const builder = new Builder(edge, family, options, treeWidth);
  const { prefix, hooks } = options;
  const outside = withoutCovered(options.outside);
  const heads = hooks.map((hook) => ({ builtIn: hook.toUpperCase(), chain: `${prefix}-${hook.toUpperCase()}` }));
  const accepts = builder.accepts("inbound") || builder.accepts("outbound");
  const inbound = `${prefix}-IN`;
  const outbound = `${prefix}-OUT`;
  const needed = new Set<string>();
  for (const [index, hook] of hooks.entries()) {
    const chain = builder.start(heads[index]!.chain, `packets of ${hook.toUpperCase()} that cross the edge`);
    const arrives = hook !== "output";
    const leaves = hook !== "input";
    if (hook === "forward" && accepts) {
      // A packet that comes from outside and goes back there must pass both: an ACCEPT for the one would skip the other.
      for (const name of outside) chain.add(`-i ${name}`, `-g ${prefix}-FROM-OUTSIDE`);
      for (const name of outside) chain.add(`-o ${name}`, `-g ${outbound}`);
      needed.add("hairpin");
    } else {
      if (arrives) for (const name of outside) chain.add(`-i ${name}`, `-j ${inbound}`);
      if (leaves) for (const name of outside) chain.add(`-o ${name}`, `-j ${outbound}`);
    }
    if (arrives) needed.add("inbound");
    if (leaves) needed.add("outbound");
  }
  if (needed.has("hairpin")) {
    const chain = builder.start(`${prefix}-FROM-OUTSIDE`, "forwarded packets that arrive from outside");
    for (const name of outside) chain.add(`-o ${name}`, `-g ${prefix}-HAIRPIN`);
    chain.add("", `-g ${inbound}`);
    const denyOnly = edge.default === "continue" && builder.accepts("outbound");
    const then = denyOnly ? `${prefix}-OUT-DENY` : outbound;
    builder.level("inbound", `${prefix}-HAIRPIN`, "H", { accept: `-g ${outbound}`, end: `-g ${then}` });
    if (denyOnly) builder.level("outbound", then, "D", { accept: "-j RETURN", end: undefined });
  }
  if (needed.has("inbound")) builder.direction("inbound", inbound, "I");
  if (needed.has("outbound")) builder.direction("outbound", outbound, "O");
  return builder.finish(heads);
}

/** Interface names without those that another one's wildcard covers: a packet shall meet the rules once. */
function withoutCovered(names: readonly string[]): readonly string[] {
  const unique = [...new Set(names)];
  return unique.filter(
    (name) =>
      !unique.some(
        (other) => other !== name && other.endsWith("+") && name.startsWith(other.slice(0, other.length - 1)),
      ),
  );
}

/** How the addresses of an endpoint are asked for. */
type Test =
  | { readonly kind: "any" }
  | { readonly kind: "plain"; readonly options: readonly string[] }
  | { readonly kind: "set"; readonly name: string }
  | { readonly kind: "tree"; readonly prefixes: readonly TreePrefix[] };

interface Box {
  readonly guards: readonly Guard[];
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly comment: string;
}

class ChainBuilder {
  readonly lines: OwnLine[] = [];
  constructor(
    readonly name: string,
    readonly about: string,
  ) {}
  add(match: string, target: string, comment?: string): void {
    this.lines.push({ match, target, ...(comment !== undefined && { comment }) });
  }
}

/** Collects the chains of one family. */
class Builder {
  private readonly chains: ChainBuilder[] = [];
  private readonly sets = new Map<string, OwnSet>();
  private readonly parts = new Map<string, number>();

  constructor(
    private readonly edge: Edge,
    private readonly family: Family,
    private readonly options: RulesetOptions,
    private readonly treeWidth: number,
  ) {}

  accepts(direction: Direction): boolean {
    return this.edge.default !== "continue" || this.rulesOf(direction).some(({ rule }) => rule.action === "permit");
  }

  start(name: string, about: string): ChainBuilder {
    const chain = new ChainBuilder(name, about);
    this.chains.push(chain);
    return chain;
  }

  /** The rules of a direction where ACCEPT and the fall-through may have their last word. */
  direction(direction: Direction, name: string, letter: string): void {
    const chain = this.start(name, `${direction} packets`);
    const decides = this.edge.default !== "continue";
    if (decides) chain.add(replies, "-j ACCEPT", "replies follow their connection");
    for (const numbered of this.rulesOf(direction)) this.block(chain, numbered, direction, letter, "-j ACCEPT");
    this.end(chain, "-j ACCEPT", undefined);
  }

  /**
   * The rules of a direction as a chain that is gone to and never jumped to, so that whatever a rule says can be said
   * by a goto: what another direction still has to judge, and what is left to the rest of the device.
   */
  level(
    direction: Direction,
    name: string,
    letter: string,
    then: { readonly accept: string; readonly end: string | undefined },
  ): void {
    let chain = this.start(name, `${direction} packets, as far as a packet that also goes back outside needs it`);
    chain.add(replies, this.edge.default === "continue" ? "-j RETURN" : "-j ACCEPT", "replies follow their connection");
    for (const numbered of this.rulesOf(direction)) {
      if (numbered.rule.action === "permit") chain = this.permit(chain, numbered, direction, letter, then.accept);
      else this.block(chain, numbered, direction, letter, "-j DROP");
    }
    this.end(chain, then.accept, then.end);
  }

  finish(heads: Ruleset["heads"]): Ruleset {
    const reached = reachedFrom(
      this.chains,
      heads.map((head) => head.chain),
    );
    return {
      family: this.family,
      chains: this.chains.map(({ name, about, lines }) => ({ name, about, lines })),
      heads,
      sets: [...this.sets.values()],
      depth: reached,
    };
  }

  /** The rules of a direction that can match in this family, with their numbers in the policy from 1. */
  private rulesOf(direction: Direction): readonly NumberedRule[] {
    return this.edge.rules
      .map((rule, index) => ({ rule, number: index + 1 }))
      .filter(({ rule }) => rule.directions.includes(direction) && this.exists(rule));
  }

  private exists(box: EdgeRule | EdgeException): boolean {
    return (
      box.families.includes(this.family) &&
      guardsOf(box.services, this.family).length > 0 &&
      box.from.addresses[this.family].length > 0 &&
      box.to.addresses[this.family].length > 0
    );
  }

  /** A rule with a chain of its own, which is left by RETURN for the next rule. */
  private block(
    chain: ChainBuilder,
    { rule, number }: NumberedRule,
    direction: Direction,
    letter: string,
    accept: string,
  ): void {
    const name = ruleChainName(this.options.prefix, `${letter}${number}`, rule.name);
    const comment = this.ruleComment(rule);
    const guards = guardsOf(rule.services, this.family);
    const from = this.test(rule.from, "source");
    const to = this.test(rule.to, "destination");
    const beforeChain = plainPairs(from, to, guards.length);
    for (const guard of guards) {
      for (const pair of beforeChain ?? [""]) chain.add(join(guard.options, pair), `-j ${name}`);
    }
    let body = this.start(name, comment);
    if (this.edge.default === "continue") {
      body.add(replies, "-j RETURN", "replies follow their connection");
    }
    if (beforeChain === undefined) {
      body = this.only(body, from, "source", letter, number);
      body = this.only(body, to, "destination", letter, number);
    }
    body = this.exceptions(body, rule, direction, letter, number, "-j RETURN");
    if (rule.log) body.add("", `-j LOG --log-prefix "${this.logPrefix(rule)}"`, comment);
    switch (rule.action) {
      case "deny":
        body.add("", "-j DROP", comment);
        return;
      case "reject":
        for (const [match, answer] of rejections(guards, this.family)) {
          body.add(match, `-j REJECT --reject-with ${answer}`, comment);
        }
        return;
      case "permit":
        body.add("", accept, comment);
    }
  }

  /** A permit rule in a chain that is gone to. Returns the chain where the next rules go on. */
  private permit(
    chain: ChainBuilder,
    { rule, number }: NumberedRule,
    direction: Direction,
    letter: string,
    accept: string,
  ): ChainBuilder {
    const comment = this.ruleComment(rule);
    const box = { guards: guardsOf(rule.services, this.family), from: rule.from, to: rule.to, comment };
    const log = rule.log ? `-j LOG --log-prefix "${this.logPrefix(rule)}"` : undefined;
    const exceptions = this.exceptionsOf(rule, direction);
    if (exceptions.length === 0 && log === undefined) return this.branch(chain, box, accept, letter, number);
    const matched = this.part(letter, number, `${comment}: its packets`);
    const rest = this.branch(chain, box, `-g ${matched.name}`, letter, number);
    const next = this.part(letter, number, "the rules after it");
    rest.add("", `-g ${next.name}`);
    const end = this.exceptions(matched, rule, direction, letter, number, `-g ${next.name}`);
    if (log !== undefined) end.add("", log, comment);
    end.add("", accept, comment);
    return next;
  }

  private exceptions(
    chain: ChainBuilder,
    rule: EdgeRule,
    direction: Direction,
    letter: string,
    number: number,
    hit: string,
  ): ChainBuilder {
    let body = chain;
    for (const exception of this.exceptionsOf(rule, direction)) {
      const box: Box = {
        guards: guardsOf(exception.services, this.family),
        from: exception.from,
        to: exception.to,
        comment: exceptionComment(exception),
      };
      body = this.branch(body, box, hit, letter, number);
    }
    return body;
  }

  private exceptionsOf(rule: EdgeRule, direction: Direction): readonly EdgeException[] {
    if (this.options.sets === "closed") return [];
    return rule.exceptions.filter((one) => one.directions.includes(direction) && this.exists(one));
  }

  /**
   * Sends the packets of a box to `hit`. All others go on in the chain that is returned, which is the same one where
   * plain lines can say it.
   */
  private branch(chain: ChainBuilder, box: Box, hit: string, letter: string, number: number): ChainBuilder {
    const from = this.test(box.from, "source");
    const to = this.test(box.to, "destination");
    const sources = inline(from, "src");
    const destinations = inline(to, "dst");
    if (
      sources !== undefined &&
      destinations !== undefined &&
      box.guards.length * sources.length * destinations.length <= longestProduct
    ) {
      for (const guard of box.guards) {
        for (const source of sources) {
          for (const destination of destinations) {
            chain.add(join(guard.options, source, destination), hit, box.comment);
          }
        }
      }
      return chain;
    }
    const rest = new ChainBuilder(this.partName(letter, number), `${box.comment}: all other packets`);
    const miss = `-g ${rest.name}`;
    // What plain lines can say beside the port need not be a chain of its own.
    const early = plainBeside(from, to, box.guards.length);
    const tests = [
      ...(from.kind === "any" || early === from ? [] : [{ test: from, end: "source" as const }]),
      ...(to.kind === "any" || early === to ? [] : [{ test: to, end: "destination" as const }]),
    ];
    const stages = tests.map(() => this.part(letter, number, box.comment));
    for (const guard of box.guards) {
      for (const options of early?.options ?? [""]) {
        chain.add(join(guard.options, options), `-g ${stages[0]!.name}`, box.comment);
      }
    }
    chain.add("", miss);
    for (const [index, { test, end }] of tests.entries()) {
      const next = stages[index + 1];
      this.ask(stages[index]!, test, end, next === undefined ? hit : `-g ${next.name}`, miss, letter, number);
    }
    this.chains.push(rest);
    return rest;
  }

  /** Lets only packets with such an address go on in the chain that is returned; all others RETURN. */
  private only(
    chain: ChainBuilder,
    test: Test,
    end: "source" | "destination",
    letter: string,
    number: number,
  ): ChainBuilder {
    if (test.kind === "any") return chain;
    if (test.kind === "set") {
      chain.add(`-m set ! --match-set ${test.name} ${end === "source" ? "src" : "dst"}`, "-j RETURN");
      return chain;
    }
    if (test.kind === "plain" && test.options.length === 1) {
      chain.add(`! ${test.options[0]!}`, "-j RETURN");
      return chain;
    }
    const next = new ChainBuilder(this.partName(letter, number), `packets with such a ${end}`);
    this.ask(chain, test, end, `-g ${next.name}`, undefined, letter, number);
    this.chains.push(next);
    return next;
  }

  /** Ends a chain with the question whether an address is one of the test's. Without `miss`, a miss falls through. */
  private ask(
    chain: ChainBuilder,
    test: Test,
    end: "source" | "destination",
    hit: string,
    miss: string | undefined,
    letter: string,
    number: number,
  ): void {
    const option = end === "source" ? "-s" : "-d";
    if (test.kind === "tree") {
      const many = test.prefixes.length > this.treeWidth;
      for (const { bits, prefixes } of many ? branchesOf(test.prefixes, this.treeWidth) : test.prefixes.map(alone)) {
        if (prefixes.length === 1) {
          chain.add(`${option} ${prefixes[0]!.text}`, hit);
          continue;
        }
        const part = this.part(letter, number, `${end} in ${prefixText(bits, this.family)}`);
        chain.add(`${option} ${prefixText(bits, this.family)}`, `-g ${part.name}`);
        this.ask(part, { kind: "tree", prefixes }, end, hit, miss, letter, number);
      }
    } else {
      for (const options of inline(test, end === "source" ? "src" : "dst") ?? []) chain.add(options, hit);
    }
    if (miss !== undefined) chain.add("", miss);
  }

  private end(chain: ChainBuilder, accept: string, end: string | undefined): void {
    const label = `default: ${this.edge.default}`;
    switch (this.edge.default) {
      case "continue":
        if (end !== undefined) chain.add("", end);
        return;
      case "permit":
        chain.add("", accept, label);
        return;
      case "deny":
        chain.add("-m conntrack --ctstate RELATED", accept, "errors about allowed connections");
        if (this.family === "ipv6") {
          for (let type: number = neighbourDiscoveryTypes.first; type <= neighbourDiscoveryTypes.last; type++) {
            chain.add(`-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`, accept, "neighbour discovery");
          }
        }
        chain.add("", "-j DROP", label);
    }
  }

  private test(endpoint: Endpoint, end: "source" | "destination"): Test {
    const prefixes = prefixesOf(endpoint.addresses, this.family);
    if (prefixes.length === 1 && prefixes[0]!.bits === "") return { kind: "any" };
    const option = end === "source" ? "-s" : "-d";
    if (prefixes.length <= fewPrefixes) {
      return { kind: "plain", options: prefixes.map((prefix) => `${option} ${prefix.text}`) };
    }
    if (this.options.sets !== "ipset") return { kind: "tree", prefixes };
    return { kind: "set", name: this.set(endpoint.id, prefixes) };
  }

  private set(id: string, prefixes: readonly TreePrefix[]): string {
    const entries = prefixes.map((prefix) => prefix.text);
    for (let salt = ""; ; salt += "x") {
      const name = setName(this.options.prefix, this.family, id + salt, entries);
      const known = this.sets.get(name);
      if (known !== undefined && known.entries.join() !== entries.join()) continue;
      this.sets.set(name, { name, family: this.family, entries });
      return name;
    }
  }

  private part(letter: string, number: number, about: string): ChainBuilder {
    return this.start(this.partName(letter, number), about);
  }

  private partName(letter: string, number: number): string {
    const key = `${this.options.prefix}-${letter}${number}`;
    const count = (this.parts.get(key) ?? 0) + 1;
    this.parts.set(key, count);
    return `${key}.${count}`;
  }

  private ruleComment(rule: EdgeRule): string {
    return quotable(`rule ${rule.name}`, longestComment);
  }

  private logPrefix(rule: EdgeRule): string {
    return `${quotable(`${this.options.prefix} ${rule.name}`, longestLogPrefix - 2)}: `;
  }
}

interface NumberedRule {
  readonly rule: EdgeRule;
  readonly number: number;
}

/**
 * Only packets of a known connection have a direction: untracked and invalid packets do not match.
 *
 * Source: Linux net/netfilter/xt_conntrack.c, conntrack_mt.
 */
const replies = "-m conntrack --ctdir REPLY";

function exceptionComment(exception: EdgeException): string {
  const parts = [
    `except from ${exception.from.label} to ${exception.to.label}`,
    ...(exception.reason === undefined ? [] : [exception.reason]),
    ...(exception.expires === undefined ? [] : [`until ${exception.expires}`]),
  ];
  return quotable(parts.join(", "), longestComment);
}

/** Text that may stand between double quotes in a restore file: a quote or a backslash there would end or change it. */
function quotable(text: string, most: number): string {
  return plainLine(text.replace(/"/g, "'").replace(/\\/g, "/"), most);
}

function rejections(guards: readonly Guard[], family: Family): readonly (readonly [match: string, answer: string])[] {
  const has = (protocol: number): boolean => guards.some((one) => one.protocol === "any" || one.protocol === protocol);
  const others = guards.some((one) => one.protocol !== protocols.tcp && one.protocol !== protocols.udp);
  return [
    ...(has(protocols.tcp) ? [["-p tcp", "tcp-reset"] as const] : []),
    ...(has(protocols.udp)
      ? [["-p udp", family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable"] as const]
      : []),
    ...(others ? [["", family === "ipv4" ? "icmp-admin-prohibited" : "icmp6-adm-prohibited"] as const] : []),
  ];
}

/** The plain address options before a rule's own chain, or undefined where there would be too many lines, or sets. */
function plainPairs(from: Test, to: Test, guards: number): readonly string[] | undefined {
  if (from.kind === "set" || to.kind === "set") return undefined;
  const sources = inline(from, "src");
  const destinations = inline(to, "dst");
  if (sources === undefined || destinations === undefined) return undefined;
  if (guards * sources.length * destinations.length > longestProduct / 2) return undefined;
  return sources.flatMap((source) => destinations.map((destination) => join(source, destination)));
}

/** The plain one of two tests of which the other is not, where its options times the guards are few lines. */
function plainBeside(from: Test, to: Test, guards: number): (Test & { readonly kind: "plain" }) | undefined {
  const plain = from.kind === "plain" ? from : to.kind === "plain" ? to : undefined;
  if (plain === undefined || from.kind === to.kind || from.kind === "any" || to.kind === "any") return undefined;
  return guards * plain.options.length > longestProduct / 2 ? undefined : plain;
}

/** One entry a line that matches; undefined for a tree. */
function inline(test: Test, flag: "src" | "dst"): readonly string[] | undefined {
  switch (test.kind) {
    case "any":
      return [""];
    case "plain":
      return test.options;
    case "set":
      return [`-m set --match-set ${test.name} ${flag}`];
    case "tree":
      return undefined;
  }
}

function join(...options: readonly string[]): string {
  return options.filter((option) => option !== "").join(" ");
}

function alone(prefix: TreePrefix): { readonly bits: string; readonly prefixes: readonly TreePrefix[] } {
  return { bits: prefix.bits, prefixes: [prefix] };
}

function prefixesOf(addresses: AddressSet, family: Family): readonly TreePrefix[] {
  return family === "ipv4"
    ? fewestPrefixes4(addresses.ipv4).map((prefix) => ({
        bits: prefix.address.toString(2).padStart(32, "0").slice(0, prefix.length),
        text: formatPrefix4(prefix),
      }))
    : fewestPrefixes6(addresses.ipv6).map((prefix) => ({
        bits: prefix.address.toString(2).padStart(128, "0").slice(0, prefix.length),
        text: formatPrefix6(prefix),
      }));
}

function prefixText(bits: string, family: Family): string {
  return family === "ipv4"
    ? formatPrefix4({ address: Number(`0b${bits.padEnd(32, "0")}`), length: bits.length })
    : formatPrefix6({ address: BigInt(`0b${bits.padEnd(128, "0")}`), length: bits.length });
}

/** The longest way from a built-in chain, which is one jump before each of `heads`. */
function reachedFrom(chains: readonly ChainBuilder[], heads: readonly string[]): number {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const below = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = below.get(name);
    if (known !== undefined) return known;
    let deepestBelow = 0;
    for (const line of byName.get(name)?.lines ?? []) {
      const next = line.target.slice(3);
      if (byName.has(next)) deepestBelow = Math.max(deepestBelow, 1 + depthOf(next));
    }
    below.set(name, deepestBelow);
    return deepestBelow;
  };
  return Math.max(0, ...heads.map((head) => 1 + depthOf(head)));
}
