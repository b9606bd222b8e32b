import type {
  Comment,
  Definition,
  Device,
  Edit,
  FoundComment,
  IdleRule,
  Inventory,
  Source,
  Span,
  Statement,
} from "../../src/vendor-kit/index.js";
import {
  aboutStatements,
  cutLines,
  inventoryOf,
  rulesWithCondition,
  span,
  spanText,
  speaksToLinter,
} from "../../src/vendor-kit/index.js";
import type { Token } from "./lexer.js";
import { changedThings, unboundFilter } from "./paths.js";
import { spanOf } from "./reader.js";
import type { ChainModel, RuleModel, Ruleset, SetModel, TableModel, Written } from "./ruleset.js";
import { translationsOf } from "./translations.js";

/** What a ruleset's texts define besides the rules that packets meet. */
export function inventory(sources: readonly Source[], ruleset: Ruleset, device: Device): Inventory {
  return inventoryOf({
    definitions: () => definitionsOf(sources, ruleset),
    idle: () => timedRules(device),
    translations: () => translationsOf(ruleset),
    comments: () => sources.flatMap((source) => commentsOf(source, ruleset)),
  });
}

function definitionsOf(sources: readonly Source[], ruleset: Ruleset): Definition[] {
  const changing = changedThings(ruleset);
  const found: Definition[] = ruleset.defines.map((define) => {
    const edit = define.uses === 0 ? cutLines(define.statement, behindStatement) : undefined;
    return {
      kind: "define",
      name: define.name,
      span: define.span,
      uses: define.uses,
      empty: false,
      ...(edit && { removal: [edit] }),
    };
  });
  for (const table of ruleset.tables.values()) {
    const uses = usesIn(table);
    const reached = reachedChains(table);
    for (const chain of table.chains.values()) {
      if (chain.declared === undefined) continue;
      const count = (uses.get(chain.name) ?? 0) + (chain.base === undefined ? 0 : 1);
      const empty = chain.rules.length === 0 && chain.unread.length === 0;
      const unbound = !reached.has(chain) && !empty && ipTables.has(table.family);
      found.push({
        kind: "chain",
        name: chain.name,
        span: chain.declared,
        uses: count,
        // The policy of a base chain is a rule too.
        empty: empty && chain.base === undefined,
        ...(unbound && { filter: unboundFilter(ruleset, table, chain) }),
        ...removal(
          count,
          chain,
          chain.rules.map((rule) => rule.span),
        ),
      });
    }
    for (const set of table.sets.values()) {
      if (set.declared === undefined) continue;
      const count = uses.get(`@${set.name}`) ?? 0;
      const filled = set.changes || set.unread || changing.has(`@${set.name}`);
      found.push({
        kind: set.kind,
        name: set.name,
        span: set.declared,
        uses: count,
        ...(!(filled && set.elements.length === 0) && { empty: set.elements.length === 0 }),
        ...removal(count, set, []),
      });
    }
  }
  const numbers = new Map(sources.map((source, i) => [source, i]));
  const place = (one: Definition): number => (numbers.get(one.span.source) ?? 0) * 2 ** 32 + one.span.start;
  return found.sort((a, b) => place(a) - place(b));
}

