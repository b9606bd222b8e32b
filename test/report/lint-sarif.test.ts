import { expect } from "chai";
import type { Source } from "../../src/diagnostics/index.js";
import { lineHashes as hashesOf } from "../../src/report/lint/line-hash.js";
import type { LintReport } from "../../src/report/lint/index.js";
import { githubLimits, writeSarif } from "../../src/report/lint/sarif.js";
import { at, device, env, finding, fullReport, openRule } from "../support/lint-report.js";

interface Run {
  readonly automationDetails: { readonly id: string };
  readonly invocations: readonly { readonly toolExecutionNotifications: readonly unknown[] }[];
  readonly artifacts: readonly { readonly location: { readonly uri: string } }[];
  readonly results: readonly {
    readonly level: string;
    readonly locations: readonly {
      readonly physicalLocation: { readonly artifactLocation: { readonly uri: string; readonly index: number } };
    }[];
    readonly relatedLocations?: readonly unknown[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
  }[];
}

describe("SARIF beyond GitHub's limits", () => {
  const limits = { ...githubLimits, resultsInRun: 10, runsInFile: 3 };

  it("is cut into runs of their own categories, the worst findings first", () => {
    const [only, ...more] = filesOf(reportOf(25), limits);
    expect(more).to.deep.equal([]);
    expect(only!.map((run) => run.automationDetails.id)).to.deep.equal(["ringwall/", "ringwall-2/", "ringwall-3/"]);
    expect(only!.map((run) => run.results.length)).to.deep.equal([10, 10, 5]);
    const levels = only!.flatMap((run) => run.results.map((one) => one.level));
    expect(levels.filter((level, i) => level !== levels[i - 1])).to.deep.equal(["error", "warning", "note"]);
    expect(new Set(only!.flatMap((run) => run.results.map(fingerprintOf))).size).to.equal(25);
  });

  it("is cut into files, each run counted on", () => {
    const files = filesOf(reportOf(65), limits);
    expect(files.map((runs) => runs.length)).to.deep.equal([3, 3, 1]);
    const ids = files.flat().map((run) => run.automationDetails.id);
    expect(new Set(ids).size).to.equal(7);
  });

  it("is cut into files where it is too large when packed", () => {
    const files = filesOf(reportOf(40), { ...limits, runsInFile: 20, packedBytes: 4_000 });
    expect(files.length).to.be.greaterThan(1);
    expect(files.flat().flatMap((run) => run.results)).to.have.lengthOf(40);
  });

  it("lists in each run the files that its results point into, and problems and files without findings once", () => {
    const runs = filesOf({ ...reportOf(25), problems: fullReport().problems }, limits).flat();
    for (const run of runs) {
      for (const { locations } of run.results) {
        const { uri, index } = locations[0]!.physicalLocation.artifactLocation;
        expect(run.artifacts[index]!.location.uri).to.equal(uri);
      }
    }
    expect(runs.map((run) => run.invocations[0]!.toolExecutionNotifications.length)).to.deep.equal([3, 0, 0]);
  });

  it("names no more related places than are shown", () => {
    const config: Source = { path: "edge.conf", text: "permit ip any any\n" };
    const related = Array.from({ length: 150 }, () => ({ span: at(config, "permit"), message: "here" }));
    const one = device("edge.conf", "x", "X", [config], "open", [finding("RW4001", config, "open", { related })]);
    const [[run]] = filesOf({ ...reportOf(0), devices: [one] }, githubLimits) as [[Run]];
    expect(run.results[0]!.relatedLocations).to.have.lengthOf(100);
  });
});

describe("the fingerprint that GitHub knows an alert by", () => {
  // Source of the values: the tests of GitHub's upload action, which works out the same ones.
  const greetings = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n";
  const greetingHashes = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
  ];

  it("is a hash of a hundred characters from the line's start, blanks left out", () => {
    expect(lineHashes("")).to.deep.equal(["c129715d7a2bc9a3:1"]);
    expect(lineHashes(" a\nb\n  \t\tc\n d")).to.deep.equal([
      "271789c17abda88f:1",
      "54703d4cd895b18:1",
      "180aee12dab6264:1",
      "a23a3dc5e078b07b:1",
    ]);
    expect(lineHashes(greetings)).to.deep.equal(greetingHashes);
  });

  it("does not depend on how lines end", () => {
    expect(lineHashes(greetings.replaceAll("\n", "\r"))).to.deep.equal(greetingHashes);
    expect(lineHashes(greetings.replaceAll("\n", "\r\n"))).to.deep.equal(greetingHashes);
  });

  it("counts equal lines", () => {
    expect(lineHashes("Lorem ipsum dolor sit amet.\n".repeat(10))).to.deep.equal([
      ...[1, 2, 3, 4, 5, 6].map((count) => `a7f2ff13bc495cf2:${count}`),
      "a7f2ff1481e87703:1",
      "a9cf91f7bbf1862b:1",
      "55ec222b86bcae53:1",
      "cc97dc7b1d7d8f7b:1",
      "c129715d7a2bc9a3:1",
    ]);
  });

  it("stays when lines come before it", () => {
    const [before] = lineHashes("permit ip any any\nend\n");
    expect(lineHashes("! a remark\n! another\npermit ip any any\nend\n")[2]).to.equal(before);
  });

  it("is told apart where two findings of one rule point at one line, and the first keeps the plain one", () => {
    const config: Source = { path: "edge.conf", text: "permit ip any any\n" };
    const primary = at(config, "permit");
    const one = device("edge.conf", "x", "X", [config], "open", [
      finding("RW4001", config, "one", { primary }),
      finding("RW4001", config, "two", { primary }),
      finding("RW4003", config, "three", { primary }),
    ]);
    const [[run]] = filesOf({ ...reportOf(0), devices: [one] }, githubLimits) as [[Run]];
    const [first, second, third] = run.results.map((result) => result.partialFingerprints["primaryLocationLineHash"]);
    expect([first, third]).to.deep.equal([lineHashes(config.text)[0], lineHashes(config.text)[0]]);
    expect(second).to.match(new RegExp(`^${first!}:[0-9a-f]{8}$`));
  });
});

/** Findings of all severities, in files of two. */
function reportOf(count: number): LintReport {
  const severities = ["note", "error", "warning"] as const;
  const files = Array.from({ length: Math.ceil(count / 2) }, (_, i): Source => ({
    path: `edge${i}.conf`,
    text: "a\n",
  }));
  return {
    tool: { name: "ringwall", version: "1.2.3" },
    devices: files.map((file, i) =>
      device(
        file.path,
        "x",
        "X",
        [file],
        "open",
        Array.from({ length: Math.min(2, count - i * 2) }, (_, j) =>
          finding("RW4001", file, `finding ${j}`, { severity: severities[(i * 2 + j) % 3]! }),
        ),
      ),
    ),
    problems: [],
    rules: [openRule],
    failOn: "error",
  };
}

function filesOf(report: LintReport, limits: typeof githubLimits): Run[][] {
  return writeSarif(report, env, limits).map((text) => (JSON.parse(text) as { runs: Run[] }).runs);
}

function fingerprintOf({ partialFingerprints }: Run["results"][number]): string {
  return partialFingerprints["ringwallFinding/v1"]!;
}

function lineHashes(text: string): string[] {
  const hashOf = hashesOf(text);
  const hashes: string[] = [];
  for (let hash = hashOf(1); hash !== undefined; hash = hashOf(hashes.length + 1)) hashes.push(hash);
  return hashes;
}
