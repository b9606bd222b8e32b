import type { Family, Match, Source, Span } from "../../src/vendor-kit/index.js";
import { everyPacket, span } from "../../src/vendor-kit/index.js";

/** A word of a command with where it stands. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** At least a part stood between quotes: it is a value, also where it begins with `-` or is `!`. */
  readonly quoted?: true;
  /** A part could not be decided (a variable, a command's output) and stands in `text` as it was written. */
  readonly undecided?: true;
}

/** A rule as it was written. */
export interface RuleText {
  /** What follows the chain's name. */
  readonly words: readonly Word[];
  readonly source: Source;
  /** The whole command or line. */
  readonly start: number;
  readonly end: number;
  /** When the script adds it: every packet, or a condition from the script. */
  when: Match;
  /** Not a rule: a piece of text that could be one, or could be anything. */
  readonly unread?: true;
}

export interface PolicyText {
  readonly action: "accept" | "drop" | "unknown";
  readonly span: Span;
  readonly when: Match;
}

export interface ChainText {
  name: string;
  readonly rules: RuleText[];
  /** In the order of the text; the last whose condition holds counts. Empty for user chains and undeclared policies. */
  policies: PolicyText[];
  /** Where the text makes it; undefined for built-in chains and those that only rules speak of. */
  declared?: Span;
}

export interface TableText {
  readonly name: string;
  /** By name, built-in ones from the start. */
  readonly chains: Map<string, ChainText>;
  /** Why nothing can be said of the table, with where. */
  unknown?: { readonly why: string; readonly span: Span };
}

export type FamilyText = Map<string, TableText>;

/** The text of both families; a family that nothing speaks of is absent. */
export type RulesText = Partial<Record<Family, FamilyText>>;

/** Source: iptables(8), TABLES. */
export const builtInChains: Readonly<Record<string, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** In place of a table's name: rules that are loaded beside those of the text, and not given. */
export const legacyTables = "legacy tables";

export function isBuiltIn(table: string, chain: string): boolean {
  return builtInChains[table]?.includes(chain) ?? false;
}

export function familyOf(rules: RulesText, family: Family): FamilyText {
  return (rules[family] ??= new Map());
}

export function tableOf(tables: FamilyText, name: string): TableText {
  let table = tables.get(name);
  if (table === undefined) {
    table = emptyTable(name);
    tables.set(name, table);
  }
  return table;
}

export function emptyTable(name: string): TableText {
  const chains = (builtInChains[name] ?? []).map((chain) => [chain, emptyChain(chain)] as const);
  return { name, chains: new Map(chains) };
}

export function emptyChain(name: string): ChainText {
  return { name, rules: [], policies: [] };
}

/** Text that could be any command: from here on, nothing is known of the table's built-in chains. */
export function unreadIn(table: TableText, source: Source, start: number, end: number): void {
  const rule: RuleText = { words: [], source, start, end, when: everyPacket, unread: true };
  for (const name of builtInChains[table.name] ?? []) {
    const rules = table.chains.get(name)?.rules;
    if (rules !== undefined && rules[0]?.unread !== true) rules.unshift(rule);
  }
}

export function ruleSpan(rule: RuleText): Span {
  return span(rule.source, rule.start, rule.end);
}
