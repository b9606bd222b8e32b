import type {
  Device,
  Diagnostic,
  Match,
  ParseOptions,
  Parsed,
  Source,
  Translation as TranslationInventory,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentMatch, noContent, openContent } from "./content.js";
import type { Token } from "./pf-lexer.js";
import { tokensOf } from "./pf-lexer.js";
import type { FilterRule } from "./pf-grammar.js";
import { readAnchorHead, readFilterRule, readTranslation } from "./pf-grammar.js";
import { pfInventory } from "./pf-inventory.js";
import { Reader, Unread, readInterfaceSpecs, statementSpan } from "./pf-reader.js";
import type { InterfaceSpec } from "./pf-reader.js";
import { readTable, sourceOf } from "./pf-tables.js";
import type { PfDirection, PfRule } from "./pf-rules.js";
import { pfPaths } from "./pf-rules.js";

/**
 * A pf.conf of FreeBSD or OpenBSD. Sources that the first ones name (include, load anchor, a table's file) are read in
 * their place; the others one after another.
 *
 * An interface is `outside` where it is the group `egress`, or where the caller says so.
 *
 * Source: pf.conf(5) of FreeBSD and OpenBSD; FreeBSD sbin/pfctl/parse.y.
 */
export function readPf(sources: readonly Source[], options: ParseOptions): Parsed {
  const first = readAll(sources, new Map());
  // A table may be defined behind the rules that use it.
  const state = first.usedEarly ? readAll(sources, first.tables) : first;
  const concrete = [...state.interfaces].filter((name) => !isGroup(name));
  const rules = [...refusals(state), ...skipRules(state), ...state.front, ...state.rules].flatMap((rule) =>
    groupMembers(rule, concrete),
  );
  const part = sources.some((source) => partMark.test(source.text.slice(0, 4000)));
  const device: Device = {
    name: sources.map((source) => source.path).join(" and "),
    paths: pfPaths(
      rules,
      part
        ? { verdict: "continue", origin: { label: "the rules around this anchor are not in this text" } }
        : { verdict: "accept", origin: { label: "pf passes what no rule matches" } },
      state.tags,
    ),
    interfaces: interfacesOf(state, options),
  };
  return {
    device,
    diagnostics: state.diagnostics,
    inventory: pfInventory(sources, state.tables, state.translations, device),
  };
}

/** `tables` are known from the start; those that the texts define come to them. */
function readAll(sources: readonly Source[], tables: ReadonlyMap<string, Content>): State {
  const state: State = {
    sources,
    consumed: new Set(),
    macros: new Map(),
    tables: new Map(tables),
    definedTables: new Set(
      sources.flatMap((source) => [...source.text.matchAll(tableStart)].map((found) => found[1]!)),
    ),
    usedEarly: false,
    anchors: new Map(),
    rules: [],
    front: [],
    skip: [],
    tags: new Set(),
    interfaces: new Set(),
    translations: [],
    blockPolicy: "block",
    budget: 200_000 + 4 * sources.reduce((sum, source) => sum + source.text.length, 0),
    diagnostics: [],
  };
  // Which files are parts of others is known after the first pass over the words that name files.
  const named = namedFiles(sources);
  for (const source of sources) if (!state.consumed.has(source) && !named.has(source)) readSource(source, state, [], 0);
  return state;
}

const tableStart = /\btable\s*<\s*([^\s<>]{1,63})\s*>/g;

/** The head of our own output says that it is an anchor: a part of a ruleset. */
const partMark = /^# +load anchor "ringwall" from /m;

interface State {
  readonly sources: readonly Source[];
  readonly consumed: Set<Source>;
  readonly macros: Map<string, readonly Token[]>;
  readonly tables: Map<string, Content>;
  /** Names that stand behind the word `table` somewhere. */
  readonly definedTables: ReadonlySet<string>;
  /** A rule used a table whose definition was not read yet. */
  usedEarly: boolean;
  /** The rules that `load anchor` or an own file gives an anchor, by name. */
  readonly anchors: Map<string, readonly PfRule[]>;
  readonly rules: PfRule[];
  /** What passes before any filter rule: `rdr pass`. */
  readonly front: PfRule[];
  readonly skip: InterfaceSpec[];
  readonly tags: Set<string>;
  readonly interfaces: Set<string>;
  readonly translations: TranslationInventory[];
  blockPolicy: "block" | "reject";
  /** Tokens that macros may still expand to: a macro of macros of macros grows without bound. */
  budget: number;
  readonly diagnostics: Diagnostic[];
}

