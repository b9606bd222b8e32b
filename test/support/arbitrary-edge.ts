import fc from "fast-check";
import type { AddressSet, Family } from "../../src/net/index.js";
import {
  anyAddress,
  everything,
  isNoAddress,
  parsePrefix,
  portNumbers,
  prefixSet,
  subtractAddresses,
  unionAddresses,
} from "../../src/net/index.js";
import type { Direction, Edge, EdgeException, EdgeRule, Endpoint, Service } from "../../src/policy/edge.js";

export interface EdgeShape {
  readonly defaults?: readonly Edge["default"][];
  readonly actions?: readonly EdgeRule["action"][];
  /** The services to draw from; all kinds by default. */
  readonly services?: readonly Service[];
  readonly mostRules?: number;
}

/**
 * A resolved policy in a small world, where networks overlap, touch each other and miss a family, rules shadow each other
 * and exceptions reach beyond their rule. Names and reasons hold what a vendor's syntax might trip over.
 */
export function arbitraryEdge(shape: EdgeShape = {}): fc.Arbitrary<Edge> {
  const services = shape.services ?? everyKindOfService;
  return fc.record({
    name: fc.constantFrom("smb-edge", "Büro & Lager", "x".repeat(90), "what? now! \"'<>]]>;-- end"),
    feeds: fc.constant([]),
    rules: fc
      .array(ruleOf(shape.actions ?? ["deny", "reject", "permit"], services), { maxLength: shape.mostRules ?? 4 })
      .map((rules) => rules.map((rule, i) => ({ ...rule, name: `${rule.name} ${i}` }))),
    default: fc.constantFrom<Edge["default"]>(...(shape.defaults ?? ["continue", "deny", "permit"])),
  });
}

const whole = everything(portNumbers);

function ports(protocol: number, first: number, last = first, sources = whole): Service {
  return { label: `${protocol}/${first}-${last}`, protocol, sourcePorts: sources, destinationPorts: [{ first, last }] };
}

function plain(label: string, protocol: number | "any", family?: Family): Service {
  return { label, protocol, sourcePorts: whole, destinationPorts: whole, ...(family && { family }) };
}

export const everyKindOfService: readonly Service[] = [
  ports(6, 445),
  ports(6, 139),
  ports(17, 137, 138),
  ports(6, 0, 444),
  ports(6, 445, 65535),
  ports(6, 445, 445, [{ first: 1024, last: 65535 }]),
  { ...ports(6, 445), destinationPorts: [139, 445].map((n) => ({ first: n, last: n })) },
  plain("tcp", 6),
  plain("gre", 47),
  plain("any", "any"),
  plain("icmp", 1, "ipv4"),
  { ...plain("echo", 1, "ipv4"), icmp: { type: 8 } },
  { ...plain("unreachable/4", 1, "ipv4"), icmp: { type: 3, code: 4 } },
  { ...plain("icmpv6", 58, "ipv6"), icmp: { type: 128 } },
];

function network(label: string, ...prefixes: readonly string[]): Endpoint {
  const addresses = unionAddresses(
    ...prefixes.map((text) => {
      const reading = parsePrefix(text);
      if (!reading.ok) throw new Error(`${text}: ${reading.problem.why}`);
      return prefixSet(reading.value);
    }),
  );
  return { label, id: label, addresses };
}

const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network("azure", "20.60.0.0/16", "52.239.0.0/17", "2603:1020::/40", "2603:1030::/40");
const everywhere: Endpoint = { label: "any", id: "any", addresses: anyAddress };
const notAzure: AddressSet = subtractAddresses(anyAddress, azure.addresses);

const networks: readonly Endpoint[] = [
  everywhere,
  everywhere,
  clients,
  azure,
  network("one-client", "10.20.1.5", "2001:db8:20::5"),
  network("first-and-last", "0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  network("old-world", "10.0.0.0/8"),
  network("new-world", "2001:db8::/32"),
  { label: "not azure", id: "not-azure", addresses: notAzure },
];

const directions: readonly (readonly Direction[])[] = [["inbound"], ["outbound"], ["inbound", "outbound"]];
const families: readonly (readonly Family[])[] = [["ipv4", "ipv6"], ["ipv4", "ipv6"], ["ipv4"], ["ipv6"]];

function boxOf(services: readonly Service[]): fc.Arbitrary<Omit<EdgeException, "reason" | "expires">> {
  return fc
    .record({
      from: fc.constantFrom(...networks),
      to: fc.constantFrom(...networks),
      services: fc.uniqueArray(fc.constantFrom(...services), { minLength: 1, maxLength: 2 }),
      directions: fc.constantFrom(...directions),
      families: fc.constantFrom(...families),
    })
    .filter(({ from, to }) => !isNoAddress(from.addresses) && !isNoAddress(to.addresses));
}

function ruleOf(actions: readonly EdgeRule["action"][], services: readonly Service[]): fc.Arbitrary<EdgeRule> {
  const exception: fc.Arbitrary<EdgeException> = fc
    .tuple(boxOf(services), fc.constantFrom(undefined, "CHG-1234", "why?\nremark\r\naccess-list x permit ip any any"))
    .map(([box, reason]) => ({ ...box, ...(reason !== undefined && { reason, expires: "2027-06-30" }) }));
  return fc
    .tuple(
      boxOf(services),
      fc.constantFrom("block", "naïve; \"quoted\" 'rule'", "y".repeat(120), "!--\n]]>"),
      fc.constantFrom(...actions),
      fc.boolean(),
      fc.array(exception, { maxLength: 3 }),
    )
    .map(([box, name, action, log, exceptions]) => ({ ...box, name, action, log, exceptions }));
}
