import type { Diagnostic, Source, Span } from "../../src/vendor-kit/index.js";
import { diagnostic, didYouMean, labelOf, spanText } from "../../src/vendor-kit/index.js";
import { readElements, splitAtCommas } from "./elements.js";
import { tokenize } from "./lexer.js";
import type { Token } from "./lexer.js";
import { priorityNumber } from "./priorities.js";
import { Reader, spanOf, wordsOf } from "./reader.js";
import { newChain, newSet, newTable } from "./ruleset.js";
import { includedBy } from "./includes.js";
import type {
  BaseChain,
  ChainModel,
  DefineModel,
  RuleModel,
  Ruleset,
  SetModel,
  TableModel,
  Unread,
  Written,
} from "./ruleset.js";

interface Variable {
  readonly value: readonly Token[];
  readonly define: DefineModel;
  readonly scope: "top" | "block";
  /** Another text is loaded by another call of nft, and may define the name again. */
  isOfEarlierText: boolean;
}

/** Runs nft scripts on a ruleset, command by command, as `nft -f` would on an empty kernel. */
export class Script {
  readonly ruleset: Ruleset = { tables: new Map(), defines: [], unread: [] };
  /** Sources that an `include` has named, so that they need not be read for themselves. */
  readonly included = new Set<Source>();
  readonly #sources: readonly Source[];
  readonly #report: (problem: Diagnostic) => void;
  readonly #variables = new Map<string, Variable>();
  /** Those that nothing defines, each told once. */
  readonly #missing = new Set<string>();
  readonly #including: Source[] = [];
  /** Variables can double each other; more tokens than this are not put in. */
  #budget = 400_000;

  constructor(sources: readonly Source[], report: (problem: Diagnostic) => void) {
    this.#sources = sources;
    this.#report = report;
  }

  run(source: Source): void {
    if (this.#including.includes(source) || this.#including.length > 16) return;
    if (this.#including.length === 0) for (const one of this.#variables.values()) one.isOfEarlierText = true;
    this.#including.push(source);
    const reader = new Reader(tokenize(source));
    while (!reader.done) {
      reader.skipNewlines();
      if (!reader.done) this.#command(reader);
    }
    this.#including.pop();
  }

  /** A command in tokens, such as one that was read from JSON. */
  runTokens(tokens: readonly Token[]): void {
    const reader = new Reader(tokens);
    while (!reader.done) {
      reader.skipNewlines();
      if (!reader.done) this.#command(reader);
    }
  }

  #command(reader: Reader): void {
    const start = reader.at;
    const head = reader.next()!;
    switch (head.kind === "word" ? head.text : "") {
      case "table":
        return this.#table(reader, start);
      case "define":
      case "redefine":
        return this.#define(reader, "top");
      case "undefine":
        this.#variables.delete(this.#rest(reader)[0]?.text ?? "");
        return;
      case "include":
        return this.#include(reader, undefined);
      case "add":
      case "create":
      case "insert":
        return this.#add(reader, start, head.text === "insert");
      case "chain":
      case "set":
      case "map":
      case "element":
      case "rule":
      case "flowtable":
      case "counter":
      case "quota":
      case "limit":
      case "secmark":
      case "synproxy":
      case "ct":
      case "inet":
      case "ip":
      case "ip6":
      case "bridge":
      case "arp":
      case "netdev":
        reader.at--;
        return this.#add(reader, start, false);
      case "replace":
      case "delete":
      case "destroy":
      case "flush":
      case "rename":
        return this.#remove(reader, start, head.text);
      case "list":
      case "reset":
      case "monitor":
      case "describe":
      case "export":
      case "export-json":
        this.#rest(reader);
        return;
      case "nft":
        // A shell script of single commands.
        while (reader.peek()?.kind === "word" && reader.peek()!.text.startsWith("-")) reader.at++;
        return;
      default:
        this.#rest(reader);
        this.#unreadCommand(reader.tokens.slice(start, reader.at));
    }
  }

  /** The tokens up to the end of the statement; the end itself is left. Variables are not replaced. */
  #raw(reader: Reader): Token[] {
    const tokens: Token[] = [];
    let depth = 0;
    for (;;) {
      const token = reader.peek();
      if (token === undefined) return tokens;
      if (token.kind === "newline" && depth === 0) return tokens;
      if (token.kind === "sign") {
        if (token.text === "{" || token.text === "(") depth++;
        if (token.text === "}" || token.text === ")") {
          if (depth === 0) {
            if (token.text === "}") return tokens;
          } else depth--;
        }
      }
      tokens.push(token);
      reader.at++;
    }
  }

