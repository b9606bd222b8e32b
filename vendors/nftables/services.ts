import type { Family, IntervalSet, Service } from "../../src/vendor-kit/index.js";
import { isEverything, portNumbers, union } from "../../src/vendor-kit/index.js";

/**
 * The services as nft matches: a packet of any alternative belongs to one of them. Services that differ in destination
 * ports only share alternatives, so that other traffic is compared once.
 *
 * Ranges of ports stand by themselves and never in a set, which would be an interval set: see `chains.ts`.
 */
export function serviceMatches(services: readonly Service[], families: readonly Family[]): string[][] {
  const groups = new Map<string, { service: Service; ports: IntervalSet<number> }>();
  for (const service of services) {
    const key = JSON.stringify([service.protocol, service.family, service.icmp, service.sourcePorts]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { service, ports: service.destinationPorts });
    else group.ports = union(portNumbers, group.ports, service.destinationPorts);
  }
  return [...groups.values()]
    .filter(({ service }) => service.family === undefined || families.includes(service.family))
    .flatMap(({ service, ports }) =>
      serviceAlternatives(service, ports).map((matches) => [...guardOf(service, families), ...matches]),
    );
}

/** Every service of `inner` is, just so, in `outer`. */
export function servicesCover(outer: readonly Service[], inner: readonly Service[]): boolean {
  const key = (service: Service): string => JSON.stringify({ ...service, label: "" });
  const there = new Set(outer.map(key));
  return inner.every((service) => there.has(key(service)));
}

export function familyGuard(family: Family): string {
  return `meta nfproto ${family}`;
}

/** A family has to be named when one is meant and no match of the service implies it. */
function guardOf(service: Service, families: readonly Family[]): string[] {
  const only = service.family ?? (families.length === 1 ? families[0]! : undefined);
  if (only === undefined || service.icmp !== undefined) return [];
  return [familyGuard(only)];
}

function serviceAlternatives(service: Service, destinationPorts: IntervalSet<number>): string[][] {
  if (service.protocol === "any") return [[]];
  if (service.icmp !== undefined) return [icmpMatch(service.protocol, service.icmp)];
  const name = protocolWords.get(service.protocol);
  const sources = portAlternatives(service.sourcePorts).map((ports) => `${name} sport ${ports}`);
  const destinations = portAlternatives(destinationPorts).map((ports) => `${name} dport ${ports}`);
  if (sources.length === 0 && destinations.length === 0) return [[`meta l4proto ${name ?? service.protocol}`]];
  if (sources.length === 0) return destinations.map((match) => [match]);
  if (destinations.length === 0) return sources.map((match) => [match]);
  return sources.flatMap((source) => destinations.map((destination) => [source, destination]));
}

/** Words of nft's own grammar; any other name would need /etc/protocols on the firewall. */
const protocolWords: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [2, "igmp"],
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [50, "esp"],
  [51, "ah"],
  [58, "icmpv6"],
  [132, "sctp"],
  [136, "udplite"],
]);

/** `icmp` and `icmpv6` imply the family as well as the protocol. */
function icmpMatch(protocol: number, icmp: { readonly type: number; readonly code?: number }): string[] {
  const name = protocol === 1 ? "icmp" : "icmpv6";
  const code = icmp.code === undefined ? [] : [`${name} code ${icmp.code}`];
  return [`${name} type ${icmp.type}`, ...code];
}

/** `445`, `{ 139, 445 }`, `137-138`; none for every port. */
function portAlternatives(ports: IntervalSet<number>): string[] {
  if (isEverything(portNumbers, ports)) return [];
  // Two neighbours are quicker and plainer as a range than as a set.
  const singles = ports.filter(({ first, last }) => first === last).map(({ first }) => String(first));
  const ranges = ports.filter(({ first, last }) => first < last).map(({ first, last }) => `${first}-${last}`);
  if (singles.length === 0) return ranges;
  return [singles.length === 1 ? singles[0]! : `{ ${singles.join(", ")} }`, ...ranges];
}
