import { expect } from "chai";
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, runLint } from "../../src/commands/lint.js";
import { installedVendors } from "../../src/registry.js";
import type { Ran } from "../support/command.js";
import { folderWith, keptIo, readWords } from "../support/command.js";

const head = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n";
const web = "-A FORWARD -i lan0 -p tcp --dport 80 -j ACCEPT\n";
const limited = "-A FORWARD -i lan0 -p tcp --dport 443 -m limit --limit 3/min -j ACCEPT\n";
const twice = `${head}${web}${web}${limited}COMMIT\n`;
const once = `${head}${web}${limited}COMMIT\n`;

describe("ringwall lint --fix", function () {
  this.timeout(30_000);
  let folder: ReturnType<typeof folderWith>;
  beforeEach(() => (folder = folderWith({ ".git/HEAD": "", "rules.v4": twice, "ringwall.yaml": "family: ipv4\n" })));
  afterEach(() => folder.remove());

  const file = (): string => join(folder.path, "rules.v4");
  const text = (): string => readFileSync(file(), "utf8");
  const lint = async (words: readonly string[], input?: string): Promise<Ran> => {
    const io = keptIo(folder.path, {}, input);
    const line = readWords(command, words);
    if (line.kind !== "run") throw new Error(line.kind);
    return { exit: await runLint(line.given, io, installedVendors()), ...io.kept };
  };

  it("removes what makes no difference, and reports what is left", async () => {
    const { exit, stdout, stderr } = await lint(["--fix"]);
    expect(text()).to.equal(once);
    expect(stderr).to.equal("1 fix made\n");
    expect(stdout).to.contain("1 device: 1 closed; no findings");
    expect(exit).to.equal(0);
  });

  it("leaves no file behind, and keeps the mode", async () => {
    chmodSync(file(), 0o640);
    await lint(["--fix"]);
    expect(readdirSync(folder.path).sort()).to.deep.equal([".git", "ringwall.yaml", "rules.v4"]);
    expect(statSync(file()).mode & 0o777).to.equal(0o640);
  });

  it("keeps the line ends of the file", async () => {
    writeFileSync(file(), twice.replaceAll("\n", "\r\n"));
    await lint(["--fix"]);
    expect(text()).to.equal(once.replaceAll("\n", "\r\n"));
  });

  it("shows the change with --diff, and makes none", async () => {
    const { exit, stdout } = await lint(["--fix", "--diff"]);
    expect(stdout).to.equal(
      `--- a/rules.v4
+++ b/rules.v4
@@ -3,6 +3,5 @@
 :FORWARD DROP [0:0]
 :OUTPUT DROP [0:0]
 ${web}-${web} ${limited} COMMIT
`,
    );
    expect(exit).to.equal(1);
    expect(text()).to.equal(twice);
    writeFileSync(file(), once);
    expect(await lint(["--diff"])).to.deep.equal({ exit: 0, stdout: "", stderr: "" });
  });

  it("shows the change of what comes from standard input, and cannot make it", async () => {
    expect((await lint(["-", "--stdin-name", "x.v4", "--diff"], twice)).stdout).to.contain(`\n-${web}`);
    const { exit, stdout } = await lint(["-", "--stdin-name", "x.v4", "--fix"], twice);
    expect(stdout).to.contain("standard input cannot be mended");
    expect(exit).to.equal(2);
  });

  it("leaves alone what a comment suppresses", async () => {
    writeFileSync(
      file(),
      twice.replace(`${web}${web}`, `${web}# ringwall: ignore[duplicate-rule] for symmetry\n${web}`),
    );
    const before = text();
    await lint(["--fix"]);
    expect(text()).to.equal(before);
  });

  it("does not touch a file that would not stay as it is", async () => {
    writeFileSync(file(), Buffer.from(`# gr\u00fc\u00dfe\n${twice}`, "latin1"));
    const { exit, stdout } = await lint(["--fix"]);
    expect(stdout).to.contain("cannot write rules.v4: it is not plain UTF-8");
    expect(exit).to.equal(2);
  });
});
