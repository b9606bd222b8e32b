import { expect } from "chai";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, runLint } from "../../src/commands/lint.js";
import { installedVendors, registryOf } from "../../src/registry.js";
import type { Ran } from "../support/command.js";
import { folderWith, keptIo, readWords } from "../support/command.js";
import { closed, open } from "./lint-texts.js";

describe("ringwall lint", function () {
  this.timeout(30_000);
  let folder: ReturnType<typeof folderWith>;
  afterEach(() => folder.remove());

  const inFolder = (files: Readonly<Record<string, string>>): void => {
    folder = folderWith({ ".git/HEAD": "", ...files });
  };
  const lint = async (...words: readonly string[]): Promise<Ran> => lintIn(folder.path, words);
  const concise = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await lint("--format", "concise", ...words)).stdout.trimEnd().split("\n");

  describe("finds", () => {
    it("the configurations of a folder, and exits with 1 where one is open", async () => {
      inFolder({
        "a/rules.v4": open("ipv4"),
        "a/rules.v6": closed("ipv6"),
        "b/rules.v4": closed(),
        "b/rules.v6": closed("ipv6"),
      });
      const { exit, stdout, stderr } = await lint(".");
      expect(exit).to.equal(1);
      expect(stderr).to.equal("");
      expect(stdout).to.contain("a/ (iptables and ipset): open");
      expect(stdout).to.contain("b/ (iptables and ipset): ok");
      expect(stdout).to.contain('"-A FORWARD -p tcp --dport 445 -j ACCEPT"');
      expect(stdout).to.contain("policy no-smb-across-the-edge (built-in policy)");
    });

    it("nothing wrong where all is closed, and exits with 0", async () => {
      inFolder({ "rules.v4": closed(), "rules.v6": closed("ipv6") });
      const { exit, stdout } = await lint();
      expect(stdout).to.contain("1 device: 1 closed");
      expect(exit).to.equal(0);
    });

    it("what a configuration includes, and reads it there and not by itself", async () => {
      const chain = (name: string, inside: string): string =>
        `chain ${name} { type filter hook ${name} priority 0; policy drop; ${inside} }`;
      const main = [
        "flush ruleset",
        'include "./names.nft"',
        `table inet f { ${["forward", "input", "output"].map((one) => chain(one, "")).join("\n")} }`,
        'include "/etc/nftables.d/*.nft"',
        "",
      ].join("\n");
      inFolder({
        "edge1/nftables.conf": main,
        "edge1/names.nft": "define lan = 10.0.0.0/8\n",
        "edge1/nftables.d/smb.nft": "add rule inet f forward ip saddr $lan tcp dport 445 accept\n",
        "edge2/nftables.conf": main,
        "edge2/names.nft": "define lan = 10.0.0.0/8\n",
        "edge2/nftables.d/web.nft": "add rule inet f forward ip saddr $lan tcp dport 443 accept\n",
      });
      const { stdout } = await lint("--verbose");
      expect(stdout).to.contain("edge1/nftables.conf (nftables): open");
      expect(stdout).to.contain("edge1/nftables.d/smb.nft:1:1: error");
      expect(stdout).to.contain("edge2/nftables.conf (nftables): ok");
      expect(stdout).to.contain("2 devices: 1 closed, 1 open");
    });

    it("the scripts of a role of hosts together", async () => {
      const role = join(import.meta.dirname, "../../examples/smb-hosts/output/windows-defender/hosts/client");
      const text = (name: string): string => readFileSync(join(role, name), "utf8");
      inFolder({ "client/ringwall.ps1": text("ringwall.ps1"), "client/smb.ps1": text("smb.ps1") });
      const { stdout } = await lint("--format", "text");
      expect(stdout).to.contain("client/ (Windows Defender Firewall): undecided");
      expect(stdout).to.not.contain("RW4012");
    });

    it("one family only when it is asked about one", async () => {
      inFolder({ "rules.v4": closed() });
      expect((await lint()).stdout).to.contain("RW6006");
      expect((await lint()).exit).to.equal(1);
      expect((await lint("--family", "4")).exit).to.equal(0);
      expect((await lint("--family", "ipv4")).exit).to.equal(0);
      expect((await lint("--family", "6")).exit).to.equal(1);
    });

    it("what a policy says", async () => {
      const policy =
        "version: 1\nname: ftp\nservices: { ftp: tcp/21 }\nrules:\n  - { name: no-ftp, deny: ftp, direction: both }\n";
      inFolder({ "rules.v4": open(), "rules.v6": closed("ipv6"), "ftp.yaml": policy });
      const { exit, stdout } = await lint("--policy", "ftp.yaml");
      expect(stdout).to.contain("1 device: 1 closed");
      expect(stdout).to.contain("policy ftp (ftp.yaml)");
      expect(exit).to.equal(0);
    });
  });

  describe("reads", () => {
    it("what is on standard input", async () => {
      inFolder({});
      const { stdout, exit } = await lintIn(
        folder.path,
        ["-", "--family", "4", "--outside", "wan0", "--format", "concise"],
        open(),
      );
      expect(stdout).to.match(/^stdin:5:1: error: RW4001 /m);
      expect(exit).to.equal(1);
      expect((await lintIn(folder.path, ["-", "--family", "4"], closed())).exit).to.equal(0);
    });

    it("standard input by the settings of the file that it stands for", async () => {
      inFolder({ "edge/ringwall.yaml": "devices: [{ files: x.conf, outside: lan0 }]\n" });
      const ran = await lintIn(
        folder.path,
        ["-", "--stdin-name", "edge/x.conf", "--family", "4", "--format", "concise"],
        open().replace("-p tcp", "-i wan0 -p tcp"),
      );
      expect(ran.stdout).not.to.contain("RW4001");
    });

    it("files of one device divided by commas, patterns, and files by themselves", async () => {
      inFolder({ "x/one": closed(), "x/two": closed("ipv6"), "y/three": open() });
      expect((await lint("x/one,x/two")).stdout).to.contain("x/one,x/two (iptables and ipset): ok");
      expect((await lint("x/one", "--family", "4")).stdout).to.contain("x/one (iptables and ipset): ok");
      expect((await lint("*/t*", "--format", "concise")).stdout).to.match(/^y\/three:5:1: error/m);
      expect((await lint("**/o*", "--family", "4")).stdout).to.contain("x/one (iptables and ipset): ok");
    });

    it("no hidden files, no node_modules, no documents, no links, unless they are named", async () => {
      inFolder({
        ".old/rules.v4": open(),
        "node_modules/x/rules.v4": open(),
        "notes.md": open(),
        "rules.v4": closed(),
      });
      symlinkSync(join(folder.path, "notes.md"), join(folder.path, "linked.v4"));
      expect((await lint("--family", "4")).exit).to.equal(0);
      expect((await lint("notes.md", "--family", "4")).exit).to.equal(1);
      expect((await lint(".old", "--family", "4")).exit).to.equal(1);
      expect((await lint("linked.v4", "--family", "4")).exit).to.equal(1);
    });

    it("two files of the same text as what their names say", async () => {
      const same = closed().replace("-A FORWARD -p icmp -j ACCEPT\n", "");
      inFolder({ "rules.v4": same, "rules.v6": same });
      expect((await lint()).stdout).to.contain("1 device: 1 closed");
    });

    it("the files that Ringwall wrote for one device, one after the other, together", async () => {
      const written = "! written by ringwall 0.1.0\n";
      inFolder({
        "1-define.cfg": `${written}access-list OUT extended deny ip any any\n`,
        "2-bind.cfg": `${written}access-group OUT in interface outside\n`,
      });
      expect((await lint("--format", "json")).stdout).to.match(/"files": \[\s*"1-define.cfg",\s*"2-bind.cfg"\s*\]/);
    });

    it("a document or code where the command line or the settings ask for files of that ending", async () => {
      inFolder({ "edge/rules.log": open() });
      expect((await lint("edge", "--family", "4")).exit).to.equal(2);
      expect((await lint("edge/*.log", "--family", "4")).exit).to.equal(1);
      writeFileSync(join(folder.path, "ringwall.yaml"), "include: edge/*.log\nfamily: ipv4\n");
      expect((await lint()).exit).to.equal(1);
    });

    it("what it does not know only where somebody named it", async () => {
      inFolder({ "rules.v4": closed(), "poem.txt": "roses are red\n", "picture.bin": "\u0000\u0001\u0002" });
      expect((await lint("--family", "4", "--verbose")).stderr).to.contain(
        "poem.txt: left out, no vendor recognises it",
      );
      expect((await lint("--family", "4")).exit).to.equal(0);
      const json = JSON.parse((await lint("--family", "4", "--format", "json")).stdout) as {
        readonly skipped: unknown;
      };
      expect(json.skipped).to.deep.include({ file: "poem.txt", why: "no vendor recognises it" });
      const { exit, stdout } = await lint("poem.txt");
      expect(exit).to.equal(2);
      expect(stdout).to.contain("no vendor recognises poem.txt");
    });

    it("files together as the settings say, and as their names say", async () => {
      inFolder({
        "one.v4.rules": closed(),
        "one.v6.rules": closed("ipv6"),
        "two.v4.rules": closed(),
        "two.v6.rules": closed("ipv6"),
        "odd/left": closed(),
        "odd/right": closed("ipv6"),
        "ringwall.yaml": "devices:\n  - { files: [odd/left, odd/right], name: odd-one }\n",
      });
      const { stdout } = await lint();
      for (const name of ["one", "two", "odd-one"]) expect(stdout).to.contain(`${name} (iptables and ipset): ok`);
      expect(stdout).to.contain("3 devices: 3 closed");
    });
  });

  describe("never succeeds", () => {
    it("where there is nothing to look at", async () => {
      inFolder({ "readme.txt": "hello\n" });
      const { exit, stdout } = await lint();
      expect(exit).to.equal(2);
      expect(stdout).to.contain("none of the 1 files here is a configuration");
      expect((await lint("--exit-zero")).exit).to.equal(2);
    });

    it("where a file has no rule", async () => {
      inFolder({ "rules.v4": "# Generated by iptables-save\n*filter\nCOMMIT\n" });
      expect((await lint("rules.v4")).exit).to.equal(1);
    });

    it("where something cannot be read", async () => {
      inFolder({ "rules.v4": closed() });
      for (const words of [["missing.v4"], ["*.missing"], ["--policy", "missing.yaml"], ["--config", "missing.yaml"]]) {
        expect((await lint("rules.v4", "--family", "4", ...words)).exit, words.join(" ")).to.equal(2);
      }
      writeFileSync(join(folder.path, "ringwall.yaml"), "polcy: x\n");
      const { exit, stdout } = await lint("--family", "4");
      expect(exit).to.equal(2);
      expect(stdout).to.contain('ringwall.yaml:1:1: error: ringwall.yaml has no key "polcy" (did you mean "policy"?)');
      expect((await lint("--family", "4", "--no-config")).exit).to.equal(0);
    });

    it("where the settings name a policy that is not there, and says where they do", async () => {
      inFolder({ "rules.v4": closed(), "ringwall.yaml": "policy: gone.yaml\n" });
      const { exit, stdout } = await lint();
      expect(exit).to.equal(2);
      expect(stdout).to.contain("ringwall.yaml:1:9: error: cannot read gone.yaml");
    });

    it("where the program itself breaks, and names the file", async () => {
      inFolder({ "rules.v4": closed() });
      const real = installedVendors();
      const broken = registryOf(new URL("../../vendors/", import.meta.url));
      const registry = {
        ids: real.ids,
        load: async (id: string) => {
          const loaded = await broken.load(id);
          const parse = (): never => {
            throw new Error("ouch");
          };
          return { ...loaded, vendor: { ...loaded.vendor, parse } };
        },
      };
      const { exit, stdout } = await lintIn(folder.path, ["rules.v4"], undefined, registry);
      expect(exit).to.equal(3);
      expect(stdout).to.contain("ringwall itself failed at rules.v4: ouch");
    });
  });

  describe("is told", () => {
    it("by the repository what to look at, how, and when to fail", async () => {
      inFolder({
        "edge/rules.v4": open(),
        "old/rules.v4": open(),
        "ringwall.yaml": `include: ["edge", "old"]
exclude: old
family: ipv4
devices:
  - { files: edge, outside: wan0 }
severities: { RW4001: note }
fail-on: error
`,
      });
      const { exit, stdout } = await lint("--format", "concise");
      expect(stdout).to.match(/^edge\/rules.v4:5:1: note: RW4001/m);
      expect(stdout).not.to.contain("old/");
      expect(exit).to.equal(0);
      expect((await lint("--fail-on", "note")).exit).to.equal(1);
      expect((await lint("--fail-on", "note", "--exit-zero")).exit).to.equal(0);
      expect((await lint("--no-config", "--family", "4", "old")).exit).to.equal(1);
    });

    it("which hooks matter: a host that does not forward need not filter what it forwards", async () => {
      const host = closed().replace(":FORWARD DROP", ":FORWARD ACCEPT");
      inFolder({
        "rules.v4": host,
        "ringwall.yaml": "family: ipv4\ndevices: [{ files: rules.v4, hooks: [input, output] }]\n",
      });
      expect((await lint()).exit).to.equal(0);
      expect((await lint("--no-config", "--family", "4")).exit).to.equal(1);
    });

    it("by the policy's target which interfaces are outside and which hooks matter", async () => {
      const target = "targets: { iptables: { outside: [wan0], hooks: [forward] } }\n";
      inFolder({
        "policy.yaml": `version: 1\nname: p\nrules:\n  - { name: r, deny: tcp/80, direction: inbound }\n${target}`,
        "rules.v4": closed().replace("-p tcp", "-i lan0 -p tcp").replace(":INPUT DROP", ":INPUT ACCEPT"),
      });
      expect((await lint("--policy", "policy.yaml", "--family", "4")).stdout).to.contain(
        "rules.v4 (iptables and ipset): ok",
      );
    });

    it("by the nearest settings, for each file its own", async () => {
      inFolder({
        "a/rules.v4": open(),
        "a/ringwall.yaml": "severities: { RW4001: off, ipv6-open: off, RW6006: off, RW4003: off }\nfamily: ipv4\n",
        "b/rules.v4": open(),
        "ringwall.yaml": "family: ipv4\n",
      });
      const lines = await concise();
      expect(lines.filter((line) => line.includes("RW4001")).map((line) => line.split(":")[0])).to.deep.equal([
        "b/rules.v4",
      ]);
    });

    it("what is wrong with its command line", async () => {
      inFolder({});
      const wrong = async (...words: readonly string[]): Promise<string> => {
        const { exit, stderr } = await lint(...words);
        expect(exit).to.equal(2);
        return stderr;
      };
      expect(await wrong("--format", "sariff")).to.contain('there is no format "sariff" (did you mean "sarif"?)');
      expect(await wrong("--format", "json", "--format", "sarif")).to.contain(
        "two formats cannot both go to standard output",
      );
      expect(await wrong("--config", "x", "--no-config")).to.contain("exclude each other");
      expect(await wrong("--jobs", "0")).to.contain('--jobs cannot be "0"');
      expect(await wrong("--today", "tomorrow")).to.contain("not a day of the calendar");
      expect(await wrong("--write-baseline", "--changed-since", "HEAD")).to.contain("leave --changed-since out");
    });

    it("a vendor that there is not", async () => {
      inFolder({ "rules.v4": closed(), "ringwall.yaml": "devices: [{ files: rules.v4, vendor: ipcables }]\n" });
      expect((await lint()).stdout).to.contain(
        'ringwall.yaml:1:38: error: there is no vendor "ipcables" (did you mean "iptables"?)',
      );
      expect((await lint("--vendor", "xyz")).exit).to.equal(2);
    });
  });

  describe("writes", () => {
    it("several formats at once, to files and to standard output", async () => {
      inFolder({ "rules.v4": open() });
      const { stdout, exit } = await lint(
        "--format",
        "json=out/report.json",
        "--format",
        "sarif=out/ringwall.sarif",
        "--format",
        "concise",
      );
      expect(exit).to.equal(1);
      expect(stdout).to.contain("rules.v4:5:1: error: RW4001");
      const report = JSON.parse(readFileSync(join(folder.path, "out/report.json"), "utf8")) as {
        readonly version: number;
      };
      expect(report.version).to.equal(1);
      expect(readFileSync(join(folder.path, "out/ringwall.sarif"), "utf8")).to.contain('"2.1.0"');
    });

    it("paths below the root of the repository where it runs in a folder of it", async () => {
      inFolder({ "network/edge/rules.v4": open() });
      await lintIn(join(folder.path, "network"), ["--format", "sarif=../out.sarif"]);
      expect(readFileSync(join(folder.path, "out.sarif"), "utf8")).to.contain('"uri": "network/edge/rules.v4"');
    });

    it("no report where it cannot, and says so", async () => {
      inFolder({ "rules.v4": open(), taken: "" });
      const { exit, stderr } = await lint("--format", "json=taken/report.json");
      expect(exit).to.equal(2);
      expect(stderr).to.contain("cannot write taken/report.json");
    });
  });

  describe("leaves alone", () => {
    const inherited = (comment: string): string => open().replace("-A FORWARD -p tcp --dport 445", `# ${comment}\n$&`);

    it("what a comment suppresses, with its reason, and reports what the comment does not reach", async () => {
      inFolder({ "rules.v4": inherited("ringwall: ignore[RW4001] CHG-1: the partner") });
      const ran = await lint("--family", "4", "--outside", "wan0", "--show-suppressed", "--format", "concise");
      expect(ran.stdout).to.contain("(suppressed by a comment: CHG-1: the partner)");
      expect(ran.exit).to.equal(0);
    });

    it("nothing by a comment without a reason, or past its day", async () => {
      inFolder({ "rules.v4": inherited("ringwall: ignore[RW4001]") });
      expect((await lint("--family", "4", "--format", "concise")).stdout).to.contain("RW4051");
      writeFileSync(join(folder.path, "rules.v4"), inherited("ringwall: ignore[RW4001] until=2026-11-22 CHG-1"));
      const late = await lint("--family", "4", "--format", "concise");
      expect(late.stdout).to.contain("RW4052").and.to.contain("RW4001");
      expect(late.exit).to.equal(1);
      expect((await lint("--family", "4", "--today", "2026-11-22", "--outside", "wan0")).exit).to.equal(0);
    });

    it("what the baseline has, also where lines have moved, and not what is new", async () => {
      inFolder({
        "rules.v4": open(),
        "ringwall.yaml": "family: ipv4\nbaseline: accepted.json\ndevices: [{ files: '*', outside: wan0 }]\n",
      });
      expect((await lint()).exit).to.equal(2); // there is none yet
      expect((await lint("--write-baseline")).exit).to.equal(0);
      const written = readFileSync(join(folder.path, "accepted.json"), "utf8");
      expect(written).to.contain('"rule":"RW4001 denied-traffic-passes","file":"rules.v4"');
      writeFileSync(join(folder.path, "rules.v4"), `# moved\n\n${open()}`);
      expect((await lint()).exit).to.equal(0);
      const more = open().replace("COMMIT", "-A FORWARD -p udp --dport 137 -j ACCEPT\nCOMMIT");
      writeFileSync(join(folder.path, "rules.v4"), more);
      const { exit, stdout } = await lint("--format", "concise");
      expect(exit).to.equal(1);
      expect(stdout).to.contain("rules.v4:7:1: error").and.not.to.contain("rules.v4:5:1");
      await lint("--write-baseline");
      expect((await lint()).exit).to.equal(0);
      expect(readFileSync(join(folder.path, "accepted.json"), "utf8")).not.to.equal(written);
    });

    it("what was pruned out of the baseline no longer", async () => {
      inFolder({ "a.v4": open(), "b.v4": open() });
      const words = ["--family", "4", "--outside", "wan0", "--baseline", "accepted.json"];
      await lint(...words, "--write-baseline");
      writeFileSync(join(folder.path, "a.v4"), closed());
      rmSync(join(folder.path, "b.v4"));
      expect((await lint(...words)).stderr).to.contain("no longer found; --prune-baseline takes them out");
      expect((await lint(...words, "--prune-baseline")).stderr).to.contain("taken out");
      expect(JSON.parse(readFileSync(join(folder.path, "accepted.json"), "utf8"))).to.deep.equal({
        version: 1,
        findings: [],
      });
    });
  });

  it("finds a folder of settings above the folder that it runs in", async () => {
    inFolder({ "a/b/rules.v4": closed(), "ringwall.yaml": "family: ipv4\n" });
    mkdirSync(join(folder.path, "a/c"));
    expect((await lintIn(join(folder.path, "a/c"), [])).exit).to.equal(0);
  });
});

async function lintIn(
  cwd: string,
  words: readonly string[],
  input?: string,
  registry = installedVendors(),
): Promise<Ran> {
  const io = keptIo(cwd, {}, input);
  const line = readWords(command, words);
  if (line.kind !== "run") throw new Error(line.kind);
  const exit = await runLint(line.given, io, registry);
  return { exit, ...io.kept };
}
