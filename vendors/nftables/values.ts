import type { Interval, IntervalSet } from "../../src/vendor-kit/index.js";
import {
  ipv4Addresses,
  ipv6Addresses,
  netmask4,
  netmask6,
  netmaskLength4,
  parseIpv4,
  parseIpv6,
} from "../../src/vendor-kit/index.js";

/**
 * A number, a name of one, or `a-b` with either at both ends; undefined for anything else. A name may have hyphens, so
 * the whole text is looked up first.
 */
export function readNumbers(
  text: string,
  bits: number,
  names: ReadonlyMap<string, number>,
): Interval<number> | undefined {
  const one = readNumber(text, bits, names);
  if (one !== undefined) return { first: one, last: one };
  for (let at = text.indexOf("-"); at > 0; at = text.indexOf("-", at + 1)) {
    const first = readNumber(text.slice(0, at), bits, names);
    const last = readNumber(text.slice(at + 1), bits, names);
    if (first !== undefined && last !== undefined) return first <= last ? { first, last } : undefined;
  }
  return undefined;
}

function readNumber(text: string, bits: number, names: ReadonlyMap<string, number>): number | undefined {
  const known = names.get(text.toLowerCase());
  if (known !== undefined) return known;
  if (!/^(0x[0-9a-f]{1,12}|\d{1,15})$/i.test(text)) return undefined;
  // nft reads a leading zero as octal, as strtoull with base 0 does.
  const number = /^0[0-7]+$/.test(text) ? parseInt(text, 8) : Number(text);
  return number < 2 ** bits ? number : undefined;
}

/** `a`, `a/length`, `a/mask`, `a-b`. Bits beyond the length are cut off, as nft does. */
export function readAddresses4(text: string): Interval<number> | undefined {
  const dash = text.indexOf("-");
  if (dash > 0) {
    const first = parseIpv4(text.slice(0, dash));
    const last = parseIpv4(text.slice(dash + 1));
    return first !== undefined && last !== undefined && first <= last ? { first, last } : undefined;
  }
  const slash = text.indexOf("/");
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { first: address, last: address };
  const lengthText = text.slice(slash + 1);
  const mask = parseIpv4(lengthText);
  const length = mask !== undefined ? netmaskLength4(mask) : prefixLength(lengthText, 32);
  if (length === undefined) return undefined;
  const first = address - (address % 2 ** (32 - length));
  return { first, last: first + (ipv4Addresses.max - netmask4(length)) };
}

/** As {@link readAddresses4}, for IPv6 and without masks; brackets around an address are allowed. */
export function readAddresses6(text: string): Interval<bigint> | undefined {
  const dash = text.indexOf("-");
  if (dash > 0) {
    const first = parseIpv6(text.slice(0, dash));
    const last = parseIpv6(text.slice(dash + 1));
    return first !== undefined && last !== undefined && first <= last ? { first, last } : undefined;
  }
  const slash = text.indexOf("/");
  const address = parseIpv6(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { first: address, last: address };
  const length = prefixLength(text.slice(slash + 1), 128);
  if (length === undefined) return undefined;
  const first = address & netmask6(length);
  return { first, last: first | (ipv6Addresses.max - netmask6(length)) };
}

function prefixLength(text: string, most: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Six octets in hexadecimal; undefined for anything else. */
export function readMac(text: string): Interval<number> | undefined {
  const one = readOneMac(text);
  if (one !== undefined) return { first: one, last: one };
  const [first, last] = text.split("-").map(readOneMac);
  return first !== undefined && last !== undefined && first <= last ? { first, last } : undefined;
}

function readOneMac(text: string): number | undefined {
  if (!/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(text)) return undefined;
  return text.split(":").reduce((value, octet) => value * 256 + parseInt(octet, 16), 0);
}

/** More intervals than this are not worth an exact answer. */
const MOST_INTERVALS = 4096;

/**
 * The numbers n of `bits` bits with `n & mask` in `values`; undefined when that would be too many intervals.
 *
 * `10.0.0.1` under mask 255.255.0.255 is 256 addresses, one each.
 */
export function underMask(bits: number, mask: bigint, values: IntervalSet<bigint>): Interval<bigint>[] | undefined {
  const all = (1n << BigInt(bits)) - 1n;
  let low = 0;
  while (low < bits && ((mask >> BigInt(low)) & 1n) === 0n) low++;
  const block = 1n << BigInt(low);
  const freeAbove: bigint[] = [];
  for (let i = low; i < bits; i++) if (((mask >> BigInt(i)) & 1n) === 0n) freeAbove.push(1n << BigInt(i));
  const wanted: bigint[] = [];
  for (const { first, last } of values) {
    if (last - first > BigInt(MOST_INTERVALS) * block) return undefined;
    for (let value = first; value <= last; value++) {
      if ((value & ~mask & all) === 0n) wanted.push(value);
      else if (last - first > BigInt(MOST_INTERVALS)) return undefined;
    }
  }
  if (freeAbove.length > 16 || wanted.length * 2 ** freeAbove.length > 2 * 65536) return undefined;
  const result: Interval<bigint>[] = [];
  for (const value of wanted) {
    for (let choice = 0; choice < 2 ** freeAbove.length; choice++) {
      let n = value;
      freeAbove.forEach((bit, i) => {
        if ((choice >> i) & 1) n |= bit;
      });
      result.push({ first: n, last: n + block - 1n });
    }
  }
  return result;
}
