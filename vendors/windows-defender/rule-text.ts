import type { Family, Interval } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { AddressFilter, PortFilter } from "./model.js";

/**
 * The addresses of a filter in one family, one entry for each interval: an address, a subnet, or a range. All of a family
 * are its two halves, because a subnet with no bits in its mask is invalid (MS-FASP section 2.2.4). Keywords come first
 * of all, in the first family that is asked for.
 *
 * None for `any`: the absence of a list is what says it.
 */
export function addressEntries(filter: AddressFilter, family: Family): string[] {
  if (filter === "any") return [];
  return family === "ipv4"
    ? filter.addresses.ipv4.flatMap((one) => (isWhole4(one) ? ["0.0.0.0/1", "128.0.0.0/1"] : [entry4(one)]))
    : filter.addresses.ipv6.flatMap((one) => (isWhole6(one) ? ["::/1", "8000::/1"] : [entry6(one)]));
}

function isWhole4({ first, last }: Interval<number>): boolean {
  return first === kit.ipv4Addresses.min && last === kit.ipv4Addresses.max;
}

function isWhole6({ first, last }: Interval<bigint>): boolean {
  return first === kit.ipv6Addresses.min && last === kit.ipv6Addresses.max;
}

/** A host is written bare: a subnet of full length is invalid. Source: MS-GPFAS section 2.2.2.10. */
function entry4(interval: Interval<number>): string {
  if (interval.first === interval.last) return kit.formatIpv4(interval.first);
  const prefix = kit.asPrefix4(interval);
  return prefix === undefined
    ? `${kit.formatIpv4(interval.first)}-${kit.formatIpv4(interval.last)}`
    : kit.formatPrefix4(prefix);
}

function entry6(interval: Interval<bigint>): string {
  if (interval.first === interval.last) return kit.formatIpv6(interval.first);
  const prefix = kit.asPrefix6(interval);
  return prefix === undefined
    ? `${kit.formatIpv6(interval.first)}-${kit.formatIpv6(interval.last)}`
    : kit.formatPrefix6(prefix);
}

/** Both families' entries with the keywords in front; none for `any`. */
export function allAddressEntries(filter: AddressFilter): string[] {
  if (filter === "any") return [];
  return [...filter.keywords, ...addressEntries(filter, "ipv4"), ...addressEntries(filter, "ipv6")];
}

/** Ports and ranges, keywords in front; none for `any`. */
export function portEntries(filter: PortFilter): string[] {
  if (filter === "any") return [];
  return [
    ...filter.keywords,
    ...filter.ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)),
  ];
}

/**
 * Text from a policy as Windows may show it: one line, without `|` (which ends a field of the registry form), controls
 * and marks that turn the direction of writing. Letters of every script stay.
 */
export function displayText(text: string, most = 250): string {
  const line = text
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replaceAll("|", "/")
    .trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 3).join("")}...`;
}

/** Letters, digits and `-` for a rule's identifier; never empty. */
export function nameWord(text: string, most = 80): string {
  const word = text
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, most);
  return word === "" ? "rule" : word;
}
