import { expect } from "chai";
import type { Device } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { crossingsOf, mappingOf, otherInterface } from "../../src/jobs/interfaces.js";

const none = { outside: [], inside: [] };

describe("which interfaces are outside", () => {
  it("is what the user says, by name, alias or wildcard", () => {
    const device = deviceOf([{ name: "outside", aliases: ["GigabitEthernet0/0"] }, { name: "wan0" }, { name: "wan1" }]);
    const given = (...outside: string[]) => mappingOf(device, { ...none, outside });
    expect(given("wan0")).to.deep.include({ outside: ["wan0"], outsideIs: "given" });
    expect(given("GigabitEthernet0/0").outside).to.deep.equal(["outside"]);
    expect(given("wan*").outside).to.deep.equal(["wan0", "wan1"]);
    expect(given("ppp*").outside).to.deep.equal(["ppp0"]);
    expect(given("wan0").inside).to.deep.equal(["outside", "wan0", "wan1", otherInterface]);
  });

  it("is what the text says where the user does not", () => {
    const device = deviceOf([{ name: "a", side: "outside" }, { name: "b" }]);
    expect(mappingOf(device, none)).to.deep.equal({
      outside: ["a"],
      inside: ["a", "b", otherInterface],
      outsideIs: "told",
    });
  });

  it("is tried where nobody says: every name in the rules, and any other", () => {
    const device = deviceOf([], ir.ingress("eth0", "ppp*"));
    expect(mappingOf(device, none)).to.deep.equal({
      outside: ["eth0", "ppp0", otherInterface],
      inside: ["eth0", "ppp0", otherInterface],
      outsideIs: "tried",
    });
  });
});

describe("the ways across the edge", () => {
  const mapping = { outside: ["o"], inside: ["o", "i"], outsideIs: "given" } as const;
  it("lead from an outside interface to another one, or back", () => {
    expect(crossingsOf(mapping, "inbound", "forward")).to.deep.equal([{ hook: "forward", ingress: "o", egress: "i" }]);
    expect(crossingsOf(mapping, "outbound", "forward")).to.deep.equal([{ hook: "forward", ingress: "i", egress: "o" }]);
  });
  it("end or begin at the firewall itself", () => {
    expect(crossingsOf(mapping, "inbound", "input")).to.deep.equal([{ hook: "input", ingress: "o" }]);
    expect(crossingsOf(mapping, "outbound", "output")).to.deep.equal([{ hook: "output", egress: "o" }]);
    expect(crossingsOf(mapping, "outbound", "input")).to.deep.equal([]);
    expect(crossingsOf(mapping, "inbound", "output")).to.deep.equal([]);
  });
});

function deviceOf(interfaces: Device["interfaces"], match: ir.Match = ir.everyPacket): Device {
  const chain: ir.Chain = {
    name: "c",
    order: "first-match",
    rules: [{ match, verdict: "accept", origin: { label: "r" } }],
    end: "drop",
  };
  return {
    name: "d",
    interfaces,
    paths: [{ hook: "forward", filters: [{ name: "f", chains: new Map([["c", chain]]), entry: "c" }] }],
  };
}
