import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, runDiff } from "../../src/commands/diff.js";
import type { Ran } from "../support/command.js";
import { folderWith, runWith } from "../support/command.js";
import { fakeRegistry, fakeVendor } from "../support/fake-vendor.js";
import { paper, paperOf, policy } from "./policies.js";

const wider = policy.replace("files: [20.60.26.4,", "files: [20.60.26.4, 20.60.26.5,");

describe("ringwall diff", () => {
  let folder: ReturnType<typeof folderWith>;
  beforeEach(
    () =>
      (folder = folderWith({
        "policy.yaml": policy,
        "wider.yaml": wider,
        "edge.paper": paper,
        "wider.paper": paperOf(wider),
      })),
  );
  afterEach(() => folder.remove());

  it("finds a configuration equal to the policy that it came from, by the interfaces of the policy's target", async () => {
    const ran = await diff("policy.yaml", "edge.paper");
    expect(ran).to.deep.equal({
      exit: 0,
      stdout:
        "equal: policy.yaml and edge.paper let the same packets pass (compared on the first packets of connections)\n",
      stderr: "",
    });
  });

  it("shows what passes in one configuration and not in the other, with a packet and both lines", async () => {
    const ran = await diff("edge.paper", "wider.paper", "--outside", "wan0");
    expect(ran.exit).to.equal(1);
    expect(ran.stdout).to.contain(
      "different: edge.paper and wider.paper do not let the same packets pass (compared on every packet)",
    );
    expect(ran.stdout).to.contain(
      "outbound packets through the firewall, arriving on any other interface, leaving by wan0, that pass in wider.paper and not in edge.paper:",
    );
    expect(ran.stdout).to.contain("IPv4 tcp 10.20.0.0/16 > 20.60.26.5:445");
    expect(ran.stdout).to.contain("such as tcp 10.20.0.0:49152 > 20.60.26.5:445");
    expect(ran.stdout).to.contain('edge.paper: drop by rule "block-smb" (edge.paper:1:1)');
    expect(ran.stdout).to.contain("wider.paper: continue (left to the rest of the device) by default: continue");
    expect(ran.stdout).to.contain(
      "outbound packets from the firewall itself, leaving by wan0, that pass in wider.paper",
    );
    expect(ran.stdout).not.to.contain("inbound");
  });

  it("shows what a configuration lets pass that the policy denies", async () => {
    const ran = await diff("policy.yaml", "wider.paper");
    expect(ran.exit).to.equal(1);
    expect(ran.stdout).to.contain("that pass in wider.paper and not in policy.yaml:");
    expect(ran.stdout).to.contain('policy.yaml: drop by rule "block-smb" (policy.yaml:9:11)');
  });

  it("gives the sides by their order on the command line, also when the policy comes second", async () => {
    expect((await diff("wider.paper", "policy.yaml")).stdout).to.contain(
      "that pass in wider.paper and not in policy.yaml:",
    );
  });

  it("is undecided, not equal, where a text was not understood", async () => {
    writeFileSync(join(folder.path, "torn.paper"), `${paper}\nscribble\n`);
    const ran = await diff("edge.paper", "torn.paper", "--outside", "wan0");
    expect(ran.exit).to.equal(1);
    expect(ran.stdout).to.contain(
      "undecided: whether edge.paper and torn.paper let the same packets pass cannot be told",
    );
    expect(ran.stderr).to.contain('torn.paper:4:1: warning: "scribble" is not understood');
  });

  it("compares one family alone when asked", async () => {
    expect((await diff("edge.paper", "wider.paper", "--outside", "wan0", "--family", "ipv6")).exit).to.equal(0);
    expect((await diff("edge.paper", "wider.paper", "--outside", "wan0", "--family", "ipv4")).exit).to.equal(1);
  });

  it("takes the interfaces of the repository's ringwall.yaml", async () => {
    writeFileSync(join(folder.path, "ringwall.yaml"), "devices:\n  - { files: '*.paper', outside: [eth9] }\n");
    const { stdout } = await diff("edge.paper", "wider.paper");
    expect(stdout).to.contain("leaving by eth9");
    expect(stdout).not.to.contain("nobody says");
  });

  it("tries every interface where nobody says which are outside, and says so", async () => {
    const { stdout } = await diff("edge.paper", "wider.paper");
    expect(stdout).to.contain(
      "nobody says which interfaces of edge.paper are outside (--outside-a does); tried as outside: wan0, interfaces without a name in it",
    );
  });

  it("matches interfaces that the two sides call differently", async () => {
    writeFileSync(join(folder.path, "other.paper"), paper);
    expect((await diff("edge.paper", "other.paper", "--outside-a", "wan0", "--outside-b", "ppp0")).exit).to.equal(0);
  });

  it("takes a packet that the policy excepts for one that is meant to pass, and names the exception", async () => {
    writeFileSync(join(folder.path, "none.paper"), paperOf(policy.replace(/ {4}except:\n.*\n/, "")));
    const ran = await diff("policy.yaml", "none.paper");
    expect(ran.exit).to.equal(1);
    expect(ran.stdout).to.contain(
      "outbound packets through the firewall, arriving on any other interface, leaving by wan0, that pass in policy.yaml and not in none.paper:",
    );
    expect(ran.stdout).to.contain(
      'policy.yaml: continue (left to the rest of the device) by exception 1 of rule "block-smb" (CHG-1234) (policy.yaml:13:9)',
    );
  });

  it("does not count what a configuration stops beyond the policy, and says so", async () => {
    writeFileSync(join(folder.path, "more.paper"), `${paperOf(policy.replace("tcp/445", "tcp/440-450"))}`);
    writeFileSync(join(folder.path, "closed.paper"), paper.replace("end continue", "end deny"));
    const ran = await diff("policy.yaml", "closed.paper");
    expect(ran.stdout).to.contain(
      "note: closed.paper stops packets that policy.yaml leaves to the device, such as inbound tcp",
    );
    expect((await diff("more.paper", "edge.paper", "--outside", "wan0")).exit).to.equal(1);
  });

  it("compares what comes in and goes out by two outside interfaces with both directions of the policy", async () => {
    const twice = policy.replace("outside: [wan0]", "outside: [wan0, wan1]");
    writeFileSync(join(folder.path, "twice.yaml"), twice);
    expect((await diff("twice.yaml", "edge.paper")).exit).to.equal(0);
    const { stdout } = await diff("twice.yaml", "wider.paper");
    expect(stdout).to.contain("leaving by wan1");
    expect(stdout).not.to.contain("arriving on wan0, leaving by wan1");
  });

  it("prints JSON", async () => {
    const { stdout } = await diff("edge.paper", "wider.paper", "--outside", "wan0", "--json");
    const report = JSON.parse(stdout) as {
      result: string;
      differences: { passesIn: string; example: string; b: unknown }[];
    };
    expect(report.result).to.equal("different");
    expect(report.differences[0]!.passesIn).to.equal("b");
    expect(report.differences[0]!.example).to.equal("tcp 10.20.0.0:49152 > 20.60.26.5:445");
  });

  it("reads several files of one device, and a folder", async () => {
    const [first, ...rest] = paperOf(`${policy.split("targets:")[0]}  - name: second\n    deny: tcp/139\n`).split("\n");
    writeFileSync(join(folder.path, "one.paper"), `${first!}\n`);
    writeFileSync(join(folder.path, "two.paper"), rest.join("\n"));
    writeFileSync(join(folder.path, "whole.paper"), [first, ...rest].join("\n"));
    expect((await diff("one.paper,two.paper", "whole.paper", "--outside", "wan0")).exit).to.equal(0);
    expect((await diff("one.paper", "whole.paper", "--outside", "wan0")).exit).to.equal(1);
  });

  it("refuses files that no vendor knows", async () => {
    writeFileSync(join(folder.path, "letter.txt"), "Dear Sir\n");
    const ran = await diff("letter.txt", "edge.paper");
    expect(ran.exit).to.equal(2);
    expect(ran.stderr).to.contain("no vendor recognises letter.txt");
    expect(ran.stderr).to.contain("--vendor nftables");
  });

  function diff(...words: readonly string[]): Promise<Ran> {
    return runWith(command, words, folder.path, (given, io) =>
      runDiff(given, io, fakeRegistry(fakeVendor("nftables"))),
    );
  }
});
