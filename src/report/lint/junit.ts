import { codes } from "../../diagnostics/index.js";
import { countFindings, countsText } from "./counts.js";
import { findingEntry, problemEntries, suppressedText } from "./entries.js";
import { entryText } from "./entry-text.js";
import type { Format, FormatEnv } from "./format.js";
import { repositoryPath } from "./places.js";
import type { LintReport, Reported, ReportedDevice } from "./report.js";
import { failsRun, shownFindings } from "./report.js";
import { element, textElement, xmlHead } from "./xml.js";

/**
 * JUnit's XML: a suite for each device. A finding that fails the run is a test that failed, other findings are tests that
 * passed and say something; a file in which nothing fails the run is a test that passed. What could not be looked at is
 * an error. So a green run shows how much was looked at, and a red one each thing to mend.
 *
 * Source: the schema of Jenkins' xUnit plugin, junit-10.xsd, which allows nothing that others do not read.
 */
export const junit: Format = {
  name: "junit",
  about: "JUnit XML: a suite for each device, a test for each finding and each file without one",
  write: (report, env) => {
    const suites = [
      ...report.devices.map((device) => deviceSuite(device, report, env)),
      ...(report.problems.length === 0 ? [] : [problemSuite(report, env)]),
    ];
    const sum = (count: (suite: Suite) => number): number => suites.reduce((all, suite) => all + count(suite), 0);
    const root = element(
      "testsuites",
      {
        name: report.tool.name,
        tests: sum((suite) => suite.cases.length),
        failures: sum((suite) => tally(suite, "failure")),
        errors: sum((suite) => tally(suite, "error")),
      },
      suites.flatMap(suiteElement),
    );
    return [`${[xmlHead, ...root].join("\n")}\n`];
  },
};

interface Suite {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly group: string;
  readonly result:
    | { readonly kind: "passed"; readonly output?: string }
    | { readonly kind: "skipped"; readonly message: string }
    | { readonly kind: "failure" | "error"; readonly type: string; readonly message: string; readonly body: string };
}

function deviceSuite(device: ReportedDevice, report: LintReport, env: FormatEnv): Suite {
  const shown = shownFindings(device, report);
  const failing = shown.filter((one) => isFailing(one, report));
  const clean = device.files.filter(
    ({ path }) => !failing.some((one) => (one.primary?.source.path ?? one.file) === path),
  );
  return {
    name: `${device.name} (${device.vendor.title})`,
    properties: { edge: device.edge, findings: countsText(countFindings(device.findings)) || "none" },
    cases: withOwnNames([
      ...shown.map((one) => findingCase(one, report, env)),
      ...clean.map(({ path }): Case => ({
        name: "nothing that fails the run",
        group: repositoryPath(path, env),
        result: { kind: "passed" },
      })),
    ]),
  };
}

function isFailing(finding: Reported, report: LintReport): boolean {
  return finding.suppressed === undefined && failsRun(finding.severity, report);
}

function findingCase(finding: Reported, report: LintReport, env: FormatEnv): Case {
  const entry = findingEntry(finding);
  const { code, message } = entry;
  const body = entryText(entry);
  const { suppressed } = finding;
  return {
    name: `${code} ${codes[code].name}: ${message}`,
    group: repositoryPath(entry.path!, env),
    result:
      suppressed !== undefined
        ? { kind: "skipped", message: `suppressed ${suppressedText(suppressed)}` }
        : isFailing(finding, report)
          ? { kind: "failure", type: code, message, body }
          : { kind: "passed", output: body },
  };
}

function problemSuite(report: LintReport, env: FormatEnv): Suite {
  return {
    name: "what could not be looked at",
    properties: {},
    cases: withOwnNames(
      problemEntries(report).map((entry): Case => {
        const { code, severity, message, path } = entry;
        return {
          name: `${code} ${codes[code].name}: ${message}`,
          group: path === undefined ? report.tool.name : repositoryPath(path, env),
          result:
            severity === "error"
              ? { kind: "error", type: code, message, body: entryText(entry) }
              : { kind: "passed", output: entryText(entry) },
        };
      }),
    ),
  };
}

/** Two tests of one name in one group would be taken for the same one, run twice. */
function withOwnNames(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const key = JSON.stringify([one.group, one.name]);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}

function tally({ cases }: Suite, kind: Case["result"]["kind"]): number {
  return cases.filter((one) => one.result.kind === kind).length;
}

function suiteElement(suite: Suite): string[] {
  const { name, properties, cases } = suite;
  const given = Object.entries(properties).flatMap(([key, value]) => element("property", { name: key, value }));
  return element(
    "testsuite",
    {
      name,
      tests: cases.length,
      failures: tally(suite, "failure"),
      errors: tally(suite, "error"),
      skipped: tally(suite, "skipped"),
      time: 0,
    },
    [...(given.length === 0 ? [] : element("properties", {}, given)), ...cases.flatMap(caseElement)],
  );
}

function caseElement({ name, group, result }: Case): string[] {
  return element("testcase", { name, classname: group, time: 0 }, resultElement(result));
}

function resultElement(result: Case["result"]): string[] {
  switch (result.kind) {
    case "passed":
      return result.output === undefined ? [] : textElement("system-out", {}, result.output);
    case "skipped":
      return element("skipped", { message: result.message });
    case "failure":
    case "error":
      return textElement(result.kind, { type: result.type, message: result.message }, result.body);
  }
}
