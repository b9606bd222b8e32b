import type { AddressSet, Family } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";

/** A set of addresses with the name that an alias may get from it. */
export interface NamedSet {
  readonly addresses: AddressSet;
  readonly id: string;
  /** As the policy speaks of it. */
  readonly label: string;
}

/** One side of a rule. */
export type Side =
  | { readonly kind: "any" }
  | { readonly kind: "in"; readonly set: NamedSet }
  | { readonly kind: "not-in"; readonly set: NamedSet };

export interface Region {
  readonly source: Side;
  readonly destination: Side;
}

export interface Ends {
  readonly from: NamedSet;
  readonly to: NamedSet;
}

/**
 * Rectangles of source and destination that together are exactly those of `rule` without those of `exceptions`, for
 * packets of `families`. They may overlap, because all stand in rules that do the same.
 *
 * pf has no way to go on behind a rule that matched, so a rule has to match everything but its exceptions. Take the
 * sources apart by the exceptions that speak of them:
 *
 *     sources of no exception     -> every destination
 *     sources of exception 1      -> every destination but those of 1
 *
 * A part's rectangle may as well take in the sources of fewer exceptions (they are denied at least as much), and so the
 * second line becomes `any source -> every destination but those of 1`, which does not look at the source at all. That
 * matters going out, where the source may be rewritten.
 *
 * The same is tried with sources and destinations exchanged; the shorter list is the answer. Undefined when there would
 * be more than `most` rectangles.
 */
export function regionsOf(
  rule: Ends,
  exceptions: readonly Ends[],
  families: readonly Family[],
  most = 64,
): Region[] | undefined {
  const space = within(families);
  const cut = exceptions.filter(
    (one) =>
      !space.isEmpty(kit.intersectAddresses(one.from.addresses, rule.from.addresses)) &&
      !space.isEmpty(kit.intersectAddresses(one.to.addresses, rule.to.addresses)),
  );
  const bySource = rectangles(
    rule.from,
    rule.to,
    cut.map((one) => ({ near: one.from, far: one.to })),
    space,
    most,
  );
  if (bySource !== undefined && bySource.length <= 1)
    return bySource.map(([source, destination]) => ({ source, destination }));
  const byDestination = rectangles(
    rule.to,
    rule.from,
    cut.map((one) => ({ near: one.to, far: one.from })),
    space,
    most,
  );
  if (bySource !== undefined && (byDestination === undefined || bySource.length <= byDestination.length))
    return bySource.map(([source, destination]) => ({ source, destination }));
  return byDestination?.map(([destination, source]) => ({ source, destination }));
}

interface Space {
  isEmpty(set: AddressSet): boolean;
  isEverything(set: AddressSet): boolean;
  isSubset(a: AddressSet, b: AddressSet): boolean;
  isEqual(a: AddressSet, b: AddressSet): boolean;
}

/** Questions about sets that look at some families only. */
function within(families: readonly Family[]): Space {
  const isEmpty = (set: AddressSet): boolean => families.every((family) => set[family].length === 0);
  const isSubset = (a: AddressSet, b: AddressSet): boolean => isEmpty(kit.subtractAddresses(a, b));
  return {
    isEmpty,
    isSubset,
    isEverything: (set) => isEmpty(kit.complementAddresses(set)),
    isEqual: (a, b) => isSubset(a, b) && isSubset(b, a),
  };
}

interface Cut {
  readonly near: NamedSet;
  readonly far: NamedSet;
}

function rectangles(
  near: NamedSet,
  far: NamedSet,
  cuts: readonly Cut[],
  space: Space,
  most: number,
): [Side, Side][] | undefined {
  const always: NamedSet[] = [];
  const groups: { near: NamedSet; far: NamedSet[] }[] = [];
  for (const cut of cuts) {
    if (space.isSubset(near.addresses, cut.near.addresses)) {
      always.push(cut.far);
      continue;
    }
    const group = groups.find((one) => space.isEqual(one.near.addresses, cut.near.addresses));
    if (group === undefined) groups.push({ near: cut.near, far: [cut.far] });
    else group.far.push(cut.far);
  }

  let parts: { addresses: AddressSet; members: readonly number[] }[] = [{ addresses: near.addresses, members: [] }];
  for (const [index, group] of groups.entries()) {
    parts = parts.flatMap((part) => {
      const inside = kit.intersectAddresses(part.addresses, group.near.addresses);
      const outside = kit.subtractAddresses(part.addresses, group.near.addresses);
      return [
        { addresses: outside, members: part.members },
        { addresses: inside, members: [...part.members, index] },
      ].filter((one) => !space.isEmpty(one.addresses));
    });
    if (parts.length > most) return undefined;
  }

  const found = parts.flatMap((part) => {
    const missing = groups.flatMap((group, index) => (part.members.includes(index) ? [] : [group.near]));
    const excepted = [...always, ...part.members.flatMap((index) => groups[index]!.far)];
    const nearSet = without(near, missing);
    const farSet = without(far, excepted);
    if (space.isEmpty(nearSet) || space.isEmpty(farSet)) return [];
    return [
      {
        nearSet,
        farSet,
        sides: [side(near, missing, nearSet, space), side(far, excepted, farSet, space)] as [Side, Side],
      },
    ];
  });
  return found
    .filter(
      (one, index) =>
        !found.some(
          (other, at) =>
            at !== index &&
            space.isSubset(one.nearSet, other.nearSet) &&
            space.isSubset(one.farSet, other.farSet) &&
            // Of two equal ones the first stays.
            (at < index || !space.isSubset(other.nearSet, one.nearSet) || !space.isSubset(other.farSet, one.farSet)),
        ),
    )
    .map((one) => one.sides);
}

function without(from: NamedSet, cuts: readonly NamedSet[]): AddressSet {
  return cuts.length === 0
    ? from.addresses
    : kit.subtractAddresses(from.addresses, kit.unionOf(cuts.map((cut) => cut.addresses)));
}

function side(whole: NamedSet, cuts: readonly NamedSet[], rest: AddressSet, space: Space): Side {
  const everything = space.isEverything(whole.addresses);
  if (cuts.length === 0) return everything ? { kind: "any" } : { kind: "in", set: whole };
  const cut = unionOf(cuts);
  return everything
    ? { kind: "not-in", set: cut }
    : {
        kind: "in",
        set: { addresses: rest, id: `${whole.id}_but_${cut.id}`, label: `${whole.label} without ${cut.label}` },
      };
}

function unionOf(sets: readonly NamedSet[]): NamedSet {
  const distinct = sets.filter((one, index) => sets.findIndex((other) => other.id === one.id) === index);
  if (distinct.length === 1) return distinct[0]!;
  return {
    addresses: kit.unionOf(distinct.map((one) => one.addresses)),
    id: distinct.map((one) => one.id).join("_"),
    label: distinct.map((one) => one.label).join(" and "),
  };
}
