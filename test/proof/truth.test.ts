import { expect } from "chai";
import fc from "fast-check";
import type { Packet } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { contains, parseIpv4, parseIpv6 } from "../../src/net/index.js";
import { trace } from "../../src/packet-set/index.js";
import type { Direction, Edge, EdgeException, EdgeRule } from "../../src/policy/edge.js";
import { truthOf } from "../../src/policy/truth.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule } from "../support/edge.js";
import { runs } from "../support/runs.js";

const outside = ["wan0"];
const addresses = {
  ipv4: ["10.20.1.5", "10.20.1.6", "20.60.0.1", "52.239.127.255", "52.239.128.0", "0.0.0.0", "255.255.255.255"].map(
    (text) => parseIpv4(text)!,
  ),
  ipv6: ["2001:db8:20::5", "2001:db8:21::", "2603:1020::1", "2603:1040::", "::"].map((text) => parseIpv6(text)!),
};

const arbitraryPacket: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
    hook: fc.constantFrom(...ir.hooks),
    ingress: fc.constantFrom("wan0", "lan0"),
    egress: fc.constantFrom("wan0", "lan0"),
    state: fc.constantFrom(...ir.states),
    protocol: fc.constantFrom(6, 6, 17, 1, 58, 47),
    sourcePort: fc.constantFrom(445, 1023, 1024, 50000),
    destinationPort: fc.constantFrom(136, 137, 138, 139, 444, 445, 446, 50000),
    icmpType: fc.constantFrom(0, 3, 8, 128, 133, 137, 138),
    icmpCode: fc.constantFrom(0, 4),
    source: fc.nat(6),
    destination: fc.nat(6),
  })
  .map(({ hook, ingress, egress, source, destination, ...rest }) => ({
    ...rest,
    ...(hook !== "output" && { ingress }),
    ...(hook !== "input" && { egress }),
    ...([6, 17].includes(rest.protocol) ? {} : { sourcePort: 0, destinationPort: 0 }),
    ...([1, 58].includes(rest.protocol) ? {} : { icmpType: 0, icmpCode: 0 }),
    tcpFlags: rest.protocol === 6 ? 2 : 0,
    source: addresses[rest.family][source % addresses[rest.family].length]!,
    destination: addresses[rest.family][destination % addresses[rest.family].length]!,
    sourceMac: 0,
    conditions: new Set<string>(),
  }));

/** The meaning of a policy once more, word by word from its documentation and without the rule language. */
function judge(edge: Edge, packet: Packet): string {
  const verdicts = (["inbound", "outbound"] as const)
    .filter((direction) => (direction === "inbound" ? packet.ingress : packet.egress) === "wan0")
    .map((direction) => judgeIn(edge, direction, packet));
  if (verdicts.length === 0) return "accepted";
  // Both halves must let it through; the first that does not has the say.
  return (
    verdicts.find((verdict) => verdict === "dropped" || verdict === "rejected") ??
    verdicts.find((verdict) => verdict === "undecided") ??
    "accepted"
  );
}

function judgeIn(edge: Edge, direction: Direction, packet: Packet): string {
  const fallback = { continue: "undecided", deny: "dropped", permit: "accepted" }[edge.default];
  if (packet.state.endsWith("reply")) return edge.default === "continue" ? "undecided" : "accepted";
  for (const rule of edge.rules) {
    const applies = isIn(rule, direction, packet) && !rule.exceptions.some((one) => isIn(one, direction, packet));
    if (applies) return { deny: "dropped", reject: "rejected", permit: "accepted" }[rule.action];
  }
  if (edge.default === "deny") {
    if (packet.state === "related") return "accepted";
    if (packet.family === "ipv6" && packet.protocol === 58 && packet.icmpType >= 133 && packet.icmpType <= 137)
      return "accepted";
  }
  return fallback;
}

function isIn(box: EdgeRule | EdgeException, direction: Direction, packet: Packet): boolean {
  const holds = (set: EdgeRule["from"], address: number | bigint): boolean =>
    packet.family === "ipv4"
      ? contains(set.addresses.ipv4, address as number)
      : contains(set.addresses.ipv6, address as bigint);
  return (
    box.directions.includes(direction) &&
    box.families.includes(packet.family) &&
    holds(box.from, packet.source) &&
    holds(box.to, packet.destination) &&
    box.services.some(
      (service) =>
        (service.family === undefined || service.family === packet.family) &&
        (service.protocol === "any" || service.protocol === packet.protocol) &&
        (![6, 17].includes(packet.protocol) ||
          (contains(service.sourcePorts, packet.sourcePort) &&
            contains(service.destinationPorts, packet.destinationPort))) &&
        (service.icmp === undefined ||
          (service.icmp.type === packet.icmpType && (service.icmp.code ?? packet.icmpCode) === packet.icmpCode)),
    )
  );
}

describe("the truth of a policy", () => {
  it("is what its documentation says, for every packet", () => {
    fc.assert(
      fc.property(arbitraryEdge(), fc.array(arbitraryPacket, { minLength: 20, maxLength: 60 }), (edge, packets) => {
        const truth = truthOf(edge, { outside, hooks: ir.hooks });
        for (const packet of packets) {
          const hook = packet.ingress === undefined ? "output" : packet.egress === undefined ? "input" : "forward";
          const path = truth.paths.find((one) => one.hook === hook)!;
          expect(trace(path, packet).fate).to.equal(judge(edge, packet));
        }
      }),
      runs(300),
    );
  });

  it("says what becomes of packets that it leaves alone, where a device must say", () => {
    const policy = edgeOf([edgeRule("block-smb")]);
    const truth = truthOf(policy, {
      outside,
      hooks: ["forward"],
      continueBecomes: { inbound: "drop", outbound: "accept" },
    });
    const web: Packet = { ...plain, destinationPort: 443 };
    expect(trace(truth.paths[0]!, { ...web, ingress: "wan0", egress: "lan0" }).fate).to.equal("dropped");
    expect(trace(truth.paths[0]!, { ...web, ingress: "lan0", egress: "wan0" }).fate).to.equal("accepted");
  });
});

const plain: Packet = {
  family: "ipv4",
  state: "new",
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 445,
  icmpType: 0,
  icmpCode: 0,
  tcpFlags: 2,
  source: parseIpv4("10.20.1.5")!,
  destination: parseIpv4("20.60.0.1")!,
  sourceMac: 0,
  conditions: new Set(),
};
