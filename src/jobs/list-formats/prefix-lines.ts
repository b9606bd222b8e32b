import type { AddressSet, Interval } from "../../net/index.js";
import { ipv4Addresses, ipv6Addresses, parsePrefix, prefixInterval4, prefixInterval6, toSet } from "../../net/index.js";

/** The addresses of prefixes, one a text; undefined when one of them is none. */
export function readPrefixes(texts: Iterable<string>): AddressSet | undefined {
  const ipv4: Interval<number>[] = [];
  const ipv6: Interval<bigint>[] = [];
  for (const text of texts) {
    const read = parsePrefix(text);
    if (!read.ok) return undefined;
    if (read.value.family === "ipv4") ipv4.push(prefixInterval4(read.value.prefix));
    else ipv6.push(prefixInterval6(read.value.prefix));
  }
  return { ipv4: toSet(ipv4Addresses, ipv4), ipv6: toSet(ipv6Addresses, ipv6) };
}
