import { ipv4Addresses, ipv6Addresses, toSet, touches } from "./intervals.js";
import type { Domain, Interval, IntervalSet } from "./intervals.js";
import { fewestPrefixes4, fewestPrefixes6, prefixInterval4, prefixInterval6 } from "./prefixes.js";

/**
 * The smallest set that holds `set`, has nothing of `keepOut`, and is covered by at most `most` prefixes (1 or more):
 * no other such set has fewer addresses. Of several that are as small, one with the fewest prefixes, the same each time.
 *
 * Undefined when every such set would have something of `keepOut`, which must be disjoint from `set`.
 *
 * A prefix of the answer is worth taking only when it is the longest that holds what it holds of `set`, so that all
 * candidates are the nodes of the binary tree over the fewest prefixes; what a node costs with k prefixes is the cheapest
 * way to share them among its two branches. Joining the two that cost least, again and again, would not do: a join that
 * costs nothing more may only open up after one that costs much.
 */
export function fitPrefixes4(
  set: IntervalSet<number>,
  most: number,
  keepOut: IntervalSet<number> = [],
): IntervalSet<number> | undefined {
  return fit(ipv4Addresses, fewestPrefixes4(set).map(prefixInterval4), most, keepOut, blockOf4);
}

/** As {@link fitPrefixes4}, for IPv6. */
export function fitPrefixes6(
  set: IntervalSet<bigint>,
  most: number,
  keepOut: IntervalSet<bigint> = [],
): IntervalSet<bigint> | undefined {
  return fit(ipv6Addresses, fewestPrefixes6(set).map(prefixInterval6), most, keepOut, blockOf6);
}

/** A prefix that holds some of the leaves, with what they cost when they get k prefixes. */
interface Node<N extends number | bigint> {
  readonly block: Interval<N>;
  /** How many addresses of the set are in it. */
  readonly size: N;
  /** `costs[k]`: the fewest addresses too many with exactly k prefixes; absent where that cannot be. */
  readonly costs: readonly (N | undefined)[];
  /** `left[k]`: how many of k prefixes the first branch gets; 0 where the whole block is the one prefix. */
  readonly left: readonly number[];
  readonly branches?: readonly [Node<N>, Node<N>];
}

function fit<N extends number | bigint>(
  domain: Domain<N>,
  leaves: readonly Interval<N>[],
  most: number,
  keepOut: IntervalSet<N>,
  blockOf: (first: N, last: N) => Interval<N> & { readonly middle: N },
): IntervalSet<N> | undefined {
  if (leaves.length === 0) return [];
  const root = nodeOf(0, leaves.length);
  let best: number | undefined;
  for (const [k, cost] of root.costs.entries()) {
    if (cost !== undefined && (best === undefined || cost < root.costs[best]!)) best = k;
  }
  if (best === undefined) return undefined;
  const taken: Interval<N>[] = [];
  take(root, best);
  return toSet(domain, taken);

  function nodeOf(from: number, to: number): Node<N> {
    const only = leaves[from]!;
    if (to - from === 1)
      return { block: only, size: sizeOf(only), costs: [undefined, zeroOf(only.first)], left: [0, 0] };
    const block = blockOf(only.first, leaves[to - 1]!.last);
    const split = firstFrom(leaves, block.middle, from, to);
    const [a, b] = [nodeOf(from, split), nodeOf(split, to)];
    const size = plus(a.size, b.size);
    const costs: (N | undefined)[] = [undefined];
    const left: number[] = [0];
    if (!touches(keepOut, block)) [costs[1], left[1]] = [minus(sizeOf(block), size), 0];
    for (let i = 1; i < a.costs.length; i++) {
      const cost = a.costs[i];
      if (cost === undefined) continue;
      for (let j = 1; j < b.costs.length && i + j <= most; j++) {
        const other = b.costs[j];
        if (other === undefined) continue;
        const sum = plus(cost, other);
        const known = costs[i + j];
        if (known === undefined || sum < known) [costs[i + j], left[i + j]] = [sum, i];
      }
    }
    return { block, size, costs, left, branches: [a, b] };
  }

  function take(node: Node<N>, k: number): void {
    const first = node.left[k]!;
    if (node.branches === undefined || first === 0) {
      taken.push(node.block);
      return;
    }
    take(node.branches[0], first);
    take(node.branches[1], k - first);
  }
}

/** The longest prefix that holds both, and where its second half begins. `first` is less than `last`. */
function blockOf4(first: number, last: number): Interval<number> & { readonly middle: number } {
  const half = 2 ** (31 - Math.clz32(first ^ last));
  const start = first - (first % (half * 2));
  return { first: start, last: start + half * 2 - 1, middle: start + half };
}

function blockOf6(first: bigint, last: bigint): Interval<bigint> & { readonly middle: bigint } {
  const bits = BigInt((first ^ last).toString(2).length);
  const start = (first >> bits) << bits;
  return { first: start, last: start + (1n << bits) - 1n, middle: start + (1n << (bits - 1n)) };
}

/** The first leaf in `from` to `to` that begins at `start` or later. */
function firstFrom<N extends number | bigint>(
  leaves: readonly Interval<N>[],
  start: N,
  from: number,
  to: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (leaves[middle]!.first < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sizeOf<N extends number | bigint>({ first, last }: Interval<N>): N {
  return plus(minus(last, first), (typeof first === "bigint" ? 1n : 1) as N);
}

function zeroOf<N extends number | bigint>(like: N): N {
  return (typeof like === "bigint" ? 0n : 0) as N;
}

/** The language adds two numbers and two bigints alike; its types do not say so. */
function plus<N extends number | bigint>(a: N, b: N): N {
  return ((a as number) + (b as number)) as N;
}

function minus<N extends number | bigint>(a: N, b: N): N {
  return ((a as number) - (b as number)) as N;
}
