import { expect } from "chai";
import * as fc from "fast-check";
import * as intervals from "../../src/net/intervals.js";
import type { Domain, IntervalSet } from "../../src/net/intervals.js";

/** The laws are checked against plain sets of numbers, so over a domain of 64; the two widths of number are one code. */
const small: Domain<number> = { bits: 6, min: 0, max: 63, next: (n) => n + 1, previous: (n) => n - 1 };
const smallBig: Domain<bigint> = { bits: 6, min: 0n, max: 63n, next: (n) => n + 1n, previous: (n) => n - 1n };

const pieces = fc.array(
  fc.tuple(fc.nat({ max: 63 }), fc.nat({ max: 63 })).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  { maxLength: 8 },
);
const aSet = pieces.map((list) => intervals.toSet(small, list));

describe("an interval set", () => {
  it("holds exactly the numbers of the intervals it is made from", () => {
    fc.assert(
      fc.property(pieces, (list) => {
        const wanted = new Set(list.flatMap(({ first, last }) => numbers([{ first, last }])));
        expect(numbers(intervals.toSet(small, list))).to.deep.equal([...wanted].sort((a, b) => a - b));
      }),
    );
  });

  it("has its intervals in order, disjoint, and never adjacent", () => {
    fc.assert(
      fc.property(aSet, aSet, (a, b) => {
        for (const set of [a, b, union(a, b), intersect(a, b), subtract(a, b), complement(a)]) {
          for (const [i, { first, last }] of set.entries()) {
            expect(first <= last).to.equal(true);
            if (i > 0) expect(first).to.be.greaterThan(set[i - 1]!.last + 1);
          }
        }
      }),
    );
  });

  it("does with numbers what a plain set does", () => {
    fc.assert(
      fc.property(aSet, aSet, (a, b) => {
        const [inA, inB] = [new Set(numbers(a)), new Set(numbers(b))];
        const all = Array.from({ length: 64 }, (_, n) => n);
        expect(numbers(union(a, b))).to.deep.equal(all.filter((n) => inA.has(n) || inB.has(n)));
        expect(numbers(intersect(a, b))).to.deep.equal(all.filter((n) => inA.has(n) && inB.has(n)));
        expect(numbers(subtract(a, b))).to.deep.equal(all.filter((n) => inA.has(n) && !inB.has(n)));
        expect(numbers(complement(a))).to.deep.equal(all.filter((n) => !inA.has(n)));
        expect(all.filter((n) => intervals.contains(a, n))).to.deep.equal([...inA]);
        expect(intervals.size(a)).to.equal(BigInt(inA.size));
      }),
    );
  });

  it("is equal to another exactly when both hold the same numbers", () => {
    fc.assert(
      fc.property(aSet, aSet, (a, b) => {
        expect(intervals.equalSets(a, b)).to.equal(numbers(a).join() === numbers(b).join());
        expect(intervals.equalSets(a, union(a, a))).to.equal(true);
      }),
    );
  });

  it("does the same with bigints", () => {
    fc.assert(
      fc.property(aSet, aSet, (a, b) => {
        const [bigA, bigB] = [big(a), big(b)];
        expect(intervals.union(smallBig, bigA, bigB)).to.deep.equal(big(union(a, b)));
        expect(intervals.subtract(smallBig, bigA, bigB)).to.deep.equal(big(subtract(a, b)));
        expect(intervals.complement(smallBig, bigA)).to.deep.equal(big(complement(a)));
      }),
    );
  });

  it("keeps to the algebra of sets", () => {
    fc.assert(
      fc.property(aSet, aSet, aSet, (a, b, c) => {
        expect(complement(complement(a))).to.deep.equal(a);
        expect(complement(union(a, b))).to.deep.equal(intersect(complement(a), complement(b)));
        expect(intersect(a, union(b, c))).to.deep.equal(union(intersect(a, b), intersect(a, c)));
        expect(union(a, complement(a))).to.deep.equal(intervals.everything(small));
        expect(intersect(a, complement(a))).to.deep.equal([]);
        expect(subtract(a, a)).to.deep.equal([]);
      }),
    );
  });

  it("is everything only when nothing is missing", () => {
    expect(intervals.isEverything(small, [{ first: 0, last: 63 }])).to.equal(true);
    expect(intervals.isEverything(small, [{ first: 1, last: 63 }])).to.equal(false);
    expect(intervals.isEverything(small, [{ first: 0, last: 62 }])).to.equal(false);
    expect(intervals.isEverything(small, [])).to.equal(false);
  });

  it("cannot be made from what is no interval of the domain", () => {
    for (const wrong of [
      { first: 2, last: 1 },
      { first: -1, last: 1 },
      { first: 0, last: 64 },
    ]) {
      expect(() => intervals.toSet(small, [wrong])).to.throw(RangeError);
    }
  });

  it("joins neighbours, up to the end of the domain", () => {
    const list = [
      { first: 63, last: 63 },
      { first: 60, last: 62 },
      { first: 63, last: 63 },
    ];
    expect(intervals.toSet(small, list)).to.deep.equal([{ first: 60, last: 63 }]);
  });
});

function numbers(set: IntervalSet<number>): number[] {
  return set.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

function big(set: IntervalSet<number>): IntervalSet<bigint> {
  return set.map(({ first, last }) => ({ first: BigInt(first), last: BigInt(last) }));
}

function union(a: IntervalSet<number>, b: IntervalSet<number>): IntervalSet<number> {
  return intervals.union(small, a, b);
}

function intersect(a: IntervalSet<number>, b: IntervalSet<number>): IntervalSet<number> {
  return intervals.intersect(a, b);
}

function subtract(a: IntervalSet<number>, b: IntervalSet<number>): IntervalSet<number> {
  return intervals.subtract(small, a, b);
}

function complement(a: IntervalSet<number>): IntervalSet<number> {
  return intervals.complement(small, a);
}
