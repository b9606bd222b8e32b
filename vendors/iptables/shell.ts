/**
 * The syntax of shell scripts, as far as firewall scripts use it.
 *
 * Source: POSIX.1-2017, XCU chapter 2.
 */

/** A piece of a word. `raw` is what stands in the text. */
export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly raw: string;
      readonly quoted: boolean;
      readonly fallback?: string;
    }
  | { readonly kind: "undecided"; readonly raw: string; readonly quoted: boolean };

export interface ShellWord {
  readonly parts: readonly Part[];
  readonly start: number;
  readonly end: number;
}

/** What stands between `<<WORD` and WORD, or the word of another redirection. */
export interface Redirect {
  readonly operator: string;
  readonly word: ShellWord | undefined;
  readonly here?: { readonly start: number; readonly end: number };
}

export type Node =
  | {
      readonly kind: "simple";
      readonly words: readonly ShellWord[];
      readonly redirects: readonly Redirect[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "and-or";
      readonly parts: readonly { readonly operator: "" | "&&" | "||"; readonly node: Node }[];
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: "pipe"; readonly nodes: readonly Node[]; readonly start: number; readonly end: number }
  | { readonly kind: "not"; readonly node: Node; readonly start: number; readonly end: number }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly test: readonly Node[]; readonly body: readonly Node[] }[];
      readonly otherwise: readonly Node[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly ShellWord[] | undefined;
      readonly body: readonly Node[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "loop";
      readonly test: readonly Node[];
      readonly body: readonly Node[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "case";
      readonly word: ShellWord;
      readonly clauses: readonly { readonly patterns: readonly ShellWord[]; readonly body: readonly Node[] }[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "group";
      readonly body: readonly Node[];
      readonly redirects: readonly Redirect[];
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: "function";
      readonly name: string;
      readonly body: readonly Node[];
      readonly start: number;
      readonly end: number;
    };

export interface Script {
  readonly nodes: readonly Node[];
  /** Places where the syntax is none that is known here. */
  readonly broken: readonly { readonly start: number; readonly end: number }[];
}

export function readShell(text: string): Script {
  return new ShellParser(tokensOf(text)).script();
}

type Token =
  | {
      readonly kind: "word";
      readonly word: ShellWord;
      readonly plain: string | undefined;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: "operator"; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: "redirect"; readonly redirect: Redirect; readonly start: number; readonly end: number };

const operators = ["&&", "||", ";;", ";", "&", "|", "(", ")", "\n"];

function tokensOf(text: string): readonly Token[] {
  const lexer = new Lexer(text);
  return lexer.tokens();
}

class Lexer {
  private i = 0;
  private readonly out: Token[] = [];
  /** Here-documents whose body begins after the line's end, with the index of their token. */
  private pending: { readonly index: number; readonly delimiter: string; readonly tabs: boolean }[] = [];

  constructor(private readonly text: string) {}

  tokens(): readonly Token[] {
    while (this.i < this.text.length) this.step();
    return this.out;
  }

  private step(): void {
    const { text } = this;
    const mark = text[this.i]!;
    if (mark !== "\n" && /\s/.test(mark)) this.i++;
    else if (mark === "\\" && this.lineEndAt(this.i + 1) > 0) this.i += 1 + this.lineEndAt(this.i + 1);
    else if (mark === "#") while (this.i < text.length && text[this.i] !== "\n") this.i++;
    else if (mark === "\n") {
      this.out.push({ kind: "operator", text: "\n", start: this.i, end: this.i + 1 });
      this.i++;
      this.hereDocuments();
    } else if (this.redirection()) return;
    else {
      const operator = operators.find((one) => text.startsWith(one, this.i));
      if (operator !== undefined) {
        this.out.push({ kind: "operator", text: operator, start: this.i, end: this.i + operator.length });
        this.i += operator.length;
      } else this.pushWord(this.word());
    }
  }

  private lineEndAt(at: number): number {
    return this.text[at] === "\n" ? 1 : this.text[at] === "\r" && this.text[at + 1] === "\n" ? 2 : 0;
  }

  private pushWord(word: ShellWord): void {
    const [only, more] = word.parts;
    const plain = only?.kind === "text" && !only.quoted && more === undefined ? only.text : undefined;
    this.out.push({ kind: "word", word, plain, start: word.start, end: word.end });
  }

  /** `>file`, `2>&1`, `&>file`, `<<EOF`. */
  private redirection(): boolean {
    const pattern = /(?:\d*|&)(<<-?|>>|>&|<&|<>|>\||<|>)/y;
    pattern.lastIndex = this.i;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    const start = this.i;
    const operator = found[1]!;
    this.i = pattern.lastIndex;
    while (this.text[this.i] === " " || this.text[this.i] === "\t") this.i++;
    const word = this.i < this.text.length && !/[\s;|&()<>]/.test(this.text[this.i]!) ? this.word() : undefined;
    if (operator.startsWith("<<") && word !== undefined) {
      const delimiter = word.parts.map((part) => (part.kind === "text" ? part.text : part.raw)).join("");
      this.pending.push({ index: this.out.length, delimiter, tabs: operator === "<<-" });
    }
    this.out.push({ kind: "redirect", redirect: { operator, word }, start, end: this.i });
    return true;
  }

  private hereDocuments(): void {
    for (const { index, delimiter, tabs } of this.pending) {
      const start = this.i;
      let end = this.i;
      while (this.i < this.text.length) {
        const lineEnd = this.text.indexOf("\n", this.i);
        const stop = lineEnd < 0 ? this.text.length : lineEnd;
        const line = this.text.slice(this.i, stop).replace(/\r$/, "");
        end = this.i;
        this.i = Math.min(stop + 1, this.text.length);
        if ((tabs ? line.replace(/^\t+/, "") : line) === delimiter) break;
        end = this.i;
      }
      const token = this.out[index];
      if (token?.kind === "redirect") {
        this.out[index] = { ...token, redirect: { ...token.redirect, here: { start, end } } };
      }
    }
    this.pending = [];
  }

  private word(): ShellWord {
    const { text } = this;
    const start = this.i;
    const parts: Part[] = [];
    let plain = "";
    const flush = (): void => {
      if (plain !== "") parts.push({ kind: "text", text: plain, quoted: false });
      plain = "";
    };
    while (this.i < text.length) {
      const mark = text[this.i]!;
      if (/[\s;|&()<>]/.test(mark)) break;
      if (mark === "'") {
        flush();
        const close = text.indexOf("'", this.i + 1);
        const end = close < 0 ? text.length : close;
        parts.push({ kind: "text", text: text.slice(this.i + 1, end), quoted: true });
        this.i = end + 1;
      } else if (mark === '"') {
        flush();
        this.doubleQuoted(parts);
      } else if (mark === "$" || mark === "`") {
        flush();
        parts.push(this.dollar(false));
      } else if (mark === "\\") {
        const skip = this.lineEndAt(this.i + 1);
        if (skip > 0) this.i += 1 + skip;
        else {
          plain += text[this.i + 1] ?? "";
          this.i += 2;
        }
      } else {
        plain += mark;
        this.i++;
      }
    }
    flush();
    this.i = Math.min(this.i, text.length);
    return { parts, start, end: this.i };
  }

  private doubleQuoted(parts: Part[]): void {
    const { text } = this;
    const before = parts.length;
    let plain = "";
    this.i++;
    while (this.i < text.length && text[this.i] !== '"') {
      const mark = text[this.i]!;
      if (mark === "\\") {
        const next = text[this.i + 1] ?? "";
        if (this.lineEndAt(this.i + 1) === 0) plain += '"\\$`'.includes(next) ? next : `\\${next}`;
        this.i += 1 + Math.max(1, this.lineEndAt(this.i + 1));
      } else if (mark === "$" || mark === "`") {
        if (plain !== "") parts.push({ kind: "text", text: plain, quoted: true });
        plain = "";
        parts.push(this.dollar(true));
      } else {
        plain += mark;
        this.i++;
      }
    }
    this.i++;
    // Two quotes with nothing between them are an empty word.
    if (plain !== "" || parts.length === before) parts.push({ kind: "text", text: plain, quoted: true });
  }

  /** What a `$` or a backquote begins. */
  private dollar(quoted: boolean): Part {
    const { text } = this;
    const start = this.i;
    if (text[start] === "`") {
      const close = text.indexOf("`", start + 1);
      this.i = close < 0 ? text.length : close + 1;
      return { kind: "undecided", raw: text.slice(start, this.i), quoted };
    }
    if (text[start + 1] === "(") {
      this.i = closing(text, start + 1, "(", ")");
      return { kind: "undecided", raw: text.slice(start, this.i), quoted };
    }
    if (text[start + 1] === "{") {
      this.i = closing(text, start + 1, "{", "}");
      const raw = text.slice(start, this.i);
      const inner = /^\$\{(\w+|[@*#?$!-])(?:(:?[-=])([^{}$`]*))?\}$/.exec(raw);
      if (inner === null) return { kind: "undecided", raw, quoted };
      return {
        kind: "variable",
        name: inner[1]!,
        raw,
        quoted,
        ...(inner[3] !== undefined && { fallback: inner[3].replace(/^["']|["']$/g, "") }),
      };
    }
    const name = /(?:[A-Za-z_]\w*|[0-9@*#?$!-])/y;
    name.lastIndex = start + 1;
    const found = name.exec(text);
    this.i = found === null ? start + 1 : name.lastIndex;
    if (found === null) return { kind: "text", text: "$", quoted };
    return { kind: "variable", name: found[0], raw: text.slice(start, this.i), quoted };
  }
}

/** The offset behind the bracket that closes the one at `start`. Quotes within are respected, backslashes too. */
function closing(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const mark = text[i]!;
    if (mark === "\\") i++;
    else if (mark === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return text.length;
      i = end;
    } else if (mark === open) depth++;
    else if (mark === close && --depth === 0) return i + 1;
  }
  return text.length;
}

/** Deeper nesting than any script has; beyond it the text is broken. */
const deepest = 100;

/** After so many places the text is no script. */
const mostBroken = 50;

const closers = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}"]);

class ShellParser {
  private i = 0;
  private depth = 0;
  private readonly broken: { start: number; end: number }[] = [];

  constructor(private readonly tokens: readonly Token[]) {}

  script(): Script {
    const nodes: Node[] = [];
    while (this.i < this.tokens.length) {
      nodes.push(...this.list());
      const token = this.tokens[this.i];
      if (token === undefined) break;
      this.breakAt(token);
      this.i++;
    }
    return { nodes, broken: this.broken };
  }

  /** Commands up to a word or operator that closes what they stand in. */
  private list(): readonly Node[] {
    const nodes: Node[] = [];
    if (this.depth >= deepest) {
      this.tooDeep();
      return nodes;
    }
    this.depth++;
    for (;;) {
      while (this.isOperator(";", "\n", "&")) this.i++;
      const token = this.tokens[this.i];
      if (token === undefined || this.isOperator(")", ";;")) break;
      if (token.kind === "word" && token.plain !== undefined && closers.has(token.plain)) break;
      const before = this.i;
      nodes.push(this.andOr());
      if (this.i === before) break;
    }
    this.depth--;
    return nodes;
  }

  private andOr(): Node {
    const start = this.here();
    const parts: { operator: "" | "&&" | "||"; node: Node }[] = [{ operator: "", node: this.pipe() }];
    for (;;) {
      const operator = this.isOperator("&&") ? "&&" : this.isOperator("||") ? "||" : undefined;
      if (operator === undefined) break;
      this.i++;
      while (this.isOperator("\n")) this.i++;
      parts.push({ operator, node: this.pipe() });
    }
    return parts.length === 1 ? parts[0]!.node : { kind: "and-or", parts, start, end: this.before() };
  }

  private pipe(): Node {
    const start = this.here();
    const first = this.tokens[this.i];
    if (first?.kind === "word" && first.plain === "!") {
      this.i++;
      return { kind: "not", node: this.pipe2(), start, end: this.before() };
    }
    return this.pipe2();
  }

  private pipe2(): Node {
    const start = this.here();
    const nodes = [this.command()];
    while (this.isOperator("|")) {
      this.i++;
      while (this.isOperator("\n")) this.i++;
      nodes.push(this.command());
    }
    return nodes.length === 1 ? nodes[0]! : { kind: "pipe", nodes, start, end: this.before() };
  }

  private command(): Node {
    const start = this.here();
    if (this.depth >= deepest) {
      this.tooDeep();
      return { kind: "simple", words: [], redirects: [], start, end: start };
    }
    this.depth++;
    const node = this.anyCommand(start);
    this.depth--;
    return node;
  }

  private anyCommand(start: number): Node {
    const token = this.tokens[this.i];
    if (this.isOperator("(")) {
      this.i++;
      const body = this.list();
      if (this.isOperator(")")) this.i++;
      return { kind: "group", body, redirects: this.redirects(), start, end: this.before() };
    }
    switch (token?.kind === "word" ? token.plain : undefined) {
      case "{": {
        this.i++;
        const body = this.list();
        this.expect("}");
        return { kind: "group", body, redirects: this.redirects(), start, end: this.before() };
      }
      case "if":
        return this.ifCommand(start);
      case "for":
      case "select":
        return this.forCommand(start);
      case "while":
      case "until": {
        this.i++;
        const test = this.list();
        this.expect("do");
        const body = this.list();
        this.expect("done");
        this.redirects();
        return { kind: "loop", test, body, start, end: this.before() };
      }
      case "case":
        return this.caseCommand(start);
      case "function": {
        this.i++;
        const name = this.takeWord();
        if (this.isOperator("(")) this.i += 2;
        return this.functionBody(wordText(name), start);
      }
      default:
        return this.simple(start);
    }
  }

  private ifCommand(start: number): Node {
    const branches: { test: readonly Node[]; body: readonly Node[] }[] = [];
    let otherwise: readonly Node[] = [];
    do {
      this.i++;
      const test = this.list();
      this.expect("then");
      branches.push({ test, body: this.list() });
    } while (this.isWord("elif"));
    if (this.isWord("else")) {
      this.i++;
      otherwise = this.list();
    }
    this.expect("fi");
    this.redirects();
    return { kind: "if", branches, otherwise, start, end: this.before() };
  }

  private forCommand(start: number): Node {
    this.i++;
    const name = wordText(this.takeWord());
    while (this.isOperator("\n")) this.i++;
    let words: ShellWord[] | undefined;
    if (this.isWord("in")) {
      this.i++;
      words = [];
      for (let token = this.tokens[this.i]; token?.kind === "word"; token = this.tokens[++this.i])
        words.push(token.word);
    }
    while (this.isOperator("\n", ";")) this.i++;
    this.expect("do");
    const body = this.list();
    this.expect("done");
    this.redirects();
    return { kind: "for", name, words, body, start, end: this.before() };
  }

  private caseCommand(start: number): Node {
    this.i++;
    const word = this.takeWord() ?? { parts: [], start, end: start };
    while (this.isOperator("\n")) this.i++;
    this.expect("in");
    const clauses: { patterns: readonly ShellWord[]; body: readonly Node[] }[] = [];
    for (;;) {
      while (this.isOperator("\n", ";;", ";")) this.i++;
      if (this.isWord("esac") || this.i >= this.tokens.length) break;
      if (this.isOperator("(")) this.i++;
      const patterns: ShellWord[] = [];
      for (let token = this.tokens[this.i]; token?.kind === "word"; token = this.tokens[this.i]) {
        patterns.push(token.word);
        this.i++;
        if (!this.isOperator("|")) break;
        this.i++;
      }
      if (!this.isOperator(")")) {
        if (patterns.length === 0) this.i++;
        continue;
      }
      this.i++;
      clauses.push({ patterns, body: this.list() });
      if (this.isWord("esac")) break;
      if (!this.isOperator(";;")) {
        const token = this.tokens[this.i];
        if (token === undefined) break;
        this.breakAt(token);
        this.i++;
      }
    }
    this.expect("esac");
    return { kind: "case", word, clauses, start, end: this.before() };
  }

  private functionBody(name: string, start: number): Node {
    while (this.isOperator("\n", ")")) this.i++;
    const body = this.command();
    return { kind: "function", name, body: body.kind === "group" ? body.body : [body], start, end: this.before() };
  }

  private simple(start: number): Node {
    const words: ShellWord[] = [];
    const redirects: Redirect[] = [];
    for (let token = this.tokens[this.i]; token !== undefined; token = this.tokens[this.i]) {
      if (token.kind === "word") words.push(token.word);
      else if (token.kind === "redirect") redirects.push(token.redirect);
      else if (token.text === "(" && words.length === 1 && this.operatorAt(this.i + 1) === ")") {
        this.i += 2;
        return this.functionBody(wordText(words[0]), start);
      } else break;
      this.i++;
    }
    return { kind: "simple", words, redirects, start, end: this.before() };
  }

  private redirects(): readonly Redirect[] {
    const found: Redirect[] = [];
    for (let token = this.tokens[this.i]; token?.kind === "redirect"; token = this.tokens[++this.i])
      found.push(token.redirect);
    return found;
  }

  private takeWord(): ShellWord | undefined {
    const token = this.tokens[this.i];
    if (token?.kind !== "word") return undefined;
    this.i++;
    return token.word;
  }

  private expect(word: string): void {
    if (this.isWord(word)) {
      this.i++;
      return;
    }
    const token = this.tokens[this.i] ?? this.tokens[this.tokens.length - 1];
    if (token !== undefined) this.breakAt(token);
  }

  private tooDeep(): void {
    const token = this.tokens[this.i];
    if (token !== undefined) this.breakAt(token);
    this.i = this.tokens.length;
  }

  /** Where there is much that is not understood, the rest is not looked at. */
  private breakAt({ start, end }: Token): void {
    if (this.broken.length < mostBroken) this.broken.push({ start, end });
    else this.i = this.tokens.length;
  }

  private isWord(word: string): boolean {
    const token = this.tokens[this.i];
    return token?.kind === "word" && token.plain === word;
  }

  private isOperator(...texts: readonly string[]): boolean {
    const text = this.operatorAt(this.i);
    return text !== undefined && texts.includes(text);
  }

  private operatorAt(index: number): string | undefined {
    const token = this.tokens[index];
    return token?.kind === "operator" ? token.text : undefined;
  }

  private here(): number {
    return this.tokens[this.i]?.start ?? this.before();
  }

  private before(): number {
    return this.tokens[this.i - 1]?.end ?? 0;
  }
}

function wordText(word: ShellWord | undefined): string {
  return (word?.parts ?? []).map((part) => (part.kind === "text" ? part.text : part.raw)).join("");
}
