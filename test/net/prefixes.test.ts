import { expect } from "chai";
import * as fc from "fast-check";
import {
  asPrefix4,
  asPrefix6,
  fewestPrefixes4,
  fewestPrefixes6,
  ipv4Addresses,
  ipv6Addresses,
  prefixInterval4,
  prefixInterval6,
  toSet,
} from "../../src/net/index.js";
import { ipv4, ipv6 } from "./arbitrary-addresses.js";

const set4 = fc.array(fc.tuple(ipv4, ipv4), { maxLength: 6 }).map((ends) =>
  toSet(
    ipv4Addresses,
    ends.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  ),
);
const set6 = fc.array(fc.tuple(ipv6, ipv6), { maxLength: 6 }).map((ends) =>
  toSet(
    ipv6Addresses,
    ends.map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a })),
  ),
);

describe("the fewest prefixes of a set", () => {
  it("cover exactly the set, in ascending order", () => {
    fc.assert(
      fc.property(set4, (set) => {
        const prefixes = fewestPrefixes4(set);
        expect(toSet(ipv4Addresses, prefixes.map(prefixInterval4))).to.deep.equal(set);
        expect(prefixes.map((one) => one.address)).to.deep.equal(
          prefixes.map((one) => one.address).sort((a, b) => a - b),
        );
        for (const { address, length } of prefixes) expect(address % 2 ** (32 - length)).to.equal(0);
      }),
    );
    fc.assert(
      fc.property(set6, (set) => {
        const prefixes = fewestPrefixes6(set);
        expect(toSet(ipv6Addresses, prefixes.map(prefixInterval6))).to.deep.equal(set);
        for (const { address, length } of prefixes) expect(address % (1n << BigInt(128 - length))).to.equal(0n);
      }),
    );
  });

  it("never hold two halves of one prefix, so that none could be joined", () => {
    fc.assert(
      fc.property(set4, (set) => {
        const texts = new Set(fewestPrefixes4(set).map(({ address, length }) => `${address}/${length}`));
        for (const { address, length } of fewestPrefixes4(set)) {
          const half = 2 ** (32 - length);
          const sibling = address % (half * 2) === 0 ? address + half : address - half;
          expect(texts.has(`${sibling}/${length}`)).to.equal(false);
        }
      }),
    );
  });

  it("are as few as the best of all covers of a tiny domain", () => {
    // All subsets of 8 addresses; the best cover of a subset by recursion: whole, or the best of both halves.
    const best = (wanted: ReadonlySet<number>, first: number, width: number): number => {
      const inside = Array.from({ length: width }, (_, i) => wanted.has(first + i));
      if (!inside.includes(true)) return 0;
      if (!inside.includes(false)) return 1;
      return best(wanted, first, width / 2) + best(wanted, first + width / 2, width / 2);
    };
    for (const base of [0, 0x0a000000, 2 ** 32 - 8]) {
      for (let bits = 0; bits < 256; bits++) {
        const members = Array.from({ length: 8 }, (_, i) => i).filter((i) => bits & (1 << i));
        const single = members.map((i) => ({ first: base + i, last: base + i }));
        const set = toSet(ipv4Addresses, single);
        expect(fewestPrefixes4(set)).to.have.lengthOf(best(new Set(members), 0, 8));
        const set6 = toSet(
          ipv6Addresses,
          single.map(({ first }) => ({ first: BigInt(first), last: BigInt(first) })),
        );
        expect(fewestPrefixes6(set6)).to.have.lengthOf(best(new Set(members), 0, 8));
      }
    }
  });

  it("are none for the empty set and one for every address", () => {
    expect(fewestPrefixes4([])).to.deep.equal([]);
    expect(fewestPrefixes6([])).to.deep.equal([]);
    expect(fewestPrefixes4([{ first: 0, last: ipv4Addresses.max }])).to.deep.equal([{ address: 0, length: 0 }]);
    expect(fewestPrefixes6([{ first: 0n, last: ipv6Addresses.max }])).to.deep.equal([{ address: 0n, length: 0 }]);
  });

  it("are 62 for the longest IPv4 interval and 254 for the longest IPv6 one", () => {
    expect(fewestPrefixes4([{ first: 1, last: ipv4Addresses.max - 1 }])).to.have.lengthOf(62);
    expect(fewestPrefixes6([{ first: 1n, last: ipv6Addresses.max - 1n }])).to.have.lengthOf(254);
  });
});

describe("an interval as a prefix", () => {
  it("is the prefix that it came from", () => {
    fc.assert(
      fc.property(ipv4, fc.nat({ max: 32 }), (address, length) => {
        const prefix = { address: address - (address % 2 ** (32 - length)), length };
        expect(asPrefix4(prefixInterval4(prefix))).to.deep.equal(prefix);
      }),
    );
    fc.assert(
      fc.property(ipv6, fc.nat({ max: 128 }), (address, length) => {
        const shift = BigInt(128 - length);
        const prefix = { address: (address >> shift) << shift, length };
        expect(asPrefix6(prefixInterval6(prefix))).to.deep.equal(prefix);
      }),
    );
  });

  it("is none when it takes two", () => {
    expect(asPrefix4({ first: 1, last: 2 })).to.equal(undefined);
    expect(asPrefix6({ first: 1n, last: 2n })).to.equal(undefined);
  });
});