function namedFiles(sources: readonly Source[]): ReadonlySet<Source> {
  const named = new Set<Source>();
  for (const source of sources)
    for (const found of source.text.matchAll(/(?:\binclude|\bfrom|\bfile)\s+"([^"\n]+)"/g)) {
      const other = sourceOf(found[1]!, sources);
      if (other !== undefined && other !== source) named.add(other);
    }
  return named;
}

function readSource(source: Source, state: State, around: readonly Match[], depth: number): void {
  state.consumed.add(source);
  const reader = new Reader(tokensOf(source), state.macros, () => state.budget-- > 0);
  readStatements(reader, state, around, depth, state.rules);
}

/** Statements up to the end of the text, or to the `}` that ends an inline anchor. */
function readStatements(reader: Reader, state: State, around: readonly Match[], depth: number, into: PfRule[]): void {
  for (;;) {
    const first = reader.firstOfStatement();
    if (first === undefined) return;
    if (first.kind === "sign" && first.text === "}") {
      if (depth > 0) return;
      reader.raw();
      unread(state, first, first, "this } closes nothing", into);
      continue;
    }
    try {
      readStatement(reader, reader.peek() ?? first, state, around, depth, into);
      const rest = reader.peek();
      if (rest !== undefined && rest.kind !== "newline" && !(rest.text === "}" && depth > 0))
        throw new Unread(`"${kit.plainLine(rest.text, 40)}" is not expected here`, rest);
    } catch (problem) {
      if (!(problem instanceof Unread)) throw problem;
      reader.skipStatement();
      unread(state, first, problem.token ?? first, problem.message, into, problem.refused);
    }
  }
}

/** A statement that is not understood may decide any packet. */
function unread(state: State, from: Token, at: Token, why: string, into: PfRule[], refused = false): void {
  const span = kit.span(from.source, from.start, Math.max(from.end, at.source === from.source ? at.end : from.end));
  state.diagnostics.push(
    refused
      ? kit.diagnostic("RW6004", `pfctl refuses this, and with it the whole ruleset: ${why}`, { primary: span })
      : kit.diagnostic("RW6001", `this statement of pf.conf was not understood: ${why}`, { primary: span }),
  );
  into.push({
    action: "unknown",
    directions: both,
    match: kit.condition(`the statement at ${kit.spanLabel(span)} decides the packet`),
    quick: true,
    log: false,
    origin: { label: kit.labelOf(kit.spanText(span)), span },
  });
}

const both: readonly PfDirection[] = ["in", "out"];

function readStatement(
  reader: Reader,
  first: Token,
  state: State,
  around: readonly Match[],
  depth: number,
  into: PfRule[],
): void {
  if (first.kind === "word" && reader.isMacroDefinition()) return readMacro(reader, state);
  const word = first.kind === "word" ? first.text : "";
  switch (word) {
    case "pass":
    case "block":
    case "match":
      return addRule(readFilterRule(reader, tableOf(state), state.blockPolicy), state, around, into);
    case "table":
      return readTable(reader, state);
    case "set":
      return readOption(reader, state);
    case "anchor":
      return readAnchor(reader, state, around, depth, into);
    case "load":
      return readLoad(reader, state, around, depth);
    case "include":
      return readInclude(reader, state, around, depth, into);
    case "antispoof":
      return readAntispoof(reader, state, around, into);
    case "nat":
    case "rdr":
    case "binat":
    case "no":
      return readNat(reader, state);
    case "nat-anchor":
    case "rdr-anchor":
    case "binat-anchor":
      state.diagnostics.push(
        kit.diagnostic("RW6007", "the rules of this translation anchor are not in the text", {
          primary: kit.span(first.source, first.start, first.end),
        }),
      );
      return reader.skipStatement();
    case "scrub":
    case "altq":
    case "queue":
    case "dummynet-anchor":
      // These decide no packet's fate.
      return reader.skipStatement();
    default:
      throw new Unread(`"${kit.plainLine(first.text, 40)}" is no statement that is known here`, first);
  }
}

/** A table that nothing defines is empty. Source: pf.conf(5), "Tables". */
function tableOf(state: State): (name: string, token: Token) => Content {
  return (name, token) => {
    const known = state.tables.get(name);
    if (known !== undefined) return known;
    if (state.definedTables.has(name)) {
      state.usedEarly = true;
      return noContent;
    }
    state.diagnostics.push(
      kit.diagnostic("RW6005", `the table <${name}> is not defined, so it holds no address`, {
        primary: kit.span(token.source, token.start, token.end),
        help: `define it in front of this rule: table <${name}> persist`,
      }),
    );
    state.tables.set(name, noContent);
    return noContent;
  };
}

