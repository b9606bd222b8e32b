import { expect } from "chai";
import fc from "fast-check";
import type { Chain, Device, Rule } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { trace } from "../../src/packet-set/index.js";
import type { Edge } from "../../src/policy/edge.js";
import { truthOf } from "../../src/policy/truth.js";
import type { Difference } from "../../src/proof/index.js";
import { prove } from "../../src/proof/index.js";
import type { Claim } from "../../src/vendor-kit/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, network, service } from "../support/edge.js";
import { runs } from "../support/runs.js";

const outside = ["wan0"];

const claim: Claim = {
  reads: [],
  hooks: ir.hooks,
  outside,
  judged: "every-packet",
  acceptIsContinue: false,
  rejectIsDrop: false,
  continueBecomes: { inbound: "continue", outbound: "continue" },
};

const policy = edgeOf([
  edgeRule("block-smb", { exceptions: [exception({ to: network("azure", "20.60.0.0/16", "2603:1020::/40") })] }),
]);

function perfect(edge: Edge): Device {
  return truthOf(edge, { outside, hooks: ir.hooks });
}

/** A device with one chain for forwarded packets. */
function deviceOf(...rules: Rule[]): Device {
  const chain: Chain = { name: "all", order: "first-match", rules, end: "continue" };
  return {
    name: "device",
    interfaces: [],
    paths: [{ hook: "forward", filters: [{ name: "filter", entry: "all", chains: new Map([["all", chain]]) }] }],
  };
}

const rule = (match: ir.Match, verdict: Rule["verdict"]): Rule => ({ match, verdict, origin: { label: "rule" } });
const forward: Claim = { ...claim, hooks: ["forward"], acceptIsContinue: true };
const summary = (differences: readonly Difference[]): string[] =>
  differences.map((one) => `${one.hook} ${one.directions.join("+") || "inside"}: ${one.expected}, is ${one.actual}`);

describe("the proof", () => {
  it("finds nothing where a device does what the policy says", () => {
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        expect(prove(edge, claim, perfect(edge))).to.deep.equal([]);
      }),
      runs(150),
    );
  });

  it("shows a packet on which another policy's device really differs, or there is none", () => {
    let different = 0;
    fc.assert(
      fc.property(arbitraryEdge({ mostRules: 2 }), arbitraryEdge({ mostRules: 2 }), (edge, other) => {
        const device = perfect(other);
        for (const difference of prove(edge, claim, device)) {
          different++;
          const path = (of: Device): ir.Path => of.paths.find(({ hook }) => hook === difference.hook)!;
          const expected = trace(path(perfect(edge)), difference.packet).fate;
          const actual = trace(path(device), difference.packet).fate;
          expect(actual).to.not.equal(expected);
          expect(difference.config?.fate).to.equal(actual);
          // Where both ends are outside, permitted and left alone are one.
          if (difference.directions.length === 2) continue;
          expect(expected).to.equal(difference.expected);
          expect(actual).to.equal(difference.actual);
          expect(difference.packets.length).to.be.greaterThan(0);
        }
      }),
      runs(100),
    );
    expect(different).to.be.greaterThan(20);
  });

  it("notices a direction that was forgotten", () => {
    const found = prove(policy, claim, perfect(edgeOf([{ ...policy.rules[0]!, directions: ["inbound"] }])));
    expect(summary(found)).to.deep.equal([
      "forward outbound: dropped, is undecided",
      "output outbound: dropped, is undecided",
    ]);
  });

  it("notices a family that was forgotten", () => {
    const [first] = prove(policy, claim, perfect(edgeOf([{ ...policy.rules[0]!, families: ["ipv4"] }])));
    expect(first?.packet.family).to.equal("ipv6");
  });

  it("notices an exception that lets in one address too many", () => {
    const wide = exception({ to: network("azure", "20.60.0.0/16", "20.61.0.0/32", "2603:1020::/40") });
    const found = prove(policy, claim, perfect(edgeOf([{ ...policy.rules[0]!, exceptions: [wide] }])));
    expect(found.map((one) => one.packets[0])).to.deep.equal([
      "IPv4 tcp any > 20.61.0.0:445, not a reply, arriving on any other interface, leaving by wan0",
      "IPv4 tcp any > 20.61.0.0:445, not a reply, from the firewall itself, leaving by wan0",
    ]);
  });

  it("notices packets that are dropped although they do not cross the edge", () => {
    const device = deviceOf(rule(ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [445, 445])), "drop"));
    const found = prove(edgeOf([edgeRule("block", { services: [service("smb", 6, 445)] })]), forward, device);
    expect(summary(found)).to.include("forward inside: accepted, is dropped");
  });

  it("does not take a device for right whose text was not understood", () => {
    const device = deviceOf(rule(ir.ofProtocol(17), "unknown"), ...truthRules(policy));
    expect(prove(policy, forward, device).map((one) => one.actual)).to.include("unknown");
  });

  it("does not take a device for right that depends on a condition", () => {
    const [smb, ...rest] = truthRules(policy);
    const device = deviceOf({ ...smb!, match: ir.all(smb!.match, ir.condition("limit")) }, ...rest);
    expect(prove(policy, forward, device)).to.not.deep.equal([]);
  });

  it("does not take a device for right that has no filter where one is claimed", () => {
    const nothing: Device = { name: "device", interfaces: [], paths: [] };
    expect(summary(prove(policy, forward, nothing)).every((line) => line.endsWith("unknown"))).to.equal(true);
  });

  it("asks a stateful device about first packets only", () => {
    const { syn, ack } = ir.tcpFlags;
    const onlyFirst = truthRules(policy).map((one) => ({
      ...one,
      match: ir.all(one.match, ir.inState("new"), ir.any(ir.not(ir.ofProtocol(6)), ir.withTcpFlags(syn | ack, syn))),
    }));
    expect(prove(policy, { ...forward, judged: "first-packets" }, deviceOf(...onlyFirst))).to.deep.equal([]);
    expect(prove(policy, forward, deviceOf(...onlyFirst))).to.not.deep.equal([]);
  });

  it("compares with the base what the policy leaves alone", () => {
    const web = rule(ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [80, 80])), "drop");
    const base = deviceOf(web, rule(ir.everyPacket, "accept"));
    const laid = deviceOf(...truthRules(policy), web, rule(ir.everyPacket, "accept"));
    const careless = deviceOf(...truthRules(policy), rule(ir.everyPacket, "accept"));
    expect(prove(policy, { ...forward, base }, laid)).to.deep.equal([]);
    const found = prove(policy, { ...forward, base }, careless);
    expect(summary(found)).to.deep.equal(
      ["inbound", "outbound", "inbound+outbound", "inside"].map((way) => `forward ${way}: dropped, is accepted`),
    );
    expect(found.map((one) => one.packet.destinationPort)).to.deep.equal([80, 80, 80, 80]);
  });
});

/** The rules of the policy for forwarded packets, written by hand for one chain. */
function truthRules(edge: Edge): Rule[] {
  const [only] = edge.rules;
  const azure = only!.exceptions[0]!.to.addresses;
  const judged = ir.inState("new", "established", "related", "invalid", "untracked");
  const services = ir.any(
    ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [139, 139], [445, 445])),
    ir.all(ir.ofProtocol(17), ir.numberIn("destination-port", [137, 138])),
  );
  const excepted = ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [445, 445]), ir.to(azure));
  return [
    rule(ir.all(judged, services, ir.ingress(...outside)), "drop"),
    rule(ir.all(judged, services, ir.egress(...outside), ir.not(excepted)), "drop"),
  ];
}
