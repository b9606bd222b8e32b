import type {
  Definition,
  Device,
  Edit,
  Family,
  Filter,
  IdleRule,
  Inventory,
  Span,
} from "../../src/vendor-kit/index.js";
import {
  chainsReached,
  cutLines,
  families,
  inventoryOf,
  rulesWithCondition,
  span,
} from "../../src/vendor-kit/index.js";
import { commentsOf } from "./comments.js";
import type { FamilyText, RulesText, RuleText, TableText, Word } from "./model.js";
import { isBuiltIn, ruleSpan } from "./model.js";
import { matchModule } from "./matches.js";
import type { SetEntry, SetsText } from "./sets.js";
import { translationsOf } from "./translations.js";
import type { Source } from "../../src/vendor-kit/index.js";
import { kindOf } from "./detect.js";

/** What the texts of one host define besides the rules that its packets meet. */
export function inventory(sources: readonly Source[], rules: RulesText, sets: SetsText, device: Device): Inventory {
  return inventoryOf({
    definitions: () =>
      [...chainDefinitions(rules, device), ...setDefinitions(sets, rules)].sort(inOrderOfText(sources)),
    idle: () => timedRules(device, rules),
    translations: () =>
      families.flatMap((family) => {
        const tables = rules[family];
        return tables === undefined ? [] : translationsOf(tables, family, sets);
      }),
    comments: () => sources.flatMap((source) => commentsOf(source, rules, sets)),
  });
}

function inOrderOfText(sources: readonly Source[]): (a: Definition, b: Definition) => number {
  const number = (place: Span): number =>
    sources.findIndex((source) => source === place.source || source.path === place.source.path);
  return (a, b) => number(a.span) - number(b.span) || a.span.start - b.span.start;
}

function* tablesOf(rules: RulesText): Iterable<readonly [Family, FamilyText, TableText]> {
  for (const family of families) {
    const tables = rules[family];
    for (const table of tables?.values() ?? []) yield [family, tables!, table];
  }
}

function chainDefinitions(rules: RulesText, device: Device): Definition[] {
  return [...tablesOf(rules)].flatMap(([family, , table]) => {
    const uses = jumpsByChain(table);
    const filters = filtersOf(device, family, table);
    const reached = new Set(filters.flatMap((filter) => [...chainsReached(filter)]));
    return [...table.chains.values()].flatMap((chain): Definition[] => {
      if (chain.declared === undefined || isBuiltIn(table.name, chain.name)) return [];
      const count = uses.get(chain.name) ?? 0;
      const chains = filters[0]?.chains;
      const unbound = chains?.has(chain.name) === true && !reached.has(chain.name);
      const removal = count === 0 ? cutAll([chain.declared, ...chain.rules.map(ruleSpan)]) : undefined;
      return [
        {
          kind: "chain",
          name: chain.name,
          span: chain.declared,
          uses: count,
          empty: chain.rules.length === 0,
          ...(unbound && {
            filter: {
              name: `${filters[0]!.name.replace(/\/.*/, "")}/${chain.name}`,
              chains: chains!,
              entry: chain.name,
            },
          }),
          ...(removal !== undefined && { removal }),
        },
      ];
    });
  });
}

/** The filters that the device has of a table; those of nat are none. */
function filtersOf(device: Device, family: Family, table: TableText): Filter[] {
  const name = `${family === "ipv4" ? "iptables" : "ip6tables"} ${table.name}/`;
  return device.paths.flatMap((path) => path.filters.filter((filter) => filter.name.startsWith(name)));
}

function jumpsByChain(table: TableText): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const chain of table.chains.values()) {
    for (const rule of chain.rules) {
      const words = rule.words;
      const at = words.findIndex(({ text, quoted }) => quoted === undefined && jumpOptions.has(text));
      const name = at < 0 ? undefined : words[at + 1]?.text;
      if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1);
    }
  }
  return uses;
}

const jumpOptions = new Set(["-j", "--jump", "-g", "--goto"]);

function setDefinitions(sets: SetsText, rules: RulesText): Definition[] {
  const uses = usesOfSets(sets, rules);
  return [...sets.values()].map((set): Definition => {
    const count = uses.get(set.name)?.count ?? 0;
    const filled = uses.get(set.name)?.filled === true || set.undecided !== undefined;
    const isPlain = count === 0 && set.alsoChanged !== true;
    const removal = isPlain ? cutAll([set.span, ...set.entries.map((entry) => entrySpan(entry))]) : undefined;
    return {
      kind: "set",
      name: set.name,
      span: set.span,
      uses: count,
      ...(!(filled && set.entries.length === 0) && { empty: set.entries.length === 0 }),
      ...(removal !== undefined && { removal }),
    };
  });
}

