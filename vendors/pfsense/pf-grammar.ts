import type { Diagnostic, Match, Span } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentMatch, contentOf, openContent, readAddresses } from "./content.js";
import { limited } from "./filter-rules.js";
import { icmp6Types, icmpCodes, icmpTypes, portNumber, protocolNumbers } from "./names.js";
import type { Token } from "./pf-lexer.js";
import type { PfDirection, PfRule } from "./pf-rules.js";

/** A statement that cannot be read, with the token at which that was seen. It never leaves the parser. */
export class Unread extends Error {
  constructor(
    message: string,
    readonly token?: Token,
    /** pfctl would refuse it, too. */
    readonly refused = false,
  ) {
    super(message);
  }
}

/** Interfaces of an `on`: those named, or all but those. */
export interface InterfaceSpec {
  readonly names: readonly string[];
  readonly not: boolean;
}

export type Tables = (name: string, token: Token) => Content;

/** Tokens one after another, macros replaced by what they stand for. */
export class Reader {
  private position = 0;
  /** What macros expanded to and was not read yet, the next last. */
  private pending: Token[] = [];
  private latest: Token | undefined;
  /** The next token, when it was looked at: macros in it are expanded. */
  private ahead: Token | undefined;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly macros: ReadonlyMap<string, readonly Token[]>,
    private readonly spend: () => boolean,
  ) {}

  peek(): Token | undefined {
    if (this.ahead !== undefined) return this.ahead;
    for (let token = this.raw(); token !== undefined; token = this.raw()) {
      if (token.kind === "word" && token.text.startsWith("$") && token.text.length > 1) this.expand(token);
      else return (this.ahead = token);
    }
    return undefined;
  }

  next(): Token | undefined {
    const token = this.peek();
    this.ahead = undefined;
    this.latest = token ?? this.latest;
    return token;
  }

  /** The token that was read last, for messages at the end of a text. */
  get last(): Token | undefined {
    return this.latest;
  }

  /** The next token with macros as they are written. */
  raw(): Token | undefined {
    const token = this.ahead ?? this.pending.pop() ?? this.tokens[this.position++];
    this.ahead = undefined;
    return token;
  }

  /** The first token of the next statement as it is written, not read; empty lines are. */
  firstOfStatement(): Token | undefined {
    let token = this.raw();
    while (token?.kind === "newline") token = this.raw();
    if (token !== undefined) this.pending.push(token);
    return token;
  }

  /** As {@link raw}, up to the end of the line where `depth` is 0; the line's end is not read. */
  rawWithin(depth: number): Token | undefined {
    const token = this.raw();
    if (token?.kind !== "newline" || depth > 0) return token;
    this.pending.push(token);
    return undefined;
  }

  private expand(token: Token): void {
    const found = /^\$([A-Za-z0-9_]+)(.*)$/.exec(token.text);
    const value = found === null ? undefined : this.macros.get(found[1]!);
    if (found === null || value === undefined)
      throw new Unread(`the macro ${kit.plainLine(token.text, 40)} is not defined`, token, true);
    if (!this.spend()) throw new Unread("macros expand to more than can be read", token);
    const placed = value.map((one) => ({ ...one, source: token.source, start: token.start, end: token.end }));
    // `$ext_if:network` is the macro's text with `:network` behind it.
    const ending = found[2]!;
    const last = placed[placed.length - 1];
    if (ending !== "") {
      if (last?.kind === "word") placed[placed.length - 1] = { ...last, text: last.text + ending };
      else placed.push({ ...token, text: ending });
    }
    for (let i = placed.length - 1; i >= 0; i--) {
      if (!this.spend()) {
        this.pending = [];
        throw new Unread("macros expand to more than can be read", token);
      }
      this.pending.push(placed[i]!);
    }
  }

  isMacroDefinition(): boolean {
    const name = this.raw();
    const sign = this.raw();
    if (sign !== undefined) this.pending.push(sign);
    if (name !== undefined) this.pending.push(name);
    return sign?.kind === "sign" && sign.text === "=" && name?.kind === "word";
  }

  /** True, and read, when the next token is that word or sign. */
  take(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === "quoted" || token.kind === "newline" || token.text !== text) return false;
    this.next();
    return true;
  }

  expect(text: string): Token {
    const token = this.next();
    if (token === undefined || token.kind === "quoted" || token.text !== text) {
      if (token?.kind === "newline") this.pending.push(token);
      throw new Unread(`"${text}" is expected here`, token ?? this.latest);
    }
    return token;
  }

  word(): Token {
    const token = this.next();
    if (token === undefined || token.kind === "newline" || token.kind === "sign") {
      if (token?.kind === "newline") this.pending.push(token);
      throw new Unread("a word is expected here", token ?? this.latest);
    }
    return token;
  }

  /** To the end of the statement: the line's end outside of braces. */
  skipStatement(): void {
    this.depth = 0;
    let depth = 0;
    for (let token = this.raw(); token !== undefined; token = this.raw()) {
      if (token.kind === "sign" && token.text === "{") depth++;
      if (token.kind === "sign" && token.text === "}" && --depth < 0) {
        this.pending.push(token);
        return;
      }
      if (token.kind === "newline" && depth <= 0) {
        this.pending.push(token);
        return;
      }
    }
  }

  /** `( ... )` if it is there; the tokens between. */
  skipParentheses(): Token[] {
    const inner: Token[] = [];
    if (!this.take("(")) return inner;
    for (let depth = 1; depth > 0;) {
      const token = this.next();
      if (token === undefined || token.kind === "newline") throw new Unread('")" is missing', token ?? this.latest);
      if (token.kind === "sign" && token.text === "(") depth++;
      if (token.kind === "sign" && token.text === ")") depth--;
      if (depth > 0) inner.push(token);
    }
    return inner;
  }

  /** The items of `{ a, b }`, or the one item that stands without braces. */
  list<T>(item: () => T): T[] {
    if (!this.take("{")) return [item()];
    if (++this.depth > 50) throw new Unread("lists are nested more than 50 deep", this.latest);
    const items: T[] = [];
    for (;;) {
      while (this.peek()?.kind === "newline" || (this.peek()?.kind === "sign" && this.peek()!.text === ","))
        this.next();
      if (this.peek() === undefined) throw new Unread("this list is not closed", this.latest);
      if (this.take("}")) {
        this.depth--;
        return items;
      }
      if (this.peek()!.kind === "sign" && this.peek()!.text === "{") items.push(...this.list(item));
      else items.push(item());
    }
  }

  family(): Match {
    if (this.take("inet")) return kit.ofFamily("ipv4");
    if (this.take("inet6")) return kit.ofFamily("ipv6");
    return kit.everyPacket;
  }

  /** An address, prefix, range, interface or name; `first` is its first token. */
  address(first: Token | undefined): Content {
    if (first === undefined || first.kind === "newline")
      throw new Unread("an address is expected here", first ?? this.latest);
    if (first.kind === "sign" && first.text === "(") {
      const inner = this.next();
      if (inner === undefined || inner.kind !== "word")
        throw new Unread("an interface is expected here", inner ?? first);
      this.expect(")");
      if (this.take("/")) this.word();
      return interfaceContent(inner.text);
    }
    if (first.kind === "sign") throw new Unread(`"${first.text}" is no address`, first);
    if (first.text === "self") return openContent("an address of the firewall");
    let text = first.text;
    if (this.peek()?.kind === "sign" && this.peek()!.text === "/") {
      this.next();
      text += `/${this.word().text}`;
    }
    const read = readAddresses(fourOctets(text));
    if (read !== undefined) {
      const dash = this.peek();
      if (dash?.kind === "word" && dash.text === "-") {
        this.next();
        const range = readAddresses(`${text}-${this.word().text}`);
        if (range === undefined) throw new Unread("this is no range of addresses", first);
        return contentOf(range);
      }
      return contentOf(read);
    }
    if (/^[\d.]+(\/|$)/.test(text) || text.includes("/"))
      throw new Unread(`"${kit.plainLine(text, 50)}" is no address`, first);
    return /:(network|broadcast|peer|0)\b/.test(text) || /^[a-z]+\d+(\.\d+)?$/.test(text) || text === "egress"
      ? interfaceContent(text)
      : openContent(`an address of ${text}`);
  }
}

