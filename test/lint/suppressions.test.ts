import { expect } from "chai";
import type { Code, Source, Span } from "../../src/diagnostics/index.js";
import { codes, spanText } from "../../src/diagnostics/index.js";
import { readSuppressions, suppress } from "../../src/lint/suppressions.js";
import type { Comment } from "../../src/vendor-kit/inventory.js";
import { findingAt } from "./findings.js";

const source: Source = { path: "edge.conf", text: "# comment\npermit any\n\npermit web\n" };
const first = spanOf("permit any");
const second = spanOf("permit web");

describe("a suppression", () => {
  it("names rules by code or by name, gives its reason, and may end on a day", () => {
    expect(read("ringwall: ignore[RW4038, shadowed-rule] until=2027-01-31 CHG-1: printers")).to.deep.include({
      codes: ["RW4038", "RW4030"],
      until: "2027-01-31",
      reason: "CHG-1: printers",
      wholeFile: false,
    });
    expect(read("Ringwall:IGNORE-FILE[Missing-Log]  - this box cannot log, until=2027-01-31")).to.deep.include({
      codes: ["RW4039"],
      reason: "this box cannot log,",
      wholeFile: true,
    });
    expect(read("allow web ringwall: ignore[RW4038] asked for by sales")).to.deep.include({
      reason: "asked for by sales",
    });
  });

  for (const text of [
    "ringwall: block-smb",
    "ringwall: ignore-smb exception 1",
    "ringwall: ignore the rest",
    "written by ringwall 0.1.0",
    "see the ringwall: it is there",
    "",
  ]) {
    it(`is not what somebody else writes: ${JSON.stringify(text)}`, () => {
      expect(readSuppressions([comment(text)])).to.deep.equal({ suppressions: [], problems: [] });
    });
  }

  for (const [text, why] of [
    ["ringwall: ignore[RW4038]", "it gives no reason"],
    ["ringwall: ignore[RW4038] --", "it gives no reason"],
    ["ringwall: ignore[RW4038] until=2027-01-31", "it gives no reason"],
    ["ringwall: ignore[RW4038 reason", "the bracket behind it is not closed"],
    ["ringwall: ignore[] reason", "it does not say which rules to ignore"],
    ["ringwall: ignore RW4038 reason", "the rules to ignore have to stand in brackets"],
    ["ringwall: ignore[RW4098] reason", 'there is no rule "RW4098"'],
    ["ringwall: ignore[shadowed-rules] reason", 'there is no rule "shadowed-rules" (did you mean "shadowed-rule"?)'],
    ["ringwall: ignore[RW4051] reason", "RW4051 cannot be ignored"],
    ["ringwall: ignore[RW1001] reason", "RW1001 cannot be ignored"],
    ["ringwall: ignore[RW4038] until=2027-02-30 reason", '"until=2027-02-30" is no day of the calendar, as YYYY-MM-DD'],
    ["ringwall: ingore[RW4038] reason", '"ringwall: ingore" means nothing (did you mean "ignore"?)'],
  ] as const) {
    it(`is not in force when it is written ${JSON.stringify(text)}`, () => {
      const { suppressions, problems } = readSuppressions([comment(text)]);
      expect(suppressions).to.deep.equal([]);
      expect(problems.map((one) => [one.code, one.message])).to.deep.equal([["RW4051", problems[0]!.message]]);
      expect(problems[0]!.message).to.contain(why);
    });
  }

  it("covers findings of its rules at what it speaks of, and no others", () => {
    const findings = [
      findingAt("RW4038", first),
      findingAt("RW4030", first),
      findingAt("RW4038", second),
      findingAt("RW4038", undefined, "edge.conf"),
      findingAt("RW4038", { ...first, source: { ...source } }),
    ];
    expect(covered(findings, [comment("ringwall: ignore[RW4038] reason")])).to.deep.equal([0]);
  });

  it("covers a place within what it speaks of, an empty place too, and not the text beside it", () => {
    const findings = [
      findingAt("RW4038", { source, start: first.start + 3, end: first.start + 4 }),
      findingAt("RW4038", { source, start: first.end, end: first.end }),
      findingAt("RW4038", { source, start: first.end, end: second.end }),
    ];
    expect(covered(findings, [comment("ringwall: ignore[RW4038] reason")])).to.deep.equal([0, 1]);
  });

  it("covers a whole file when it says so, also findings without a place", () => {
    const findings = [
      findingAt("RW4039", second),
      findingAt("RW4039", undefined, "edge.conf"),
      findingAt("RW4039", undefined, "other.conf"),
    ];
    expect(covered(findings, [comment("ringwall: ignore-file[RW4039] reason")])).to.deep.equal([0, 1]);
  });

  it("is reported when it suppresses nothing", () => {
    expect(extra([], "ringwall: ignore[RW4038] reason")).to.deep.equal(["RW4050"]);
    expect(extra([findingAt("RW4038", first)], "ringwall: ignore[RW4038] reason")).to.deep.equal([]);
    expect(extra([findingAt("RW4038", first)], "ringwall: ignore[RW4038,RW4030] reason")).to.deep.equal([]);
  });

  it("is not called unused where only a part was asked, or a rule of it is off", () => {
    const comments = [comment("ringwall: ignore[RW4038] reason")];
    expect(suppress([], comments, { severityOf, partly: true }).findings).to.deep.equal([]);
    const off = (code: Code) => (code === "RW4038" ? "off" : severityOf(code));
    expect(suppress([], comments, { severityOf: off }).findings).to.deep.equal([]);
  });

  it("holds on its last day, and is reported from the next one on with what it hid", () => {
    const comments = [comment("ringwall: ignore[RW4038] until=2026-11-23 reason")];
    const on = (today: string) =>
      suppress([findingAt("RW4038", first)], comments, { severityOf, today }).findings.map(({ finding, by }) => [
        finding.code,
        by !== undefined,
      ]);
    expect(on("2026-11-23")).to.deep.equal([["RW4038", true]]);
    expect(on("2026-11-24")).to.deep.equal([
      ["RW4038", false],
      ["RW4052", false],
    ]);
  });

  it("weighs what the settings say", () => {
    const comments = [comment("ringwall: ignore[RW4038] reason")];
    const severity = (as: "off" | "note") => suppress([], comments, { severityOf: () => as }).findings;
    expect(severity("note")[0]?.finding.severity).to.equal("note");
    expect(
      suppress([], comments, { severityOf: (code) => (code === "RW4050" ? "off" : "error") }).findings,
    ).to.deep.equal([]);
  });
});

function severityOf(code: Code) {
  return codes[code].severity;
}

function spanOf(text: string): Span {
  const start = source.text.indexOf(text);
  return { source, start, end: start + text.length };
}

function comment(text: string): Comment {
  expect(spanText(first)).to.equal("permit any");
  return { text, span: { source, start: 0, end: 9 }, about: first };
}

function read(text: string) {
  const { suppressions, problems } = readSuppressions([comment(text)]);
  expect(problems.map((one) => one.message)).to.deep.equal([]);
  return suppressions[0];
}

function covered(findings: readonly ReturnType<typeof findingAt>[], comments: readonly Comment[]): number[] {
  return suppress(findings, comments, { severityOf })
    .findings.slice(0, findings.length)
    .flatMap(({ by }, index) => (by === undefined ? [] : [index]));
}

function extra(findings: readonly ReturnType<typeof findingAt>[], text: string): string[] {
  return suppress(findings, [comment(text)], { severityOf })
    .findings.slice(findings.length)
    .map(({ finding }) => finding.code);
}
