import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import type { Edge } from "../../src/vendor-kit/index.js";
import iptables from "../../vendors/iptables/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, icmpService, network, service, smb, targetOf } from "../support/edge.js";
import { expectGolden } from "../support/golden.js";

const fixtures = fileURLToPath(new URL("../../vendors/iptables/fixtures/", import.meta.url));

function emit(edge: Edge, options: Readonly<Record<string, unknown>> = {}) {
  return iptables.emit(edge, targetOf("iptables", { outside: ["wan0"], ...options }));
}

function textOf(edge: Edge, path: string, options: Readonly<Record<string, unknown>> = {}): string {
  const emission = emit(edge, options);
  expect(emission.diagnostics).to.deep.equal([]);
  return emission.files.find((file) => file.path === path)?.text ?? "";
}

function linesOf(edge: Edge, path: string, options: Readonly<Record<string, unknown>> = {}): readonly string[] {
  return textOf(edge, path, options).split("\n");
}

const azure = network(
  "azure-files",
  ...Array.from({ length: 20 }, (_, i) => [`20.60.${i * 4}.0/23`, `2603:1000:${i * 4}::/47`]).flat(),
);
const clients = network("branch-clients", "10.20.0.0/16", "2001:db8:20::/48");

const smbEdge = edgeOf(
  [
    edgeRule("block-smb", {
      log: true,
      exceptions: [exception({ from: clients, to: azure, reason: "CHG-1234", expires: "2027-06-30" })],
    }),
  ],
  {
    name: "smb-edge",
    description: "Keep SMB and NetBIOS off the Internet; allow Azure Files.",
    feeds: [{ name: "azure", path: "feeds/azure.json", version: "changeNumber 397", sha256: "0".repeat(64) }],
  },
);

const wholeEdge = edgeOf(
  [
    edgeRule("mail", { action: "permit", services: [service("smtp", 6, 25)], to: network("server", "10.20.0.25") }),
    edgeRule("block-smb", { action: "reject", exceptions: [exception({ from: clients, to: azure })] }),
    edgeRule("ping", { action: "permit", services: [icmpService("ipv4", 8), icmpService("ipv6", 128)] }),
  ],
  { name: "whole edge", default: "deny" },
);

