import type { Span } from "../../src/vendor-kit/index.js";
import type { Element } from "./elements.js";
import type { Token } from "./lexer.js";

/** What a text defines, after all its commands: tables with chains, rules not yet understood, and sets. */
export interface Ruleset {
  readonly tables: Map<string, TableModel>;
  /** Text outside any table that was not understood, or a file that is not there: it may hold anything. */
  unread: Unread[];
}

/** A piece of text that may do anything within the thing that holds it. */
export interface Unread {
  readonly label: string;
  readonly span?: Span;
}

export interface TableModel {
  readonly family: string;
  readonly name: string;
  dormant: boolean;
  readonly chains: Map<string, ChainModel>;
  /** Sets and maps. */
  readonly sets: Map<string, SetModel>;
  unread: Unread[];
}

export interface ChainModel {
  readonly name: string;
  base?: BaseChain;
  policy: "accept" | "drop";
  policySpan?: Span;
  rules: RuleModel[];
  unread: Unread[];
}

export interface BaseChain {
  readonly type: string;
  readonly hook: string;
  readonly priority: number;
  readonly devices: readonly string[];
  readonly span?: Span;
}

export interface RuleModel {
  /** Variables are replaced by what they stand for. */
  readonly tokens: readonly Token[];
  readonly span?: Span;
  readonly handle?: number;
}

export interface SetModel {
  readonly name: string;
  elements: Element[];
  /** Timeouts, or elements that rules or other programs add. */
  changes: boolean;
  /** Elements that were not understood. */
  unread: boolean;
}

export function newTable(family: string, name: string): TableModel {
  return { family, name, dormant: false, chains: new Map(), sets: new Map(), unread: [] };
}

export function newChain(name: string): ChainModel {
  return { name, policy: "accept", rules: [], unread: [] };
}

export function newSet(name: string): SetModel {
  return { name, elements: [], changes: false, unread: false };
}
