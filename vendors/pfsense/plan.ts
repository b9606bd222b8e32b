import type {
  Diagnostic,
  Direction,
  Edge,
  EdgeException,
  EdgeRule,
  Endpoint,
  Family,
  IntervalSet,
  Service,
  Span,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { NamedSet, Side } from "./regions.js";
import { regionsOf } from "./regions.js";

/** A rule of pf that our output will hold, in the words of both of its forms. Quick, but for `match`. */
export interface PlannedRule {
  readonly action: "pass" | "block" | "reject" | "match";
  readonly direction: "in" | "out";
  /** At least one. */
  readonly families: readonly Family[];
  readonly protocol: number | "any";
  readonly sourcePorts: IntervalSet<number>;
  readonly destinationPorts: IntervalSet<number>;
  readonly icmp?: { readonly types: readonly number[]; readonly code?: number };
  readonly source: Side;
  readonly destination: Side;
  readonly log: boolean;
  /** The tag that a `match` rule gives. */
  readonly tag?: string;
  readonly tagged?: { readonly name: string; readonly not: boolean };
  /** `block-smb out tcp/445`. */
  readonly label: string;
  /** Of a rule: what it leaves out and why, a line each. */
  readonly notes: readonly string[];
  readonly span?: Span;
}

export interface Plan {
  readonly rules: readonly PlannedRule[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The policy as quick rules of pf, in order. Each rule of the policy becomes rules that match exactly its packets
 * without its exceptions, so that an excepted packet goes on to the next.
 */
export function planOf(edge: Edge): Plan {
  const diagnostics: Diagnostic[] = [];
  const rules: PlannedRule[] = [];
  for (const rule of edge.rules)
    for (const direction of rule.directions) rules.push(...rulesOf(rule, direction, (one) => diagnostics.push(one)));
  if (edge.default !== "continue")
    for (const direction of kit.directions) rules.push(...defaultRules(edge.default, direction));
  return { rules, diagnostics };
}

/** Services of a box of ports: what one pf rule can say. */
interface Box {
  readonly families: readonly Family[];
  readonly protocol: number | "any";
  readonly sourcePorts: IntervalSet<number>;
  readonly destinationPorts: IntervalSet<number>;
  readonly icmp?: { readonly type: number; readonly code?: number };
}

interface Atom {
  readonly box: Box;
  /** The exceptions that speak of all these packets' services. */
  readonly exceptions: readonly EdgeException[];
}

function rulesOf(rule: EdgeRule, direction: Direction, report: (one: Diagnostic) => void): PlannedRule[] {
  const exceptions = rule.exceptions.filter((one) => one.directions.includes(direction));
  return rule.services.flatMap((service) => {
    const families = rule.families.filter((family) => service.family === undefined || service.family === family);
    if (families.length === 0) return [];
    const atoms = atomsOf({ ...boxOf(service), families }, exceptions, rule, report);
    return atoms.flatMap((atom) => rulesOfAtom(rule, service, atom, direction, report));
  });
}

function boxOf(service: Service): Omit<Box, "families"> {
  return {
    protocol: service.protocol,
    sourcePorts: service.sourcePorts,
    destinationPorts: service.destinationPorts,
    ...(service.icmp !== undefined && { icmp: service.icmp }),
  };
}

function rulesOfAtom(
  rule: EdgeRule,
  service: Service,
  atom: Atom,
  direction: Direction,
  report: (one: Diagnostic) => void,
): PlannedRule[] {
  const regions = regionsOf(ends(rule), atom.exceptions.map(ends), atom.box.families);
  if (regions === undefined) {
    report(
      kit.diagnostic(
        "RW3003",
        `rule "${rule.name}" has too many exceptions that overlap in source and destination to be written without a pass rule`,
        {
          primary: rule.span,
          help: "give exceptions the same from or the same to, or split the rule",
        },
      ),
    );
    return [];
  }
  const way = direction === "inbound" ? "in" : "out";
  return regions.map(({ source, destination }) => ({
    action: rule.action === "deny" ? "block" : rule.action === "reject" ? "reject" : "pass",
    direction: way,
    families: atom.box.families,
    protocol: atom.box.protocol,
    sourcePorts: atom.box.sourcePorts,
    destinationPorts: atom.box.destinationPorts,
    ...(atom.box.icmp !== undefined && {
      icmp: { types: [atom.box.icmp.type], ...(atom.box.icmp.code !== undefined && { code: atom.box.icmp.code }) },
    }),
    source,
    destination,
    log: rule.log,
    label: `${rule.name} ${way} ${service.label}`,
    notes: atom.exceptions.map(exceptionNote),
    ...(rule.span && { span: rule.span }),
  }));
}

function ends(box: { readonly from: Endpoint; readonly to: Endpoint }): { from: NamedSet; to: NamedSet } {
  return { from: box.from, to: box.to };
}

function exceptionNote(exception: EdgeException): string {
  return [
    "except",
    ...(kit.isAnyAddress(exception.from.addresses) ? [] : [`from ${exception.from.label}`]),
    ...(kit.isAnyAddress(exception.to.addresses) ? [] : [`to ${exception.to.label}`]),
    ...(exception.reason === undefined ? [] : [`(${exception.reason})`]),
    ...(exception.expires === undefined ? [] : [`until ${exception.expires}`]),
  ].join(" ");
}

/** The services of a rule cut so that each part is within or without each exception's services. */
function atomsOf(
  box: Box,
  exceptions: readonly EdgeException[],
  rule: EdgeRule,
  report: (one: Diagnostic) => void,
): Atom[] {
  let atoms: Atom[] = [{ box, exceptions: [] }];
  for (const exception of exceptions) {
    if (!overlaps(rule, exception)) continue;
    for (const service of exception.services) {
      const families = exception.families.filter((family) => service.family === undefined || service.family === family);
      atoms = atoms.flatMap((atom) => {
        if (atom.exceptions.includes(exception)) return [atom];
        const cut = cutBox(atom.box, { ...boxOf(service), families });
        if (cut === "apart") return [atom];
        if (cut === "inexpressible") {
          report(
            kit.diagnostic(
              "RW3001",
              `pf cannot leave ${service.label} out of rule "${rule.name}": it has no word for "every other ${atom.box.icmp === undefined && atom.box.protocol === "any" ? "protocol" : "ICMP type"}"`,
              {
                primary: exception.span ?? rule.span,
                help: "name the protocols of the rule one by one, or put a permit rule for the exception above it",
              },
            ),
          );
          return [atom];
        }
        return [
          { box: cut.common, exceptions: [...atom.exceptions, exception] },
          ...cut.rest.map((rest) => ({ box: rest, exceptions: atom.exceptions })),
        ];
      });
    }
  }
  return atoms;
}

function overlaps(a: { from: Endpoint; to: Endpoint }, b: { from: Endpoint; to: Endpoint }): boolean {
  return (
    !kit.isNoAddress(kit.intersectAddresses(a.from.addresses, b.from.addresses)) &&
    !kit.isNoAddress(kit.intersectAddresses(a.to.addresses, b.to.addresses))
  );
}

/** `box` as the part that it has in common with `other` and boxes of the rest. */
function cutBox(box: Box, other: Box): "apart" | "inexpressible" | { common: Box; rest: Box[] } {
  const families = box.families.filter((family) => other.families.includes(family));
  const sourcePorts = kit.intersect(box.sourcePorts, other.sourcePorts);
  const destinationPorts = kit.intersect(box.destinationPorts, other.destinationPorts);
  if (families.length === 0 || sourcePorts.length === 0 || destinationPorts.length === 0) return "apart";
  if (other.protocol !== "any" && box.protocol !== other.protocol)
    return box.protocol === "any" ? "inexpressible" : "apart";
  if (other.icmp !== undefined) {
    if (box.icmp === undefined) return "inexpressible";
    if (box.icmp.type !== other.icmp.type) return "apart";
    if (other.icmp.code !== undefined && box.icmp.code !== other.icmp.code)
      return box.icmp.code === undefined ? "inexpressible" : "apart";
  }
  const otherFamilies = box.families.filter((family) => !other.families.includes(family));
  const otherDestinations = kit.subtract(kit.portNumbers, box.destinationPorts, destinationPorts);
  const otherSources = kit.subtract(kit.portNumbers, box.sourcePorts, sourcePorts);
  return {
    common: { ...box, families, sourcePorts, destinationPorts },
    rest: [
      ...(otherFamilies.length === 0 ? [] : [{ ...box, families: otherFamilies }]),
      ...(otherDestinations.length === 0 ? [] : [{ ...box, families, destinationPorts: otherDestinations }]),
      ...(otherSources.length === 0 ? [] : [{ ...box, families, destinationPorts, sourcePorts: otherSources }]),
    ],
  };
}

function defaultRules(end: "deny" | "permit", direction: Direction): PlannedRule[] {
  const way = direction === "inbound" ? "in" : "out";
  const all: PlannedRule = {
    action: end === "deny" ? "block" : "pass",
    direction: way,
    families: kit.families,
    protocol: "any",
    sourcePorts: kit.anyPort,
    destinationPorts: kit.anyPort,
    source: { kind: "any" },
    destination: { kind: "any" },
    log: false,
    label: `default ${end} ${way}`,
    notes: [],
  };
  if (end === "permit") return [all];
  const { first, last } = kit.neighbourDiscoveryTypes;
  const types = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return [
    {
      ...all,
      action: "pass",
      families: ["ipv6"],
      protocol: kit.protocols.icmpv6,
      icmp: { types },
      label: `neighbour discovery ${way}`,
    },
    all,
  ];
}
