import type { Diagnostic, Match, Origin, Rule, Span, Verdict } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  diagnostic,
  everyPacket,
  labelOf,
  not,
  particular,
  positionOf,
  spanText,
  varying,
} from "../../src/vendor-kit/index.js";
import { readElements, readValue } from "./elements.js";
import type { Element } from "./elements.js";
import type { Token } from "./lexer.js";
import { asked, compareWithValues, hasKey, lookUp } from "./matches.js";
import type { Lowered, Operator } from "./matches.js";
import { Reader, spanOf, wordsOf } from "./reader.js";
import type { RuleModel, SetModel } from "./ruleset.js";
import { readSelector } from "./selectors.js";
import type { Selector } from "./selectors.js";

/** What the rules of one table can refer to, and where their messages go. */
export interface RuleContext {
  readonly sets: ReadonlyMap<string, SetModel>;
  /** What rules anywhere may change: `meta mark`, `@blocked`. A look at such a thing says nothing about another look. */
  readonly changing: ReadonlySet<string>;
  /** What packets with the status `dnat` can be; undefined where that is not known. */
  readonly translated?: Match | undefined;
  /** Sets that were looked up before, by what was looked up and how. */
  readonly lookups: Map<string, Lowered>;
  report(problem: Diagnostic): void;
  /** A chain for the rules of `jump { … }`; returns its name. */
  addChain(rules: readonly Token[]): string;
}

/**
 * An nft rule as rules of the model: one, or one for each key of a verdict map. A rule that has no influence gives none.
 *
 * What cannot be understood makes the verdict unknown for all packets that get so far, with a diagnostic.
 */
export function lowerRule(rule: RuleModel, context: RuleContext): Rule[] {
  const lowering = new Lowering(rule, context);
  if (rule.unread !== undefined) return [lowering.rule("unknown")];
  const failure = lowering.run();
  if (failure === undefined) return lowering.rules;
  const place = failure.token === undefined ? rule.span : (spanOf([failure.token]) ?? rule.span);
  context.report(
    diagnostic("RW6001", `${failure.what}: what this rule does is unknown`, { ...(place && { primary: place }) }),
  );
  return [...lowering.rules, lowering.rule("unknown")];
}

interface Failure {
  readonly what: string;
  readonly token?: Token | undefined;
}

class Lowering {
  readonly rules: Rule[] = [];
  readonly #reader: Reader;
  readonly #context: RuleContext;
  readonly #origin: Origin;
  readonly #place: string;
  #match: Match = everyPacket;
  #log = false;
  #occurrence = 0;

  constructor(rule: RuleModel, context: RuleContext) {
    this.#reader = new Reader(rule.tokens);
    this.#context = context;
    this.#origin = originOf(rule);
    this.#place = placeOf(rule.tokens[0]);
  }

