import { Ajv } from "ajv";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import type { LintReport } from "../../src/report/lint/index.js";
import { formats } from "../../src/report/lint/index.js";
import { env, fullReport } from "../support/lint-report.js";
import { hostileReport } from "../support/hostile-report.js";

const ours = new URL("../../schemas/", import.meta.url);
const others = new URL("../support/schemas/", import.meta.url);

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

  it("gitlab, with fingerprints of which no two are equal", () => {
    const issues = JSON.parse(written("gitlab", fullReport())) as { fingerprint: string }[];
    expect(new Set(issues.map((one) => one.fingerprint)).size).to.equal(issues.length);
  });
});

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
