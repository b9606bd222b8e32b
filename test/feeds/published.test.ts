import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { selectAzure, selectOffice365 } from "../../src/feeds/index.js";
import { fewestPrefixes4, fewestPrefixes6 } from "../../src/net/index.js";
import { describeShared } from "../support/shared.js";
import { azureFeed, feedFile, office365Feed, words } from "./samples.js";

describeShared("the feeds as Microsoft published them", (shared) => {
  const data = join(shared, "data");
  const files = readdirSync(data).sort();

  for (const name of files.filter((file) => file.startsWith("ServiceTags_"))) {
    it(`${name}: every tag can be selected`, () => {
      const feed = azureFeed(feedFile(join(data, name)));
      expect(feed.version).to.match(/^changeNumber \d+$/);
      const { diagnostics, tags } = selectAzure(feed, { tags: words(...feed.tags.keys()) });
      expect(diagnostics).to.deep.equal([]);
      expect(tags).to.have.lengthOf(feed.tags.size);
    });
  }

  for (const name of files.filter((file) => file.startsWith("o365-endpoints-"))) {
    it(`${name}: every set with addresses can be selected, and none publishes TCP 445`, () => {
      const feed = office365Feed(feedFile(join(data, name)));
      expect(feed.version).to.match(/^version \d{10}$/);
      const areas = words(...new Set(feed.sets.map((set) => set.area)));
      const { diagnostics, sets } = selectOffice365(feed, { areas });
      expect(diagnostics).to.deep.equal([]);
      expect(sets).to.have.lengthOf(feed.sets.filter((set) => set.prefixes.length > 0).length);
      expect(feed.sets.flatMap((set) => set.ports)).to.not.include("tcp/445");
    });
  }

  describe("ServiceTags_Public_20251028.json", () => {
    const feed = azureFeed(feedFile(join(data, "ServiceTags_Public_20251028.json")));
    const published = (...tags: string[]): number =>
      tags.reduce((count, tag) => count + feed.tags.get(tag)!.prefixes.length, 0);

    it("has AzureCloud with 13,080 prefixes, in 730 and 910 intervals, covered by 1,860 and 1,346", () => {
      expect(published("AzureCloud")).to.equal(13_080);
      const { ipv4, ipv6 } = selectAzure(feed, { tags: words("AzureCloud") }).addresses;
      expect([ipv4.length, ipv6.length]).to.deep.equal([730, 910]);
      expect([fewestPrefixes4(ipv4).length, fewestPrefixes6(ipv6).length]).to.deep.equal([1860, 1346]);
    });

    it("has Storage.WestEurope with 98 prefixes, none of which can be saved", () => {
      expect(published("Storage.WestEurope")).to.equal(98);
      const { ipv4, ipv6 } = selectAzure(feed, { regions: words("WestEurope") }).addresses;
      expect(fewestPrefixes4(ipv4).length + fewestPrefixes6(ipv6).length).to.equal(98);
    });

    it("has 1,781 prefixes in all Storage.* tags together", () => {
      const { tags } = selectAzure(feed, { tags: words("Storage.*") });
      expect(published(...tags)).to.equal(1781);
    });
  });
});
