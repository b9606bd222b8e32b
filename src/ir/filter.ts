import type { Span } from "../diagnostics/index.js";
import type { Match } from "./match.js";

/** What ends a packet's way through one filter. */
export type Action = "accept" | "drop" | "reject";

/**
 * What a rule does with a packet that matches.
 *
 * `continue` goes to the next rule (a LOG). `return` leaves the chain for the rule after the jump; in the entry chain
 * it means the chain's end. A jump comes back when the other chain falls through; after a goto that fall-through
 * returns from this chain too. `unknown` stands for a verdict that could not be read: anything may have happened, and
 * the packet's fate is not claimed.
 */
export type Verdict =
  | Action
  | "continue"
  | "return"
  | "unknown"
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "goto"; readonly chain: string };

/** Where a rule was written, and how to speak of it. */
export interface Origin {
  /** One line that people recognise: the rule's text, cut where it is long, or `rule "block-smb"`. */
  readonly label: string;
  readonly span?: Span;
  /**
   * True where nobody wrote the rule: the device adds it, and `span` is at most what makes it do so. Such rules may be to
   * blame for what passes; that they are of no use is nobody's mistake.
   */
  readonly implied?: boolean;
}

export interface Rule {
  readonly match: Match;
  readonly verdict: Verdict;
  readonly origin: Origin;
  /** In a last-match chain: a match ends the evaluation. No meaning in a first-match chain. */
  readonly quick?: boolean;
  readonly log?: boolean;
}

/**
 * An ordered list of rules.
 *
 * `first-match`: the first rule with a deciding verdict that matches decides. `last-match` (pf): the first matching
 * quick rule decides; without one, the last matching rule. A last-match chain has no jumps, gotos or returns.
 *
 * `end` is what happens to packets that no rule decides. In a chain that is jumped to it is `return`. In an entry
 * chain `continue` means that this text leaves the packet to something that is not in it.
 */
export interface Chain {
  readonly name: string;
  readonly order: "first-match" | "last-match";
  readonly rules: readonly Rule[];
  readonly end: Action | "continue" | "return" | "unknown";
  readonly endOrigin?: Origin;
}

/** One filter that a packet meets. A jump to a chain that is not in `chains` is an unknown verdict. */
export interface Filter {
  readonly name: string;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly entry: string;
}

/**
 * Where a packet is on its way: `forward` through the firewall, `input` to the firewall itself, `output` from it.
 * Only `forward` packets have both an ingress and an egress interface; `input` has no egress, `output` no ingress.
 */
export type Hook = "forward" | "input" | "output";
export const hooks: readonly Hook[] = ["forward", "input", "output"];

/**
 * Relative to the outside interfaces, of the connection's first packet: `inbound` arrives on one, `outbound` leaves by
 * one.
 */
export type Direction = "inbound" | "outbound";
export const directions: readonly Direction[] = ["inbound", "outbound"];

/**
 * All the filters that a packet of one hook meets, in order. A packet is accepted when every filter accepts it; the
 * first that drops or rejects it ends its way. A filter that leaves it undecided leaves the whole path undecided,
 * unless another filter drops it.
 */
export interface Path {
  readonly hook: Hook;
  readonly filters: readonly Filter[];
}

/** What a configuration says, or a policy: the paths of the hooks that it governs. A hook without a path is not governed. */
export interface Device {
  /** How to speak of it: a file name, or `policy smb-edge`. */
  readonly name: string;
  readonly paths: readonly Path[];
  readonly interfaces: readonly DeviceInterface[];
  /** True where the text has every interface that there is, so that no packet has another one. */
  readonly hasNoOtherInterface?: boolean;
}

export interface DeviceInterface {
  readonly name: string;
  /** What the text itself says about the side it is on (security-level, `wan`); undefined when it does not say. */
  readonly side?: "outside" | "inside";
  /** Other words for it: a hardware name, a description. */
  readonly aliases?: readonly string[];
  /** True where the text sets it up for IPv4 and not for IPv6, so that no IPv6 packet comes over it. */
  readonly withoutIpv6?: true;
}
