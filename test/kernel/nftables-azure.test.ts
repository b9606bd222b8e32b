import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { AddressSet, Endpoint } from "../../src/vendor-kit/index.js";
import { contains, formatIpv4, formatIpv6 } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { addresses, edgeOf, edgeRule, exception, network, targetOf } from "../support/edge.js";
import { describeKernel, openLaboratory } from "../support/kernel.js";
import type { Laboratory, WirePacket } from "../support/kernel.js";
import { describeShared } from "../support/shared.js";

const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");

describeShared("nftables and the published Azure ranges", (folder) => {
  const feed = JSON.parse(readFileSync(join(folder, "data/ServiceTags_Public_20251028.json"), "utf8")) as {
    readonly values: readonly { readonly name: string; readonly properties: { readonly addressPrefixes: string[] } }[];
  };
  const prefixes = (isMeant: (tag: string) => boolean): string[] =>
    feed.values.filter(({ name }) => isMeant(name)).flatMap(({ properties }) => properties.addressPrefixes);

  const sizes: readonly [string, string[], number, number][] = [
    ["Storage.WestEurope", prefixes((tag) => tag === "Storage.WestEurope"), 0, 0],
    ["Storage.*", prefixes((tag) => tag.startsWith("Storage.")), 0, 0],
    ["AzureCloud", prefixes((tag) => tag === "AzureCloud"), 730, 910],
  ];

  describeKernel("in the kernel", ["nft"], () => {
    let laboratory: Laboratory;
    before(() => {
      laboratory = openLaboratory();
    });
    after(() => laboratory.close());

    for (const [title, texts, intervals4, intervals6] of sizes) {
      it(`opens ${title} and nothing beside it, at both ends of every interval`, async () => {
        const azure: Endpoint = { label: title, id: "azure", addresses: addresses(...texts) };
        const { ipv4, ipv6 } = azure.addresses;
        if (intervals4 > 0) expect([ipv4.length, ipv6.length]).to.deep.equal([intervals4, intervals6]);
        const edge = edgeOf([edgeRule("block-smb", { exceptions: [exception({ from: clients, to: azure })] })]);
        const { text } = nftables.emit(edge, targetOf("nftables", { outside: ["wan0"] })).files[0]!;
        // One interval stands in the rule itself.
        const elements = [ipv4.length, ipv6.length].reduce((sum, count) => (count > 1 ? sum + count : sum), 0);
        expect(text.match(/^\t\t\t/gm)).to.have.length(elements);
        laboratory.run("firewall", ["nft", "-f", "-"], text);

        const packets = [...around4(azure.addresses), ...around6(azure.addresses)];
        const fates = await laboratory.send(packets.map(({ packet }) => packet));
        const wrong = packets.filter(({ isOpen }, i) => (fates[i] === "passed") !== isOpen);
        expect(wrong).to.deep.equal([]);
        expect(packets.length).to.be.greaterThan(100);
      });
    }
  });
});

interface Probe {
  readonly packet: WirePacket;
  readonly isOpen: boolean;
}

function around4({ ipv4 }: AddressSet): Probe[] {
  return ipv4.flatMap(({ first, last }) =>
    [first - 1, first, last, last + 1].map((address) => ({
      packet: out("10.20.3.4", formatIpv4(address)),
      isOpen: contains(ipv4, address),
    })),
  );
}

function around6({ ipv6 }: AddressSet): Probe[] {
  return ipv6.flatMap(({ first, last }) =>
    [first - 1n, first, last, last + 1n].map((address) => ({
      packet: out("2001:db8:20::4", formatIpv6(address)),
      isOpen: contains(ipv6, address),
    })),
  );
}

function out(source: string, destination: string): WirePacket {
  return { from: "lan0", via: "wan0", source, destination, destinationPort: 445 };
}