/** pf fills in zeros: `10/8` is 10.0.0.0/8, and `0/0` every address. */
function fourOctets(text: string): string {
  const found = /^(\d+(?:\.\d+){0,2})\/(\d+)$/.exec(text);
  if (found === null) return text;
  const octets = found[1]!.split(".");
  while (octets.length < 4) octets.push("0");
  return `${octets.join(".")}/${found[2]}`;
}

function interfaceContent(text: string): Content {
  const [name, ...modifiers] = text.split(":");
  if (modifiers.includes("network")) return openContent(`in a network of the interface ${name}`);
  if (modifiers.includes("broadcast")) return openContent(`the broadcast address of the interface ${name}`);
  if (modifiers.includes("peer")) return openContent(`the peer of the interface ${name}`);
  return openContent(`an address of the interface ${name}`);
}

/** `em0`, `! em0`, `{ em0 em1 }`; of a list with negations each negated one stands for itself, as pf expands it. */
export function readInterfaceSpecs(reader: Reader): InterfaceSpec[] {
  const items = reader.list(() => {
    const not = reader.take("!");
    // antispoof takes `(em0)` for an interface whose address may change.
    const dynamic = reader.take("(");
    const token = reader.word();
    if (dynamic) reader.expect(")");
    if (token.text === "rdomain") {
      const domain = reader.word();
      throw new Unread(`routing domain ${kit.plainLine(domain.text, 20)} is not modelled`, token);
    }
    return { name: token.text, not };
  });
  const plain = items.filter((one) => !one.not).map((one) => one.name);
  return [
    ...(plain.length > 0 ? [{ names: plain, not: false }] : []),
    ...items.filter((one) => one.not).map((one) => ({ names: [one.name], not: true })),
  ].filter((spec) => !(spec.names.includes("any") && !spec.not));
}

