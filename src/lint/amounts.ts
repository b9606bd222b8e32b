import type { AddressSet, Family } from "../net/index.js";
import { families, fewestPrefixes4, fewestPrefixes6, formatPrefix4, formatPrefix6 } from "../net/index.js";

/** `65,536 IPv4 addresses (1 prefix)`, for IPv6 as a power of two where it is one; nothing for a family without any. */
export function amountsOf(addresses: AddressSet): string[] {
  return families.flatMap((family) => {
    const count = countOf(addresses, family);
    if (count === 0n) return [];
    if (count === 1n << (family === "ipv4" ? 32n : 128n))
      return [`every ${family === "ipv4" ? "IPv4" : "IPv6"} address`];
    const prefixes = family === "ipv4" ? fewestPrefixes4(addresses.ipv4) : fewestPrefixes6(addresses.ipv6);
    const name = family === "ipv4" ? "IPv4" : "IPv6";
    return [
      `${plural(count, `${name} address`, `${name} addresses`)} (${plural(BigInt(prefixes.length), "prefix", "prefixes")})`,
    ];
  });
}

/** The first few prefixes of a set, and how many more there are. */
export function prefixesIn(addresses: AddressSet, most = 3): string {
  const all = [
    ...fewestPrefixes4(addresses.ipv4).map(formatPrefix4),
    ...fewestPrefixes6(addresses.ipv6).map(formatPrefix6),
  ];
  return all.length <= most ? all.join(", ") : `${all.slice(0, most).join(", ")} and ${all.length - most} more`;
}

function plural(count: bigint, one: string, many: string): string {
  const bits = count.toString(2);
  const power = count >= 1n << 32n && /^10*$/.test(bits);
  return `${power ? `2^${bits.length - 1}` : count.toLocaleString("en-US")} ${count === 1n ? one : many}`;
}

/** An eighth of the family or more: too much for a list that somebody wrote as an exception. */
export function isNearlyEverywhere(addresses: AddressSet, family: Family): boolean {
  return countOf(addresses, family) >= 1n << (family === "ipv4" ? 29n : 125n);
}

function countOf(addresses: AddressSet, family: Family): bigint {
  const intervals: readonly { first: number | bigint; last: number | bigint }[] = addresses[family];
  return intervals.reduce((sum, { first, last }) => sum + BigInt(last) - BigInt(first) + 1n, 0n);
}
