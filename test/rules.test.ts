import { expect } from "chai";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../src/build/generated-files.js";
import { rulePages } from "../src/build/rule-pages.js";
import { codes } from "../src/diagnostics/index.js";
import { allRules } from "../src/lint/all-rules.js";
import { jsonRule } from "../src/report/lint/index.js";
import { command } from "../src/commands/rules.js";
import { runWith } from "./support/command.js";

describe("the pages of the linter's rules", function () {
  this.timeout(30_000);
  let pages: Readonly<Record<string, string>>;
  before(async () => {
    pages = await rulePages();
  });

  it("are current (run `npm run generate`)", () => {
    for (const [path, text] of Object.entries(pages)) {
      const file = join(repository, path);
      expect(existsSync(file), path).to.equal(true);
      expect(readFileSync(file, "utf8") === text, `${path} is out of date`).to.equal(true);
    }
  });

  it("are those of rules that there are", () => {
    const found = readdirSync(join(repository, "docs/rules")).map((name) => `docs/rules/${name}`);
    expect(found.filter((path) => !Object.hasOwn(pages, path))).to.deep.equal([]);
  });

  it("stand in the README, each once", () => {
    const readme = readFileSync(join(repository, "README.md"), "utf8");
    for (const { code } of allRules) {
      expect(readme.split(`(docs/rules/${code}-${codes[code].name}.md)`), code).to.have.lengthOf(2);
    }
  });
});

describe("the documentation of a rule", () => {
  for (const rule of allRules) {
    it(`of ${rule.code} has words for everything, and an example that is not the same as it should be`, () => {
      const { what, why, example, instead, howToFix } = jsonRule(rule).docs;
      for (const words of [what, why, howToFix]) expect(words).to.match(/^["`A-Z].*[.:`]$/s);
      expect(example.trim()).not.to.equal("");
      expect(instead.trim()).not.to.equal(example.trim());
    });
  }

  it("is of one rule a code", () => {
    expect(new Set(allRules.map((rule) => rule.code)).size).to.equal(allRules.length);
  });
});

describe("ringwall rules", () => {
  const rules = (...words: readonly string[]) => runWith(command, words, ".", (given, io) => command.run(given, io));

  it("lists every rule with its severity", async () => {
    const { exit, stdout } = await rules();
    expect(exit).to.equal(0);
    for (const { code, severity } of allRules) {
      expect(stdout).to.match(new RegExp(`^  ${code}  ${codes[code].name} +${severity} +\\S`, "m"));
    }
  });

  it("shows the page of one, by code or name, in any case of letters", async () => {
    const { exit, stdout } = await rules("RW4001");
    expect(exit).to.equal(0);
    expect(stdout).to.match(/^RW4001 denied-traffic-passes \(policy, error\)\n/);
    for (const heading of ["Why it matters", "Example", "Use instead", "How to fix it"])
      expect(stdout).to.contain(heading);
    for (const name of ["rw4001", "denied-traffic-passes", "DENIED-traffic-passes"]) {
      expect((await rules(name)).stdout).to.equal(stdout);
    }
  });

  it("fits the terminal, but for code", async () => {
    for (const line of (await rules()).stdout.split("\n")) expect(line.length, line).to.be.at.most(100);
    for (const { code } of allRules) {
      const prose = (await rules(code)).stdout.split("\n").filter((line) => !line.startsWith("    "));
      expect(Math.max(...prose.map((line) => line.length)), code).to.be.at.most(100);
    }
  });

  it("gives the same as JSON", async () => {
    const all = JSON.parse((await rules("--json")).stdout) as { rules: { code: string }[] };
    expect(all.rules.map((rule) => rule.code)).to.deep.equal(allRules.map((rule) => rule.code));
    const one = JSON.parse((await rules("RW4031", "--json")).stdout) as { rules: { code: string }[] };
    expect(one.rules.map((rule) => rule.code)).to.deep.equal(["RW4031"]);
  });

  it("refuses a rule that there is not, with the nearest that there is", async () => {
    const { exit, stdout, stderr } = await rules("RW4999");
    expect([exit, stdout]).to.deep.equal([2, ""]);
    expect(stderr).to.contain('there is no rule "RW4999"');
    expect((await rules("redundant-rul")).stderr).to.contain('did you mean "redundant-rule"');
  });
});