  #rest(reader: Reader): Token[] {
    return this.#expand(this.#raw(reader));
  }

  /** With every variable replaced. A list in place of an element joins the list around it, see `readElements`. */
  #expand(tokens: readonly Token[]): Token[] {
    if (!tokens.some((token) => token.kind === "word" && token.text.startsWith("$"))) return [...tokens];
    const result: Token[] = [];
    for (const token of tokens) {
      const isVariable = token.kind === "word" && token.text.startsWith("$");
      const variable = isVariable ? this.#variables.get(token.text.slice(1)) : undefined;
      if (variable !== undefined) variable.define.uses++;
      else if (isVariable) this.#tellMissing(token);
      const value = variable?.value;
      if (value === undefined) {
        result.push(token);
      } else if ((this.#budget -= value.length) >= 0) {
        // Messages point at the use, which is where the rule is.
        for (const one of value) result.push({ ...one, source: token.source, start: token.start, end: token.end });
      } else {
        result.push(token);
      }
    }
    return result;
  }

  /** Chains and tables have variables of their own; where they are followed by others of the same name is not told apart. */
  #define(reader: Reader, scope: "top" | "block"): void {
    const start = reader.at - 1;
    const name = reader.next();
    if (name?.kind !== "word" || !reader.take("=")) {
      this.#unreadCommand(this.#rest(reader));
      return;
    }
    const value = this.#rest(reader);
    const head = reader.tokens[start]!;
    const before = this.#variables.get(name.text);
    if (scope === "top" && head.text === "define" && before?.scope === "top" && !before.isOfEarlierText) {
      this.#report(
        diagnostic("RW6004", `${JSON.stringify(name.text)} is defined already, and nft refuses a second definition`, {
          primary: spanOf([head, name]),
          related: [{ span: before.define.span, message: "the first is here" }],
          help: "write redefine in place of define, or give it another name",
        }),
      );
    }
    const define: DefineModel = {
      name: name.text,
      span: spanOf([head, name])!,
      statement: spanOf(reader.tokens.slice(start, reader.at))!,
      uses: 0,
    };
    this.ruleset.defines.push(define);
    this.#variables.set(name.text, { value, define, scope, isOfEarlierText: false });
  }

  #tellMissing(token: Token): void {
    if (this.#missing.has(token.text)) return;
    this.#missing.add(token.text);
    const names = [...this.#variables.keys()];
    this.#report(
      diagnostic(
        "RW6005",
        `${JSON.stringify(token.text)} is not defined in this text${didYouMean(token.text.slice(1), names)}: nft loads nothing of it`,
        {
          primary: spanOf([token]),
          help: `write "define ${token.text.slice(1)} = …" above it, or give the file that does`,
        },
      ),
    );
  }

  #include(reader: Reader, chain: ChainModel | TableModel | undefined): void {
    const start = reader.at - 1;
    const rest = this.#rest(reader);
    const named = rest[0];
    const path = named?.text ?? "";
    const found = named === undefined ? [] : includedBy(named.source, path, this.#sources);
    for (const source of found) {
      this.included.add(source);
      if (chain === undefined) this.run(source);
      else if (!this.#including.includes(source) && this.#including.length <= 16) {
        this.#including.push(source);
        this.#block(new Reader(tokenize(source)), chain);
        this.#including.pop();
      }
    }
    if (found.length > 0) return;
    const unread: Unread = {
      label: `include ${JSON.stringify(path)}`,
      ...(named !== undefined && { span: spanOf([named])! }),
    };
    if (chain !== undefined && "rules" in chain) {
      const place = spanOf(reader.tokens.slice(start, reader.at));
      chain.rules.push({ tokens: [], unread: unread.label, ...(place && { span: place }) });
    } else (chain ?? this.ruleset).unread.push(unread);
    this.#report(
      diagnostic("RW6001", `the included file ${JSON.stringify(path)} is not given, so whatever it says is unknown`, {
        ...(unread.span && { primary: unread.span }),
        help: "give that file, too",
      }),
    );
  }

  #unreadCommand(tokens: readonly Token[]): void {
    this.#unread(this.ruleset, tokens, "this command is not understood, so it may do anything");
  }

  #unread(holder: { unread: Unread[] }, tokens: readonly Token[], what: string): void {
    const place = spanOf(tokens);
    const label = labelOf((place === undefined ? wordsOf(tokens) : spanText(place)).replace(/\s+/g, " "));
    holder.unread.push({ label, ...(place && { span: place }) });
    this.#report(diagnostic("RW6001", what, { ...(place && { primary: place }) }));
  }

  // Tables and what is in them

  #table(reader: Reader, start: number): void {
    const id = this.#tableId(reader);
    if (id === undefined) {
      this.#rest(reader);
      return this.#unreadCommand(reader.tokens.slice(start, reader.at));
    }
    const table = this.#tableOf(id.family, id.name);
    table.declared ??= spanOf(reader.tokens.slice(start, reader.at))!;
    if (reader.take("{")) this.#blockUntilBrace(reader, table);
    else this.#endOfCommand(reader);
    this.#written(table, reader, start);
  }

  /** What stands from token `start` to the reader's place belongs to it. */
  #written(one: Written, reader: Reader, start: number): void {
    const place = spanOf(reader.tokens.slice(start, reader.at));
    if (place !== undefined) one.statements.push(place);
  }

  #tableId(reader: Reader): { family: string; name: string } | undefined {
    const family = reader.isOneOf(familyWords) && reader.peek(1)?.kind !== "newline" ? reader.next()!.text : "ip";
    const name = reader.peek();
    if (name === undefined || name.kind === "newline" || name.kind === "sign") return undefined;
    reader.at++;
    return { family, name: name.text };
  }

  #tableOf(family: string, name: string): TableModel {
    const key = `${family} ${name}`;
    let table = this.ruleset.tables.get(key);
    if (table === undefined) {
      table = newTable(family, name);
      this.ruleset.tables.set(key, table);
      if (family === "bridge" || family === "arp") {
        this.#report(
          diagnostic("RW6002", `table ${family} ${name} does not see routed IP packets and is left out`, {
            severity: "note",
          }),
        );
      }
    }
    return table;
  }

  /** Text behind a finished command. */
  #endOfCommand(reader: Reader): void {
    const rest = this.#rest(reader);
    if (rest.length > 0 && rest[0]!.text !== "comment") this.#unreadCommand(rest);
    if (reader.is("}")) this.#strayBrace(reader);
  }

  #strayBrace(reader: Reader): void {
    this.#unreadCommand([reader.next()!]);
  }

  #blockUntilBrace(reader: Reader, holder: TableModel | ChainModel): void {
    this.#block(reader, holder);
    if (!reader.take("}")) {
      const last = reader.peek(-1);
      this.#unread(holder, last === undefined ? [] : [last], "the text ends before the closing brace");
    }
  }

  #block(reader: Reader, holder: TableModel | ChainModel): void {
    for (;;) {
      reader.skipNewlines();
      if (reader.done || reader.is("}")) return;
      if ("chains" in holder) this.#tableStatement(reader, holder);
      else this.#chainStatement(reader, holder);
    }
  }

  #tableStatement(reader: Reader, table: TableModel): void {
    const start = reader.at;
    const head = reader.next()!;
    switch (head.kind === "word" ? head.text : "") {
      case "chain":
        return this.#chainBlock(reader, table, start);
      case "set":
      case "map":
        return this.#setBlock(reader, table, start);
      case "include":
        return this.#include(reader, table);
      case "define":
      case "redefine":
        return this.#define(reader, "block");
      case "flags": {
        const dormant = this.#rest(reader).find((token) => token.text === "dormant");
        if (dormant === undefined) return;
        table.dormant = true;
        this.#report(
          diagnostic("RW6003", `table ${table.family} ${table.name} is dormant: none of its chains is asked`, {
            primary: spanOf([head, dormant]),
            help: "take the flag out to put the table in force",
          }),
        );
        return;
      }
      case "comment":
        keepRemark(table, this.#rest(reader));
        return;
      case "counter":
      case "quota":
      case "limit":
      case "secmark":
      case "synproxy":
      case "flowtable":
      case "ct":
      case "tunnel":
        // Objects that statements refer to by name; none of them decides by itself.
        this.#rest(reader);
        return;
      default: {
        this.#rest(reader);
        if (reader.at === start + 1 && head.kind === "sign" && head.text === "}") reader.at = start;
        this.#unread(
          table,
          reader.tokens.slice(start, Math.max(reader.at, start + 1)),
          "this part of a table is not understood, so it may hold anything",
        );
        if (reader.at === start) reader.at++;
      }
    }
  }

  #chainBlock(reader: Reader, table: TableModel, start: number): void {
    const name = reader.next();
    if (name === undefined || name.kind === "newline" || name.kind === "sign") {
      this.#rest(reader);
      return this.#unread(table, reader.tokens.slice(start, reader.at), "a chain needs a name here");
    }
    const chain = this.#chainOf(table, name.text);
    chain.declared ??= spanOf(reader.tokens.slice(start, reader.at))!;
    if (reader.take("{")) this.#blockUntilBrace(reader, chain);
    else this.#chainRest(reader, table);
    this.#written(chain, reader, start);
  }

  #chainRest(reader: Reader, table: TableModel): void {
    const rest = this.#rest(reader);
    if (rest.length > 0) this.#unread(table, rest, "this is not understood behind a chain's name");
  }

  #chainOf(table: TableModel, name: string): ChainModel {
    let chain = table.chains.get(name);
    if (chain === undefined) {
      chain = newChain(name);
      table.chains.set(name, chain);
    }
    return chain;
  }

  #chainStatement(reader: Reader, chain: ChainModel): void {
    const start = reader.at;
    if (reader.take("include")) return this.#include(reader, chain);
    if (reader.take("define") || reader.take("redefine")) return this.#define(reader, "block");
    const raw = this.#raw(reader);
    if (raw.length === 0) {
      // A bracket that closes nothing.
      reader.at = start + 1;
      return this.#unread(chain, reader.tokens.slice(start, reader.at), "this is not understood in a chain");
    }
    const tokens = this.#expand(raw);
    const head = tokens[0]!;
    if (head.kind === "word") {
      if (head.text === "type" && tokens.some((token) => token.text === "hook")) {
        const base = readBase(tokens);
        if (base === undefined) return this.#unread(chain, tokens, "this hook is not understood");
        chain.base = base;
        return;
      }
      if (head.text === "policy") return this.#policy(chain, tokens);
      if (head.text === "comment") return keepRemark(chain, tokens.slice(1));
      if (head.text === "flags" && tokens.length <= 2) return;
      if (head.text === "devices" || head.text === "device") {
        if (chain.base !== undefined) chain.base = { ...chain.base, devices: deviceNames(tokens) };
        return;
      }
    }
    chain.rules.push(ruleOf(tokens, raw));
  }

  #policy(chain: ChainModel, tokens: readonly Token[]): void {
    const policy = tokens[1]?.text;
    if (policy !== "accept" && policy !== "drop") return this.#unread(chain, tokens, "this policy is not understood");
    chain.policy = policy;
    const place = spanOf(tokens);
    if (place !== undefined) chain.policySpan = place;
  }

  #setBlock(reader: Reader, table: TableModel, start: number): void {
    const name = reader.next();
    if (name === undefined || name.kind === "newline" || name.kind === "sign" || !reader.take("{")) {
      this.#rest(reader);
      return this.#unread(table, reader.tokens.slice(start, reader.at), "a set needs a name and a body here");
    }
    const kind = reader.tokens.slice(start, reader.at).some((token) => token.text === "map") ? "map" : "set";
    const set = this.#setOf(table, name.text, kind);
    set.declared ??= spanOf(reader.tokens.slice(start, reader.at - 1))!;
    const body = reader.takeBlock("}");
    this.#written(set, reader, start);
    if (body === undefined) {
      set.unread = true;
      return this.#unread(table, [name], "the text ends before the closing brace of this set");
    }
    set.intervals ??= "none";
    this.#setBody(set, body);
  }

  #setOf(table: TableModel, name: string, kind: SetModel["kind"] = "set"): SetModel {
    let set = table.sets.get(name);
    if (set === undefined) {
      set = newSet(name, kind);
      table.sets.set(name, set);
    }
    return set;
  }

  #setBody(set: SetModel, body: readonly Token[]): void {
    const reader = new Reader(body);
    for (;;) {
      reader.skipNewlines();
      if (reader.done) return;
      const tokens = this.#rest(reader);
      if (tokens.length === 0) {
        reader.at++;
        set.unread = true;
        continue;
      }
      const [head, second] = tokens;
      switch (head!.text) {
        case "flags":
          if (tokens.some((token) => token.text === "timeout" || token.text === "dynamic")) set.changes = true;
          if (set.intervals === "none" && tokens.some((token) => token.text === "interval")) set.intervals = "apart";
          break;
        case "timeout":
          set.changes = true;
          break;
        case "elements":
          if (second?.text === "=") this.#addElements(set, tokens.slice(2));
          else set.unread = true;
          break;
        case "auto-merge":
          set.intervals = "merged";
          break;
        case "comment":
          keepRemark(set, tokens.slice(1));
          break;
        case "size":
          if (/^\d{1,10}$/.test(second?.text ?? "")) set.most = Number(second!.text);
          break;
        case "type":
        case "typeof":
        case "policy":
        case "gc-interval":
        case "counter":
        case "quota":
        case "limit":
        case "last":
        case "stateful":
          break;
        default:
          set.unread = true;
          this.#report(
            diagnostic("RW6001", `this part of set ${set.name} is not understood, so its elements are unknown`, {
              primary: spanOf(tokens),
            }),
          );
      }
    }
  }

  /** `{ a, b }`, or a variable's value that is such a list. */
  #addElements(set: SetModel, tokens: readonly Token[]): void {
    const { elements, unread } = readElements(tokens);
    for (const element of elements) {
      set.elements.push(element);
      if (element.expires) set.changes = true;
    }
    if (unread.length === 0 && tokens.length > 0) return;
    set.unread = true;
    this.#report(
      diagnostic("RW6001", `an element of set ${set.name} is not understood, so what is in the set is unknown`, {
        primary: spanOf(unread[0] ?? tokens),
      }),
    );
  }

  // Commands outside a table

  #add(reader: Reader, start: number, isInsert: boolean): void {
    const kind = reader.peek();
    const isBareRule = kind !== undefined && familyWords.has(kind.text);
    if (!isBareRule) reader.at++;
    const fail = (): void => {
      this.#rest(reader);
      this.#unreadCommand(reader.tokens.slice(start, reader.at));
    };
    switch (isBareRule ? "rule" : (kind?.text ?? "")) {
      case "table":
        return this.#table(reader, start);
      case "chain": {
        const id = this.#tableId(reader);
        if (id === undefined) return fail();
        return this.#chainBlock(reader, this.#tableOf(id.family, id.name), start);
      }
      case "set":
      case "map": {
        const id = this.#tableId(reader);
        if (id === undefined) return fail();
        return this.#setBlock(reader, this.#tableOf(id.family, id.name), start);
      }
      case "rule": {
        const id = this.#tableId(reader);
        const name = reader.peek();
        if (id === undefined || name === undefined || name.kind === "newline" || name.kind === "sign") return fail();
        reader.at++;
        const raw = this.#raw(reader);
        const place = spanOf(reader.tokens.slice(start, reader.at));
        return this.#addRule(this.#chainOf(this.#tableOf(id.family, id.name), name.text), raw, place, isInsert);
      }
      case "element": {
        const id = this.#tableId(reader);
        const name = reader.peek();
        if (id === undefined || name === undefined || name.kind === "newline" || name.kind === "sign") return fail();
        reader.at++;
        const set = this.#setOf(this.#tableOf(id.family, id.name), name.text);
        this.#addElements(set, this.#rest(reader));
        this.#written(set, reader, start);
        return;
      }
      case "flowtable":
      case "counter":
      case "quota":
      case "limit":
      case "secmark":
      case "synproxy":
      case "ct":
        this.#rest(reader);
        return;
      default:
        return fail();
    }
  }

  #addRule(chain: ChainModel, raw: readonly Token[], place: Span | undefined, isInsert: boolean): void {
    const [where, value] = raw;
    const isPlaced =
      where?.kind === "word" && ["index", "handle", "position"].includes(where.text) && value !== undefined;
    if (!isPlaced) {
      const rule = ruleAt(this.#expand(raw), place);
      if (isInsert) chain.rules.unshift(rule);
      else chain.rules.push(rule);
      return;
    }
    const rule = ruleAt(this.#expand(raw.slice(2)), place);
    const number = Number(value.text);
    const at =
      where.text === "index"
        ? number
        : chain.rules.findIndex((one) => one.handle !== undefined && one.handle === number);
    if (!Number.isInteger(at) || at < 0 || at >= chain.rules.length) {
      this.#unread(chain, raw, "the rule that this one stands beside is not known, so neither is their order");
      chain.rules.push(rule);
      return;
    }
    chain.rules.splice(isInsert ? at : at + 1, 0, rule);
  }

  #remove(reader: Reader, start: number, verb: string): void {
    const kind = reader.next();
    const rest = this.#rest(reader);
    const inner = new Reader(rest);
    const command = reader.tokens.slice(start, reader.at);
    const { tables } = this.ruleset;
    if (kind === undefined || kind.kind === "newline") return this.#unreadCommand(command);
    if (verb === "flush" && kind.text === "ruleset") {
      const family = rest[0]?.text;
      for (const [key, table] of tables) if (family === undefined || table.family === family) tables.delete(key);
      if (family === undefined) this.ruleset.unread = [];
      return;
    }
    const family = inner.isOneOf(familyWords) ? inner.next()!.text : "ip";
    if (inner.take("handle")) return this.#unreadCommand(command);
    const table = tables.get(`${family} ${inner.next()?.text ?? ""}`);
    if (kind.text === "table" && (verb === "delete" || verb === "destroy")) {
      if (table !== undefined) tables.delete(`${family} ${table.name}`);
      return;
    }
    if (table === undefined) return;
    const name = inner.next()?.text;
    switch (`${verb} ${kind.text}`) {
      case "flush table":
        for (const chain of table.chains.values()) chain.rules = [];
        return;
      case "flush chain": {
        const chain = table.chains.get(name ?? "");
        if (chain !== undefined) [chain.rules, chain.unread] = [[], []];
        return;
      }
      case "flush set":
      case "flush map": {
        const set = table.sets.get(name ?? "");
        if (set !== undefined) [set.elements, set.unread] = [[], false];
        return;
      }
      case "delete chain":
      case "destroy chain":
        table.chains.delete(name ?? "");
        return;
      case "delete set":
      case "destroy set":
      case "delete map":
      case "destroy map":
        table.sets.delete(name ?? "");
        return;
      case "delete element":
      case "destroy element": {
        const set = table.sets.get(name ?? "");
        if (set !== undefined) this.#deleteElements(set, rest.slice(inner.at));
        return;
      }
      case "rename chain": {
        const chain = table.chains.get(name ?? "");
        const other = inner.next()?.text;
        if (chain === undefined || other === undefined) return this.#unread(table, command, "this chain is not known");
        table.chains.delete(chain.name);
        table.chains.set(other, { ...chain, name: other });
        return;
      }
      case "delete rule":
      case "destroy rule":
      case "replace rule":
        return this.#removeRule(table, name, inner, command, verb);
      default:
        if (objectKinds.has(kind.text)) return;
        return this.#unread(table, command, "this command is not understood, so the table may hold anything");
    }
  }

  #removeRule(
    table: TableModel,
    name: string | undefined,
    inner: Reader,
    command: readonly Token[],
    verb: string,
  ): void {
    const chain = table.chains.get(name ?? "");
    if (chain === undefined) return this.#unread(table, command, "this chain is not known");
    const where = inner.next()?.text;
    const number = Number(inner.next()?.text);
    const at = where === "index" ? number : chain.rules.findIndex((one) => one.handle === number);
    if (!Number.isInteger(at) || at < 0 || at >= chain.rules.length) {
      return this.#unread(
        chain,
        command,
        "which rule this is about is not known, so what the chain does is not, either",
      );
    }
    const tokens = inner.tokens.slice(inner.at);
    chain.rules.splice(at, 1, ...(verb === "replace" ? [ruleAt(tokens, spanOf(command))] : []));
  }

  #deleteElements(set: SetModel, tokens: readonly Token[]): void {
    const keyOf = (parts: readonly (readonly Token[])[]): string =>
      parts.map((part) => part.map((value) => value.text).join(",")).join(" . ");
    const gone = new Set(readElements(tokens).elements.map((element) => keyOf(element.parts)));
    const before = set.elements.length;
    set.elements = set.elements.filter((element) => !gone.has(keyOf(element.parts)));
    // An element may be part of a wider one.
    if (before - set.elements.length < gone.size) set.unread = true;
  }
}

