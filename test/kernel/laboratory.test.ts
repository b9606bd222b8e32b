import { expect } from "chai";
import { describeKernel, openLaboratory, untrackedHops } from "../support/kernel.js";
import type { Laboratory, WirePacket } from "../support/kernel.js";

describeKernel("the laboratory", ["nft"], () => {
  let laboratory: Laboratory;
  before(() => {
    laboratory = openLaboratory();
  });
  after(() => laboratory.close());
  afterEach(() => laboratory.attempt("firewall", ["nft", "delete", "table", "inet", "t"]));

  const inward = { from: "wan0", via: "lan0", destinationPort: 80 };
  const ipv4 = { source: "203.0.113.9", destination: "198.51.100.7" };
  const ipv6 = { source: "2001:db8::9", destination: "2001:db8:1::7" };

  it("carries packets of every kind through a firewall without rules", async () => {
    const packets: WirePacket[] = [];
    for (const ends of [ipv4, ipv6]) {
      for (const way of [
        { from: "wan0", via: "lan0" },
        { from: "lan0", via: "wan0" },
        { from: "wan0", via: "wan0" },
        { from: "wan0", via: "firewall" },
        { from: "firewall", via: "wan0" },
        { from: "firewall", via: "lan0" },
      ]) {
        for (const protocol of [6, 17, 132, 33, 47, ends === ipv4 ? 1 : 58]) {
          const icmpType = protocol === 58 ? 128 : 8;
          packets.push({ ...way, ...ends, protocol, destinationPort: 80, icmpType });
          packets.push({ ...way, ...ends, protocol, destinationPort: 80, icmpType, hops: untrackedHops });
        }
        // The kernel drops IPv6 first fragments that do not hold the whole TCP header (RFC 8200 section 4.5).
        const fragments = ends === ipv4 ? [8, 16] : [24, 16];
        packets.push({ ...way, ...ends, destinationPort: 80, sourcePort: 5555, fragments });
      }
      packets.push({ ...inward, ...ends, badChecksum: true });
    }
    packets.push({ ...inward, ...ipv6, extensionHeaders: ["destination"] });
    packets.push({ ...inward, ...ipv6, extensionHeaders: ["hop-by-hop", "destination"] });
    packets.push({ ...inward, ...ipv6, extensionHeaders: ["atomic-fragment"] });
    const fates = await laboratory.send(packets);
    expect(packets.filter((_, i) => fates[i] !== "passed")).to.deep.equal([]);
  });

  it("tells a drop from a rejection", async () => {
    laboratory.run(
      "firewall",
      ["nft", "-f", "-"],
      `table inet t { chain c { type filter hook forward priority 0;
         tcp dport 1 drop; tcp dport 2 reject; udp dport 2 reject; tcp dport 3 reject with tcp reset; }
}`,
    );
    for (const ends of [ipv4, ipv6]) {
      const fates = await laboratory.send([
        { ...inward, ...ends, destinationPort: 1 },
        { ...inward, ...ends, destinationPort: 2 },
        { ...inward, ...ends, destinationPort: 2, protocol: 17 },
        { ...inward, ...ends, destinationPort: 3 },
        { ...inward, ...ends, destinationPort: 4 },
      ]);
      expect(fates).to.deep.equal(["dropped", "rejected", "rejected", "rejected", "passed"]);
    }
  });

  it("knows the states of connection tracking", async () => {
    laboratory.run(
      "firewall",
      ["nft", "-f", "-"],
      `table inet t { chain c { type filter hook forward priority 0; policy drop;
         tcp dport 11 ct state new accept; tcp dport 12 ct state untracked accept; tcp dport 13 ct state invalid accept; }
}`,
    );
    const fates = await laboratory.send([
      { ...inward, ...ipv4, destinationPort: 11 },
      { ...inward, ...ipv4, destinationPort: 12, hops: untrackedHops },
      { ...inward, ...ipv4, destinationPort: 13, badChecksum: true },
      { ...inward, ...ipv4, destinationPort: 13 },
    ]);
    expect(fates).to.deep.equal(["passed", "passed", "passed", "dropped"]);
  });

  it("opens real connections from and to any address", async () => {
    for (const ends of [ipv4, ipv6]) {
      for (const protocol of ["tcp", "udp"] as const) {
        const flow = await laboratory.open({
          from: "inside",
          to: "outside",
          source: ends.destination,
          sourcePort: 445,
          destination: ends.source,
          destinationPort: 443,
          protocol,
        });
        expect(flow.state).to.equal("open");
        expect(await flow.exchange()).to.equal("answered");
        await flow.close();
      }
    }
  });
});
