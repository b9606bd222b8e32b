import type { AddressSet, Family, IntervalSet, Match, Translation, Verdict } from "../../src/vendor-kit/index.js";
import { all, any, labelOf, not, ofFamily, spanLabel, spanText, unionAddresses } from "../../src/vendor-kit/index.js";
import { addressesOf, rangeOf } from "./address-text.js";
import type { MatchSetting } from "./matches.js";
import type { FamilyText, RuleText, TableText } from "./model.js";
import { ruleSpan } from "./model.js";
import { portNumber } from "./protocol-names.js";
import { readRule } from "./rule-reader.js";
import type { SetsText } from "./sets.js";

/**
 * The rules of the nat table that rewrite destinations of packets which arrive: DNAT, REDIRECT and NETMAP on the ways
 * that begin in PREROUTING. The filter sees what comes out.
 *
 * Source: iptables-extensions(8), DNAT, REDIRECT, NETMAP.
 */
export function translationsOf(tables: FamilyText, family: Family, sets: SetsText): Translation[] {
  const nat = tables.get("nat");
  return nat === undefined ? [] : new Walk(nat, family, sets).translations();
}

/** Jumps in jumps can be very many ways; more steps than this are not taken. */
const mostSteps = 20_000;
const deepest = 16;
/** So many rules that keep packets from the later ones are remembered on a way. */
const mostKept = 64;

class Walk {
  private readonly found = new Map<RuleText, { match: Match[]; target: Target }>();
  private steps = 0;

  constructor(
    private readonly table: TableText,
    private readonly family: Family,
    private readonly sets: SetsText,
  ) {}

  translations(): Translation[] {
    this.chain("PREROUTING", ofFamily(this.family), 0);
    return [...this.found].map(([rule, { match, target }]): Translation => {
      const { destination, ports } = newPlace(target, this.family);
      return {
        label: labelOf(spanText(ruleSpan(rule)).replace(/\s+/g, " ")),
        span: ruleSpan(rule),
        match: any(...match),
        ...(destination !== undefined && { destination }),
        ...(ports !== undefined && { ports }),
        bypassesFilter: false,
      };
    });
  }

  private chain(name: string, guard: Match, depth: number): void {
    const kept: Match[] = [];
    for (const rule of this.table.chains.get(name)?.rules ?? []) {
      if (++this.steps > mostSteps) return;
      if (rule.unread) continue;
      const { match: own, verdict } = readRule(rule.words, this.setting(rule));
      const match = all(guard, rule.when, own, ...kept);
      const target = targetOfRule(rule);
      if (target !== undefined) {
        const known = this.found.get(rule);
        if (known === undefined) this.found.set(rule, { match: [match], target });
        else known.match.push(match);
      } else if (typeof verdict === "object") {
        if (depth < deepest) this.chain(verdict.chain, match, depth + 1);
      } else if (endsTheWay(verdict) && kept.length < mostKept) {
        kept.push(not(all(rule.when, own)));
      }
    }
  }

  /** What is unknown is said where the filter's own rules are read. */
  private setting(rule: RuleText): MatchSetting {
    const { table } = this;
    return {
      family: this.family,
      hasEgress: false,
      sets: this.sets,
      get place() {
        const label = spanLabel(ruleSpan(rule));
        return label.slice(0, label.lastIndexOf(":"));
      },
      beforeTracking: false,
      marksChange: false,
      translated: undefined,
      changingSets: new Set(),
      isChain: (name) => table.chains.has(name),
      undecided: () => undefined,
      unread: () => undefined,
      table: "nat",
      chain: "",
      refused: () => undefined,
      missing: () => undefined,
    };
  }
}

function endsTheWay(verdict: Verdict): boolean {
  return verdict === "accept" || verdict === "return" || verdict === "drop" || verdict === "reject";
}

export interface Target {
  readonly name: "DNAT" | "REDIRECT" | "NETMAP";
  readonly values: readonly string[];
}

export function targetOfRule(rule: RuleText): Target | undefined {
  const words = rule.words.map((word) => word.text);
  const name = words[words.findIndex((word) => word === "-j" || word === "--jump") + 1];
  if (name !== "DNAT" && name !== "REDIRECT" && name !== "NETMAP") return undefined;
  const values = words.flatMap((word, i) => {
    const [option = "", glued] = word.split("=", 2);
    return /^--(?:to|to-destination|to-ports)$/.test(option) ? [glued ?? words[i + 1] ?? ""] : [];
  });
  return { name, values };
}

/** `10.0.0.5`, `10.0.0.5-10.0.0.9:8080-8090`, `[2001:db8::5]:445`, `:445`; `445-446` of REDIRECT; a network of NETMAP. */
export function newPlace(
  { name, values }: Target,
  family: Family,
): { readonly destination?: AddressSet | undefined; readonly ports?: IntervalSet<number> | undefined } {
  const [value] = values;
  switch (name) {
    case "REDIRECT":
      return { ports: value === undefined ? undefined : portsOf(value) };
    case "NETMAP":
      return { destination: value === undefined ? undefined : addressesOf(value, family) };
    case "DNAT": {
      const places = values.map((one) => {
        const found =
          family === "ipv6"
            ? (/^\[([^\]]*)\](?::(.*))?$/.exec(one) ?? /^([^\]]*)$/.exec(one))
            : /^([^:]*)(?::(.*))?$/.exec(one);
        const addresses = found?.[1] === undefined || found[1] === "" ? undefined : rangeOf(found[1], family);
        return { addresses, ports: found?.[2] };
      });
      const known = places.every((place) => place.addresses !== undefined);
      const first = places[0]?.ports;
      return {
        destination:
          known && places.length > 0 ? unionAddresses(...places.map((place) => place.addresses!)) : undefined,
        ports: first !== undefined && places.every((place) => place.ports === first) ? portsOf(first) : undefined,
      };
    }
  }
}

/** `80`, `8000-8010`, and with a base `8000-8010/9000`. */
function portsOf(text: string): IntervalSet<number> | undefined {
  const [range = ""] = text.split("/");
  const [from = "", to = from] = range.split("-");
  const first = portNumber(from);
  const last = portNumber(to);
  return first === undefined || last === undefined || first > last ? undefined : [{ first, last }];
}
