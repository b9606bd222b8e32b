import { expect } from "chai";
import type { Source } from "../../src/diagnostics/index.js";
import { fromWire, toWire } from "../../src/commands/lint-wire.js";
import type { SourcesLint } from "../../src/lint/lint-sources.js";
import { findingAt } from "../lint/findings.js";

const config: Source = { path: "edge.conf", text: "permit any\n" };
const policy: Source = { path: "policy.yaml", text: "rules: []\n" };
const feed: Source = { path: "feed.json", text: "{}" };
const span = (source: Source) => ({ source, start: 0, end: 2 });

const lint: SourcesLint = {
  kind: "linted",
  vendor: { id: "x", title: "X" },
  edge: "open",
  findings: [
    {
      ...findingAt("RW4001", span(config)),
      related: [
        { span: span(policy), message: "denied here" },
        { span: span(feed), message: "from here" },
      ],
      witness: {
        family: "ipv6",
        state: "new",
        protocol: 6,
        sourcePort: 1,
        destinationPort: 445,
        icmpType: 0,
        icmpCode: 0,
        tcpFlags: 2,
        source: 2n ** 127n + 1n,
        destination: 5n,
        sourceMac: 0,
        conditions: new Set(["a", "b"]),
      },
      fix: { title: "remove it", edits: [{ span: span(config), text: "" }] },
    },
  ],
  comments: [{ text: "ringwall: ignore[RW4001] x", span: span(config), about: span(config) }],
  diagnostics: [],
};

describe("what a thread and the cache say", () => {
  it("is what was found, with places in the sources that are there", () => {
    const read = fromWire(toWire(lint, [config, policy]), [config, policy]);
    expect(read).to.deep.equal(lint);
    if (read?.kind !== "linted") throw new Error("not linted");
    expect(read.findings[0]!.primary!.source).to.equal(config);
    expect(read.findings[0]!.related[0]!.span.source).to.equal(policy);
    expect(read.comments[0]!.about.source).to.equal(config);
  });

  it("takes no text along but of sources that the reader has not", () => {
    const text = toWire(lint, [config, policy]);
    expect(text).not.to.contain("permit any");
    expect(text).to.contain('{"path":"feed.json","text":"{}"}');
  });

  it("is nothing where it is damaged, or of other sources", () => {
    const text = toWire(lint, [config, policy]);
    for (const broken of [
      "",
      "{}",
      "null\nnull",
      text.slice(0, -2),
      text.slice(text.indexOf("\n") + 1),
      '{"known":2,"foreign":[]}\n{"kind":"linted","findings":{"@":[9,0,0]}}',
    ]) {
      expect(fromWire(broken, [config, policy]), broken.slice(0, 20)).to.equal(undefined);
    }
    expect(fromWire(text, [config])).to.equal(undefined);
  });
});
