import type { AddressSet, Diagnostic, Family, IntervalSet, Match, Span } from "../../src/vendor-kit/index.js";
import {
  anyAddress,
  anyIpv4,
  anyIpv6,
  complement,
  condition,
  diagnostic,
  didYouMean,
  any as either,
  formatIpv4,
  from,
  isAnyAddress,
  isEverything,
  netmaskLength4,
  noAddress,
  octets,
  ofFamily,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  portNumbers,
  prefixSet,
  protocolsWithPorts,
  to,
  toSet,
  unionAddresses,
  all,
  everyPacket,
  protocols,
} from "../../src/vendor-kit/index.js";
import type { Config, ConfigObject, Group, Interface } from "./config.js";
import type { Command } from "./lexer.js";
import { spanFrom, spanOf } from "./lexer.js";
import { icmp6Types, icmpTypes, portNames, protocolNumbers } from "./words.js";

/** Addresses, and words for those that the text does not hold. */
export interface Addresses {
  readonly known: AddressSet;
  readonly doubts: readonly AddressDoubt[];
}

/** `source` or `destination` and these words make a condition: `is an address of host.example.org`. */
export interface AddressDoubt {
  readonly words: string;
  readonly family?: Family;
}

/** Ports, and words for those that the text does not hold. */
export interface Ports {
  readonly known: IntervalSet<number>;
  readonly doubts: readonly string[];
}

/** What stands in the place of the protocol. */
export type Protocol =
  | { readonly kind: "any" }
  /** Ports or ICMP types may follow the addresses. */
  | { readonly kind: "numbers"; readonly numbers: IntervalSet<number>; readonly doubts: readonly string[] }
  /** Whole services with their ports; nothing follows. */
  | { readonly kind: "services"; readonly match: Match };

/** A piece of a line that was read, and the index of the word behind it. */
export interface Piece<T> {
  readonly value: T;
  readonly next: number;
}

/** Thrown inside, caught where the line is read: which word is not understood, and why. */
export class Unread extends Error {
  constructor(
    readonly word: number,
    readonly why: string,
  ) {
    super(why);
  }
}

/**
 * Follows the names of a configuration to addresses, ports and protocols.
 *
 * Each object and group is resolved once. What is not defined, not readable, or goes round in a circle, becomes a
 * doubt: a free condition with words that name it.
 */
export class Meanings {
  readonly diagnostics: Diagnostic[] = [];
  private readonly addressesOf = new Map<string, Addresses>();
  private readonly servicesOf = new Map<string, Match>();
  private readonly protocolsOf = new Map<string, { numbers: IntervalSet<number>; doubts: readonly string[] }>();
  private readonly portsOf = new Map<string, Ports>();
  private readonly icmpOf = new Map<string, Ports>();
  private readonly open = new Set<string>();
  private readonly missing = new Set<string>();
  private readonly missingOf = new Map<Diagnostic, string>();
  private readonly matchOf = { source: new WeakMap<Addresses, Match>(), destination: new WeakMap<Addresses, Match>() };
  private readonly literals = new Map<string, Addresses>();
  private interfaceOf: Map<string, Interface> | undefined;

  constructor(readonly config: Config) {}

  /** Before 9.0 an access-list speaks of one family. */
  anyFamilies(list: "extended" | "ipv6"): Addresses {
    if (list === "ipv6") return ANY6;
    return (this.config.version?.major ?? 9) < 9 ? ANY4 : ANY;
  }

  match(end: "source" | "destination", addresses: Addresses): Match {
    const cache = this.matchOf[end];
    let match = cache.get(addresses);
    if (match === undefined) {
      match = isAnyAddress(addresses.known)
        ? everyPacket
        : either(
            ...(addresses.known === noAddress ? [] : [addressMatch(end, addresses.known)]),
            ...addresses.doubts.map((doubt) =>
              all(...(doubt.family ? [ofFamily(doubt.family)] : []), condition(`${end} ${doubt.words}`)),
            ),
          );
      cache.set(addresses, match);
    }
    return match;
  }

