import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { prove } from "../../src/proof/prove.js";
import type { Edge, Emission } from "../../src/vendor-kit/index.js";
import { hasErrors } from "../../src/vendor-kit/index.js";
import windows from "../../vendors/windows-defender/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, icmpService, network, service, smb, targetOf } from "../support/edge.js";
import { runs } from "../support/runs.js";
import { describeShared } from "../support/shared.js";

const everyForm = ["powershell", "registry", "intune"];

function emitted(edge: Edge, options: Readonly<Record<string, unknown>> = {}): Emission {
  return windows.emit(edge, targetOf("windows-defender", options));
}

function differencesOf(edge: Edge, emission: Emission, changed: Readonly<Record<string, string>> = {}): unknown[] {
  return emission.claims.flatMap((claim) => {
    const sources = claim.reads.map((path) => ({
      path,
      text: changed[path] ?? emission.files.find((file) => file.path === path)!.text,
    }));
    const { device, diagnostics } = windows.parse(sources, {});
    return [...prove(edge, claim, device), ...diagnostics];
  });
}

function rulesIn(emission: Emission, path = "ringwall.reg"): string[] {
  return emission.files.find((file) => file.path === path)!.text.match(/"v2\.10\|.*\|"/g) ?? [];
}

const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network("azure", "20.60.0.0/16", "52.239.0.0/17", "2603:1030::/40");
const policy = edgeOf([edgeRule("block-smb", { exceptions: [exception({ from: clients, to: azure })] })]);

