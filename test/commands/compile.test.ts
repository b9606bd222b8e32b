import { expect } from "chai";
import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, runCompile } from "../../src/commands/compile.js";
import type { Ran } from "../support/command.js";
import { folderWith, runWith } from "../support/command.js";
import type { Fault } from "../support/fake-vendor.js";
import { fakeRegistry, fakeVendor } from "../support/fake-vendor.js";
import { policy } from "./policies.js";

const two = `${policy}  iptables: { outside: [ppp0] }\n`;

describe("ringwall compile", () => {
  let folder: ReturnType<typeof folderWith>;
  beforeEach(() => (folder = folderWith({ "policy.yaml": policy, "two.yaml": two })));
  afterEach(() => folder.remove());

  it("writes each target's files to output/<target>/ beside the policy and says where they are", async () => {
    const ran = await compile([], "two.yaml");
    expect(ran).to.deep.equal({
      exit: 0,
      stderr: "",
      stdout: [
        "nftables",
        "  output/nftables/rules.paper  created    the rules of nftables",
        "  output/nftables/apply.sh     created    reads them aloud",
        "  to apply: read output/nftables/rules.paper aloud",
        "",
        "iptables",
        "  output/iptables/rules.paper  created    the rules of iptables",
        "  output/iptables/apply.sh     created    reads them aloud",
        "  to apply: read output/iptables/rules.paper aloud",
        "",
        "two.yaml: all 2 targets proved equal to the policy",
        "",
      ].join("\n"),
    });
    expect(text("output/nftables/rules.paper")).to.contain("# paper\n");
    expect(lstatSync(join(folder.path, "output/nftables/apply.sh")).mode & 0o111).to.equal(0o111);
  });

  it("touches nothing that is right already", async () => {
    await compile();
    const before = lstatSync(join(folder.path, "output/nftables/rules.paper"), { bigint: true });
    const ran = await compile();
    expect(ran.stdout).to.contain("unchanged");
    const after = lstatSync(join(folder.path, "output/nftables/rules.paper"), { bigint: true });
    expect([after.ino, after.mtimeNs]).to.deep.equal([before.ino, before.mtimeNs]);
  });

  it("writes where --out says, and only the targets that --target names", async () => {
    expect((await compile(["--out", "elsewhere", "--target", "iptables"], "two.yaml")).exit).to.equal(0);
    expect(readdirSync(join(folder.path, "elsewhere"))).to.deep.equal(["iptables"]);
  });

  it("removes the output of a target that the policy no longer has", async () => {
    await compile([], "two.yaml");
    const ran = await compile();
    expect(ran.stdout).to.contain("output/iptables/apply.sh  removed");
    expect(existsSync(join(folder.path, "output/iptables/rules.paper"))).to.equal(false);
  });

  it("keeps the other targets' output when --target names one", async () => {
    await compile([], "two.yaml");
    await compile(["--target", "nftables"], "two.yaml");
    expect(existsSync(join(folder.path, "output/iptables/rules.paper"))).to.equal(true);
  });

  describe("with --check", () => {
    it("exits with 0 and is silent when the output is what the policy gives", async () => {
      await compile();
      expect(await compile(["--check"])).to.deep.equal({ exit: 0, stdout: "", stderr: "" });
    });

    it("exits with 1, writes nothing and shows missing files", async () => {
      const ran = await compile(["--check"]);
      expect(ran.exit).to.equal(1);
      expect(ran.stdout).to.contain("output/nftables/rules.paper is missing");
      expect(ran.stderr).to.equal("output is not what policy.yaml gives; run ringwall compile policy.yaml\n");
      expect(existsSync(join(folder.path, "output"))).to.equal(false);
    });

    it("shows the lines that somebody changed, and leaves them", async () => {
      await compile();
      const path = join(folder.path, "output/nftables/rules.paper");
      writeFileSync(path, readFileSync(path, "utf8").replace("paper end continue", "paper end permit"));
      const ran = await compile(["--check"]);
      expect(ran.exit).to.equal(1);
      expect(ran.stdout).to.contain(
        "output/nftables/rules.paper differs from what the policy gives now\n  @@ line 4\n  -paper end permit\n  +paper end continue\n",
      );
      expect(text("output/nftables/rules.paper")).to.contain("permit");
    });

    it("notices a script that lost its permission to run", async () => {
      await compile();
      chmodSync(join(folder.path, "output/nftables/apply.sh"), 0o644);
      const ran = await compile(["--check"]);
      expect([ran.exit, ran.stdout.split("\n")[0]]).to.deep.equal([1, "output/nftables/apply.sh has to be executable"]);
    });

    it("notices stale files of ours", async () => {
      await compile([], "two.yaml");
      const ran = await compile(["--check"]);
      expect(ran.exit).to.equal(1);
      expect(ran.stdout).to.contain("output/iptables/rules.paper is stale: no target writes it any more");
      expect(existsSync(join(folder.path, "output/iptables/rules.paper"))).to.equal(true);
    });
  });

  describe("with --stdout", () => {
    it("prints files under their names and writes none", async () => {
      const ran = await compile(["--stdout"]);
      expect(ran.exit).to.equal(0);
      expect(ran.stdout).to.match(/^==> nftables\/rules\.paper <==\n# paper\n/);
      expect(existsSync(join(folder.path, "output"))).to.equal(false);
    });
  });

  describe("with --json", () => {
    it("prints the report and nothing else", async () => {
      const ran = await compile(["--json"]);
      const report = JSON.parse(ran.stdout) as {
        outcome: string;
        targets: { proof: string; files: { change: string }[] }[];
      };
      expect([ran.exit, ran.stderr, report.outcome, report.targets[0]!.proof]).to.deep.equal([
        0,
        "",
        "written",
        "proved",
      ]);
      expect(report.targets[0]!.files.map((file) => file.change)).to.deep.equal(["created", "created"]);
    });

    it("prints what is wrong as data too", async () => {
      writeFileSync(join(folder.path, "bad.yaml"), policy.replace("deny: smb", "deny: smbb"));
      const ran = await compile(["--json"], "bad.yaml");
      const report = JSON.parse(ran.stdout) as {
        outcome: string;
        diagnostics: { code: string; place: { line: number } }[];
      };
      expect([ran.exit, ran.stderr, report.outcome]).to.deep.equal([2, "", "failed"]);
      expect([report.diagnostics[0]!.code, report.diagnostics[0]!.place.line]).to.deep.equal(["RW2003", 10]);
    });
  });

  describe("that cannot prove its output", () => {
    it("exits with 3, writes nothing, and shows a packet with the rule of the policy and the line of the output", async () => {
      const ran = await compile([], "policy.yaml", "loses-exceptions");
      expect(ran.exit).to.equal(3);
      expect(ran.stderr).to.contain(
        "error: the output for nftables does not mean what the policy says: tcp 10.20.0.0:49152 > 20.60.26.4:445, outbound, must be left to the rest of the device and is dropped [RW9001]",
      );
      expect(ran.stderr).to.match(/= the output decides it by rule "block-smb" at nftables\/rules\.paper:3:1/);
      expect(ran.stderr).to.contain("IPv4 tcp 10.20.0.0/16 > 20.60.26.4:445");
      expect(existsSync(join(folder.path, "output"))).to.equal(false);
    });

    it("names the rule of the policy that the output lost", async () => {
      const ran = await compile([], "policy.yaml", "loses-rules");
      expect(ran.stderr).to.contain('= the policy decides it by rule "block-smb" at policy.yaml:9:11');
    });

    it("writes nothing for the other targets either, and leaves what was there", async () => {
      await compile([], "two.yaml");
      const before = text("output/iptables/rules.paper");
      writeFileSync(join(folder.path, "two.yaml"), two.replace("tcp/445", "tcp/446"));
      expect((await compile([], "two.yaml", "loses-rules")).exit).to.equal(3);
      expect(text("output/iptables/rules.paper")).to.equal(before);
    });

    it("takes text of its own that it cannot read for a failure", async () => {
      const ran = await compile([], "policy.yaml", "writes-nonsense");
      expect(ran.exit).to.equal(3);
      expect(ran.stderr).to.contain("the output for nftables could not be read back completely");
      expect(ran.stderr).to.contain("3 | scribble");
    });

    it("does not take silence for a proof", async () => {
      expect((await compile([], "policy.yaml", "makes-no-claim")).exit).to.equal(3);
    });

    it("writes with --no-proof, and says that nothing is proved", async () => {
      const ran = await compile(["--no-proof"], "policy.yaml", "loses-rules");
      expect(ran.exit).to.equal(0);
      expect(ran.stdout).to.contain("1 of 1 targets not proved, because --no-proof was given");
    });
  });

  describe("refuses with exit 2 and writes nothing", () => {
    const cases: readonly (readonly [string, readonly string[], string, string])[] = [
      ["a policy that is not there", [], "polcy.yaml", "there is policy.yaml beside it"],
      ["a folder instead of a policy", [], ".", "it is a folder"],
      [
        "a target that the policy does not have",
        ["--target", "iptables"],
        "policy.yaml",
        'the policy has no target "iptables"',
      ],
      [
        "a target that nobody knows",
        ["--target", "nftable"],
        "policy.yaml",
        'there is no vendor "nftable" (did you mean "nftables"?)',
      ],
      ["a date that is none", ["--today", "2026-02-30"], "policy.yaml", '--today cannot be "2026-02-30"'],
      ["--stdout with --check", ["--stdout", "--check"], "policy.yaml", "--stdout writes no files"],
      ["an output folder that is a file", ["--out", "policy.yaml"], "policy.yaml", "cannot write policy.yaml"],
    ];
    for (const [name, words, path, message] of cases) {
      it(name, async () => {
        const ran = await compile(words, path);
        expect(ran.stderr).to.contain(message);
        expect([ran.exit, ran.stdout]).to.deep.equal([2, ""]);
        expect(existsSync(join(folder.path, "output"))).to.equal(false);
      });
    }

    it("a feed that is not there, at the place where the policy names it", async () => {
      writeFileSync(
        join(folder.path, "feed.yaml"),
        policy.replace("networks:", "feeds:\n  azure: { file: feeds/x.json }\nnetworks:"),
      );
      const ran = await compile([], "feed.yaml");
      expect(ran.stderr).to.contain("feed.yaml:4:18: error: cannot read feeds/x.json: there is no such file [RW1003]");
      expect(ran.exit).to.equal(2);
    });

    it("a policy without targets", async () => {
      writeFileSync(join(folder.path, "bare.yaml"), policy.split("targets:")[0]!);
      const ran = await compile([], "bare.yaml");
      expect(ran.stderr).to.contain("the policy names no target");
      expect(ran.exit).to.equal(2);
    });
  });

  it("warns of exceptions that had expired on the day of --today, by default today", async () => {
    writeFileSync(join(folder.path, "old.yaml"), policy.replace("reason: CHG-1234", "expires: 2026-11-22"));
    expect((await compile([], "old.yaml")).stderr).to.contain("[RW2005]");
    rmSync(join(folder.path, "output"), { recursive: true });
    const ran = await compile(["--today", "2026-11-22"], "old.yaml");
    expect([ran.exit, ran.stderr]).to.deep.equal([0, ""]);
  });

  function compile(words: readonly string[] = [], path = "policy.yaml", fault?: Fault): Promise<Ran> {
    const registry = fakeRegistry(fakeVendor("nftables", fault), fakeVendor("iptables"));
    return runWith(command, [path, ...words], folder.path, (given, io) => runCompile(given, io, registry));
  }

  function text(path: string): string {
    return readFileSync(join(folder.path, path), "utf8");
  }
});
