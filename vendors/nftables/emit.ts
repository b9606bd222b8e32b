import type {
  Claim,
  Direction,
  Edge,
  EdgeException,
  EdgeRule,
  Emission,
  Endpoint,
  Family,
  Hook,
  Target,
} from "../../src/vendor-kit/index.js";
import {
  asPrefix4,
  asPrefix6,
  diagnostic,
  formatIpv4,
  formatIpv6,
  formatPrefix4,
  formatPrefix6,
  headerLines,
  hooks as allHooks,
  ipv4Addresses,
  ipv6Addresses,
  isEverything,
  neighbourDiscoveryTypes,
  plainLine,
  render,
} from "../../src/vendor-kit/index.js";
import { printTable } from "./print.js";
import { priorityNumber } from "./priorities.js";
import { familyGuard, serviceMatches, servicesCover } from "./services.js";
import { Names, quoted } from "./syntax.js";
import type { ChainText, NamedSet, RuleText } from "./syntax.js";

const fileName = "ringwall.nft";

/**
 * One nft script with one table. Each direction of the policy is a chain, each rule in it another: a packet gets there
 * only with the rule's interface, protocol and port, so that other traffic meets neither connection tracking nor a set.
 *
 * An exception returns from its rule's chain to the next rule. `accept` leaves the packet to the chains of other tables.
 */
export function emit(edge: Edge, target: Target): Emission {
  const options = readOptions(target);
  const priority = priorityNumber(options.priority);
  if (priority === undefined || priority <= connectionTracking) {
    const problem = diagnostic(
      "RW3005",
      `priority ${JSON.stringify(options.priority)} is not after connection tracking (${connectionTracking}), where no packet has a state yet`,
      { primary: target.spanOf("priority"), help: "write `filter - 10`, or a number above -200" },
    );
    return { files: [], diagnostics: [problem], claims: [] };
  }

  const writer = new Writer(edge);
  const chains = [
    ...baseChains(edge, options),
    ...directionsOf(options.hooks).flatMap((direction) => writer.direction(direction)),
  ];
  const text = render(target.templates[`${fileName}.hbs`]!, {
    header: headerLines(edge, target).map(withoutBackslash),
    table: options.table,
    lines: printTable({ name: options.table, sets: writer.sets, chains }),
  });
  const claim: Claim = {
    reads: [fileName],
    hooks: options.hooks,
    outside: options.outside,
    judged: "every-packet",
    acceptIsContinue: true,
    rejectIsDrop: false,
    continueBecomes: { inbound: "continue", outbound: "continue" },
  };
  const about = `nft script: replaces table inet ${options.table}`;
  return { files: [{ path: fileName, text, about }], diagnostics: [], claims: [claim] };
}

/** Hook priority of connection tracking. Source: Linux include/uapi/linux/netfilter_ipv4.h, NF_IP_PRI_CONNTRACK. */
const connectionTracking = -200;

interface Options {
  readonly outside: readonly string[];
  readonly hooks: readonly Hook[];
  readonly table: string;
  readonly priority: string;
}

function readOptions(target: Target): Options {
  const { outside, hooks, table, priority } = target.options as Partial<Options>;
  return {
    outside: outside ?? [],
    hooks: allHooks.filter((hook) => hooks === undefined || hooks.includes(hook)),
    table: table ?? "ringwall",
    priority: priority ?? "filter - 10",
  };
}

function directionsOf(hooks: readonly Hook[]): Direction[] {
  const result: Direction[] = [];
  if (hooks.includes("forward") || hooks.includes("input")) result.push("inbound");
  if (hooks.includes("forward") || hooks.includes("output")) result.push("outbound");
  return result;
}

/**
 * Where `accept` occurs, each direction needs a base chain of its own: it would end the chain of the other direction,
 * too, for a packet that arrives and leaves outside.
 */
function baseChains(edge: Edge, options: Options): ChainText[] {
  const accepts = edge.default === "deny" || edge.rules.some((rule) => rule.action === "permit");
  const inbound = crossing("iifname", options.outside, "inbound");
  const outbound = crossing("oifname", options.outside, "outbound");
  const chain = (name: string, hook: Hook, rules: readonly RuleText[]): ChainText => ({
    name,
    remarks: [],
    base: { hook, priority: options.priority },
    rules,
  });
  return options.hooks.flatMap((hook) => {
    if (hook === "input") return [chain("input", hook, inbound)];
    if (hook === "output") return [chain("output", hook, outbound)];
    return accepts
      ? [chain("forward-inbound", hook, inbound), chain("forward-outbound", hook, outbound)]
      : [chain("forward", hook, [...inbound, ...outbound])];
  });
}

