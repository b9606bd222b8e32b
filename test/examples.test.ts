import { expect } from "chai";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../src/commands/run.js";
import { keptIo } from "./support/command.js";

const examples = join(import.meta.dirname, "../examples");
const scenarios = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(examples, entry.name, "policy.yaml")))
  .map((entry) => entry.name);

describe("an example", function () {
  this.timeout(60_000);

  it("exists", () => {
    expect(scenarios).to.include("smb-edge");
  });

  for (const scenario of scenarios) {
    it(`${scenario} has exactly the output that its policy gives`, async () => {
      const io = keptIo(join(examples, scenario));
      if (process.env.UPDATE_FIXTURES === "1" && process.env.CI !== "true")
        await run(["compile", "policy.yaml"], keptIo(io.cwd));
      const exit = await run(["compile", "policy.yaml", "--check", "--today", "2026-11-23"], io);
      expect(exit, io.kept.stderr + io.kept.stdout).to.equal(0);
    });

    it(`${scenario} says in a README what it shows`, () => {
      expect(existsSync(join(examples, scenario, "README.md"))).to.equal(true);
    });
  }
});
