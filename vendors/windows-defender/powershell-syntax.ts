/**
 * The part of PowerShell in which people write firewall rules: commands with literal values, variables that hold such
 * values, splatted tables. What needs the script to run (expressions, loops, functions) is there as `dynamic`, or as a
 * pipeline inside a block: nothing is left out, so that a reader can say what it could not follow.
 *
 * One pass over the text, without backtracking; never throws.
 *
 * Source: PowerShell Language Specification 3.0, chapter 2 (lexical structure) and chapter 8 (statements).
 */
export function readPowerShell(text: string): readonly Pipeline[] {
  return new PowerShellReader(text).read();
}

export interface Pipeline {
  readonly commands: readonly Command[];
  readonly start: number;
  readonly end: number;
  /** Where it stands in a block, which may run or not, once or many times: how that block begins. */
  readonly within?: Block;
}

export interface Block {
  /** `if`, `foreach`, `function`, …; `{` for a script block. */
  readonly keyword: string;
  readonly start: number;
}

export interface Command {
  /** As written, in lower case; undefined where the script decides what runs, empty for a value by itself. */
  readonly name: string | undefined;
  readonly elements: readonly Element[];
  readonly start: number;
  readonly end: number;
}

export type Element =
  | { readonly kind: "parameter"; readonly name: string; readonly value?: Value }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "splat"; readonly value: Value };

export type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** Keys in lower case. */
  | { readonly kind: "table"; readonly entries: ReadonlyMap<string, Value> }
  /** Known only when the script runs. */
  | { readonly kind: "dynamic" };

const dynamic: Value = { kind: "dynamic" };

const blockKeywords = new Set(
  "if elseif else foreach for while do until switch function filter workflow configuration try catch finally trap begin process end dynamicparam class enum data param".split(
    " ",
  ),
);

/**
 * Blocks that run with values of their own, once or many times or never: within them the script's own variables may be
 * something else.
 */
export const ownScope = new Set([
  "function",
  "filter",
  "workflow",
  "configuration",
  "class",
  "foreach",
  "for",
  "while",
  "do",
  "switch",
  "{",
]);

/** Blocks within blocks to this depth are read. */
const DEEPEST = 60;

const SINGLE = "'\u2018\u2019\u201a\u201b";
const DOUBLE = '"\u201c\u201d\u201e';
const DASHES = "-\u2013\u2014\u2015";

class PowerShellReader {
  private at = 0;
  private depth = 0;
  private readonly found: Pipeline[] = [];
  private readonly variables = new Map<string, Value>();
  private within: Block | undefined;
  private stopped = false;

  constructor(private readonly text: string) {}

  read(): readonly Pipeline[] {
    if (this.text.startsWith("\ufeff")) this.at = 1;
    while (this.at < this.text.length && !this.stopped) {
      this.statements();
      // A bracket too many: go on behind it.
      if (this.at < this.text.length && !this.stopped) this.at++;
    }
    return this.found;
  }

  /** Statements up to a closing bracket, which is left standing, or the end. */
  private statements(): void {
    if (++this.depth > DEEPEST) {
      // Nobody writes this: what stands here is not followed, and said to be so.
      this.found.push(this.unknownFrom(this.at));
      this.at = this.text.length;
    }
    while (!this.stopped) {
      this.skip(true);
      const c = this.text[this.at];
      if (c === undefined || c === "}" || c === ")") break;
      const before = this.at;
      this.statement();
      if (this.at === before) this.at++;
    }
    this.depth--;
  }

  private unknownFrom(start: number): Pipeline {
    const end = this.text.length;
    const within = this.within ?? { keyword: "{", start };
    return { commands: [{ name: undefined, elements: [], start, end }], start, end, within };
  }

  private statement(): void {
    const start = this.at;
    const word = this.sticky(/[A-Za-z]+(?![\w.:\\/-])/y);
    const keyword = word?.[0].toLowerCase();
    if (keyword !== undefined && blockKeywords.has(keyword)) {
      this.at += word![0].length;
      this.block({ keyword, start });
      return;
    }
    if (keyword === "exit" || keyword === "return" || keyword === "throw") {
      // What stands behind an unconditional end does not run; behind a conditional one it is taken to have run.
      this.at += word![0].length;
      this.pipeline(this.at);
      if (this.within === undefined && keyword !== "throw") this.stopped = true;
      return;
    }
    const assigned = this.sticky(/\$(?:\{([^}\n]{1,200})\}|((?:\w+:)?\w+))[ \t]*([-+*/%?]{0,2}=)(?!=)/y);
    if (assigned !== null) {
      this.at += assigned[0].length;
      this.assignment((assigned[1] ?? assigned[2]!).toLowerCase(), assigned[3]!);
      return;
    }
    // A table or a list may change in place: `$table.Key = 1`, `$list.Add(1)`.
    const changed = this.sticky(/\$(?:\w+:)?(\w+)[.[]/y);
    this.pipeline(start);
    if (changed !== null) this.variables.set(changed[1]!.toLowerCase(), dynamic);
  }

