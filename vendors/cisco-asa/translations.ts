import type { AddressSet, IntervalSet, Match, Translation } from "../../src/vendor-kit/index.js";
import {
  all,
  everyPacket,
  from,
  highest,
  ingress,
  isAnyAddress,
  isNoAddress,
  labelOf,
  ofProtocol,
  protocols,
  to,
} from "../../src/vendor-kit/index.js";
import type { Config, NatText } from "./config.js";
import type { Command } from "./lexer.js";
import { spanOf } from "./lexer.js";
import type { Meanings } from "./meanings.js";
import { Unread } from "./references.js";
import { portNames } from "./words.js";

/**
 * Static translations of destinations, in each direction in which one rewrites them. The lists see what comes out.
 *
 * Left out: translations of version 8.2 and older, where the lists see packets as they arrive, and those that change
 * nothing (identity).
 *
 * Source: Cisco ASA Firewall CLI configuration guide, "Network Address Translation", network object NAT and twice NAT.
 */
export function translationsOf(config: Config, meanings: Meanings): Translation[] {
  const { version } = config;
  if (version !== undefined && (version.major < 8 || (version.major === 8 && version.minor < 3))) return [];
  const reader = new Reader(config, meanings);
  return config.translations.flatMap((nat) =>
    nat.object === undefined ? reader.twice(nat) : reader.ofObject(nat, nat.object),
  );
}

/** A service before and after: `tcp`, 445 as 8445. */
interface ServicePair {
  readonly protocol: number;
  readonly real: IntervalSet<number>;
  readonly mapped: IntervalSet<number>;
}

class Reader {
  constructor(
    private readonly config: Config,
    private readonly meanings: Meanings,
  ) {}

  /** `nat (REAL,MAPPED) static ADDRESS|OBJECT|interface [service tcp|udp|sctp REAL-PORT MAPPED-PORT]` in an object. */
  ofObject(nat: NatText, object: string): Translation[] {
    const { words } = nat.command;
    const interfaces = interfacesOf(words[1]);
    if (interfaces === undefined || words[2] !== "static") return [];
    const real = this.named(object, nat.command);
    const named =
      words[3] === "interface" ? this.ofInterface(interfaces.mapped, nat.command) : this.named(words[3], nat.command);
    const mapped = named && real && !this.config.objects.has(words[3] ?? "") ? asLongAs(real, named) : named;
    const at = words.indexOf("service", 3);
    const service = at < 0 ? undefined : portsPair(words.slice(at + 1, at + 4));
    if (at > 0 && service === undefined) return [];
    return this.inwards(nat.command, interfaces.mapped, mapped, real, service);
  }

  /**
   * `nat (REAL,MAPPED) [after-auto|LINE] source static REAL MAPPED|interface [destination static MAPPED|interface REAL]
   * [service REAL-SERVICE MAPPED-SERVICE] ... [unidirectional] [inactive]`. `source dynamic` with a static destination
   * rewrites the way out only.
   */
  twice({ command }: NatText): Translation[] {
    const { words } = command;
    if (words[0] !== "nat" || words.includes("inactive")) return [];
    const interfaces = interfacesOf(words[1]);
    const source = words.indexOf("source");
    if (interfaces === undefined || source < 0) return [];
    const destination = words.indexOf("destination");
    const service = words.indexOf("service");
    const services = service < 0 ? undefined : this.objectsPair(words[service + 1], words[service + 2]);
    const found: Translation[] = [];
    if (
      words[source + 1] === "static" &&
      !words.includes("unidirectional") &&
      (service < 0 || services?.source !== undefined)
    ) {
      const real = this.named(words[source + 2], command);
      const name = words[source + 3];
      const mapped = name === "interface" ? this.ofInterface(interfaces.mapped, command) : this.named(name, command);
      const others = destination < 0 ? undefined : this.named(words[destination + 3], command);
      found.push(...this.inwards(command, interfaces.mapped, mapped, real, services?.source, others));
    }
    if (
      destination > 0 &&
      words[destination + 1] === "static" &&
      (service < 0 || services?.destination !== undefined)
    ) {
      const name = words[destination + 2];
      const mapped = name === "interface" ? this.ofInterface(interfaces.real, command) : this.named(name, command);
      const real = this.named(words[destination + 3], command);
      // On the way out the words of the service stand the other way round: mapped is what the client asks for.
      const pair = services?.destination;
      const asked = pair && { ...pair, real: pair.mapped, mapped: pair.real };
      found.push(
        ...this.inwards(command, interfaces.real, mapped, real, asked, this.named(words[source + 2], command)),
      );
    }
    return found;
  }