  /** An address as an entry has it, from word `at`. */
  readAddress(command: Command, at: number, list: "extended" | "ipv6"): Piece<Addresses> {
    const { words } = command;
    const word = words[at];
    switch (word) {
      case undefined:
        throw new Unread(at, "an address is missing");
      case "any":
        return { value: this.anyFamilies(list), next: at + 1 };
      case "any4":
        return { value: ANY4, next: at + 1 };
      case "any6":
        return { value: ANY6, next: at + 1 };
      case "host":
        return this.readHost(command, at + 1);
      case "object":
        return { value: this.named(command, at + 1, "network"), next: at + 2 };
      case "object-group":
        return { value: this.named(command, at + 1, "network"), next: at + 2 };
      case "object-group-network-service":
        return { value: doubtful(`belongs to network-service group ${words[at + 1] ?? ""}`), next: at + 2 };
      case "interface":
        return { value: this.addressOfInterface(words[at + 1] ?? ""), next: at + 2 };
      case "range":
        return { value: this.range(command, at + 1), next: at + 3 };
      case "fqdn":
        return this.readShownFqdn(command, at + 1);
      default:
        return this.readNetwork(command, at);
    }
  }

  private readHost(command: Command, at: number): Piece<Addresses> {
    const address = this.literal(command.words[at]);
    if (address === undefined) throw new Unread(at, "this is no address, and no name of one");
    // `show access-list` puts the name that was looked up behind the address that it has at the moment.
    const behind = command.words[at + 1];
    if (behind !== undefined && /^\([\w.-]+\.[\w.-]+\)$/.test(behind)) {
      return { value: doubtful(`is an address of ${behind.slice(1, -1)}`), next: at + 2 };
    }
    return { value: address, next: at + 1 };
  }

  private readShownFqdn(command: Command, at: number): Piece<Addresses> {
    const name = command.words[at];
    if (name === undefined) throw new Unread(at, "a domain name is missing");
    return {
      value: doubtful(`is an address of ${name}`),
      next: command.words[at + 1] === "(unresolved)" ? at + 2 : at + 1,
    };
  }

  /** `A MASK` or `X::/length`. */
  private readNetwork(command: Command, at: number): Piece<Addresses> {
    const word = command.words[at]!;
    const mask = command.words[at + 1];
    const key = `${word} ${word.includes("/") ? "" : mask}`;
    const known = this.literals.get(key);
    if (known !== undefined) return { value: known, next: word.includes("/") ? at + 1 : at + 2 };
    if (word.includes(":")) {
      const value = this.prefix6(command, at);
      this.literals.set(key, value);
      return { value, next: at + 1 };
    }
    const alias = this.config.names.get(word);
    const address = parseIpv4(alias ?? word);
    if (address === undefined) {
      if (alias !== undefined && alias.includes(":")) return { value: this.literal(word)!, next: at + 1 };
      throw new Unread(at, "this is no address");
    }
    const value = this.masked(command, at, address, mask);
    this.literals.set(key, value);
    return { value, next: at + 2 };
  }

  private prefix6(command: Command, at: number): Addresses {
    const word = command.words[at]!;
    const reading = parsePrefix(word);
    if (reading.ok) return { known: prefixSet(reading.value), doubts: [] };
    const [address = "", length = ""] = word.split("/");
    if (parseIpv6(address) === undefined || !/^\d{1,3}$/.test(length) || Number(length) > 128) {
      throw new Unread(at, reading.problem.why);
    }
    return this.misfit(command, at, word, reading.problem.instead);
  }

  private masked(command: Command, at: number, address: number, maskText: string | undefined): Addresses {
    const mask = maskText === undefined ? undefined : parseIpv4(maskText);
    if (mask === undefined) throw new Unread(at + 1, "a netmask is missing");
    const length = netmaskLength4(mask);
    const text = `${formatIpv4(address)} ${formatIpv4(mask)}`;
    if (length === undefined) {
      const inverse = netmaskLength4(4294967295 - mask);
      this.diagnostics.push(
        diagnostic(
          "RW6003",
          inverse === undefined
            ? `${formatIpv4(mask)} is no netmask of leading ones; which addresses the device takes it for is not known`
            : `${formatIpv4(mask)} is a wildcard mask of IOS; an ASA reads it as a netmask, which is something else`,
          {
            primary: spanFrom(command, at),
            help: inverse === undefined ? undefined : `write ${formatIpv4(address)} ${formatIpv4(4294967295 - mask)}`,
          },
        ),
      );
      return doubtful(`fits ${text}`, "ipv4");
    }
    const size = 2 ** (32 - length);
    const rest = address % size;
    if (rest !== 0) return this.misfit(command, at, text, `${formatIpv4(address - rest)} ${formatIpv4(mask)}`);
    return { known: { ipv4: [{ first: address, last: address + size - 1 }], ipv6: [] }, doubts: [] };
  }

