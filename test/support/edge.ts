import { readdirSync, readFileSync } from "node:fs";
import type {
  AddressSet,
  Edge,
  EdgeException,
  EdgeRule,
  Endpoint,
  Family,
  Service,
  Target,
} from "../../src/vendor-kit/index.js";
import {
  anyAddress,
  anyPort,
  families,
  parsePrefix,
  portNumbers,
  prefixSet,
  toSet,
  unionAddresses,
} from "../../src/vendor-kit/index.js";

/** Short ways to write a resolved policy in a test. */

export const anywhere: Endpoint = { label: "any", id: "any", addresses: anyAddress };

export function addresses(...texts: readonly string[]): AddressSet {
  return unionAddresses(
    ...texts.map((text) => {
      const read = parsePrefix(text);
      if (!read.ok) throw new Error(`${text}: ${read.problem.why}`);
      return prefixSet(read.value);
    }),
  );
}

/** The addresses of prefixes under a name. */
export function network(label: string, ...prefixes: readonly string[]): Endpoint {
  return { label, id: label.replace(/[^A-Za-z0-9]+/g, "-"), addresses: addresses(...prefixes) };
}

/** Destination ports as numbers or pairs; none for any port. */
export function service(label: string, protocol: number | "any", ...ports: (number | [number, number])[]): Service {
  const intervals = ports.map((port) =>
    typeof port === "number" ? { first: port, last: port } : { first: port[0], last: port[1] },
  );
  return {
    label,
    protocol,
    sourcePorts: anyPort,
    destinationPorts: ports.length === 0 ? anyPort : toSet(portNumbers, intervals),
  };
}

export function icmpService(family: Family, type: number, code?: number): Service {
  return {
    label: `icmp ${type}`,
    protocol: family === "ipv4" ? 1 : 58,
    sourcePorts: anyPort,
    destinationPorts: anyPort,
    icmp: { type, ...(code !== undefined && { code }) },
    family,
  };
}

export const smb = service("smb", 6, 445);
export const netbios: readonly Service[] = [service("netbios", 17, [137, 138]), service("netbios", 6, 139)];

/** Denies everything in both directions and families, but for what is said otherwise. */
export function edgeRule(name: string, rest: Partial<EdgeRule> = {}): EdgeRule {
  return {
    name,
    action: "deny",
    directions: ["inbound", "outbound"],
    families,
    from: anywhere,
    to: anywhere,
    services: [smb, ...netbios],
    log: false,
    exceptions: [],
    ...rest,
  };
}

export function exception(rest: Partial<EdgeException> = {}): EdgeException {
  return {
    from: anywhere,
    to: anywhere,
    services: [smb],
    directions: ["outbound"],
    families,
    ...rest,
  };
}

export function edgeOf(rules: readonly EdgeRule[], rest: Partial<Edge> = {}): Edge {
  return { name: "test", feeds: [], rules, default: "continue", ...rest };
}

/** A target with the templates of a vendor as they are on disk. */
export function targetOf(vendor: string, options: Readonly<Record<string, unknown>>): Target {
  const folder = new URL(`../../vendors/${vendor}/templates/`, import.meta.url);
  const templates: Record<string, string> = {};
  for (const name of readdirSync(folder)) templates[name] = readFileSync(new URL(name, folder), "utf8");
  return { options, files: {}, templates, tool: { name: "ringwall", version: "0.0.0" }, spanOf: () => undefined };
}
