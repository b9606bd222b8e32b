import { expect } from "chai";
import { join } from "node:path";
import type { AddressChange, AzureDiff, AzureFeed, Office365Diff, Office365Feed } from "../../src/feeds/index.js";
import { diffAzure, diffOffice365, partsOf, readOffice365Changes } from "../../src/feeds/index.js";
import { equalAddresses, subtractAddresses, unionAddresses } from "../../src/net/index.js";
import { describeShared } from "../support/shared.js";
import { azureFeed, feedFile, feedText, office365Feed, prefixTexts } from "./samples.js";

describe("the difference of two versions of the service tags", () => {
  it("is none where addresses only stand in other prefixes", () => {
    const diff = between(
      { A: ["10.0.0.0/23", "2001:db8::/32"] },
      { A: ["10.0.1.0/24", "10.0.0.0/24", "2001:db8::/32"] },
    );
    expect([diff.tags, diff.regions, diff.moves, diff.resliced]).to.deep.equal([[], [], [], ["A"]]);
    expect(changes(diff.whole)).to.deep.equal({ added: [], removed: [] });
  });

  it("is none for the same list in another order", () => {
    expect(
      between({ A: ["10.0.0.0/24", "10.0.2.0/24"] }, { A: ["10.0.2.0/24", "10.0.0.0/24"] }).resliced,
    ).to.deep.equal([]);
  });

  it("tells what each tag gained and lost, as the fewest prefixes", () => {
    const diff = between(
      { A: ["10.0.0.0/24"], B: ["10.9.0.0/16"] },
      { A: ["10.0.0.128/25", "10.0.1.0/24"], B: ["10.9.0.0/16"] },
    );
    expect(tagChanges(diff)).to.deep.equal({ "changed A": { added: ["10.0.1.0/24"], removed: ["10.0.0.0/25"] } });
    expect(diff.compared).to.equal(2);
  });

  it("tells of new and vanished tags with all their addresses, of empty ones too", () => {
    const diff = between({ Old: ["10.0.0.0/24"], Empty: [] }, { New: ["10.0.0.0/24"] });
    expect(tagChanges(diff)).to.deep.equal({
      "vanished Empty": { added: [], removed: [] },
      "new New": { added: ["10.0.0.0/24"], removed: [] },
      "vanished Old": { added: [], removed: ["10.0.0.0/24"] },
    });
    expect(changes(diff.whole)).to.deep.equal({ added: [], removed: [] });
  });

  it("takes the tags of a region together, so that an address that changes its tag there is no change of the region", () => {
    const diff = between(
      { "A.West": ["10.0.0.0/24"], "B.West": [], "A.East": [] },
      { "A.West": [], "B.West": ["10.0.0.0/24"], "A.East": ["10.7.0.0/24"] },
    );
    expect(diff.regions.map(({ region, ...change }) => [region, changes(change)])).to.deep.equal([
      ["east", { added: ["10.7.0.0/24"], removed: [] }],
    ]);
  });

  it("finds what moved from region to region of a service, and from service to service of a region", () => {
    const diff = between(
      { "A.West": ["10.0.0.0/23"], "A.East": [], "B.West": [], A: ["10.0.0.0/23"], B: [] },
      { "A.West": [], "A.East": ["10.0.0.0/24"], "B.West": ["10.0.1.0/24"], A: ["10.0.0.0/24"], B: ["10.0.1.0/24"] },
    );
    expect(diff.moves.map(({ kind, from, to, addresses }) => [kind, from, to, prefixTexts(addresses)])).to.deep.equal([
      ["region", "A.West", "A.East", ["10.0.0.0/24"]],
      // and not once more from A to B
      ["service", "A.West", "B.West", ["10.0.1.0/24"]],
    ]);
  });

  it("does not call it a move that the cloud as a whole gains an address of its own", () => {
    const diff = between(
      { "A.West": ["10.0.0.0/24"], "AzureCloud.West": [] },
      { "A.West": [], "AzureCloud.West": ["10.0.0.0/24"] },
    );
    expect(diff.moves).to.deep.equal([]);
  });

  it("compares the chosen tags only, and tells of the moves in and out of them", () => {
    const diff = diffAzure(
      tags({ "A.West": ["10.0.0.0/24"], "A.East": [], "B.East": [] }),
      tags({ "A.West": [], "A.East": ["10.0.0.0/24"], "B.East": ["10.8.0.0/24"] }),
      (tag) => tag.name === "A.West",
    );
    expect(diff.tags.map((tag) => tag.name)).to.deep.equal(["A.West"]);
    expect(diff.moves.map((move) => move.to)).to.deep.equal(["A.East"]);
    expect(diff.compared).to.equal(1);
  });
});

