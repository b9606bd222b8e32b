import { expect } from "chai";
import type { Device } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { alphabetOf, interfacePatterns, matchesPattern } from "../../src/packet-set/index.js";

describe("the alphabet of interfaces", () => {
  it("has one name for each that occurs, one example for each wildcard, and one for all others", () => {
    const alphabet = alphabetOf(["wan0", "ppp*", "wan0", "lan0"]);
    expect(alphabet.names).to.deep.equal(["", "lan0", "wan0", "ppp0", "other0"]);
    expect(alphabet.other).to.equal(4);
    expect(alphabet.bits).to.equal(6);
  });

  it("chooses examples that are nobody's own and match no longer wildcard", () => {
    expect(alphabetOf(["ppp*", "ppp0", "ppp1"]).names).to.deep.equal(["", "ppp0", "ppp1", "ppp2", "other0"]);
    expect(alphabetOf(["p*", "p0*"]).names).to.deep.equal(["", "p1", "p00", "other0"]);
    expect(alphabetOf(["other*", "other0"]).names).to.deep.equal(["", "other0", "other1", "other2"]);
  });

  it("knows any name: its own number, its longest wildcard's, or that of all others", () => {
    const alphabet = alphabetOf(["wan0", "p*", "ppp*"]);
    expect(["wan0", "p7", "ppp7", "eth0", undefined].map((name) => alphabet.numberOf(name))).to.deep.equal([
      1, 2, 3, 4, 0,
    ]);
    expect([0, 1, 4, 7].map((number) => alphabet.nameOf(number))).to.deep.equal([
      undefined,
      "wan0",
      "other0",
      "other0",
    ]);
  });

  it("knows which names a pattern means", () => {
    const alphabet = alphabetOf(["wan0", "p*", "ppp*"]);
    expect(alphabet.matching(["p*"])).to.deep.equal([2, 3]);
    expect(alphabet.matching(["ppp*", "wan0"])).to.deep.equal([1, 3]);
    expect(alphabet.matching(["*"])).to.deep.equal([1, 2, 3, 4]);
    expect(alphabet.matching([])).to.deep.equal([]);
    expect(matchesPattern("ppp*", "ppp")).to.equal(true);
    expect(matchesPattern("ppp", "ppp0")).to.equal(false);
  });

  it("is made from every name in a device's rules, however deep", () => {
    const match = ir.all(ir.not(ir.any(ir.ingress("a"), ir.egress("b*"))), ir.ofProtocol(6), ir.ingress("c"));
    const device: Device = {
      name: "device",
      interfaces: [{ name: "d" }],
      paths: [
        {
          hook: "forward",
          filters: [
            {
              name: "filter",
              entry: "chain",
              chains: new Map([
                [
                  "chain",
                  {
                    name: "chain",
                    order: "first-match",
                    end: "accept",
                    rules: [{ match, verdict: "drop", origin: { label: "" } }],
                  },
                ],
              ]),
            },
          ],
        },
      ],
    };
    expect([...interfacePatterns(device)].sort()).to.deep.equal(["a", "b*", "c", "d"]);
  });
});
