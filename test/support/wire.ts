import type { Family, Packet } from "../../src/vendor-kit/index.js";
import { parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";

/**
 * One packet for the laboratory of `kernel.ts`. Everything that is left out has a plain value: a TCP SYN, TTL 64.
 *
 * `from` is the firewall's interface on which the packet arrives, or `firewall` for its own traffic. `via` is the
 * interface by which it is to leave, or `firewall` when it is for the firewall itself. Addresses are text.
 */
export interface WirePacket {
  readonly from: string;
  readonly via: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly tcpFlags?: number;
  /** TTL or hop limit. The laboratory exempts {@link untrackedHops} from connection tracking. */
  readonly hops?: number;
  /** A wrong transport checksum: connection tracking calls the packet invalid (when it arrives, not in output). */
  readonly badChecksum?: boolean;
  /** Lengths of the fragments' payloads in bytes, multiples of 8; what is left makes the last fragment. */
  readonly fragments?: readonly number[];
  /** IPv6 only, in order. */
  readonly extensionHeaders?: readonly ("hop-by-hop" | "destination" | "routing" | "atomic-fragment")[];
  /** ICMP errors only: the packet that the error is about, quoted behind the header. */
  readonly about?: WirePacket;
  /** Ethernet source address, such as `02:00:00:00:00:07`. */
  readonly mac?: string;
}

/** The hop count of packets that connection tracking leaves alone in the laboratory. */
export const untrackedHops = 77;

/** A packet of the model as one of the wire; its state is not looked at. Interfaces that it does not have are the firewall. */
export function wirePacketOf(packet: Packet, format: (address: number | bigint) => string): WirePacket {
  return {
    from: packet.ingress ?? "firewall",
    via: packet.egress ?? "firewall",
    source: format(packet.source),
    destination: format(packet.destination),
    protocol: packet.protocol,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
    icmpType: packet.icmpType,
    icmpCode: packet.icmpCode,
    tcpFlags: packet.tcpFlags,
  };
}

/**
 * The IP packets (several when fragmented) that carry `id` in their payload, with `routeCode` as type of service or
 * traffic class, which the laboratory's firewall routes by.
 */
export function ipPackets(packet: WirePacket, id: number, routeCode: number): Buffer[] {
  const family: Family = packet.source.includes(":") ? "ipv6" : "ipv4";
  const protocol = packet.protocol ?? 6;
  const blocks = Math.max(2, Math.ceil((sum(packet.fragments ?? []) + 16) / 8));
  const payload = Buffer.concat(Array.from({ length: blocks }, () => marker(id)));
  const transport = transportOf(packet, family, protocol, id, payload);
  return family === "ipv4"
    ? ipv4Packets(packet, protocol, transport, id, routeCode)
    : ipv6Packets(packet, protocol, transport, id, routeCode);
}

/** Eight bytes that the receiver looks for. */
export function marker(id: number): Buffer {
  const block = Buffer.from("RW\0\0\0\0rw", "latin1");
  block.writeUInt32BE(id, 2);
  return block;
}

function transportOf(packet: WirePacket, family: Family, protocol: number, id: number, payload: Buffer): Buffer {
  const sourcePort = packet.sourcePort ?? 49152;
  const destinationPort = packet.destinationPort ?? 0;
  let header: Buffer;
  let checksumAt: number | undefined;
  if (protocol === 6) {
    header = Buffer.alloc(20);
    header.writeUInt16BE(sourcePort, 0);
    header.writeUInt16BE(destinationPort, 2);
    // A reset carries no payload: it is recognised by the numbers that it answers.
    header.writeUInt32BE((id << 10) >>> 0, 4);
    header.writeUInt32BE((id << 10) >>> 0, 8);
    header.writeUInt8(0x50, 12);
    header.writeUInt8(packet.tcpFlags ?? 2, 13);
    header.writeUInt16BE(65535, 14);
    checksumAt = 16;
  } else if (protocol === 17 || protocol === 136) {
    header = Buffer.alloc(8);
    header.writeUInt16BE(sourcePort, 0);
    header.writeUInt16BE(destinationPort, 2);
    header.writeUInt16BE(8 + payload.length, 4);
    checksumAt = 6;
  } else if (protocol === 132) {
    header = Buffer.alloc(12);
    header.writeUInt16BE(sourcePort, 0);
    header.writeUInt16BE(destinationPort, 2);
  } else if (protocol === 33) {
    header = Buffer.alloc(16);
    header.writeUInt16BE(sourcePort, 0);
    header.writeUInt16BE(destinationPort, 2);
    header.writeUInt8(4, 4);
  } else if (protocol === 1 || protocol === 58) {
    header = Buffer.alloc(8);
    header.writeUInt8(packet.icmpType ?? 8, 0);
    header.writeUInt8(packet.icmpCode ?? 0, 1);
    if (packet.about === undefined) {
      header.writeUInt16BE(sourcePort, 4);
      header.writeUInt16BE(id & 65535, 6);
    } else {
      header = Buffer.concat([header, ...ipPackets(packet.about, id, 0)]);
    }
    checksumAt = 2;
  } else {
    return payload;
  }
  const whole = Buffer.concat([header, payload]);
  if (checksumAt !== undefined) {
    const pseudo = protocol === 1 ? Buffer.alloc(0) : pseudoHeader(packet, family, protocol, whole.length);
    const right = checksum(Buffer.concat([pseudo, whole])) || 0xffff;
    whole.writeUInt16BE(packet.badChecksum ? right ^ 0x5a5a : right, checksumAt);
  }
  return whole;
}

function pseudoHeader(packet: WirePacket, family: Family, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(family === "ipv4" ? 4 : 8);
  if (family === "ipv4") {
    tail.writeUInt8(protocol, 1);
    tail.writeUInt16BE(length, 2);
  } else {
    tail.writeUInt32BE(length, 0);
    tail.writeUInt8(protocol, 7);
  }
  return Buffer.concat([addressBytes(packet.source), addressBytes(packet.destination), tail]);
}

function ipv4Packets(packet: WirePacket, protocol: number, payload: Buffer, id: number, routeCode: number): Buffer[] {
  return pieces(payload, packet.fragments).map(({ offset, bytes, more }) => {
    const header = Buffer.alloc(20);
    header.writeUInt8(0x45, 0);
    header.writeUInt8(routeCode, 1);
    header.writeUInt16BE(20 + bytes.length, 2);
    header.writeUInt16BE((id & 0x7fff) + 1, 4);
    header.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
    header.writeUInt8(packet.hops ?? 64, 8);
    header.writeUInt8(protocol, 9);
    addressBytes(packet.source).copy(header, 12);
    addressBytes(packet.destination).copy(header, 16);
    header.writeUInt16BE(checksum(header), 10);
    return Buffer.concat([header, bytes]);
  });
}

const headerNumbers = { "hop-by-hop": 0, routing: 43, "atomic-fragment": 44, destination: 60 } as const;

function ipv6Packets(packet: WirePacket, protocol: number, payload: Buffer, id: number, routeCode: number): Buffer[] {
  const kinds = packet.extensionHeaders ?? [];
  const fragmented = packet.fragments !== undefined;
  const numbers = [...kinds.map((kind) => headerNumbers[kind]), ...(fragmented ? [44] : []), protocol];
  return pieces(payload, packet.fragments).map(({ offset, bytes, more }) => {
    const header = Buffer.alloc(40);
    header.writeUInt32BE((6 << 28) | (routeCode << 20), 0);
    header.writeUInt8(numbers[0]!, 6);
    header.writeUInt8(packet.hops ?? 64, 7);
    addressBytes(packet.source).copy(header, 8);
    addressBytes(packet.destination).copy(header, 24);
    const extensions = kinds.map((kind, i) => {
      const extension = Buffer.alloc(8);
      extension.writeUInt8(numbers[i + 1]!, 0);
      if (kind === "hop-by-hop" || kind === "destination") (extension.writeUInt8(1, 2), extension.writeUInt8(4, 3));
      if (kind === "routing") extension.writeUInt8(4, 2);
      if (kind === "atomic-fragment") extension.writeUInt32BE(id, 4);
      return extension;
    });
    if (fragmented) {
      const extension = Buffer.alloc(8);
      extension.writeUInt8(protocol, 0);
      extension.writeUInt16BE(offset | (more ? 1 : 0), 2);
      extension.writeUInt32BE(id, 4);
      extensions.push(extension);
    }
    const rest = Buffer.concat([...extensions, bytes]);
    header.writeUInt16BE(rest.length, 4);
    return Buffer.concat([header, rest]);
  });
}

function pieces(payload: Buffer, lengths: readonly number[] = []): { offset: number; bytes: Buffer; more: boolean }[] {
  const result = [];
  let offset = 0;
  for (const length of lengths) {
    result.push({ offset, bytes: payload.subarray(offset, offset + length), more: true });
    offset += length;
  }
  result.push({ offset, bytes: payload.subarray(offset), more: false });
  return result;
}

function addressBytes(text: string): Buffer {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(ipv4);
    return bytes;
  }
  const ipv6 = parseIpv6(text);
  if (ipv6 === undefined) throw new Error(`not an address: ${text}`);
  return Buffer.from(ipv6.toString(16).padStart(32, "0"), "hex");
}

/** Source: RFC 1071. */
function checksum(bytes: Buffer): number {
  let total = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) total += bytes.readUInt16BE(i);
  if (bytes.length % 2 === 1) total += bytes[bytes.length - 1]! << 8;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 65536);
  return ~total & 0xffff;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
