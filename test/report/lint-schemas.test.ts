import { Ajv } from "ajv";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { SaxesParser } from "saxes";
import type { LintReport } from "../../src/report/lint/index.js";
import { formats } from "../../src/report/lint/index.js";
import { env, fullReport } from "../support/lint-report.js";
import { hostileReport } from "../support/hostile-report.js";

const ours = new URL("../../schemas/", import.meta.url);
const others = new URL("../support/schemas/", import.meta.url);

interface ElementRules {
  readonly parents: readonly string[];
  readonly required: readonly string[];
  readonly allowed?: readonly string[];
}

/** Source: junit-10.xsd of Jenkins' xUnit plugin, as far as we use it. */
const junitElements: Readonly<Record<string, ElementRules>> = {
  testsuites: { parents: [""], required: [], allowed: ["name", "time", "tests", "failures", "errors"] },
  testsuite: {
    parents: ["testsuites"],
    required: ["name", "tests", "failures", "errors"],
    allowed: ["time", "skipped", "timestamp", "hostname", "id", "package", "file"],
  },
  properties: { parents: ["testsuite"], required: [] },
  property: { parents: ["properties"], required: ["name", "value"] },
  testcase: { parents: ["testsuite"], required: ["name"], allowed: ["time", "classname", "group"] },
  skipped: { parents: ["testcase"], required: [], allowed: ["type", "message"] },
  error: { parents: ["testcase"], required: [], allowed: ["type", "message"] },
  failure: { parents: ["testcase"], required: [], allowed: ["type", "message"] },
  "system-out": { parents: ["testcase"], required: [] },
};

/** Source: what Checkstyle's XMLLogger writes. */
const checkstyleElements: Readonly<Record<string, ElementRules>> = {
  checkstyle: { parents: [""], required: ["version"] },
  file: { parents: ["checkstyle"], required: ["name"] },
  error: { parents: ["file"], required: ["line", "severity", "message", "source"], allowed: ["column"] },
};

describe("a lint report is valid", () => {
  const nothing: LintReport = { ...fullReport(), devices: [], problems: [], rules: [] };
  const reports: readonly (readonly [string, LintReport])[] = [
    ["with everything", fullReport()],
    ["with suppressed findings", { ...fullReport(), showSuppressed: true }],
    ["without anything", nothing],
    ["with hostile text", hostileReport()],
  ];

  // A pattern of the SARIF schema is none with the flag u.
  const ajv = new Ajv({
    allErrors: true,
    unicodeRegExp: false,
    formats: { uri: isUri, "uri-reference": isUriReference, "date-time": true },
  });
  for (const name of ["diagnostic", "lint-report"]) ajv.addSchema(schemaAt(ours, `${name}.schema.json`));
  ajv.addSchema(schemaAt(others, "rdjson.schema.json"), "rdjson");
  ajv.addSchema(schemaAt(others, "gitlab-code-quality.schema.json"), "gitlab");
  ajv.addSchema(draft7(schemaAt(others, "sarif-2.1.0.json")), "sarif");

  for (const [format, schema] of [
    ["json", "lint-report.schema.json"],
    ["sarif", "sarif"],
    ["rdjson", "rdjson"],
    ["gitlab", "gitlab"],
  ] as const) {
    for (const [name, report] of reports) {
      it(`${format}, ${name}`, () => {
        const value = JSON.parse(written(format, report)) as unknown;
        expect(ajv.validate(schema, value), JSON.stringify(ajv.errors, null, 2)).to.equal(true);
      });
    }

    it(`${format}, and the schema would tell if it were not`, () => {
      const torn = JSON.parse(
        written(format, fullReport()).replace('"message":', '"massage":').replace('"description":', '"decription":'),
      ) as unknown;
      expect(ajv.validate(schema, torn)).to.equal(false);
    });
  }

  for (const [format, schema] of [
    ["junit", junitElements],
    ["checkstyle", checkstyleElements],
  ] as const) {
    for (const [name, report] of reports) {
      it(`${format}, ${name}`, () => {
        expect(misplaced(written(format, report), schema)).to.deep.equal([]);
      });
    }
  }

  it("junit, with numbers that are right", () => {
    const xml = written("junit", hostileReport());
    const [, root = "", ...suites] = xml.split(/<testsuites? /);
    const sum = (pattern: RegExp, of: readonly string[]): number =>
      of.reduce((all, text) => all + Number(pattern.exec(text)![1]), 0);
    for (const [attribute, element] of [
      ["tests", "testcase"],
      ["failures", "failure"],
      ["errors", "error"],
    ] as const) {
      const pattern = new RegExp(` ?${attribute}="(\\d+)"`);
      expect(sum(pattern, [root])).to.equal(sum(pattern, suites));
      for (const suite of suites)
        expect(Number(pattern.exec(suite)![1])).to.equal(suite.split(`<${element} `).length - 1);
    }
  });

  it("junit, without two tests of one name", () => {
    for (const suite of written("junit", hostileReport()).split("<testsuite ")) {
      const names = suite.match(/<testcase name="[^"]*" classname="[^"]*"/g) ?? [];
      expect(new Set(names).size).to.equal(names.length);
    }
  });

  it("gitlab, with fingerprints of which no two are equal", () => {
    const issues = JSON.parse(written("gitlab", fullReport())) as { fingerprint: string }[];
    expect(new Set(issues.map((one) => one.fingerprint)).size).to.equal(issues.length);
  });
});

/** What stands where it may not, or lacks something. */
function misplaced(xml: string, rules: Readonly<Record<string, ElementRules>>): string[] {
  const wrong: string[] = [];
  const open = [""];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    const rule = rules[name];
    const given = Object.keys(attributes);
    if (rule?.parents.includes(open.at(-1)!) !== true) wrong.push(`${name} in ${open.at(-1)!}`);
    for (const key of rule?.required ?? []) if (!given.includes(key)) wrong.push(`${name} without ${key}`);
    for (const key of given)
      if (![...(rule?.required ?? []), ...(rule?.allowed ?? [])].includes(key)) wrong.push(`${name} with ${key}`);
    open.push(name);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("error", (error) => void wrong.push(error.message));
  parser.write(xml).close();
  return wrong;
}

function schemaAt(folder: URL, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Record<string, unknown>;
}

/** The schema of SARIF is of draft 4, of which ajv knows all words that it uses but `id`. */
function draft7(schema: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "id" && key !== "$schema"));
}

function isUri(text: string): boolean {
  return URL.canParse(text);
}

/** Source: RFC 3986 appendix A; whatever is no letter of an address has to be percent-encoded. */
function isUriReference(text: string): boolean {
  return URL.canParse(text, "https://example.org/") && /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})*$/.test(text);
}

function written(name: string, report: LintReport): string {
  return formats.find((format) => format.name === name)!.write(report, env)[0]!;
}