describe("Windows Defender: the proof of what is emitted", () => {
  it("holds in every form for the policy that this tool is for", () => {
    const emission = emitted(policy, { write: everyForm });
    expect(hasErrors(emission.diagnostics)).to.equal(false);
    expect(emission.claims.map((claim) => claim.reads[0])).to.deep.equal([
      "ringwall.ps1",
      "ringwall.reg",
      "registry.pol",
      "intune.json",
    ]);
    expect(differencesOf(policy, emission)).to.deep.equal([]);
  });

  it("holds for any policy that is not refused, in any profiles", () => {
    let written = 0;
    fc.assert(
      fc.property(
        arbitraryEdge(),
        fc.constantFrom(["Public"], ["Domain", "Public"], ["Domain", "Private", "Public"]),
        fc.boolean(),
        (edge, outside, intune) => {
          const whole = edge.default === "deny" ? { gpo: "corp.example.com\\Edge", exclusive: true } : {};
          // Profiles as a whole and ICMP types are not for Intune.
          const write = intune && edge.default !== "deny" ? everyForm : ["powershell", "registry"];
          const emission = emitted(edge, { outside, write, "open-inbound": true, ...whole });
          if (hasErrors(emission.diagnostics)) {
            expect(emission.files).to.deep.equal([]);
            return;
          }
          written++;
          expect(differencesOf(edge, emission)).to.deep.equal([]);
        },
      ),
      runs(50),
    );
    expect(written).to.be.greaterThan(20);
  });

  it("cuts exceptions and earlier permits out of blocks, because a block beats every allow", () => {
    const partners = network("partners", "192.0.2.0/24");
    const edge = edgeOf([
      edgeRule("partners", { action: "permit", directions: ["outbound"], to: partners, services: [smb] }),
      edgeRule("block", { directions: ["outbound"], families: ["ipv4"], services: [smb] }),
      edgeRule("too late", { action: "permit", directions: ["outbound"], services: [smb] }),
    ]);
    const emission = emitted(edge);
    expect(differencesOf(edge, emission)).to.deep.equal([]);
    expect(rulesIn(emission)[0]).to.include("RA4=0.0.0.0-192.0.1.255|RA4=192.0.3.0-255.255.255.255|");
  });

  it("writes a rule for one family as the two halves of its addresses: a mask of no bits is invalid", () => {
    const edge = edgeOf([edgeRule("six", { directions: ["inbound"], families: ["ipv6"], services: [smb] })]);
    expect(rulesIn(emitted(edge))[0])
      .to.include("|RA6=::/1|RA6=8000::/1|Name=")
      .and.not.include("A4=");
  });

  it("fails when one rule is dropped, in every form", () => {
    const emission = emitted(policy, { write: everyForm });
    const dropped: Readonly<Record<string, RegExp>> = {
      "ringwall.ps1": /\$FirewallRules \+= @\{\n[^}]*\}\n/g,
      "ringwall.reg": /"Ringwall-.*\r\n/g,
      "registry.pol": /\[[^\]\0]*FirewallRules\0;[^\]]*\]/g,
      "intune.json": /\n {4}\{\n[^}]*\},?(?=\n)/g,
    };
    for (const [path, pattern] of Object.entries(dropped)) {
      const { text } = emission.files.find((file) => file.path === path)!;
      const pieces = text.match(pattern)!;
      expect(pieces.length, path).to.equal(6);
      for (const piece of pieces)
        expect(differencesOf(policy, emission, { [path]: text.replace(piece, "") }), piece).not.to.deep.equal([]);
    }
  });

  it("fails when an action, a direction, a port, an address, a protocol or a profile changes", () => {
    const emission = emitted(policy, { write: everyForm });
    const changes: readonly (readonly [string, string, string])[] = [
      ["ringwall.reg", "Action=Block", "Action=Allow"],
      ["ringwall.reg", "Active=TRUE", "Active=FALSE"],
      ["ringwall.reg", "Active=TRUE|", ""],
      ["ringwall.reg", "Dir=Out", "Dir=In"],
      ["ringwall.reg", "Profile=Public", "Profile=Private"],
      ["ringwall.reg", "Profile=Public|", ""],
      ["ringwall.reg", "RPort=445", "RPort=446"],
      ["ringwall.reg", "Protocol=17", "Protocol=6"],
      ["ringwall.reg", "RA4=20.61.0.0", "RA4=20.62.0.0"],
      ["ringwall.reg", "|Name=", "|App=x.exe|Name="],
      ["ringwall.reg", "|Name=", "|Tomorrow=1|Name="],
      ["ringwall.reg", "FirewallRules]", "FirewallRule]"],
      ["registry.pol", "Action=Block", "Action=Allow"],
      ["registry.pol", "LPort=445", "LPort=444"],
      ["registry.pol", "FirewallRules", "FirewallRule1"],
      ["ringwall.ps1", "'Block'", "'Allow'"],
      ["ringwall.ps1", "'Outbound'", "'Inbound'"],
      ["ringwall.ps1", "'True'", "'False'"],
      ["ringwall.ps1", "'Public'", "'Domain'"],
      ["ringwall.ps1", "'137-138'", "'137'"],
      ["ringwall.ps1", "'UDP'", "'TCP'"],
      ["ringwall.ps1", "'20.61.0.0-", "'20.62.0.0-"],
      ["ringwall.ps1", "Service             = 'Any'", "Service             = 'x'"],
      ["ringwall.ps1", "Save-State", "Save-Stat"],
      ["ringwall.ps1", "#endregion data", "Remove-NetFirewallRule\n#endregion data"],
      ["intune.json", '"blocked"', '"allowed"'],
      ["intune.json", '"out"', '"in"'],
      ["intune.json", '"445"', '"446"'],
      ["intune.json", '"public"', '"private"'],
      ["intune.json", '"protocol": 17', '"protocol": 6'],
    ];
    for (const [path, from, to] of changes) {
      const { text } = emission.files.find((file) => file.path === path)!;
      expect(text, from).to.include(from);
      // The last one too: of equal pieces each has to matter.
      const at = text.lastIndexOf(from);
      const last = text.slice(0, at) + to + text.slice(at + from.length);
      for (const mutant of [text.replace(from, () => to), ...(path === "ringwall.ps1" ? [] : [last])])
        expect(differencesOf(policy, emission, { [path]: mutant }), `${path}: ${from} -> ${to}`).not.to.deep.equal([]);
    }
  });
});

