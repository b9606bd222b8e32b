import { Ajv } from "ajv";
import { expect } from "chai";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command as compileCommand, runCompile } from "../../src/commands/compile.js";
import { command as diffCommand, runDiff } from "../../src/commands/diff.js";
import { command as explainCommand, runExplain } from "../../src/commands/explain.js";
import { command as rulesCommand } from "../../src/commands/rules.js";
import { command as feedsUpdateCommand, runFeedsUpdate } from "../../src/commands/feeds-update.js";
import { command as vendorsCommand } from "../../src/commands/vendors.js";
import type { Command, Given } from "../../src/commands/command.js";
import type { Io } from "../../src/commands/io.js";
import { folderWith, runWith } from "../support/command.js";
import { fakeRegistry, fakeVendor } from "../support/fake-vendor.js";
import { serviceTags } from "../support/microsoft.js";
import { paper, paperOf, policy } from "./policies.js";

const schemas = new URL("../../schemas/", import.meta.url);

describe("JSON reports have the shape of their schemas", () => {
  let folder: ReturnType<typeof folderWith>;
  const ajv = new Ajv({ allErrors: true });
  const registry = fakeRegistry(fakeVendor("nftables"));

  before(() => {
    for (const name of readdirSync(schemas)) {
      if (/-report\.schema\.json$|^diagnostic\./.test(name)) {
        ajv.addSchema(JSON.parse(readFileSync(new URL(name, schemas), "utf8")) as object);
      }
    }
    folder = folderWith({
      "policy.yaml": policy,
      "edge.paper": paper,
      "wider.paper": paperOf(policy.replace("tcp/445", "tcp/446")),
      "locked/.git": "",
      "locked/tags.json": serviceTags(10),
      "bad.yaml": policy.replace("deny: smb", "deny: smbb\n    deni: smb"),
    });
    writeFileSync(join(folder.path, "torn.paper"), `${paper}\nscribble\n`);
  });
  after(() => folder.remove());

  const packet = ["--packet", "tcp 10.20.1.5 > 20.60.26.4:445", "--direction", "outbound"];
  const compile = (given: Given, io: Io) => runCompile(given, io, registry);
  const explain = (given: Given, io: Io) => runExplain(given, io, registry);
  const diff = (given: Given, io: Io) => runDiff(given, io, registry);
  const world = { timeouts: { connect: 1, idle: 1, total: 1 }, wait: () => Promise.resolve(), random: () => 0 };
  const update = (given: Given, io: Io) => runFeedsUpdate(given, { ...io, cwd: join(io.cwd, "locked") }, world);
  const vendors = (given: Given, io: Io) => vendorsCommand.run(given, io);

  const cases: readonly (readonly [string, Command, typeof compile, string, readonly string[]])[] = [
    ["a compile", compileCommand, compile, "compile-report", ["policy.yaml"]],
    ["a check", compileCommand, compile, "compile-report", ["policy.yaml", "--check", "--out", "nowhere"]],
    ["a compile to standard output", compileCommand, compile, "compile-report", ["policy.yaml", "--stdout"]],
    ["a compile that failed", compileCommand, compile, "compile-report", ["bad.yaml"]],
    ["a policy's explanation", explainCommand, explain, "explain-report", ["policy.yaml", ...packet]],
    ["a configuration's explanation", explainCommand, explain, "explain-report", ["edge.paper", ...packet]],
    ["an explanation that cannot tell", explainCommand, explain, "explain-report", ["torn.paper", ...packet]],
    ["equal sides", diffCommand, diff, "diff-report", ["policy.yaml", "edge.paper"]],
    ["different sides", diffCommand, diff, "diff-report", ["policy.yaml", "wider.paper"]],
    ["sides of which nobody says what is outside", diffCommand, diff, "diff-report", ["edge.paper", "wider.paper"]],
    ["undecided sides", diffCommand, diff, "diff-report", ["edge.paper", "torn.paper"]],
    ["the rules", rulesCommand, (given, io) => rulesCommand.run(given, io), "rules-report", []],
    ["a feed that is new", feedsUpdateCommand, update, "feeds-update-report", ["azure", "--file", "tags.json"]],
    ["locked feeds", feedsUpdateCommand, update, "feeds-update-report", ["--frozen"]],
    ["a feed that is none", feedsUpdateCommand, update, "feeds-update-report", ["azure", "--file", ".git"]],
    ["the vendors", vendorsCommand, vendors, "vendors-report", []],
  ];
  for (const [name, command, run, schema, words] of cases) {
    it(name, async () => {
      const { stdout, stderr } = await runWith(command, [...words, "--json"], folder.path, run);
      const valid = ajv.validate(`${schema}.schema.json`, JSON.parse(stdout));
      expect(valid, JSON.stringify(ajv.errors, null, 2)).to.equal(true);
      expect(stderr).to.equal("");
    });
  }
});
