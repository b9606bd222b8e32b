import { Ajv } from "ajv";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { spanLabel } from "../../src/diagnostics/index.js";
import { matchesGlob } from "../../src/jobs/glob.js";
import {
  deviceKeys,
  isIncluded,
  readRepositorySettings,
  settingsFor,
  settingsKeys,
} from "../../src/jobs/repository-settings.js";
import { renderDiagnostics } from "../../src/report/index.js";

const root = join(import.meta.dirname, "../..");

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

describe("a repository's ringwall.yaml", () => {
  it("says which interfaces of which files are outside and inside", () => {
    const { settings, diagnostics } = read(`
devices:
  - { files: edge1, outside: wan0, inside: [lan0, dmz0] }
  - { files: ["edge2/*.conf", edge3/**], vendor: paper, outside: [a, b] }
`);
    expect(diagnostics).to.deep.equal([]);
    expect(settingsFor(settings, "edge1/rules.v4")?.sides).to.deep.equal({
      outside: ["wan0"],
      inside: ["lan0", "dmz0"],
    });
    expect(settingsFor(settings, "edge2/running.conf")?.vendor).to.equal("paper");
    expect(settingsFor(settings, "edge2/old/running.conf")).to.equal(undefined);
    expect(settingsFor(settings, "elsewhere.conf")).to.equal(undefined);
  });

  it("says what to look at, against which policy, how much each rule weighs, and when a run fails", () => {
    const { settings, diagnostics } = read(`
policy: edge/policy.yaml
include: [edge/**, "*.conf"]
exclude: edge/old
devices:
  - { files: host.rules, name: web1, hooks: [output, input] }
family: ipv4
severities: { RW4031: off, permit-any-any: error }
fail-on: never
baseline: accepted.json
`);
    expect(diagnostics).to.deep.equal([]);
    expect(settings.policy?.text).to.equal("edge/policy.yaml");
    expect(settings.baseline?.text).to.equal("accepted.json");
    expect(settings.families).to.deep.equal(["ipv4"]);
    expect(settings.failOn).to.equal("never");
    expect([...settings.severities]).to.deep.equal([
      ["RW4031", "off"],
      ["RW4038", "error"],
    ]);
    expect(settings.devices[0]).to.deep.include({ name: "web1", hooks: ["input", "output"] });
    expect(
      ["edge/a", "edge/old/a", "b.conf", "other/b.conf"].filter((path) => isIncluded(settings, path)),
    ).to.deep.equal(["edge/a", "b.conf"]);
  });

  it("may be empty", () => {
    expect(read("").diagnostics).to.deep.equal([]);
    expect(read("# nothing yet\n").diagnostics).to.deep.equal([]);
    expect(read("policy:\n").diagnostics).to.deep.equal([]);
  });

  it("points at a key, a value and a rule that there is not, with the nearest that there is", () => {
    const { diagnostics } = read(
      "polcy: a.yaml\nfail-on: warnings\nseverities:\n  shadowed-rules: off\n  RW4031: fatal\n  RW2001: off\ndevices: edge1\n",
    );
    expect(diagnostics.map(({ primary, message }) => `${spanLabel(primary!)}: ${message}`)).to.deep.equal([
      'ringwall.yaml:1:1: ringwall.yaml has no key "polcy" (did you mean "policy"?)',
      'ringwall.yaml:2:10: `fail-on` cannot be "warnings" (did you mean "warning"?)',
      "ringwall.yaml:7:10: `devices` is a list",
      'ringwall.yaml:4:3: there is no rule "shadowed-rules" (did you mean "shadowed-rule"?)',
      'ringwall.yaml:5:11: `RW4031` cannot be "fatal"',
      "ringwall.yaml:6:3: RW2001 is no rule of the linter, so that it has no severity of its own",
    ]);
  });

  it("has the keys of its JSON Schema, and only those", () => {
    const schema = JSON.parse(readFileSync(join(root, "schemas/ringwall.schema.json"), "utf8")) as Schema;
    expect(Object.keys(schema.properties)).to.deep.equal(settingsKeys);
    expect(Object.keys(schema.properties["devices"]!.items!.properties)).to.deep.equal(deviceKeys);
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
    expect(validate({ devices: [{ files: "a", outside: ["wan0"] }], severities: { RW4031: "off" } })).to.equal(true);
    expect(validate({ devices: [{ outside: ["wan0"] }] })).to.equal(false);
    expect(validate({ policy: 7 })).to.equal(false);
  });

  it("is told what is wrong with it, all at once", () => {
    const { diagnostics } = read("devices:\n  - { file: a, outside: 7 }\n  - text\n");
    expect(renderDiagnostics(diagnostics)).to.contain('a device has no key "file" (did you mean "files"?)');
    expect(diagnostics.map((one) => one.message)).to.deep.equal([
      'a device has no key "file" (did you mean "files"?)',
      "a device needs `files`",
      "`outside` is a text or a list of texts",
      "a device is a mapping with `files`, `outside` and `inside`",
    ]);
  });
});

describe("a pattern of paths", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a.conf", "a.conf", true],
    ["a.conf", "axconf", false],
    ["a.conf", "b/a.conf", false],
    ["./a.conf", "a.conf", true],
    ["edge", "edge/one/a.conf", true],
    ["edge/", "edge/a.conf", true],
    ["edge", "edgewise/a.conf", false],
    ["*.conf", "a.conf", true],
    ["*.conf", "b/a.conf", false],
    ["**/*.conf", "a.conf", true],
    ["**/*.conf", "b/c/a.conf", true],
    ["edge/**", "edge/a/b", true],
    ["edge?/a", "edge1/a", true],
    ["edge?/a", "edge/a", false],
    ["[a]+.conf", "[a]+.conf", true],
  ];
  for (const [pattern, path, expected] of cases) {
    it(`${pattern} ${expected ? "means" : "does not mean"} ${path}`, () => {
      expect(matchesGlob(pattern, path)).to.equal(expected);
    });
  }
});

function read(text: string) {
  return readRepositorySettings({ path: "ringwall.yaml", text });
}
