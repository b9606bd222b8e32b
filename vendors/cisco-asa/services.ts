import type { IntervalSet, Match } from "../../src/vendor-kit/index.js";
import {
  all,
  any as either,
  complement,
  condition,
  diagnostic,
  didYouMean,
  everyPacket,
  isEverything,
  octets,
  portNumbers,
  protocols,
  protocolsWithPorts,
  toSet,
} from "../../src/vendor-kit/index.js";
import type { AddressReader } from "./addresses.js";
import type { Command } from "./lexer.js";
import type { Piece, References } from "./references.js";
import { nameSpan, Unread } from "./references.js";
import { icmp6Types, icmpTypes, portNames, protocolNumbers } from "./words.js";

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

/** Reads protocols, ports and ICMP types as entries, objects and groups hold them; see {@link ./addresses.ts} for doubts. */
export class ServiceReader {
  private readonly servicesOf = new Map<string, Match>();
  private readonly protocolsOf = new Map<string, { numbers: IntervalSet<number>; doubts: readonly string[] }>();
  private readonly portsOf = new Map<string, Ports>();
  private readonly icmpOf = new Map<string, Ports>();

  constructor(
    private readonly references: References,
    private readonly addresses: AddressReader,
  ) {}

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
    const object = this.references.config.objects.get(name);
    if (object?.kind === "group" && object.type === "protocol") {
      const { numbers, doubts } = this.protocolGroup(command, at + 1, name);
      const value: Protocol =
        doubts.length === 0 && isEverything(octets, numbers) ? { kind: "any" } : { kind: "numbers", numbers, doubts };
      return { value, next: at + 2 };
    }
    if (object === undefined && word === "object-group" && this.looksLikePorts(command, at + 2)) {
      const doubts = [`belongs to ${name}, which is not defined`];
      this.references.undefinedName(name, { numbers: [], doubts }, command, at + 1);
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
          ["eq", "neq", "gt", "lt"].includes(word) ||
          (word === "range" && this.addresses.literal(words[i + 1]) === undefined),
      );
  }

  private protocolGroup(
    command: Command,
    at: number,
    name: string,
  ): { numbers: IntervalSet<number>; doubts: readonly string[] } {
    const known = this.protocolsOf.get(name);
    if (known !== undefined) return known;
    const group = this.references.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "protocol") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold protocols`);
      return this.references.undefinedName(
        name,
        { numbers: [], doubts: [`belongs to ${name}, which is not defined`] },
        command,
        at,
      );
    }
    if (this.references.tooDeep(name)) {
      this.references.tellCircle(command, at, name);
      return { numbers: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.references.open.add(name);
    const numbers: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.references.eachMember(name, group, doubts, (member) => {
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
    this.references.open.delete(name);
    const value = { numbers: toSet(octets, numbers), doubts: distinct(doubts) };
    this.protocolsOf.set(name, value);
    return value;
  }

  /** The services of an object or an untyped group. */
  private services(command: Command, at: number): Match {
    const name = command.words[at];
    if (name === undefined) throw new Unread(at, "a name is missing");
    const known = this.servicesOf.get(name);
    if (known !== undefined) return known;
    const object = this.references.config.objects.get(name);
    if (object === undefined) {
      const value = condition(`service belongs to ${name}, which is not defined`);
      return this.references.undefinedName(name, value, command, at);
    }
    if (object.kind === "network" || (object.kind === "group" && object.type !== "service")) {
      throw new Unread(at, `${JSON.stringify(name)} does not hold services`);
    }
    if (this.references.tooDeep(name)) {
      this.references.tellCircle(command, at, name);
      return condition(`service belongs to ${name}, which contains itself`);
    }
    this.references.open.add(name);
    const doubts: string[] = [];
    const parts: Match[] = [];
    if (object.kind === "service") {
      for (const one of object.unread) this.references.unreadLine(one);
      if (object.unread.length > 0) doubts.push(`belongs to lines of ${name} that are not understood`);
      if (object.value === undefined) doubts.push(`belongs to ${name}, which is empty`);
      else {
        try {
          parts.push(this.serviceLine(object.value, 1));
        } catch (error) {
          this.references.report(object.value, error);
          doubts.push(`belongs to lines of ${name} that are not understood`);
        }
      }
    } else {
      this.references.eachMember(name, object, doubts, (member) => {
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
    this.references.open.delete(name);
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
      const object = this.references.config.objects.get(name);
      if (object === undefined || object.kind !== "group" || object.type !== "service") return undefined;
      return { value: this.portGroup(command, at + 1, name), next: at + 2 };
    }
    if (word === "range" && this.addresses.literal(words[at + 1]) !== undefined) return undefined;
    if (word === "eq" || word === "neq" || word === "gt" || word === "lt" || word === "range") {
      return this.readPortOperator(command, at);
    }
    return undefined;
  }

  /** A group that is not defined, where ports would stand. */
  missingPorts(command: Command, at: number): Piece<Ports> {
    const name = command.words[at + 1]!;
    const value: Ports = { known: [], doubts: [`belongs to ${name}, which is not defined`] };
    return { value: this.references.undefinedName(name, value, command, at + 1), next: at + 2 };
  }

  private portGroup(command: Command, at: number, name: string): Ports {
    const known = this.portsOf.get(name);
    if (known !== undefined) return known;
    const group = this.references.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "service") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold ports`);
      return this.references.undefinedName(
        name,
        { known: [], doubts: [`belongs to ${name}, which is not defined`] },
        command,
        at,
      );
    }
    if (this.references.tooDeep(name)) {
      this.references.tellCircle(command, at, name);
      return { known: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.references.open.add(name);
    const ranges: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.references.eachMember(name, group, doubts, (member) => {
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
    this.references.open.delete(name);
    const value: Ports = { known: toSet(portNumbers, ranges), doubts: distinct(doubts) };
    this.portsOf.set(name, value);
    return value;
  }

  private readPortOperator(command: Command, at: number): Piece<Ports> {
    const port = (word: number): number => {
      const text = command.words[word];
      const number =
        text === undefined ? undefined : (portNames.get(text) ?? (/^\d{1,5}$/.test(text) ? Number(text) : undefined));
      if (text === "cifs") {
        this.references.diagnostics.push(
          diagnostic("RW6003", '"cifs" is port 3020 on an ASA; SMB is port 445, which has no name there', {
            primary: nameSpan(command, word),
            help: "write 445 where SMB is meant, else 3020",
          }),
        );
      }
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
      case "eq": {
        const one = port(at + 1);
        return made(one, one, at + 2);
      }
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
    const group = this.references.config.objects.get(name);
    if (group?.kind !== "group" || group.type !== "icmp-type") {
      if (group !== undefined) throw new Unread(at, `${JSON.stringify(name)} does not hold ICMP types`);
      return this.references.undefinedName(
        name,
        { known: [], doubts: [`belongs to ${name}, which is not defined`] },
        command,
        at,
      );
    }
    if (this.references.tooDeep(name)) {
      this.references.tellCircle(command, at, name);
      return { known: [], doubts: [`belongs to ${name}, which contains itself`] };
    }
    this.references.open.add(name);
    const types: { first: number; last: number }[] = [];
    const doubts: string[] = [];
    this.references.eachMember(name, group, doubts, (member) => {
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
    this.references.open.delete(name);
    const value: Ports = { known: toSet(octets, types), doubts: distinct(doubts) };
    this.icmpOf.set(key, value);
    return value;
  }
}

const EVERY_OCTET: IntervalSet<number> = [{ first: 0, last: 255 }];
const TCP_UDP = {
  kind: "numbers",
  numbers: [
    { first: 6, last: 6 },
    { first: 17, last: 17 },
  ],
  doubts: [],
} as const;

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)];
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
