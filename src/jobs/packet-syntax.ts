import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, nearest, span } from "../diagnostics/index.js";
import type { Packet, State } from "../ir/index.js";
import { protocols, protocolsWithPorts, states, tcpFlags } from "../ir/index.js";
import type { Family } from "../net/index.js";
import { formatAddress, parsePrefix } from "../net/index.js";
import { protocolName, protocolNumber } from "../packet-set/index.js";

export type PacketReading =
  { readonly ok: true; readonly packet: Packet } | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * A packet as people write one:
 *
 * ```
 * tcp 10.20.1.5 > 20.60.26.4:445
 * udp [2001:db8::1]:50000 > [2001:db8:1::1]:137
 * icmp 10.0.0.1 > 10.0.0.2 type 8 code 0
 * protocol 47 10.0.0.1 > 10.0.0.2
 * tcp 10.20.1.5 > 20.60.26.4:445 state established
 * ```
 *
 * What is left out is plain: source port 50000, ICMP echo request, state `new`, and for TCP the flags of that state
 * (SYN for `new`, ACK for a connection that is known). A destination port is never made up. `conditions` is empty and
 * the interfaces are absent.
 */
export function readPacket(text: string, shownAs = "--packet"): PacketReading {
  const source: Source = { path: shownAs, text };
  try {
    return { ok: true, packet: new Reader(source).packet() };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, diagnostic: error.diagnostic };
    throw error;
  }
}

/** The text of a packet that {@link readPacket} reads back, all that matters of it said. */
export function packetText(packet: Packet): string {
  const { family, protocol } = packet;
  const ports = protocolsWithPorts.includes(protocol);
  const end = (address: number | bigint, port: number): string => {
    const plain = formatAddress(family, address);
    if (!ports) return plain;
    return family === "ipv6" ? `[${plain}]:${port}` : `${plain}:${port}`;
  };
  const words = [
    protocolName(protocol),
    end(packet.source, packet.sourcePort),
    ">",
    end(packet.destination, packet.destinationPort),
  ];
  if (isIcmp(protocol)) words.push("type", String(packet.icmpType), "code", String(packet.icmpCode));
  if (packet.state !== "new") words.push("state", packet.state);
  if (protocol === protocols.tcp && packet.tcpFlags !== flagsOf(packet.state))
    words.push("flags", flagText(packet.tcpFlags));
  return words.join(" ");
}

const DEFAULT_SOURCE_PORT = 50000;
/** Echo request. Sources: RFC 792, RFC 4443 section 4.1. */
const ECHO_REQUEST = { icmp: 8, icmpv6: 128 } as const;
const grammar = 'write it like "tcp 10.20.1.5 > 20.60.26.4:445"';

class Refused extends Error {
  readonly diagnostic: Diagnostic;
  constructor(problem: Diagnostic) {
    super(problem.message);
    this.diagnostic = problem;
  }
}

interface Word {
  readonly text: string;
  readonly start: number;
}

interface End {
  readonly family: Family;
  readonly address: number | bigint;
  readonly port?: number;
  readonly word: Word;
}

