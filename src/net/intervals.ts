/** An interval of whole numbers; both ends belong to it. */
export interface Interval<N extends number | bigint> {
  readonly first: N;
  readonly last: N;
}

/**
 * A set of whole numbers: intervals in ascending order, disjoint, and never adjacent (1-2 and 3-4 are kept as 1-4), so
 * that equal sets have equal intervals. The empty array is the empty set; it never stands for "any".
 */
export type IntervalSet<N extends number | bigint> = readonly Interval<N>[];

/** The numbers that a set may hold: `min` to `max`, inclusive; `bits` wide. */
export interface Domain<N extends number | bigint> {
  readonly bits: number;
  readonly min: N;
  readonly max: N;
  /** `n + 1`; only for n < max. */
  next(n: N): N;
  /** `n - 1`; only for n > min. */
  previous(n: N): N;
}

function numberDomain(bits: number): Domain<number> {
  return { bits, min: 0, max: 2 ** bits - 1, next: (n) => n + 1, previous: (n) => n - 1 };
}

export const octets: Domain<number> = numberDomain(8);
export const portNumbers: Domain<number> = numberDomain(16);
export const ipv4Addresses: Domain<number> = numberDomain(32);
export const macAddresses: Domain<number> = numberDomain(48);
export const ipv6Addresses: Domain<bigint> = {
  bits: 128,
  min: 0n,
  max: (1n << 128n) - 1n,
  next: (n) => n + 1n,
  previous: (n) => n - 1n,
};

/** Every number of the domain. */
export function everything<N extends number | bigint>(domain: Domain<N>): IntervalSet<N> {
  return [{ first: domain.min, last: domain.max }];
}

export function isEverything<N extends number | bigint>(domain: Domain<N>, set: IntervalSet<N>): boolean {
  return set.length === 1 && set[0]!.first === domain.min && set[0]!.last === domain.max;
}

/** The set of any intervals, in any order, overlapping or not. An interval whose first is above its last is an error. */
export function toSet<N extends number | bigint>(domain: Domain<N>, intervals: Iterable<Interval<N>>): IntervalSet<N> {
  const sorted = [...intervals];
  for (const { first, last } of sorted) {
    if (first > last || first < domain.min || last > domain.max)
      throw new RangeError(`not an interval: ${first}-${last}`);
  }
  sorted.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: { first: N; last: N }[] = [];
  for (const { first, last } of sorted) {
    const top = merged[merged.length - 1];
    if (top !== undefined && (top.last === domain.max || first <= domain.next(top.last))) {
      if (last > top.last) top.last = last;
    } else {
      merged.push({ first, last });
    }
  }
  return merged;
}

export function union<N extends number | bigint>(
  domain: Domain<N>,
  ...sets: readonly IntervalSet<N>[]
): IntervalSet<N> {
  return toSet(domain, sets.flat());
}

/** Whether a set has any number of an interval. Takes as long as a search in a sorted list. */
export function touches<N extends number | bigint>(set: IntervalSet<N>, { first, last }: Interval<N>): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[middle]!.last < first) low = middle + 1;
    else high = middle;
  }
  return low < set.length && set[low]!.first <= last;
}

export function complement<N extends number | bigint>(domain: Domain<N>, set: IntervalSet<N>): IntervalSet<N> {
  const result: Interval<N>[] = [];
  let from: N = domain.min;
  for (const { first, last } of set) {
    if (from < first) result.push({ first: from, last: domain.previous(first) });
    if (last === domain.max) return result;
    from = domain.next(last);
  }
  result.push({ first: from, last: domain.max });
  return result;
}

export function intersect<N extends number | bigint>(a: IntervalSet<N>, b: IntervalSet<N>): IntervalSet<N> {
  const result: Interval<N>[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const x = a[i]!;
    const y = b[j]!;
    const first = x.first > y.first ? x.first : y.first;
    const last = x.last < y.last ? x.last : y.last;
    if (first <= last) result.push({ first, last });
    if (x.last < y.last) i++;
    else j++;
  }
  return result;
}

/** What is in `a` and not in `b`. */
export function subtract<N extends number | bigint>(
  domain: Domain<N>,
  a: IntervalSet<N>,
  b: IntervalSet<N>,
): IntervalSet<N> {
  return intersect(a, complement(domain, b));
}

export function equalSets<N extends number | bigint>(a: IntervalSet<N>, b: IntervalSet<N>): boolean {
  return a.length === b.length && a.every((x, i) => x.first === b[i]!.first && x.last === b[i]!.last);
}

export function contains<N extends number | bigint>(set: IntervalSet<N>, n: N): boolean {
  return touches(set, { first: n, last: n });
}

/** How many numbers are in the set. */
export function size<N extends number | bigint>(set: IntervalSet<N>): bigint {
  let count = 0n;
  for (const { first, last } of set) count += BigInt(last) - BigInt(first) + 1n;
  return count;
}