function readMacro(reader: Reader, state: State): void {
  const name = reader.next()!.text;
  reader.next();
  const value: Token[] = [];
  let depth = 0;
  for (let token = reader.rawWithin(depth); token !== undefined; token = reader.rawWithin(depth)) {
    if (token.kind === "newline") continue;
    if (token.text === "{" && token.kind === "sign") depth++;
    if (token.text === "}" && token.kind === "sign") depth--;
    value.push(token);
  }
  reader.skipStatement();
  // The text between quotes is read where the macro is used; its tokens point at the definition.
  const tokens = value.flatMap((token): readonly Token[] =>
    token.kind === "quoted"
      ? tokensOf({ path: token.source.path, text: token.text }).map((inner) => ({
          ...inner,
          source: token.source,
          start: token.start,
          end: token.end,
        }))
      : [token],
  );
  state.macros.set(
    name,
    tokens.filter((token) => token.kind !== "newline"),
  );
}

function readOption(reader: Reader, state: State): void {
  const set = reader.next()!;
  const name = reader.peek();
  if (name?.text === "skip") {
    reader.next();
    reader.expect("on");
    state.skip.push(...readInterfaceSpecs(reader));
  } else if (name?.text === "block-policy") {
    reader.next();
    const policy = reader.word();
    if (policy.text !== "drop" && policy.text !== "return")
      throw new Unread("block-policy is drop or return", policy, true);
    state.blockPolicy = policy.text === "drop" ? "block" : "reject";
  } else if (name !== undefined && harmlessOptions.has(name.text)) {
    reader.skipStatement();
  } else {
    throw new Unread(`the option "${kit.plainLine(name?.text ?? "", 40)}" is not known here`, name ?? set);
  }
}

const harmlessOptions: ReadonlySet<string> = new Set(
  (
    "limit timeout loginterface optimization ruleset-optimization state-policy state-defaults hostid require-order " +
    "fingerprints debug reassemble syncookies fail-policy keepcounters"
  ).split(" "),
);

/** pfctl loads a ruleset as a whole or not at all: then the rules before it stay, which are not in the text. */
function refusals(state: State): PfRule[] {
  const why = state.diagnostics.find((one) => one.code === "RW6004");
  if (why === undefined) return [];
  return [
    {
      action: "unknown",
      directions: both,
      match: kit.everyPacket,
      quick: true,
      log: false,
      origin: {
        label: "pfctl refuses this text as a whole",
        ...(why.primary && { span: why.primary }),
        implied: true,
      },
    },
  ];
}

function skipRules(state: State): PfRule[] {
  return state.skip.map((spec) => ({
    action: "pass",
    directions: both,
    on: { names: spec.names, not: spec.not },
    match: kit.everyPacket,
    quick: true,
    log: false,
    origin: { label: "set skip: pf does not look at this interface" },
  }));
}

function readAnchor(reader: Reader, state: State, around: readonly Match[], depth: number, into: PfRule[]): void {
  const head = readAnchorHead(reader, tableOf(state));
  const inner: PfRule[] = [];
  if (reader.peek()?.kind === "sign" && reader.peek()!.text === "{") {
    reader.next();
    if (depth >= 50) throw new Unread("anchors are nested more than 50 deep", head.token);
    readStatements(reader, state, around, depth + 1, inner);
    reader.expect("}");
  } else {
    const loaded = state.anchors.get(head.name);
    if (loaded !== undefined) inner.push(...loaded);
    else if (head.name !== "") {
      state.diagnostics.push(
        kit.diagnostic("RW6002", `the rules of the anchor "${kit.plainLine(head.name, 60)}" are not in the text`, {
          primary: head.span,
        }),
      );
      inner.push({
        action: "unknown",
        directions: both,
        match: kit.condition(`a rule in the anchor ${head.name} decides the packet`),
        quick: true,
        log: false,
        origin: { label: kit.labelOf(kit.spanText(head.span)), span: head.span },
      });
    }
  }
  const ordered = head.quick ? asQuick(inner) : inner;
  for (const rule of ordered)
    for (const on of head.on.length === 0 ? [undefined] : head.on) {
      const directions = rule.directions.filter((one) => head.directions.includes(one));
      if (directions.length === 0) continue;
      const bound = both.filter((one) => directions.includes(one));
      const match = kit.all(head.match, rule.match);
      // A rule and its anchor may both name interfaces: the rule's own binds, the anchor's is asked besides.
      if (on !== undefined && rule.on !== undefined)
        for (const one of bound)
          into.push({ ...rule, directions: [one], match: kit.all(match, interfaceMatch(on, one)) });
      else
        into.push({
          ...rule,
          directions: bound,
          match,
          ...(on !== undefined && { on: { names: on.names, not: on.not } }),
        });
    }
  for (const spec of head.on) noteInterfaces(spec, state);
}

