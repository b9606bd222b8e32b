import { expect } from "chai";
import { lint } from "../src/index.js";
import { closed, open } from "./commands/lint-texts.js";

describe("lint, as a library", () => {
  it("takes a text and gives findings with packets", async () => {
    const { vendor, edge, findings } = await lint(open(), { families: ["ipv4"] });
    expect(vendor).to.equal("iptables");
    expect(edge).to.equal("open");
    const [first] = findings.filter((one) => one.code === "RW4001");
    expect(first?.witness).to.deep.include({ family: "ipv4", destinationPort: 445 });
    expect(await lint(closed(), { families: ["ipv4"] })).to.deep.include({ edge: "closed", findings: [] });
  });

  it("takes several texts of one device, and a policy", async () => {
    const sources = [
      { path: "rules.v4", text: open("ipv4") },
      { path: "rules.v6", text: closed("ipv6") },
    ];
    expect((await lint(sources)).edge).to.equal("open");
    const policy = "version: 1\nname: p\nrules:\n  - { name: r, deny: tcp/21, direction: both }\n";
    expect((await lint(sources, { policy })).edge).to.equal("closed");
  });

  it("says which findings a comment suppresses, and for which reason", async () => {
    const text = open().replace("-A FORWARD -p tcp", "# ringwall: ignore[RW4001] until=2026-11-23 CHG-1\n$&");
    const of = async (today: string) =>
      (await lint(text, { families: ["ipv4"], today })).findings.filter((one) => one.code === "RW4001");
    expect((await of("2026-11-23")).map((one) => one.suppressed)).to.deep.equal(["CHG-1"]);
    expect((await of("2026-11-24")).map((one) => one.suppressed)).to.deep.equal([undefined]);
  });

  it("weighs findings as it is told", async () => {
    const { findings } = await lint(open(), { families: ["ipv4"], severities: { RW4001: "note" } });
    expect(findings.filter((one) => one.code === "RW4001").map((one) => one.severity)).to.deep.equal(["note"]);
  });

  it("decides nothing where something cannot be read, and says why", async () => {
    const strange = await lint("roses are red");
    expect(strange).to.deep.include({ edge: "undecided", findings: [] });
    expect(strange.diagnostics.map((one) => one.code)).to.deep.equal(["RW6008"]);
    const torn = await lint(closed(), { policy: "rules: []" });
    expect(torn.edge).to.equal("undecided");
    expect(torn.diagnostics.some((one) => one.severity === "error")).to.equal(true);
  });
});
