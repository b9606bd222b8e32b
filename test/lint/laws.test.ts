import { expect } from "chai";
import fc from "fast-check";
import type { Source } from "../../src/diagnostics/index.js";
import type { Chain, Device, Filter, Packet } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import type { Configuration } from "../../src/jobs/configuration.js";
import type { DeviceLint, Finding, LintOptions } from "../../src/lint/index.js";
import { lintDevice } from "../../src/lint/index.js";
import { PacketSpace, decidePath, interfacePatterns, packetsOf, trace } from "../../src/packet-set/index.js";
import { truthOf } from "../../src/policy/index.js";
import { arbitraryFilter, arbitraryPacket } from "../support/arbitrary-rules.js";
import { fakeVendor } from "../support/fake-vendor.js";
import { runs } from "../support/runs.js";
import { edgeOf, nothingExcepted } from "./lint-text.js";

const text: Source = { path: "rules", text: "x".repeat(10_000) };

/** The filter with a place for each rule, so that the linter takes it for one that somebody wrote. */
function written(filter: Filter): Filter {
  let at = 0;
  const chains = [...filter.chains.values()].map((chain): Chain => ({
    ...chain,
    rules: chain.rules.map((rule) => {
      at += 2;
      return { ...rule, origin: { label: `rule at ${at}`, span: { source: text, start: at, end: at + 1 } } };
    }),
  }));
  return { ...filter, chains: new Map(chains.map((chain) => [chain.name, chain])) };
}

function configuration(filter: Filter, outside: readonly string[]): Configuration {
  return {
    vendor: fakeVendor("paper"),
    sources: [text],
    device: { name: "paper", paths: [{ hook: "forward", filters: [written(filter)] }], interfaces: [] },
    sides: { outside, inside: [] },
    diagnostics: [],
  };
}

const edge = edgeOf(nothingExcepted);
const options: LintOptions = { edge, families: ["ipv4", "ipv6"], severities: new Map(), hooks: ["forward"] };

/** What the policy says of a packet, by walking it through the policy's own rules. */
function isDenied(packet: Packet, outside: readonly string[]): boolean {
  const truth = truthOf(edge, { outside, hooks: ["forward"] });
  return trace(truth.paths[0]!, packet).fate === "dropped";
}

function isFirst(packet: Packet): boolean {
  const { syn, ack } = ir.tcpFlags;
  return packet.state === "new" && (packet.protocol !== 6 || (packet.tcpFlags & (syn | ack)) === syn);
}

/** File sharing, so that a walk often meets what the policy denies. */
const suspicious: fc.Arbitrary<Packet> = fc
  .tuple(
    arbitraryPacket,
    fc.constantFrom([6, 445] as const, [6, 139] as const, [17, 137] as const, [17, 138] as const),
    fc.constantFrom(["wan0", "lan0"] as const, ["lan0", "wan0"] as const, ["ppp7", "wan0"] as const),
  )
  .map(([packet, [protocol, destinationPort], [ingress, egress]]) => ({
    ...packet,
    protocol,
    destinationPort,
    icmpType: 0,
    icmpCode: 0,
    tcpFlags: protocol === 6 ? ir.tcpFlags.syn : 0,
    state: "new",
    ingress,
    egress,
  }));

const sample = fc.array(fc.oneof(suspicious, arbitraryPacket), { minLength: 20, maxLength: 40 });

