import { expect } from "chai";
import type { Code } from "../../src/diagnostics/index.js";
import type { Baseline } from "../../src/lint/baseline.js";
import { baselineOf, baselineText, compareBaseline, pruned, readBaseline, replaced } from "../../src/lint/baseline.js";

describe("a baseline", () => {
  it("knows what was found when it was written, in any order, and nothing else", () => {
    const baseline = baselineOf([found("b.conf", "x"), found("a.conf", "x"), found("a.conf", "y")]);
    const now = [found("a.conf", "y"), found("a.conf", "z"), found("b.conf", "x"), found("c.conf", "x")];
    const { known, fresh, gone } = compareBaseline(baseline, now, () => true);
    expect(known).to.deep.equal([now[0], now[2]]);
    expect(fresh).to.deep.equal([now[1], now[3]]);
    expect(gone.map(({ file, identity }) => [file, identity])).to.deep.equal([["a.conf", "x"]]);
  });

  it("counts findings that are alike", () => {
    const baseline = baselineOf([found("a.conf", "x"), found("a.conf", "x")]);
    const now = [found("a.conf", "x"), found("a.conf", "x"), found("a.conf", "x")];
    expect(compareBaseline(baseline, now, () => true).fresh).to.deep.equal([now[2]]);
    expect(compareBaseline(baseline, now.slice(0, 1), () => true).gone).to.deep.equal([
      { code: "RW4038", file: "a.conf", identity: "x", count: 1 },
    ]);
  });

  it("tells rules apart", () => {
    const { fresh } = compareBaseline(baselineOf([found("a.conf", "x")]), [found("a.conf", "x", "RW4030")], () => true);
    expect(fresh).to.have.length(1);
  });

  it("says nothing of files that were not looked at", () => {
    const { gone } = compareBaseline(baselineOf([found("a.conf", "x")]), [], (file) => file !== "a.conf");
    expect(gone).to.deep.equal([]);
  });

  it("is pruned of what is gone", () => {
    const baseline = baselineOf([found("a.conf", "x"), found("a.conf", "x"), found("a.conf", "y")]);
    const { gone } = compareBaseline(baseline, [found("a.conf", "x")], () => true);
    expect(pruned(baseline, gone)).to.deep.equal(baselineOf([found("a.conf", "x")]));
  });

  it("keeps its entries of files that a run does not look at", () => {
    const old = baselineOf([found("a.conf", "x"), found("b.conf", "x")]);
    const now = baselineOf([found("a.conf", "y")]);
    expect(replaced(old, now, (file) => file === "a.conf")).to.deep.equal(
      baselineOf([found("a.conf", "y"), found("b.conf", "x")]),
    );
  });

  it("is written as JSON with an entry a line, sorted, and read again", () => {
    const baseline = baselineOf([found("b.conf", 'say "x"'), found("a.conf", "x"), found("a.conf", "x")]);
    expect(baselineText(baseline)).to.equal(`{
  "version": 1,
  "findings": [
    {"rule":"RW4038 permit-any-any","file":"a.conf","identity":"x","count":2},
    {"rule":"RW4038 permit-any-any","file":"b.conf","identity":"say \\"x\\""}
  ]
}
`);
    expect(read(baselineText(baseline))).to.deep.equal(baseline);
    expect(read(baselineText({ entries: [] }))).to.deep.equal({ entries: [] });
  });

  for (const [text, why] of [
    ["[", "Unexpected end of JSON input"],
    ["7", "it is no JSON object"],
    ["{}", "its version is not given, and only 1 exists"],
    ['{"version":2,"findings":[]}', "its version is 2, and only 1 exists"],
    ['{"version":1}', "it has no list of findings"],
    ['{"version":1,"findings":[{}]}', "entry 1 lacks a rule, a file or an identity"],
    ['{"version":1,"findings":[{"rule":"RW4098 x","file":"a","identity":""}]}', "entry 1 lacks"],
  ] as const) {
    it(`is not ${text}`, () => {
      const reading = readBaseline({ path: "baseline.json", text });
      expect(reading.ok).to.equal(false);
      if (!reading.ok) expect(reading.diagnostics[0]!.message).to.contain(why);
    });
  }
});

function found(file: string, identity: string, code: Code = "RW4038") {
  return { file, finding: { code, identity } };
}

function read(text: string): Baseline {
  const reading = readBaseline({ path: "baseline.json", text });
  if (!reading.ok) throw new Error(reading.diagnostics[0]!.message);
  return reading.baseline;
}
