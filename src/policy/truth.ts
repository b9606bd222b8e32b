import type { Chain, Device, Filter, Hook, Match, Rule, State, Verdict } from "../ir/index.js";
import * as ir from "../ir/index.js";
import { everything, isAnyAddress, isEverything, portNumbers } from "../net/index.js";
import type { Direction, Edge, EdgeException, EdgeRule, Service } from "./edge.js";

/** The states in which a packet of a connection's own direction, or of no known connection, may be. */
export const judgedStates: readonly State[] = ["new", "established", "related", "invalid", "untracked"];
/** Packets that answer: they follow the connection that was judged by its first packet. */
export const replyStates: readonly State[] = ["established-reply", "related-reply"];

export interface TruthOptions {
  /** Names of the outside interfaces on the device that the policy is compared with; `*` at the end is a wildcard. */
  readonly outside: readonly string[];
  readonly hooks: readonly Hook[];
  /** What is said of packets that the policy leaves alone, by direction. By default they stay undecided. */
  readonly continueBecomes?: Readonly<Record<Direction, "continue" | "accept" | "drop">>;
}

/**
 * What an edge policy says, as a device: the right side of every proof.
 *
 * A packet that arrives on an outside interface meets the inbound filter, one that leaves by an outside interface the
 * outbound filter, one that does both meets both. Packets of the reply direction are never denied. Under a default that
 * denies, ICMP errors about allowed connections and neighbour discovery (RFC 4861) still pass: without them IPv6 and
 * path MTU discovery break, and no policy means that.
 */
export function truthOf(edge: Edge, options: TruthOptions): Device {
  const inbound = filterOf(edge, "inbound", options);
  const outbound = filterOf(edge, "outbound", options);
  return {
    name: `policy ${edge.name}`,
    interfaces: options.outside.map((name) => ({ name, side: "outside" as const })),
    paths: options.hooks.map((hook) => ({
      hook,
      filters: hook === "forward" ? [inbound, outbound] : hook === "input" ? [inbound] : [outbound],
    })),
  };
}

function filterOf(edge: Edge, direction: Direction, options: TruthOptions): Filter {
  const crosses = direction === "inbound" ? ir.ingress(...options.outside) : ir.egress(...options.outside);
  const left = options.continueBecomes?.[direction] ?? "continue";
  const end = edge.default === "continue" ? left : edge.default === "deny" ? "drop" : "accept";
  const rules: Rule[] = [
    { match: ir.not(crosses), verdict: "accept", origin: { label: `not ${direction}` } },
    // Replies are left alone by an overlay, accepted by a policy that decides everything.
    {
      match: ir.inState(...replyStates),
      verdict: edge.default === "continue" ? "return" : "accept",
      origin: { label: "replies follow their connection" },
    },
    ...edge.rules
      .filter((rule) => rule.directions.includes(direction))
      .map((rule) => ({
        match: ruleMatch(rule, direction),
        verdict: verdictOf(rule),
        log: rule.log,
        origin: { label: `rule "${rule.name}"`, ...(rule.span && { span: rule.span }) },
      })),
    ...(edge.default === "deny" ? kept : []),
  ];
  const chain: Chain = {
    name: direction,
    order: "first-match",
    rules,
    end,
    endOrigin: { label: `default: ${edge.default}` },
  };
  return { name: `policy ${direction}`, chains: new Map([[direction, chain]]), entry: direction };
}

/** ICMPv6 types of neighbour discovery: router solicitation to redirect. Source: RFC 4861 section 4. */
export const neighbourDiscoveryTypes = { first: 133, last: 137 } as const;

/** What a policy with `default: deny` still lets through after its rules. */
const kept: readonly Rule[] = [
  { match: ir.inState("related"), verdict: "accept", origin: { label: "errors about allowed connections" } },
  {
    match: ir.all(
      ir.ofFamily("ipv6"),
      ir.ofProtocol(ir.protocols.icmpv6),
      ir.numberIn("icmp-type", [neighbourDiscoveryTypes.first, neighbourDiscoveryTypes.last]),
    ),
    verdict: "accept",
    origin: { label: "neighbour discovery" },
  },
];

function verdictOf(rule: EdgeRule): Verdict {
  return rule.action === "deny" ? "drop" : rule.action === "reject" ? "reject" : "accept";
}

/** The packets that a rule decides in a direction, its exceptions taken out. */
export function ruleMatch(rule: EdgeRule, direction: Direction): Match {
  const exceptions = rule.exceptions.filter((one) => one.directions.includes(direction)).map(boxMatch);
  return ir.all(boxMatch(rule), ir.not(ir.any(...exceptions)));
}

/** The packets that an exception takes out of a rule in a direction: the policy leaves them to the device on purpose. */
export function exceptedMatch(edge: Edge, direction: Direction | "either"): Match {
  const rules = edge.rules.filter((rule) => rule.directions.some((one) => one === direction));
  return ir.all(
    ir.inState(...judgedStates),
    ir.any(
      ...rules.map((rule) => {
        const exceptions = rule.exceptions.filter((one) => one.directions.some((own) => own === direction));
        return ir.all(boxMatch(rule), ir.any(...exceptions.map(boxMatch)));
      }),
    ),
  );
}

/** The packets of a rule or of an exception, whatever their direction. */
export function boxMatch(box: EdgeRule | EdgeException): Match {
  return ir.all(
    ir.any(...box.families.map(ir.ofFamily)),
    isAnyAddress(box.from.addresses) ? ir.everyPacket : ir.from(box.from.addresses),
    isAnyAddress(box.to.addresses) ? ir.everyPacket : ir.to(box.to.addresses),
    ir.any(...box.services.map(serviceMatch)),
  );
}

export function serviceMatch(service: Service): Match {
  const parts: Match[] = [];
  if (service.family !== undefined) parts.push(ir.ofFamily(service.family));
  if (service.protocol !== "any") parts.push(ir.ofProtocol(service.protocol));
  if (!isEverything(portNumbers, service.sourcePorts)) {
    parts.push({ kind: "number", field: "source-port", values: service.sourcePorts });
  }
  if (!isEverything(portNumbers, service.destinationPorts)) {
    parts.push({ kind: "number", field: "destination-port", values: service.destinationPorts });
  }
  if (service.icmp !== undefined) {
    parts.push(ir.numberIn("icmp-type", [service.icmp.type, service.icmp.type]));
    if (service.icmp.code !== undefined) parts.push(ir.numberIn("icmp-code", [service.icmp.code, service.icmp.code]));
  }
  return ir.all(...parts);
}

/** Any port, for services without ports of their own. */
export const anyPort = everything(portNumbers);