/** A filter rule: the same for each of `on`, and for any interface where that is empty. */
export interface FilterRule {
  readonly rules: readonly PfRule[];
  readonly on: readonly InterfaceSpec[];
  /** Interfaces that are spoken of otherwise. */
  readonly mentioned: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Draft {
  action: PfRule["action"];
  directions: readonly PfDirection[];
  quick: boolean;
  log: boolean;
  on: InterfaceSpec[];
  protocols: readonly number[] | undefined;
  match: Match[];
  mentioned: string[];
  diagnostics: Diagnostic[];
}

export function readFilterRule(reader: Reader, tables: Tables, blockPolicy: "block" | "reject"): FilterRule {
  const first = reader.next()!;
  const draft: Draft = {
    action: first.text === "block" ? blockPolicy : (first.text as "pass" | "match"),
    directions: ["in", "out"],
    quick: false,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readBlockKind(reader, draft, first.text);
  readWay(reader, draft);
  readRoute(reader);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  const ports = readHosts(reader, draft, tables);
  const options = readFilterOptions(reader, draft);
  const span = statementSpan(first, reader);

  const portless = draft.protocols?.some(
    (one) => one !== kit.protocols.tcp && one !== kit.protocols.udp && one !== kit.protocols.sctp,
  );
  if (ports && (draft.protocols === undefined || portless === true))
    throw new Unread("a port needs proto tcp, udp or sctp", first, true);
  const tcpOnly = draft.protocols?.every((one) => one === kit.protocols.tcp) === true;
  if (options.flags !== undefined && draft.protocols !== undefined && !draft.protocols.includes(kit.protocols.tcp))
    throw new Unread("flags need proto tcp", first, true);
  const flags = options.flags ?? (draft.action === "pass" && options.state ? startsConnection : kit.everyPacket);
  const mayBeTcp = draft.protocols === undefined || draft.protocols.includes(kit.protocols.tcp);
  if (mayBeTcp) draft.match.push(tcpOnly ? flags : kit.any(kit.not(kit.ofProtocol(kit.protocols.tcp)), flags));

  const shared = {
    directions: draft.directions,
    quick: draft.quick,
    log: draft.log,
    ...(options.tag !== undefined && { tag: options.tag }),
    ...(options.tagged !== undefined && { tagged: options.tagged }),
    origin: { label: kit.labelOf(kit.spanText(span).replace(/\s+/g, " ")), span },
  };
  const match = kit.all(...draft.match);
  return {
    rules:
      draft.action === "pass" && options.limit !== undefined
        ? limited(shared, match, `${options.limit} of the rule ${shared.origin.label} is not reached`)
        : [
            {
              ...shared,
              action: draft.action,
              match:
                options.chance === undefined
                  ? match
                  : kit.all(match, kit.condition(`${options.chance} of the rule ${shared.origin.label}`)),
            },
          ],
    on: draft.on,
    mentioned: draft.mentioned,
    diagnostics: draft.diagnostics,
  };
}

function statementSpan(first: Token, reader: Reader): Span {
  const last = reader.last;
  return kit.span(
    first.source,
    first.start,
    last !== undefined && last.source === first.source ? Math.max(first.end, last.end) : first.end,
  );
}

const startsConnection = kit.withTcpFlags(kit.tcpFlags.syn | kit.tcpFlags.ack, kit.tcpFlags.syn);

function readBlockKind(reader: Reader, draft: Draft, word: string): void {
  if (word !== "block") return;
  if (reader.take("drop")) draft.action = "block";
  else if (
    reader.take("return") ||
    reader.take("return-rst") ||
    reader.take("return-icmp") ||
    reader.take("return-icmp6")
  ) {
    draft.action = "reject";
    reader.skipParentheses();
  }
}

function readWay(reader: Reader, draft: Pick<Draft, "directions" | "log" | "quick" | "on">): void {
  if (reader.take("in")) draft.directions = ["in"];
  else if (reader.take("out")) draft.directions = ["out"];
  for (;;) {
    if (reader.take("log") || reader.take("log-all")) {
      draft.log = true;
      reader.skipParentheses();
    } else if (reader.take("quick")) draft.quick = true;
    else if (reader.take("on")) draft.on = readInterfaceSpecs(reader);
    else return;
  }
}

/** Where packets are sent on decides nothing about their passing. */
function readRoute(reader: Reader): void {
  for (;;) {
    const word = reader.peek()?.text ?? "";
    if (reader.peek()?.kind !== "word" || !["route-to", "reply-to", "dup-to", "fastroute", "divert-to"].includes(word))
      return;
    reader.next();
    readTarget(reader);
    for (const pool of ["round-robin", "random", "source-hash", "bitmask", "sticky-address", "least-states"])
      if (reader.take(pool) && pool === "source-hash" && /^(0x|[0-9a-f]{16})/.test(reader.peek()?.text ?? ""))
        reader.next();
    if (reader.take("port")) reader.word();
  }
}

/** An address or several, with the interface that they are behind; only skipped. */
function readTarget(reader: Reader): void {
  reader.list(() => {
    if (reader.peek()?.text === "(" && reader.peek()!.kind === "sign") reader.skipParentheses();
    else if (reader.take("<")) {
      reader.word();
      reader.expect(">");
    } else {
      reader.word();
      if (reader.take("/")) reader.word();
      // `10.0.0.1@em0`, and OpenBSD's `em0 10.0.0.1` inside of parentheses are words already.
    }
  });
}

function readProtocol(reader: Reader, draft: Pick<Draft, "protocols" | "match">): void {
  if (!reader.take("proto")) return;
  const numbers = reader.list(() => {
    const token = reader.word();
    const number = /^\d{1,3}$/.test(token.text) ? Number(token.text) : protocolNumbers.get(token.text.toLowerCase());
    if (number === undefined || number > 255)
      throw new Unread(`the protocol "${kit.plainLine(token.text, 40)}" is not known here`, token);
    return number;
  });
  draft.protocols = numbers;
  draft.match.push(kit.ofProtocol(...numbers));
}

/** True when there was a port. */
function readHosts(reader: Reader, draft: Draft, tables: Tables): boolean {
  let ports = false;
  if (reader.take("all")) return false;
  for (const [word, end] of [
    ["from", "source"],
    ["to", "destination"],
  ] as const) {
    if (!reader.take(word)) continue;
    if (reader.peek()?.text !== "port")
      draft.match.push(kit.any(...reader.list(() => readHost(reader, end, draft, tables))));
    if (reader.take("port")) {
      ports = true;
      draft.match.push(kit.any(...reader.list(() => readPort(reader, end))));
    }
    if (end === "source" && reader.take("os")) {
      const names = reader.list(() => reader.word().text);
      draft.match.push(kit.condition(`the sender's TCP looks like ${names.join(" or ")}`));
    }
  }
  return ports;
}

function readHost(reader: Reader, end: "source" | "destination", draft: Draft, tables: Tables): Match {
  const not = reader.take("!");
  const negated = (match: Match): Match => (not ? kit.not(match) : match);
  const token = reader.next();
  if (token?.kind === "sign" && token.text === "<") {
    const name = reader.word();
    reader.expect(">");
    return negated(contentMatch(tables(name.text, name), end));
  }
  switch (token?.kind === "word" ? token.text : "") {
    case "any":
      return negated(kit.everyPacket);
    case "no-route":
      return negated(kit.condition(`there is no route to the ${end}`));
    case "urpf-failed":
      return negated(kit.condition("the source fails the reverse path check"));
    case "route":
      return negated(kit.condition(`the route to the ${end} has the label ${reader.word().text}`));
    default: {
      const content = reader.address(token);
      for (const one of content.open) {
        const name = /interface (\S+)$/.exec(one.words)?.[1];
        if (name !== undefined) draft.mentioned.push(name);
      }
      return negated(contentMatch(content, end));
    }
  }
}

/** `80`, `80:90`, `= 80`, `!= 80`, `< 80`, `80 >< 90` (without the ends), `80 <> 90` (outside of them). */
function readPort(reader: Reader, end: "source" | "destination"): Match {
  const field = `${end}-port` as const;
  const within = (first: number, last: number): Match =>
    first > last ? kit.noPacket : kit.numberIn(field, [first, last]);
  for (const sign of ["!=", "<=", ">=", "<", ">", "="])
    if (reader.take(sign)) {
      const token = reader.word();
      const port = numberOf(token);
      if (typeof port === "string")
        return sign === "=" ? openPort(port) : kit.condition(`${end} port is ${sign} ${port}`);
      switch (sign) {
        case "!=":
          return kit.numberIn(
            field,
            ...(
              [
                [0, port - 1],
                [port + 1, 65535],
              ] as const
            ).filter(([a, b]) => a <= b),
          );
        case "<=":
          return within(0, port);
        case ">=":
          return within(port, 65535);
        case "<":
          return within(0, port - 1);
        case ">":
          return within(port + 1, 65535);
        default:
          return within(port, port);
      }
    }
  const token = reader.word();
  const [from, to, more] = token.text.split(":");
  if (to !== undefined) {
    const first = portNumber(from!);
    const last = portNumber(to);
    if (first === undefined || last === undefined || more !== undefined)
      throw new Unread(`"${kit.plainLine(token.text, 40)}" is no range of ports`, token);
    if (first > last) throw new Unread(`the ports ${token.text} are in the wrong order`, token, true);
    return within(first, last);
  }
  const port = numberOf(token);
  if (typeof port === "string") return openPort(port);
  if (reader.take("><")) {
    const last = numberOf(reader.word());
    if (typeof last === "string") return kit.condition(`${end} port is between ${port} and ${last}`);
    return within(port + 1, last - 1);
  }
  if (reader.take("<>")) {
    const last = numberOf(reader.word());
    if (typeof last === "string") return kit.condition(`${end} port is outside of ${port} and ${last}`);
    return kit.any(within(0, port - 1), within(last + 1, 65535));
  }
  return within(port, port);

  function openPort(name: string): Match {
    return kit.condition(`${end} port is ${name}`);
  }
  /** A number, or the name of a service that is not known here. */
  function numberOf(word: Token): number | string {
    const number = portNumber(word.text);
    if (number === undefined && !/^[A-Za-z][\w-]*$/.test(word.text))
      throw new Unread(`"${kit.plainLine(word.text, 40)}" is no port`, word);
    return number ?? word.text;
  }
}

interface FilterOptions {
  flags?: Match;
  /** Whether a pass rule makes a state. */
  state: boolean;
  tag?: string;
  tagged?: { name: string; not: boolean };
  limit?: string;
  chance?: string;
}

function readFilterOptions(reader: Reader, draft: Draft): FilterOptions {
  const options: FilterOptions = { state: true };
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token.kind === "newline" || (token.kind === "sign" && ["{", "}"].includes(token.text)))
      return options;
    if (token.kind === "sign" && token.text === "!") {
      reader.next();
      if (reader.take("tagged")) options.tagged = { name: reader.word().text, not: true };
      else if (reader.take("received-on")) readReceivedOn(reader, draft, true);
      else throw new Unread('"tagged" is expected behind this "!"', token);
      continue;
    }
    if (token.kind === "sign" && token.text === ",") {
      reader.next();
      continue;
    }
    if (token.kind !== "word") throw new Unread(`"${kit.plainLine(token.text, 40)}" is not expected here`, token);
    readFilterOption(reader, token, draft, options);
  }
}

