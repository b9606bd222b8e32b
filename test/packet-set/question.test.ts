import { expect } from "chai";
import * as ir from "../../src/ir/index.js";
import {
  PacketSpace,
  compareFates,
  crossing,
  decidePath,
  describe as describeSet,
  everyPacketIs,
  evidence,
  firstPackets,
  packetsOf,
} from "../../src/packet-set/index.js";

const space = new PacketSpace({ interfaces: ["wan0", "lan0"] });
const outside = ["wan0"];
const text = (set: number): string[] => describeSet(space, set);

describe("a question", () => {
  it("asks of each hook only about packets that it can meet", () => {
    expect(text(packetsOf(space, "input"))[0]).to.match(/arriving on .*, to the firewall itself$/);
    expect(text(packetsOf(space, "output"))[0]).to.match(/from the firewall itself, leaving by /);
    expect(text(packetsOf(space, "forward"))[0]).to.match(/arriving on .*leaving by /);
    const all = [packetsOf(space, "forward"), packetsOf(space, "input"), packetsOf(space, "output")];
    for (const a of all) for (const b of all) if (a !== b) expect(space.and(a, b)).to.equal(space.none);
  });

  it("knows which packets cross the edge in a direction", () => {
    expect(text(crossing(space, "forward", "inbound", { outside, inside: ["lan0"] }))).to.deep.equal([
      "any protocol any > any, arriving on wan0, leaving by lan0",
    ]);
    expect(text(crossing(space, "forward", "outbound", { outside, inside: ["lan0"] }))).to.deep.equal([
      "any protocol any > any, arriving on lan0, leaving by wan0",
    ]);
    expect(text(crossing(space, "input", "inbound", { outside, inside: ["lan0"] }))).to.deep.equal([
      "any protocol any > any, arriving on wan0, to the firewall itself",
    ]);
    expect(text(crossing(space, "output", "outbound", { outside }))).to.deep.equal([
      "any protocol any > any, from the firewall itself, leaving by wan0",
    ]);
    expect(text(crossing(space, "output", "outbound", { outside, inside: ["lan0"] }))).to.deep.equal([
      "any protocol any > any, from the firewall itself, leaving by wan0",
    ]);
    expect(crossing(space, "input", "outbound", { outside })).to.equal(space.none);
    expect(crossing(space, "output", "inbound", { outside })).to.equal(space.none);
  });

  it("knows the packets that begin a connection", () => {
    expect(text(space.and(firstPackets(space), space.compile(ir.ofProtocol(6))))).to.deep.equal([
      "tcp any > any, new, SYN and not ACK",
    ]);
    expect(text(space.and(firstPackets(space), space.compile(ir.ofProtocol(17))))).to.deep.equal([
      "udp any > any, new",
    ]);
  });
});

describe("a comparison of fates", () => {
  const chain = (verdict: ir.Action): ir.Path => ({
    hook: "forward",
    filters: [
      {
        name: "filter",
        entry: "all",
        chains: new Map([
          [
            "all",
            {
              name: "all",
              order: "first-match" as const,
              end: "accept" as const,
              rules: [{ match: ir.ofProtocol(17), verdict, origin: { label: "udp" } }],
            },
          ],
        ]),
      },
    ],
  });

  it("shows the packets that part, with the rules that decide", () => {
    const left = decidePath(space, chain("drop"));
    const right = decidePath(space, chain("accept"));
    const [difference, ...rest] = compareFates(space, left, right, space.all);
    expect(rest).to.deep.equal([]);
    expect(difference).to.include({ left: "dropped", right: "accepted" });
    expect(difference!.packets).to.equal(space.compile(ir.ofProtocol(17)));
    const { packet, decidedBy } = evidence(space, difference!.packets, chain("drop"));
    expect(packet.protocol).to.equal(17);
    expect(decidedBy?.rule?.origin.label).to.equal("udp");
    expect(compareFates(space, left, right, space.compile(ir.ofProtocol(6)))).to.deep.equal([]);
    expect(compareFates(space, left, left, space.all)).to.deep.equal([]);
  });

  it("does not take unknown for equal to unknown", () => {
    const unknown = everyPacketIs(space, "unknown");
    expect(compareFates(space, unknown, unknown, space.all)).to.have.length(1);
  });

  it("has no packet to show from nothing", () => {
    expect(() => evidence(space, space.none, chain("drop"))).to.throw(RangeError);
  });
});
