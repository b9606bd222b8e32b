import type { Family } from "../net/index.js";
import type { State } from "./match.js";

/**
 * One packet, as a filter sees it. Ports are 0 for protocols without ports, ICMP type and code 0 for all but ICMP and
 * ICMPv6, `tcpFlags` 0 for all but TCP. `ingress` and `egress` are undefined where the hook has none.
 */
export interface Packet {
  readonly family: Family;
  readonly ingress?: string;
  readonly egress?: string;
  readonly state: State;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly tcpFlags: number;
  /** A number for IPv4, a bigint for IPv6. */
  readonly source: number | bigint;
  readonly destination: number | bigint;
  readonly sourceMac: number;
  /** The conditions that hold; all others do not. */
  readonly conditions: ReadonlySet<string>;
}