describeShared("the difference of two published files", (shared) => {
  let from: AzureFeed;
  let to: AzureFeed;
  let diff: AzureDiff;

  before(() => {
    [from, to] = ["20250714", "20251028"].map((day) =>
      azureFeed(feedFile(join(shared, `data/ServiceTags_Public_${day}.json`))),
    ) as [AzureFeed, AzureFeed];
    diff = diffAzure(from, to);
  });

  it("leads from every tag of the one to the same tag of the other", () => {
    const after = new Map(partsOf(to).parts.map((part) => [nameOf(part), part.addresses]));
    const changed = new Map(diff.tags.map((tag) => [tag.name, tag]));
    for (const part of partsOf(from).parts) {
      const change = changed.get(nameOf(part));
      const made =
        change === undefined
          ? part.addresses
          : unionAddresses(subtractAddresses(part.addresses, change.removed), change.added);
      expect(equalAddresses(made, after.get(nameOf(part)) ?? { ipv4: [], ipv6: [] }), nameOf(part)).to.equal(true);
    }
  });

  it("finds the two regions that opened in between, and Azure Files there", () => {
    const fresh = diff.tags.filter((tag) => tag.what === "new");
    expect(fresh.map((tag) => tag.name)).to.include.members(["Storage.BelgiumCentral", "Storage.SoutheastUS3"]);
    expect(diff.tags.some((tag) => tag.what === "vanished")).to.equal(false);
    const files = diff.tags.find((tag) => tag.name === "Storage.WestEurope")!;
    expect(changes(files)).to.deep.equal({
      added: ["20.153.108.0/24", "135.130.102.0/23", "135.130.162.0/23"],
      removed: [],
    });
  });

  it("finds what one region handed to another", () => {
    expect(
      diff.moves.some(
        ({ from: left, to: joined, addresses }) =>
          left === "AzureCloud.westus2" &&
          joined === "AzureCloud.northcentralus" &&
          prefixTexts(addresses).join() === "40.77.202.0/24",
      ),
    ).to.equal(true);
  });
});

