import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { style } from "../../src/report/index.js";
import type { LintReport } from "../../src/report/lint/index.js";
import { fingerprints, formats, partPath } from "../../src/report/lint/index.js";
import { expectGolden } from "../support/golden.js";
import { at, device, env, finding, fullReport } from "../support/lint-report.js";

const fixtures = join(import.meta.dirname, "lint-fixtures");

const endings: Readonly<Record<string, string>> = {
  json: "json",
  sarif: "sarif",
  gitlab: "json",
  rdjson: "json",
  junit: "xml",
  checkstyle: "xml",
  markdown: "md",
};

describe("the formats of a lint report", () => {
  for (const format of formats) {
    const file = `${format.name}.${endings[format.name] ?? "txt"}`;
    it(`${format.name} has something of everything in ${file}`, () => {
      const parts = format.write(fullReport(), env);
      expect(parts).to.have.lengthOf(1);
      expectGolden(join(fixtures, file), parts[0]!);
    });

    it(`${format.name} ends with a line end, also of a run that found nothing`, () => {
      const nothing: LintReport = { ...fullReport(), devices: [], problems: [] };
      for (const report of [fullReport(), nothing]) expect(format.write(report, env)[0]).to.match(/\n$|^$/);
    });

    it(`${format.name} is the same, whoever looks twice, and has no colour unless it is for people`, () => {
      const painted = { ...env, style: style(true) };
      expect(format.write(fullReport(), env)).to.deep.equal(format.write(fullReport(), env));
      expect(format.write(fullReport(), painted)[0]!.includes("\u001b")).to.equal(format.name === "text");
    });
  }

  it("shows suppressed findings where they are asked for", () => {
    const report = { ...fullReport(), showSuppressed: true };
    expectGolden(join(fixtures, "text-with-suppressed.txt"), written("text", report));
    expect(written("concise", report)).to.contain("(suppressed by a comment: CHG-1234, the collector is full)");
    expect(written("junit", report)).to.contain('<skipped message="suppressed by a comment: CHG-1234');
    expect(written("sarif", report)).to.contain('"justification": "CHG-1234, the collector is full"');
    for (const name of ["github", "azure", "gitlab", "rdjson"]) {
      expect(written(name, report), name).not.to.contain("does not log");
    }
  });

  it("shows people a few of many places and lines, and how many there are; programs get all", () => {
    const file = { path: "edge.conf", text: "permit ip any any\n" };
    const related = Array.from({ length: 45 }, (_, i) => ({ span: at(file, "ip"), message: `place ${i}` }));
    const packets = Array.from({ length: 45 }, (_, i) => `packets ${i}`);
    const found = device("edge.conf", "x", "X", [file], "open", [
      finding("RW4001", file, "open", { primary: at(file, "permit"), related, packets }),
    ]);
    const report = { ...fullReport(), devices: [found], problems: [] };
    for (const name of ["text", "junit", "markdown"]) {
      expect(written(name, report), name).to.contain("place 9").and.not.to.contain("place 10");
      expect(written(name, report), name).to.contain("places: 10 of 45 are shown");
    }
    for (const name of ["text", "github", "sarif", "markdown"]) {
      expect(written(name, report), name).to.contain("packets 19").and.not.to.contain("packets 20");
      expect(written(name, report), name).to.contain("and 25 more");
    }
    expect(written("json", report)).to.contain("place 44").and.to.contain("packets 44");
  });

  it("stand in docs/lint-formats.md", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/lint-formats.md"), "utf8");
    expect([...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).to.deep.equal(formats.map(({ name }) => name));
  });

  it("counts columns as each reader does: UTF-16 units, and bytes for reviewdog", () => {
    const file = { path: "edge.conf", text: "! 外側 \u{1f525} permit ip any any\n" };
    const primary = { source: file, start: file.text.indexOf("permit"), end: file.text.indexOf(" ip") };
    const found = device("edge.conf", "x", "X", [file], "open", [finding("RW4001", file, "open", { primary })]);
    const report = { ...fullReport(), devices: [found], problems: [] };
    expect(written("concise", report)).to.match(/^edge.conf:1:9: /);
    expect(written("sarif", report)).to.contain('"startColumn": 9,');
    expect(written("rdjson", report)).to.contain('"column": 15');
  });

  it("offers reviewdog several edits of a fix as one replacement", () => {
    const file = { path: "edge.conf", text: "a one\nb two\nc three\n" };
    const edit = (piece: string, text: string) => ({ span: at(file, piece), text });
    const fix = { title: "mend", edits: [edit("three", "3"), edit("one", "1")] };
    const primary = at(file, "b two");
    const found = device("edge.conf", "x", "X", [file], "open", [finding("RW4031", file, "open", { primary, fix })]);
    const { diagnostics } = JSON.parse(written("rdjson", { ...fullReport(), devices: [found], problems: [] })) as {
      diagnostics: { suggestions: unknown }[];
    };
    expect(diagnostics[0]!.suggestions).to.deep.equal([
      { range: { start: { line: 1, column: 3 }, end: { line: 3, column: 8 } }, text: "1\nb two\nc 3" },
    ]);
  });

  it('says "ok" of a device only where its edge is closed and nothing is open', () => {
    const report = fullReport();
    const lines = (one: LintReport): string[] => written("text", one).split("\n");
    expect(lines(report)).to.include("edge3.nft (nftables): ok");
    expect(lines(report)).to.include("edge4.xml (pfSense): closed, 1 warning");
    const undecided = { ...report.devices[2]!, edge: "undecided" as const };
    expect(lines({ ...report, devices: [undecided] })).to.include("edge3.nft (nftables): undecided");
    const allSuppressed = {
      ...report.devices[0]!,
      findings: report.devices[0]!.findings.filter((one) => one.suppressed !== undefined),
    };
    expect(lines({ ...report, devices: [allSuppressed] })).to.include("edge1.conf (Cisco ASA): open, 2 suppressed");
  });

  it("only counts the devices of which nothing is to be said, where there are many", () => {
    const report = fullReport();
    const many = Array.from({ length: 30 }, () => report.devices[2]!);
    const lines = written("text", { ...report, devices: [report.devices[0]!, ...many] }).split("\n");
    expect(lines).to.include("30 more: ok");
    expect(lines.filter((line) => line.startsWith("edge3.nft"))).to.deep.equal([]);
  });

  it("says that nothing was looked at rather than that nothing was found", () => {
    const report: LintReport = { ...fullReport(), devices: [], problems: [] };
    expect(written("text", report)).to.equal("no configuration was looked at, policy smb-edge (policy.yaml)\n");
  });

  it("tells of a run that does not fail what would make it fail", () => {
    const report = fullReport();
    const noted = { ...report.devices[1]!, findings: report.devices[1]!.findings.slice(0, 1) };
    const text = written("text", { ...report, devices: [noted], problems: [] });
    expect(text).to.contain("1 note, policy smb-edge (policy.yaml); only warnings and errors would make it fail\n");
  });
});

