import { expect } from "chai";
import { command, runExplain } from "../../src/commands/explain.js";
import type { Ran } from "../support/command.js";
import { folderWith, runWith } from "../support/command.js";
import { fakeRegistry, fakeVendor } from "../support/fake-vendor.js";
import { paper, policy } from "./policies.js";

describe("ringwall explain", () => {
  let folder: ReturnType<typeof folderWith>;
  before(() => (folder = folderWith({ "policy.yaml": policy, "edge.paper": paper })));
  after(() => folder.remove());

  it("names the rule of a policy that decides", async () => {
    const ran = await explain("policy.yaml", "tcp 192.0.2.1 > 198.51.100.1:445", "outbound");
    expect(ran).to.deep.equal({
      exit: 0,
      stderr: "",
      stdout: [
        "tcp 192.0.2.1:50000 > 198.51.100.1:445, outbound: drop",
        "",
        '> policy.yaml:9:11  drop  rule "block-smb"',
        '  decided by rule "block-smb" (policy.yaml:9:11)',
        "",
      ].join("\n"),
    });
  });

  it("names the exception that leads past the rule, with its reason", async () => {
    const { stdout } = await explain("policy.yaml", "tcp 10.20.1.5 > 20.60.26.4:445", "outbound");
    expect(stdout).to.equal(
      [
        "tcp 10.20.1.5:50000 > 20.60.26.4:445, outbound: continue (left to the rest of the device)",
        "",
        '> policy.yaml:13:9  excepted  exception 1 of rule "block-smb" (CHG-1234)',
        "                    continue  default: continue",
        '  decided by exception 1 of rule "block-smb" (CHG-1234) (policy.yaml:13:9)',
        "",
      ].join("\n"),
    );
  });

  it("says that the default decides where no rule does", async () => {
    const { stdout } = await explain("policy.yaml", "tcp 10.20.1.5 > 20.60.26.4:443", "outbound");
    expect(stdout).to.contain("decided by default: continue\n");
  });

  it("names the file and line of a configuration, and each rule on the way", async () => {
    const { stdout } = await explain("edge.paper", "tcp 10.20.1.5 > 20.60.26.5:445", "outbound", "--outside", "wan0");
    expect(stdout).to.contain(": drop\n");
    expect(stdout).to.match(/> edge\.paper:1:1 +drop +rule "block-smb"/);
  });

  it("tries each interface where nobody says which are outside, and says so", async () => {
    const { stdout } = await explain("edge.paper", "tcp 10.20.1.5 > 20.60.26.5:445", "outbound");
    expect(stdout).to.contain("it depends on the interfaces");
    expect(stdout).to.contain("nobody says which interfaces are outside");
    expect(stdout).to.contain("arriving on any other interface, leaving by wan0: drop");
  });

  it("prints JSON with verdict, decidedBy and path", async () => {
    const { stdout } = await explain("policy.yaml", "tcp 192.0.2.1 > 198.51.100.1:445", "outbound", "--json");
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report["verdict"]).to.equal("drop");
    expect(report["decidedBy"]).to.deep.equal({
      label: 'rule "block-smb"',
      outcome: "drop",
      place: { path: "policy.yaml", line: 9, column: 11, endLine: 9, endColumn: 20 },
    });
    expect(report["path"]).to.have.lengthOf(1);
  });

  const refused: readonly (readonly [readonly string[], string])[] = [
    [
      ["nowhere.yaml", "--packet", "tcp 10.0.0.1 > 10.0.0.2:1", "--direction", "inbound"],
      "cannot read nowhere.yaml: there is no such file",
    ],
    [
      ["policy.yml", "--packet", "tcp 10.0.0.1 > 10.0.0.2:1", "--direction", "inbound"],
      "there is policy.yaml beside it",
    ],
    [["policy.yaml", "--direction", "inbound"], "explain needs --packet"],
    [["policy.yaml", "--packet", "tcp 10.0.0.1 > 10.0.0.2:1"], "explain needs --direction"],
    [
      ["policy.yaml", "--packet", "tcp 10.0.0.1 > 10.0.0.2", "--direction", "inbound"],
      "--packet:1:16: error: the destination port is missing",
    ],
    [
      ["edge.paper", "--packet", "tcp 10.0.0.1 > 10.0.0.2:1", "--direction", "inbound", "--vendor", "nftable"],
      'did you mean "nftables"?',
    ],
    [
      ["edge.paper", "--packet", "tcp 10.0.0.1 > 10.0.0.2:1", "--direction", "inbound", "--hook", "output"],
      "no inbound packet comes to the hook output",
    ],
  ];
  for (const [words, message] of refused) {
    it(`refuses with exit 2: ${words.join(" ")}`, async () => {
      const ran = await run(words);
      expect(ran.exit).to.equal(2);
      expect(ran.stdout).to.equal("");
      expect(ran.stderr).to.contain(message);
    });
  }

  function explain(file: string, packet: string, direction: string, ...more: readonly string[]): Promise<Ran> {
    return run([file, "--packet", packet, "--direction", direction, ...more]);
  }

  function run(words: readonly string[]): Promise<Ran> {
    return runWith(command, words, folder.path, (given, io) =>
      runExplain(given, io, fakeRegistry(fakeVendor("nftables"))),
    );
  }
});
