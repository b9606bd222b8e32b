import { expect } from "chai";
import fc from "fast-check";
import { prove } from "../../src/proof/prove.js";
import type { Edge } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, network, smb, targetOf } from "../support/edge.js";

const target = targetOf("nftables", { outside: ["wan0", "ppp*"] });

function differencesOf(edge: Edge, text?: string): readonly unknown[] {
  const emission = nftables.emit(edge, target);
  expect(emission.diagnostics).to.deep.equal([]);
  const [file] = emission.files;
  const [claim] = emission.claims;
  const parsed = nftables.parse([{ path: file!.path, text: text ?? file!.text }], {});
  const differences = prove(edge, claim!, parsed.device);
  return text === undefined ? [...differences, ...parsed.diagnostics] : differences;
}

const policy = edgeOf([
  edgeRule("block-smb", {
    log: true,
    exceptions: [
      exception({
        from: network("clients", "10.20.0.0/16", "2001:db8:20::/48"),
        to: network("azure", "20.60.0.0/16", "20.62.0.0/15", "52.239.0.0/17", "2603:1000::/25", "2603:2000::/25"),
      }),
    ],
  }),
]);

describe("nftables: the proof of what is emitted", () => {
  it("holds for the policy that this tool is for", () => {
    expect(differencesOf(policy)).to.deep.equal([]);
    expect(differencesOf({ ...policy, default: "deny" })).to.deep.equal([]);
    expect(differencesOf({ ...policy, default: "permit" })).to.deep.equal([]);
  });

  it("holds for any policy", () => {
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        expect(differencesOf(edge)).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it("fails when one line that decides is dropped", () => {
    const { text } = nftables.emit(policy, target).files[0]!;
    const lines = text.split("\n");
    const deciding = lines
      .map((line, i) => ({ line: line.trim(), i }))
      .filter(({ line }) => /\b(jump|drop|return)\b/.test(line) && !line.startsWith("#"));
    expect(deciding.length).to.be.greaterThan(10);
    for (const { line, i } of deciding) {
      const mutant = [...lines.slice(0, i), ...lines.slice(i + 1)].join("\n");
      expect(differencesOf(policy, mutant), line).not.to.deep.equal([]);
    }
    const elements = lines.flatMap((line, i) => (/^\t\t\t[0-9a-f:./-]+,$/.test(line) ? [i] : []));
    expect(elements.length).to.be.greaterThan(4);
    for (const i of elements) {
      const mutant = [...lines.slice(0, i), ...lines.slice(i + 1)].join("\n");
      expect(differencesOf(policy, mutant), lines[i]).not.to.deep.equal([]);
    }
  });

  it("fails when a port, a prefix, an interface, a state or a verdict is changed", () => {
    const { text } = nftables.emit(policy, target).files[0]!;
    const changes: [string, string][] = [
      ["tcp dport { 139, 445 } jump block-smb-inbound", "tcp dport { 139, 446 } jump block-smb-inbound"],
      ["udp dport 137-138 jump block-smb-outbound", "udp dport 137 jump block-smb-outbound"],
      ["tcp dport 445 ip saddr 10.20.0.0/16", "tcp dport 445 ip saddr 10.20.0.0/15"],
      ["20.60.0.0/16,", "20.60.0.0/17,"],
      ["2603:1000::/25,", "2603:1000::/24,"],
      ['iifname "wan0" jump inbound', 'iifname "wan1" jump inbound'],
      ['oifname "ppp*" jump outbound', 'oifname "ppp0" jump outbound'],
      ["ct direction reply return", "ct state established return"],
      ["drop comment", "accept comment"],
      ["counter return", "counter drop"],
      ["@azure-ipv4", "@azure-ipv5"],
      ["type filter hook input", "type nat hook input"],
      ["ip daddr", "ip saddr"],
      ["tcp dport 445", "tcp sport 445"],
    ];
    for (const [from, to] of changes) {
      expect(text).to.include(from);
      expect(differencesOf(policy, text.replace(from, to)), `${from} as ${to}`).not.to.deep.equal([]);
    }
  });

  it("fails when two lines of different meaning change places", () => {
    const edge = edgeOf([
      edgeRule("allow", { action: "permit", services: [smb], to: network("server", "192.0.2.10") }),
      edgeRule("block-smb"),
    ]);
    const { text } = nftables.emit(edge, target).files[0]!;
    const lines = text.split("\n");
    const [first, second] = lines.flatMap((line, i) => (/jump (allow|block-smb)-inbound/.test(line) ? [i] : []));
    const swapped = [...lines];
    [swapped[first!], swapped[second!]] = [lines[second!]!, lines[first!]!];
    expect(differencesOf(edge)).to.deep.equal([]);
    expect(differencesOf(edge, swapped.join("\n"))).not.to.deep.equal([]);
  });
});