describe("iptables: emitting", () => {
  for (const [name, edge, options] of [
    ["emit-ipset", smbEdge, {}],
    ["emit-tree", smbEdge, { sets: "rules", hooks: ["forward"], outside: ["wan0", "ppp+"] }],
    ["emit-default-deny", wholeEdge, { prefix: "EDGE" }],
  ] as const) {
    it(`writes what a person has read: ${name}`, () => {
      mkdirSync(join(fixtures, name), { recursive: true });
      for (const file of emit(edge, options).files) expectGolden(join(fixtures, name, file.path), file.text);
    });
  }

  it("asks for interface, protocol and port before it asks a set, and for the direction before that", () => {
    const lines = linesOf(smbEdge, "rules.v4");
    for (const line of lines.filter((one) => one.includes("--match-set"))) {
      expect(line).to.match(/-p tcp -m tcp --dport 445 .*--match-set/);
      const chain = line.split(" ")[1]!;
      const first = lines.find((one) => one.startsWith(`-A ${chain} `))!;
      expect(first).to.include("--ctdir REPLY");
    }
  });

  it("writes few prefixes as rules and many as a set, each with the fewest prefixes", () => {
    const eight = network("few", ...Array.from({ length: 8 }, (_, i) => `10.0.${i * 2}.0/24`));
    const nine = network("many", ...Array.from({ length: 9 }, (_, i) => `10.0.${i * 2}.0/24`));
    const adjacent = network("adjacent", ...Array.from({ length: 256 }, (_, i) => `10.1.${i}.0/24`));
    const file = (endpoint: typeof eight): string =>
      textOf(edgeOf([edgeRule("x", { exceptions: [exception({ to: endpoint })] })]), "sets.ipset");
    expect(file(eight)).to.equal("");
    expect(file(nine).match(/^add /gm)).to.have.length(9);
    expect(file(adjacent)).to.equal("");
  });

  it("gives another name to a set with other entries, so that loaded rules keep theirs", () => {
    const name = (count: number): string => {
      const prefixes = Array.from({ length: count }, (_, i) => `10.${i}.0.0/17`);
      const edge = edgeOf([edgeRule("x", { exceptions: [exception({ to: network("azure-files", ...prefixes) })] })]);
      return /^create (\S+)/m.exec(textOf(edge, "sets.ipset"))![1]!;
    };
    expect(name(20)).to.match(/^RW4-azure-files-[0-9a-f]{8}$/);
    expect(name(20)).to.equal(name(20));
    expect(name(20)).not.to.equal(name(21));
  });

  it("keeps the vendor's lengths for any policy, and text from it between its quotes", () => {
    fc.assert(
      fc.property(arbitraryEdge(), fc.constantFrom("ipset", "rules"), (edge, sets) => {
        for (const { path, text } of emit(edge, { sets }).files) {
          expect(text, path).to.match(/^[\x20-\x7e\n]*$/);
          if (path === "apply.sh") continue;
          for (const line of text.split("\n")) {
            if (line === "" || line.startsWith("#") || line === "*filter" || line === "COMMIT") continue;
            if (path === "sets.ipset") {
              expect(line).to.match(
                /^(?:create|add|flush|swap|destroy) [A-Z]+[46]-[A-Za-z0-9-]+(?: [A-Za-z0-9:./-]+)*$/,
              );
              for (const name of line.matchAll(/RW[46]-\S+/g)) expect(name[0].length).to.be.at.most(31);
              continue;
            }
            const bare = line.replace(/ --comment "[^"]{1,255}"/, "").replace(/ --log-prefix "[^"]{1,29}"/, "");
            expect(bare).to.match(/^(?::[A-Za-z0-9.-]+ - \[0:0\]|-[AI] [A-Za-z0-9 !.,:/+-]+)$/);
            for (const name of bare.matchAll(/RW-\S+/g)) expect(name[0].length).to.be.at.most(28);
          }
          const chains = [...text.matchAll(/^:(\S+)/gm)].map((found) => found[1]);
          expect(new Set(chains).size, path).to.equal(chains.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("keeps rules with long and equal beginnings apart", () => {
    const long = "keep-smb-away-from-everything-that-is-outside";
    const edge = edgeOf([edgeRule(`${long}-one`), edgeRule(`${long}-two`, { services: [service("x", 6, 1)] })]);
    const chains = linesOf(edge, "rules.v4").filter((line) => line.startsWith(":RW-I"));
    expect(chains).to.deep.equal([
      ":RW-INPUT - [0:0]",
      ":RW-IN - [0:0]",
      ":RW-I1-keep-smb-away-from-eve - [0:0]",
      ":RW-I2-keep-smb-away-from-eve - [0:0]",
    ]);
  });

  it("splits more ports than a multiport match holds, and joins services that differ in their ports alone", () => {
    const ports = Array.from({ length: 20 }, (_, i) => i * 3 + 1);
    const edge = edgeOf([edgeRule("x", { services: ports.map((port) => service(`tcp/${port}`, 6, port)) })]);
    const guards = linesOf(edge, "rules.v4").filter((line) => line.startsWith("-A RW-IN "));
    expect(guards.map((line) => /--dports (\S+)/.exec(line)![1]!.split(",").length)).to.deep.equal([15, 5]);
    const ranges = edgeOf([
      edgeRule("x", {
        services: [service("ranges", 17, ...ports.map((port) => [port, port + 1] as [number, number]))],
      }),
    ]);
    const lists = linesOf(ranges, "rules.v4").filter((line) => line.startsWith("-A RW-IN "));
    expect(lists.map((line) => /--dports (\S+)/.exec(line)![1]!.split(",").length)).to.deep.equal([7, 7, 6]);
  });

  it("refuses what iptables would take for something else, with the reason", () => {
    const cases = [
      [service("none", 0), "any protocol"],
      [icmpService("ipv4", 255), "any type"],
      [service("gre/1", 47, 1), "has no ports"],
    ] as const;
    for (const [one, why] of cases) {
      const emission = emit(edgeOf([edgeRule("x", { services: [one, smb] })]));
      expect(emission.files).to.deep.equal([]);
      expect(emission.diagnostics.map((diagnostic) => diagnostic.code)).to.deep.equal(["RW3001"]);
      expect(emission.diagnostics[0]!.message).to.include(why);
    }
  });

  it("refuses trees that would go deeper than the kernel's jumps, and says what to do", () => {
    const large = (third: number) =>
      network(`n${third}`, ...Array.from({ length: 40 }, (_, i) => `10.${third}.${i * 2}.0/24`));
    const exceptions = Array.from({ length: 12 }, (_, i) => exception({ from: large(i), to: large(i + 100) }));
    const edge = edgeOf([edgeRule("x", { exceptions })]);
    expect(emit(edge, { sets: "auto" }).diagnostics).to.deep.equal([]);
    const [refusal] = emit(edge, { sets: "rules" }).diagnostics;
    expect(refusal?.code).to.equal("RW3003");
    expect(refusal?.help).to.include("sets: ipset");
  });

  it("meets a packet once where interface names cover each other", () => {
    const jumps = linesOf(smbEdge, "rules.v4", { outside: ["ppp+", "ppp0", "wan0", "wan0"] });
    expect(jumps.filter((line) => line.startsWith("-A RW-INPUT "))).to.deep.equal([
      "-A RW-INPUT -i ppp+ -j RW-IN",
      "-A RW-INPUT -i wan0 -j RW-IN",
    ]);
  });
});
