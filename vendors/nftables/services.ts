import type { Family, IntervalSet, Service } from "../../src/vendor-kit/index.js";
import { isEverything, portNumbers, union } from "../../src/vendor-kit/index.js";

/**
 * The services as nft matches: a packet of any alternative belongs to one of them. Services that differ in destination
 * ports only share one alternative, so that other traffic is compared once.
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
    .map(({ service, ports }) => [...guardOf(service, families), ...serviceMatch(service, ports)]);
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

function serviceMatch(service: Service, destinationPorts: IntervalSet<number>): string[] {
  if (service.protocol === "any") return [];
  if (service.icmp !== undefined) return icmpMatch(service.protocol, service.icmp);
  const name = protocolWords.get(service.protocol);
  const parts: string[] = [];
  if (!isEverything(portNumbers, service.sourcePorts)) parts.push(`${name} sport ${portsText(service.sourcePorts)}`);
  if (!isEverything(portNumbers, destinationPorts)) parts.push(`${name} dport ${portsText(destinationPorts)}`);
  return parts.length > 0 ? parts : [`meta l4proto ${name ?? service.protocol}`];
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

function portsText(ports: IntervalSet<number>): string {
  const texts = ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return texts.length === 1 ? texts[0]! : `{ ${texts.join(", ")} }`;
}
