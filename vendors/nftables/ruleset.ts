import type { Span } from "../../src/vendor-kit/index.js";
import type { Element } from "./elements.js";
import type { Token } from "./lexer.js";

/** What a text defines, after all its commands: tables with chains, rules not yet understood, and sets. */
export interface Ruleset {
  readonly tables: Map<string, TableModel>;
  readonly defines: DefineModel[];
  /** Text outside any table that was not understood, or a file that is not there: it may hold anything. */
  unread: Unread[];
}

/** A piece of text that may do anything within the thing that holds it. */
export interface Unread {
  readonly label: string;
  readonly span?: Span;
}

/** `define NAME = …`, from its first word to the end of the value. */
export interface DefineModel {
  readonly name: string;
  readonly span: Span;
  readonly statement: Span;
  uses: number;
}

/** Where something is written. */
export interface Written {
  /** The words up to its name, the first time. */
  declared?: Span;
  /** Each time from the first word to the last, a block's closing brace included. */
  readonly statements: Span[];
  /** The text behind `comment`. */
  remark?: Token;
}

export interface TableModel extends Written {
  readonly family: string;
  readonly name: string;
  dormant: boolean;
  readonly chains: Map<string, ChainModel>;
  /** Sets and maps. */
  readonly sets: Map<string, SetModel>;
  unread: Unread[];
}

export interface ChainModel extends Written {
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
  /** Text that may hold any rules, under this label. */
  readonly unread?: string;
}

export interface SetModel extends Written {
  readonly name: string;
  kind: "set" | "map";
  /** Whether it takes prefixes and ranges, and joins those that overlap; undefined where its flags are not in the text. */
  intervals?: "none" | "apart" | "merged";
  /** How many elements it takes. */
  most?: number;
  elements: Element[];
  /** Timeouts, or elements that rules or other programs add. */
  changes: boolean;
  /** Elements that were not understood. */
  unread: boolean;
}

export function newTable(family: string, name: string): TableModel {
  return { family, name, dormant: false, chains: new Map(), sets: new Map(), unread: [], statements: [] };
}

export function newChain(name: string): ChainModel {
  return { name, policy: "accept", rules: [], unread: [], statements: [] };
}

export function newSet(name: string, kind: "set" | "map"): SetModel {
  return { name, kind, statements: [], elements: [], changes: false, unread: false };
}
