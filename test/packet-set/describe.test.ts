import { expect } from "chai";
import fc from "fast-check";
import type { Match } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { parseIpv4, parseIpv6, parsePrefix, prefixSet, unionAddresses } from "../../src/net/index.js";
import type { AddressSet } from "../../src/net/index.js";
import { PacketSpace, describe as describeSet, protocolName, protocolNumber } from "../../src/packet-set/index.js";
import { arbitraryMatch } from "../support/arbitrary-rules.js";
import { runs } from "../support/runs.js";

const interfaces = ["wan0", "lan0", "lan1", "lan2", "lan3", "lan4", "ppp*", "ppp1", "p*", "lan*", "eth9"];

function text(match: Match, most?: number): string[] {
  const space = new PacketSpace({ interfaces });
  return describeSet(space, space.compile(match), most);
}

function prefixes(...texts: string[]): AddressSet {
  return unionAddresses(
    ...texts.map((one) => {
      const read = parsePrefix(one);
      if (!read.ok) throw new Error(one);
      return prefixSet(read.value);
    }),
  );
}

const tcp = ir.ofProtocol(6);
const port = (...ranges: [number, number][]): Match => ir.numberIn("destination-port", ...ranges);

describe("the description of a packet set", () => {
  it("names the family only where it matters", () => {
    expect(text(tcp)).to.deep.equal(["tcp any > any"]);
    expect(text(ir.all(tcp, ir.ofFamily("ipv6")))).to.deep.equal(["IPv6 tcp any > any"]);
    expect(text(ir.ofFamily("ipv4"))).to.deep.equal(["IPv4 any protocol any > any"]);
  });

  it("names protocols as people do", () => {
    expect(text(ir.ofProtocol(1, 6, 17))).to.deep.equal(["icmp,tcp,udp any > any"]);
    expect(text(ir.ofProtocol(47))).to.deep.equal(["gre any > any"]);
    expect(text(ir.ofProtocol(200))).to.deep.equal(["protocol 200 any > any"]);
    expect(text(ir.numberIn("protocol", [0, 5], [17, 17]))).to.deep.equal(["protocols 0-5,udp any > any"]);
    expect(protocolName(58)).to.equal("icmpv6");
    expect(protocolNumber("udplite")).to.equal(136);
    expect(protocolNumber("nonsense")).to.equal(undefined);
  });

  it("writes prefixes where a set is one, ranges and single addresses elsewhere", () => {
    const addresses: AddressSet = {
      ipv4: [{ first: parseIpv4("10.0.0.5")!, last: parseIpv4("10.0.0.9")! }],
      ipv6: [{ first: parseIpv6("2001:db8::5")!, last: parseIpv6("2001:db8::9")! }],
    };
    expect(text(ir.all(tcp, ir.from(prefixes("10.0.0.0/8"))))).to.deep.equal(["IPv4 tcp 10.0.0.0/8 > any"]);
    expect(text(ir.all(tcp, ir.to(prefixes("10.0.0.1", "2001:db8::1"))))).to.deep.equal([
      "IPv4 tcp any > 10.0.0.1",
      "IPv6 tcp any > 2001:db8::1",
    ]);
    expect(text(ir.all(tcp, ir.to(addresses)))).to.deep.equal([
      "IPv4 tcp any > 10.0.0.5-10.0.0.9",
      "IPv6 tcp any > 2001:db8::5-2001:db8::9",
    ]);
    expect(text(ir.all(tcp, ir.to(prefixes("2001:db8::/32"))))).to.deep.equal(["IPv6 tcp any > 2001:db8::/32"]);
  });

  it("lists three values and counts the rest", () => {
    expect(text(ir.all(tcp, port([1, 1], [3, 5], [7, 7])))).to.deep.equal(["tcp any > any:1,3-5,7"]);
    expect(text(ir.all(tcp, port([1, 1], [3, 5], [7, 7], [9, 9], [11, 11])))).to.deep.equal([
      "tcp any > any:1,3-5,7 and 2 more",
    ]);
  });

  it("says source ports at the source", () => {
    expect(text(ir.all(tcp, ir.numberIn("source-port", [1024, 65535]), port([445, 445])))).to.deep.equal([
      "tcp any:1024-65535 > any:445",
    ]);
  });

  it("says type and code of ICMP", () => {
    expect(text(ir.all(ir.ofProtocol(1), ir.numberIn("icmp-type", [8, 8])))).to.deep.equal(["icmp any > any, type 8"]);
    expect(
      text(ir.all(ir.ofProtocol(58), ir.numberIn("icmp-type", [1, 1]), ir.numberIn("icmp-code", [4, 4]))),
    ).to.deep.equal(["icmpv6 any > any, type 1 code 4"]);
    expect(text(ir.all(ir.ofProtocol(1), ir.numberIn("icmp-type", [3, 4])))).to.deep.equal([
      "icmp any > any, type 3-4",
    ]);
    expect(
      text(ir.all(ir.ofProtocol(1), ir.numberIn("icmp-type", [3, 3]), ir.numberIn("icmp-code", [1, 2]))),
    ).to.deep.equal(["icmp any > any, type 3 code 1-2"]);
  });

  it("says which way a packet goes, and when it is the firewall's own", () => {
    expect(text(ir.all(tcp, ir.egress("wan0")))).to.deep.equal(["tcp any > any, leaving by wan0"]);
    expect(text(ir.all(tcp, ir.ingress("ppp*")))).to.deep.equal(["tcp any > any, arriving on ppp1 or ppp0"]);
    expect(text(ir.all(tcp, ir.ingress("lan0", "lan1", "lan2", "lan3", "lan4")))).to.deep.equal([
      "tcp any > any, arriving on lan0, lan1, lan2, lan3 and 1 more",
    ]);
    expect(text(ir.all(tcp, ir.not(ir.ingress("*"))))).to.deep.equal(["tcp any > any, from the firewall itself"]);
    expect(text(ir.all(tcp, ir.not(ir.egress("*"))))).to.deep.equal(["tcp any > any, to the firewall itself"]);
    expect(text(ir.all(tcp, ir.ingress("*"), ir.not(ir.ingress("lan*", "p*", "eth9"))))).to.deep.equal([
      "tcp any > any, arriving on wan0 or any other interface",
    ]);
  });

  it("says hardware addresses and conditions", () => {
    expect(text(ir.all(tcp, ir.numberIn("source-mac", [0x0200000000ff, 0x0200000000ff])))).to.deep.equal([
      "tcp any > any, from hardware address 02:00:00:00:00:ff",
    ]);
    expect(text(ir.all(tcp, ir.not(ir.condition("limit"))))).to.deep.equal(["tcp any > any, if not limit"]);
    expect(text(ir.all(tcp, ir.condition("limit"), ir.condition("a name")))).to.deep.equal([
      "tcp any > any, if limit and a name",
    ]);
    expect(text(ir.all(tcp, ir.any(ir.condition("limit"), ir.condition("a name"))))).to.deep.equal([
      "tcp any > any, depending on limit, a name",
    ]);
  });

  it("cuts after as many lines as are wanted", () => {
    const scattered = ir.any(
      ...[1, 2, 3, 4, 5, 6].map((n) => ir.all(tcp, port([n * 10, n * 10]), ir.from(prefixes(`10.0.${n}.0/24`)))),
    );
    expect(text(scattered)).to.deep.equal([
      "IPv4 tcp 10.0.1.0/24 > any:10",
      "IPv4 tcp 10.0.2.0/24 > any:20",
      "IPv4 tcp 10.0.3.0/24 > any:30",
      "IPv4 tcp 10.0.4.0/24 > any:40",
      "and more",
    ]);
    expect(text(scattered, 6)).to.have.length(6);
    expect(text(scattered, 1)).to.deep.equal(["IPv4 tcp 10.0.1.0/24 > any:10", "and more"]);
  });

  it("is never empty and never long", () => {
    fc.assert(
      fc.property(arbitraryMatch, (match) => {
        expect(text(match).length).to.be.within(1, 5);
      }),
      runs(300),
    );
  });
});
