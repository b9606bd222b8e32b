import type { AddressSet, AnyPrefix } from "../net/index.js";
import { intersectAddresses, prefixSet, size, subtractAddresses, isNoAddress } from "../net/index.js";
import type { FeedPart } from "./parts.js";

/** Answers which parts of feeds hold an address or a prefix. */
export interface LookupIndex {
  find(wanted: AnyPrefix): Found;
}

export interface Found {
  /** The parts that have all of it, most specific first: by the longest prefix that was published, then by size. */
  readonly holding: readonly Holding[];
  /** The parts that have some of it, and not all; those with the most first. None for a single address. */
  readonly partly: readonly PartlyHolding[];
}

export interface Holding {
  readonly part: FeedPart;
  /** The longest published prefix that has all of it; undefined where only several together have it. */
  readonly prefix: AnyPrefix | undefined;
}

export interface PartlyHolding {
  readonly part: FeedPart;
  /** What it has of what was asked. */
  readonly addresses: AddressSet;
}

/**
 * An index over all published prefixes of the parts. Two prefixes are either disjoint or one in the other, so that sorted
 * by address (and the wider first) they are a forest: an address is in the last prefix that begins at or before it, or in
 * one of that prefix's ancestors, or in none.
 */
export function lookupIndex(parts: readonly FeedPart[]): LookupIndex {
  const sizes = new Map(parts.map((part) => [part, size(part.addresses.ipv4) + size(part.addresses.ipv6)]));
  const ipv4 = forestOf(parts, "ipv4", sizes);
  const ipv6 = forestOf(parts, "ipv6", sizes);
  return {
    find(wanted) {
      return wanted.family === "ipv4"
        ? findIn(ipv4, wanted, wanted.prefix.address, 2 ** (32 - wanted.prefix.length) - 1, sizes)
        : findIn(ipv6, wanted, wanted.prefix.address, (1n << BigInt(128 - wanted.prefix.length)) - 1n, sizes);
    },
  };
}

type Sizes = ReadonlyMap<FeedPart, bigint>;

/** Columns of the sorted prefixes; `above` is the place of the next wider prefix that holds one, or -1. */
interface Forest<N extends number | bigint> {
  readonly first: readonly N[];
  readonly last: readonly N[];
  readonly above: readonly number[];
  readonly prefix: readonly AnyPrefix[];
  /** The parts that publish it, the smallest first. */
  readonly parts: readonly (readonly FeedPart[])[];
}

function forestOf(parts: readonly FeedPart[], family: "ipv4", sizes: Sizes): Forest<number>;
function forestOf(parts: readonly FeedPart[], family: "ipv6", sizes: Sizes): Forest<bigint>;
function forestOf(parts: readonly FeedPart[], family: "ipv4" | "ipv6", sizes: Sizes): Forest<number | bigint> {
  const published: { readonly prefix: AnyPrefix; readonly part: FeedPart }[] = [];
  for (const part of parts) {
    for (const prefix of part.published) if (prefix.family === family) published.push({ prefix, part });
  }
  published.sort((a, b) => {
    const [x, y] = [a.prefix.prefix, b.prefix.prefix];
    return x.address < y.address ? -1 : x.address > y.address ? 1 : x.length - y.length;
  });
  const first: (number | bigint)[] = [];
  const last: (number | bigint)[] = [];
  const above: number[] = [];
  const prefixes: AnyPrefix[] = [];
  const having: FeedPart[][] = [];
  const open: number[] = [];
  for (const { prefix, part } of published) {
    const { address, length } = prefix.prefix;
    const before = prefixes.at(-1)?.prefix;
    if (before?.address === address && before.length === length) {
      const list = having.at(-1)!;
      if (!list.includes(part)) list.push(part);
      continue;
    }
    while (open.length > 0 && last[open.at(-1)!]! < address) open.pop();
    above.push(open.at(-1) ?? -1);
    open.push(first.length);
    first.push(address);
    last.push(
      typeof address === "bigint" ? address + (1n << BigInt(128 - length)) - 1n : address + 2 ** (32 - length) - 1,
    );
    prefixes.push(prefix);
    having.push([part]);
  }
  for (const list of having) {
    if (list.length > 1) list.sort((a, b) => compare(sizes.get(a)!, sizes.get(b)!));
  }
  return { first, last, above, prefix: prefixes, parts: having };
}

function findIn<N extends number | bigint>(
  forest: Forest<N>,
  wanted: AnyPrefix,
  start: N,
  beyond: N,
  sizes: Sizes,
): Found {
  const end = ((start as number) + (beyond as number)) as N;
  const holding: Holding[] = [];
  for (let at = lastUpTo(forest.first, start); at >= 0; at = forest.above[at]!) {
    if (forest.last[at]! < end) continue;
    for (const part of forest.parts[at]!) {
      // Few parts hold an address: no set is worth it.
      if (!holding.some((one) => one.part === part)) holding.push({ part, prefix: forest.prefix[at]! });
    }
  }
  return start === end ? { holding, partly: [] } : withSmaller(forest, wanted, start, end, holding, sizes);
}

/** Adds the parts whose prefixes lie within what is asked. */
function withSmaller<N extends number | bigint>(
  forest: Forest<N>,
  wanted: AnyPrefix,
  start: N,
  end: N,
  holding: readonly Holding[],
  sizes: Sizes,
): Found {
  const held = new Set(holding.map(({ part }) => part));
  const inside = new Set<FeedPart>();
  for (let at = lastBefore(forest.first, start) + 1; at < forest.first.length && forest.first[at]! <= end; at++) {
    for (const part of forest.parts[at]!) if (!held.has(part)) inside.add(part);
  }
  const asked = prefixSet(wanted);
  const partly: PartlyHolding[] = [];
  const together: Holding[] = [];
  for (const part of inside) {
    const addresses = intersectAddresses(asked, part.addresses);
    if (isNoAddress(subtractAddresses(asked, addresses))) together.push({ part, prefix: undefined });
    else partly.push({ part, addresses });
  }
  together.sort((a, b) => compare(sizes.get(a.part)!, sizes.get(b.part)!));
  partly.sort((a, b) => compare(count(b), count(a)) || compare(sizes.get(a.part)!, sizes.get(b.part)!));
  return { holding: [...together, ...holding], partly };
}

function count({ addresses }: PartlyHolding): bigint {
  return size(addresses.ipv4) + size(addresses.ipv6);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last place whose value is at most `n`; -1 where there is none. */
function lastUpTo<N extends number | bigint>(ascending: readonly N[], n: N): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= n) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function lastBefore<N extends number | bigint>(ascending: readonly N[], n: N): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < n) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
