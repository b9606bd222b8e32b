import { expect } from "chai";
import fc from "fast-check";
import type { Match } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { prefixInterval4, prefixInterval6 } from "../../src/net/index.js";
import type { AddressSet } from "../../src/net/index.js";
import { PacketSpace } from "../../src/packet-set/index.js";
import { runs } from "../support/runs.js";

const prefix4 = fc
  .tuple(fc.constantFrom(0, 0x0a000000, 0x0a800000, 0xc0a80100, 0xffffffff), fc.constantFrom(0, 1, 8, 9, 24, 31, 32))
  .map(([address, length]) => prefixInterval4({ address: address - (address % 2 ** (32 - length)), length }));
const prefix6 = fc
  .tuple(fc.constantFrom(0n, 0x20010db8n << 96n, (1n << 128n) - 1n), fc.constantFrom(0, 1, 32, 33, 64, 127, 128))
  .map(([address, length]) =>
    prefixInterval6({ address: (address >> BigInt(128 - length)) << BigInt(128 - length), length }),
  );

/** A prefix in each family, or two far apart, which is no prefix. */
const addresses: fc.Arbitrary<AddressSet> = fc.oneof(
  fc.tuple(prefix4, prefix6).map(([a, b]) => ({ ipv4: [a], ipv6: [b] })),
  fc.tuple(prefix4, prefix6).map(([a]) => ({ ipv4: [a], ipv6: [] })),
  fc.constant({
    ipv4: [
      { first: 5, last: 9 },
      { first: 0x0a000001, last: 0x0a0000fe },
    ],
    ipv6: [{ first: 3n, last: 77n }],
  }),
);

const field: fc.Arbitrary<Match> = fc.oneof(
  fc.constantFrom("ipv4" as const, "ipv6" as const).map(ir.ofFamily),
  fc.constantFrom(6, 17).map((n) => ir.ofProtocol(n)),
  fc.constant(ir.ofProtocol(6, 17, 47)),
  fc.subarray(["wan0", "lan0"], { minLength: 1 }).map((names) => ir.ingress(...names)),
  fc.subarray(["wan0", "lan0"], { minLength: 1 }).map((names) => ir.egress(...names)),
  fc.subarray([...ir.states], { minLength: 1 }).map((states) => ir.inState(...states)),
  fc
    .constantFrom<[number, number]>([445, 445], [137, 139], [0, 65535], [1024, 65535], [256, 511])
    .map((range) => ir.numberIn("destination-port", range)),
  fc.constantFrom<[number, number]>([445, 445], [1024, 65535]).map((range) => ir.numberIn("source-port", range)),
  fc
    .constantFrom<[number, number]>([2, 2], [0, 2 ** 47 - 1], [5, 2 ** 40])
    .map((range) => ir.numberIn("source-mac", range)),
  addresses.map(ir.from),
  addresses.map(ir.to),
  fc.constantFrom("limit", "time").map(ir.condition),
);
const box: fc.Arbitrary<Match> = fc.array(field, { maxLength: 5 }).map((of): Match => ({ kind: "all", of }));

describe("a rule laid over others", () => {
  it("is the same as a choice between its end and what lies below, for any boxes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(box, fc.integer({ min: 2, max: 6 })), { minLength: 1, maxLength: 12 }), (rules) => {
        const space = new PacketSpace({ interfaces: ["wan0", "lan0"] });
        let outcome = 7;
        for (const [match, end] of rules) {
          const chosen = space.bdd.choose(space.compile(match), end, outcome);
          outcome = space.layOver(match, end, outcome);
          expect(outcome).to.equal(chosen);
        }
      }),
      { numRuns: Math.max(300, runs(1500).numRuns) },
    );
  });

  it("is the same whatever the order of its fields", () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 2, maxLength: 5 }), (of) => {
        const space = new PacketSpace({ interfaces: ["wan0", "lan0"] });
        const forth = space.layOver({ kind: "all", of }, 2, 7);
        expect(space.layOver({ kind: "all", of: [...of].reverse() }, 2, 7)).to.equal(forth);
        expect(space.compile({ kind: "all", of: [...of].reverse() })).to.equal(space.compile({ kind: "all", of }));
      }),
      runs(300),
    );
  });

  it("makes no more nodes than it needs: a list of boxes leaves no diagrams of its boxes behind", () => {
    const lay = (space: PacketSpace, i: number, below: number): number =>
      space.layOver(
        ir.all(
          ir.ofProtocol(6),
          ir.numberIn("destination-port", [i, i]),
          ir.from({ ipv4: [{ first: i * 256, last: i * 256 + 255 }], ipv6: [] }),
        ),
        2 + (i % 2),
        below,
      );
    const space = new PacketSpace({ interfaces: [] });
    let outcome = 7;
    for (let i = 1; i <= 500; i++) outcome = lay(space, i, outcome);
    // A path of a box tests 1 + 8 + 16 + 24 levels.
    expect(space.bdd.size).to.be.lessThan(500 * 49);
  });

  it("refuses more conditions than fit the stack, and says how many do", () => {
    const space = new PacketSpace({ interfaces: [] });
    const many = Array.from({ length: 2501 }, (_, i) => ir.condition(`limit at line ${i}`));
    for (const one of many.slice(0, 2500)) space.compile(one);
    expect(() => space.compile(many[2500]!)).to.throw("more than 2500 conditions that the text does not decide");
    expect(space.compile(many[0]!)).to.be.greaterThan(1);
    // The deepest operation that there can be.
    const all = many.slice(0, 2500).reduce((set, one) => space.and(set, space.compile(one)), space.all);
    expect(space.may(all)).to.equal(space.all);
    expect(space.must(all)).to.equal(space.none);
  });

  it("forgets interfaces and nothing else", () => {
    const space = new PacketSpace({ interfaces: ["wan0", "lan0"] });
    const smb = ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [445, 445]), ir.inState("new"));
    const there = space.compile(ir.all(smb, ir.ingress("wan0"), ir.egress("lan0")));
    expect(space.withoutInterfaces(there)).to.equal(space.compile(smb));
  });
});
