import { expect } from "chai";
import fc from "fast-check";
import type { Match, Packet } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { parseIpv4, parseIpv6 } from "../../src/net/index.js";
import {
  PacketSpace,
  SpaceExhausted,
  countHeaders,
  describe as describeSet,
  has,
  matches,
  witness,
} from "../../src/packet-set/index.js";
import { arbitraryMatch, arbitraryPacket } from "../support/arbitrary-rules.js";
import { runs } from "../support/runs.js";

const interfaces = ["wan0", "ppp*", "ppp1", "lan*", "p*", "eth9", "lan0"];
const space = (): PacketSpace => new PacketSpace({ interfaces });

const smb: Match = ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [445, 445]));
const net10: Match = ir.from({
  ipv4: [{ first: parseIpv4("10.0.0.0")!, last: parseIpv4("10.255.255.255")! }],
  ipv6: [],
});

describe("a packet set", () => {
  it("holds exactly the packets that its match speaks of", () => {
    fc.assert(
      fc.property(arbitraryMatch, fc.array(arbitraryPacket, { minLength: 20, maxLength: 40 }), (match, packets) => {
        const here = space();
        const set = here.compile(match);
        for (const packet of packets) expect(has(here, set, packet)).to.equal(matches(match, packet));
      }),
      runs(1500),
    );
  });

  it("is the same number as any equal set", () => {
    fc.assert(
      fc.property(arbitraryMatch, arbitraryMatch, (a, b) => {
        const here = space();
        const [x, y] = [here.compile(a), here.compile(b)];
        expect(here.compile({ kind: "all", of: [a, b] })).to.equal(here.and(x, y));
        expect(here.compile({ kind: "any", of: [a, b] })).to.equal(here.or(x, y));
        expect(here.compile({ kind: "not", of: a })).to.equal(here.not(x));
        expect(here.compile({ kind: "all", of: [a, { kind: "not", of: b }] })).to.equal(here.difference(x, y));
      }),
      runs(500),
    );
  });

  it("obeys the laws of a Boolean algebra", () => {
    fc.assert(
      fc.property(arbitraryMatch, arbitraryMatch, arbitraryMatch, (a, b, c) => {
        const s = space();
        const [x, y, z] = [s.compile(a), s.compile(b), s.compile(c)];
        expect(s.not(s.not(x))).to.equal(x);
        expect(s.not(s.and(x, y))).to.equal(s.or(s.not(x), s.not(y)));
        expect(s.and(x, s.or(y, z))).to.equal(s.or(s.and(x, y), s.and(x, z)));
        expect(s.or(x, s.and(x, y))).to.equal(x);
        expect(s.and(x, s.not(x))).to.equal(s.none);
        expect(s.or(x, s.not(x))).to.equal(s.all);
        expect(s.difference(x, s.difference(x, y))).to.equal(s.and(x, y));
      }),
      runs(500),
    );
  });

  it("shows a packet of its own as a witness, and none only when it is empty", () => {
    fc.assert(
      fc.property(arbitraryMatch, (match) => {
        const here = space();
        const set = here.compile(match);
        const packet = witness(here, set);
        if (packet === undefined) expect(set).to.equal(here.none);
        else {
          expect(has(here, set, packet)).to.equal(true);
          if (meaningful(packet)) expect(matches(match, packet)).to.equal(true);
        }
      }),
      runs(1000),
    );
  });

  it("chooses the plainest packet: new, from an ephemeral port, between documentation addresses", () => {
    const here = space();
    expect(witness(here, here.compile(smb))).to.deep.include({
      family: "ipv4",
      state: "new",
      protocol: 6,
      sourcePort: 49152,
      destinationPort: 445,
      tcpFlags: 2,
      source: parseIpv4("192.0.2.1"),
      destination: parseIpv4("198.51.100.1"),
    });
    expect(witness(here, here.compile(ir.all(smb, net10)))?.source).to.equal(parseIpv4("10.0.0.0"));
    expect(witness(here, here.compile(ir.all(smb, ir.ofFamily("ipv6"))))?.source).to.equal(parseIpv6("2001:db8::1"));
  });

  it("names an interface that only a wildcard speaks of", () => {
    const here = space();
    const set = here.compile(ir.all(smb, ir.ingress("ppp*"), ir.not(ir.ingress("ppp1"))));
    expect(witness(here, set)?.ingress).to.equal("ppp0");
    expect(has(here, set, { ...witness(here, set)!, ingress: "ppp4711" })).to.equal(true);
    expect(has(here, set, { ...witness(here, set)!, ingress: "ppp1" })).to.equal(false);
  });

  it("tells what holds for some and for all values of a condition", () => {
    const here = space();
    const limited = here.compile(ir.all(smb, ir.condition("limit")));
    expect(here.may(limited)).to.equal(here.compile(smb));
    expect(here.must(limited)).to.equal(here.none);
    // What belongs to the packet is no doubt about it.
    const slow = here.compile(ir.all(smb, ir.varying("at most 3 a minute")));
    expect(here.must(slow)).to.equal(slow);
    expect(here.must(here.and(slow, limited))).to.equal(here.none);
    expect(here.may(slow)).to.equal(here.compile(smb));
    // Nobody knows whether a list holds anybody, but there are others.
    const listed = ir.particular("source is in the list");
    const fromList = here.compile(ir.all(smb, listed));
    const fromOthers = here.compile(ir.all(smb, ir.not(listed)));
    expect(here.must(fromList)).to.equal(here.none);
    expect(here.must(fromOthers)).to.equal(fromOthers);
    expect(here.must(here.or(fromList, fromOthers))).to.equal(here.compile(smb));
    expect(here.must(here.or(limited, here.compile(ir.all(smb, ir.not(ir.condition("limit"))))))).to.equal(
      here.compile(smb),
    );
  });

  it("counts different headers", () => {
    const here = space();
    const count = (match: Match): bigint => countHeaders(here, here.compile(match));
    const one = 2n ** 16n * 2n ** 64n;
    expect(count(ir.all(ir.ofFamily("ipv4"), smb))).to.equal(one);
    expect(count(ir.all(smb, net10))).to.equal(one / 256n);
    expect(count(ir.all(ir.ofFamily("ipv4"), smb, ir.ingress("wan0"), ir.condition("limit")))).to.equal(one);
    expect(count(ir.all(ir.ofFamily("ipv4"), ir.ofProtocol(47)))).to.equal(2n ** 64n);
    expect(count(ir.all(ir.ofFamily("ipv4"), ir.ofProtocol(1), ir.numberIn("icmp-type", [8, 8])))).to.equal(
      256n * 2n ** 64n,
    );
    expect(count(ir.ofFamily("ipv6"))).to.equal((5n * 2n ** 32n + 2n * 2n ** 16n + 249n) * 2n ** 256n);
    expect(count(ir.noPacket)).to.equal(0n);
  });

  it("counts a union as the parts less what they share", () => {
    fc.assert(
      fc.property(arbitraryMatch, arbitraryMatch, (a, b) => {
        const here = space();
        const [x, y] = [here.compile(a), here.compile(b)];
        fc.pre(here.conditions.length === 0);
        const free = (set: number): number => {
          const { ingress, egress, state, tcpFlags, sourceMac } = here.layout;
          return [ingress, egress, state, tcpFlags, sourceMac].reduce(
            (left, field) => here.bdd.exists(left, field.first, field.first + field.bits - 1),
            set,
          );
        };
        const [p, q] = [free(x), free(y)];
        expect(countHeaders(here, here.or(p, q)) + countHeaders(here, here.and(p, q))).to.equal(
          countHeaders(here, p) + countHeaders(here, q),
        );
      }),
      runs(300),
    );
  });

  it("describes itself in boxes that people can read", () => {
    const here = space();
    const text = (match: Match): string[] => describeSet(here, here.compile(match));
    expect(text(smb)).to.deep.equal(["tcp any > any:445"]);
    expect(text(ir.all(smb, net10, ir.ingress("wan0")))).to.deep.equal([
      "IPv4 tcp 10.0.0.0/8 > any:445, arriving on wan0",
    ]);
    expect(
      text(ir.all(ir.ofProtocol(17), ir.numberIn("destination-port", [137, 138]), ir.inState("new"))),
    ).to.deep.equal(["udp any > any:137-138, new"]);
    expect(text(ir.noPacket)).to.deep.equal(["no packet"]);
    expect(text(ir.all(smb, ir.inState(...ir.states.filter((state) => !state.endsWith("reply")))))).to.deep.equal([
      "tcp any > any:445, not a reply",
    ]);
    expect(text(ir.all(smb, ir.not(ir.inState("invalid"))))).to.deep.equal(["tcp any > any:445, not invalid"]);
    expect(text(ir.all(smb, ir.inState("new", "untracked")))).to.deep.equal(["tcp any > any:445, new or untracked"]);
    expect(text(ir.all(smb, ir.withTcpFlags(18, 2)))).to.deep.equal(["tcp any > any:445, SYN and not ACK"]);
    expect(text(ir.all(smb, ir.not(ir.withTcpFlags(18, 2))))).to.deep.equal([
      "tcp any > any:445, not (SYN and not ACK)",
    ]);
    expect(text(ir.all(smb, ir.withTcpFlags(255, 2)))).to.deep.equal(["tcp any > any:445, only SYN"]);
    expect(text(ir.all(smb, ir.condition("limit 3/minute")))).to.deep.equal(["tcp any > any:445, if limit 3/minute"]);
  });

  it("says so when the description is cut", () => {
    const here = space();
    const odd: Match = ir.numberIn(
      "destination-port",
      ...Array.from({ length: 20_000 }, (_, i) => [2 * i + 1, 2 * i + 1] as const),
    );
    expect(describeSet(here, here.compile(ir.all(ir.ofProtocol(6), odd))).at(-1)).to.equal("and more");
  });

  it("refuses to grow without bound", () => {
    const here = new PacketSpace({ interfaces: [], mostNodes: 5000 });
    const many = ir.numberIn("source-mac", ...Array.from({ length: 900 }, (_, i) => [i ** 4 * 7, i ** 4 * 7] as const));
    expect(() => here.compile(many)).to.throw(SpaceExhausted);
  });
});

/** A witness may carry a port beside a protocol that has none, if the match never asked for the protocol. */
function meaningful(packet: Packet): boolean {
  return (
    ir.protocolsWithPorts.includes(packet.protocol) ||
    packet.protocol === 1 ||
    packet.protocol === 58 ||
    packet.sourcePort === 0
  );
}