  rule(verdict: Verdict, match: Match = this.#match): Rule {
    return { match, verdict, origin: this.#origin, ...(this.#log && { log: true }) };
  }

  /** Reads the statements until one ends the rule. */
  run(): Failure | undefined {
    const reader = this.#reader;
    for (;;) {
      reader.skipNewlines();
      const token = reader.peek();
      if (token === undefined) {
        if (this.#log) this.rules.push(this.rule("continue"));
        return undefined;
      }
      const outcome = this.#statement(token);
      if (outcome === "end") return undefined;
      if (outcome !== "next") return outcome;
    }
  }

  #statement(token: Token): "next" | "end" | Failure {
    const reader = this.#reader;
    if (token.text.startsWith("xt_")) {
      reader.at++;
      return this.#extension(token);
    }
    if (token.kind !== "word") return { what: `${quote(token)} is not understood here`, token };
    switch (token.text) {
      case "accept":
      case "drop":
      case "continue":
      case "return":
        reader.at++;
        this.rules.push(this.rule(token.text));
        return "end";
      case "jump":
      case "goto":
      case "queue":
      case "reject":
        return this.#verdict();
      case "masquerade":
      case "snat":
      case "dnat":
      case "redirect":
        // The translation ends the rule as an accept does. Source: Linux net/netfilter/nft_nat.c.
        this.rules.push(this.rule("accept"));
        return "end";
      case "synproxy":
      case "fwd":
        this.rules.push(this.rule("unknown"));
        return "end";
      case "log":
        reader.at++;
        this.#log = true;
        return this.#logOptions();
      case "counter":
        reader.at++;
        while (reader.is("packets") || reader.is("bytes")) reader.at += 2;
        if (reader.take("name")) return this.#objectName();
        return "next";
      case "last":
        reader.at++;
        if (reader.take("used")) this.#skip(durations);
        return "next";
      case "notrack":
      case "secmark":
        reader.at++;
        return "next";
      case "limit":
      case "quota":
        return this.#onlySometimes(token.text === "limit" ? limitWords : quotaWords);
      case "flow":
        reader.at++;
        if (!reader.take("add") && !reader.take("offload"))
          return { what: "this flow statement is not understood", token };
        reader.at++;
        return "next";
      case "dup":
        reader.at++;
        reader.take("to");
        if (this.#value() === undefined) return { what: "this dup statement is not understood", token };
        if (reader.take("device")) reader.at++;
        return "next";
      case "tproxy":
        return this.#tproxy();
      case "add":
      case "update":
      case "delete":
        return this.#setStatement();
      case "set":
        return this.#oldSetStatement();
      case "meter":
        return this.#meter();
      case "xt":
        return this.#xt();
      case "comment":
        reader.at += 2;
        return "next";
      case "reset":
        reader.at++;
        return readSelector(reader) === undefined ? { what: "this reset is not understood", token } : "next";
      case "ct":
        if (reader.is("count", 1)) return this.#onlySometimes(countWords);
        return this.#test();
      case "ip":
        // Rules of `add rule` may repeat the family in front of a match only in forms that selectors read.
        return this.#test();
      default:
        return this.#test();
    }
  }

  #verdict(): "end" | Failure {
    const verdict = readVerdict(this.#reader, this.#context);
    if (verdict === undefined) return { what: "this verdict is not understood", token: this.#reader.peek(-1) };
    this.rules.push(this.rule(verdict));
    return "end";
  }

  #logOptions(): "next" | Failure {
    const reader = this.#reader;
    for (;;) {
      if (reader.take("prefix") || reader.take("level") || reader.take("group") || reader.take("snaplen")) reader.at++;
      else if (reader.take("queue-threshold")) reader.at++;
      else if (reader.take("flags")) this.#skip(logFlags);
      else return "next";
    }
  }

  #objectName(): "next" | Failure {
    const reader = this.#reader;
    const start = reader.peek();
    if (readSelectors(reader) !== undefined) {
      if (!reader.take("map")) return { what: "this object reference is not understood", token: start };
      return this.#mapOperand() ? "next" : { what: "this map is not understood", token: start };
    }
    reader.at++;
    return "next";
  }

  /** A limit, a quota or a count lets the rule match at some times and not at others. */
  #onlySometimes(words: ReadonlySet<string>): "next" | Failure {
    const reader = this.#reader;
    const start = reader.at;
    reader.at++;
    if (reader.take("name")) {
      const failure = this.#objectName();
      if (failure !== "next") return failure;
    } else {
      while (reader.isOneOf(words) || /^[\d/]/.test(reader.peek()?.kind === "word" ? reader.peek()!.text : ""))
        reader.at++;
    }
    const asks = wordsOf(reader.tokens.slice(start, reader.at));
    // What is used up stays used up.
    this.#require(asks.startsWith("quota") ? this.#here(asks) : this.#rate(asks));
    return "next";
  }