describe("the linter's laws", () => {
  it("an edge is called closed only where no denied packet passes or is unknown", () => {
    let closed = 0;
    fc.assert(
      fc.property(arbitraryFilter, sample, (filter, packets) => {
        const lint = lintDevice(configuration(filter, ["wan0"]), options);
        if (lint.edge !== "closed") return;
        closed++;
        for (const packet of packets.filter(isFirst)) {
          if (packet.ingress === undefined || packet.egress === undefined || !isDenied(packet, ["wan0"])) continue;
          const { fate } = trace({ hook: "forward", filters: [filter] }, packet);
          expect(fate).to.be.oneOf(["dropped", "rejected"]);
        }
      }),
      runs(500),
    );
    expect(closed, "nothing was ever closed: the law says nothing").to.be.greaterThan(0);
  });

  it("an edge is called open only where a denied packet passes, whatever the conditions", () => {
    fc.assert(
      fc.property(arbitraryFilter, (filter) => {
        const lint = lintDevice(configuration(filter, ["wan0"]), options);
        const certain = policyFindings(lint).filter((one) => one.certainty === "must");
        expect(lint.edge === "open").to.equal(certain.length > 0);
      }),
      runs(300),
    );
  });

  it("the packet of a finding is denied by the policy and let pass by the device, or unknown", () => {
    fc.assert(
      fc.property(arbitraryFilter, (filter) => {
        for (const { code, witness } of policyFindings(lintDevice(configuration(filter, ["wan0"]), options))) {
          expect(isDenied(witness!, ["wan0"])).to.equal(true);
          const { fate } = trace({ hook: "forward", filters: [filter] }, witness!);
          expect(fate).to.be.oneOf(code === "RW4003" ? ["unknown"] : ["accepted", "undecided"]);
        }
      }),
      runs(300),
    );
  });

  it("where any interface may be outside, closed and open hold for each of them", () => {
    fc.assert(
      fc.property(arbitraryFilter, fc.constantFrom("wan0", "lan0", "ppp7", "eth1"), (filter, outside) => {
        const any = lintDevice(configuration(filter, []), options).edge;
        if (any === "undecided") return;
        expect(lintDevice(configuration(filter, [outside]), options).edge).to.equal(any);
      }),
      runs(300),
    );
  });

  it("all rules that make no difference can go at once, and each by itself", () => {
    let gone = 0;
    fc.assert(
      fc.property(arbitraryFilter, (random) => {
        const filter = written(random);
        const { findings } = lintDevice(configuration(filter, ["wan0"]), options);
        const idle = findings
          .filter((one) => ["RW4030", "RW4031", "RW4034", "RW4037"].includes(one.code))
          .map((one) => one.primary!.start);
        gone += idle.length;
        const space = new PacketSpace({ interfaces: interfacePatterns(deviceOf(filter)) });
        const asked = packetsOf(space, "forward");
        const before = decidePath(space, { hook: "forward", filters: [filter] });
        for (const cut of [idle, ...idle.map((start) => [start])]) {
          const after = decidePath(space, { hook: "forward", filters: [without(filter, cut)] });
          for (const fate of ["accepted", "dropped", "rejected", "undecided", "unknown"] as const) {
            expect(space.and(asked, before[fate]), fate).to.equal(space.and(asked, after[fate]));
          }
        }
      }),
      runs(400),
    );
    expect(gone).to.be.greaterThan(0);
  });

  it("says the same of the same text", () => {
    fc.assert(
      fc.property(arbitraryFilter, (filter) => {
        const once = lintDevice(configuration(filter, ["wan0"]), options);
        const again = lintDevice(configuration(filter, ["wan0"]), options);
        expect(again.findings.map((one) => one.message)).to.deep.equal(once.findings.map((one) => one.message));
      }),
      runs(50),
    );
  });
});

function deviceOf(filter: Filter): Device {
  return { name: "", interfaces: [], paths: [{ hook: "forward", filters: [filter] }] };
}

function without(filter: Filter, starts: readonly number[]): Filter {
  const chains = [...filter.chains.values()].map((chain): Chain => {
    return { ...chain, rules: chain.rules.filter((rule) => !starts.includes(rule.origin.span!.start)) };
  });
  return { ...filter, chains: new Map(chains.map((chain) => [chain.name, chain])) };
}

/** Findings about packets that the policy denies. */
function policyFindings({ findings }: DeviceLint): Finding[] {
  const codes: readonly string[] = ["RW4001", "RW4003", "RW4004", "RW4005", "RW4006", "RW4007", "RW4008"];
  return findings.filter((one) => codes.includes(one.code) && one.witness !== undefined);
}
