import { expect } from "chai";
import { compile, diff, explain, renderDiagnostics } from "../src/index.js";
import { fakeRegistry, fakeVendor } from "./support/fake-vendor.js";
import { paper, paperOf, policy } from "./commands/policies.js";

const registry = fakeRegistry(fakeVendor("nftables"), fakeVendor("iptables"));
const feed = JSON.stringify({
  changeNumber: 7,
  cloud: "Public",
  values: [
    {
      name: "Storage.WestEurope",
      id: "Storage.WestEurope",
      properties: { changeNumber: 1, addressPrefixes: ["20.60.26.0/24"] },
    },
  ],
});
const withFeed = policy
  .replace("networks:", "feeds:\n  azure: { file: feeds/azure.json }\nnetworks:")
  .replace("files: [20.60.26.4, 2001:db8:1::4]", "files: { azure: { regions: [WestEurope] } }");

describe("the library", () => {
  it("compiles texts to texts", async () => {
    const { ok, targets, diagnostics } = await compile(withFeed, { files: { "feeds/azure.json": feed }, registry });
    expect(diagnostics.filter((one) => one.severity === "error")).to.deep.equal([]);
    expect([ok, targets.map((one) => [one.id, one.proof])]).to.deep.equal([true, [["nftables", "proved"]]]);
    expect(targets[0]!.files.map((file) => file.path)).to.deep.equal(["rules.paper", "apply.sh"]);
  });

  it("takes bytes as well as texts, and names their digest", async () => {
    const bytes = new TextEncoder().encode(feed);
    const fromBytes = await compile(withFeed, { files: { "feeds/azure.json": bytes }, registry });
    const fromText = await compile(withFeed, { files: { "feeds/azure.json": feed }, registry });
    expect(fromBytes.targets).to.deep.equal(fromText.targets);
    expect(fromBytes.targets[0]!.files[0]!.text).to.match(/sha256 [0-9a-f]{64}/);
  });

  it("gives diagnostics for a file that was not handed in", async () => {
    const { ok, diagnostics } = await compile(
      { path: "edge.yaml", text: withFeed },
      { files: { "feeds/azur.json": feed }, registry },
    );
    expect(ok).to.equal(false);
    expect(renderDiagnostics(diagnostics)).to.contain(
      'edge.yaml:4:18: error: the file feeds/azure.json was not given (did you mean "feeds/azur.json"?)',
    );
  });

  it("never throws for a policy, whatever it is", async () => {
    for (const text of ["", "a", "[", "rules: 7", "version: 1\nname: x\nrules: []", "\u0000", "&a [*a]"]) {
      expect((await compile(text, { registry })).ok, text).to.equal(false);
    }
  });

  it("has no files at all when one target fails its proof", async () => {
    const faulty = fakeRegistry(fakeVendor("nftables"), fakeVendor("iptables", "loses-rules"));
    const { ok, targets } = await compile(`${policy}  iptables: { outside: [ppp0] }\n`, { registry: faulty });
    expect(ok).to.equal(false);
    expect(targets.map((one) => [one.id, one.proof, one.files.length])).to.deep.equal([
      ["nftables", "proved", 0],
      ["iptables", "failed", 0],
    ]);
  });

  it("explains a packet by a policy and by a configuration", async () => {
    const question = { packet: "tcp 10.20.1.5 > 20.60.26.4:445", direction: "outbound", registry } as const;
    const byPolicy = await explain({ policy }, question);
    expect(byPolicy.explanation?.cases[0]?.decidedBy?.label).to.equal('exception 1 of rule "block-smb" (CHG-1234)');
    const byDevice = await explain(
      { configuration: paper, vendor: "nftables", outside: ["wan0"] },
      { ...question, direction: "inbound" },
    );
    expect(byDevice.explanation?.verdict).to.equal("drop");
    expect((await explain({ policy }, { ...question, packet: "tcp nowhere" })).diagnostics[0]?.code).to.equal("RW1006");
  });

  it("compares policies and configurations", async () => {
    const narrower = paperOf(policy.replace("tcp/445", "tcp/446"));
    const options = { registry };
    const configuration = { configuration: paper, vendor: "nftables", outside: ["wan0"] };
    expect((await diff({ policy }, configuration, options)).difference?.result).to.equal("equal");
    expect(
      (await diff({ policy }, { ...configuration, configuration: narrower }, options)).difference?.result,
    ).to.equal("different");
    expect((await diff({ policy: "" }, configuration, options)).difference).to.equal(undefined);
  });
});
