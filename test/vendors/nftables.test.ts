import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { prove } from "../../src/proof/prove.js";
import type { Edge } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { deviceText } from "../support/device-text.js";
import { edgeOf, edgeRule, exception, icmpService, network, service, smb, targetOf } from "../support/edge.js";
import { expectGolden } from "../support/golden.js";

const fixtures = new URL("../../vendors/nftables/fixtures/", import.meta.url);

function golden(name: string, file: string, text: string): void {
  const folder = new URL(`${name}/`, fixtures);
  if (process.env["UPDATE_FIXTURES"] === "1") mkdirSync(folder, { recursive: true });
  expectGolden(fileURLToPath(new URL(file, folder)), text);
}

const clients = network("branch-clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network(
  "azure-files",
  "20.60.26.4",
  "20.60.40.0/23",
  "20.60.42.0/24",
  "52.239.0.0/16",
  "2603:1020::/28",
  "2603:1030:1::/48",
);
const feeds = [{ name: "azure", path: "feeds/tags.json", version: "changeNumber 397", sha256: "ab".repeat(32) }];

const examples: readonly [string, Edge, Record<string, unknown>][] = [
  [
    "smb-edge",
    edgeOf(
      [
        edgeRule("block-smb", {
          description: "SMB and NetBIOS do not cross the edge",
          log: true,
          exceptions: [exception({ from: clients, to: azure, reason: "CHG-1234", expires: "2027-06-30" })],
        }),
      ],
      { name: "smb-edge", description: "Keep SMB off the Internet; allow Azure Files.", feeds },
    ),
    { outside: ["wan0", "wan1", "ppp*"] },
  ],
  [
    "deny-by-default",
    edgeOf(
      [
        edgeRule("ping", {
          action: "permit",
          services: [icmpService("ipv4", 8), icmpService("ipv6", 128)],
        }),
        edgeRule("web", {
          action: "permit",
          directions: ["outbound"],
          from: clients,
          services: [service("web", 6, 80, 443, [8000, 8100])],
          exceptions: [exception({ to: azure, services: [service("web", 6, 80)] })],
        }),
        edgeRule("partner", {
          action: "permit",
          directions: ["inbound"],
          families: ["ipv4"],
          from: azure,
          to: network("server", "192.0.2.10"),
          services: [service("esp", 50)],
        }),
      ],
      { default: "deny" },
    ),
    { outside: ["wan0"], hooks: ["forward"], table: "edge", priority: "mangle + 5" },
  ],
  [
    "reject-some-addresses",
    edgeOf([edgeRule("refuse", { action: "reject", directions: ["outbound"], to: azure, log: true })]),
    { outside: ["wan0"], hooks: ["forward", "output"] },
  ],
  [
    "hostile-text",
    edgeOf(
      [
        edgeRule('x" drop\n; flush ruleset }\\', {
          description: "a\r\nb # c $d \u202e\\",
          log: true,
          exceptions: [exception({ to: azure, from: clients, reason: '"; accept #\n}' })],
        }),
        edgeRule("x", { services: [smb] }),
        edgeRule("x!", { services: [smb] }),
        edgeRule("\u00e9\u00e9", { services: [smb] }),
        edgeRule("y".repeat(300), { services: [smb], log: true }),
      ],
      { name: "na\nme", description: 'd"\\\n#' },
    ),
    { outside: ["wan0"] },
  ],
];

describe("nftables: what is emitted", () => {
  for (const [name, edge, options] of examples) {
    it(`is as it was, and proved: ${name}`, () => {
      const emission = nftables.emit(edge, targetOf("nftables", options));
      expect(emission.diagnostics).to.deep.equal([]);
      const [file] = emission.files;
      golden(name, file!.path, file!.text);
      const parsed = nftables.parse([file!], {});
      expect(parsed.diagnostics).to.deep.equal([]);
      expect(prove(edge, emission.claims[0]!, parsed.device)).to.deep.equal([]);
    });
  }

  it("is refused in front of connection tracking, where no reply is known", () => {
    const emission = nftables.emit(
      edgeOf([edgeRule("x")]),
      targetOf("nftables", { outside: ["wan0"], priority: "-300" }),
    );
    expect(emission.files).to.deep.equal([]);
    expect(emission.diagnostics.map(({ code }) => code)).to.deep.equal(["RW3005"]);
  });

  it("is printable ASCII, whatever the policy's texts are", () => {
    for (const [, edge, options] of examples) {
      expect(nftables.emit(edge, targetOf("nftables", options)).files[0]!.text).to.match(/^[\x20-\x7e\t\n]*$/);
    }
  });
});

describe("nftables: what is read", () => {
  for (const name of readdirSync(fixtures).filter((one) => one.startsWith("read-"))) {
    it(`is understood as it was: ${name}`, () => {
      const file = new URL(`${name}/ruleset.nft`, fixtures);
      const source = { path: "ruleset.nft", text: readFileSync(file, "utf8") };
      expect(nftables.detect(source)).to.be.greaterThan(0.8);
      const { device, diagnostics } = nftables.parse([source], {});
      const messages = diagnostics.map(({ code, message }) => `${code} ${message}\n`).join("");
      golden(name, "reading.txt", `${deviceText(device)}${messages}`);
    });
  }
});
