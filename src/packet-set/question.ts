import type { Direction, Hook } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { PacketSet, PacketSpace } from "./space.js";

/** Which interfaces of a device are where; `*` at the end of a name is a wildcard. */
export interface Mapping {
  readonly outside: readonly string[];
  /** Where it is given, only packets between these and the outside are asked about. */
  readonly inside?: readonly string[];
}

/** The packets that a hook can meet at all: forwarded ones have both interfaces, the firewall's own lack one. */
export function packetsOf(space: PacketSpace, hook: Hook): PacketSet {
  const fromItself = space.noInterface("ingress");
  const toItself = space.noInterface("egress");
  switch (hook) {
    case "forward":
      return space.and(space.not(fromItself), space.not(toItself));
    case "input":
      return space.difference(toItself, fromItself);
    case "output":
      return space.difference(fromItself, toItself);
  }
}

/** The packets of a hook that cross the edge in a direction; none where the hook has no such packets. */
export function crossing(space: PacketSpace, hook: Hook, direction: Direction, mapping: Mapping): PacketSet {
  const inbound = direction === "inbound";
  if ((hook === "input" && !inbound) || (hook === "output" && inbound)) return space.none;
  const near = space.compile(inbound ? ir.ingress(...mapping.outside) : ir.egress(...mapping.outside));
  const packets = space.and(packetsOf(space, hook), near);
  if (mapping.inside === undefined || hook !== "forward") return packets;
  return space.and(packets, space.compile(inbound ? ir.egress(...mapping.inside) : ir.ingress(...mapping.inside)));
}

/** The packets that begin a connection: in state new, and for TCP with SYN and without ACK. */
export function firstPackets(space: PacketSpace): PacketSet {
  const { syn, ack } = ir.tcpFlags;
  return space.compile(
    ir.all(ir.inState("new"), ir.any(ir.not(ir.ofProtocol(ir.protocols.tcp)), ir.withTcpFlags(syn | ack, syn))),
  );
}

/** For people: that a first packet is new and has SYN and not ACK need not be said. */
export function withoutStateAndFlags(space: PacketSpace, packets: PacketSet): PacketSet {
  const { state, tcpFlags } = space.layout;
  const stateless = space.bdd.exists(packets, state.first, state.first + state.bits - 1);
  return space.bdd.exists(stateless, tcpFlags.first, tcpFlags.first + tcpFlags.bits - 1);
}