function readFilterOption(reader: Reader, token: Token, draft: Draft, options: FilterOptions): void {
  reader.next();
  switch (token.text) {
    case "flags":
      options.flags = readFlags(reader);
      return;
    case "icmp-type":
    case "icmp6-type":
      draft.match.push(readIcmp(reader, token.text === "icmp-type" ? icmpTypes : icmp6Types));
      return;
    case "keep":
    case "modulate":
    case "synproxy":
      reader.expect("state");
      readStateOptions(reader, options);
      return;
    case "no":
      reader.expect("state");
      options.state = false;
      return;
    case "user":
    case "group": {
      const names = readNameList(reader);
      draft.match.push(kit.condition(`the ${token.text} of the firewall's own connection is ${names}`));
      return;
    }
    case "tag":
      options.tag = reader.word().text;
      if (options.tag.includes("$")) throw new Unread("a tag with a macro in it is not modelled", token);
      return;
    case "tagged":
      options.tagged = { name: reader.word().text, not: false };
      return;
    case "received-on":
      readReceivedOn(reader, draft, false);
      return;
    case "fragment":
      draft.match.push(kit.condition("the packet is a fragment"));
      return;
    case "allow-opts":
    case "once":
    case "divert-reply":
    case "static-port":
    case "sticky-address":
    case "round-robin":
    case "random":
    case "bitmask":
    case "no-df":
      return;
    case "probability": {
      options.chance = `probability ${reader.word().text}`;
      return;
    }
    case "max-pkt-rate": {
      const most = reader.word().text;
      reader.expect("/");
      options.chance = `max-pkt-rate ${most}/${reader.word().text}`;
      return;
    }
    case "tos":
    case "prio":
    case "dscp":
    case "max-pkt-size":
      draft.match.push(kit.condition(`the packet's ${token.text} is ${reader.word().text}`));
      return;
    case "label":
    case "ridentifier":
    case "rtable":
    case "overload":
    case "max-mss":
    case "min-ttl":
      reader.word();
      return;
    case "queue":
    case "dnpipe":
    case "dnqueue":
      if (reader.peek()?.text === "(") reader.skipParentheses();
      else reader.word();
      return;
    case "set":
    case "scrub":
      if (reader.peek()?.text === "(") reader.skipParentheses();
      else {
        reader.word();
        if (reader.peek()?.text === "(") reader.skipParentheses();
        else if (reader.peek()?.kind === "word") reader.word();
      }
      return;
    case "rdr-to":
    case "nat-to":
    case "binat-to":
    case "af-to":
    case "divert-to":
    case "divert-packet":
      readRewrite(reader, token, draft);
      return;
    case "route-to":
    case "reply-to":
    case "dup-to":
      readTarget(reader);
      return;
    case "source-hash":
      if (/^0x|^[0-9a-f]{32}$/.test(reader.peek()?.text ?? "")) reader.next();
      return;
    case "least-states":
    case "delay":
      if (token.text === "delay") reader.word();
      return;
    case "inet":
    case "inet6":
      draft.match.push(kit.ofFamily(token.text === "inet" ? "ipv4" : "ipv6"));
      return;
    default:
      throw new Unread(`"${kit.plainLine(token.text, 40)}" is no option of a rule that is known here`, token);
  }
}

