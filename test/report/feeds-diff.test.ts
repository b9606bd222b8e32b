import { expect } from "chai";
import { join } from "node:path";
import { diffAzure, diffOffice365, readOffice365Changes } from "../../src/feeds/index.js";
import { feedsDiffMarkdown, feedsDiffText } from "../../src/report/index.js";
import { azureFeed, feedFile, feedText, office365Feed } from "../feeds/samples.js";
import { describeShared } from "../support/shared.js";

describe("the report of a difference of feeds", () => {
  it("says from which day on an addition to Office 365 counts", () => {
    const set = { id: 31, serviceArea: "SharePoint", category: "Optimize", required: true, tcpPorts: "443" };
    const [from, to] = [
      { version: "2026100100", endpoints: [{ ...set, ips: ["198.18.0.0/24"] }] },
      { version: "2026110100", endpoints: [{ ...set, ips: ["198.18.0.0/24", "198.18.2.0/24"], category: "Allow" }] },
    ].map((one) => office365Feed(feedText(JSON.stringify(one))));
    const add = { effectiveDate: "20261201", ips: ["198.18.2.0/24"] };
    const changes = readOffice365Changes(
      feedText(JSON.stringify([{ endpointSetId: 31, disposition: "change", version: "2026110100", add }])),
    );
    if (!changes.ok) throw new Error(changes.problem.message);
    const difference = diffOffice365(from!, to!, { changes: changes.feed });
    expect(feedsDiffText({ difference, diagnostics: [] })).to.equal(`\
Office 365 endpoints, version 2026100100 -> version 2026110100
1 of 1 endpoint sets differs: added 256 IPv4 addresses

Changed endpoint sets (1)
  endpoint set                         ports    IPv4 added
  endpoint set 31 (SharePoint, Allow)  tcp/443     256 (1)
    + 198.18.2.0/24
    from 2026-12-01: 198.18.2.0/24
    category: Optimize -> Allow
`);
  });

  it("says when addresses only stand in other prefixes", () => {
    const [from, to] = [["10.0.0.0/23"], ["10.0.0.0/24", "10.0.1.0/24"]].map((addressPrefixes, i) =>
      azureFeed(
        feedText(
          JSON.stringify({
            changeNumber: i,
            cloud: "Public",
            values: [{ name: "A", properties: { addressPrefixes } }],
          }),
        ),
      ),
    );
    expect(feedsDiffText({ difference: diffAzure(from!, to!), diagnostics: [] })).to.equal(`\
Azure service tags, cloud Public, changeNumber 0 -> changeNumber 1
none of 1 tags differs in its addresses

1 tag has the same addresses in other prefixes: A
`);
  });
});

describeShared("the report of a difference of published feeds", (shared) => {
  it("fits a pull request, with every fold closed, and says that it is not all", () => {
    const [from, to] = ["20250714", "20251028"].map((day) =>
      azureFeed(feedFile(join(shared, `data/ServiceTags_Public_${day}.json`))),
    );
    const text = feedsDiffMarkdown({ difference: diffAzure(from!, to!), diagnostics: [] });
    expect(text.length).to.be.lessThan(65_536);
    expect(text.match(/<details>/g)).to.have.lengthOf(text.match(/<\/details>/g)!.length);
    expect(text).to.contain("This is not all");
    for (const line of text.split("\n").filter((one) => one.startsWith("|")))
      expect(line.split("|").length, line).to.be.within(5, 8);
  });
});