describe("a finding's fingerprint", () => {
  const source = { path: "edge.conf", text: "" };
  const a = finding("RW4001", source, "one", { identity: "permit any any" });

  it("does not depend on its line, its message or its severity", () => {
    const moved = { ...a, message: "other words", severity: "note" as const, primary: { source, start: 0, end: 0 } };
    expect(fingerprints([a])).to.deep.equal(fingerprints([moved]));
  });

  it("depends on rule, file and identity", () => {
    const others = [
      { ...a, code: "RW4002" as const },
      { ...a, file: "edge2.conf" },
      { ...a, identity: "permit any" },
    ];
    const all = fingerprints([a, ...others]);
    expect(new Set(all).size).to.equal(4);
  });

  it("tells equal findings apart by their order, and leaves the first as it was alone", () => {
    const [first, second] = fingerprints([a, a]);
    expect(first).not.to.equal(second);
    expect(fingerprints([a])).to.deep.equal([first]);
  });

  it("is the same wherever the run was started", () => {
    const below = { ...a, file: "network/edge.conf" };
    expect(fingerprints([a], (file) => `network/${file}`)).to.deep.equal(fingerprints([below]));
  });
});

describe("the names of several files of one report", () => {
  it("count from the second", () => {
    expect([0, 1, 2].map((part) => partPath("out/lint.sarif", part))).to.deep.equal([
      "out/lint.sarif",
      "out/lint-2.sarif",
      "out/lint-3.sarif",
    ]);
    expect(partPath("a.b/report", 1)).to.equal("a.b/report-2");
  });
});

function written(name: string, report: LintReport): string {
  return formats.find((format) => format.name === name)!.write(report, env)[0]!;
}