function readReceivedOn(reader: Reader, draft: Draft, not: boolean): void {
  const specs = readInterfaceSpecs(reader);
  const match = kit.any(
    ...specs.map((spec) => (spec.not ? kit.not(kit.ingress(...spec.names)) : kit.ingress(...spec.names))),
  );
  draft.match.push(not ? kit.not(match) : match);
  for (const spec of specs) draft.mentioned.push(...spec.names);
}

function readRewrite(reader: Reader, token: Token, draft: Draft): void {
  if (token.text === "divert-packet") {
    reader.expect("port");
    reader.word();
  } else {
    if (token.text === "af-to") {
      reader.family();
      reader.expect("from");
    }
    readTarget(reader);
    if (reader.take("port")) reader.word();
    if (token.text === "af-to" && reader.take("to")) readTarget(reader);
  }
  draft.diagnostics.push(
    kit.diagnostic("RW6007", `${token.text} rewrites addresses: rules that the packet meets later see the new ones`, {
      primary: kit.span(token.source, token.start, token.end),
    }),
  );
}

const flagLetters: ReadonlyMap<string, number> = new Map([
  ["F", kit.tcpFlags.fin],
  ["S", kit.tcpFlags.syn],
  ["R", kit.tcpFlags.rst],
  ["P", kit.tcpFlags.psh],
  ["A", kit.tcpFlags.ack],
  ["U", kit.tcpFlags.urg],
  ["E", kit.tcpFlags.ece],
  ["W", kit.tcpFlags.cwr],
]);

