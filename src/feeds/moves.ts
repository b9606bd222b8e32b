import type { AddressSet } from "../net/index.js";
import { intersectAddresses, isNoAddress, noAddress, subtractAddresses, unionAddresses } from "../net/index.js";
import type { TagChange } from "./azure-diff.js";

/** Addresses that one tag has lost and another has gained. */
export interface Move {
  /** `region`: within a service; `service`: within a region, or between two tags of no region. */
  readonly kind: "region" | "service";
  readonly from: string;
  readonly to: string;
  readonly addresses: AddressSet;
}

/**
 * The moves between tags of one service, and between tags of one region. What `AzureCloud` gains is no move: it holds
 * every address of the cloud beside the tag of the service. A move that a region tells of is not told once more of the
 * tags of the whole services.
 *
 * In the order of the tags that were left, then of those that were joined.
 */
export function movesBetween(changes: readonly TagChange[]): readonly Move[] {
  const gaining = changes.filter(({ added }) => !isNoAddress(added));
  const byService = groupBy(gaining, ({ service }) => service);
  const byRegion = groupBy(gaining, ({ region }) => region);
  const moves: (Move & { readonly of: readonly [TagChange, TagChange] })[] = [];
  for (const left of changes) {
    if (isNoAddress(left.removed)) continue;
    const inService = (byService.get(left.service) ?? []).filter(
      (one) => left.region !== "" && one.region !== "" && one.region !== left.region,
    );
    const inRegion = (byRegion.get(left.region) ?? []).filter(
      (one) => one.service !== left.service && !isCloud(one) && !isCloud(left),
    );
    for (const joined of [...inService, ...inRegion].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const addresses = intersectAddresses(left.removed, joined.added);
      if (isNoAddress(addresses)) continue;
      const kind = joined.service === left.service ? "region" : "service";
      moves.push({ kind, from: left.name, to: joined.name, addresses, of: [left, joined] });
    }
  }
  return moves.flatMap(({ of: [left, joined], ...move }) => {
    if (left.region !== "") return [move];
    const told = moves.filter(
      ({ of: [a, b] }) => a.region !== "" && a.service === left.service && b.service === joined.service,
    );
    const addresses = subtractAddresses(
      move.addresses,
      told.length === 0 ? noAddress : unionAddresses(...told.map((one) => one.addresses)),
    );
    return isNoAddress(addresses) ? [] : [{ ...move, addresses }];
  });
}

function isCloud({ service }: TagChange): boolean {
  return service === "AzureCloud";
}

function groupBy<T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}