  /** Packets that arrive on an interface for the mapped address go on to the real one; all of them where no senders are given. */
  private inwards(
    command: Command,
    arriving: string,
    mapped: AddressSet | undefined,
    real: AddressSet | undefined,
    service: ServicePair | undefined,
    senders?: AddressSet,
  ): Translation[] {
    if (mapped === undefined || real === undefined || isNoAddress(mapped)) return [];
    const sameAddresses = JSON.stringify(mapped, bigints) === JSON.stringify(real, bigints);
    const samePorts = service === undefined || JSON.stringify(service.real) === JSON.stringify(service.mapped);
    if (sameAddresses && samePorts) return [];
    const match = all(
      this.arrivingOn(arriving),
      isAnyAddress(mapped) ? everyPacket : to(mapped),
      senders === undefined || isAnyAddress(senders) ? everyPacket : from(senders),
      ...(service === undefined
        ? []
        : [
            ofProtocol(service.protocol),
            { kind: "number", field: "destination-port", values: service.mapped } as const,
          ]),
    );
    return [
      {
        label: labelOf(command.text),
        span: spanOf(command),
        match,
        ...(!sameAddresses && { destination: real }),
        ...(!samePorts && { ports: service.real }),
        bypassesFilter: false,
      },
    ];
  }

  private arrivingOn(name: string): Match {
    if (name.toLowerCase() === "any") return everyPacket;
    const known = this.config.interfaces.find((one) => one.name?.toLowerCase() === name.toLowerCase());
    return ingress(known?.name ?? name);
  }

  /** An object, a group, `any`, or an address as it stands; undefined where not all of it is known. */
  private named(name: string | undefined, command: Command): AddressSet | undefined {
    if (name === undefined) return undefined;
    const words = this.config.objects.has(name) ? ["object", name] : /^any[46]?$/.test(name) ? [name] : ["host", name];
    return this.read(words, command);
  }

  private ofInterface(name: string, command: Command): AddressSet | undefined {
    return this.read(["interface", name], command);
  }

  private read(words: readonly string[], command: Command): AddressSet | undefined {
    try {
      const { value } = this.meanings.addresses.read({ ...command, words }, 0, "extended");
      return value.doubts.length === 0 ? value.known : undefined;
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      return undefined;
    }
  }

  /** Two service objects, with the ports of the source and those of the destination. */
  private objectsPair(
    real: string | undefined,
    mapped: string | undefined,
  ): { readonly source?: ServicePair | undefined; readonly destination?: ServicePair | undefined } {
    const [a, b] = [this.service(real), this.service(mapped)];
    if (a === undefined || b === undefined || a.protocol !== b.protocol) return {};
    const pair = (end: "source" | "destination"): ServicePair | undefined => {
      const [before, after] = [a[end], b[end]];
      return before === undefined || after === undefined
        ? undefined
        : { protocol: a.protocol, real: before, mapped: after };
    };
    return { source: pair("source"), destination: pair("destination") };
  }

  private service(name: string | undefined):
    | {
        readonly protocol: number;
        readonly source?: IntervalSet<number> | undefined;
        readonly destination?: IntervalSet<number> | undefined;
      }
    | undefined {
    const object = name === undefined ? undefined : this.config.objects.get(name);
    if (object?.kind !== "service" || object.value === undefined) return undefined;
    const words = object.value.words.slice(1);
    const protocol = protocolOf(words[0]);
    if (protocol === undefined) return undefined;
    const ports = (word: string): IntervalSet<number> | undefined => {
      const at = words.indexOf(word);
      if (at < 0) return undefined;
      const first = portOf(words[at + 2]);
      const last = words[at + 1] === "range" ? portOf(words[at + 3]) : words[at + 1] === "eq" ? first : undefined;
      return first === undefined || last === undefined || first > last ? undefined : [{ first, last }];
    };
    return { protocol, source: ports("source"), destination: ports("destination") };
  }
}

/** An address that stands for a whole network is the first of as many. */
function asLongAs(real: AddressSet, first: AddressSet): AddressSet {
  const [range, ...more] = real.ipv4;
  const [start] = first.ipv4;
  if (range === undefined || start === undefined || more.length > 0 || start.first !== start.last) return first;
  return {
    ipv4: [{ first: start.first, last: Math.min(highest.ipv4, start.first + range.last - range.first) }],
    ipv6: [],
  };
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** `(inside,outside)`. */
function interfacesOf(word: string | undefined): { readonly real: string; readonly mapped: string } | undefined {
  const found = /^\(([^,()]+),([^,()]+)\)$/.exec(word ?? "");
  return found === null ? undefined : { real: found[1]!, mapped: found[2]! };
}

/** `tcp 445 8445`: the real port, then the mapped one. */
function portsPair([name, realText, mappedText]: readonly string[]): ServicePair | undefined {
  const protocol = protocolOf(name);
  const [real, mapped] = [portOf(realText), portOf(mappedText)];
  if (protocol === undefined || real === undefined || mapped === undefined) return undefined;
  return { protocol, real: [{ first: real, last: real }], mapped: [{ first: mapped, last: mapped }] };
}

function protocolOf(word: string | undefined): number | undefined {
  return word === "tcp" ? protocols.tcp : word === "udp" ? protocols.udp : word === "sctp" ? protocols.sctp : undefined;
}

function portOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const number = portNames.get(word) ?? (/^\d{1,5}$/.test(word) ? Number(word) : undefined);
  return number === undefined || number > 65535 ? undefined : number;
}