function readFlags(reader: Reader): Match {
  if (reader.take("any")) return kit.everyPacket;
  const bits = (token: Token): number =>
    [...token.text].reduce((sum, letter) => {
      const bit = flagLetters.get(letter);
      if (bit === undefined) throw new Unread(`"${kit.plainLine(token.text, 20)}" are no TCP flags`, token, true);
      return sum | bit;
    }, 0);
  const set = reader.peek()?.text === "/" ? 0 : bits(reader.word());
  reader.expect("/");
  const of = bits(reader.word());
  return (set & of) === set ? kit.withTcpFlags(of, set) : kit.noPacket;
}

function readIcmp(reader: Reader, types: ReadonlyMap<string, number>): Match {
  return kit.any(
    ...reader.list(() => {
      const token = reader.word();
      const type = /^\d{1,3}$/.test(token.text) ? Number(token.text) : types.get(token.text);
      if (type === undefined || type > 255)
        throw new Unread(`"${kit.plainLine(token.text, 40)}" is no ICMP type that is known here`, token);
      const match = kit.numberIn("icmp-type", [type, type]);
      if (!reader.take("code")) return match;
      const word = reader.word();
      const code = /^\d{1,3}$/.test(word.text) ? Number(word.text) : icmpCodes.get(word.text);
      if (code === undefined || code > 255)
        throw new Unread(`"${kit.plainLine(word.text, 40)}" is no ICMP code that is known here`, word);
      return kit.all(match, kit.numberIn("icmp-code", [code, code]));
    }),
  );
}

