import type { Edit, Span } from "../diagnostics/index.js";
import type { Filter, Hook, Match, Rule } from "../ir/index.js";
import type { AddressSet, IntervalSet } from "../net/index.js";

/**
 * What stands in a configuration besides the rules that the device asks: for the linter, which must know what nobody
 * uses, what is switched off, and what people wrote beside the rules. The packets of a device do not depend on it.
 */
export interface Inventory {
  /** What the text defines under a name, in the order of the text. */
  readonly definitions: readonly Definition[];
  /** Rules that the device keeps and never asks. */
  readonly idle: readonly IdleRule[];
  readonly translations: readonly Translation[];
  /** Comments and remarks, for `ringwall: ignore[...]`; those that say something else may be left out. */
  readonly comments: readonly Comment[];
}

export interface Definition {
  /** As people of that vendor say: `chain`, `set`, `alias`, `object`, `object-group`, `access-list`, `time-range`. */
  readonly kind: string;
  readonly name: string;
  /** The statement that defines it, as far as an editor should underline it: its first line at most. */
  readonly span: Span;
  /** How often the text refers to it, by a reference that is in force or not. A chain of a hook counts as referred to. */
  readonly uses: number;
  /** True where it holds nothing: no rule, no element. Undefined where that cannot be told. */
  readonly empty?: boolean;
  /** Of a list of rules that is bound nowhere, what it would do if it were. */
  readonly filter?: Filter;
  /** Removes it and nothing else. Absent where that is not a matter of cutting out a piece of text. */
  readonly removal?: readonly Edit[];
}

export interface IdleRule {
  /** What it would do. */
  readonly rule: Rule;
  /** Why it does not, in words that follow "this rule is": `inactive`, `disabled`, `in force only at the times of WORKHOURS`. */
  readonly why: string;
  /** True where it is asked at some times: then the device's paths hold it under a condition. */
  readonly sometimes?: boolean;
  /**
   * The packets that come to the place where it stands, by their interfaces: of a list that is bound to one. Absent where
   * `rule.match` says it itself, or any packet may come.
   */
  readonly comesTo?: Match;
  /** The hooks on whose way it stands; all that the device has, where that cannot be told. */
  readonly hooks: readonly Hook[];
  /** Puts it in force. */
  readonly activation?: readonly Edit[];
}

/** A rewriting of destinations before the filter: DNAT, `rdr`, static NAT. The filter sees what comes out. */
export interface Translation {
  readonly label: string;
  readonly span: Span;
  /** The packets it takes, as they arrive. */
  readonly match: Match;
  /** Where they go. Undefined where the text does not say, or the address or port stays. */
  readonly destination?: AddressSet;
  readonly ports?: IntervalSet<number>;
  /** True where the packet then passes without being asked about any more: `rdr pass`. */
  readonly bypassesFilter: boolean;
}

export interface Comment {
  /** Without the signs that make it a comment. */
  readonly text: string;
  readonly span: Span;
  /** What it speaks of: the rule or definition on its line, else the next one. The whole statement or element. */
  readonly about: Span;
}