function entrySpan(entry: SetEntry): Span {
  return span(entry.source, entry.start, entry.end);
}

/** References by rules and by other sets; `filled` where a rule adds to the set. */
function usesOfSets(sets: SetsText, rules: RulesText): ReadonlyMap<string, { count: number; filled: boolean }> {
  const uses = new Map<string, { count: number; filled: boolean }>();
  const use = (name: string | undefined, filled: boolean): void => {
    if (name === undefined) return;
    const known = uses.get(name);
    uses.set(name, { count: (known?.count ?? 0) + 1, filled: (known?.filled ?? false) || filled });
  };
  for (const set of sets.values()) {
    if (set.type === "list:set") for (const entry of set.entries) use(entry.text, false);
  }
  // Where no rules are given, nobody knows which sets they use.
  if (families.every((family) => rules[family] === undefined)) for (const name of sets.keys()) use(name, false);
  if (sets.size === 0) return uses;
  for (const [, , table] of tablesOf(rules)) {
    for (const chain of table.chains.values()) {
      for (const rule of chain.rules) {
        for (const [i, { text }] of rule.words.entries()) {
          if (!text.startsWith("--")) continue;
          if (text === "--match-set" || text === "--set") use(rule.words[i + 1]?.text, false);
          else if (/^--(?:add|del|map)-set$/.test(text)) use(rule.words[i + 1]?.text, true);
        }
      }
    }
  }
  return uses;
}

/** Of lines of save formats, where a line is a statement. In a script, other commands may depend on it. */
function cutAll(places: readonly Span[]): readonly Edit[] | undefined {
  const edits: Edit[] = [];
  const kinds = new Map<Source, boolean>();
  for (const place of places) {
    let plain = kinds.get(place.source);
    if (plain === undefined) kinds.set(place.source, (plain = kindOf(place.source) !== "script"));
    const edit = plain ? cutLines(place) : undefined;
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return edits;
}

/** Rules with `-m time`: the device asks them, at some times. */
function timedRules(device: Device, rules: RulesText): IdleRule[] {
  const timed = rulesWithCondition(device, (condition) => condition === "time" || condition.startsWith("time "));
  if (timed.length === 0) return [];
  const texts = new Map<string, RuleText>();
  for (const [, , table] of tablesOf(rules)) {
    for (const chain of table.chains.values()) {
      for (const rule of chain.rules) texts.set(placeKey(ruleSpan(rule)), rule);
    }
  }
  return timed.map(({ rule, condition, hooks }): IdleRule => {
    const text = rule.origin.span === undefined ? undefined : texts.get(placeKey(rule.origin.span));
    const edit = text === undefined ? undefined : withoutTime(text);
    const words = condition.slice("time".length).trim();
    return {
      rule,
      why: `in force only at some times (${words === "" ? "-m time" : words})`,
      sometimes: true,
      hooks,
      ...(edit !== undefined && { activation: [edit] }),
    };
  });
}

function placeKey({ source, start }: Span): string {
  return `${start} ${source.path}`;
}

/** Cuts `-m time` out with its options, where they stand together. */
function withoutTime(rule: RuleText): Edit | undefined {
  const { words } = rule;
  const first = words.findIndex(
    ({ text }, i) => text === "time" && (words[i - 1]?.text === "-m" || words[i - 1]?.text === "--match"),
  );
  const option = words[first - 1];
  if (first < 1 || option === undefined) return undefined;
  const own = matchModule("time")!.options;
  let last = first;
  for (let i = first + 1; i < words.length; i++) {
    const word = words[i]!;
    if (word.quoted === undefined && word.text === "!") continue;
    const arity = word.text.startsWith("--") ? own[word.text.slice(2)] : undefined;
    if (arity === undefined) break;
    last = i + (arity === "rest" ? 0 : arity);
    i = last;
  }
  const end = words[last]?.end;
  if (end === undefined || !isInOnePiece(rule, option, end)) return undefined;
  const behind = rule.source.text[end] === " " ? end + 1 : end;
  return { span: span(rule.source, option.start, behind), text: "" };
}

/** The words stand in the rule's own text, and not in a variable's value or at the call of a function. */
function isInOnePiece(rule: RuleText, first: Word, end: number): boolean {
  return first.start >= rule.start && end <= rule.end && rule.source.text.slice(first.start, first.end) === first.text;
}
