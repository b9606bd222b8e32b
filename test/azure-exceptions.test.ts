import { expect } from "chai";
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { bundle, root } from "../src/build/bundle.js";
import { folderWith } from "./support/command.js";
import type { Microsoft } from "./support/microsoft.js";
import { page, playMicrosoft, status, text } from "./support/microsoft.js";

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly if?: string;
}

/**
 * Runs what the jobs of examples/azure-exceptions run, as they run it: in a repository of its own that has a remote, with
 * the built program, against pages on this machine. `gh` is played by a script that writes down how it is called.
 */
describe("the jobs of examples/azure-exceptions", function () {
  this.timeout(60_000);
  const feed = readFileSync(join(root, "examples/azure-exceptions/feeds/ServiceTags_Public.json"), "utf8");
  const newer = feed
    .replace('"changeNumber": 12,', '"changeNumber": 13,')
    .replaceAll("198.18.48.0/21", "198.18.48.0/22");
  const details = "/download/details.aspx";
  let program: ReturnType<typeof folderWith>;
  let microsoft: Microsoft;
  let folder: ReturnType<typeof folderWith>;
  let repository: string;

  before(async () => {
    program = folderWith({});
    const installed = join(program.path, "ringwall");
    await bundle(join(installed, "dist"));
    for (const name of ["package.json", "schemas"])
      cpSync(join(root, name), join(installed, name), { recursive: true });
    mkdirSync(join(program.path, "bin"));
    symlinkSync(join(installed, "dist/src/cli.js"), join(program.path, "bin/ringwall"));
    const gh = join(program.path, "bin/gh");
    writeFileSync(gh, '#!/bin/sh\necho "$@" >>"$GH_LOG"\nif [ "$1 $2" = "pr list" ]; then wc -l <"$GH_OPEN"; fi\n');
    chmodSync(gh, 0o755);
  });
  after(() => program.remove());

  beforeEach(async () => {
    microsoft = await playMicrosoft();
    microsoft.on(details, page("/ServiceTags_Public_20261123.json"));
    folder = folderWith({ open: "", log: "", summary: "", output: "" });
    repository = join(folder.path, "repository");
    cpSync(join(root, "examples/azure-exceptions"), repository, { recursive: true });
    git("init", "--quiet", "--initial-branch", "main", ".");
    git("add", "--all");
    git("commit", "--quiet", "--message", "first");
    git("init", "--quiet", "--bare", join(folder.path, "remote.git"));
    git("--git-dir", join(folder.path, "remote.git"), "config", "receive.advertisePushOptions", "true");
    git("remote", "add", "origin", join(folder.path, "remote.git"));
  });
  afterEach(async () => {
    await microsoft.close();
    folder.remove();
  });

  it("find nothing newer, and change nothing", async () => {
    microsoft.on("/ServiceTags_Public_20261123.json", text(feed));
    await github("update");
    expect(kept("output")).to.equal("changed=false\n");
    expect(kept("log")).to.equal("");
    expect(git("status", "--porcelain", "--ignored")).to.equal("");
  });

  it("open a pull request that says what changes for packets, on each target, and in the feed", async () => {
    microsoft.on("/ServiceTags_Public_20261123.json", text(newer));
    await github("update");
    expect(kept("output")).to.equal("changed=true\n");
    expect(kept("log")).to.match(/^pr list .*\npr create --head ringwall\/feeds --title .* --body-file update\.md\n$/);
    const report = kept("summary");
    for (const [target, line] of [
      ["output/nftables", "    outbound packets through the firewall"],
      ["output/iptables/rules.v4,output/iptables/rules.v6", "    outbound packets through the firewall"],
      ["output/pfsense", "    outbound packets through the firewall"],
      ["output/cisco-asa", "    outbound packets through the firewall"],
    ] as const) {
      const [, section = ""] = report.split(`\n## ${target}\n`);
      const [own] = section.split(/\n##? /);
      expect(own, target)
        .to.include(line)
        .and.to.match(/^ {6}IPv4 tcp 10\.20\.0\.0\/16 > 198\.18\.52\.0\/22:445/m);
    }
    expect(report).to.match(
      /# What changed in the feeds[^]*changeNumber 12 -> changeNumber 13[^]*- 198\.18\.52\.0\/22/,
    );
    const changed = git("--git-dir", join(folder.path, "remote.git"), "diff", "--name-only", "main", "ringwall/feeds");
    expect(changed.split("\n")).to.include.members(["feeds/ServiceTags_Public.json", "ringwall.lock.json"]);
    expect(changed).to.include("output/cisco-asa/1-define.cfg").and.not.include("update.md");

    // What it opens passes the check of pull requests.
    await github("check");
  });

  it("tell what changes where the list has become so long that a target keeps it in a file of its own", async () => {
    const many = Array.from({ length: 200 }, (_, i) => `"198.19.${String(i)}.0/32"`).join(", ");
    const longer = newer.replaceAll('"198.18.48.0/22"', many);
    microsoft.on("/ServiceTags_Public_20261123.json", text(longer));
    await github("update");
    const iptables = "output/iptables/rules.v4,output/iptables/rules.v6,output/iptables/sets.ipset";
    const [, section = ""] = kept("summary").split(`\n## ${iptables}\n`);
    const [own] = section.split(/\n##? /);
    expect(own).to.match(/^\n {4}different: [^]*IPv4 tcp 10\.20\.0\.0\/16 > 198\.19\.0\.0,198\.19\.1\.0,/);
    expect(own).to.not.include("if dst in set");
    await shell("ringwall lint");
  });

  it("refresh a pull request that is open", async () => {
    microsoft.on("/ServiceTags_Public_20261123.json", text(newer));
    writeFileSync(join(folder.path, "open"), "1\n");
    await github("update");
    expect(kept("log")).to.match(/\npr edit ringwall\/feeds --body-file update\.md\n$/);
  });

  it("push a merge request on GitLab, with the report in its commit", async () => {
    microsoft.on("/ServiceTags_Public_20261123.json", text(newer));
    await gitlab("update");
    const message = git("--git-dir", join(folder.path, "remote.git"), "log", "-1", "--format=%B", "ringwall/feeds");
    expect(message).to.match(/^Addresses of Azure: new service tags\n\n# What changes for packets\n/);
    expect(message).to.include("198.18.52.0/22:445");
    await gitlab("check");
  });

  for (const [what, served] of [
    ["the feed cannot be fetched", status(404)],
    ["a region is gone", text(newer.replaceAll("Storage.NorthEurope", "Storage.NorthEurope2"))],
  ] as const) {
    it(`fail when ${what}, and leave everything as it was`, async () => {
      microsoft.on("/ServiceTags_Public_20261123.json", served);
      const failed = await github("update").then(
        () => "",
        (error: unknown) => (error as { stderr: string }).stderr,
      );
      expect(failed).to.match(/error: .*(status 404|does not occur in feeds)/);
      expect(kept("output")).to.equal("");
      expect(git("status", "--porcelain", "--ignored")).to.equal("");
    });
  }

  it("fail at a pull request whose feed is not the locked one", async () => {
    writeFileSync(join(repository, "feeds/ServiceTags_Public.json"), newer);
    const failed = await github("check").then(
      () => "",
      (error: unknown) => (error as { stderr: string }).stderr,
    );
    expect(failed).to.include("[RW5007]");
  });

  it("have all their files in the repository", () => {
    const scripts = readdirSync(join(root, "examples/azure-exceptions")).filter((name) => name.endsWith(".sh"));
    expect(scripts).to.have.lengthOf(3);
    expect(existsSync(join(root, "examples/azure-exceptions/.github/workflows/azure-exceptions.yml"))).to.equal(true);
  });

  /** The steps of a job of the workflow that run something, all but the installation of the program. */
  async function github(job: string): Promise<void> {
    const file = readFileSync(join(repository, ".github/workflows/azure-exceptions.yml"), "utf8");
    const { jobs } = parse(file) as { jobs: Record<string, { steps: readonly Step[] }> };
    for (const step of jobs[job]!.steps) {
      if (step.run === undefined || step.run.startsWith("npm install")) continue;
      if (step.if !== undefined) {
        expect(step.if).to.equal("steps.update.outputs.changed == 'true'");
        if (!kept("output").includes("changed=true\n")) continue;
      }
      await shell(step.run);
    }
  }

  async function gitlab(job: string): Promise<void> {
    const file = readFileSync(join(repository, ".gitlab-ci.yml"), "utf8");
    const { script } = (parse(file) as Record<string, { script: readonly string[] }>)[job]!;
    for (const line of script) await shell(line);
  }

  /** The scripts fetch from Microsoft; here their arguments say where Microsoft is played. */
  async function shell(line: string): Promise<void> {
    const local = line.replace(/^\.\/update\.sh$/, `./update.sh azure --url "${microsoft.url}${details}?id=56519"`);
    await promisify(execFile)("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", local], {
      cwd: repository,
      env: {
        ...author,
        PATH: [join(program.path, "bin"), process.env["PATH"]].join(delimiter),
        HOME: folder.path,
        XDG_STATE_HOME: join(folder.path, "state"),
        GITHUB_OUTPUT: join(folder.path, "output"),
        GITHUB_STEP_SUMMARY: join(folder.path, "summary"),
        GH_LOG: join(folder.path, "log"),
        GH_OPEN: join(folder.path, "open"),
      },
    });
  }

  const author = {
    GIT_AUTHOR_NAME: "ringwall",
    GIT_AUTHOR_EMAIL: "ringwall@example.com",
    GIT_COMMITTER_NAME: "ringwall",
    GIT_COMMITTER_EMAIL: "ringwall@example.com",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };

  function git(...words: readonly string[]): string {
    const env = { ...process.env, ...author };
    const printed = execFileSync("git", words, { cwd: repository, encoding: "utf8", env });
    if (words[0] === "remote") execFileSync("git", ["push", "--quiet", "origin", "main"], { cwd: repository, env });
    return printed;
  }

  function kept(name: string): string {
    return readFileSync(join(folder.path, name), "utf8");
  }
});
