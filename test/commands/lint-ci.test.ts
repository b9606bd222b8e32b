import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { bundle } from "../../src/build/bundle.js";
import { folderWith } from "../support/command.js";
import { closed, open } from "./lint-texts.js";

const root = join(import.meta.dirname, "../..");

/** What CI runs, run here: the very lines of the examples and of the action, with `ringwall` and `npx` that run a build of this
 * checkout. */
describe("in CI", function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof folderWith>;
  let installed: ReturnType<typeof folderWith>;
  let cli: string;
  before(async () => {
    installed = folderWith({ "package.json": readFileSync(join(root, "package.json"), "utf8") });
    await bundle(join(installed.path, "dist"));
    cli = join(installed.path, "dist/src/cli.js");
  });
  after(() => installed.remove());
  beforeEach(() => {
    folder = folderWith({
      "edge/rules.v4": open(),
      "edge/rules.v6": closed("ipv6"),
      "ringwall.yaml": "include: edge\ndevices: [{ files: edge, outside: wan0 }]\n",
    });
    const git = (...words: readonly string[]) => execFileSync("git", words, { cwd: folder.path, stdio: "pipe" });
    git("init", "-q", "-b", "main");
    mkdirSync(join(folder.path, ".bin"));
    shim("ringwall", `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`);
    shim(
      "npx",
      `#!/bin/sh\n[ "$1" = --yes ] && [ "$2" = ringwall ] || exit 99\nshift 2\nexec "${process.execPath}" "${cli}" "$@"\n`,
    );
    git("add", "ringwall.yaml");
    git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--no-gpg-sign", "-m", "first");
  });
  afterEach(() => folder.remove());

  const shim = (name: string, text: string): void => {
    writeFileSync(join(folder.path, ".bin", name), text);
    chmodSync(join(folder.path, ".bin", name), 0o755);
  };
  const run = (script: string, env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: folder.path,
      encoding: "utf8",
      env: {
        PATH: `${join(folder.path, ".bin")}:${process.env["PATH"]}`,
        HOME: folder.path,
        GITHUB_STEP_SUMMARY: join(folder.path, "job.md"),
        GITHUB_OUTPUT: join(folder.path, "output"),
        ...env,
      },
    });
    return { status, stdout, stderr };
  };
  const written = (file: string): string => readFileSync(join(folder.path, file), "utf8");

  it("GitHub Actions show annotations, a summary and alerts", () => {
    const { jobs } = yaml<Workflow>("examples/ci/github.yml");
    const [lint, show] = jobs.lint.steps.flatMap((step) => step.run ?? []);
    const { status, stdout } = run(lint!);
    expect(stdout).to.match(/^::error file=edge\/rules\.v4,line=5,/m);
    expect(status).to.equal(1);
    expect(run(show!).status).to.equal(0);
    expect(written("job.md")).to.contain("RW4001");
    const upload = jobs.lint.steps.find((step) => step.uses?.includes("upload-sarif"));
    expect(JSON.parse(written(upload!.with!["sarif_file"]!))).to.have.property("version", "2.1.0");
  });

  it("GitLab gets its reports", () => {
    const { ringwall } = yaml<GitLab>("examples/ci/gitlab.yml");
    const { status, stdout } = run(ringwall.script.join("\n"));
    expect(status).to.equal(1);
    expect(stdout).to.contain("edge/ (iptables and ipset): open");
    expect(JSON.parse(written(ringwall.artifacts.reports.codequality))).to.be.an("array").that.is.not.empty;
    expect(written(ringwall.artifacts.reports.junit)).to.contain("<testsuite");
    for (const path of ringwall.cache.paths) expect(existsSync(join(folder.path, path)), path).to.equal(true);
  });

  it("Azure Pipelines get issues and a test report", () => {
    const { steps } = yaml<Azure>("examples/ci/azure-pipelines.yml");
    const { status, stdout } = run(steps.find((step) => step.script !== undefined)!.script!);
    expect(stdout).to.match(/^##vso\[task\.logissue type=error;sourcepath=edge\/rules\.v4;linenumber=5/m);
    expect(status).to.equal(1);
    const publish = steps.find((step) => step.task?.startsWith("PublishTestResults"));
    expect(written(publish!.inputs!["testResultsFiles"]!)).to.contain("<testsuite");
  });

  it("pre-commit stops what a commit would bring, and only that", () => {
    const example = yaml<PreCommit>("examples/ci/pre-commit.yaml").repos[0]!.hooks[0]!;
    const [hook] = yaml<readonly PreCommitHook[]>(".pre-commit-hooks.yaml");
    expect(hook!.id).to.equal(example.id);
    for (const { entry } of [hook!, example]) {
      const { status, stdout } = run(entry);
      expect(stdout).to.contain("RW4001");
      expect(status).to.equal(1);
    }
    execFileSync("git", ["add", "edge"], { cwd: folder.path });
    const words = ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--no-gpg-sign", "-m", "x"];
    execFileSync("git", words, { cwd: folder.path });
    expect(run(hook!.entry).status).to.equal(0);
  });

  it("looks at a large repository in threads, and remembers what it saw", () => {
    // Of so much text that threads are worth their start.
    const padding = `# ${"x".repeat(98)}\n`.repeat(7_000);
    for (const name of ["edge/a/rules.v4", "edge/b/rules.v4"]) {
      mkdirSync(join(folder.path, name, ".."), { recursive: true });
      writeFileSync(join(folder.path, name), `${open()}${padding}`);
    }
    const line = "ringwall lint --format concise --cache-dir .cache";
    const [threads, one, again] = [
      run(`${line} --jobs 2`),
      run(`${line} --no-cache --jobs 1`),
      run(`${line} --jobs 1`),
    ];
    expect(threads.stderr).to.equal("");
    expect(threads.stdout).to.contain("edge/b/rules.v4:5:1: error: RW4001");
    expect(one.stdout).to.equal(threads.stdout);
    expect(again.stdout).to.equal(threads.stdout);
    execFileSync("sh", ["-c", "for f in .cache/*/*; do echo broken > $f; done"], { cwd: folder.path });
    expect(run(line).stdout).to.equal(threads.stdout);
  });

  describe("the action", () => {
    const action = yaml<Action>("action.yml");
    const step = action.runs.steps.find((one) => one.run !== undefined)!;
    const act = (inputs: Readonly<Record<string, string>> = {}) => {
      const value = (name: string): string => inputs[name] ?? action.inputs[name]!.default;
      const env = Object.entries(step.env!).map(
        ([name, text]) =>
          [name, text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => value(input))] as const,
      );
      return run(step.run!, Object.fromEntries(env));
    };

    it("says what it found in annotations, a summary, a report and its outputs", () => {
      const { status, stdout } = act();
      expect(stdout).to.match(/^::error file=edge\/rules\.v4,line=5,/m);
      expect(status).to.equal(1);
      expect(written("job.md")).to.contain("RW4001");
      expect(written("output")).to.equal("sarif=./ringwall.sarif\nexit-code=1\n");
      expect(JSON.parse(written("ringwall.sarif"))).to.have.property("version", "2.1.0");
    });

    it("takes paths, options and a threshold, and runs nothing that stands in them", () => {
      writeFileSync(join(folder.path, "two words.v4"), closed());
      const { status, stdout } = act({
        paths: "*/rules.v6 *.v4",
        "fail-on": "error",
        arguments: "--family\nboth\n--outside=$(touch stolen)\n",
        sarif: "",
        annotations: "false",
        summary: "false",
      });
      expect(stdout).to.contain("edge/rules.v6").and.to.contain("two words.v4");
      expect(status).to.equal(0);
      expect(existsSync(join(folder.path, "stolen"))).to.equal(false);
      expect(written("output")).to.equal("exit-code=0\n");
    });

    it("fails with the exit code of what cannot be read", () => {
      expect(act({ policy: "missing.yaml" }).status).to.equal(2);
      expect(written("output")).to.contain("exit-code=2");
    });

    it("puts no input into the script itself", () => {
      for (const { run: script } of action.runs.steps) expect(script ?? "").not.to.contain("${{");
    });
  });
});

function yaml<T>(path: string): T {
  return parse(readFileSync(join(root, path), "utf8")) as T;
}

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly jobs: { readonly lint: { readonly steps: readonly Step[] } };
}

interface GitLab {
  readonly ringwall: {
    readonly script: readonly string[];
    readonly cache: { readonly paths: readonly string[] };
    readonly artifacts: { readonly reports: { readonly codequality: string; readonly junit: string } };
  };
}

interface Azure {
  readonly steps: readonly {
    readonly script?: string;
    readonly task?: string;
    readonly inputs?: Readonly<Record<string, string>>;
  }[];
}

interface PreCommitHook {
  readonly id: string;
  readonly entry: string;
}

interface PreCommit {
  readonly repos: readonly { readonly hooks: readonly PreCommitHook[] }[];
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
