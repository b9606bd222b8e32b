import type { AddressSet } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { keywords } from "./aliases.js";
import { protocolNumbers, servicePorts } from "./names.js";
import type { PlannedRule } from "./plan.js";
import type { NamedSet, Side } from "./regions.js";

/** An alias of ours, and the same as a table of pf. */
export interface OwnAlias {
  readonly name: string;
  /** As the policy speaks of it. */
  readonly label: string;
  readonly addresses: AddressSet;
  /** The fewest prefixes, IPv4 first. */
  readonly entries: readonly string[];
  /** Labels of the rules that use it. */
  readonly usedBy: readonly string[];
}

export interface OwnAliases {
  readonly all: readonly OwnAlias[];
  nameOf(set: NamedSet): string;
}

/** pfSense cuts aliases of a table's name, pf the tables themselves. Source: net/pfvar.h, PF_TABLE_NAME_SIZE. */
export const longestAliasName = 31;

/**
 * The aliases that the rules need, one for each set, in the order of their first use.
 *
 * Names begin with `prefix`, keep to what pfSense takes, and leave room for the number of a part. `taken` are names in
 * use (compared without case).
 */
export function aliasesOf(rules: readonly PlannedRule[], prefix: string, taken: Iterable<string>): OwnAliases {
  const used = new Set([...taken, ...keywords, ...protocolNumbers.keys(), ...servicePorts.keys()].map(folded));
  const found: { alias: Omit<OwnAlias, "usedBy">; usedBy: string[] }[] = [];
  const byKey = new Map<string, (typeof found)[number]>();
  for (const rule of rules)
    for (const side of [rule.source, rule.destination]) {
      const set = setOf(side);
      if (set === undefined) continue;
      const entries = entriesOf(set.addresses);
      const key = entries.join(" ");
      let one = byKey.get(key);
      if (one === undefined) {
        const name = freeName(prefix, set.id, used);
        one = { alias: { name, label: set.label, addresses: set.addresses, entries }, usedBy: [] };
        found.push(one);
        byKey.set(key, one);
      }
      one.usedBy.push(rule.label);
    }
  return {
    all: found.map(({ alias, usedBy }) => ({ ...alias, usedBy })),
    nameOf: (set) => byKey.get(entriesOf(set.addresses).join(" "))!.alias.name,
  };
}

function setOf(side: Side): NamedSet | undefined {
  return side.kind === "any" ? undefined : side.set;
}

const entriesBySet = new WeakMap<AddressSet, readonly string[]>();

function entriesOf(addresses: AddressSet): readonly string[] {
  let entries = entriesBySet.get(addresses);
  if (entries === undefined) {
    entries = [
      ...kit.fewestPrefixes4(addresses.ipv4).map(kit.formatPrefix4),
      ...kit.fewestPrefixes6(addresses.ipv6).map(kit.formatPrefix6),
    ];
    entriesBySet.set(addresses, entries);
  }
  return entries;
}

/** Room for `_999` behind the name, for the parts of a large alias. */
function freeName(prefix: string, id: string, used: Set<string>): string {
  const stem = `${prefix}_${id.replace(/[^A-Za-z0-9_]+/g, "_")}`.slice(0, longestAliasName - 4);
  for (let count = 1; ; count++) {
    // Not `_2`: that is how the second part of a large alias ends.
    const ending = count === 1 ? "" : `_x${count}`;
    const name = stem.slice(0, longestAliasName - 4 - ending.length) + ending;
    const clashes = [...used].some(
      (other) => other === folded(name) || isPartOf(other, folded(name)) || isPartOf(folded(name), other),
    );
    if (clashes) continue;
    used.add(folded(name));
    return name;
  }
}

/** `rw_azure_3` may be the third part of `rw_azure`. */
function isPartOf(other: string, name: string): boolean {
  return other.startsWith(`${name}_`) && /^\d+$/.test(other.slice(name.length + 1));
}

function folded(name: string): string {
  return name.toLowerCase();
}