describe("Windows Defender: what a policy becomes", () => {
  function codesOf(edge: Edge, options: Readonly<Record<string, unknown>> = {}): string[] {
    return emitted(edge, options).diagnostics.map((one) => `${one.code} ${one.severity}`);
  }

  it("says what no rules of Windows can say", () => {
    const rule = (services: Parameters<typeof edgeRule>[1]): Edge => edgeOf([edgeRule("x", services)]);
    expect(codesOf(rule({ services: [service("dccp", 33, 80)] }))).to.deep.equal(["RW3001 error"]);
    const any = service("any", "any");
    expect(codesOf(rule({ services: [any], exceptions: [exception({ services: [smb] })] }))).to.deep.equal([
      "RW3001 error",
    ]);
    expect(codesOf(rule({ services: [any], exceptions: [exception({ services: [any], to: azure })] }))).to.deep.equal(
      [],
    );
    expect(codesOf(rule({ services: [icmpService("ipv4", 8)] }), { write: ["intune"] })).to.deep.equal([
      "RW3001 error",
    ]);
    expect(codesOf(rule({ action: "reject", log: true }))).to.deep.equal(["RW3007 warning", "RW3007 warning"]);
  });

  it("denies by default only where nothing but its rules counts, and opens everything only when asked", () => {
    const deny = edgeOf([edgeRule("x")], { default: "deny" });
    expect(codesOf(deny)).to.deep.equal(["RW3001 error"]);
    expect(codesOf(deny, { exclusive: true })).to.deep.equal(["RW3005 error"]);
    const gpo = { gpo: "corp.example.com\\Edge", exclusive: true };
    expect(codesOf(deny, gpo)).to.deep.equal([]);
    expect(codesOf(edgeOf([edgeRule("x")]), gpo)).to.deep.equal(["RW3005 error"]);
    const reg = emitted(deny, gpo).files.find((file) => file.path === "ringwall.reg")!.text;
    expect(reg).to.include("PublicProfile]").and.include('"AllowLocalPolicyMerge"=dword:00000000');
    const permit = edgeOf([edgeRule("x")], { default: "permit" });
    expect(codesOf(permit)).to.deep.equal(["RW3006 error"]);
    expect(codesOf(permit, { "open-inbound": true })).to.deep.equal([]);
  });

  it("gives rules names that stay within the limits, are unique, and keep what people wrote to be shown", () => {
    const edge = edgeOf([
      edgeRule("ブロック SMB | “x” ‮", { description: "line\nbreak | bar" }),
      edgeRule("!!!", { services: [service("a", 6, 1)] }),
      edgeRule("???", { services: [service("b", 6, 2)] }),
      edgeRule("y".repeat(3000), { services: [service("c", 6, 3)] }),
    ]);
    const emission = emitted(edge);
    expect(differencesOf(edge, emission)).to.deep.equal([]);
    const reg = emission.files.find((file) => file.path === "ringwall.reg")!;
    expect(reg.encoding).to.equal("utf16le");
    expect(reg.text.startsWith("\ufeff")).to.equal(true);
    const names = [...reg.text.matchAll(/^"(Ringwall-[^"]*)"=/gm)].map((found) => found[1]!);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[A-Za-z0-9-]{1,511}$/);
    expect(reg.text).to.include("Name=Ringwall: ブロック SMB / “x”, inbound");
    for (const rule of rulesIn(emission)) expect(rule.split("|Name=")).to.have.length(2);
  });

  it("cuts long lists into rules of at most 1,000 entries for each family", () => {
    const prefixes = Array.from({ length: 2500 }, (_, i) => `10.${i >> 7}.${(i & 127) * 2}.0/24`);
    const many = network("many", ...prefixes, "2001:db8::/32");
    const edge = edgeOf([edgeRule("x", { directions: ["outbound"], to: many, from: clients, services: [smb] })]);
    const emission = emitted(edge);
    const rules = rulesIn(emission);
    expect(rules).to.have.length(3);
    for (const rule of rules) expect(rule.match(/\|RA4=/g)!.length).to.be.at.most(1000);
    expect(differencesOf(edge, emission)).to.deep.equal([]);
  });
});

describeShared("Windows Defender: the whole Azure cloud as an exception", (folder) => {
  const feed = JSON.parse(
    readFileSync(join(folder, "data/ServiceTags_Public_20251028.json"), "utf8").replace(/^\ufeff/, ""),
  ) as { values: { name: string; properties: { addressPrefixes: string[] } }[] };
  const prefixes = feed.values.find((one) => one.name === "AzureCloud")!.properties.addressPrefixes;

  it("is proved, in rules within the limits", () => {
    const edge = edgeOf([edgeRule("block-smb", { exceptions: [exception({ to: network("azure", ...prefixes) })] })]);
    const emission = emitted(edge, { write: everyForm });
    expect(differencesOf(edge, emission)).to.deep.equal([]);
    for (const rule of rulesIn(emission))
      for (const list of [rule.match(/\|RA4=/g), rule.match(/\|RA6=/g)]) expect(list?.length ?? 0).to.be.at.most(1000);
  });
});