function interfaceMatch(spec: InterfaceSpec, direction: PfDirection): Match {
  const match = direction === "in" ? kit.ingress(...spec.names) : kit.egress(...spec.names);
  return spec.not ? kit.not(match) : match;
}

/** The rules of a quick anchor, so that the first match decides: what matched last in it is final. */
function asQuick(rules: readonly PfRule[]): PfRule[] {
  const ordered: PfRule[] = [];
  let from = 0;
  const waiting: PfRule[][] = [];
  rules.forEach((rule, index) => {
    if (!rule.quick || rule.action === "match") return;
    waiting.push(rules.slice(from, index));
    ordered.push(rule);
    from = index + 1;
  });
  waiting.push(rules.slice(from));
  const rest = waiting.flat().filter((rule) => rule.action !== "match");
  const tagging = rules.filter((rule) => rule.action === "match");
  return [...tagging, ...ordered, ...rest.reverse().map((rule) => ({ ...rule, quick: true }))];
}

function readLoad(reader: Reader, state: State, around: readonly Match[], depth: number): void {
  const load = reader.next()!;
  reader.expect("anchor");
  const name = reader.next();
  reader.expect("from");
  const path = reader.next();
  if (name === undefined || path === undefined || path.kind === "newline")
    throw new Unread("load anchor needs a name and a file", load);
  const source = sourceOf(path.text, state.sources);
  if (source === undefined || state.consumed.has(source)) {
    state.diagnostics.push(
      kit.diagnostic(
        "RW6005",
        `the file ${kit.plainLine(path.text, 80)} was not given: the rules of the anchor are unknown`,
        {
          primary: kit.span(path.source, path.start, path.end),
        },
      ),
    );
    return;
  }
  state.consumed.add(source);
  const rules: PfRule[] = [];
  const inner: State = { ...state, macros: new Map(), tables: new Map(state.tables), rules };
  readStatements(new Reader(tokensOf(source), inner.macros, () => inner.budget-- > 0), inner, around, depth + 1, rules);
  state.budget = inner.budget;
  if (inner.usedEarly) state.usedEarly = true;
  for (const [table, content] of inner.tables) if (!state.tables.has(table)) state.tables.set(table, content);
  state.anchors.set(name.text, rules);
  // pf loads anchors before it evaluates anything: rules that were read before name it, too.
  const place = state.rules.findIndex(
    (rule) =>
      rule.action === "unknown" &&
      rule.match.kind === "condition" &&
      rule.match.condition === `a rule in the anchor ${name.text} decides the packet`,
  );
  if (place >= 0) state.rules.splice(place, 1, ...rules);
}

function readInclude(reader: Reader, state: State, around: readonly Match[], depth: number, into: PfRule[]): void {
  const include = reader.next()!;
  const path = reader.next();
  if (path === undefined || path.kind === "newline") throw new Unread("include needs a file", include);
  const source = sourceOf(path.text, state.sources);
  if (source === undefined) throw new Unread(`the file ${kit.plainLine(path.text, 80)} was not given`, path);
  if (depth >= 50 || state.consumed.has(source)) throw new Unread("this file is included before, or too deep", path);
  state.consumed.add(source);
  readStatements(new Reader(tokensOf(source), state.macros, () => state.budget-- > 0), state, around, 0, into);
}