  /** A base address with bits behind its mask. */
  private misfit(command: Command, at: number, text: string, instead: string | undefined): Addresses {
    this.diagnostics.push(
      diagnostic("RW6004", `${text}: the address has bits behind its mask, and an ASA refuses the pair`, {
        primary: spanFrom(command, at),
        severity: "warning",
        help: instead === undefined ? undefined : `if the network is meant, write ${instead}`,
      }),
    );
    return doubtful(`fits ${text}`, text.includes(":") ? "ipv6" : "ipv4");
  }

  private literal(word: string | undefined): Addresses | undefined {
    if (word === undefined) return undefined;
    const known = this.literals.get(word);
    if (known !== undefined) return known;
    const text = this.config.names.get(word) ?? word;
    const ipv4 = parseIpv4(text);
    const ipv6 = ipv4 === undefined && text.includes(":") ? parseIpv6(text) : undefined;
    const value: Addresses | undefined =
      ipv4 !== undefined
        ? { known: { ipv4: [{ first: ipv4, last: ipv4 }], ipv6: [] }, doubts: [] }
        : ipv6 !== undefined
          ? { known: { ipv4: [], ipv6: [{ first: ipv6, last: ipv6 }] }, doubts: [] }
          : undefined;
    if (value !== undefined) this.literals.set(word, value);
    return value;
  }

  private range(command: Command, at: number): Addresses {
    const first = this.literal(command.words[at])?.known;
    const last = this.literal(command.words[at + 1])?.known;
    const [a4, b4] = [first?.ipv4[0]?.first, last?.ipv4[0]?.first];
    if (a4 !== undefined && b4 !== undefined && a4 <= b4) {
      return { known: { ipv4: [{ first: a4, last: b4 }], ipv6: [] }, doubts: [] };
    }
    const [a6, b6] = [first?.ipv6[0]?.first, last?.ipv6[0]?.first];
    if (a6 !== undefined && b6 !== undefined && a6 <= b6) {
      return { known: { ipv4: [], ipv6: [{ first: a6, last: b6 }] }, doubts: [] };
    }
    throw new Unread(at, "this is no range of addresses, the lower one first");
  }

  private addressOfInterface(name: string): Addresses {
    if (this.interfaceOf === undefined) {
      this.interfaceOf = new Map(this.config.interfaces.map((one) => [one.name?.toLowerCase() ?? "", one]));
    }
    const found = this.interfaceOf.get(name.toLowerCase());
    const parts: Addresses[] = [];
    for (const words of found?.addresses ?? []) {
      const address = words[1] === undefined ? undefined : parseIpv4(this.config.names.get(words[1]) ?? words[1]);
      if (words[0] === "ip" && address !== undefined) {
        parts.push({ known: { ipv4: [{ first: address, last: address }], ipv6: [] }, doubts: [] });
      } else {
        parts.push(doubtful(`is an address of interface ${name}`, words[0] === "ip" ? "ipv4" : "ipv6"));
      }
    }
    return parts.length === 0 ? doubtful(`is an address of interface ${name}`) : union(parts);
  }

  /** An object or group of networks by the name at word `at`. */
  private named(command: Command, at: number, kind: "network"): Addresses {
    const name = command.words[at];
    if (name === undefined) throw new Unread(at, "a name is missing");
    const known = this.addressesOf.get(name);
    if (known !== undefined) return known;
    const object = this.config.objects.get(name);
    if (object === undefined)
      return this.undefinedName(name, doubtful(`belongs to ${name}, which is not defined`), command, at);
    if (object.kind !== kind && !(object.kind === "group" && object.type === kind)) {
      throw new Unread(at, `${JSON.stringify(name)} does not hold networks`);
    }
    if (this.tooDeep(name)) return this.circle(command, at, name);
    this.open.add(name);
    const value = object.kind === "group" ? this.groupAddresses(name, object) : this.objectAddresses(name, object);
    this.open.delete(name);
    this.addressesOf.set(name, value);
    return value;
  }

