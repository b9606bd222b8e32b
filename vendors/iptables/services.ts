import type { Family, IntervalSet, Service } from "../../src/vendor-kit/index.js";
import { isEverything, portNumbers, protocols, protocolsWithPorts, union } from "../../src/vendor-kit/index.js";

/** A service that iptables cannot match, with the reason for the user. */
export interface Impossible {
  readonly service: Service;
  readonly why: string;
}

/** One way in which a packet can be of the services: the options of an iptables rule, with the protocol they name. */
export interface Guard {
  readonly protocol: number | "any";
  /** Such as `-p tcp -m multiport --dports 139,445`; "" for every packet. */
  readonly options: string;
}

/**
 * The fewest guards that match the packets of any of the services in a family, services with the same protocol taken
 * together. Empty when none of them exists in the family.
 */
export function guardsOf(services: readonly Service[], family: Family): readonly Guard[] {
  const here = services.filter((service) => service.family === undefined || service.family === family);
  if (here.some((service) => service.protocol === "any" && hasAnyPort(service))) {
    return [{ protocol: "any", options: "" }];
  }
  const guards: Guard[] = [];
  const ports = new Map<string, { protocol: number; source: IntervalSet<number>; destination: IntervalSet<number> }>();
  for (const service of here) {
    if (service.icmp !== undefined) {
      guards.push({ protocol: service.protocol, options: icmpOptions(service, family) });
      continue;
    }
    // Ports without a protocol are those of every protocol that has ports.
    for (const protocol of service.protocol === "any" ? protocolsWithPorts : [service.protocol]) {
      const key = `${protocol} ${JSON.stringify(service.sourcePorts)}`;
      const known = ports.get(key);
      ports.set(key, {
        protocol,
        source: service.sourcePorts,
        destination: union(portNumbers, known?.destination ?? [], service.destinationPorts),
      });
    }
  }
  for (const { protocol, source, destination } of ports.values()) {
    for (const sourcePart of portOptions(protocol, "source", source)) {
      for (const destinationPart of portOptions(protocol, "destination", destination)) {
        const parts = [`-p ${protocolName(protocol)}`, sourcePart, destinationPart];
        guards.push({ protocol, options: parts.filter((part) => part !== "").join(" ") });
      }
    }
  }
  return guards;
}

/** Services that no iptables rule can match exactly. */
export function impossibleServices(services: readonly Service[]): readonly Impossible[] {
  return services.flatMap((service): Impossible[] => {
    if (service.protocol === 0) return [{ service, why: "iptables reads protocol 0 as any protocol" }];
    if (service.icmp?.type === 255) return [{ service, why: "iptables reads ICMP type 255 as any type" }];
    if (!hasAnyPort(service) && service.protocol !== "any" && !protocolsWithPorts.includes(service.protocol)) {
      return [{ service, why: `protocol ${service.protocol} has no ports` }];
    }
    return [];
  });
}

function hasAnyPort(service: Service): boolean {
  return isEverything(portNumbers, service.sourcePorts) && isEverything(portNumbers, service.destinationPorts);
}

function icmpOptions(service: Service, family: Family): string {
  const { type, code } = service.icmp!;
  const value = code === undefined ? `${type}` : `${type}/${code}`;
  return family === "ipv4" ? `-p icmp -m icmp --icmp-type ${value}` : `-p ipv6-icmp -m icmp6 --icmpv6-type ${value}`;
}

function protocolName(protocol: number): string {
  switch (protocol) {
    case protocols.tcp:
      return "tcp";
    case protocols.udp:
      return "udp";
    case protocols.icmp:
      return "icmp";
    case protocols.icmpv6:
      return "ipv6-icmp";
    default:
      return String(protocol);
  }
}

/** A multiport match holds 15 numbers, of which a range takes two. Source: iptables-extensions(8), multiport. */
const multiportRoom = 15;

/** The options that match the ports, one entry a rule; a single "" for every port. */
function portOptions(protocol: number, end: "source" | "destination", ports: IntervalSet<number>): readonly string[] {
  if (isEverything(portNumbers, ports)) return [""];
  const letter = end === "source" ? "s" : "d";
  const [only, more] = ports;
  if (only !== undefined && more === undefined && (protocol === protocols.tcp || protocol === protocols.udp)) {
    return [`-m ${protocolName(protocol)} --${letter}port ${portText(only)}`];
  }
  const lists: string[][] = [];
  let room = 0;
  for (const range of ports) {
    const needs = range.first === range.last ? 1 : 2;
    if (room < needs) {
      lists.push([]);
      room = multiportRoom;
    }
    lists[lists.length - 1]!.push(portText(range));
    room -= needs;
  }
  return lists.map((list) => `-m multiport --${letter}ports ${list.join(",")}`);
}

function portText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? String(first) : `${first}:${last}`;
}
