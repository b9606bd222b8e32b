import type { Packet } from "../ir/index.js";
import { NONE } from "./bdd.js";
import type { Field } from "./layout.js";
import type { PacketSet, PacketSpace } from "./space.js";
import { stateNumber } from "./space.js";

/** Whether a packet is in the set. Interfaces that no rule speaks of count as one and the same. */
export function has(space: PacketSpace, set: PacketSet, packet: Packet): boolean {
  const bits = bitsOf(space, packet);
  let node = set;
  while (node > 1) node = bits[space.bdd.level(node)] === 1 ? space.bdd.high(node) : space.bdd.low(node);
  return node !== NONE;
}

/** The value of each variable, by level. */
function bitsOf(space: PacketSpace, packet: Packet): Uint8Array {
  const { layout } = space;
  const bits = new Uint8Array(layout.conditions + space.conditions.length);
  const put = (field: Field, value: number | bigint, width = field.bits): void => {
    for (let i = 0, rest = BigInt(value); i < width; i++, rest >>= 1n)
      bits[field.first + width - 1 - i] = Number(rest & 1n);
  };
  const addressBits = packet.family === "ipv4" ? 32 : 128;
  put(layout.family, packet.family === "ipv4" ? 0 : 1);
  put(layout.ingress, space.interfaces.numberOf(packet.ingress));
  put(layout.egress, space.interfaces.numberOf(packet.egress));
  put(layout.state, stateNumber(packet.state));
  put(layout.protocol, packet.protocol);
  if (packet.protocol === 1 || packet.protocol === 58) {
    put(layout.icmpType, packet.icmpType);
    put(layout.icmpCode, packet.icmpCode);
  } else {
    put(layout.destinationPort, packet.destinationPort);
  }
  put(layout.sourcePort, packet.sourcePort);
  put(layout.tcpFlags, packet.tcpFlags);
  put(layout.destination, packet.destination, addressBits);
  put(layout.source, packet.source, addressBits);
  put(layout.sourceMac, packet.sourceMac);
  for (const words of packet.conditions) {
    const level = space.levelOf(words);
    if (level !== undefined) bits[level] = 1;
  }
  return bits;
}