  /** A group in itself, or nested deeper than anybody nests. */
  private tooDeep(name: string): boolean {
    return this.open.has(name) || this.open.size >= MOST_NESTED;
  }

  private circle(command: Command, at: number, name: string): Addresses {
    this.diagnostics.push(
      diagnostic(
        "RW6004",
        this.open.has(name)
          ? `group ${JSON.stringify(name)} contains itself; the device refuses that`
          : `group ${JSON.stringify(name)} is nested deeper than ${MOST_NESTED} levels, and is not followed`,
        { primary: spanFrom(command, at) },
      ),
    );
    return doubtful(`belongs to ${name}, which contains itself`);
  }

  private groupAddresses(name: string, group: Group): Addresses {
    const parts: Addresses[] = [];
    const unread: Command[] = [...group.unread];
    for (const member of group.members) {
      try {
        switch (member.words[0]) {
          case "network-object": {
            const { value, next } = this.readAddress(member, 1, "extended");
            if (next < member.words.length) throw new Unread(next, "nothing belongs here");
            parts.push(value);
            break;
          }
          case "group-object":
            parts.push(this.named(member, 1, "network"));
            break;
          default:
            unread.push(member);
        }
      } catch (error) {
        this.report(member, error);
        unread.push(member);
      }
    }
    return this.withUnread(name, union(parts), unread, parts.length === 0);
  }

  private objectAddresses(name: string, object: Extract<ConfigObject, { kind: "network" | "service" }>): Addresses {
    const unread: Command[] = [...object.unread];
    const { value } = object;
    let result: Addresses | undefined;
    try {
      if (value !== undefined) result = this.objectValue(value);
    } catch (error) {
      this.report(value!, error);
      unread.push(value!);
    }
    return this.withUnread(name, result ?? NONE, unread, result === undefined);
  }

  private objectValue(command: Command): Addresses {
    const { words } = command;
    const whole = ({ value, next }: Piece<Addresses>): Addresses => {
      if (next < words.length) throw new Unread(next, "nothing belongs here");
      return value;
    };
    switch (words[0]) {
      case "host":
        return whole(this.readHost(command, 1));
      case "range":
        return whole({ value: this.range(command, 1), next: 3 });
      case "subnet":
        return whole(this.readNetwork(command, 1));
      default: {
        const family = words[1] === "v4" ? "ipv4" : words[1] === "v6" ? "ipv6" : undefined;
        return doubtful(`is an address of ${words.at(-1)}`, family);
      }
    }
  }

  private withUnread(name: string, value: Addresses, unread: readonly Command[], empty: boolean): Addresses {
    for (const command of unread) this.unreadLine(command);
    if (unread.length > 0) {
      return union([value, doubtful(`belongs to lines of ${name} that are not understood`)]);
    }
    return empty ? doubtful(`belongs to ${name}, which is empty`) : value;
  }

  private unreadLine(command: Command): void {
    if (this.reported.has(command)) return;
    this.reported.add(command);
    this.diagnostics.push(
      diagnostic(
        "RW6001",
        `${JSON.stringify(command.words[0])} has no meaning in this place; what it would add is unknown`,
        {
          primary: spanOf(command),
        },
      ),
    );
  }

  private readonly reported = new Set<Command>();

  private report(command: Command, error: unknown): void {
    if (!(error instanceof Unread)) throw error;
    this.reported.add(command);
    this.diagnostics.push(diagnostic("RW6001", error.why, { primary: spanFrom(command, error.word) }));
  }

  /** A value for a name that is not defined. It is not kept, so that the next use of the name is looked at again. */
  private undefinedName<T>(name: string, value: T, command: Command, at: number): T {
    if (this.missing.has(name)) return value;
    this.missing.add(name);
    const told = diagnostic(
      "RW6005",
      `${JSON.stringify(name)} is not defined in this text${didYouMean(name, this.nearNames())}; what it holds is unknown`,
      { primary: nameSpan(command, at) },
    );
    this.missingOf.set(told, name);
    this.diagnostics.push(told);
    return value;
  }

  /** Takes back what was said since `length` about names that are not defined: something else resolves them. */
  withdrawMissing(length: number): void {
    for (const told of this.diagnostics.splice(length)) {
      const name = this.missingOf.get(told);
      if (name === undefined) this.diagnostics.push(told);
      else this.missing.delete(name);
    }
  }

