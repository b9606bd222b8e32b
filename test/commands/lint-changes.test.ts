import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, runLint } from "../../src/commands/lint.js";
import { installedVendors } from "../../src/registry.js";
import type { Ran } from "../support/command.js";
import { folderWith, keptIo, readWords } from "../support/command.js";
import { closed, open } from "./lint-texts.js";

describe("ringwall lint --changed-since", function () {
  this.timeout(30_000);
  let folder: ReturnType<typeof folderWith>;
  beforeEach(() => {
    folder = folderWith({
      "ringwall.yaml": "family: ipv4\n",
      "old.rules": open(),
      "two words/ä.rules": closed(),
    });
    git("init", "-q", "-b", "main");
    commit("first");
  });
  afterEach(() => folder.remove());

  const git = (...words: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], {
      cwd: folder.path,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const commit = (message: string): void => {
    git("add", "-A");
    git("commit", "-q", "--no-gpg-sign", "-m", message);
  };
  const write = (file: string, text: string): void => writeFileSync(join(folder.path, file), text);
  const lint = async (...words: readonly string[]): Promise<Ran> => {
    const io = keptIo(folder.path);
    const line = readWords(command, ["--format", "concise", ...words]);
    if (line.kind !== "run") throw new Error(line.kind);
    return { exit: await runLint(line.given, io, installedVendors()), ...io.kept };
  };
  const filesIn = ({ stdout }: Ran): string[] => [...new Set(stdout.match(/^[^:\n]+(?=:\d)/gm) ?? [])];

  it("reports nothing where nothing changed, though all is looked at", async () => {
    const ran = await lint("--changed-since", "HEAD");
    expect(filesIn(ran)).to.deep.equal([]);
    expect(ran.exit).to.equal(0);
    expect((await lint()).exit).to.equal(1);
  });

  it("reports what a change brings, committed or not, and not what was there", async () => {
    write("two words/ä.rules", open());
    expect(filesIn(await lint("--changed-since", "HEAD"))).to.deep.equal(["two words/ä.rules"]);
    commit("second");
    expect(filesIn(await lint("--changed-since", "HEAD"))).to.deep.equal([]);
    expect(filesIn(await lint("--changed-since", "HEAD~1"))).to.deep.equal(["two words/ä.rules"]);
  });

  it("reports what a removed line lets through, though no line that is left has changed", async () => {
    write("two words/ä.rules", `${closed().replace("FORWARD DROP", "FORWARD ACCEPT")}`);
    commit("wide open, on purpose");
    const rule = "-A FORWARD -p tcp --dport 80 -j ACCEPT\n";
    write("two words/ä.rules", closed().replace("FORWARD DROP", "FORWARD ACCEPT").replace(rule, ""));
    const ran = await lint("--changed-since", "HEAD");
    expect(ran.stdout).to.match(/RW4001/);
    expect(ran.exit).to.equal(1);
  });

  it("reports what another policy brings in files that stayed as they were", async () => {
    const policy = (port: number): string =>
      `version: 1\nname: p\nservices: { s: tcp/${port} }\nrules:\n  - { name: no-s, deny: s, direction: both }\n`;
    write("policy.yaml", policy(21));
    write("ringwall.yaml", "family: ipv4\npolicy: policy.yaml\n");
    commit("a policy");
    expect(filesIn(await lint("--changed-since", "HEAD"))).to.deep.equal([]);
    write("policy.yaml", policy(80));
    expect(filesIn(await lint("--changed-since", "HEAD"))).to.deep.equal(["two words/ä.rules"]);
  });

  it("takes files that Git does not know for new, and those that were renamed for what they were", async () => {
    write("new.rules", open());
    renameSync(join(folder.path, "old.rules"), join(folder.path, "moved.rules"));
    git("add", "old.rules", "moved.rules");
    expect(filesIn(await lint("--changed-since", "HEAD"))).to.deep.equal(["new.rules"]);
  });

  it("compares with where the branch left, not with what came there since", async () => {
    git("checkout", "-q", "-b", "work");
    write("two words/ä.rules", open());
    commit("work");
    git("checkout", "-q", "main");
    write("old.rules", closed());
    commit("main goes on");
    git("checkout", "-q", "work");
    expect(filesIn(await lint("--changed-since", "main"))).to.deep.equal(["two words/ä.rules"]);
  });

  it("says what is wrong with a revision", async () => {
    const said = async (revision: string): Promise<string> => {
      const { exit, stdout } = await lint(`--changed-since=${revision}`);
      expect(exit).to.equal(2);
      return stdout;
    };
    expect(await said("no-such-branch")).to.contain('RW1013 Git knows no revision "no-such-branch" here');
    expect(await said("--output=x")).to.contain("is no revision");
    expect(await said("HEAD^{tree}")).to.contain("Git knows no revision");
  });

  it("says that there is no repository", async () => {
    const { rmSync } = await import("node:fs");
    rmSync(join(folder.path, ".git"), { recursive: true });
    const { exit, stdout } = await lint("--changed-since", "HEAD");
    expect(stdout).to.contain("--changed-since asks Git, and this is no repository of it");
    expect(exit).to.equal(2);
  });
});
