import { expect } from "chai";
import fc from "fast-check";
import { prove } from "../../src/proof/prove.js";
import type { Edge } from "../../src/vendor-kit/index.js";
import iptables from "../../vendors/iptables/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { addresses, edgeOf, edgeRule, exception, network, smb, targetOf } from "../support/edge.js";

type Texts = Readonly<Record<string, string>>;

const forms = ["ipset", "rules"] as const;

function emissionOf(edge: Edge, sets: string) {
  return iptables.emit(edge, targetOf("iptables", { outside: ["wan0", "ppp+"], sets }));
}

/** What is not as it should be; `changed` are texts in place of those emitted. */
function differencesOf(edge: Edge, sets: string, changed: Texts = {}): readonly unknown[] {
  const emission = emissionOf(edge, sets);
  expect(emission.diagnostics).to.deep.equal([]);
  return emission.claims.flatMap((claim) => {
    const sources = claim.reads.map((path) => ({
      path,
      text: changed[path] ?? emission.files.find((file) => file.path === path)!.text,
    }));
    const parsed = iptables.parse(sources, {});
    return [...prove(edge, claim, parsed.device), ...(Object.keys(changed).length > 0 ? [] : parsed.diagnostics)];
  });
}

function linesOf(edge: Edge, sets: string, path: string): readonly string[] {
  return emissionOf(edge, sets)
    .files.find((file) => file.path === path)!
    .text.split("\n");
}

const many = Array.from({ length: 12 }, (_, i) => [`20.60.${i * 2}.0/24`, `2603:1000:${i * 2}::/48`]).flat();
const policy = edgeOf([
  edgeRule("block-smb", {
    log: true,
    exceptions: [
      exception({ from: network("clients", "10.20.0.0/16", "2001:db8:20::/48"), to: network("azure", ...many) }),
    ],
  }),
]);

