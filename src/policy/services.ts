import { nearest } from "../diagnostics/index.js";
import type { IntervalSet } from "../net/index.js";
import { everything, intersect, portNumbers, subtract, toSet } from "../net/index.js";
import type { Service } from "./edge.js";

/** Why a text is no service, and what to write where that is certain. */
export interface ServiceProblem {
  readonly why: string;
  readonly instead?: string;
}

export type ServiceReading =
  | { readonly ok: true; readonly services: readonly Service[] }
  | { readonly ok: false; readonly problem: ServiceProblem };

/**
 * A service as text: `any`, `tcp/445`, `udp/137-138`, `tcp`, `tcp/*`, `tcp/1024-65535>445`, `icmp`, `icmp/echo-request`,
 * `icmp/3/4`, `icmpv6/135`, `gre`, `protocol/47`.
 *
 * `icmp` and its named types mean both families (ICMP in IPv4, ICMPv6 in IPv6) where both have them; numbers after
 * `icmp` are those of IPv4.
 */
export function parseService(text: string): ServiceReading {
  const slash = text.indexOf("/");
  const protocol = slash < 0 ? text : text.slice(0, slash);
  const rest = slash < 0 ? undefined : text.slice(slash + 1);
  if (protocol !== protocol.toLowerCase() && isProtocol(protocol.toLowerCase())) {
    return refuse("protocols are written in lower case", protocol.toLowerCase() + text.slice(protocol.length));
  }
  if (protocol === "any") {
    return rest === undefined ? accept(service(text, "any")) : refuse("a port needs a protocol", `tcp/${rest}`);
  }
  if (Object.hasOwn(withPorts, protocol)) return parsePorts(text, protocol as ProtocolWithPorts, rest);
  if (protocol === "icmp" || protocol === "icmpv4" || protocol === "icmpv6") return parseIcmp(text, protocol, rest);
  if (protocol === "protocol") return parseNumber(text, rest);
  const number = Object.hasOwn(withoutPorts, protocol) ? withoutPorts[protocol] : undefined;
  if (number === undefined) return unknownProtocol(protocol, rest);
  return rest === undefined ? accept(service(text, number)) : refuse(`${protocol} has no ports`, protocol);
}

function unknownProtocol(protocol: string, rest: string | undefined): ServiceReading {
  const near = nearest(protocol, protocolWords, 1)[0];
  if (near !== undefined) {
    return refuse(`"${protocol}" is no protocol`, rest === undefined ? near : `${near}/${rest}`);
  }
  const named = [...protocolWords].filter((word) => word !== "protocol").join(", ");
  return refuse(`"${protocol}" is no protocol that has a name here (${named})`, "protocol/ and its number");
}

/** Whether a text is meant as a service and not as the name of one. */
export function looksLikeService(text: string): boolean {
  return text.includes("/") || isProtocol(text.toLowerCase());
}

/** Words that stand for themselves and cannot name a service. */
export function isProtocol(word: string): boolean {
  return protocolWords.has(word);
}

export const withPorts = { tcp: 6, udp: 17, dccp: 33, sctp: 132, udplite: 136 } as const;
export type ProtocolWithPorts = keyof typeof withPorts;

/** Source: IANA, Assigned Internet Protocol Numbers. */
export const withoutPorts: Readonly<Record<string, number>> = {
  igmp: 2,
  ipip: 4,
  gre: 47,
  esp: 50,
  ah: 51,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
};

const protocolWords: ReadonlySet<string> = new Set([
  "any",
  ...Object.keys(withPorts),
  "icmp",
  "icmpv4",
  "icmpv6",
  ...Object.keys(withoutPorts),
  "protocol",
]);

interface IcmpType {
  readonly ipv4?: { readonly type: number; readonly code?: number };
  readonly ipv6?: { readonly type: number; readonly code?: number };
}

/** Source: IANA, ICMP Parameters and ICMPv6 Parameters. */
export const icmpTypes: Readonly<Record<string, IcmpType>> = {
  "echo-request": { ipv4: { type: 8 }, ipv6: { type: 128 } },
  "echo-reply": { ipv4: { type: 0 }, ipv6: { type: 129 } },
  "destination-unreachable": { ipv4: { type: 3 }, ipv6: { type: 1 } },
  "time-exceeded": { ipv4: { type: 11 }, ipv6: { type: 3 } },
  "parameter-problem": { ipv4: { type: 12 }, ipv6: { type: 4 } },
  redirect: { ipv4: { type: 5 }, ipv6: { type: 137 } },
  "router-solicitation": { ipv4: { type: 10 }, ipv6: { type: 133 } },
  "router-advertisement": { ipv4: { type: 9 }, ipv6: { type: 134 } },
  "fragmentation-needed": { ipv4: { type: 3, code: 4 } },
  "timestamp-request": { ipv4: { type: 13 } },
  "timestamp-reply": { ipv4: { type: 14 } },
  "packet-too-big": { ipv6: { type: 2 } },
  "neighbour-solicitation": { ipv6: { type: 135 } },
  "neighbour-advertisement": { ipv6: { type: 136 } },
};