  #tproxy(): "next" | Failure {
    const reader = this.#reader;
    const start = reader.at;
    reader.at++;
    if (!reader.take("ip")) reader.take("ip6");
    if (!reader.take("to")) return { what: "this tproxy statement is not understood", token: reader.peek() };
    if (reader.take("[")) reader.takeBlock("]");
    else if (!reader.is(":")) this.#value();
    if (reader.take(":")) this.#value();
    // Without a socket to give the packet to, the rule does not go on.
    this.#require(this.#here(wordsOf(reader.tokens.slice(start, reader.at))));
    return "next";
  }

  /** `add @set { ip saddr timeout 1m limit rate over 5/second }`: fails, and ends the rule, when the set is full. */
  #setStatement(): "next" | Failure {
    const reader = this.#reader;
    const start = reader.at;
    const isDelete = reader.is("delete");
    reader.at++;
    const name = reader.next();
    if (
      name?.kind !== "word" ||
      !name.text.startsWith("@") ||
      !reader.take("{") ||
      reader.takeBlock("}") === undefined
    ) {
      return { what: "this set statement is not understood", token: name };
    }
    if (!isDelete) this.#require(this.#rate(wordsOf(reader.tokens.slice(start, reader.at))));
    return "next";
  }

  #oldSetStatement(): "next" | Failure {
    const reader = this.#reader;
    const start = reader.at;
    reader.at++;
    if (!reader.take("add")) reader.take("update");
    while (!reader.done && !reader.peek()!.text.startsWith("@")) reader.at++;
    if (reader.done) return { what: "this set statement is not understood", token: reader.peek(-1) };
    reader.at++;
    this.#require(this.#rate(wordsOf(reader.tokens.slice(start, reader.at))));
    return "next";
  }

  #meter(): "next" | Failure {
    const reader = this.#reader;
    const start = reader.at;
    while (!reader.done && !reader.is("{")) reader.at++;
    if (!reader.take("{") || reader.takeBlock("}") === undefined)
      return { what: "this meter is not understood", token: reader.peek(-1) };
    this.#require(this.#rate(wordsOf(reader.tokens.slice(start, reader.at))));
    return "next";
  }

  /** `xt target "LOG"`, left over from iptables-nft: nft shows the extension's name and nothing else of it. */
  #xt(): "next" | "end" | Failure {
    const reader = this.#reader;
    const token = reader.next()!;
    reader.at++;
    return this.#extension(reader.next() ?? token);
  }

  #extension(token: Token): "next" | "end" | Failure {
    const name = token.text.replace(/^xt_/, "");
    if (/^[a-z]/.test(name)) {
      this.#require(this.#here(`xt match ${name}`));
      return "next";
    }
    const known = extensionTargets.get(name);
    if (known === undefined)
      return { what: `what the iptables extension ${JSON.stringify(name)} does is not shown`, token };
    if (known === "continue") return "next";
    this.rules.push(this.rule(known));
    return "end";
  }

  /** A match, or a statement that sets a field. */
  #test(): "next" | "end" | Failure {
    const reader = this.#reader;
    const first = reader.peek();
    const start = reader.at;
    const selectors = readSelectors(reader);
    if (selectors === undefined) return { what: `${quote(first)} is not understood here`, token: first };
    const only = selectors.length === 1 ? selectors[0]! : undefined;
    const mask = only === undefined ? undefined : this.#mask(only);
    if (mask === "unread") return { what: "this bit operation is not understood", token: reader.peek() };

    if (reader.is("set") && only !== undefined) return this.#setField(only);
    if (reader.take("vmap")) return this.#verdictMap(selectors);
    if (reader.is("map")) return { what: "a comparison of a map's value is not understood", token: reader.peek() };

    const operator = this.#operator();
    const negated = operator === "!=" || operator === "!";
    if (reader.is("{")) {
      const open = reader.next()!;
      const block = reader.takeBlock("}");
      if (block === undefined) return { what: "this set has no end", token: open };
      const { elements, unread } = readElements(block);
      if (unread.length > 0) return { what: "this set element is not understood", token: unread[0]![0] };
      if (mask !== undefined) return this.#maskedSet(only!, mask, negated, elements, start);
      if (elements.some((element) => element.expires)) return this.#undecided(start, negated);
      return this.#take(lookUp(selectors, negated, elements), start);
    }
    const token = reader.peek();
    if (token?.kind === "word" && /^@[A-Za-z_.]/.test(token.text)) {
      reader.at++;
      return this.#namedSet(selectors, mask, negated, token, start);
    }
    if (only === undefined) return this.#concatenationValue(selectors, negated, start);
    if (reader.is("exists") || reader.is("missing")) {
      const words = wordsOf(reader.tokens.slice(start, reader.at));
      const exists = asked(only, `${words} exists`);
      this.#require(all(only.needs, reader.is("exists") !== negated ? exists : { kind: "not", of: exists }));
      reader.at++;
      return "next";
    }
    const values = this.#values();
    if (values === undefined) return { what: `${quote(token)} is not understood as a value`, token };
    if (only.words === "meta priority" && reader.take(":")) reader.at++;
    if (reader.is("/") || (values.length === 1 && only.field.kind === "tcp-flags" && values[0]!.text.includes("/"))) {
      return this.#valueAndMask(only, operator, values, start);
    }
    return this.#take(compareWithValues(only, mask, operator, values), start);
  }

  /** `& (syn|ack) { syn, ack }`: under the mask exactly one of the values. */
  #maskedSet(
    selector: Selector,
    mask: readonly Token[],
    negated: boolean,
    elements: readonly Element[],
    start: number,
  ): "next" | Failure {
    const matches: Match[] = [];
    for (const value of elements.flatMap((element) => element.parts[0] ?? [])) {
      const lowered = compareWithValues(selector, mask, "==", [value]);
      if ("unread" in lowered) return this.#take(lowered, start);
      matches.push(lowered.match);
    }
    const found = any(...matches);
    return this.#take({ match: all(selector.needs, negated ? not(found) : found) }, start);
  }

  /** `syn / fin,syn,rst,ack`: of the flags behind the slash exactly those in front of it. */
  #valueAndMask(selector: Selector, operator: Operator, values: readonly Token[], start: number): "next" | Failure {
    this.#reader.take("/");
    const mask = this.#values();
    if (mask === undefined) return { what: "a mask is missing here", token: this.#reader.peek() };
    return this.#take(compareWithValues(selector, mask, operator === "!=" ? "!=" : "==", values), start);
  }

  #mask(selector: Selector): Token[] | undefined | "unread" {
    const reader = this.#reader;
    if (selector.field.kind === "free" && reader.isOneOf(bitOperators)) return this.#computation();
    if (!reader.take("&") && !reader.take("and")) {
      return reader.isOneOf(bitOperators) ? "unread" : undefined;
    }
    const isOpen = reader.take("(");
    const mask: Token[] = [];
    do {
      const value = this.#value();
      if (value === undefined) return "unread";
      mask.push(value);
    } while (reader.take("|") || reader.take("or") || (isOpen && reader.take(",")));
    if (isOpen && !reader.take(")")) return "unread";
    return reader.isOneOf(bitOperators) ? "unread" : mask;
  }

  /** `xor 0x3 or 0x10` behind a field that nothing is known of: no more than words. */
  #computation(): Token[] | "unread" {
    const reader = this.#reader;
    const start = reader.at;
    let open = 0;
    while (this.#bitOperator()) {
      while (reader.take("(")) open++;
      if (this.#value() === undefined) return "unread";
      while (open > 0 && reader.take(")")) open--;
    }
    if (open > 0) return "unread";
    const tokens = reader.tokens.slice(start, reader.at);
    // An "and" is what masks are written with everywhere.
    const isMask = tokens[0]!.text === "&" || tokens[0]!.text === "and";
    const text = isMask ? tokens.slice(1) : tokens;
    return [{ ...tokens[0]!, kind: "word", text: wordsOf(text) }];
  }

  #operator(): Operator {
    const reader = this.#reader;
    const operator = operators.get(reader.peek()?.kind === "string" ? "" : (reader.peek()?.text ?? ""));
    if (operator === undefined) return "has";
    reader.at++;
    return operator;
  }

  /** One value, or several with commas or `|` between them, in parentheses or not. */
  #values(): Token[] | undefined {
    const reader = this.#reader;
    const isOpen = reader.take("(");
    const values: Token[] = [];
    do {
      const value = this.#value();
      if (value === undefined) return undefined;
      values.push(value);
    } while (reader.take(",") || reader.take("|") || reader.take("or"));
    if (isOpen && !reader.take(")")) return undefined;
    return values;
  }

  #value(): Token | undefined {
    const reader = this.#reader;
    if (reader.is("[")) {
      reader.at++;
      const inner = reader.takeBlock("]");
      return inner?.length === 1 ? inner[0] : undefined;
    }
    const token = reader.peek();
    if (token?.kind === "word" && token.text.startsWith("$")) return undefined;
    return readValue(reader);
  }

  /** `ip saddr . tcp dport 10.0.0.1 . 22`: a key without braces. */
  #concatenationValue(selectors: readonly Selector[], negated: boolean, start: number): "next" | Failure {
    const reader = this.#reader;
    const parts: Token[][] = [];
    do {
      const value = this.#value();
      if (value === undefined) return { what: "this key is not understood", token: reader.peek() };
      parts.push([value]);
    } while (reader.take("."));
    return this.#take(lookUp(selectors, negated, [{ parts, expires: false }]), start);
  }

  #namedSet(
    selectors: readonly Selector[],
    mask: readonly Token[] | undefined,
    negated: boolean,
    token: Token,
    start: number,
  ): "next" | Failure {
    const set = this.#context.sets.get(token.text.slice(1));
    if (set === undefined) {
      this.#context.report(
        diagnostic("RW6005", `the set ${quote(token)} is not defined here, so its addresses are unknown`, {
          ...spanDetail(token),
        }),
      );
      return this.#undecided(start, negated);
    }
    if (set.changes || set.unread || mask !== undefined || this.#context.changing.has(token.text)) {
      return this.#undecided(start, negated);
    }
    const key = `${selectors.map((one) => one.words).join(" . ")} ${negated} ${set.name}`;
    const lowered = this.#context.lookups.get(key) ?? lookUp(selectors, negated, set.elements);
    this.#context.lookups.set(key, lowered);
    return this.#take(lowered, start);
  }

  /** A look at a set whose elements the text does not say for good. */
  #undecided(start: number, negated: boolean): "next" {
    const reader = this.#reader;
    const tokens = reader.tokens.slice(start, reader.at);
    const selectors = readSelectors(new Reader(tokens)) ?? [];
    const isChanging = tokens.some((token) => this.#context.changing.has(token.text));
    const words = wordsOf(tokens.filter((token) => token.text !== "!=" && token.text !== "=="));
    // Some addresses are in no list. Of ports, those that are asked about may all be in it.
    const build = selectors.some(({ field }) => field.kind === "address") ? particular : condition;
    const found = build(isChanging ? this.#hereWords(words) : words);
    this.#require(all(...selectors.map((one) => one.needs), negated ? { kind: "not", of: found } : found));
    return "next";
  }

  #verdictMap(selectors: readonly Selector[]): "end" | Failure {
    const reader = this.#reader;
    const token = reader.peek();
    const elements = this.#verdictElements();
    if (elements === undefined) return { what: "this verdict map is not understood", token };
    const isFree = selectors.some((one) => one.field.kind === "free");
    if (elements === "changing" || (isFree && elements.length > MOST_FREE_KEYS)) {
      const needs = all(...selectors.map((selector) => selector.needs));
      const hit = this.#here(`${selectors.map((one) => one.words).join(" . ")} vmap ${token?.text ?? ""}`);
      this.rules.push(this.rule("unknown", all(this.#match, needs, hit)));
      return "end";
    }
    // The catch-all comes last, whatever its place.
    const ordered = [
      ...elements.filter((one) => one.parts.length > 0),
      ...elements.filter((one) => one.parts.length === 0),
    ];
    const earlier: Match[] = [];
    for (const element of ordered) {
      const key = hasKey(selectors, element);
      if ("unread" in key) return { what: `the key ${quote(key.unread)} is not understood`, token: key.unread };
      const inner = new Reader(element.data ?? []);
      inner.skipNewlines();
      const verdict = readVerdict(inner, this.#context);
      if (verdict === undefined) return { what: "this verdict is not understood", token: element.data?.[0] ?? token };
      const match = this.#fixed(selectors, key.match);
      // A packet has one key, also when a jump for it has come back. Only where keys exclude each other by themselves
      // need nothing be said of that.
      const mayOverlap = element.parts.length === 0 || isFree;
      const others = mayOverlap ? not(any(...earlier)) : everyPacket;
      earlier.push(match);
      this.rules.push(this.rule(verdict, all(this.#match, match, others)));
    }
    return "end";
  }

  #verdictElements(): readonly Element[] | "changing" | undefined {
    const reader = this.#reader;
    if (reader.take("{")) {
      const block = reader.takeBlock("}");
      const read = block === undefined ? undefined : readElements(block);
      return read === undefined || read.unread.length > 0 ? undefined : read.elements;
    }
    const token = reader.next();
    if (token?.kind !== "word" || !token.text.startsWith("@")) return undefined;
    const map = this.#context.sets.get(token.text.slice(1));
    if (map === undefined) {
      this.#context.report(
        diagnostic("RW6005", `the map ${quote(token)} is not defined here, so its verdicts are unknown`, {
          ...spanDetail(token),
        }),
      );
      return "changing";
    }
    return map.changes || map.unread || this.#context.changing.has(token.text) ? "changing" : map.elements;
  }

  #mapOperand(): boolean {
    const reader = this.#reader;
    if (reader.take("{")) return reader.takeBlock("}") !== undefined;
    const token = reader.next();
    return token?.kind === "word" && token.text.startsWith("@");
  }

  /** `meta mark set …`: the value may be a constant, a field, a map, or computed from them. */
  #setField(selector: Selector): "next" | Failure {
    const reader = this.#reader;
    const token = reader.next();
    if (addressFields.has(selector.words) || portFields.test(selector.words)) {
      this.#context.report(
        diagnostic("RW6007", `${selector.words} is rewritten here; later rules see the new value`, {
          ...(token !== undefined && spanDetail(token)),
        }),
      );
    }
    let open = 0;
    do {
      while (reader.take("(")) open++;
      if (readSelectors(reader) === undefined && this.#values() === undefined)
        return { what: "the value that is set here is not understood", token: reader.peek() ?? token };
      // A traffic control handle, 1:2.
      if (reader.take(":")) reader.at++;
      if (reader.take("map") && !this.#mapOperand())
        return { what: "this map is not understood", token: reader.peek(-1) };
      while (open > 0 && reader.take(")")) open--;
    } while (this.#bitOperator());
    return "next";
  }

  #bitOperator(): boolean {
    if (!this.#reader.isOneOf(bitOperators)) return false;
    this.#reader.at++;
    return true;
  }

  #take(lowered: Lowered, start: number): "next" | Failure {
    if ("unread" in lowered) {
      return { what: `${quote(lowered.unread)} is not understood as a value`, token: lowered.unread };
    }
    const reader = this.#reader;
    const selectors = readSelectors(new Reader(reader.tokens.slice(start, reader.at))) ?? [];
    if (lowered.match.kind === "everything" && selectors.some((one) => one.field.kind === "state")) {
      const token = reader.tokens[start]!;
      this.#context.report(
        diagnostic("RW6003", "a packet has one state, so it always differs from several together", {
          ...spanDetail(token),
          help: "write `ct state != { established, related }`",
        }),
      );
    }
    this.#require(this.#fixed(selectors, lowered.match));
    return "next";
  }

  /** Conditions that another look need not repeat get the name of this place. */
  #fixed(selectors: readonly Selector[], match: Match): Match {
    const { translated } = this.#context;
    if (translated !== undefined && selectors.some(({ words }) => words === "ct status")) {
      return replaced(match, (one) => (one.condition === "ct status dnat" ? all(one, translated) : one));
    }
    const free = selectors.flatMap(({ field }) => (field.kind === "free" ? [field] : []));
    // What rules set is not followed: whether it is there, nobody can tell.
    const isSet = free.some(({ changing }) => changing !== undefined && this.#context.changing.has(changing));
    if (!isSet && !free.some((field) => field.once === true)) return match;
    this.#occurrence++;
    const place = `${this.#place} (${this.#occurrence})`;
    return replaced(match, (one) => {
      const words = `${one.condition} ${place}`;
      return isSet ? condition(words) : { ...one, condition: words };
    });
  }

  #here(words: string): Match {
    return condition(this.#hereWords(words));
  }

  #hereWords(words: string): string {
    this.#occurrence++;
    return `${words} ${this.#place}${this.#occurrence > 1 ? ` (${this.#occurrence})` : ""}`;
  }

  /** A rate, or room in a set, which the first packets find. */
  #rate(words: string): Match {
    return varying(this.#hereWords(words));
  }

  #require(match: Match): void {
    this.#match = all(this.#match, match);
  }

  #skip(words: { test(text: string): boolean }): void {
    const reader = this.#reader;
    while (!reader.done && (reader.is(",") || words.test(reader.peek()!.text))) reader.at++;
  }
}

/** Keys that nothing is known of exclude each other pairwise; more of them than this are not worth that. */
const MOST_FREE_KEYS = 128;

/** `accept`, `jump name`, `goto { … }`, `reject with …`; undefined, and the place of the trouble unread, for others. */
function readVerdict(reader: Reader, context: RuleContext): Verdict | undefined {
  const token = reader.next();
  if (token === undefined) return undefined;
  switch (token.text) {
    case "accept":
    case "drop":
    case "return":
    case "continue":
    case "reject":
      return token.text;
    case "queue":
      return "unknown";
    case "jump":
    case "goto": {
      if (reader.take("{")) {
        const block = reader.takeBlock("}");
        return block === undefined ? undefined : { kind: token.text, chain: context.addChain(block) };
      }
      const name = reader.next();
      if (name === undefined || name.kind === "sign" || name.kind === "newline" || name.text.startsWith("$"))
        return undefined;
      return { kind: token.text, chain: name.text };
    }
    default:
      return undefined;
  }
}

/** A selector, or several with dots between them. */
function readSelectors(reader: Reader): Selector[] | undefined {
  const selectors: Selector[] = [];
  do {
    const selector = readSelector(reader);
    if (selector === undefined) return undefined;
    selectors.push(selector);
  } while (reader.take("."));
  return selectors;
}

type Condition = Extract<Match, { kind: "condition" }>;

function replaced(match: Match, replace: (condition: Condition) => Match): Match {
  switch (match.kind) {
    case "condition":
      return replace(match);
    case "all":
      return all(...match.of.map((one) => replaced(one, replace)));
    case "any":
      return any(...match.of.map((one) => replaced(one, replace)));
    case "not":
      return { kind: "not", of: replaced(match.of, replace) };
    default:
      return match;
  }
}

/** The rule's text as it stands in the file; `span` covers it where the rule is in one piece. */
function originOf(rule: RuleModel): Origin {
  const text = rule.span === undefined || isJson(rule.span) ? wordsOf(rule.tokens) : spanText(rule.span);
  return { label: labelOf(text.replace(/\s+/g, " ")), ...(rule.span && { span: rule.span }) };
}

/** A rule from JSON is shown in nft's own words. */
function isJson(place: Span): boolean {
  return place.source.text[place.start] === "{";
}

function placeOf(token: Token | undefined): string {
  return token === undefined ? "" : `at ${token.source.path}:${positionOf(token.source, token.start).line}`;
}

function quote(token: Token | undefined): string {
  return token === undefined ? "the end of the rule" : JSON.stringify(token.text);
}

function spanDetail(token: Token): { primary?: Span } {
  const primary = spanOf([token]);
  return primary === undefined ? {} : { primary };
}

/** Targets that do the same whatever their options are. Source: iptables-extensions(8). */
const extensionTargets: ReadonlyMap<string, "continue" | "accept" | "reject"> = new Map([
  ...["LOG", "NFLOG", "AUDIT", "TRACE", "MARK", "CONNMARK", "SECMARK", "CONNSECMARK", "CT", "NOTRACK", "TCPMSS"].map(
    (name) => [name, "continue"] as const,
  ),
  ...["CHECKSUM", "CLASSIFY", "DSCP", "TOS", "TTL", "HL", "SET", "TCPOPTSTRIP", "LED", "RATEEST", "TEE"].map(
    (name) => [name, "continue"] as const,
  ),
  ...["MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP"].map((name) => [name, "accept"] as const),
  ["REJECT", "reject"],
]);

const operators: ReadonlyMap<string, Operator> = new Map([
  ["==", "=="],
  ["eq", "=="],
  ["!=", "!="],
  ["ne", "!="],
  ["neq", "!="],
  ["!", "!"],
  ["not", "!"],
  ["<", "<"],
  ["lt", "<"],
  [">", ">"],
  ["gt", ">"],
  ["<=", "<="],
  ["le", "<="],
  [">=", ">="],
  ["ge", ">="],
] as const);

const bitOperators = new Set(["&", "and", "|", "or", "^", "xor", "<<", "lshift", ">>", "rshift"]);
const limitWords = new Set(
  "rate over until burst packets bytes kbytes mbytes second minute hour day week bytes/second kbytes/second mbytes/second bytes/minute kbytes/minute bytes/hour kbytes/hour mbytes/minute".split(
    " ",
  ),
);
const quotaWords = new Set("over until bytes kbytes mbytes gbytes used".split(" "));
const countWords = new Set(["over", "count"]);
const logFlags = /^(tcp|ip|sequence|options|skuid|ether|all)$/;
const durations = /^(never|[\dsmhdw]+)$/;
const addressFields = new Set(["ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr", "ip protocol", "ip6 nexthdr"]);
const portFields = /^(tcp|udp|udplite|sctp|dccp|th) (sport|dport)$/;
