import type { Code, Fix, Label, Severity, Span } from "../diagnostics/index.js";
import type { Direction, Hook, Packet } from "../ir/index.js";
import type { Family } from "../net/index.js";

/** Something in a configuration that somebody should look at. */
export interface Finding {
  readonly code: Code;
  readonly severity: Severity;
  /** One line: what is wrong, and why it matters where that is not plain. */
  readonly message: string;
  /** What to write instead. */
  readonly help?: string;
  /** The file it belongs to, as its source is called; also where nothing in the text can be pointed at. */
  readonly file: string;
  /** The text that is to blame. Absent where something is missing that stands nowhere. */
  readonly primary?: Span;
  readonly related: readonly Label[];
  /** `may`: it depends on something that the text does not decide. */
  readonly certainty: "must" | "may";
  /** Empty where no packets are spoken of, else in the usual order. */
  readonly hooks: readonly Hook[];
  readonly directions: readonly Direction[];
  readonly families: readonly Family[];
  /** A packet that shows it, with its interfaces. */
  readonly witness?: Packet;
  /** All such packets, in a few lines for people; the last may be `and more`. */
  readonly packets: readonly string[];
  /** What a `may` depends on, and other conditions that take part. */
  readonly conditions: readonly string[];
  /** How much, for people: `65,536 IPv4 addresses`, `12 % of the rule`. */
  readonly amounts: readonly string[];
  /**
   * What makes it this finding and no other of its rule in its file, without line numbers: so that it is known again when
   * lines move. Equal ones are told apart by their order.
   */
  readonly identity: string;
  /** Changes no packet's fate. */
  readonly fix?: Fix;
  /** Changes what passes; for people who ask for it. */
  readonly unsafeFix?: Fix;
}

/** What a finding has that speaks of a text and of no packets. */
export const aboutNoPackets = {
  related: [],
  certainty: "must",
  hooks: [],
  directions: [],
  families: [],
  packets: [],
  conditions: [],
  amounts: [],
} as const satisfies Partial<Finding>;

/** By file, place, code and message. */
export function inOrder(a: Finding, b: Finding): number {
  return (
    compare(a.file, b.file) ||
    (a.primary?.start ?? 0) - (b.primary?.start ?? 0) ||
    compare(a.code, b.code) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
