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
export function fewestPrefixes4(set: IntervalSet<number>): readonly Prefix<number>[] {
  let found = known4.get(set);
  if (found === undefined) {
    found = cover4(set);
    known4.set(set, found);
  }
  return found;
}

/** As {@link fewestPrefixes4}, for IPv6. */
export function fewestPrefixes6(set: IntervalSet<bigint>): readonly Prefix<bigint>[] {
  let found = known6.get(set);
  if (found === undefined) {
    found = cover6(set);
    known6.set(set, found);
  }
  return found;
}

/** Every target asks for the same sets. */
const known4 = new WeakMap<IntervalSet<number>, readonly Prefix<number>[]>();
const known6 = new WeakMap<IntervalSet<bigint>, readonly Prefix<bigint>[]>();

/** Takes from each interval's start the largest block that begins there: as far as zero bits and room allow. */
function cover4(set: IntervalSet<number>): Prefix<number>[] {
  const result: Prefix<number>[] = [];
  for (const { first, last } of set) {
    for (let address = first; address <= last;) {
      const bits = Math.min(trailingZeros32(address), highestBit32(last - address + 1));
      result.push({ address, length: 32 - bits });
      address += 2 ** bits;
    }
  }
  return result;
}

function cover6(set: IntervalSet<bigint>): Prefix<bigint>[] {
  const result: Prefix<bigint>[] = [];
  for (const { first, last } of set) {
    for (let address = first; address <= last;) {
      const bits = Math.min(trailingZeros128(address), highestBit128(last - address + 1n));
      result.push({ address, length: 128 - bits });
      address += 1n << BigInt(bits);
    }
  }
  return result;
}

/** How many low bits are zero; 32 for 0. */
function trailingZeros32(n: number): number {
  const low = n | 0;
  return low === 0 ? 32 : 31 - Math.clz32(low & -low);
}

/** The number of the highest bit that is set, 0 to 32; `n` is 1 to 2^32. */
function highestBit32(n: number): number {
  return n > 0xffffffff ? 32 : 31 - Math.clz32(n);
}

/** How many low bits are zero; 128 for 0. */
function trailingZeros128(n: bigint): number {
  let rest = n;
  for (let bits = 0; bits < 128; bits += 32) {
    const low = Number(rest & 0xffffffffn);
    if (low !== 0) return bits + trailingZeros32(low);
    rest >>= 32n;
  }
  return 128;
}

/** The number of the highest bit that is set, 0 to 128; `n` is 1 to 2^128. */
function highestBit128(n: bigint): number {
  let rest = n;
  let bits = 0;
  while (rest > 0xffffffffn) {
    rest >>= 32n;
    bits += 32;
  }
  return bits + highestBit32(Number(rest));
}

/** The addresses of an IPv4 prefix. */
export function prefixInterval4(prefix: Prefix<number>): Interval<number> {
  return { first: prefix.address, last: prefix.address + 2 ** (32 - prefix.length) - 1 };
}

/** The addresses of an IPv6 prefix. */
export function prefixInterval6(prefix: Prefix<bigint>): Interval<bigint> {
  return { first: prefix.address, last: prefix.address + (1n << BigInt(128 - prefix.length)) - 1n };
}

/** The prefix that is exactly the interval, if there is one. */
export function asPrefix4({ first, last }: Interval<number>): Prefix<number> | undefined {
  const size = last - first + 1;
  const bits = highestBit32(size);
  return size === 2 ** bits && trailingZeros32(first) >= bits ? { address: first, length: 32 - bits } : undefined;
}

/** As {@link asPrefix4}, for IPv6. */
export function asPrefix6({ first, last }: Interval<bigint>): Prefix<bigint> | undefined {
  const size = last - first + 1n;
  const bits = highestBit128(size);
  return size === 1n << BigInt(bits) && trailingZeros128(first) >= bits
    ? { address: first, length: 128 - bits }
    : undefined;
}

/** The network mask of an IPv4 prefix length as a number: 24 is 255.255.255.0. */
export function netmask4(length: number): number {
  return ipv4Addresses.max - (2 ** (32 - length) - 1);
}

/** All ones of an IPv6 prefix length. */
export function netmask6(length: number): bigint {
  return ipv6Addresses.max - ((1n << BigInt(128 - length)) - 1n);
}
