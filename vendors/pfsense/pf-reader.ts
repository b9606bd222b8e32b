import type { Match, Span } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentOf, openContent, readAddresses } from "./content.js";
import type { Token } from "./pf-lexer.js";

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
      if (token.kind !== "newline") this.latest = token;
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

/** From `first` to the token that was read last. */
export function statementSpan(first: Token, reader: Reader): Span {
  const last = reader.last;
  return kit.span(
    first.source,
    first.start,
    last !== undefined && last.source === first.source ? Math.max(first.end, last.end) : first.end,
  );
}