function parsePorts(text: string, protocol: ProtocolWithPorts, rest: string | undefined): ServiceReading {
  if (rest === undefined) return accept(service(text, withPorts[protocol]));
  if (rest.includes(",")) {
    const list = rest.split(",").map((part) => `${protocol}/${part.trim()}`);
    return refuse("one text holds one range of ports", `[${list.join(", ")}]`);
  }
  const [first, second, ...more] = rest.split(">");
  if (more.length > 0) return refuse("at most one `>` stands between source and destination ports");
  const sourcePorts = second === undefined ? anyPorts : parsePortRange(first!);
  const destinationPorts = parsePortRange(second ?? first!);
  if (typeof sourcePorts === "string") return refusePorts(protocol, sourcePorts, first!);
  if (typeof destinationPorts === "string") return refusePorts(protocol, destinationPorts, second ?? first!);
  return accept(service(text, withPorts[protocol], sourcePorts, destinationPorts));
}

function refusePorts(protocol: string, why: string, text: string): ServiceReading {
  const known = Object.hasOwn(wellKnownPorts, text) ? String(wellKnownPorts[text]) : corrected(text);
  return refuse(why, known === undefined ? undefined : `${protocol}/${known}`);
}

/** A range without leading zeros, the right way round; undefined where that does not make it one. */
function corrected(text: string): string | undefined {
  if (!/^\d+(-\d+)?$/.test(text)) return undefined;
  const ends = text.split("-").map(Number);
  const plain = ends.sort((a, b) => a - b).join("-");
  return typeof parsePortRange(plain) === "string" ? undefined : plain;
}

/** Names that people write for ports; only to tell them the number. */
const wellKnownPorts: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  dns: 53,
  domain: 53,
  http: 80,
  "netbios-ns": 137,
  "netbios-dgm": 138,
  "netbios-ssn": 139,
  https: 443,
  smb: 445,
  "microsoft-ds": 445,
  rdp: 3389,
};

/** The ports of `445`, `137-138` or `*`; a string says what is wrong. */
export function parsePortRange(text: string): IntervalSet<number> | string {
  if (text === "*") return anyPorts;
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return `"${text}" is neither a port (445), a range (137-138) nor *`;
  const ends = [match[1]!, match[2] ?? match[1]!];
  if (ends.some((end) => String(Number(end)) !== end)) return `"${text}" has leading zeros`;
  const [first, last] = ends.map(Number) as [number, number];
  if (last > 65535 || first > 65535) return `"${text}" is no port: ports are 0 to 65535`;
  if (first > last) return `the range "${text}" runs backwards`;
  return [{ first, last }];
}

function parseIcmp(text: string, protocol: "icmp" | "icmpv4" | "icmpv6", rest: string | undefined): ServiceReading {
  const wants = { ipv4: protocol !== "icmpv6", ipv6: protocol !== "icmpv4" };
  const both = (type: IcmpType): Service[] => [
    ...(wants.ipv4 && type.ipv4 !== undefined ? [icmpService(text, "ipv4", type.ipv4)] : []),
    ...(wants.ipv6 && type.ipv6 !== undefined ? [icmpService(text, "ipv6", type.ipv6)] : []),
  ];
  if (rest === undefined || rest === "*") {
    return accept(
      ...(wants.ipv4 ? [icmpService(text, "ipv4")] : []),
      ...(wants.ipv6 ? [icmpService(text, "ipv6")] : []),
    );
  }
  const named = Object.hasOwn(icmpTypes, rest.replace("neighbor", "neighbour"))
    ? icmpTypes[rest.replace("neighbor", "neighbour")]
    : undefined;
  if (named !== undefined) {
    const services = both(named);
    return services.length > 0 ? accept(...services) : refuse(`${rest} does not exist in ${protocol}`);
  }
  const numbers = /^(\d+)(?:\/(\d+))?$/.exec(rest);
  if (numbers === null) {
    const near = nearest(rest, Object.keys(icmpTypes), 1)[0];
    if (near !== undefined) return refuse(`"${rest}" is no type of ${protocol}`, `${protocol}/${near}`);
    return refuse(
      `"${rest}" is neither a type, a type and its code (3/4), nor one of ${Object.keys(icmpTypes).join(", ")}`,
    );
  }
  const type = Number(numbers[1]);
  const code = numbers[2] === undefined ? undefined : Number(numbers[2]);
  if (type > 255 || (code ?? 0) > 255) return refuse("ICMP types and codes are 0 to 255");
  return accept(
    icmpService(text, protocol === "icmpv6" ? "ipv6" : "ipv4", { type, ...(code !== undefined && { code }) }),
  );
}

