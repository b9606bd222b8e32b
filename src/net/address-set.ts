import * as intervals from "./intervals.js";
import { ipv4Addresses, ipv6Addresses } from "./intervals.js";
import type { IntervalSet } from "./intervals.js";

export type Family = "ipv4" | "ipv6";
export const families: readonly Family[] = ["ipv4", "ipv6"];

/** A set of addresses of both families. Empty means no address, never any. */
export interface AddressSet {
  readonly ipv4: IntervalSet<number>;
  readonly ipv6: IntervalSet<bigint>;
}

export const noAddress: AddressSet = { ipv4: [], ipv6: [] };
export const anyAddress: AddressSet = {
  ipv4: intervals.everything(ipv4Addresses),
  ipv6: intervals.everything(ipv6Addresses),
};
export const anyIpv4: AddressSet = { ipv4: anyAddress.ipv4, ipv6: [] };
export const anyIpv6: AddressSet = { ipv4: [], ipv6: anyAddress.ipv6 };

export function isNoAddress(set: AddressSet): boolean {
  return set.ipv4.length === 0 && set.ipv6.length === 0;
}

export function isAnyAddress(set: AddressSet): boolean {
  return intervals.isEverything(ipv4Addresses, set.ipv4) && intervals.isEverything(ipv6Addresses, set.ipv6);
}

export function unionAddresses(...sets: readonly AddressSet[]): AddressSet {
  return unionOf(sets);
}

/** As {@link unionAddresses}, of any number: there may be more sets than a call takes arguments. */
export function unionOf(sets: readonly AddressSet[]): AddressSet {
  return {
    ipv4: intervals.toSet(
      ipv4Addresses,
      sets.flatMap((set) => set.ipv4),
    ),
    ipv6: intervals.toSet(
      ipv6Addresses,
      sets.flatMap((set) => set.ipv6),
    ),
  };
}

export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return { ipv4: intervals.intersect(a.ipv4, b.ipv4), ipv6: intervals.intersect(a.ipv6, b.ipv6) };
}

/** What is in `a` and not in `b`. */
export function subtractAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return {
    ipv4: intervals.subtract(ipv4Addresses, a.ipv4, b.ipv4),
    ipv6: intervals.subtract(ipv6Addresses, a.ipv6, b.ipv6),
  };
}

/** Everything of both families that is not in `set`. */
export function complementAddresses(set: AddressSet): AddressSet {
  return {
    ipv4: intervals.complement(ipv4Addresses, set.ipv4),
    ipv6: intervals.complement(ipv6Addresses, set.ipv6),
  };
}

export function equalAddresses(a: AddressSet, b: AddressSet): boolean {
  return intervals.equalSets(a.ipv4, b.ipv4) && intervals.equalSets(a.ipv6, b.ipv6);
}