describe("the difference of two versions of the Office 365 endpoints", () => {
  const set = { id: 31, serviceArea: "SharePoint", category: "Optimize", required: true, tcpPorts: "80,443" };

  it("tells addresses, ports, host names and properties of a set", () => {
    const diff = office365(
      [{ ...set, ips: ["198.18.0.0/24"], urls: ["a.example"] }],
      [
        {
          ...set,
          ips: ["198.18.0.0/25", "198.18.1.0/24"],
          urls: ["b.example"],
          tcpPorts: "443, 80",
          udpPorts: "443",
          category: "Allow",
        },
      ],
    );
    const [change] = diff.sets;
    expect(changes(change!)).to.deep.equal({ added: ["198.18.1.0/24"], removed: ["198.18.0.128/25"] });
    expect([change!.ports, change!.urls]).to.deep.equal([
      { added: ["udp/443"], removed: [] },
      { added: ["b.example"], removed: ["a.example"] },
    ]);
    expect(change!.properties).to.deep.equal([{ name: "category", before: "Optimize", after: "Allow" }]);
  });

  it("is none for other prefixes of the same addresses, and for other spaces between ports", () => {
    const diff = office365(
      [{ ...set, ips: ["198.18.0.0/23"] }],
      [{ ...set, ips: ["198.18.0.0/24", "198.18.1.0/24"], tcpPorts: "443, 80" }],
    );
    expect([diff.sets, diff.resliced]).to.deep.equal([[], [31]]);
  });

  it("takes rows with one number for one set", () => {
    const diff = office365(
      [
        { ...set, ips: ["198.18.0.0/24"] },
        { ...set, ips: ["198.18.1.0/24"] },
      ],
      [{ ...set, ips: ["198.18.0.0/23"] }],
    );
    expect(diff.sets).to.deep.equal([]);
  });

  it("tells of new and vanished sets", () => {
    const diff = office365([{ ...set, ips: ["198.18.0.0/24"] }], [{ ...set, id: 32, ips: ["198.18.0.0/24"] }]);
    expect(diff.sets.map(({ id, what }) => [id, what])).to.deep.equal([
      [31, "vanished"],
      [32, "new"],
    ]);
  });

  it("says from which day on additions count, by the changes between the two versions", () => {
    const change = { id: 1, endpointSetId: 31, disposition: "Change", impact: "AddedIp" };
    const changesRead = readOffice365Changes({
      source: {
        path: "changes.json",
        text: JSON.stringify([
          { ...change, version: "2026100100", add: { effectiveDate: "20261101", ips: ["198.18.9.0/24"] } },
          { ...change, version: "2026110100", add: { effectiveDate: "20261201", ips: ["198.18.1.0/24"] } },
          {
            ...change,
            version: "2026110100",
            endpointSetId: 11,
            add: { effectiveDate: "20261224", ips: ["198.18.2.0/24"] },
          },
          { ...change, version: "2026110100", disposition: "REMOVE", remove: { ips: ["198.18.0.0/24"], urls: ["x"] } },
        ]),
      },
    });
    if (!changesRead.ok) throw new Error(changesRead.problem.message);
    expect(changesRead.feed[3]).to.include({ disposition: "remove", effective: undefined });
    const diff = diffOffice365(
      endpoints([{ ...set, ips: ["198.18.0.0/24"] }], "2026100100"),
      endpoints([{ ...set, ips: ["198.18.1.0/24", "198.18.2.0/24", "198.18.9.0/24"] }], "2026110100"),
      { changes: changesRead.feed },
    );
    const [one] = diff.sets;
    expect(one!.effective.map(({ date, addresses }) => [date, prefixTexts(addresses)])).to.deep.equal([
      ["2026-12-01", ["198.18.1.0/24"]],
    ]);
    expect(prefixTexts(one!.undated)).to.deep.equal(["198.18.2.0/24", "198.18.9.0/24"]);
  });

  for (const [what, text] of [
    ["a list of something else", '[{ "id": 1 }]'],
    ["an object", "{}"],
    ["HTML", "<html>"],
    [
      "addresses that are none",
      '[{"endpointSetId":1,"disposition":"add","version":"2026110100","add":{"ips":["10.0.0.1/8"]}}]',
    ],
  ] as const) {
    it(`refuses changes that are ${what}`, () => {
      expect(readOffice365Changes({ source: { path: "changes.json", text } }).ok).to.equal(false);
    });
  }
});

function between(before: Tags, after: Tags): AzureDiff {
  return diffAzure(tags(before), tags(after));
}

type Tags = Readonly<Record<string, readonly string[]>>;

function tags(of: Tags): AzureFeed {
  const values = Object.entries(of).map(([name, addressPrefixes]) => ({
    name,
    properties: { region: (name.split(".")[1] ?? "").toLowerCase(), addressPrefixes },
  }));
  return azureFeed(feedText(JSON.stringify({ changeNumber: 1, cloud: "Public", values })));
}

function office365(before: readonly object[], after: readonly object[]): Office365Diff {
  return diffOffice365(endpoints(before, "2026100100"), endpoints(after, "2026110100"));
}

function endpoints(rows: readonly object[], version: string): Office365Feed {
  return office365Feed(feedText(JSON.stringify({ version, instance: "Worldwide", endpoints: rows })));
}

function tagChanges(diff: AzureDiff): Record<string, ReturnType<typeof changes>> {
  return Object.fromEntries(diff.tags.map((tag) => [`${tag.what} ${tag.name}`, changes(tag)]));
}

function changes({ added, removed }: AddressChange): { added: string[]; removed: string[] } {
  return { added: prefixTexts(added), removed: prefixTexts(removed) };
}

function nameOf(part: ReturnType<typeof partsOf>["parts"][number]): string {
  return part.kind === "tag" ? part.tag.name : String(part.set.id);
}