function readNameList(reader: Reader): string {
  return reader
    .list(() => {
      const signs: string[] = [];
      while (reader.peek()?.kind === "sign" && ["=", "!=", "<", ">", "<=", ">="].includes(reader.peek()!.text))
        signs.push(reader.next()!.text);
      const name = reader.word().text;
      if (reader.take("><") || reader.take("<>")) return `${name} - ${reader.word().text}`;
      return [...signs, name].join(" ");
    })
    .join(" or ");
}

/** Limits of a state: a packet that passes one of them is dropped. */
function readStateOptions(reader: Reader, options: FilterOptions): void {
  const words = reader.skipParentheses();
  const limits = words.flatMap((token, index) =>
    /^max(-src-(nodes|states|conn|conn-rate))?$/.test(token.text)
      ? [`${token.text} ${words[index + 1]?.text ?? ""}`]
      : [],
  );
  if (limits.length > 0) options.limit = limits.join(", ");
}

/** `anchor "name" in on em0 proto tcp from any to any { ... }`, up to the brace or the end of the line. */
export interface AnchorHead {
  readonly name: string;
  readonly token: Token;
  readonly span: Span;
  readonly directions: readonly PfDirection[];
  readonly quick: boolean;
  readonly on: readonly InterfaceSpec[];
  readonly match: Match;
}

