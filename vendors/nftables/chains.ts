import type { Direction, Edge, EdgeException, EdgeRule, Family } from "../../src/vendor-kit/index.js";
import { neighbourDiscoveryTypes, plainLine } from "../../src/vendor-kit/index.js";
import { AddressSets, hasEvery, hasNone, needsSet } from "./address-sets.js";
import { familyGuard, serviceMatches, servicesCover } from "./services.js";
import { Names, commentText, quoted } from "./syntax.js";
import type { ChainText, NamedSet, RuleText } from "./syntax.js";

/**
 * The chains of a policy, a direction at a time: one for the direction, one for each rule, and the sets they refer to.
 *
 * While a newer table takes the place of an older one there is a moment (seen on Linux 6.18, some 50 microseconds a
 * load) in which the new rules run and the new interval sets still seem empty. So no decision to let a packet pass may
 * rest on an interval set that does not have the packet: ports are compared in single values and ranges, a denial of
 * certain addresses returns for a set of all the others, and so on. In that moment an exception may miss a packet;
 * nothing that is denied gets through.
 */
export class PolicyChains {
  readonly #edge: Edge;
  readonly #addresses = new AddressSets();
  readonly #names = new Names();

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  get sets(): readonly NamedSet[] {
    return this.#addresses.sets;
  }

  /** The direction's own chain first; none when no rule says anything about it. */
  direction(direction: Direction): ChainText[] {
    const guards: RuleText[] = [];
    const chains: ChainText[] = [];
    this.#edge.rules.forEach((rule, index) => {
      if (!rule.directions.includes(direction) || !hasPackets(rule)) return;
      const name = this.#names.of(`${index} ${direction}`, rule.name, direction);
      for (const matches of serviceMatches(rule.services, rule.families)) {
        guards.push({ matches, statements: [`jump ${name}`] });
      }
      const exceptions = rule.exceptions.filter((one) => one.directions.includes(direction) && hasPackets(one));
      const [first, ...rest] =
        rule.action === "permit" ? this.#permit(rule, name, exceptions) : [this.#deny(rule, name, exceptions)];
      chains.push({ ...first!, remarks: ruleRemarks(rule, direction) }, ...rest);
    });
    if (guards.length === 0 && this.#edge.default !== "deny") return [];
    const way = direction === "inbound" ? "arrive on" : "leave by";
    return [
      {
        name: direction,
        remarks: [`Packets that ${way} an outside interface`],
        rules: this.#edge.default === "deny" ? [replies("accept"), ...guards, ...denied] : guards,
      },
      ...chains,
    ];
  }

  #deny(rule: EdgeRule, name: string, exceptions: readonly EdgeException[]): ChainText {
    return {
      name,
      remarks: [],
      rules: [
        // With `default: deny` the replies are accepted in front of all rules.
        ...(this.#edge.default === "deny" ? [] : [replies("return")]),
        ...this.#otherAddresses(rule, rule.families, "return"),
        ...exceptions.flatMap((exception) => this.#exceptionLines(rule, exception)),
        ...verdicts(rule),
      ],
    };
  }

  /** A chain for what each exception leaves, as long as its sets need that; the last one accepts. */
  #permit(rule: EdgeRule, name: string, exceptions: readonly EdgeException[]): ChainText[] {
    const chains: ChainText[] = [];
    let current = name;
    let rules: RuleText[] = [];
    exceptions.forEach((exception, index) => {
      if (!needsSet(exception.from) && !needsSet(exception.to)) {
        rules.push(...this.#exceptionLines(rule, exception));
        return;
      }
      const excepted = this.#names.of(`${name} ${index}`, name, `except-${index + 1}`);
      const next = this.#names.of(`${name} ${index} next`, name, `after-${index + 1}`);
      for (const matches of exceptionServices(rule, exception))
        rules.push({ matches, statements: [`goto ${excepted}`] });
      rules.push({ matches: [], statements: [`goto ${next}`] });
      chains.push({ name: current, remarks: [], rules });
      const others = this.#otherAddresses(exception, rule.families, `goto ${next}`);
      chains.push({ name: excepted, remarks: [], rules: [...others, leave([], exception)] });
      [current, rules] = [next, []];
    });
    for (const matches of this.#insideMatches(rule)) rules.push(...verdicts(rule, matches));
    chains.push({ name: current, remarks: [], rules });
    return chains;
  }

  #exceptionLines(rule: EdgeRule, exception: EdgeException): RuleText[] {
    return exceptionServices(rule, exception).flatMap((service) =>
      this.#insideMatches(exception, service).map((matches) => leave([...service, ...matches], exception)),
    );
  }

  /** The ways in which a packet's addresses are those of a rule or exception: one when they are any. */
  #insideMatches(box: EdgeRule | EdgeException, service: readonly string[] = []): string[][] {
    if (box.families.length === 2 && box.families.every((family) => isAny(box, family))) return [[]];
    return box.families
      .filter((family) => !contradicts(service, family))
      .flatMap((family) => {
        const source = this.#addresses.inside(box.from, family, "saddr");
        const destination = this.#addresses.inside(box.to, family, "daddr");
        if (source === undefined || destination === undefined) return [];
        const matches = [...source, ...destination];
        return [matches.length > 0 ? matches : [familyGuard(family)]];
      });
  }

  /** What is done with packets of the `families` that do not have the addresses of a rule or exception. */
  #otherAddresses(box: EdgeRule | EdgeException, families: readonly Family[], verdict: string): RuleText[] {
    return families.flatMap((family) => {
      const isForeign = !box.families.includes(family) || hasNone(box.from, family) || hasNone(box.to, family);
      if (isForeign) return [{ matches: [familyGuard(family)], statements: [verdict] }];
      const source = this.#addresses.outside(box.from, family, "saddr");
      const destination = this.#addresses.outside(box.to, family, "daddr");
      return [source, destination].flatMap((matches) =>
        matches === undefined ? [] : [{ matches, statements: [verdict] }],
      );
    });
  }
}

