import { expect } from "chai";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle, root } from "../../src/build/bundle.js";
import { folderWith } from "../support/command.js";
import { playMicrosoft, text } from "../support/microsoft.js";
import { policy } from "./policies.js";

/** The program as it is installed elsewhere: the build, package.json and the schemas, and no package beside them. */
describe("the built program", function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof folderWith>;
  let cli: string;
  let bin: string;

  before(async () => {
    folder = folderWith({ "work/policy.yaml": policy });
    const installed = join(folder.path, "work/node_modules/ringwall");
    mkdirSync(installed, { recursive: true });
    await bundle(join(installed, "dist"));
    for (const name of ["package.json", "schemas"])
      cpSync(join(root, name), join(installed, name), { recursive: true });
    cli = join(installed, "dist/src/cli.js");
    bin = join(folder.path, "work/node_modules/.bin");
    mkdirSync(bin);
    symlinkSync(cli, join(bin, "ringwall"));
  });
  after(() => folder.remove());

  it("compiles and proves for every vendor", () => {
    expect(ringwall(["init", "all.yaml"]).status).to.equal(0);
    const ran = ringwall(["compile", "all.yaml", "--json"]);
    const report = JSON.parse(ran.stdout) as { targets: { id: string; proof: string }[] };
    expect(ran.status).to.equal(0);
    expect(report.targets.map((one) => [one.id, one.proof])).to.deep.equal(
      readdirSync(join(root, "vendors"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => [entry.name, "proved"]),
    );
  });

  it("tells editors where the schema is", () => {
    const [first] = readFileSync(join(folder.path, "work/all.yaml"), "utf8").split("\n");
    const [, path] = /^# yaml-language-server: \$schema=(.*)$/.exec(first!)!;
    expect(existsSync(join(folder.path, "work", path!))).to.equal(true);
  });

  it("is a library too", () => {
    const file = join(folder.path, "work/program.mjs");
    writeFileSync(
      file,
      `import { compile } from "ringwall";
       const { ok, targets } = await compile(${JSON.stringify(policy)});
       console.log(ok, targets.map((one) => one.proof).join());`,
    );
    expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).to.equal("true proved\n");
  });

  it("ends with 0 done, 1 drift, 2 wrong input", () => {
    expect(ringwall(["compile", "policy.yaml"]).status).to.equal(0);
    expect(ringwall(["compile", "policy.yaml", "--check"]).status).to.equal(0);
    expect(ringwall(["compile", "policy.yaml", "--check", "--out", "elsewhere"]).status).to.equal(1);
    expect(ringwall(["compile", "nowhere.yaml"]).status).to.equal(2);
  });

  it("fetches a feed, through a proxy of the environment", async () => {
    const microsoft = await playMicrosoft();
    try {
      const body = readFileSync(join(root, "examples/feeds/ServiceTags_Public.json"), "utf8");
      // A host that plays a proxy is asked with the whole address.
      microsoft.on("/tags.json", text(body));
      const env = { ...process.env, HTTP_PROXY: microsoft.url, XDG_STATE_HOME: folder.path };
      const words = [cli, "feeds", "update", "azure", "--url", "http://127.0.0.1:9/tags.json"];
      const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: join(folder.path, "work"), env });
      expect(stdout).to.match(/^added {2}azure \(Public\) /);
      expect(readFileSync(join(folder.path, "work/feeds/ServiceTags_Public.json"), "utf8")).to.equal(body);
    } finally {
      await microsoft.close();
    }
  });

  it("does not mind a reader who leaves", () => {
    const shell = `"${process.execPath}" "${cli}" compile policy.yaml --stdout --json | head -c 1; echo " \${PIPESTATUS[0]}"`;
    expect(spawnSync("bash", ["-c", shell], { cwd: join(folder.path, "work"), encoding: "utf8" })).to.deep.include({
      stdout: "{ 0\n",
      stderr: "",
    });
  });

  it("colours on a terminal only, and as NO_COLOR and FORCE_COLOR say", () => {
    const coloured = (env: Record<string, string>) =>
      ringwall(["compile", "nowhere.yaml"], env).stderr.includes("\u001b[");
    expect(coloured({})).to.equal(false);
    expect(coloured({ FORCE_COLOR: "1" })).to.equal(true);
    expect(coloured({ FORCE_COLOR: "0" })).to.equal(false);
    expect(coloured({ NO_COLOR: "1" })).to.equal(false);
  });

  it("says everything in English, wherever it runs, without anything beside it", () => {
    const german = ringwall(["compile", "--help"], { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" });
    expect(german).to.deep.include({ status: 0, stderr: "", stdout: ringwall(["compile", "--help"]).stdout });
    expect(german.stdout).to.contain("Arguments:\n").and.to.contain("Options:\n").and.to.contain("Examples:\n");
    expect(ringwall(["compile", "p", "--taget"], { LANG: "fr_FR" }).stderr).to.contain("did you mean --target?");
  });

  /** Each shell calls the program as its users do, by its name. */
  const completions: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["comp"], ["compile", "completion"]],
    [
      ["compile", "--"],
      ["--target", "--out", "--check", "--stdout", "--today", "--json", "--no-proof", "--help"],
    ],
    [["compile", "--st"], ["--stdout"]],
    [["explain", "p", "--direction", "in"], ["inbound"]],
    [["compile", "p", "--target", "nf"], ["nftables"]],
    [["completion", "z"], ["zsh"]],
    [["fee"], ["feeds"]],
    [
      ["feeds", ""],
      ["update", "show", "lookup", "diff"],
    ],
    [["feeds", "sh"], ["show"]],
    [["feeds", "show", "--fo"], ["--format"]],
    [["exceptions", "az"], ["azure"]],
    [["exceptions", "po"], ["(files)"]],
    [["exceptions", "azure", "--format", "nft"], ["nft-set"]],
    [["compile", ""], ["(files)"]],
    [["compile", "po"], ["(files)"]],
    [["compile", "p", "--out", ""], ["(files)"]],
    [["compile", "p", "--today", ""], ["(files)"]],
  ];
  for (const [words, offered] of completions) {
    it(`completes in bash: ringwall ${words.join(" ")}`, () => {
      const { stdout: script } = ringwall(["completion", "bash"]);
      expect(script).to.match(/^complete -o bashdefault -o default -F _ringwall_yargs_completions ringwall$/m);
      const typed = ["ringwall", ...words].map((word) => `'${word}'`).join(" ");
      const printed = inShell("bash", [
        script,
        `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _ringwall_yargs_completions`,
        `printf '%s\\n' "\${COMPREPLY[@]:-(files)}"`,
      ]);
      expect(printed).to.deep.equal(offered);
    });

    it(`completes in zsh: ringwall ${words.join(" ")}`, function () {
      if (spawnSync("zsh", ["--version"]).status !== 0) this.skip();
      const { stdout: script } = ringwall(["completion"], { SHELL: "/usr/bin/zsh" });
      const typed = ["ringwall", ...words].map((word) => `'${word}'`).join(" ");
      const printed = inShell("zsh", [
        "compdef() { :; }; _describe() { print -l -- $reply; }; _default() { print -- '(files)'; }",
        script,
        `words=(${typed}); CURRENT=${words.length + 1}; _ringwall_yargs_completions`,
      ]);
      // zsh chooses among what it is offered, and shows what stands behind the colon.
      const last = words.at(-1)!;
      expect(
        printed.map((line) => line.replace(/:.*/, "")).filter((word) => word.startsWith(last) || word === "(files)"),
      ).to.deep.equal(offered);
      if (last.startsWith("--")) expect(printed[0]).to.match(/^--[a-z-]+:\S/);
    });
  }

  it("hands on the licences of what it contains", () => {
    const text = readFileSync(join(cli, "../../THIRD-PARTY.txt"), "utf8");
    for (const name of ["yaml", "yargs", "yargs-parser", "y18n", "cliui", "handlebars", "ipaddr.js", "picocolors"])
      expect(text).to.match(new RegExp(`^${name} \\d`, "m"));
  });

  function inShell(shell: "bash" | "zsh", lines: readonly string[]): string[] {
    const options = shell === "bash" ? ["--norc"] : ["-f"];
    // The shell that people log in with need not be the one that they type in.
    const env = { PATH: `${bin}:${process.env["PATH"]!}`, SHELL: shell === "bash" ? "/usr/bin/zsh" : "/bin/bash" };
    const text = execFileSync(shell, [...options, "-c", lines.join("\n")], { env, encoding: "utf8" });
    return text.trimEnd().split("\n");
  }

  function ringwall(words: readonly string[], env: Record<string, string> = {}) {
    const { PATH } = process.env;
    return spawnSync(process.execPath, [cli, ...words], {
      cwd: join(folder.path, "work"),
      env: { PATH, ...env },
      encoding: "utf8",
    });
  }
});

describe("the package", () => {
  it("holds the program, its types, schemas, examples and documentation, and nothing of the workshop", function () {
    this.timeout(60_000);
    const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [{ files }] = JSON.parse(listing) as [{ files: { path: string }[] }];
    const paths = files.map((file) => file.path);
    expect(paths).to.include.members([
      "package.json",
      "LICENSE",
      "README.md",
      "schemas/policy.schema.json",
      "docs/commands.md",
    ]);
    expect(paths.filter((path) => /^(src|test|bench|vendors|node_modules|\.)/.test(path))).to.deep.equal([]);
  });
});
