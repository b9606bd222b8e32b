import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command as compileCommand, runCompile } from "../../src/commands/compile.js";
import { command, runInit } from "../../src/commands/init.js";
import { installedVendors } from "../../src/registry.js";
import type { Ran } from "../support/command.js";
import { folderWith, runWith } from "../support/command.js";

describe("ringwall init", () => {
  let folder: ReturnType<typeof folderWith>;
  beforeEach(() => (folder = folderWith({})));
  afterEach(() => folder.remove());

  it("writes a policy that compiles for every vendor as it stands, without an error", async () => {
    expect((await init()).exit).to.equal(0);
    const ran = await runWith(compileCommand, ["policy.yaml"], folder.path, (given, io) =>
      runCompile(given, io, installedVendors()),
    );
    expect(ran.exit, ran.stderr).to.equal(0);
    expect(ran.stdout).to.contain(`all ${installedVendors().ids.length} targets proved equal to the policy`);
  });

  for (const id of installedVendors().ids) {
    it(`writes a policy for ${id} alone, with the options of its manifest`, async () => {
      await init("one.yaml", "--vendor", id);
      const text = readFileSync(join(folder.path, "one.yaml"), "utf8");
      expect(text.match(/^ {2}[a-z-]+:$/gm)!.at(-1)).to.equal(`  ${id}:`);
      expect(text).to.contain("name: one\n");
    });
  }

  it("writes a policy for hosts that compiles as it stands, for the targets that have something for them", async () => {
    expect((await init("hosts.yaml", "--preset", "smb-hosts")).exit).to.equal(0);
    const text = readFileSync(join(folder.path, "hosts.yaml"), "utf8");
    expect(text.match(/^ {2}[a-z-]+:$/gm)!.at(-1)).to.equal("  windows-defender:");
    const ran = await runWith(compileCommand, ["hosts.yaml"], folder.path, (given, io) =>
      runCompile(given, io, installedVendors()),
    );
    expect(ran.exit, ran.stderr).to.equal(0);
    expect(ran.stderr).to.not.contain("error");
  });

  it("warns of roles of hosts when no target writes anything for them", async () => {
    await init("hosts.yaml", "--preset", "smb-hosts", "--vendor", "nftables");
    const ran = await runWith(compileCommand, ["hosts.yaml"], folder.path, (given, io) =>
      runCompile(given, io, installedVendors()),
    );
    expect(ran.exit, ran.stderr).to.equal(0);
    expect(ran.stderr).to.contain("its targets (nftables) write nothing for them [RW2016]");
  });

  it("keeps a file that is there, unless --force is given", async () => {
    writeFileSync(join(folder.path, "policy.yaml"), "mine\n");
    const ran = await init();
    expect([ran.exit, ran.stderr]).to.deep.equal([
      2,
      "error: policy.yaml is there already [RW1009]\n = help: name another file, or overwrite it with --force\n",
    ]);
    expect(readFileSync(join(folder.path, "policy.yaml"), "utf8")).to.equal("mine\n");
    expect((await init("--force")).exit).to.equal(0);
  });

  it("makes the folder that it is to write to", async () => {
    expect((await init("edge/one/policy.yaml")).stdout).to.contain("edge/one/policy.yaml is written.");
    expect(readFileSync(join(folder.path, "edge/one/policy.yaml"), "utf8")).to.contain("name: one\n");
  });

  it("refuses a vendor that there is not, with the nearest name", async () => {
    const ran = await init("--vendor", `${installedVendors().ids[0]!}x`);
    expect(ran.exit).to.equal(2);
    expect(ran.stderr).to.contain(`did you mean "${installedVendors().ids[0]!}"?`);
  });

  function init(...words: readonly string[]): Promise<Ran> {
    return runWith(command, words, folder.path, (given, io) => runInit(given, io, installedVendors()));
  }
});
