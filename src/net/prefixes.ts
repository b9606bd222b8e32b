import { ipv4Addresses, ipv6Addresses } from "./intervals.js";
import type { Interval, IntervalSet } from "./intervals.js";

/** A prefix: `address` with its host bits zero, and `length` leading bits (IPv4 0 to 32, IPv6 0 to 128). */
export interface Prefix<N extends number | bigint> {
  readonly address: N;
  readonly length: number;
}

/**
 * The fewest prefixes that cover exactly `set`, in ascending order.
 *
 * Empty for the empty set. An IPv4 interval needs at most 62, an IPv6 interval at most 254.
 *
 * Source: RFC 4632 section 3.1 (prefix notation).
 */
export function fewestPrefixes4(set: IntervalSet<number>): Prefix<number>[] {
  const result: Prefix<number>[] = [];
  for (const { first, last } of set) {
    let address = first;
    while (address <= last) {
      let length = 32;
      let block = 1;
      while (length > 0 && address % (block * 2) === 0 && address + block * 2 - 1 <= last) {
        block *= 2;
        length--;
      }
      result.push({ address, length });
      address += block;
    }
  }
  return result;
}

/** As {@link fewestPrefixes4}, for IPv6. */
export function fewestPrefixes6(set: IntervalSet<bigint>): Prefix<bigint>[] {
  const result: Prefix<bigint>[] = [];
  for (const { first, last } of set) {
    let address = first;
    while (address <= last) {
      let length = 128;
      let block = 1n;
      // Most published prefixes are short: halve the work by trying /64 first.
      if (address % HALF === 0n && address + HALF - 1n <= last) {
        length = 64;
        block = HALF;
      }
      while (length > 0 && address % (block * 2n) === 0n && address + block * 2n - 1n <= last) {
        block *= 2n;
        length--;
      }
      result.push({ address, length });
      address += block;
    }
  }
  return result;
}

const HALF = 1n << 64n;

/** The addresses of an IPv4 prefix. */
export function prefixInterval4(prefix: Prefix<number>): Interval<number> {
  return { first: prefix.address, last: prefix.address + 2 ** (32 - prefix.length) - 1 };
}

/** The addresses of an IPv6 prefix. */
export function prefixInterval6(prefix: Prefix<bigint>): Interval<bigint> {
  return { first: prefix.address, last: prefix.address + (1n << BigInt(128 - prefix.length)) - 1n };
}

/** The prefix that is exactly the interval, if there is one. */
export function asPrefix4(interval: Interval<number>): Prefix<number> | undefined {
  const [only, more] = fewestPrefixes4([interval]);
  return more === undefined ? only : undefined;
}

/** As {@link asPrefix4}, for IPv6. */
export function asPrefix6(interval: Interval<bigint>): Prefix<bigint> | undefined {
  const [only, more] = fewestPrefixes6([interval]);
  return more === undefined ? only : undefined;
}

/** The network mask of an IPv4 prefix length as a number: 24 is 255.255.255.0. */
export function netmask4(length: number): number {
  return ipv4Addresses.max - (2 ** (32 - length) - 1);
}

/** All ones of an IPv6 prefix length. */
export function netmask6(length: number): bigint {
  return ipv6Addresses.max - ((1n << BigInt(128 - length)) - 1n);
}