function isAny(box: EdgeRule | EdgeException, family: Family): boolean {
  return hasEvery(box.from, family) && hasEvery(box.to, family);
}

function hasPackets(box: EdgeRule | EdgeException): boolean {
  return box.families.some((family) => !hasNone(box.from, family) && !hasNone(box.to, family));
}

/** A packet is in the rule's chain already: only what the exception leaves out of the rule's services is compared. */
function exceptionServices(rule: EdgeRule, exception: EdgeException): string[][] {
  return servicesCover(exception.services, rule.services)
    ? [[]]
    : serviceMatches(exception.services, exception.families);
}

/** Packets of the reply direction. Untracked and invalid packets have no direction and never match. */
function replies(verdict: "accept" | "return"): RuleText {
  return { matches: ["ct direction reply"], statements: [verdict] };
}

/** An excepted packet goes on to the next rule. */
function leave(matches: readonly string[], exception: EdgeException): RuleText {
  return { matches, statements: ["counter", "return"], comment: quoted(plainLine(exceptionLabel(exception), 120)) };
}

function verdicts(rule: EdgeRule, matches: readonly string[] = []): RuleText[] {
  const comment = quoted(plainLine(`${rule.action} ${rule.name}`, 120));
  const log = rule.log ? [`log prefix ${quoted(`ringwall ${plainLine(rule.name, 100)}: `)}`] : [];
  const verdict = (statement: string, more: readonly string[] = []): RuleText => ({
    matches: [...more, ...matches],
    statements: ["counter", ...log, statement],
    comment,
  });
  switch (rule.action) {
    case "deny":
      return [verdict("drop")];
    case "permit":
      return [verdict("accept")];
    case "reject":
      return rejections(rule).map(({ match, how }) => verdict(how, match));
  }
}

function rejections(rule: EdgeRule): { match: string[]; how: string }[] {
  const reset = { match: ["meta l4proto tcp"], how: "reject with tcp reset" };
  const other = { match: [], how: "reject with icmpx type admin-prohibited" };
  const hasTcp = rule.services.some((service) => service.protocol === 6 || service.protocol === "any");
  const hasOther = rule.services.some((service) => service.protocol !== 6);
  if (!hasTcp) return [other];
  return hasOther ? [reset, other] : [{ ...reset, match: [] }];
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

function ruleRemarks(rule: EdgeRule, direction: Direction): string[] {
  const services = [...new Set(rule.services.map((service) => service.label))].join(", ");
  const ends = `from ${rule.from.label} to ${rule.to.label}`;
  return [
    plainLine(`Rule "${plainLine(rule.name, 60)}": ${rule.action} ${services} ${direction} ${ends}`, 160),
    ...(rule.description === undefined ? [] : [plainLine(rule.description, 160)]),
  ].map(commentText);
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
function contradicts(service: readonly string[], family: Family): boolean {
  const other = family === "ipv4" ? ["icmpv6 ", familyGuard("ipv6")] : ["icmp ", familyGuard("ipv4")];
  return service.some((match) => other.some((start) => match.startsWith(start)));
}