describe("iptables: the proof of what is emitted", () => {
  for (const sets of forms) {
    it(`holds for the policy that this tool is for, with sets: ${sets}`, () => {
      for (const end of ["continue", "deny", "permit"] as const) {
        expect(differencesOf({ ...policy, default: end }, sets), end).to.deep.equal([]);
      }
    });

    it(`holds for any policy, with sets: ${sets}`, () => {
      fc.assert(
        fc.property(arbitraryEdge(), (edge) => {
          const refused = emissionOf(edge, sets).diagnostics;
          // Trees of many exceptions may go too deep for the kernel, which is an error and not a wrong output.
          if (sets === "rules" && refused.length > 0 && refused.every((one) => one.code === "RW3003")) return;
          expect(differencesOf(edge, sets)).to.deep.equal([]);
        }),
        { numRuns: 60 },
      );
    });

    it(`fails when one line that decides is dropped, with sets: ${sets}`, () => {
      for (const path of ["rules.v4", "rules.v6"]) {
        const lines = linesOf(policy, sets, path);
        const deciding = lines.flatMap((line, i) =>
          /^-[AI] .*-[jg] (?!LOG)/.test(line) && !isLastReturn(lines, i) ? [i] : [],
        );
        expect(deciding.length).to.be.greaterThan(15);
        for (const i of deciding) {
          const mutant = [...lines.slice(0, i), ...lines.slice(i + 1)].join("\n");
          expect(differencesOf(policy, sets, { [path]: mutant }), lines[i]).not.to.deep.equal([]);
        }
      }
    });
  }

  it("fails when an entry of a set is dropped or changed", () => {
    const lines = linesOf(policy, "ipset", "sets.ipset");
    const entries = lines.flatMap((line, i) => (line.startsWith("add ") ? [i] : []));
    expect(entries).to.have.length(24);
    for (const i of entries) {
      const without = [...lines.slice(0, i), ...lines.slice(i + 1)];
      expect(differencesOf(policy, "ipset", { "sets.ipset": without.join("\n") }), lines[i]).not.to.deep.equal([]);
      const wider = lines.map((line, j) => (i === j ? line.replace("/24", "/23").replace("/48", "/47") : line));
      expect(differencesOf(policy, "ipset", { "sets.ipset": wider.join("\n") }), lines[i]).not.to.deep.equal([]);
    }
  });

  it("fails when a port, a prefix, an interface, a state or a verdict is changed", () => {
    const text = linesOf(policy, "ipset", "rules.v4").join("\n");
    const changes: [string, string][] = [
      ["-A RW-IN -p tcp -m multiport --dports 139,445", "-A RW-IN -p tcp -m multiport --dports 139,446"],
      ["-A RW-OUT -p udp -m udp --dport 137:138", "-A RW-OUT -p udp -m udp --dport 137"],
      ["-s 10.20.0.0/16", "-s 10.20.0.0/15"],
      ["-A RW-FORWARD -i wan0", "-A RW-FORWARD -i wan1"],
      ["-A RW-FORWARD -i wan0", "-A RW-FORWARD ! -i wan0"],
      ["-o ppp+ -j RW-OUT", "-o ppp0 -j RW-OUT"],
      ["--ctdir REPLY", "--ctstate ESTABLISHED"],
      ["--ctdir REPLY", "--ctdir ORIGINAL"],
      ["-j DROP", "-j ACCEPT"],
      ["-j DROP", "-j REJECT"],
      [" dst ", " src "],
      ["-I INPUT 1 -j RW-INPUT", "-I OUTPUT 1 -j RW-INPUT"],
      ["-p tcp -m tcp --dport 445", "-p tcp -m tcp --sport 445"],
      ["COMMIT\n", ""],
    ];
    for (const [from, to] of changes) {
      expect(text).to.include(from);
      expect(
        differencesOf(policy, "ipset", { "rules.v4": text.replace(from, to) }),
        `${from} as ${to}`,
      ).not.to.deep.equal([]);
    }
  });

  it("fails when two lines of different meaning change places", () => {
    const edge = edgeOf([
      edgeRule("allow", { action: "permit", services: [smb], to: network("server", "192.0.2.10") }),
      edgeRule("block-smb"),
    ]);
    const lines = linesOf(edge, "ipset", "rules.v4");
    const [first, second] = lines.flatMap((line, i) => (/^-A RW-IN .*-j RW-I[12]/.test(line) ? [i] : []));
    const swapped = [...lines];
    [swapped[first!], swapped[second!]] = [lines[second!]!, lines[first!]!];
    expect(differencesOf(edge, "ipset", { "rules.v4": swapped.join("\n") })).not.to.deep.equal([]);
  });

  it("holds where packets come from outside and go back there past a permit", () => {
    const edge = edgeOf([
      edgeRule("web", {
        action: "permit",
        directions: ["inbound"],
        exceptions: [exception({ directions: ["inbound"], from: network("bad", "198.51.100.0/24") })],
      }),
      edgeRule("none-out", { directions: ["outbound"], to: network("far", "203.0.113.0/24") }),
      edgeRule("rest-out", { action: "permit", directions: ["outbound"] }),
      edgeRule("rest-in", { action: "reject", directions: ["inbound"] }),
    ]);
    for (const sets of forms) expect(differencesOf(edge, sets)).to.deep.equal([]);
  });

  it("holds for prefixes that are nested, adjacent, and at the ends of the address space", () => {
    const odd = network("odd", "0.0.0.0/8", "255.255.255.255/32", "128.0.0.0/1", ...many, "::/128", "ffff::/16");
    const edge = edgeOf([
      edgeRule("odd-from", { from: odd, exceptions: [exception({ to: odd, directions: ["inbound", "outbound"] })] }),
      edgeRule("odd-to", { to: odd, action: "reject" }),
      edgeRule("not-odd", {
        from: { label: "x", id: "x", addresses: addresses("10.0.0.0/8") },
        to: odd,
        action: "permit",
      }),
    ]);
    for (const sets of forms) expect(differencesOf(edge, sets)).to.deep.equal([]);
  });
});

/** A RETURN or goto at the end of a chain that says what falling through says anyway. */
function isLastReturn(lines: readonly string[], i: number): boolean {
  const chain = lines[i]!.split(" ")[1];
  return /-j RETURN$/.test(lines[i]!) && !lines[i + 1]?.startsWith(`-A ${chain} `);
}