function readAntispoof(reader: Reader, state: State, around: readonly Match[], into: PfRule[]): void {
  const first = reader.next()!;
  let quick = false;
  let log = false;
  const directions: readonly PfDirection[] = ["in"];
  for (;;) {
    const token = reader.peek();
    if (token?.text === "quick") quick = true;
    else if (token?.text === "log") log = true;
    else break;
    reader.next();
    if (token.text === "log") reader.skipParentheses();
  }
  reader.expect("for");
  const specs = readInterfaceSpecs(reader);
  const family = reader.family();
  if (reader.peek()?.text === "label" || reader.peek()?.text === "ridentifier") reader.skipStatement();
  const span = statementSpan(first, reader);
  for (const spec of specs) {
    noteInterfaces(spec, state);
    for (const name of spec.names) {
      const shared = {
        action: "block" as const,
        directions,
        quick,
        log,
        origin: { label: `antispoof for ${name}`, span },
      };
      into.push(
        {
          ...shared,
          on: { names: [name], not: true },
          match: kit.all(
            ...around,
            family,
            contentMatch(openContent(`in a network of the interface ${name}`), "source"),
          ),
        },
        {
          ...shared,
          match: kit.all(...around, family, contentMatch(openContent(`an address of the interface ${name}`), "source")),
        },
      );
    }
  }
}

function readNat(reader: Reader, state: State): void {
  const translation = readTranslation(reader, tableOf(state));
  if (translation.tag !== undefined) state.tags.add(translation.tag);
  state.diagnostics.push(
    kit.diagnostic(
      "RW6007",
      translation.passes
        ? "this translation passes its packets without asking any filter rule"
        : "addresses are rewritten before the filter rules see the packet",
      {
        primary: translation.span,
        ...(translation.passes && { severity: "warning" as const }),
      },
    ),
  );
  if (translation.arrives !== undefined) state.translations.push(translation.arrives);
  if (!translation.passes) return;
  for (const on of translation.on.length === 0 ? [undefined] : translation.on) {
    if (on !== undefined) noteInterfaces(on, state);
    state.front.push({
      action: "pass",
      directions: [translation.kind === "nat" ? "out" : "in"],
      ...(on !== undefined && { on: { names: on.names, not: on.not } }),
      match: translation.match,
      quick: true,
      log: false,
      origin: { label: kit.labelOf(kit.spanText(translation.span)), span: translation.span },
    });
  }
}

function addRule(rule: FilterRule, state: State, around: readonly Match[], into: PfRule[]): void {
  state.diagnostics.push(...rule.diagnostics);
  if (rule.translation !== undefined) state.translations.push(rule.translation);
  for (const on of rule.on.length === 0 ? [undefined] : rule.on) {
    if (on !== undefined) noteInterfaces(on, state);
    for (const one of rule.rules)
      into.push({
        ...one,
        match: kit.all(...around, one.match),
        ...(on !== undefined && { on: { names: on.names, not: on.not } }),
      });
  }
  for (const name of rule.mentioned) state.interfaces.add(name);
}

function noteInterfaces(spec: InterfaceSpec, state: State): void {
  for (const name of spec.names) state.interfaces.add(name);
}

/**
 * A rule on a group of interfaces may meet those of each interface that the text names, too: who is in a group is not in
 * the text. One condition for each direction is enough, because a packet has one interface in each.
 */
function groupMembers(rule: PfRule, concrete: readonly string[]): PfRule[] {
  const { on, ...rest } = rule;
  const groups = on?.names.filter(isGroup) ?? [];
  if (on === undefined || groups.length === 0 || concrete.length === 0) return [rule];
  return rule.directions.map((direction) => {
    const bound = (names: readonly string[]): Match => interfaceMatch({ names, not: false }, direction);
    const member = kit.condition(
      `the interface by which the packet ${direction === "in" ? "comes" : "goes"} is in the group ${groups.join(" or ")}`,
    );
    const meets = kit.any(bound(on.names), kit.all(bound(concrete), member));
    return { ...rest, directions: [direction], match: kit.all(on.not ? kit.not(meets) : meets, rule.match) };
  });
}

/**
 * Groups that exist by themselves: `egress` has the interfaces of the default routes, and each driver is a group. Other
 * words without a number may be groups or renamed interfaces; they are taken as interfaces.
 *
 * Source: ifconfig(8) of OpenBSD and FreeBSD.
 */
function isGroup(name: string): boolean {
  return groups.has(name);
}

const groups: ReadonlySet<string> = new Set(
  "egress all lo em igb ix ixl re vlan bridge tun tap wg pppoe ppp gif gre carp pflog enc vether vmx vtnet bge trunk lagg".split(
    " ",
  ),
);

function interfacesOf(state: State, options: ParseOptions): Device["interfaces"] {
  return [...state.interfaces].map((name) => ({
    name,
    ...(name === "egress" || options.outside?.includes(name) === true
      ? { side: "outside" as const }
      : options.inside?.includes(name) === true && { side: "inside" as const }),
  }));
}