  /** Looking for the nearest of very many names for very many missing ones would take for ever. */
  private nearNames(): Iterable<string> {
    return this.missing.size > 50 ? [] : this.config.objects.keys();
  }

  /** What stands in the place of the protocol, from word `at`. */
  readProtocol(command: Command, at: number): Piece<Protocol> {
    const { words } = command;
    const word = words[at];
    if (word === undefined) throw new Unread(at, "a protocol is missing");
    if (word !== "object" && word !== "object-group") {
      return { value: protocolNamed(command, at), next: at + 1 };
    }
    const name = words[at + 1];
    if (name === undefined) throw new Unread(at + 1, "a name is missing");
    const object = this.config.objects.get(name);
    if (object?.kind === "group" && object.type === "protocol") {
      const { numbers, doubts } = this.protocolGroup(command, at + 1, name);
      const value: Protocol =
        doubts.length === 0 && isEverything(octets, numbers) ? { kind: "any" } : { kind: "numbers", numbers, doubts };
      return { value, next: at + 2 };
    }
    if (object === undefined && word === "object-group" && this.looksLikePorts(command, at + 2)) {
      const doubts = [`belongs to ${name}, which is not defined`];
      this.undefinedName(name, { numbers: [], doubts }, command, at + 1);
      return { value: { kind: "numbers", numbers: [], doubts }, next: at + 2 };
    }
    return { value: { kind: "services", match: this.services(command, at + 1) }, next: at + 2 };
  }

  /** Whether ports stand behind the addresses, so that a group that is not defined must be one of protocols. */
  private looksLikePorts(command: Command, at: number): boolean {
    return command.words
      .slice(at)
      .some(
        (word, i, words) =>
          ["eq", "neq", "gt", "lt"].includes(word) || (word === "range" && this.literal(words[i + 1]) === undefined),
      );
  }

