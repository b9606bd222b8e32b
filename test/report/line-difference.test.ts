import { expect } from "chai";
import * as fc from "fast-check";
import { differenceLines, lineDifference } from "../../src/report/index.js";

describe("the difference of two texts", () => {
  it("is what was taken out and put in, with the line", () => {
    expect(differenceLines("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n")).to.deep.equal([
      "@@ line 2",
      "-b",
      "+B",
      "@@ line 5",
      "+e",
    ]);
  });

  it("counts what it does not show", () => {
    const many = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join("");
    const lines = differenceLines("", many, 5);
    expect(lines).to.have.lengthOf(6);
    expect(lines.at(-1)).to.equal("... and 96 more lines");
  });

  it("says when only the line ends differ", () => {
    expect(differenceLines("a\r\nb\r\n", "a\nb\n")[0]).to.contain("only the line ends differ");
  });

  it("turns the one text into the other", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", "d", "e", "f", ""), { maxLength: 20 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = before.split("\n");
        for (const { line, removed, added } of lineDifference(before, after).reverse()) {
          expect(lines.splice(line - 1, removed.length, ...added)).to.deep.equal(removed);
        }
        expect(lines.join("\n")).to.equal(after);
      }),
    );
  });

  it("takes no longer than the texts are long, also for long lists that moved", () => {
    const list = Array.from({ length: 50_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    expect(lineDifference(list.join("\n"), [...list.slice(1), "x"].join("\n"))).to.have.lengthOf(2);
    expect(lineDifference("same\n".repeat(50_000), "same\n".repeat(40_000))).to.have.lengthOf(1);
  });
});
