import { expect } from "chai";
import { readOffice365Feed, selectOffice365 } from "../../src/feeds/index.js";
import { feedText, office365Feed, prefixTexts, sampleFeed, words } from "./samples.js";

describe("Office 365 endpoint sets", () => {
  const feed = office365Feed(sampleFeed("o365-endpoints-worldwide-2026110100.json"));
  const ids = (selection: Parameters<typeof selectOffice365>[1]): number[] =>
    selectOffice365(feed, selection).sets.map(({ set }) => set.id);

  it("take their version from the file's name, from the file, or from nowhere", () => {
    const version = (text: string, path: string): string => office365Feed(feedText(text, path)).version;
    expect(feed.version).to.equal("version 2026110100");
    expect(version("[]", "feeds/o365-endpoints-worldwide.json")).to.equal("version unknown");
    expect(version("[]", "2024073100/endpoints.json")).to.equal("version unknown");
    expect(version("[]", "o365-20240731001.json")).to.equal("version unknown");
    expect(version('{"version": "2024073100", "endpoints": []}', "o365.json")).to.equal("version 2024073100");
  });

  it("are chosen by area, category, requirement, id and port", () => {
    expect(ids({ areas: words("SharePoint") })).to.deep.equal([31]);
    expect(ids({ categories: words("Optimize") })).to.deep.equal([1, 11, 31]);
    expect(ids({ categories: words("Optimize", "Allow") })).to.deep.equal([1, 10, 11, 31, 46]);
    expect(ids({ required: true })).to.deep.equal([1, 11, 31, 46]);
    expect(ids({ ids: words("46", "10") })).to.deep.equal([10, 46]);
    expect(ids({ ports: words("tcp/443") })).to.deep.equal([1, 31, 46]);
    expect(ids({ ports: words("udp/3478", "tcp/25") })).to.deep.equal([10, 11]);
  });

  it("must meet every key that is given", () => {
    expect(ids({ areas: words("Exchange"), categories: words("Optimize") })).to.deep.equal([1]);
    expect(ids({ areas: words("Exchange"), required: true, ports: words("tcp/443") })).to.deep.equal([1]);
  });

  it("give the addresses of the sets that have any", () => {
    const { addresses, diagnostics } = selectOffice365(feed, { areas: words("SharePoint") });
    expect(diagnostics).to.deep.equal([]);
    expect(prefixTexts(addresses)).to.deep.equal(["198.18.120.0/22", "203.0.113.192/27", "2001:db8:e:300::/56"]);
  });

  it("have their ports in order, however the service spaced them", () => {
    expect(feed.sets.find((set) => set.id === 10)?.ports).to.deep.equal(["tcp/25", "tcp/143", "tcp/587"]);
  });

  it("refuse a word that no set has, with the nearest, and never guess its case", () => {
    const [problem] = selectOffice365(feed, { areas: words("sharepoint") }).diagnostics;
    expect(problem).to.deep.include({
      code: "RW5002",
      message:
        'the service area "sharepoint" does not occur in o365-endpoints-worldwide-2026110100.json (did you mean "SharePoint"?)',
      help: "it has Common, Exchange, SharePoint, Skype",
    });
    expect(selectOffice365(feed, { categories: words("Optimise") }).diagnostics[0]?.code).to.equal("RW5002");
    expect(selectOffice365(feed, { ids: words("4711") }).diagnostics[0]?.code).to.equal("RW5002");
  });

  it("refuse a selection that is empty, and say whether there were sets without addresses", () => {
    const [nothing] = selectOffice365(feed, { areas: words("Skype"), categories: words("Allow") }).diagnostics;
    expect(nothing?.code).to.equal("RW5003");
    expect(nothing?.message).to.contain("no endpoint set meets all");
    const [namesOnly] = selectOffice365(feed, { ids: words("32", "59") }).diagnostics;
    expect(namesOnly?.code).to.equal("RW5003");
    expect(namesOnly?.message).to.contain("the 2 endpoint sets that it takes publish host names only");
    const [noPort] = selectOffice365(feed, { ports: words("tcp/445") }).diagnostics;
    expect(noPort?.code).to.equal("RW5003");
  });

  it("refuse an address that is not strict", () => {
    const row = { id: 1, serviceArea: "A", category: "Allow", required: true, ips: ["192.0.2.1/24"] };
    const bad = office365Feed(feedText(JSON.stringify([row])));
    expect(selectOffice365(bad, { areas: words("A") }).diagnostics[0]?.code).to.equal("RW5005");
  });

  const good = { id: 1, serviceArea: "A", category: "Allow", required: true };
  const wrongFiles: readonly (readonly [title: string, text: string, why: string])[] = [
    ["service tags", '{"changeNumber": 1, "cloud": "Public", "values": []}', "is its kind azure?"],
    ["a text", '"x"', "neither a list"],
    ["rows that are no objects", "[1]", "entry 0 is not an object"],
    ["a row without id", JSON.stringify([{ ...good, id: "1" }]), '"id"'],
    [
      "a row without area",
      JSON.stringify([good, { ...good, serviceArea: undefined }]),
      'entry 1 (id 1) has no "serviceArea"',
    ],
    ["a row without category", JSON.stringify([{ ...good, category: 1 }]), '"category"'],
    ["a row without required", JSON.stringify([{ ...good, required: "yes" }]), '"required"'],
    ["a row with addresses that are no list", JSON.stringify([{ ...good, ips: "::/0" }]), '"ips"'],
    ["a row with ports that are no text", JSON.stringify([{ ...good, tcpPorts: 443 }]), "ports"],
    ["broken JSON", "[{]", "not well-formed"],
  ];
  for (const [title, text, why] of wrongFiles) {
    it(`are not read from ${title}`, () => {
      const read = readOffice365Feed(feedText(text));
      if (read.ok) throw new Error("it was read");
      expect(read.problem.code).to.equal("RW5001");
      expect(read.problem.message).to.contain(why);
    });
  }
});