  private protocolGroup(
    command: Command,
    at: number,
    name: string,
  ): { numbers: IntervalSet<number>; doubts: readonly string[] } {
    const known = this.protocolsOf.get(name);
    if (known !== undefined) return known;
    const group = this.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "protocol") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold protocols`);
      return this.undefinedName(
        name,
        { numbers: [], doubts: [`belongs to ${name}, which is not defined`] },
        command,
        at,
      );
    }
    if (this.tooDeep(name)) {
      this.circle(command, at, name);
      return { numbers: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.open.add(name);
    const numbers: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.eachMember(name, group, doubts, (member) => {
      if (member.words[0] === "group-object") {
        const inner = this.protocolGroup(member, 1, member.words[1] ?? "");
        numbers.push(...inner.numbers);
        doubts.push(...inner.doubts);
      } else if (member.words[0] === "protocol-object") {
        const protocol = protocolNamed(member, 1);
        numbers.push(...(protocol.kind === "numbers" ? protocol.numbers : EVERY_OCTET));
      } else {
        throw new Unread(0, "no protocol");
      }
    });
    this.open.delete(name);
    const value = { numbers: toSet(octets, numbers), doubts: distinct(doubts) };
    this.protocolsOf.set(name, value);
    return value;
  }

  /** Reads every member of a group; for each that cannot be read, and for none at all, there is a doubt. */
  private eachMember(name: string, group: Group, doubts: string[], read: (member: Command) => void): void {
    const unread: Command[] = [...group.unread];
    for (const member of group.members) {
      try {
        read(member);
      } catch (error) {
        this.report(member, error);
        unread.push(member);
      }
    }
    for (const one of unread) this.unreadLine(one);
    if (unread.length > 0) doubts.push(`belongs to lines of ${name} that are not understood`);
    else if (group.members.length === 0) doubts.push(`belongs to ${name}, which is empty`);
  }

  /** The services of an object or an untyped group. */
  private services(command: Command, at: number): Match {
    const name = command.words[at];
    if (name === undefined) throw new Unread(at, "a name is missing");
    const known = this.servicesOf.get(name);
    if (known !== undefined) return known;
    const object = this.config.objects.get(name);
    if (object === undefined) {
      const value = condition(`service belongs to ${name}, which is not defined`);
      return this.undefinedName(name, value, command, at);
    }
    if (object.kind === "network" || (object.kind === "group" && object.type !== "service")) {
      throw new Unread(at, `${JSON.stringify(name)} does not hold services`);
    }
    if (this.tooDeep(name)) {
      this.circle(command, at, name);
      return condition(`service belongs to ${name}, which contains itself`);
    }
    this.open.add(name);
    const doubts: string[] = [];
    const parts: Match[] = [];
    if (object.kind === "service") {
      for (const one of object.unread) this.unreadLine(one);
      if (object.unread.length > 0) doubts.push(`belongs to lines of ${name} that are not understood`);
      if (object.value === undefined) doubts.push(`belongs to ${name}, which is empty`);
      else {
        try {
          parts.push(this.serviceLine(object.value, 1));
        } catch (error) {
          this.report(object.value, error);
          doubts.push(`belongs to lines of ${name} that are not understood`);
        }
      }
    } else {
      this.eachMember(name, object, doubts, (member) => {
        switch (member.words[0]) {
          case "group-object":
            parts.push(this.services(member, 1));
            return;
          case "service-object":
            parts.push(member.words[1] === "object" ? this.services(member, 2) : this.serviceLine(member, 1));
            return;
          case "port-object": {
            const { value, next } = this.readPortOperator(member, 1);
            if (next < member.words.length) throw new Unread(next, "nothing belongs here");
            parts.push(all(protocolMatch(portProtocols(object.ports)), portMatch("destination-port", value)));
            return;
          }
          default:
            throw new Unread(0, "no service");
        }
      });
    }
    this.open.delete(name);
    const value = either(...parts, ...distinct(doubts).map((words) => condition(`service ${words}`)));
    this.servicesOf.set(name, value);
    return value;
  }

  /** `tcp [source OP P] [destination OP P]`, `tcp OP P` (the destination, as 8.2 wrote it), `icmp [TYPE [CODE]]`, `ip`. */
  private serviceLine(command: Command, at: number): Match {
    const { words } = command;
    const name = words[at];
    if (name === undefined) throw new Unread(at, "a protocol is missing");
    const protocol = name === "tcp-udp" ? TCP_UDP : protocolNamed(command, at);
    let next = at + 1;
    if (protocol.kind === "any") {
      if (next < words.length) throw new Unread(next, "nothing belongs here");
      return everyPacket;
    }
    if (protocol.kind === "services") throw new Unread(at, "this is no protocol");
    const parts: Match[] = [numberMatch("protocol", protocol.numbers)];
    if (isIcmp(protocol.numbers)) {
      const icmp = this.readIcmp(command, next, protocol.numbers);
      return all(...parts, icmp.value);
    }
    for (const field of ["source-port", "destination-port"] as const) {
      const word = field === "source-port" ? "source" : "destination";
      if (words[next] === word) next++;
      else if (field === "source-port" || next >= words.length) continue;
      const { value, next: behind } = this.readPortOperator(command, next);
      parts.push(portMatch(field, value));
      next = behind;
    }
    if (next < words.length) throw new Unread(next, "no port");
    return all(...parts);
  }

  /** Ports behind an address, from word `at`; undefined where none stand there. */
  readPorts(command: Command, at: number): Piece<Ports> | undefined {
    const { words } = command;
    const word = words[at];
    if (word === "object-group" || word === "object") {
      const name = words[at + 1];
      if (name === undefined) throw new Unread(at + 1, "a name is missing");
      const object = this.config.objects.get(name);
      if (object === undefined || object.kind !== "group" || object.type !== "service") return undefined;
      return { value: this.portGroup(command, at + 1, name), next: at + 2 };
    }
    if (word === "range" && this.literal(words[at + 1]) !== undefined) return undefined;
    if (word === "eq" || word === "neq" || word === "gt" || word === "lt" || word === "range") {
      return this.readPortOperator(command, at);
    }
    return undefined;
  }

  /** A group that is not defined, where ports would stand. */
  missingPorts(command: Command, at: number): Piece<Ports> {
    const name = command.words[at + 1]!;
    const value: Ports = { known: [], doubts: [`belongs to ${name}, which is not defined`] };
    return { value: this.undefinedName(name, value, command, at + 1), next: at + 2 };
  }

  private portGroup(command: Command, at: number, name: string): Ports {
    const known = this.portsOf.get(name);
    if (known !== undefined) return known;
    const group = this.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "service") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold ports`);
      return this.undefinedName(name, { known: [], doubts: [`belongs to ${name}, which is not defined`] }, command, at);
    }
    if (this.tooDeep(name)) {
      this.circle(command, at, name);
      return { known: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.open.add(name);
    const ranges: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.eachMember(name, group, doubts, (member) => {
      if (member.words[0] === "group-object") {
        const inner = this.portGroup(member, 1, member.words[1] ?? "");
        ranges.push(...inner.known);
        doubts.push(...inner.doubts);
      } else if (member.words[0] === "port-object") {
        const { value, next } = this.readPortOperator(member, 1);
        if (next < member.words.length) throw new Unread(next, "nothing belongs here");
        ranges.push(...value.known);
      } else {
        throw new Unread(0, "a group of whole services cannot stand where ports stand");
      }
    });
    this.open.delete(name);
    const value: Ports = { known: toSet(portNumbers, ranges), doubts: distinct(doubts) };
    this.portsOf.set(name, value);
    return value;
  }

  private readPortOperator(command: Command, at: number): Piece<Ports> {
    const port = (word: number): number => {
      const text = command.words[word];
      const number =
        text === undefined ? undefined : (portNames.get(text) ?? (/^\d{1,5}$/.test(text) ? Number(text) : undefined));
      if (number === undefined || number > 65535) {
        throw new Unread(word, `${JSON.stringify(text ?? "")} is no port${didYouMean(text ?? "", portNames.keys())}`);
      }
      return number;
    };
    const made = (first: number, last: number, next: number): Piece<Ports> => ({
      value: { known: first <= last ? [{ first, last }] : [], doubts: [] },
      next,
    });
    switch (command.words[at]) {
      case "eq":
        return made(port(at + 1), port(at + 1), at + 2);
      case "neq": {
        const one = port(at + 1);
        return { value: { known: complement(portNumbers, [{ first: one, last: one }]), doubts: [] }, next: at + 2 };
      }
      case "gt":
        return made(port(at + 1) + 1, 65535, at + 2);
      case "lt":
        return made(0, port(at + 1) - 1, at + 2);
      case "range": {
        const [first, last] = [port(at + 1), port(at + 2)];
        if (first > last) throw new Unread(at + 1, "the lower port of a range comes first");
        return made(first, last, at + 3);
      }
      default:
        throw new Unread(at, "eq, neq, gt, lt or range should stand here");
    }
  }

  /** `TYPE [CODE]` or a group of types, from word `at`; everything where nothing of that stands there. */
  readIcmp(command: Command, at: number, numbers: IntervalSet<number>): Piece<Match> {
    const { words } = command;
    const word = words[at];
    if (word === "object-group") {
      const types = this.icmpGroup(command, at + 1, words[at + 1] ?? "", numbers);
      const value = either(
        ...(types.known.length === 0 ? [] : [numberMatch("icmp-type", types.known)]),
        ...types.doubts.map((doubt) => condition(`ICMP type ${doubt}`)),
      );
      return { value, next: at + 2 };
    }
    const type = word === undefined ? undefined : icmpType(word, numbers);
    if (type === undefined) return { value: everyPacket, next: at };
    const code = words[at + 1];
    const typeMatch = numberMatch("icmp-type", [{ first: type, last: type }]);
    if (code === undefined || !/^\d{1,3}$/.test(code) || Number(code) > 255) return { value: typeMatch, next: at + 1 };
    const value = all(typeMatch, numberMatch("icmp-code", [{ first: Number(code), last: Number(code) }]));
    return { value, next: at + 2 };
  }

  private icmpGroup(command: Command, at: number, name: string, numbers: IntervalSet<number>): Ports {
    const key = `${numbers[0]?.first} ${name}`;
    const known = this.icmpOf.get(key);
    if (known !== undefined) return known;
    const group = this.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "icmp-type") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold ICMP types`);
      return this.undefinedName(name, { known: [], doubts: [`belongs to ${name}, which is not defined`] }, command, at);
    }
    if (this.tooDeep(name)) {
      this.circle(command, at, name);
      return { known: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.open.add(name);
    const types: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.eachMember(name, group, doubts, (member) => {
      if (member.words[0] === "group-object") {
        const inner = this.icmpGroup(member, 1, member.words[1] ?? "", numbers);
        types.push(...inner.known);
        doubts.push(...inner.doubts);
        return;
      }
      const type = member.words[0] === "icmp-object" ? icmpType(member.words[1] ?? "", numbers) : undefined;
      if (type === undefined || member.words.length > 2) throw new Unread(1, "no ICMP type");
      types.push({ first: type, last: type });
    });
    this.open.delete(name);
    const value: Ports = { known: toSet(octets, types), doubts: distinct(doubts) };
    this.icmpOf.set(key, value);
    return value;
  }
}

/** Bounds the recursion; published limits are far lower. */
const MOST_NESTED = 100;

const ANY: Addresses = { known: anyAddress, doubts: [] };
const ANY4: Addresses = { known: anyIpv4, doubts: [] };
const ANY6: Addresses = { known: anyIpv6, doubts: [] };
const NONE: Addresses = { known: noAddress, doubts: [] };
const EVERY_OCTET: IntervalSet<number> = [{ first: 0, last: 255 }];
const TCP_UDP = {
  kind: "numbers",
  numbers: [
    { first: 6, last: 6 },
    { first: 17, last: 17 },
  ],
  doubts: [],
} as const;

function doubtful(words: string, family?: Family): Addresses {
  return { known: noAddress, doubts: [{ words, ...(family && { family }) }] };
}

function union(parts: readonly Addresses[]): Addresses {
  if (parts.length === 1) return parts[0]!;
  const doubts = new Map<string, AddressDoubt>();
  for (const part of parts) for (const one of part.doubts) doubts.set(`${one.family} ${one.words}`, one);
  return {
    known: unionAddresses(...parts.map((part) => part.known)),
    doubts: [...doubts.values()],
  };
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)];
}

function addressMatch(end: "source" | "destination", addresses: AddressSet): Match {
  return end === "source" ? from(addresses) : to(addresses);
}

export function numberMatch(field: "protocol" | "icmp-type" | "icmp-code", values: IntervalSet<number>): Match {
  return { kind: "number", field, values };
}

export function portMatch(field: "source-port" | "destination-port", ports: Ports): Match {
  const words = field === "source-port" ? "source port" : "destination port";
  return either(
    ...(ports.known.length === 0 ? [] : [{ kind: "number", field, values: ports.known } as const]),
    ...ports.doubts.map((doubt) => condition(`${words} ${doubt}`)),
  );
}

function protocolMatch(numbers: readonly number[]): Match {
  return numberMatch(
    "protocol",
    toSet(
      octets,
      numbers.map((n) => ({ first: n, last: n })),
    ),
  );
}

/** The protocols of a group of ports; an old group without a type is one of both. */
function portProtocols(type: string | undefined): readonly number[] {
  if (type === "tcp") return [protocols.tcp];
  if (type === "udp") return [protocols.udp];
  return [protocols.tcp, protocols.udp];
}

function protocolNamed(command: Command, at: number): Protocol {
  const word = command.words[at] ?? "";
  if (word === "ip" || word === "0") return { kind: "any" };
  const number = protocolNumbers.get(word) ?? (/^\d{1,3}$/.test(word) ? Number(word) : undefined);
  if (number === undefined || number > 255) {
    throw new Unread(at, `${JSON.stringify(word)} is no protocol${didYouMean(word, protocolNumbers.keys())}`);
  }
  return { kind: "numbers", numbers: [{ first: number, last: number }], doubts: [] };
}

export function isIcmp(numbers: IntervalSet<number>): boolean {
  const [only, more] = numbers;
  return (
    more === undefined && only !== undefined && only.first === only.last && (only.first === 1 || only.first === 58)
  );
}

export function hasPorts(numbers: IntervalSet<number>): boolean {
  return numbers.some((one) => protocolsWithPorts.some((port) => one.first <= port && port <= one.last));
}

function icmpType(word: string, numbers: IntervalSet<number>): number | undefined {
  const names = numbers[0]?.first === 58 ? icmp6Types : icmpTypes;
  const type = names.get(word) ?? (/^\d{1,3}$/.test(word) ? Number(word) : undefined);
  return type !== undefined && type <= 255 ? type : undefined;
}

function nameSpan(command: Command, at: number): Span {
  const whole = spanFrom(command, at);
  return { ...whole, end: whole.start + (command.words[at]?.length ?? 0) };
}
