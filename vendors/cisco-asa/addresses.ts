import type { AddressSet, Family, Match } from "../../src/vendor-kit/index.js";
import {
  all,
  any as either,
  anyAddress,
  anyIpv4,
  anyIpv6,
  diagnostic,
  everyPacket,
  formatIpv4,
  from,
  isAnyAddress,
  netmaskLength4,
  noAddress,
  ofFamily,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  particular,
  prefixSet,
  to,
  unionOf,
} from "../../src/vendor-kit/index.js";
import type { ConfigObject, Group, Interface } from "./config.js";
import type { Command } from "./lexer.js";
import { spanFrom } from "./lexer.js";
import type { Piece, References } from "./references.js";
import { Unread } from "./references.js";

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

/**
 * Reads addresses as entries, objects and groups hold them.
 *
 * Each object and group is resolved once. What is not defined, not readable, or goes round in a circle, becomes a
 * doubt: a free condition with words that name it.
 */
export class AddressReader {
  private readonly addressesOf = new Map<string, Addresses>();
  private readonly matchOf = { source: new WeakMap<Addresses, Match>(), destination: new WeakMap<Addresses, Match>() };
  private readonly literals = new Map<string, Addresses>();
  private interfaceOf: Map<string, Interface> | undefined;

  constructor(private readonly references: References) {}

  /** Before 9.0 an access-list speaks of one family. */
  anyFamilies(list: "extended" | "ipv6"): Addresses {
    if (list === "ipv6") return ANY6;
    return (this.references.config.version?.major ?? 9) < 9 ? ANY4 : ANY;
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
              all(...(doubt.family ? [ofFamily(doubt.family)] : []), particular(`${end} ${doubt.words}`)),
            ),
          );
      cache.set(addresses, match);
    }
    return match;
  }

  /** An address as an entry has it, from word `at`. */
  read(command: Command, at: number, list: "extended" | "ipv6"): Piece<Addresses> {
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
    const alias = this.references.config.names.get(word);
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
      this.references.diagnostics.push(
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
    this.references.diagnostics.push(
      diagnostic("RW6004", `${text}: the address has bits behind its mask, and an ASA refuses the pair`, {
        primary: spanFrom(command, at),
        severity: "warning",
        help: instead === undefined ? undefined : `if the network is meant, write ${instead}`,
      }),
    );
    return doubtful(`fits ${text}`, text.includes(":") ? "ipv6" : "ipv4");
  }

  /** An address, or a name of one; undefined for any other word. */
  literal(word: string | undefined): Addresses | undefined {
    if (word === undefined) return undefined;
    const known = this.literals.get(word);
    if (known !== undefined) return known;
    const text = this.references.config.names.get(word) ?? word;
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
      this.interfaceOf = new Map(this.references.config.interfaces.map((one) => [one.name?.toLowerCase() ?? "", one]));
    }
    const found = this.interfaceOf.get(name.toLowerCase());
    const parts: Addresses[] = [];
    for (const words of found?.addresses ?? []) {
      const address =
        words[1] === undefined ? undefined : parseIpv4(this.references.config.names.get(words[1]) ?? words[1]);
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
    const object = this.references.config.objects.get(name);
    if (object === undefined)
      return this.references.undefinedName(name, doubtful(`belongs to ${name}, which is not defined`), command, at);
    if (object.kind !== kind && !(object.kind === "group" && object.type === kind)) {
      throw new Unread(at, `${JSON.stringify(name)} does not hold networks`);
    }
    if (this.references.tooDeep(name)) {
      this.references.tellCircle(command, at, name);
      return doubtful(`belongs to ${name}, which contains itself`);
    }
    this.references.open.add(name);
    const value = object.kind === "group" ? this.groupAddresses(name, object) : this.objectAddresses(name, object);
    this.references.open.delete(name);
    this.addressesOf.set(name, value);
    return value;
  }

  private groupAddresses(name: string, group: Group): Addresses {
    const parts: Addresses[] = [];
    const unread: Command[] = [...group.unread];
    for (const member of group.members) {
      try {
        switch (member.words[0]) {
          case "network-object": {
            const { value, next } = this.read(member, 1, "extended");
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
        this.references.report(member, error);
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
      this.references.report(value!, error);
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
    for (const command of unread) this.references.unreadLine(command);
    if (unread.length > 0) {
      return union([value, doubtful(`belongs to lines of ${name} that are not understood`)]);
    }
    return empty ? doubtful(`belongs to ${name}, which is empty`) : value;
  }
}

const ANY: Addresses = { known: anyAddress, doubts: [] };
const ANY4: Addresses = { known: anyIpv4, doubts: [] };
const ANY6: Addresses = { known: anyIpv6, doubts: [] };
const NONE: Addresses = { known: noAddress, doubts: [] };

function doubtful(words: string, family?: Family): Addresses {
  return { known: noAddress, doubts: [{ words, ...(family && { family }) }] };
}

function union(parts: readonly Addresses[]): Addresses {
  if (parts.length === 1) return parts[0]!;
  const doubts = new Map<string, AddressDoubt>();
  for (const part of parts) for (const one of part.doubts) doubts.set(`${one.family} ${one.words}`, one);
  return {
    known: unionOf(parts.map((part) => part.known)),
    doubts: [...doubts.values()],
  };
}

function addressMatch(end: "source" | "destination", addresses: AddressSet): Match {
  return end === "source" ? from(addresses) : to(addresses);
}
