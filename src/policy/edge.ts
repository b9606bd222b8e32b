import type { Span } from "../diagnostics/index.js";
import type { Direction } from "../ir/index.js";
import type { AddressSet, Family, IntervalSet } from "../net/index.js";
import type { Hosts } from "./hosts.js";

export { directions } from "../ir/index.js";
export type { Direction } from "../ir/index.js";

/**
 * An edge policy with every name resolved: what each vendor turns into its own syntax, and what the truth of a proof is
 * made from.
 *
 * Rules are ordered, the first match decides. What no rule decides is left to the rest of the device (`continue`), or
 * denied, or permitted. See `truth.ts` for the exact meaning.
 */
export interface Edge {
  readonly name: string;
  readonly description?: string;
  /** In the order of the policy. */
  readonly feeds: readonly FeedStamp[];
  readonly rules: readonly EdgeRule[];
  readonly default: "continue" | "deny" | "permit";
  /** What single hosts do about SMB, apart from the edge. Targets without a firewall for hosts leave it out. */
  readonly hosts?: Hosts;
}

/** Which text of a feed the addresses came from. */
export interface FeedStamp {
  /** The feed's key in the policy, such as `azure`. */
  readonly name: string;
  /** As the policy wrote it. */
  readonly path: string;
  /** What the publisher counts: `changeNumber 397`, `version 2024073100`. */
  readonly version: string;
  /** SHA-256 of the file's bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

export interface EdgeRule {
  /** Unique within the policy; any printable text. */
  readonly name: string;
  readonly description?: string;
  readonly action: "deny" | "reject" | "permit";
  /** At least one. */
  readonly directions: readonly Direction[];
  /** At least one. */
  readonly families: readonly Family[];
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** At least one; a packet of any of them matches. */
  readonly services: readonly Service[];
  readonly log: boolean;
  /** Packets of an exception do not match this rule: they go on to the next one. */
  readonly exceptions: readonly EdgeException[];
  readonly span?: Span;
}

/** Packets that match everything here and the rule itself do not match the rule. */
export interface EdgeException {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly services: readonly Service[];
  readonly directions: readonly Direction[];
  readonly families: readonly Family[];
  readonly reason?: string;
  /** YYYY-MM-DD, the last day on which it is meant to hold. */
  readonly expires?: string;
  readonly span?: Span;
}

/** Source or destination addresses of packets (not of "our side" or "their side"). */
export interface Endpoint {
  /** `any`, or the names from the policy, such as `branch-clients` or `branch-clients, 10.9.0.0/16`. */
  readonly label: string;
  /** A name that a vendor may give the set: letters, digits and `-`, starting with a letter; the same set, the same name. */
  readonly id: string;
  readonly addresses: AddressSet;
}

/** One protocol with its ports. A full set of ports means any port, also for protocols that have none. */
export interface Service {
  /** The name from the policy or the text: `smb`, `tcp/445`. */
  readonly label: string;
  /** An IANA protocol number, or any protocol. */
  readonly protocol: number | "any";
  readonly sourcePorts: IntervalSet<number>;
  readonly destinationPorts: IntervalSet<number>;
  /** ICMP (protocol 1) and ICMPv6 (58) only. Without a code, every code. */
  readonly icmp?: { readonly type: number; readonly code?: number };
  /** Where the service exists in one family only: ICMP is IPv4's, ICMPv6 is IPv6's. */
  readonly family?: Family;
}