function parseNumber(text: string, rest: string | undefined): ServiceReading {
  if (rest === undefined) return refuse("the protocol's number is missing", "protocol/47");
  if (!/^\d+$/.test(rest) || Number(rest) > 255) return refuse(`"${rest}" is no protocol number: they are 0 to 255`);
  if (String(Number(rest)) !== rest) return refuse("the number has leading zeros", `protocol/${Number(rest)}`);
  return accept(service(text, Number(rest)));
}

function service(
  label: string,
  protocol: number | "any",
  sourcePorts: IntervalSet<number> = anyPorts,
  destinationPorts: IntervalSet<number> = anyPorts,
): Service {
  return { label, protocol, sourcePorts, destinationPorts };
}

function icmpService(label: string, family: "ipv4" | "ipv6", icmp?: { type: number; code?: number }): Service {
  return { ...service(label, family === "ipv4" ? 1 : 58), family, ...(icmp !== undefined && { icmp }) };
}

const anyPorts: IntervalSet<number> = everything(portNumbers);

function accept(...services: readonly Service[]): ServiceReading {
  return { ok: true, services };
}

function refuse(why: string, instead?: string): ServiceReading {
  return { ok: false, problem: { why, ...(instead !== undefined && { instead }) } };
}

/** Ports of a list of texts and numbers as one set; a string says what is wrong. */
export function portSet(parts: readonly string[]): IntervalSet<number> | string {
  const read = parts.map(parsePortRange);
  const wrong = read.find((one) => typeof one === "string");
  if (wrong !== undefined) return wrong as string;
  return toSet(portNumbers, (read as IntervalSet<number>[]).flat());
}

/** Whether every packet of `b` is one of `a`. */
export function serviceCovers(a: Service, b: Service): boolean {
  if (a.protocol !== "any" && a.protocol !== b.protocol) return false;
  if (a.family !== undefined && a.family !== b.family) return false;
  if (a.icmp !== undefined) {
    if (b.icmp === undefined || a.icmp.type !== b.icmp.type) return false;
    if (a.icmp.code !== undefined && a.icmp.code !== b.icmp.code) return false;
  }
  return isSubset(b.sourcePorts, a.sourcePorts) && isSubset(b.destinationPorts, a.destinationPorts);
}

/** What the services of two lists have in common, pair by pair; empty when no packet is of both lists. */
export function servicesInCommon(as: readonly Service[], bs: readonly Service[]): Service[] {
  return as.flatMap((a) => bs.flatMap((b) => inCommon(a, b) ?? []));
}

function inCommon(a: Service, b: Service): Service | undefined {
  if (serviceCovers(b, a)) return a;
  if (serviceCovers(a, b)) return b;
  if (a.protocol !== "any" && b.protocol !== "any" && a.protocol !== b.protocol) return undefined;
  if (a.family !== undefined && b.family !== undefined && a.family !== b.family) return undefined;
  if (a.icmp !== undefined && b.icmp !== undefined) {
    if (a.icmp.type !== b.icmp.type) return undefined;
    if (a.icmp.code !== undefined && b.icmp.code !== undefined && a.icmp.code !== b.icmp.code) return undefined;
  }
  const sourcePorts = intersect(a.sourcePorts, b.sourcePorts);
  const destinationPorts = intersect(a.destinationPorts, b.destinationPorts);
  if (sourcePorts.length === 0 || destinationPorts.length === 0) return undefined;
  const family = a.family ?? b.family;
  const icmp = a.icmp?.code !== undefined ? a.icmp : (b.icmp ?? a.icmp);
  return {
    label: a.label === b.label ? a.label : `${a.label} of ${b.label}`,
    protocol: a.protocol === "any" ? b.protocol : a.protocol,
    sourcePorts,
    destinationPorts,
    ...(icmp !== undefined && { icmp }),
    ...(family !== undefined && { family }),
  };
}

function isSubset(part: IntervalSet<number>, whole: IntervalSet<number>): boolean {
  return subtract(portNumbers, part, whole).length === 0;
}
