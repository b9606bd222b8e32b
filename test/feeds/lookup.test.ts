import { expect } from "chai";
import fc from "fast-check";
import type { AnyFeed } from "../../src/feeds/index.js";
import { lookupIndex, partLabel, partsOf } from "../../src/feeds/index.js";
import {
  families,
  formatAddress,
  intersectAddresses,
  isNoAddress,
  parsePrefix,
  prefixSet,
  subtractAddresses,
} from "../../src/net/index.js";
import type { AnyPrefix } from "../../src/net/index.js";
import { runs } from "../support/runs.js";
import { azureFeed, feedText, office365Feed, sampleFeed } from "./samples.js";

describe("looking up an address in feeds", () => {
  const feeds: readonly AnyFeed[] = [
    azureFeed(sampleFeed("ServiceTags_Public.json")),
    office365Feed(sampleFeed("o365-endpoints-worldwide-2026110100.json")),
  ];

  it("names the tags that hold it, the longest published prefix first, then the smallest tag", () => {
    expect(find(feeds, "20.60.26.4")).to.deep.equal({
      holding: [
        "Storage.WestEurope 20.60.26.0/23",
        "AzureCloud.westeurope 20.60.26.0/23",
        "Storage 20.60.26.0/23",
        "AzureCloud 20.60.26.0/23",
      ],
      partly: [],
    });
  });

  it("names the endpoint sets of Office 365 beside them", () => {
    expect(find(feeds, "198.18.112.9").holding).to.include("endpoint set 11 (Skype, Optimize) 198.18.112.0/21");
  });

  it("finds nothing where there is nothing", () => {
    expect(find(feeds, "192.0.2.1")).to.deep.equal({ holding: [], partly: [] });
    expect(find([], "192.0.2.1")).to.deep.equal({ holding: [], partly: [] });
  });

  it("tells what has a whole prefix from what has some of it, the most first", () => {
    const feed = tags({
      Whole: ["10.0.0.0/8"],
      Halves: ["10.1.0.0/17", "10.1.128.0/17"],
      Some: ["10.1.2.0/24"],
      More: ["10.1.4.0/23"],
    });
    expect(find([feed], "10.1.0.0/16")).to.deep.equal({
      holding: ["Halves together", "Whole 10.0.0.0/8"],
      partly: ["More", "Some"],
    });
    expect(find([feed], "10.0.0.0/7").partly).to.deep.equal(["Whole", "Halves", "More", "Some"]);
    expect(find([feed], "0.0.0.0/0").partly).to.have.lengthOf(4);
  });

  it("takes a tag that publishes an address twice once, by its longest prefix", () => {
    expect(find([tags({ Twice: ["10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16"] })], "10.1.1.1").holding).to.deep.equal([
      "Twice 10.1.0.0/16",
    ]);
  });

  it("answers as a search through all parts does", () => {
    const prefix = fc
      .tuple(fc.constantFrom(...families), fc.nat(15), fc.nat(4))
      .map(([family, bits, length]): string => {
        const host = family === "ipv4" ? 28 : 124;
        const kept = (bits >> (4 - length)) << (4 - length);
        return family === "ipv4"
          ? `${formatAddress("ipv4", kept)}/${host + length}`
          : `${formatAddress("ipv6", BigInt(kept))}/${host + length}`;
      });
    fc.assert(
      fc.property(
        fc.array(fc.array(prefix, { maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        prefix,
        (lists, wanted) => {
          const feed = tags(Object.fromEntries(lists.map((list, i) => [`Tag${i}`, list])));
          const asked = prefixOf(wanted);
          const set = prefixSet(asked);
          const { parts } = partsOf(feed);
          const holding = parts.filter((part) => isNoAddress(subtractAddresses(set, part.addresses)));
          const partly = parts.filter(
            (part) => !holding.includes(part) && !isNoAddress(intersectAddresses(set, part.addresses)),
          );
          const found = lookupIndex(parts).find(asked);
          expect(found.holding.map(({ part }) => part)).to.have.members(holding);
          expect(found.partly.map(({ part }) => part)).to.have.members(partly);
          for (const { part, addresses } of found.partly)
            expect(addresses).to.deep.equal(intersectAddresses(set, part.addresses));
          const lengths = found.holding.flatMap((one) => (one.prefix === undefined ? [] : [one.prefix.prefix.length]));
          expect(lengths).to.deep.equal([...lengths].sort((a, b) => b - a));
        },
      ),
      runs(300),
    );
  });
});

function find(feeds: readonly AnyFeed[], text: string): { holding: string[]; partly: string[] } {
  const found = lookupIndex(feeds.flatMap((feed) => partsOf(feed).parts)).find(prefixOf(text));
  return {
    holding: found.holding.map(
      ({ part, prefix }) => `${partLabel(part)} ${prefix === undefined ? "together" : textOf(prefix)}`,
    ),
    partly: found.partly.map(({ part }) => partLabel(part)),
  };
}

function textOf({ family, prefix }: AnyPrefix): string {
  return `${formatAddress(family, prefix.address)}/${prefix.length}`;
}

function prefixOf(text: string): AnyPrefix {
  const read = parsePrefix(text);
  if (!read.ok) throw new Error(text);
  return read.value;
}

function tags(of: Readonly<Record<string, readonly string[]>>): AnyFeed {
  const values = Object.entries(of).map(([name, addressPrefixes]) => ({ name, properties: { addressPrefixes } }));
  return azureFeed(feedText(JSON.stringify({ changeNumber: 1, cloud: "Public", values })));
}
