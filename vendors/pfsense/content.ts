import type { AddressSet, Family, IntervalSet, Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";

/**
 * What a name stands for, as far as the text says: the addresses in it, and those that only the running firewall
 * knows.
 */
export interface Content {
  readonly addresses: AddressSet;
  /** Further addresses, in words that follow `source address is …`. Each is a condition of its own. */
  readonly open: readonly { readonly words: string; readonly family?: Family; readonly varies?: true }[];
  /** While this does not hold, the whole is empty. */
  readonly filled?: string;
}

export const noContent: Content = { addresses: kit.noAddress, open: [] };

export function contentOf(addresses: AddressSet): Content {
  return { addresses, open: [] };
}

export function openContent(words: string, family?: Family): Content {
  return { addresses: kit.noAddress, open: [{ words, ...(family !== undefined && { family }) }] };
}

/** As {@link openContent}, for addresses of which it is certain that others are none of them. */
export function someContent(words: string): Content {
  return { addresses: kit.noAddress, open: [{ words, varies: true }] };
}

export function unionContent(...parts: readonly Content[]): Content {
  if (parts.length === 1) return parts[0]!;
  const filled = parts.find((part) => part.filled !== undefined)?.filled;
  return {
    addresses: kit.unionOf(parts.map((part) => part.addresses)),
    open: parts.flatMap((part) => part.open),
    ...(filled !== undefined && { filled }),
  };
}

export function contentMatch(content: Content, end: "source" | "destination"): Match {
  const known: Match = kit.isNoAddress(content.addresses)
    ? kit.noPacket
    : { kind: "address", end, addresses: content.addresses };
  const open = content.open.map((one) =>
    kit.all(
      one.family === undefined ? kit.everyPacket : kit.ofFamily(one.family),
      (one.varies ? kit.varying : kit.particular)(`${end} address is ${one.words}`),
    ),
  );
  return kit.all(
    content.filled === undefined ? kit.everyPacket : kit.condition(content.filled),
    kit.any(known, ...open),
  );
}

/** Ports as far as the text says. */
export interface PortContent {
  readonly ports: IntervalSet<number>;
  /** Further ports, in words that follow `source port is …`. */
  readonly open: readonly string[];
}

export function portMatch(content: PortContent, end: "source" | "destination"): Match {
  const known: Match =
    content.ports.length === 0 ? kit.noPacket : { kind: "number", field: `${end}-port`, values: content.ports };
  return kit.any(known, ...content.open.map((words) => kit.condition(`${end} port is ${words}`)));
}

/**
 * An address, a prefix or a range as pf reads it; undefined for anything else. Host bits below the prefix length are
 * cleared, as pf does, and `10.0.0.1-10.0.0.9` is a range.
 */
export function readAddresses(text: string): AddressSet | undefined {
  const dash = text.indexOf("-");
  if (dash > 0) return readRange(text.slice(0, dash), text.slice(dash + 1));
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const lengthText = slash < 0 ? "" : text.slice(slash + 1);
  if (slash >= 0 && !/^\d{1,3}$/.test(lengthText)) return undefined;
  const ipv4 = kit.parseIpv4(host);
  if (ipv4 !== undefined) {
    const length = slash < 0 ? 32 : Number(lengthText);
    if (length > 32) return undefined;
    const address = ipv4 - (ipv4 % 2 ** (32 - length));
    return { ipv4: [kit.prefixInterval4({ address, length })], ipv6: [] };
  }
  if (!host.includes(":")) return undefined;
  const ipv6 = kit.parseIpv6(host.replace(/%.*$/, ""));
  const length = slash < 0 ? 128 : Number(lengthText);
  if (ipv6 === undefined || length > 128) return undefined;
  return { ipv4: [], ipv6: [kit.prefixInterval6({ address: ipv6 & kit.netmask6(length), length })] };
}

function readRange(from: string, to: string): AddressSet | undefined {
  const first4 = kit.parseIpv4(from.trim());
  const last4 = kit.parseIpv4(to.trim());
  if (first4 !== undefined && last4 !== undefined)
    return first4 <= last4 ? { ipv4: [{ first: first4, last: last4 }], ipv6: [] } : undefined;
  if (!from.includes(":") || !to.includes(":")) return undefined;
  const first6 = kit.parseIpv6(from.trim());
  const last6 = kit.parseIpv6(to.trim());
  if (first6 === undefined || last6 === undefined || first6 > last6) return undefined;
  return { ipv4: [], ipv6: [{ first: first6, last: last6 }] };
}

/** An entry of a pf table; `not` makes the addresses no members, where no longer prefix says otherwise. */
export interface TableEntry {
  readonly addresses: AddressSet;
  readonly not: boolean;
}

/** What a pf table holds: of the entries that an address matches, the one with the longest prefix decides. */
export function tableAddresses(entries: readonly TableEntry[]): AddressSet {
  if (entries.every((entry) => !entry.not)) return kit.unionOf(entries.map((entry) => entry.addresses));
  const byLength = new Map<number, { yes: AddressSet[]; no: AddressSet[] }>();
  for (const entry of entries) {
    const length = prefixLength(entry.addresses);
    let group = byLength.get(length);
    if (group === undefined) byLength.set(length, (group = { yes: [], no: [] }));
    (entry.not ? group.no : group.yes).push(entry.addresses);
  }
  let result = kit.noAddress;
  for (const [, group] of [...byLength].sort(([a], [b]) => a - b)) {
    result = kit.unionAddresses(result, ...group.yes);
    result = kit.subtractAddresses(result, kit.unionOf(group.no));
  }
  return result;
}

/** The prefix length of one prefix of either family; IPv4 and IPv6 do not meet, so that one order serves both. */
function prefixLength(addresses: AddressSet): number {
  const ipv4 = addresses.ipv4[0];
  if (ipv4 !== undefined) return 32 - Math.floor(Math.log2(ipv4.last - ipv4.first + 1));
  const ipv6 = addresses.ipv6[0];
  return ipv6 === undefined ? 0 : 128 - ((ipv6.last - ipv6.first + 1n).toString(2).length - 1);
}
