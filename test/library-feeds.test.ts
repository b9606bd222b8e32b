import { expect } from "chai";
import { readFileSync } from "node:fs";
import type { AddressListFormat } from "../src/index.js";
import { addressListFormats, diffFeeds, exceptions, feedLookup, readFeed } from "../src/index.js";
import { prefixTexts } from "./feeds/samples.js";
import { fakeRegistry, fakeVendor } from "./support/fake-vendor.js";

const text = (name: string): string => readFileSync(new URL(`../examples/feeds/${name}`, import.meta.url), "utf8");
const azure = text("ServiceTags_Public.json");
const office365 = text("o365-endpoints-worldwide-2026110100.json");

describe("the library about feeds", () => {
  it("reads either kind of feed, and says which it is", () => {
    const kinds = [azure, office365].map((one) => {
      const reading = readFeed(one);
      return reading.ok && [reading.feed.kind, reading.feed.version];
    });
    expect(kinds).to.deep.equal([
      ["azure", "changeNumber 12"],
      ["office365", "version unknown"],
    ]);
    for (const wrong of ["", "[1]", "{}", "<html>", "null", '{"version":"2026110100"}', "[".repeat(100_000)])
      expect(readFeed(wrong).ok, wrong.slice(0, 20)).to.equal(false);
  });

  it("looks up addresses", () => {
    const reading = readFeed(azure);
    if (!reading.ok) throw new Error(reading.problem.message);
    const lookup = feedLookup([reading.feed]);
    expect(lookup.find("20.60.26.4")!.holding).to.have.lengthOf(4);
    expect(lookup.find("20.60.26.4/23")).to.equal(undefined);
  });

  it("compares feeds, and gives diagnostics for what cannot be compared", () => {
    const [a, b] = [azure, office365].map((one) => {
      const reading = readFeed(one);
      if (!reading.ok) throw new Error(reading.problem.message);
      return reading.feed;
    });
    expect(diffFeeds(a!, a!).difference).to.deep.include({ kind: "azure", tags: [] });
    expect(diffFeeds(b!, b!, { areas: ["Skype"] }).difference).to.deep.include({ kind: "office365", compared: 1 });
    expect(diffFeeds(a!, b!).diagnostics.map((one) => one.code)).to.deep.equal(["RW5001"]);
    expect(diffFeeds(b!, b!, { changes: "<html>" }).diagnostics.map((one) => one.code)).to.deep.equal(["RW5001"]);
  });

  it("makes lists in every form", async () => {
    for (const { name } of await addressListFormats()) {
      const { ok, files, list } = await exceptions({ azure, regions: ["WestEurope"] }, { format: name });
      expect([ok, files.length > 0, list!.name], name).to.deep.equal([true, true, "storage-westeurope"]);
    }
    const unknown = await exceptions({ azure, regions: ["WestEurope"] }, { format: "csw" });
    expect([unknown.ok, unknown.diagnostics[0]!.message]).to.deep.equal([
      false,
      'there is no format "csw" (did you mean "csv"?)',
    ]);
  });

  it("does not give away a list that reads as other addresses", async () => {
    const broken: AddressListFormat = {
      name: "broken",
      about: "loses the last address",
      write: () => ({ ok: true, files: [{ path: "list", text: "", about: "" }], diagnostics: [] }),
      read: () => ({ ipv4: [{ first: 0, last: 0 }], ipv6: [] }),
    };
    for (const format of [broken, { ...broken, read: () => undefined }]) {
      const registry = fakeRegistry({ ...fakeVendor("nftables"), addressLists: [format] });
      const result = await exceptions({ azure, regions: ["WestEurope"] }, { format: "broken", registry });
      expect([result.ok, result.files]).to.deep.equal([false, []]);
      expect(result.diagnostics.map((one) => one.code)).to.include("RW9001");
    }
  });

  it("lists what a policy takes from given feeds, narrowed to the families of its exceptions", async () => {
    const policy = `
version: 1
name: p
feeds: { azure: { file: a.json } }
networks: { files: { azure: { regions: [WestEurope] }, minus: 20.60.26.0/24 } }
rules:
  - { name: a, deny: tcp/445, except: [{ to: files, family: ipv4 }] }
targets: {}
`;
    const { list, diagnostics } = await exceptions({ policy, files: { "a.json": azure } });
    expect(diagnostics.filter((one) => one.severity === "error")).to.deep.equal([]);
    expect(prefixTexts(list!.addresses)).to.deep.equal([
      "20.60.27.0/24",
      "198.18.32.0/20",
      "203.0.113.0/26",
      "203.0.113.64/27",
    ]);
    expect((await exceptions({ policy })).diagnostics[0]!.message).to.contain("the file a.json was not given");
    expect((await exceptions({ policy, feeds: [azure] })).ok).to.equal(true);
  });
});