const ipTables = new Set(["inet", "ip", "ip6", "netdev"]);
/** What may stand between a statement and the end of its line. */
const behindStatement = /^[ \t]*;?[ \t]*(?:#.*)?$/;

/** Chains by their names, sets as `@name`. */
function usesIn(table: TableModel): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const use = (name: string): void => {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  const visit = (tokens: readonly Token[]): void => {
    for (const [i, token] of tokens.entries()) {
      if (token.kind !== "word") continue;
      if (token.text.startsWith("@")) use(token.text);
      else if (token.text === "jump" || token.text === "goto") {
        const next = tokens[i + 1];
        if (next !== undefined && next.kind !== "sign") use(next.text);
      }
    }
  };
  for (const chain of table.chains.values()) for (const rule of chain.rules) visit(rule.tokens);
  for (const set of table.sets.values()) {
    if (set.kind === "map") for (const element of set.elements) visit(element.data ?? []);
  }
  return uses;
}

/** The chains that a hook leads to, by jumps and by the verdicts of maps. */
function reachedChains(table: TableModel): ReadonlySet<ChainModel> {
  const reached = new Set([...table.chains.values()].filter((chain) => chain.base !== undefined && !table.dormant));
  for (const chain of reached) {
    for (const { tokens } of chain.rules) {
      for (const [i, token] of tokens.entries()) {
        if (token.kind !== "word") continue;
        const named = token.text === "jump" || token.text === "goto" ? [tokens[i + 1]?.text ?? ""] : [];
        const map = token.text.startsWith("@") ? table.sets.get(token.text.slice(1)) : undefined;
        for (const element of map?.elements ?? []) named.push(element.data?.at(-1)?.text ?? "");
        for (const name of named) {
          const called = table.chains.get(name);
          if (called !== undefined) reached.add(called);
        }
      }
    }
  }
  return reached;
}

/** Of a block that stands by itself and that no other command adds to. */
function removal(
  uses: number,
  { statements }: Written,
  rules: readonly (Span | undefined)[],
): { readonly removal?: readonly Edit[] } {
  const [block, more] = statements;
  if (uses > 0 || block === undefined || more !== undefined || block.source.text[block.start] === "{") return {};
  const isInside = (rule: Span | undefined): boolean =>
    rule !== undefined && rule.source === block.source && rule.start >= block.start && rule.end <= block.end;
  const edit = rules.every(isInside) ? cutLines(block, behindStatement) : undefined;
  return edit === undefined ? {} : { removal: [edit] };
}

/** Rules that look at the time. */
function timedRules(device: Device): IdleRule[] {
  return rulesWithCondition(device, (condition) => /^meta (?:time|hour|day) /.test(condition)).map(
    ({ rule, condition, hooks }): IdleRule => {
      const place = rule.origin.span;
      const edit = place === undefined ? undefined : withoutTime(place);
      return {
        rule,
        why: `in force only at some times (${condition})`,
        sometimes: true,
        hooks,
        ...(edit !== undefined && { activation: [edit] }),
      };
    },
  );
}

/** Cuts the one match on the time out of a rule's text. */
function withoutTime(rule: Span): Edit | undefined {
  const times = [
    ...spanText(rule).matchAll(
      /\b(?:meta\s+)?(?:time|hour|day)\s+(?:[!=<>]=?\s*)?(?:\{[^{}]*\}|"[^"]*"(?:\s*-\s*"[^"]*")?|[\w:.-]+)\s*/g,
    ),
  ];
  const [only, more] = times;
  if (only === undefined || more !== undefined || rule.source.text[rule.start] === "{") return undefined;
  const start = rule.start + only.index;
  return { span: span(rule.source, start, start + only[0].length), text: "" };
}

/** Comments with `#`, and the `comment` of rules, chains, sets and tables. */
function commentsOf(source: Source, ruleset: Ruleset): Comment[] {
  if (!speaksToLinter(source.text)) return [];
  const rules: RuleModel[] = [];
  const blocks: Written[] = [];
  const sets: SetModel[] = [];
  const bases: Span[] = [];
  for (const table of ruleset.tables.values()) {
    blocks.push(table);
    sets.push(...table.sets.values());
    for (const chain of table.chains.values()) {
      blocks.push(chain);
      rules.push(...chain.rules);
      for (const place of [chain.base?.span, chain.policySpan]) if (place !== undefined) bases.push(place);
    }
  }
  const isHere = (place: Span | undefined): place is Span => place?.source === source;
  const statements: Statement[] = [
    ...rules.map((rule) => rule.span).filter(isHere),
    ...bases.filter(isHere),
    ...ruleset.defines.map((define) => define.statement).filter(isHere),
    ...sets.flatMap((set) => set.statements.filter(isHere)),
    ...blocks.flatMap((one) => one.statements.filter(isHere).map(({ start, end }) => ({ start, end, block: true }))),
  ];
  const told = (text: Token | undefined, about: Span | undefined): Comment[] =>
    text?.source === source && about !== undefined && /ringwall/i.test(text.text)
      ? [{ text: text.text.trim(), span: spanOf([text])!, about }]
      : [];
  return [
    ...aboutStatements(source, hashComments(source), statements),
    ...rules.flatMap(({ tokens, span: place }) =>
      tokens.flatMap((token, i) =>
        token.text === "comment" && token.kind === "word" ? told(tokens[i + 1], place) : [],
      ),
    ),
    ...[...blocks, ...sets].flatMap((one) => told(one.remark, one.statements.find(isHere))),
  ].sort((a, b) => a.span.start - b.span.start);
}

function hashComments(source: Source): FoundComment[] {
  return [...source.text.matchAll(/"[^"]*"|#(?!\s*xt_\w)[^\r\n]*/g)].flatMap(({ 0: found, index }) =>
    found.startsWith("#") && /ringwall/i.test(found)
      ? [{ text: found.replace(/^#+/, "").trim(), start: index, end: index + found.trimEnd().length }]
      : [],
  );
}