/** A wildcard cannot stand in a set before nftables 1.0.3, so each gets a rule; names that it covers are left out. */
function crossing(end: "iifname" | "oifname", outside: readonly string[], chain: string): RuleText[] {
  const stems = outside.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  const isCovered = (name: string, stem: string): boolean => name !== `${stem}*` && name.startsWith(stem);
  const needed = outside.filter((name) => !stems.some((stem) => isCovered(name, stem)));
  const exact = needed.filter((name) => !name.endsWith("*")).map((name) => `"${name}"`);
  const wild = needed.filter((name) => name.endsWith("*")).map((name) => `"${name}"`);
  const alternatives = [...(exact.length === 0 ? [] : [listOf(exact)]), ...wild];
  return alternatives.map((names) => ({ matches: [`${end} ${names}`], statements: [`jump ${chain}`] }));
}

/** Collects the sets that the chains refer to. */
class Writer {
  readonly sets: NamedSet[] = [];
  readonly #edge: Edge;
  readonly #setNames = new Names();
  readonly #chainNames = new Names();

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  direction(direction: Direction): ChainText[] {
    const guards: RuleText[] = [];
    const chains: ChainText[] = [];
    this.#edge.rules.forEach((rule, index) => {
      if (!rule.directions.includes(direction)) return;
      const name = this.#chainNames.of(`${index} ${direction}`, rule.name, direction);
      const verdicts = this.#verdicts(rule);
      if (verdicts.length === 0) return;
      for (const matches of serviceMatches(rule.services, rule.families)) {
        guards.push({ matches, statements: [`jump ${name}`] });
      }
      const exceptions = rule.exceptions.filter((one) => one.directions.includes(direction));
      chains.push({
        name,
        remarks: ruleRemarks(rule, direction),
        rules: [
          ...(this.#leavesReplies(rule) ? [replies("return")] : []),
          ...exceptions.flatMap((exception) => this.#exception(rule, exception)),
          ...verdicts,
        ],
      });
    });
    const remark =
      direction === "inbound"
        ? "First packets that arrive on an outside interface, and what follows them"
        : "First packets that leave by an outside interface, and what follows them";
    const rules = this.#edge.default === "deny" ? [replies("accept"), ...guards, ...denied] : guards;
    return [{ name: direction, remarks: [remark], rules }, ...chains];
  }

  /** With `default: deny` the replies are accepted in front of all rules. */
  #leavesReplies(rule: EdgeRule): boolean {
    return rule.action !== "permit" && this.#edge.default !== "deny";
  }

  #exception(rule: EdgeRule, exception: EdgeException): RuleText[] {
    const services = servicesCover(exception.services, rule.services)
      ? [[]]
      : serviceMatches(exception.services, exception.families);
    const comment = quoted(plainLine(exceptionLabel(exception), 120));
    return services.flatMap((service) =>
      this.#addresses(exception)
        .filter(({ family }) => !contradicts(service, family))
        .map(({ matches }) => ({ matches: [...service, ...matches], statements: ["counter", "return"], comment })),
    );
  }

  #verdicts(rule: EdgeRule): RuleText[] {
    const comment = quoted(plainLine(`${rule.action} ${rule.name}`, 120));
    const log = rule.log ? [`log prefix ${quoted(`ringwall ${plainLine(rule.name, 100)}: `)}`] : [];
    return this.#addresses(rule).flatMap(({ matches }) => {
      const statements = ["counter", ...log];
      switch (rule.action) {
        case "deny":
          return [{ matches, statements: [...statements, "drop"], comment }];
        case "permit":
          return [{ matches, statements: [...statements, "accept"], comment }];
        case "reject":
          return rejections(rule).map(({ match, how }) => ({
            matches: [...match, ...matches],
            statements: [...statements, how],
            comment,
          }));
      }
    });
  }

  /** The ways in which addresses of a rule or exception match: one without a family when every address does. */
  #addresses(box: EdgeRule | EdgeException): { family?: Family; matches: string[] }[] {
    if (box.families.length === 2 && isAny(box.from) && isAny(box.to)) return [{ matches: [] }];
    return box.families.flatMap((family) => {
      const source = this.#endMatch(box.from, family, "saddr");
      const destination = this.#endMatch(box.to, family, "daddr");
      if (source === undefined || destination === undefined) return [];
      const matches = [...source, ...destination];
      return [{ family, matches: matches.length > 0 ? matches : [familyGuard(family)] }];
    });
  }

  /** Undefined when the endpoint has no address of the family, no match when it has every one. */
  #endMatch(endpoint: Endpoint, family: Family, end: "saddr" | "daddr"): string[] | undefined {
    const elements = elementsOf(endpoint, family);
    if (elements.length === 0) return undefined;
    if (isAnyOf(endpoint, family)) return [];
    const field = `${family === "ipv4" ? "ip" : "ip6"} ${end}`;
    if (elements.length === 1) return [`${field} ${elements[0]!}`];
    return [`${field} @${this.#set(endpoint, family, elements)}`];
  }

  #set(endpoint: Endpoint, family: Family, elements: readonly string[]): string {
    // The same name for other addresses would be a mistake upstream; it must not become one here.
    const key = `${endpoint.id} ${family} ${elements.join(" ")}`;
    const name = this.#setNames.of(key, endpoint.id, family);
    if (!this.sets.some((set) => set.name === name)) {
      const remark = withoutBackslash(`${plainLine(endpoint.label)}: ${elements.length} intervals`);
      this.sets.push({ name, family, elements, remark });
    }
    return name;
  }
}

