import { expect } from "chai";
import { positionOf, spanText } from "../../src/diagnostics/index.js";
import { readAzureFeed, selectAzure } from "../../src/feeds/index.js";
import { azureFeed, feedText, prefixTexts, sampleFeed, words } from "./samples.js";

describe("Azure service tags", () => {
  const publicFeed = azureFeed(sampleFeed("ServiceTags_Public.json"));

  it("are read with CRLF line ends and with a byte order mark", () => {
    expect(publicFeed.source.text).to.contain("\r\n");
    expect(publicFeed).to.include({ version: "changeNumber 12", cloud: "Public" });
    const china = azureFeed(sampleFeed("ServiceTags_China.json"));
    expect(china.source.text.charCodeAt(0)).to.equal(0xfeff);
    expect(china.cloud).to.equal("China");
    expect([...china.tags.keys()]).to.deep.equal(["AzureCloud", "Storage", "Storage.ChinaEast", "Storage.ChinaNorth"]);
  });

  it("give the addresses of a tag, both families", () => {
    const { addresses, tags, diagnostics } = selectAzure(publicFeed, { tags: words("Storage.NorthEurope") });
    expect(diagnostics).to.deep.equal([]);
    expect(tags).to.deep.equal(["Storage.NorthEurope"]);
    expect(prefixTexts(addresses)).to.deep.equal([
      "20.60.40.0/23",
      "198.18.48.0/21",
      "203.0.113.96/27",
      "2001:db8:a:200::/56",
    ]);
  });

  it("give the union of several tags, neighbours joined", () => {
    const { addresses } = selectAzure(publicFeed, { tags: words("Storage.WestEurope", "Storage.NorthEurope") });
    // 203.0.113.0/26, .64/27 and .96/27 are one /25.
    expect(prefixTexts(addresses)).to.include("203.0.113.0/25");
  });

  it("take a region for its storage tag", () => {
    const byRegion = selectAzure(publicFeed, { regions: words("WestEurope") });
    expect(byRegion).to.deep.equal(selectAzure(publicFeed, { tags: words("Storage.WestEurope") }));
  });

  it("take `Storage.*` for every regional tag, and not for Storage or StorageSyncService", () => {
    const { tags } = selectAzure(publicFeed, { tags: words("Storage.*") });
    expect(tags).to.deep.equal(["Storage.GermanyWC", "Storage.NorthEurope", "Storage.WestEurope"]);
    const [problem] = selectAzure(publicFeed, { tags: words("Strage.*") }).diagnostics;
    expect(problem?.code).to.equal("RW5002");
  });

  it("name the nearest tags for one that does not occur, and never guess its case", () => {
    for (const [written, near] of [
      ["Storage.WestEurop", '"Storage.WestEurope"'],
      ["storage.westeurope", '"Storage.WestEurope"'],
      ["Storage.GermanyWestCentral", ""],
    ] as const) {
      const { diagnostics, addresses } = selectAzure(publicFeed, { tags: words(written) });
      expect(diagnostics.map((one) => one.code)).to.deep.equal(["RW5002"]);
      expect(diagnostics[0]!.message)
        .to.contain(`"${written}" does not occur in ServiceTags_Public.json`)
        .and.contain(near);
      expect(addresses).to.deep.equal({ ipv4: [], ipv6: [] });
    }
  });

  it("name the nearest regions for one that does not occur", () => {
    const [problem] = selectAzure(publicFeed, { regions: words("westeurope") }).diagnostics;
    expect(problem?.message).to.equal(
      'the region "westeurope" (service tag "Storage.westeurope") does not occur in ServiceTags_Public.json (did you mean "WestEurope"?)',
    );
  });

  it("tell all unknown tags at once", () => {
    const { diagnostics } = selectAzure(publicFeed, {
      tags: words("A1234567", "B1234567"),
      regions: words("C1234567"),
    });
    expect(diagnostics).to.have.lengthOf(3);
  });

  it("refuse a tag without addresses, because a region that vanished must be noticed", () => {
    const feed = azureFeed(feedText(file({ "Storage.X": [], "Storage.Y": ["192.0.2.0/24"] })));
    const [problem, ...more] = selectAzure(feed, { tags: words("Storage.X", "Storage.Y") }).diagnostics;
    expect(more).to.deep.equal([]);
    expect(problem).to.include({ code: "RW5003", severity: "error" });
    expect(selectAzure(feed, { tags: words("Storage.*") }).diagnostics.map((one) => one.code)).to.deep.equal([
      "RW5003",
    ]);
  });

  it("refuse an address that is not strict, and point at it in the feed", () => {
    for (const wrong of ["192.0.2.1/24", "010.0.0.0/8", "10.1/16", "2001:db8::1/32", "example.com", ""]) {
      const feed = azureFeed(feedText(file({ Other: [wrong], Bad: ["192.0.2.0/24", wrong] })));
      const [problem] = selectAzure(feed, { tags: words("Bad") }).diagnostics;
      expect(problem?.code, wrong).to.equal("RW5005");
      expect(spanText(problem!.primary!)).to.equal(JSON.stringify(wrong));
      expect(problem!.primary!.start).to.be.greaterThan(feed.source.text.indexOf('"Bad"'));
    }
    const many = azureFeed(feedText(file({ Bad: ["192.0.2.1/24", "192.0.2.0/24", "::1/0", "x"] })));
    const [problem, ...others] = selectAzure(many, { tags: words("Bad") }).diagnostics;
    expect(others).to.deep.equal([]);
    expect(problem?.message).to.contain('"192.0.2.1/24"').and.contain("and 2 more");
    const feed = azureFeed(feedText(file({ Bad: [5 as unknown as string] })));
    expect(selectAzure(feed, { tags: words("Bad") }).diagnostics[0]?.code).to.equal("RW5005");
  });

  it("leave the prefixes of tags that nobody asked for unread", () => {
    const feed = azureFeed(feedText(file({ Bad: ["nonsense"], Good: ["192.0.2.0/24"] })));
    expect(prefixTexts(selectAzure(feed, { tags: words("Good") }).addresses)).to.deep.equal(["192.0.2.0/24"]);
  });

  const wrongFiles: readonly (readonly [title: string, text: string, why: string, line: number])[] = [
    ["an empty file", "", "the file is empty", 1],
    ["a web page", "<!DOCTYPE html>", "the download page was saved", 1],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer", 1],
    ["a file that was cut short", '{"changeNumber": 1,\n "cloud": "Public",\n "val', "cut short", 3],
    ["broken JSON", '{"changeNumber": 1,\n "cloud": x"Public",\n "values": []}', "not well-formed JSON", 2],
    ["Office 365 endpoints", "[]", "is it the Office 365 endpoints?", 1],
    ["another object", "{}", '"changeNumber"', 1],
    ["a file without cloud", '{"changeNumber": 1}', '"cloud"', 1],
    ["a file without values", '{"changeNumber": 1, "cloud": "Public"}', '"values"', 1],
    ["a tag without name", '{"changeNumber": 1, "cloud": "Public", "values": [{}]}', 'values[0] has no "name"', 1],
    [
      "a tag without prefixes",
      '{"changeNumber": 1, "cloud": "Public", "values": [{"name": "A", "properties": {}}]}',
      'the tag A has no list "addressPrefixes"',
      1,
    ],
    [
      "a tag that occurs twice",
      file({ A: [] }).replace("[{", `[${file({ A: [] }).slice(file({}).indexOf("[") + 1, -2)},{`),
      "twice",
      1,
    ],
    [
      "a tag that occurs twice, far apart",
      file({ A: [], B: [] }).replaceAll('{"name"', '\n{"name"').replace('"name":"B"', '"name" : "A"'),
      "the tag A occurs twice",
      3,
    ],
  ];
  for (const [title, text, why, line] of wrongFiles) {
    it(`are not read from ${title}`, () => {
      const read = readAzureFeed(feedText(text));
      if (read.ok) throw new Error("it was read");
      expect(read.problem.code).to.equal("RW5001");
      expect(read.problem.message).to.contain(why);
      expect(positionOf(read.problem.primary!.source, read.problem.primary!.start).line).to.equal(line);
    });
  }
});

function file(tags: Readonly<Record<string, readonly string[]>>): string {
  const values = Object.entries(tags).map(([name, addressPrefixes]) => ({
    name,
    id: name,
    properties: { addressPrefixes },
  }));
  return JSON.stringify({ changeNumber: 1, cloud: "Public", values });
}
