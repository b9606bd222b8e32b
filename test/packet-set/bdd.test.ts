import { expect } from "chai";
import fc from "fast-check";
import { ALL, Bdd, NONE, SpaceExhausted } from "../../src/packet-set/bdd.js";
import type { Node } from "../../src/packet-set/bdd.js";
import { intervalNode } from "../../src/packet-set/interval-node.js";
import { contains, portNumbers, subtract, toSet, union } from "../../src/net/index.js";
import type { IntervalSet } from "../../src/net/index.js";
import { runs } from "../support/runs.js";

const values = fc.array(fc.tuple(fc.nat(65535), fc.nat(300)), { maxLength: 30 }).map((pairs) =>
  toSet(
    portNumbers,
    pairs.map(([first, more]) => ({ first, last: Math.min(65535, first + more) })),
  ),
);

function holds(bdd: Bdd, node: Node, value: number, bits = 16): boolean {
  let at = node;
  while (at > 1) at = (value >>> (bits - 1 - bdd.level(at))) & 1 ? bdd.high(at) : bdd.low(at);
  return at === ALL;
}

const make = (bdd: Bdd, set: IntervalSet<number>): Node => intervalNode(bdd, 0, 16, set, ALL, NONE);

describe("a decision diagram", () => {
  it("of a set of numbers holds exactly these numbers", () => {
    fc.assert(
      fc.property(values, fc.array(fc.nat(65535), { minLength: 30, maxLength: 60 }), (set, numbers) => {
        const bdd = new Bdd();
        const node = make(bdd, set);
        const edges = set.flatMap(({ first, last }) => [
          first,
          last,
          Math.max(0, first - 1),
          Math.min(65535, last + 1),
        ]);
        for (const n of [...numbers, ...edges, 0, 65535]) expect(holds(bdd, node, n)).to.equal(contains(set, n));
      }),
      runs(200),
    );
  });

  it("computes with sets as intervals do", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const bdd = new Bdd();
        const [x, y] = [make(bdd, a), make(bdd, b)];
        expect(bdd.or(x, y)).to.equal(make(bdd, union(portNumbers, a, b)));
        expect(bdd.difference(x, y)).to.equal(make(bdd, subtract(portNumbers, a, b)));
        expect(bdd.and(x, y)).to.equal(bdd.difference(x, bdd.difference(x, y)));
        expect(bdd.choose(x, y, bdd.not(y))).to.equal(bdd.or(bdd.and(x, y), bdd.difference(bdd.not(y), x)));
        expect(bdd.orAll([x, y, x])).to.equal(bdd.or(x, y));
        expect(bdd.orAll([])).to.equal(NONE);
      }),
      runs(200),
    );
  });

  it("forgets variables: some value, every value", () => {
    fc.assert(
      fc.property(values, fc.nat(15), fc.nat(15), (set, a, b) => {
        const bdd = new Bdd();
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const node = make(bdd, set);
        const some = bdd.exists(node, first, last);
        const every = bdd.always(node, first, last);
        const mask = Array.from({ length: last - first + 1 }, (_, i) => 1 << (15 - first - i)).reduce(
          (x, y) => x | y,
          0,
        );
        for (const n of [0, 65535, ...set.map((one) => one.first)]) {
          const alike: boolean[] = [];
          // All numbers that differ from n in the forgotten bits only, as far as these are few.
          if (last - first < 6) {
            for (let free = mask; ; free = (free - 1) & mask) {
              alike.push(holds(bdd, node, (n & ~mask) | free));
              if (free === 0) break;
            }
            expect(holds(bdd, some, n)).to.equal(alike.includes(true));
            expect(holds(bdd, every, n)).to.equal(!alike.includes(false));
          }
        }
      }),
      runs(200),
    );
  });

  it("tells the one end that a function has within a set", () => {
    const bdd = new Bdd();
    const low = make(bdd, [{ first: 0, last: 99 }]);
    const high = make(bdd, [{ first: 100, last: 999 }]);
    const fate = bdd.choose(low, 2, bdd.choose(high, 3, 4));
    expect(bdd.onlyEnd(low, fate)).to.equal(2);
    expect(bdd.onlyEnd(high, fate)).to.equal(3);
    expect(bdd.onlyEnd(bdd.or(low, high), fate)).to.equal(undefined);
    expect(bdd.onlyEnd(NONE, fate)).to.equal(undefined);
    expect(bdd.replaceEnds(fate, [0, 1, 5, 5, 6, 5, 6, 7])).to.equal(bdd.choose(bdd.or(low, high), 5, 6));
    expect(bdd.combine("larger", fate, bdd.choose(high, 2, 3), Math.max)).to.equal(bdd.choose(bdd.or(low, high), 3, 4));
  });

  it("keeps its answers while it grows to a hundred thousand nodes, and each function once", () => {
    const bdd = new Bdd();
    const random = [...Array(6000).keys()].map((i) => (i * 2654435761) % 2 ** 32);
    const sets = random.map((n) => ({ first: n % 60000, last: (n % 60000) + (n % 7) }));
    const made = sets.map((one) =>
      intervalNode(
        bdd,
        0,
        32,
        [{ first: one.first * 65536 + one.last, last: one.first * 65536 + one.last + 3 }],
        ALL,
        NONE,
      ),
    );
    const before = bdd.size;
    expect(before).to.be.greaterThan(100_000);
    const again = sets.map((one) =>
      intervalNode(
        bdd,
        0,
        32,
        [{ first: one.first * 65536 + one.last, last: one.first * 65536 + one.last + 3 }],
        ALL,
        NONE,
      ),
    );
    expect(again).to.deep.equal(made);
    expect(bdd.size).to.equal(before);
    for (const [i, node] of made.entries()) {
      const value = sets[i]!.first * 65536 + sets[i]!.last;
      expect(holds(bdd, node, value, 32)).to.equal(true);
      expect(holds(bdd, node, value + 4, 32)).to.equal(false);
    }
  });

  it("stops at its limit", () => {
    const bdd = new Bdd(200);
    expect(() => {
      for (let i = 0; i < 100; i++) make(bdd, [{ first: i * 601, last: i * 601 + 13 }]);
    }).to.throw(SpaceExhausted, "200");
    expect(bdd.size).to.equal(200);
  });

  it("takes the highest value of a field as its end", () => {
    const bdd = new Bdd();
    for (const bits of [3, 8, 32, 48]) {
      const top = 2 ** bits - 1;
      expect(intervalNode(bdd, 0, bits, [{ first: 0, last: top }], ALL, NONE)).to.equal(ALL);
      expect(bdd.not(intervalNode(bdd, 0, bits, [{ first: 0, last: top - 1 }], ALL, NONE))).to.equal(
        intervalNode(bdd, 0, bits, [{ first: top, last: top }], ALL, NONE),
      );
    }
    const top = (1n << 128n) - 1n;
    expect(intervalNode(bdd, 0, 128, [{ first: 0n, last: top }], ALL, NONE)).to.equal(ALL);
    expect(intervalNode(bdd, 0, 128, [], ALL, NONE)).to.equal(NONE);
  });
});
