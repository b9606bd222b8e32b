import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Family } from "../net/index.js";
import { families, intersect, unionAddresses } from "../net/index.js";
import type { ExceptionNode, NetworkNode, PolicyDocument, RuleNode } from "./document.js";
import type { Edge, EdgeException, EdgeRule, Endpoint, Service } from "./edge.js";
import { coverageWarnings } from "./coverage.js";
import type { End } from "./endpoints.js";
import { anywhere, EndpointIds, labelOf } from "./endpoints.js";
import { broadWarnings, expiryWarning } from "./exceptions.js";
import { halfFamily, hasFamily, noFamily, noneOf, noService } from "./families.js";
import type { HostWork } from "./lower-hosts.js";
import { lowerHosts } from "./lower-hosts.js";
import type { Resolution } from "./resolve.js";
import { serviceCovers, servicesInCommon } from "./services.js";

export interface Lowered {
  /** Undefined when there are errors. */
  readonly edge?: Edge;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A policy whose names are resolved, as the edge that vendors get.
 *
 * Every rule and exception keeps only the families, directions and services in which it can match a packet; one that
 * can match none is left out, with a warning. An exception lies within the services, directions and families of its
 * rule; its addresses stay as they were written.
 */
export function lower(policy: PolicyDocument, names: Resolution, today: string | undefined): Lowered {
  const diagnostics: Diagnostic[] = [];
  const ids = new EndpointIds();
  nameNetworks(policy, names, ids);
  const rules: EdgeRule[] = [];
  for (const node of policy.rules) {
    const rule = lowerRule(node, { names, ids, today, diagnostics });
    if (rule === undefined) continue;
    diagnostics.push(...coverageWarnings(rule, rules));
    rules.push(rule);
  }
  const hosts = policy.hosts && lowerHosts(policy.hosts, hostWork({ names, ids, today, diagnostics }));
  if (diagnostics.some((one) => one.severity === "error")) return { diagnostics };
  const edge: Edge = {
    name: policy.name,
    ...(policy.description !== undefined && { description: policy.description }),
    feeds: names.stamps,
    rules,
    default: policy.default,
    ...(hosts && { hosts }),
  };
  return { edge, diagnostics };
}

interface Work {
  readonly names: Resolution;
  readonly ids: EndpointIds;
  readonly today: string | undefined;
  readonly diagnostics: Diagnostic[];
}

function hostWork(work: Work): HostWork {
  return {
    endpoint: (node) => endOf(node, work)?.endpoint,
    joined(label, of) {
      const addresses = unionAddresses(...of.map((one) => one.addresses));
      return { label, id: work.ids.idOf(addresses, label), addresses };
    },
    diagnostics: work.diagnostics,
  };
}

/** Named networks come first, in their own order, so that a new rule changes no name in any output. */
function nameNetworks(policy: PolicyDocument, names: Resolution, ids: EndpointIds): void {
  for (const { name, span } of policy.networks.values()) {
    const network = names.network({ kind: "reference", name, span });
    if (network !== undefined) ids.idOf(network.addresses, name);
  }
}

function lowerRule(node: RuleNode, work: Work): EdgeRule | undefined {
  const from = endOf(node.from, work);
  const to = endOf(node.to, work);
  const services = work.names.services(node.services);
  if (from === undefined || to === undefined || services === undefined) return undefined;
  const wanted = familiesOf(node.family) ?? families;
  const withAddresses = wanted.filter((family) => hasFamily(from, family) && hasFamily(to, family));
  if (withAddresses.length === 0) {
    work.diagnostics.push(noFamily(node, from, to, wanted));
    return undefined;
  }
  if (node.family === "both" && withAddresses.length === 1) {
    work.diagnostics.push(halfFamily(node, from, to, withAddresses[0]!));
  }
  const kept = withAddresses.filter((family) => services.some((service) => existsIn(service, family)));
  if (kept.length === 0) {
    work.diagnostics.push(noService(node, withAddresses));
    return undefined;
  }
  const plain: EdgeRule = {
    name: node.name,
    ...(node.description !== undefined && { description: node.description }),
    action: node.action,
    directions: node.directions,
    families: kept,
    from: from.endpoint,
    to: to.endpoint,
    services: withoutCovered(services.filter((service) => kept.some((family) => existsIn(service, family)))),
    log: node.log,
    exceptions: [],
    span: node.span,
  };
  const exceptions = node.exceptions.flatMap((one) => lowerException(one, plain, work) ?? []);
  return { ...plain, exceptions };
}

function lowerException(node: ExceptionNode, rule: EdgeRule, work: Work): EdgeException | undefined {
  const from = endOf(node.from, work);
  const to = endOf(node.to, work);
  const services = node.services === undefined ? rule.services : work.names.services(node.services);
  if (from === undefined || to === undefined || services === undefined) return undefined;
  if (work.today !== undefined) work.diagnostics.push(...expiryWarning(node, work.today));

  const directions = rule.directions.filter((one) => node.directions?.includes(one) ?? true);
  if (directions.length === 0) {
    return without(node, rule, work, "direction", `the rule is ${rule.directions.join(" and ")} only`);
  }
  const common = withoutCovered(servicesInCommon(services, rule.services));
  if (common.length === 0) {
    return without(node, rule, work, "service", `the rule speaks of ${labels(rule.services)} only`);
  }
  const wanted = rule.families.filter((family) => (familiesOf(node.family) ?? families).includes(family));
  if (wanted.length === 0)
    return without(node, rule, work, "family", `the rule is ${rule.families.join(" and ")} only`);
  const meeting = (mine: End, its: Endpoint): Family[] => wanted.filter((family) => meet(mine, its, family));
  const fromFamilies = meeting(from, rule.from);
  if (fromFamilies.length === 0) return without(node, rule, work, "from", noneOf(from, rule.from, wanted));
  const toFamilies = meeting(to, rule.to);
  if (toFamilies.length === 0) return without(node, rule, work, "to", noneOf(to, rule.to, wanted));
  const addressed = fromFamilies.filter((family) => toFamilies.includes(family));
  if (addressed.length === 0) {
    const why = `its sources are ${fromFamilies.join()} and its destinations ${toFamilies.join()}`;
    return without(node, rule, work, "to", why);
  }
  const kept = addressed.filter((family) => common.some((service) => existsIn(service, family)));
  if (kept.length === 0) return without(node, rule, work, "service", `it does not exist in ${addressed.join(" and ")}`);
  const exception: EdgeException = {
    from: from.endpoint,
    to: to.endpoint,
    services: common.filter((service) => kept.some((family) => existsIn(service, family))),
    directions,
    families: kept,
    ...(node.reason !== undefined && { reason: node.reason }),
    ...(node.expires !== undefined && { expires: node.expires }),
    span: node.span,
  };
  if (rule.action !== "permit") work.diagnostics.push(...broadWarnings({ node, exception, rule, from, to }));
  return exception;
}

function without(node: ExceptionNode, rule: EdgeRule, work: Work, key: string, why: string): undefined {
  work.diagnostics.push(
    diagnostic("RW2006", `this exception takes nothing out of the rule "${rule.name}": ${why}`, {
      primary: node.spans.get(key) ?? node.span,
      related: rule.span === undefined ? [] : [{ span: rule.span, message: "the rule" }],
      help: "remove the exception, or make it match packets of the rule",
    }),
  );
  return undefined;
}

function endOf(node: NetworkNode | undefined, work: Work): End | undefined {
  if (node === undefined) return { endpoint: anywhere, selections: [] };
  const network = work.names.network(node);
  if (network === undefined) return undefined;
  const label = labelOf(node);
  const { addresses, selections } = network;
  return { endpoint: { label, id: work.ids.idOf(addresses, label), addresses }, selections };
}

function familiesOf(word: "ipv4" | "ipv6" | "both" | undefined): readonly Family[] | undefined {
  return word === undefined ? undefined : word === "both" ? families : [word];
}

function existsIn(service: Service, family: Family): boolean {
  return service.family === undefined || service.family === family;
}

function meet({ endpoint }: End, other: Endpoint, family: Family): boolean {
  return family === "ipv4"
    ? intersect(endpoint.addresses.ipv4, other.addresses.ipv4).length > 0
    : intersect(endpoint.addresses.ipv6, other.addresses.ipv6).length > 0;
}

/** Each service that no other of the list covers, in order; of equal ones the first. */
function withoutCovered(services: readonly Service[]): Service[] {
  return services.filter((one, i) =>
    services.every((other, j) => i === j || !serviceCovers(other, one) || (serviceCovers(one, other) && i < j)),
  );
}

function labels(services: readonly Service[]): string {
  return [...new Set(services.map((service) => service.label))].join(", ");
}