/** The statements of a chain's text, without the newlines between them. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "sign") {
      if (token.text === "{") depth++;
      if (token.text === "}") depth--;
    }
    if (token.kind === "newline" && depth === 0) statements.push([]);
    else statements[statements.length - 1]!.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

const familyWords = new Set(["inet", "ip", "ip6", "bridge", "arp", "netdev"]);
const objectKinds = new Set(["counter", "quota", "limit", "secmark", "synproxy", "ct", "flowtable"]);

function ruleOf(tokens: readonly Token[], raw: readonly Token[]): RuleModel {
  return ruleAt(tokens, spanOf(raw));
}

function ruleAt(tokens: readonly Token[], place: Span | undefined): RuleModel {
  return { tokens, ...(place && { span: place }) };
}

function keepRemark(one: Written, tokens: readonly Token[]): void {
  const text = tokens.find((token) => token.kind === "string");
  if (text !== undefined) one.remark = text;
}

/** `type filter hook input device eth0 priority filter + 10`. */
function readBase(tokens: readonly Token[]): BaseChain | undefined {
  const reader = new Reader(tokens);
  reader.take("type");
  const type = reader.next()?.text;
  if (type === undefined || !reader.take("hook")) return undefined;
  const hook = reader.next()?.text;
  let devices: string[] = [];
  let priority: number | undefined;
  while (!reader.done) {
    if (reader.is("device") || reader.is("devices")) {
      const start = reader.at;
      while (!reader.done && !reader.is("priority")) reader.at++;
      devices = deviceNames(tokens.slice(start, reader.at));
    } else if (reader.take("priority")) {
      const words: string[] = [];
      while (reader.peek()?.kind === "word" && words.length < 3) words.push(reader.next()!.text);
      priority = priorityNumber(words.join(" "));
    } else {
      return undefined;
    }
  }
  if (hook === undefined || priority === undefined || !hookNames.has(hook)) return undefined;
  const place = spanOf(tokens);
  return { type, hook, priority, devices, ...(place && { span: place }) };
}

const hookNames = new Set(["ingress", "prerouting", "input", "forward", "output", "postrouting", "egress"]);

function deviceNames(tokens: readonly Token[]): string[] {
  return splitAtCommas(tokens.filter((token) => !"{}".includes(token.text)))
    .flat()
    .map((token) => token.text)
    .filter((text) => text !== "device" && text !== "devices" && text !== "=");
}