export function readAnchorHead(reader: Reader, tables: Tables): AnchorHead {
  const token = reader.next()!;
  const words = ["in", "out", "on", "quick", "log", "inet", "inet6", "proto", "all", "from", "to"];
  const next = reader.peek();
  const named = next?.kind === "quoted" || (next?.kind === "word" && !words.includes(next.text));
  const name = named ? reader.next()!.text : "";
  const draft: Draft = {
    action: "match",
    directions: ["in", "out"],
    quick: false,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readWay(reader, draft);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  readHosts(reader, draft, tables);
  const options = readFilterOptions(reader, draft);
  if (options.tagged !== undefined)
    draft.match.push(kit.condition(`the packet is ${options.tagged.not ? "not " : ""}tagged ${options.tagged.name}`));
  return {
    name,
    token,
    span: statementSpan(token, reader),
    directions: draft.directions,
    quick: draft.quick,
    on: draft.on,
    match: kit.all(...draft.match),
  };
}

export interface Translation {
  readonly kind: "nat" | "rdr" | "binat";
  readonly passes: boolean;
  readonly on: readonly InterfaceSpec[];
  readonly match: Match;
  readonly tag?: string;
  readonly span: Span;
}

/** FreeBSD's `rdr pass on em0 proto tcp from any to any port 80 -> 10.0.0.1 port 8080`, and `no rdr ...`. */
export function readTranslation(reader: Reader, tables: Tables): Translation {
  const first = reader.next()!;
  const no = first.text === "no";
  const kind = (no ? reader.word().text : first.text) as Translation["kind"];
  if (!["nat", "rdr", "binat"].includes(kind))
    throw new Unread(`"no ${kit.plainLine(kind, 20)}" is not known here`, first);
  const passes = reader.take("pass") && !no;
  const draft: Draft = {
    action: "pass",
    directions: ["in"],
    quick: true,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readWay(reader, draft);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  readHosts(reader, draft, tables);
  let tag: string | undefined;
  if (reader.take("tag")) tag = reader.word().text;
  if (reader.take("tagged")) reader.word();
  const span = statementSpan(first, reader);
  reader.skipStatement();
  return { kind, passes, on: draft.on, match: kit.all(...draft.match), ...(tag !== undefined && { tag }), span };
}