class Reader {
  readonly #source: Source;
  readonly #words: readonly Word[];
  #next = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#words = [...source.text.matchAll(/->|→|>|[^\s>→-]+(?:-(?!>)[^\s>→-]*)*/g)].map((found) => ({
      text: found[0],
      start: found.index,
    }));
  }

  packet(): Packet {
    const protocol = this.#protocol();
    const hasPorts = protocolsWithPorts.includes(protocol);
    const from = this.#end("the source address", hasPorts, protocol);
    const arrow = this.#take('">" between source and destination');
    if (![">", "->", "→"].includes(arrow.text))
      this.#refuse(arrow, `expected ">" between source and destination, not "${arrow.text}"`);
    const to = this.#end("the destination address", hasPorts, protocol);
    if (from.family !== to.family) {
      this.#refuse(
        to.word,
        "source and destination are of two address families, and no packet is",
        "write two IPv4 or two IPv6 addresses",
      );
    }
    this.#checkFamily(protocol, from);
    if (hasPorts && to.port === undefined) {
      const bare = formatAddress(to.family, to.address);
      this.#refuse(
        to.word,
        "the destination port is missing, and the rules depend on it",
        `write ${to.family === "ipv6" ? `[${bare}]` : bare}:445`,
      );
    }
    const { type, code, state, flags } = this.#rest(protocol);
    return {
      family: from.family,
      state,
      protocol,
      sourcePort: hasPorts ? (from.port ?? DEFAULT_SOURCE_PORT) : 0,
      destinationPort: to.port ?? 0,
      icmpType: type,
      icmpCode: code,
      tcpFlags: flags,
      source: from.address,
      destination: to.address,
      sourceMac: 0,
      conditions: new Set(),
    };
  }

  #protocol(): number {
    const word = this.#take("a protocol");
    const name = word.text.toLowerCase();
    if (name === "protocol" || name === "proto") return this.#number("the protocol", 255);
    const number = numberOf(name);
    if (number === undefined) {
      const [near] = nearest(name, Object.keys(protocols), 1);
      this.#refuse(
        word,
        `"${word.text}" is not a protocol that is known by name`,
        near === undefined ? `${grammar}, or the number: "protocol 47 10.0.0.1 > 10.0.0.2"` : `did you mean ${near}?`,
      );
    }
    return number;
  }

  #end(what: string, hasPorts: boolean, protocol: number): End {
    const word = this.#take(what);
    const { address: text, port } = splitPort(word.text);
    const reading = parsePrefix(text);
    if (!reading.ok || !reading.value.bare) {
      const problem = reading.ok
        ? { why: "a packet has one address, not a prefix", instead: text.split("/")[0] }
        : reading.problem;
      this.#refuse(
        word,
        `${what} "${text}" cannot be read: ${problem.why}`,
        problem.instead === undefined ? grammar : `write ${problem.instead}`,
      );
    }
    const { family, prefix } = reading.value;
    if (port === undefined) return { family, address: prefix.address, word };
    if (!hasPorts) {
      this.#refuse(word, `${protocolName(protocol)} has no ports`, `write ${formatAddress(family, prefix.address)}`);
    }
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) this.#refuse(word, `"${port}" is not a port from 0 to 65535`);
    return { family, address: prefix.address, port: Number(port), word };
  }

  #checkFamily(protocol: number, from: End): void {
    if (protocol === protocols.icmp && from.family === "ipv6") {
      this.#refuse(this.#words[0]!, "icmp is a protocol of IPv4, and the addresses are IPv6", "write icmpv6");
    }
    if (protocol === protocols.icmpv6 && from.family === "ipv4") {
      this.#refuse(this.#words[0]!, "icmpv6 is a protocol of IPv6, and the addresses are IPv4", "write icmp");
    }
  }

  #rest(protocol: number): { type: number; code: number; state: State; flags: number } {
    let type: number | undefined;
    let code: number | undefined;
    let state: State = "new";
    let flags: number | undefined;
    for (let word = this.#words[this.#next]; word !== undefined; word = this.#words[this.#next]) {
      this.#next++;
      const key = word.text.toLowerCase();
      if ((key === "type" || key === "code") && !isIcmp(protocol))
        this.#refuse(word, `only icmp and icmpv6 have a ${key}`);
      if (key === "flags" && protocol !== protocols.tcp) this.#refuse(word, "only tcp has flags");
      if (key === "type") type = this.#number("the ICMP type", 255);
      else if (key === "code") code = this.#number("the ICMP code", 255);
      else if (key === "state") state = this.#state();
      else if (key === "flags") flags = this.#flags();
      else
        this.#refuse(
          word,
          `"${word.text}" is not understood here`,
          "after the destination come type, code, flags or state",
        );
    }
    const echo =
      protocol === protocols.icmp ? ECHO_REQUEST.icmp : protocol === protocols.icmpv6 ? ECHO_REQUEST.icmpv6 : 0;
    return {
      type: type ?? echo,
      code: code ?? 0,
      state,
      flags: protocol === protocols.tcp ? (flags ?? flagsOf(state)) : 0,
    };
  }

  #state(): State {
    const word = this.#take("a state");
    const found = states.find((state) => state === word.text.toLowerCase());
    if (found === undefined)
      this.#refuse(word, `"${word.text}" is not a connection state`, `write one of ${states.join(", ")}`);
    return found;
  }

  #flags(): number {
    const word = this.#take("TCP flags");
    let value = 0;
    for (const name of word.text.toLowerCase().split(",")) {
      if (name === "none") continue;
      const bit = (tcpFlags as Readonly<Record<string, number>>)[name];
      if (bit === undefined)
        this.#refuse(
          word,
          `"${name}" is not a TCP flag`,
          `write them like syn,ack; there are ${Object.keys(tcpFlags).join(", ")} and none`,
        );
      value |= bit;
    }
    return value;
  }

  #number(what: string, most: number): number {
    const word = this.#take(what);
    if (!/^\d{1,3}$/.test(word.text) || Number(word.text) > most) {
      this.#refuse(word, `${what} is a number from 0 to ${most}, not "${word.text}"`);
    }
    return Number(word.text);
  }

  #take(what: string): Word {
    const word = this.#words[this.#next++];
    if (word === undefined)
      this.#refuse({ text: "", start: this.#source.text.length }, `the packet ends before ${what}`);
    return word;
  }

  #refuse(word: Word, message: string, help = grammar): never {
    throw new Refused(
      diagnostic("RW1006", message, { primary: span(this.#source, word.start, word.start + word.text.length), help }),
    );
  }
}

/** What else people call them. */
const otherNames: Readonly<Record<string, number>> = { "ipv6-icmp": protocols.icmpv6, icmp6: protocols.icmpv6 };

function numberOf(name: string): number | undefined {
  return otherNames[name] ?? protocolNumber(name);
}

function isIcmp(protocol: number): boolean {
  return protocol === protocols.icmp || protocol === protocols.icmpv6;
}

/** `[v6]:port`, `v4:port`, or an address alone. */
function splitPort(text: string): { readonly address: string; readonly port?: string } {
  const bracketed = /^\[(.*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { address: bracketed[1]!, ...(bracketed[2] !== undefined && { port: bracketed[2] }) };
  const colon = text.indexOf(":");
  if (colon < 0 || colon !== text.lastIndexOf(":")) return { address: text };
  return { address: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** The flags of the packet that one thinks of: a first one asks for a connection, every later one acknowledges. */
function flagsOf(state: State): number {
  return state === "new" || state === "untracked" ? tcpFlags.syn : tcpFlags.ack;
}

function flagText(flags: number): string {
  const names = Object.entries(tcpFlags).flatMap(([name, bit]) => ((flags & bit) !== 0 ? [name] : []));
  return names.length === 0 ? "none" : names.join(",");
}
