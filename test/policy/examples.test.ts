import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect } from "chai";
import { repository } from "../../src/build/generated-files.js";
import { readPolicy, resolvePolicy } from "../../src/policy/index.js";
import { feedFile } from "../feeds/samples.js";

describe("the policy of each example", () => {
  const files = readdirSync(join(repository, "examples"))
    .map((name) => join(repository, "examples", name, "policy.yaml"))
    .filter((file) => existsSync(file));

  for (const file of files) {
    it(`${basename(dirname(file))} is right, and has no warning`, () => {
      const { policy, diagnostics } = readPolicy({ path: file, text: readFileSync(file, "utf8") });
      expect(diagnostics).to.deep.equal([]);
      const feeds = new Map([...policy!.feeds].map(([name, feed]) => [name, feedFile(join(dirname(file), feed.file))]));
      const { edge, diagnostics: found } = resolvePolicy(policy!, { feeds, today: "2026-11-23" });
      expect(found.filter((one) => one.severity !== "note").map((one) => one.message)).to.deep.equal([]);
      expect(edge?.name).to.equal(basename(dirname(file)));
    });
  }
});