/** Packets of the reply direction. Untracked and invalid packets have no direction and never match. */
function replies(verdict: "accept" | "return"): RuleText {
  return { matches: ["ct direction reply"], statements: [verdict] };
}

/** The end of a direction under `default: deny`: see `truthOf`. */
const denied: readonly RuleText[] = [
  { matches: ["ct state related"], statements: ["accept"], comment: quoted("errors about allowed connections") },
  {
    matches: [`icmpv6 type ${neighbourDiscoveryTypes.first}-${neighbourDiscoveryTypes.last}`],
    statements: ["accept"],
    comment: quoted("neighbour discovery"),
  },
  { matches: [], statements: ["counter", "drop"], comment: quoted("default: deny") },
];

function rejections(rule: EdgeRule): { match: string[]; how: string }[] {
  const reset = { match: ["meta l4proto tcp"], how: "reject with tcp reset" };
  const other = { match: [], how: "reject with icmpx admin-prohibited" };
  const hasTcp = rule.services.some((service) => service.protocol === 6 || service.protocol === "any");
  const hasOther = rule.services.some((service) => service.protocol !== 6);
  if (!hasTcp) return [other];
  return hasOther ? [reset, other] : [{ ...reset, match: [] }];
}

function ruleRemarks(rule: EdgeRule, direction: Direction): string[] {
  const services = rule.services.map((service) => service.label).join(", ");
  return [
    plainLine(`Rule ${JSON.stringify(rule.name)}: ${rule.action} ${services}, ${direction}`, 160),
    ...(rule.description === undefined ? [] : [plainLine(rule.description, 160)]),
  ].map(withoutBackslash);
}

function exceptionLabel(exception: EdgeException): string {
  const details = [
    ...(exception.reason === undefined ? [] : [exception.reason]),
    ...(exception.expires === undefined ? [] : [`until ${exception.expires}`]),
  ];
  const ends = `except ${exception.from.label} to ${exception.to.label}`;
  return details.length === 0 ? ends : `${ends}: ${details.join(", ")}`;
}

/** A service of one family only beside addresses of the other can match nothing, and nft refuses it. */
function contradicts(service: readonly string[], family: Family | undefined): boolean {
  const other = family === "ipv4" ? ["icmpv6 ", familyGuard("ipv6")] : ["icmp ", familyGuard("ipv4")];
  return family !== undefined && service.some((match) => other.some((start) => match.startsWith(start)));
}

function elementsOf(endpoint: Endpoint, family: Family): string[] {
  return family === "ipv4"
    ? endpoint.addresses.ipv4.map((interval) => {
        const prefix = asPrefix4(interval);
        if (prefix === undefined) return `${formatIpv4(interval.first)}-${formatIpv4(interval.last)}`;
        return prefix.length === 32 ? formatIpv4(prefix.address) : formatPrefix4(prefix);
      })
    : endpoint.addresses.ipv6.map((interval) => {
        const prefix = asPrefix6(interval);
        if (prefix === undefined) return `${formatIpv6(interval.first)}-${formatIpv6(interval.last)}`;
        return prefix.length === 128 ? formatIpv6(prefix.address) : formatPrefix6(prefix);
      });
}

function isAny(endpoint: Endpoint): boolean {
  return isAnyOf(endpoint, "ipv4") && isAnyOf(endpoint, "ipv6");
}

function isAnyOf(endpoint: Endpoint, family: Family): boolean {
  return family === "ipv4"
    ? isEverything(ipv4Addresses, endpoint.addresses.ipv4)
    : isEverything(ipv6Addresses, endpoint.addresses.ipv6);
}

/** `"a"`, or `{ "a", "b" }`. */
function listOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `{ ${values.join(", ")} }`;
}

/** A backslash at the end of a comment line continues it for some tools. */
function withoutBackslash(text: string): string {
  return text.replaceAll("\\", "/");
}