  private block(block: Block): void {
    const outer = this.within;
    const own = ownScope.has(block.keyword);
    if (own) this.opaque++;
    this.within = outer ?? block;
    for (;;) {
      this.skip(false);
      const behind = this.at;
      this.skip(true);
      const c = this.text[this.at];
      if (c === "(") {
        const looped = block.keyword === "foreach" ? this.sticky(/\(\s*\$(\w+)\s+in\s/iy) : null;
        if (looped !== null) this.variables.set(looped[1]!.toLowerCase(), dynamic);
        this.bracketed(")");
        if (block.keyword === "param") break;
        continue;
      }
      if (c === "{") {
        this.bracketed("}");
        const condition = block.keyword === "do" ? this.sticky(/\s*(?:while|until)\s*(?=\()/iy) : null;
        if (condition !== null) {
          this.at += condition[0].length;
          this.bracketed(")");
        }
        break;
      }
      // On a new line only a bracket goes on with the head of a block.
      if (this.at !== behind || c === undefined || c === "}" || c === ")") {
        this.at = behind;
        break;
      }
      if (this.element(true) === undefined) this.at++;
    }
    this.within = outer;
    if (own) this.opaque--;
  }

  private bracketed(closing: string): void {
    this.at++;
    this.statements();
    if (this.text[this.at] === closing) this.at++;
  }

  /** Blocks in which a variable may be another one, or have another value. */
  private opaque = 0;

  private assignment(name: string, operator: string): void {
    this.skip(false);
    const start = this.at;
    const value = this.expression(start);
    const plain = name.replace(/^script:|^global:|^local:/, "");
    const before = this.variables.get(plain);
    if (this.within !== undefined || value === undefined) this.variables.set(plain, dynamic);
    else if (operator === "=") this.variables.set(plain, value);
    else if (operator === "+=" && before?.kind === "list" && value.kind !== "dynamic") {
      // A list that grows keeps its array, so that a long one does not cost its square.
      (before.items as Value[]).push(...(value.kind === "list" ? value.items : [value]));
    } else this.variables.set(plain, dynamic);
  }

  /** What each variable holds when all is read. */
  all(): ReadonlyMap<string, Value> {
    return this.variables;
  }

  /** What stands on the right of `=`: a value by itself, or a pipeline, whose value is not known. */
  private expression(start: number): Value | undefined {
    const value = this.arrayOfValues(true);
    if (value !== undefined) {
      this.skip(false);
      const next = this.text[this.at];
      if (next === undefined || "\r\n;})#".includes(next)) return value;
      // An operator, a pipe, a member: what it gives is not known. The rest may hold commands.
      this.pipelineRest(start, [{ kind: "value", value }]);
      return undefined;
    }
    this.pipeline(start);
    return undefined;
  }

  private pipeline(start: number): void {
    this.pipelineRest(start, []);
  }

  private pipelineRest(start: number, given: readonly Element[]): void {
    const commands: Command[] = [];
    let elements: Element[] = [...given];
    let name: string | undefined = given.length > 0 ? "" : undefined;
    let isNamed = given.length > 0;
    let commandStart = start;
    const close = (): void => {
      if (isNamed || elements.length > 0) commands.push({ name, elements, start: commandStart, end: this.at });
      elements = [];
      isNamed = false;
      name = undefined;
    };
    for (;;) {
      this.skip(false);
      const c = this.text[this.at];
      if (c === undefined || "\r\n;})".includes(c)) break;
      if (c === "|" || (c === "&" && (isNamed || this.text[this.at + 1] === "&"))) {
        close();
        this.at += this.text[this.at + 1] === c ? 2 : 1;
        this.skip(true);
        commandStart = this.at;
        continue;
      }
      if (!isNamed) {
        isNamed = true;
        commandStart = this.at;
        const called = (c === "&" || c === ".") && /[\s'"$({]/.test(this.text[this.at + 1] ?? " ");
        if (called) this.at++;
        this.skip(false);
        const first = this.element(false);
        name = nameOf(first, called);
        if (first !== undefined && name === "") elements.push(first);
        if (first === undefined) this.at++;
        continue;
      }
      const before = this.at;
      const element = this.element(false);
      if (element !== undefined) elements.push(element);
      else if (this.at === before) this.at++;
    }
    close();
    if (commands.length > 0)
      this.found.push({ commands, start, end: this.at, ...(this.within && { within: this.within }) });
  }

  /** One argument of a command. `inBlock` reads the words of a block's head, where a brace begins the block. */
  private element(inBlock: boolean): Element | undefined {
    const c = this.text[this.at];
    if (c === undefined) return undefined;
    if (DASHES.includes(c)) {
      const found = this.sticky(/[-\u2013\u2014\u2015]([A-Za-z_?]\w*)(:?)/y);
      if (found !== null) {
        this.at += found[0].length;
        if (found[2] === "") return { kind: "parameter", name: found[1]!.toLowerCase() };
        this.skip(false);
        return { kind: "parameter", name: found[1]!.toLowerCase(), value: this.arrayOfValues(false) ?? dynamic };
      }
    }
    const splat = this.sticky(/@(\w+)(?![\w({])/y);
    if (splat !== null) {
      this.at += splat[0].length;
      return { kind: "splat", value: this.variable(splat[1]!) };
    }
    if (inBlock && c === "{") return undefined;
    const value = this.arrayOfValues(false);
    return value && { kind: "value", value };
  }

  /** A value, or several with commas between. Undefined where none begins here. */
  private arrayOfValues(isExpression: boolean): Value | undefined {
    const first = this.value(isExpression);
    if (first === undefined) return undefined;
    const items: Value[] = [first];
    for (;;) {
      const comma = this.sticky(/[ \t]*,/y);
      if (comma === null) break;
      this.at += comma[0].length;
      this.skip(true);
      const next = this.value(isExpression);
      items.push(next ?? dynamic);
      if (next === undefined) break;
    }
    return items.length === 1 ? first : { kind: "list", items };
  }

  private value(isExpression: boolean): Value | undefined {
    const c = this.text[this.at];
    if (c === undefined || "\r\n;|})&,".includes(c)) return undefined;
    const start = this.at;
    const value = this.oneValue(c, isExpression);
    if (value === undefined) return undefined;
    // Something joined on: a member, an index, a piece of a word.
    const next = this.text[this.at];
    if (next !== undefined && !/[\s,;|(){}&]/.test(next) && this.at > start) {
      this.restOfWord();
      return dynamic;
    }
    return value;
  }

  private oneValue(c: string, isExpression: boolean): Value | undefined {
    if (c === "@" && (this.text[this.at + 1] === "'" || this.text[this.at + 1] === '"')) return this.hereString();
    if (SINGLE.includes(c)) return this.singleQuoted();
    if (DOUBLE.includes(c)) return this.doubleQuoted();
    if (c === "@" && this.text[this.at + 1] === "(") return this.list(2);
    if (c === "@" && this.text[this.at + 1] === "{") return this.table();
    if (c === "$" && this.text[this.at + 1] === "(") {
      this.list(2);
      return dynamic;
    }
    if (c === "(") {
      const inner = this.list(1);
      return inner.kind === "list" && inner.items.length === 1 ? inner.items[0] : inner;
    }
    if (c === "{") {
      const outer = this.within;
      this.within = outer ?? { keyword: "{", start: this.at };
      this.opaque++;
      this.bracketed("}");
      this.opaque--;
      this.within = outer;
      return dynamic;
    }
    if (c === "[") return this.cast(isExpression);
    if (c === "$") return this.reference();
    return this.bareWord(isExpression);
  }

  private cast(isExpression: boolean): Value | undefined {
    const found = this.sticky(/\[([\w.]+)(\[\])?\]/y);
    if (found === null) {
      this.restOfWord();
      return dynamic;
    }
    this.at += found[0].length;
    const type = found[1]!.toLowerCase();
    const value = this.value(isExpression);
    return value !== undefined && ["string", "array", "ordered", "pscustomobject", "object"].includes(type)
      ? value
      : dynamic;
  }

  private reference(): Value {
    const found = this.sticky(/\$(?:\{([^}\n]{1,200})\}|((?:\w+:)?\w+|[$?^]))/y);
    if (found === null) {
      this.at++;
      return dynamic;
    }
    this.at += found[0].length;
    const name = (found[1] ?? found[2]!).toLowerCase();
    if (name === "true") return { kind: "boolean", value: true };
    if (name === "false") return { kind: "boolean", value: false };
    return this.variable(name);
  }

  /** A list is copied, because it may grow; so many values are copied and no more. */
  private variable(word: string): Value {
    const value = this.variables.get(word.toLowerCase().replace(/^(?:script|global|local):/, ""));
    if (value === undefined || this.opaque > 0) return dynamic;
    if (value.kind !== "list") return value;
    this.copies -= value.items.length;
    return this.copies < 0 ? dynamic : { kind: "list", items: [...value.items] };
  }

  private copies = 1_000_000;

  private bareWord(isExpression: boolean): Value | undefined {
    const parts: string[] = [];
    let isKnown = true;
    const start = this.at;
    while (this.at < this.text.length) {
      const c = this.text[this.at]!;
      if (/[\s,;|(){}&]/.test(c)) break;
      if ((SINGLE + DOUBLE).includes(c) && this.at > start) {
        isKnown = false;
        break;
      }
      if (c === "`") {
        if (this.at + 1 < this.text.length) parts.push(this.text[this.at + 1]!);
        this.at += 2;
        continue;
      }
      if (c === "$") isKnown = false;
      parts.push(c);
      this.at++;
    }
    this.at = Math.min(this.at, this.text.length);
    if (this.at === start) return undefined;
    const text = parts.join("");
    if (!isKnown) return dynamic;
    // In an expression a bare word is a command's name, and only numbers are values.
    if (isExpression && !/^-?\d[\d.]*$/.test(text)) {
      this.at = start;
      return undefined;
    }
    return { kind: "text", text };
  }

  private restOfWord(): void {
    while (this.at < this.text.length && !/[\s,;|){}]/.test(this.text[this.at]!)) {
      const c = this.text[this.at]!;
      if (c === "(") {
        this.list(1);
        continue;
      }
      if (SINGLE.includes(c)) this.singleQuoted();
      else if (DOUBLE.includes(c)) this.doubleQuoted();
      else this.at++;
    }
  }

  private singleQuoted(): Value {
    const parts: string[] = [];
    this.at++;
    let from = this.at;
    for (; this.at < this.text.length; this.at++) {
      if (!SINGLE.includes(this.text[this.at]!)) continue;
      if (SINGLE.includes(this.text[this.at + 1] ?? " ")) {
        // A doubled quote stands for itself, the second of the two.
        parts.push(this.text.slice(from, this.at), this.text[this.at + 1]!);
        this.at++;
        from = this.at + 1;
        continue;
      }
      parts.push(this.text.slice(from, this.at));
      this.at++;
      return { kind: "text", text: parts.join("") };
    }
    return dynamic;
  }

  private doubleQuoted(): Value {
    const parts: string[] = [];
    let isKnown = true;
    this.at++;
    while (this.at < this.text.length) {
      const c = this.text[this.at]!;
      if (c === "`") {
        const escaped = this.text[this.at + 1] ?? "";
        parts.push(escapes[escaped] ?? escaped);
        this.at += 2;
      } else if (DOUBLE.includes(c)) {
        if (!DOUBLE.includes(this.text[this.at + 1] ?? " ")) {
          this.at++;
          return isKnown ? { kind: "text", text: parts.join("") } : dynamic;
        }
        parts.push(this.text[this.at + 1]!);
        this.at += 2;
      } else if (c === "$") {
        if (this.text[this.at + 1] === "(") {
          this.list(2);
          isKnown = false;
          continue;
        }
        const found = this.sticky(/\$(?:\{([^}\n]{1,200})\}|((?:\w+:)?\w+))/y);
        if (found === null) {
          parts.push(c);
          this.at++;
          continue;
        }
        this.at += found[0].length;
        const value = this.variable(found[1] ?? found[2]!);
        if (value.kind === "text") parts.push(value.text);
        else isKnown = false;
      } else {
        parts.push(c);
        this.at++;
      }
    }
    this.at = this.text.length;
    return dynamic;
  }

  private hereString(): Value {
    const quote = this.text[this.at + 1]!;
    const end = this.text.indexOf(`\n${quote}@`, this.at);
    const start = this.text.indexOf("\n", this.at);
    if (end < 0 || start < 0) {
      this.at = this.text.length;
      return dynamic;
    }
    this.at = end + 3;
    const text = this.text.slice(start + 1, Math.max(start + 1, end));
    return quote === '"' && /[$`]/.test(text) ? dynamic : { kind: "text", text: text.replace(/\r$/, "") };
  }

  /** What stands in `(…)` or `@(…)`: values, one a line or with commas; anything else is statements. */
  private list(opening: number): Value {
    this.at += opening;
    if (++this.depth > DEEPEST) {
      this.found.push(this.unknownFrom(this.at));
      this.at = this.text.length;
    }
    const items: Value[] = [];
    let isKnown = true;
    for (;;) {
      this.skip(true);
      const c = this.text[this.at];
      if (c === undefined || c === ")" || c === "}") break;
      const start = this.at;
      const value = this.arrayOfValues(true);
      if (value === undefined) {
        isKnown = false;
        this.statement();
        if (this.at === start) this.at++;
        continue;
      }
      this.skip(false);
      const next = this.text[this.at];
      if (next === undefined || "\r\n;)".includes(next)) {
        items.push(...(value.kind === "list" ? value.items : [value]));
        continue;
      }
      isKnown = false;
      this.pipelineRest(start, [{ kind: "value", value }]);
    }
    if (this.text[this.at] === ")") this.at++;
    this.depth--;
    return isKnown ? { kind: "list", items } : dynamic;
  }

  private table(): Value {
    this.at += 2;
    if (++this.depth > DEEPEST) {
      this.found.push(this.unknownFrom(this.at));
      this.at = this.text.length;
    }
    const entries = new Map<string, Value>();
    let isKnown = true;
    for (;;) {
      this.skip(true);
      const c = this.text[this.at];
      if (c === undefined || c === "}" || c === ")") break;
      const start = this.at;
      const bare = this.sticky(/([\w-]+)[ \t]*=/y);
      let key: string | undefined;
      if (bare !== null) {
        key = bare[1]!.toLowerCase();
        this.at += bare[0].length;
      } else {
        const value = SINGLE.includes(c) ? this.singleQuoted() : DOUBLE.includes(c) ? this.doubleQuoted() : undefined;
        const equals = this.sticky(/[ \t]*=/y);
        if (value?.kind === "text" && equals !== null) {
          key = value.text.toLowerCase();
          this.at += equals[0].length;
        }
      }
      if (key === undefined) {
        isKnown = false;
        if (this.at === start) this.statement();
        if (this.at === start) this.at++;
        continue;
      }
      this.skip(false);
      if (entries.has(key)) isKnown = false;
      entries.set(key, this.expression(this.at) ?? dynamic);
    }
    if (this.text[this.at] === "}") this.at++;
    this.depth--;
    return isKnown ? { kind: "table", entries } : dynamic;
  }

  /** Blanks, comments, and a backtick at the end of a line; with `lines` also line ends and `;`. */
  private skip(lines: boolean): void {
    const blank = lines ? /[\s;]+/y : /[ \t\f\v\u00a0]+/y;
    for (;;) {
      const found = this.sticky(blank) ?? this.sticky(/`\r?\n/y) ?? this.sticky(/#[^\r\n]*/y);
      if (found !== null) {
        this.at += found[0].length;
        continue;
      }
      if (!this.text.startsWith("<#", this.at)) return;
      const end = this.text.indexOf("#>", this.at + 2);
      this.at = end < 0 ? this.text.length : end + 2;
    }
  }

  private sticky(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** The name of a command, from what stands first. Empty for a value that is no command. */
function nameOf(first: Element | undefined, isCalled: boolean): string | undefined {
  if (first?.kind !== "value") return first === undefined ? undefined : "";
  if (first.value.kind === "text") return first.value.text.toLowerCase();
  return isCalled ? undefined : "";
}

/** The values that a script's data assigns, by variable in lower case: for scripts of a known form. */
export function readAssignments(text: string): {
  readonly variables: ReadonlyMap<string, Value>;
  readonly rest: readonly Pipeline[];
} {
  const reader = new PowerShellReader(text);
  const rest = reader.read();
  return { variables: reader.all(), rest };
}
