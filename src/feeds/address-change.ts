import type { AddressSet } from "../net/index.js";
import { isNoAddress, subtractAddresses } from "../net/index.js";

/**
 * What became of a set of addresses. Sets, not lists of prefixes: addresses that only stand in another prefix than before
 * are in neither.
 */
export interface AddressChange {
  readonly added: AddressSet;
  readonly removed: AddressSet;
}

export function changeOf(before: AddressSet, after: AddressSet): AddressChange {
  return { added: subtractAddresses(after, before), removed: subtractAddresses(before, after) };
}

export function isNoChange({ added, removed }: AddressChange): boolean {
  return isNoAddress(added) && isNoAddress(removed);
}
