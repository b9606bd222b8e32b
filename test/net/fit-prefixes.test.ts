import { expect } from "chai";
import fc from "fast-check";
import {
  fewestPrefixes4,
  fewestPrefixes6,
  fitPrefixes4,
  fitPrefixes6,
  intersect,
  ipv4Addresses,
  ipv6Addresses,
  size,
  subtract,
  toSet,
} from "../../src/net/index.js";
import type { IntervalSet } from "../../src/net/index.js";
import { runs } from "../support/runs.js";

/** All of a space of 16 addresses, so that every choice of prefixes can be tried. */
const small = fc.uniqueArray(fc.nat(15), { maxLength: 16 });

describe("the addresses that fit into few prefixes", () => {
  it("are the set itself where it needs no more", () => {
    const set = setOf([0, 1, 6]);
    expect(fitPrefixes4(set, 2)).to.deep.equal(set);
    expect(fitPrefixes4(set, 100)).to.deep.equal(set);
    expect(fitPrefixes4([], 1)).to.deep.equal([]);
  });

  it("are found where joining the cheapest neighbours first goes astray", () => {
    // 0 3 | 4 7: three prefixes cost two addresses, two cost four.
    const set = setOf([0, 3, 4, 7]);
    expect([1, 2, 3].map((most) => size(fitPrefixes4(set, most)!))).to.deep.equal([8n, 8n, 6n]);
  });

  it("reach the ends of both families", () => {
    const ends4 = toSet(ipv4Addresses, [
      { first: 0, last: 0 },
      { first: ipv4Addresses.max, last: ipv4Addresses.max },
    ]);
    expect(fitPrefixes4(ends4, 1)).to.deep.equal([{ first: 0, last: ipv4Addresses.max }]);
    const ends6 = toSet(ipv6Addresses, [
      { first: 0n, last: 0n },
      { first: ipv6Addresses.max, last: ipv6Addresses.max },
    ]);
    expect(fitPrefixes6(ends6, 1)).to.deep.equal([{ first: 0n, last: ipv6Addresses.max }]);
    expect(fitPrefixes6(ends6, 2)).to.deep.equal(ends6);
  });

  it("have as few addresses too many as any choice of prefixes has", () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 6 }), (addresses, most) => {
        const set = setOf(addresses);
        const found = fitPrefixes4(set, most)!;
        expect(subtract(ipv4Addresses, set, found)).to.deep.equal([]);
        expect(fewestPrefixes4(found).length).to.be.at.most(most);
        expect(size(found)).to.equal(BigInt(fewestAddresses(mask(addresses), most, 0)!));
      }),
      runs(400),
    );
  });

  it("never hold what is kept out, also where that needs more prefixes than there are", () => {
    fc.assert(
      fc.property(small, small, fc.integer({ min: 1, max: 6 }), (addresses, others, most) => {
        const out = others.filter((one) => !addresses.includes(one));
        const found = fitPrefixes4(setOf(addresses), most, setOf(out));
        const best = fewestAddresses(mask(addresses), most, mask(out));
        expect(found === undefined ? undefined : size(found)).to.equal(best === undefined ? undefined : BigInt(best));
        if (found !== undefined) expect(intersect(found, setOf(out))).to.deep.equal([]);
      }),
      runs(400),
    );
  });

  it("are the same for both families", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(1000), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (addresses, most) => {
          const shift = (n: number): bigint => (0x20010db8n << 96n) + BigInt(n);
          const ipv6 = toSet(
            ipv6Addresses,
            addresses.map((n) => ({ first: shift(n), last: shift(n) })),
          );
          const ipv4 = fitPrefixes4(setOf(addresses), most)!;
          const found = fitPrefixes6(ipv6, most)!;
          expect(found).to.deep.equal(ipv4.map(({ first, last }) => ({ first: shift(first), last: shift(last) })));
          expect(fewestPrefixes6(found).length).to.be.at.most(most);
        },
      ),
      runs(100),
    );
  });
});

function setOf(addresses: readonly number[]): IntervalSet<number> {
  return toSet(
    ipv4Addresses,
    addresses.map((one) => ({ first: one, last: one })),
  );
}

function mask(addresses: readonly number[]): number {
  return addresses.reduce((bits, one) => bits | (1 << one), 0);
}

/** By trying each choice of at most `most` of the 31 prefixes of a space of 16 addresses. */
function fewestAddresses(set: number, most: number, out: number): number | undefined {
  const blocks: number[] = [];
  for (let length = 1; length <= 16; length *= 2)
    for (let start = 0; start < 16; start += length) blocks.push((2 ** length - 1) << start);
  const useful = blocks.filter((block) => (block & set) !== 0 && (block & out) === 0);
  // What may be covered with n prefixes, for growing n.
  let covers = new Set([0]);
  let best: number | undefined;
  for (let n = 0; n <= most; n++) {
    for (const cover of covers) {
      if ((cover & set) !== set) continue;
      const count = cover.toString(2).replaceAll("0", "").length;
      if (best === undefined || count < best) best = count;
    }
    covers = new Set([...covers].flatMap((cover) => useful.map((block) => cover | block)));
  }
  return best;
}
