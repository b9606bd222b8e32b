import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import type { Parsed } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { describeShared } from "../support/shared.js";

const fixtures = new URL("../../vendors/nftables/fixtures/", import.meta.url);
const samples = readdirSync(fixtures)
  .filter((name) => name.startsWith("read-"))
  .map((name) => readFileSync(new URL(`${name}/ruleset.nft`, fixtures), "utf8"));
const json = JSON.stringify({
  nftables: [
    { table: { family: "inet", name: "t" } },
    { chain: { family: "inet", table: "t", name: "c", type: "filter", hook: "input", prio: 0, policy: "drop" } },
    {
      rule: {
        family: "inet",
        table: "t",
        chain: "c",
        expr: [
          { match: { op: "==", left: { meta: { key: "iifname" } }, right: { set: ["a", { range: [1, 2] }] } } },
          { drop: null },
        ],
      },
    },
  ],
});

function read(text: string): Parsed {
  return nftables.parse([{ path: "fuzz.nft", text }], {});
}

/** Text that is as wrong as an accident makes it: cut, or with pieces dropped, doubled or exchanged. */
const damaged: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...samples, json), fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.nat(4)), { maxLength: 4 }))
  .chain(([sample, cuts]) =>
    fc.tuple(fc.nat(sample.length), fc.string({ maxLength: 6 }), fc.boolean()).map(([end, junk, isCut]) => {
      let text = isCut ? sample.slice(0, end) : sample;
      for (const [at, length, kind] of cuts) {
        const start = at % (text.length + 1);
        const piece = text.slice(start, start + length);
        const put = [junk, piece + piece, "", "{", "}"][kind]!;
        text = text.slice(0, start) + put + text.slice(start + length);
      }
      return text;
    }),
  );

describe("nftables: damaged input", () => {
  it("never makes the parser throw, and gives every rule an origin", () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const { device, diagnostics } = read(text);
        for (const path of device.paths) {
          for (const filter of path.filters) {
            expect(filter.chains.has(filter.entry)).to.equal(true);
            for (const chain of filter.chains.values())
              for (const rule of chain.rules) expect(rule.origin.label).to.be.a("string");
          }
        }
        for (const { primary } of diagnostics) {
          if (primary === undefined) continue;
          expect(primary.start).to.be.within(0, primary.end);
          expect(primary.end).to.be.at.most(text.length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("is never taken for a smaller ruleset without a word", () => {
    const whole =
      "table inet t {\n chain c {\n type filter hook input priority 0; policy drop;\n tcp dport 22 accept\n }\n}\n";
    for (let end = 16; end < whole.trimEnd().length; end++) {
      const { diagnostics } = read(whole.slice(0, end));
      expect(
        diagnostics.map(({ code }) => code),
        whole.slice(0, end),
      ).to.include("RW6001");
    }
  });

  it("takes no more than linear work", () => {
    const elements = Array.from({ length: 60_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).join(", ");
    const deep = "{".repeat(50_000);
    const rules = Array.from({ length: 20_000 }, (_, i) => `tcp dport ${i} drop`).join("\n");
    const frame = (body: string): string =>
      `table inet t {\nset s { type ipv4_addr; elements = { ${elements} }; }\nchain c { type filter hook input priority 0;\n${body}\n}\n}`;
    for (const text of [
      frame(rules),
      frame(`ip saddr @s ${deep}`),
      `${"define a = { $a, $a }\n".repeat(64)}table $a`,
      `${"[".repeat(100_000)}`,
    ]) {
      read(text);
    }
  });
});

describeShared("nftables: the corpus", (folder) => {
  const files = readdirSync(join(folder, "corpus/nftables")).filter((name) => name.endsWith(".nft"));
  for (const name of files) {
    it(`${name} has nothing that is not read`, () => {
      const text = readFileSync(join(folder, "corpus/nftables", name), "utf8");
      expect(nftables.detect({ path: name, text })).to.equal(1);
      const { device, diagnostics } = nftables.parse([{ path: name, text }], {});
      expect(diagnostics.filter(({ code }) => !["RW6006", "RW6007"].includes(code))).to.deep.equal([]);
      expect(device.paths.map(({ hook }) => hook)).to.deep.equal(["forward", "input"]);
    });
  }
});
