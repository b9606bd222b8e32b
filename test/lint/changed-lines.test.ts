import { expect } from "chai";
import type { Source } from "../../src/diagnostics/index.js";
import { isOfChange, newFile, readPatch } from "../../src/lint/changed-lines.js";
import type { FileChanges } from "../../src/lint/changed-lines.js";
import { findingAt } from "./findings.js";

describe("what Git says has changed", () => {
  it("is read by file and line, with the neighbours of lines that are gone", () => {
    const changes = readPatch(
      [
        "diff --git a/edge1.conf b/edge1.conf",
        "index 1..2 100644",
        "--- a/edge1.conf",
        "+++ b/edge1.conf",
        "@@ -3 +3,2 @@ context",
        "-old",
        "+new",
        "+new too",
        "@@ -9,2 +9,0 @@",
        "-gone",
        "-gone too",
        "diff --git a/edge2.conf b/edge2.conf",
        "--- a/edge2.conf",
        "+++ b/edge2.conf",
        "@@ -0,0 +1 @@",
        "+first",
        "",
      ].join("\n"),
    );
    expect([...changes]).to.deep.equal([
      ["edge1.conf", { lines: [range(3, 4), range(9, 10)], removes: true }],
      ["edge2.conf", { lines: [range(1, 1)], removes: false }],
    ]);
  });

  it("is not taken in by content that looks like a patch", () => {
    const changes = readPatch(
      [
        "diff --git a/a b/a",
        "--- a/a",
        "+++ b/a",
        "@@ -1 +1,3 @@",
        "--- a/x",
        "\\ No newline at end of file",
        "+++ b/x",
        "+@@ -1 +70,3 @@",
        "+diff --git a/y b/y",
        "\\ No newline at end of file",
        "",
      ].join("\n"),
    );
    expect([...changes]).to.deep.equal([["a", { lines: [range(1, 3)], removes: true }]]);
  });

  it("has names with spaces, quotes and other letters", () => {
    const name = (line: string) =>
      [...readPatch(`diff --git x y\n--- a/x\n+++ ${line}\n@@ -1 +1 @@\n-a\n+b\n`).keys()][0];
    expect(name("b/two words.conf\t")).to.equal("two words.conf");
    expect(name('"b/say \\"x\\"\\t\\303\\244ö.conf"')).to.equal('say "x"\täö.conf');
  });

  it("leaves out files that went away, and renames without a change", () => {
    const patch =
      "diff --git a/a b/a\n--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/b b/c\nsimilarity index 100%\nrename from b\nrename to c\n";
    expect([...readPatch(patch)]).to.deep.equal([]);
    expect([...readPatch("")]).to.deep.equal([]);
  });
});

describe("a finding", () => {
  const source: Source = { path: "edge.conf", text: "one\ntwo\nthree\nfour\n" };
  const line = (number: number) => {
    const start = [0, 4, 8, 14][number - 1]!;
    return { source, start, end: start + 3 };
  };
  const added: FileChanges = { lines: [range(2, 2)], removes: false };
  const removed: FileChanges = { lines: [range(2, 3)], removes: true };
  const isIn = (finding: ReturnType<typeof findingAt>, changes: FileChanges | undefined) =>
    isOfChange(finding, ["edge.conf"], (file) => (file === "edge.conf" ? changes : undefined));

  it("is of the change when its lines are", () => {
    expect([1, 2, 3].map((at) => isIn(findingAt("RW4038", line(at)), added))).to.deep.equal([false, true, false]);
    expect(isIn(findingAt("RW4038", { source, start: 0, end: 5 }), added)).to.equal(true);
    expect(isIn(findingAt("RW4038", { source, start: 0, end: 4 }), added)).to.equal(false);
  });

  it("is of the change when a place that explains it is", () => {
    const finding = { ...findingAt("RW4030", line(4)), related: [{ span: line(2), message: "shadowed by" }] };
    expect(isIn(finding, added)).to.equal(true);
  });

  it("is of the change in a new file, wherever it is", () => {
    expect(isIn(findingAt("RW4038", line(4)), newFile)).to.equal(true);
    expect(isIn(findingAt("RW4001", undefined, "edge.conf"), newFile)).to.equal(true);
  });

  it("about packets is of the change when lines are gone: one of them may have denied these packets", () => {
    const open = { ...findingAt("RW4001", line(4)), directions: ["inbound"] as const };
    expect(isIn(open, removed)).to.equal(true);
    expect(isIn(open, added)).to.equal(false);
    expect(isIn(findingAt("RW4031", line(4)), removed)).to.equal(false);
    expect(isIn(findingAt("RW4001", undefined, "edge.conf"), removed)).to.equal(true);
  });

  it("is not of the change where its file did not change", () => {
    expect(isIn(findingAt("RW4038", line(1)), undefined)).to.equal(false);
    expect(isIn(findingAt("RW4001", undefined, "edge.conf"), undefined)).to.equal(false);
  });
});

function range(first: number, last: number) {
  return { first, last };
}
