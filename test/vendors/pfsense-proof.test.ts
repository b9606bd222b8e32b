import { readFileSync, readdirSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { prove } from "../../src/proof/prove.js";
import type { Edge, Emission } from "../../src/vendor-kit/index.js";
import { hasErrors } from "../../src/vendor-kit/index.js";
import pfsense from "../../vendors/pfsense/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, network, service } from "../support/edge.js";
import { aliasOf, configOf, emitted, ruleOf, textOf } from "../support/pfsense.js";
import { runs } from "../support/runs.js";
import { describeShared } from "../support/shared.js";

/** Configurations that ours are put into, of which each does something of its own with packets that we decide. */
const bases: Readonly<Record<string, string>> = {
  "empty sections": configOf("<filter/>\n\t<aliases/>"),
  "no sections": configOf("<nat><outbound><mode>disabled</mode></outbound></nat>"),
  "rules of every kind": configOf(
    `<nat><outbound><mode>disabled</mode></outbound></nat>
	<ifgroups><ifgroupentry><ifname>INSIDE</ifname><members>lan opt1</members></ifgroupentry></ifgroups>
	<schedules><schedule><name>office</name></schedule></schedules>
	<filter>
		<separator><floatingrules><sep0><row>fr1</row><text>x</text></sep0></floatingrules></separator>
		${ruleOf({ floating: "yes", direction: "any", interface: "wan,opt1", protocol: "udp", destination: "<any/>" })}
		${ruleOf({ floating: "yes", direction: "out", quick: "yes", type: "reject", interface: "", source: "<network>opt1</network>" })}
		${ruleOf({ type: "pass", interface: "INSIDE", protocol: undefined, source: "<network>lan</network>", destination: "<any/>", sched: "office" })}
		${ruleOf({ type: "pass", source: "<address>partners</address><not/>", destination: "<network>(self)</network>" })}
	</filter>
	<aliases>${aliasOf("partners", "198.51.100.0/24 vpn.example.com")}</aliases>`,
    "<webgui><protocol>https</protocol></webgui>\n\t\t<ipv6allow/>",
  ),
  "rules with limits, a portal, UPnP, IPsec and a field that nobody knows": configOf(
    `<nat><outbound><mode>disabled</mode></outbound></nat>
	<filter>
		${ruleOf({ type: "pass", "max-src-conn": "10", tracker: "17" })}
		${ruleOf({ type: "pass", interface: "lan", destination: "<any/>", frobnicate: "1" })}
	</filter>
	<captiveportal><guests><enable/><interface>opt1</interface></guests></captiveportal>
	<ipsec><phase1><ikeid>1</ikeid></phase1></ipsec>
	<installedpackages><miniupnpd><config><enable>on</enable></config></miniupnpd></installedpackages>`,
  ),
  "private networks and bogons blocked, no IPv6": configOf(
    `<filter>${ruleOf({ type: "pass", interface: "lan", destination: "<any/>" })}</filter>`,
    "",
  ).replace("<wan>", "<wan><blockpriv/><blockbogons/>"),
};

function differencesOf(
  edge: Edge,
  emission: Emission,
  changed: Readonly<Record<string, string>> = {},
): readonly unknown[] {
  return emission.claims.flatMap((claim) => {
    const sources = claim.reads.map((path) => ({ path, text: changed[path] ?? textOf(emission, path) }));
    const parsed = pfsense.parse(sources, {});
    return [...prove(edge, claim, parsed.device), ...(claim.base === undefined ? parsed.diagnostics : [])];
  });
}

const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network("azure", "20.60.0.0/16", "52.239.0.0/17", "2603:1030::/40");
const policy = edgeOf([edgeRule("block-smb", { log: true, exceptions: [exception({ from: clients, to: azure })] })]);

describe("pfSense: the proof of what is emitted", () => {
  it("holds for the policy that this tool is for, without a base", () => {
    for (const end of ["continue", "deny", "permit"] as const) {
      const edge = { ...policy, default: end };
      const emission = emitted(edge);
      expect(hasErrors(emission.diagnostics), end).to.equal(false);
      expect(emission.claims.length).to.equal(2);
      expect(differencesOf(edge, emission), end).to.deep.equal([]);
    }
  });

  for (const [title, base] of Object.entries(bases))
    it(`holds for the policy that this tool is for, over a base with ${title}`, () => {
      for (const end of ["continue", "deny", "permit"] as const) {
        const edge = { ...policy, default: end };
        const emission = emitted(edge, {}, base);
        expect(hasErrors(emission.diagnostics), JSON.stringify(emission.diagnostics)).to.equal(false);
        expect(differencesOf(edge, emission), end).to.deep.equal([]);
      }
    });

  for (const [title, base] of Object.entries({ "no base": undefined, ...bases }))
    it(`holds for any policy that is not refused, over ${title}`, () => {
      let written = 0;
      fc.assert(
        fc.property(arbitraryEdge(), fc.boolean(), (edge, translation) => {
          const emission = emitted(edge, { translation }, base);
          if (hasErrors(emission.diagnostics)) {
            expect(emission.files).to.deep.equal([]);
            return;
          }
          written++;
          expect(differencesOf(edge, emission)).to.deep.equal([]);
          if (base !== undefined) {
            const again = emitted(edge, { translation }, textOf(emission, "config.xml"));
            expect(textOf(again, "config.xml")).to.equal(textOf(emission, "config.xml"));
          }
        }),
        runs(25),
      );
      expect(written).to.be.greaterThan(5);
    });

  it("holds for exceptions that overlap in source and destination", () => {
    const old = network("old", "10.0.0.0/8");
    const some = network("some", "20.60.0.0/17", "203.0.113.0/24");
    const edge = edgeOf([
      edgeRule("block", {
        exceptions: [
          exception({ from: clients, to: azure, directions: ["inbound", "outbound"] }),
          exception({ from: old, to: some, directions: ["inbound", "outbound"] }),
          exception({ from: network("one", "10.20.1.5"), directions: ["inbound", "outbound"] }),
          exception({ to: network("other", "52.239.1.0/24"), directions: ["inbound", "outbound"] }),
        ],
      }),
      edgeRule("then", { action: "reject", from: old, services: [service("tcp", 6)] }),
    ]);
    const emission = emitted(edge, { translation: false });
    expect(hasErrors(emission.diagnostics)).to.equal(false);
    expect(differencesOf(edge, emission)).to.deep.equal([]);
  });

  it("fails when one rule is dropped, in either form", () => {
    const emission = emitted(policy, { translation: false });
    const filter = textOf(emission, "filter.xml");
    const rules = [...filter.matchAll(/\t<rule>[^]*?<\/rule>\n/g)].map((found) => found[0]);
    expect(rules.length).to.equal(7);
    for (const rule of rules)
      expect(differencesOf(policy, emission, { "filter.xml": filter.replace(rule, "") }), rule).not.to.deep.equal([]);
    const pf = textOf(emission, "pf.conf");
    const lines = pf.split("\n").filter((line) => line.startsWith("block"));
    expect(lines.length).to.equal(7);
    for (const line of lines)
      expect(differencesOf(policy, emission, { "pf.conf": pf.replace(`${line}\n`, "") }), line).not.to.deep.equal([]);
  });

  it("fails when one rule of ours is dropped or one of the owner's changes, with a base", () => {
    const open = ["wan", "lan"].map((name) =>
      ruleOf({ type: "pass", interface: name, protocol: undefined, destination: "<any/>" }),
    );
    const refuse = ruleOf({
      type: "reject",
      interface: "wan",
      source: "<address>partners</address>",
      destination: "<any/>",
    });
    const base = configOf(`<nat><outbound><mode>disabled</mode></outbound></nat>
	<filter>${refuse}${open.join("")}</filter><aliases>${aliasOf("partners", "198.51.100.0/24")}</aliases>`);
    const emission = emitted(policy, {}, base);
    const config = textOf(emission, "config.xml");
    const ours = [...config.matchAll(/<rule>(?:(?!<\/rule>)[^])*?<descr>ringwall: block[^]*?<\/rule>/g)].map(
      (found) => found[0],
    );
    expect(ours.length).to.equal(7);
    for (const rule of ours)
      expect(differencesOf(policy, emission, { "config.xml": config.replace(rule, "") }), rule).not.to.deep.equal([]);
    for (const [from, to] of [
      ["<type>reject</type>", "<type>pass</type>"],
      ["198.51.100.0/24", "198.51.100.0/25"],
      ["<ipv6allow></ipv6allow>", ""],
    ] as const)
      expect(differencesOf(policy, emission, { "config.xml": config.replace(from, to) }), from).not.to.deep.equal([]);
  });

  it("fails when a port, a prefix, a direction, an interface, a family or a negation changes", () => {
    const emission = emitted(policy, { translation: false });
    const changes: readonly (readonly [string, string, string])[] = [
      ["filter.xml", "<port>445</port>", "<port>446</port>"],
      ["filter.xml", "<port>137-138</port>", "<port>137</port>"],
      ["filter.xml", "<direction>out</direction>", "<direction>in</direction>"],
      ["filter.xml", "<interface>wan</interface>", "<interface>lan</interface>"],
      ["filter.xml", "<ipprotocol>inet46</ipprotocol>", "<ipprotocol>inet</ipprotocol>"],
      ["filter.xml", "<not></not>", ""],
      ["filter.xml", "<quick>yes</quick>", ""],
      ["filter.xml", "<type>block</type>", "<type>pass</type>"],
      ["filter.xml", "<type>block</type>", "<type>reject</type>"],
      ["filter.xml", "<id></id>", "<disabled></disabled>"],
      ["aliases.xml", "20.60.0.0/16", "20.60.0.0/17"],
      ["aliases.xml", "2603:1030::/40", "2603:1031::/40"],
      ["aliases.xml", "<name>RW_azure</name>", "<name>RW_azur</name>"],
      ["pf.conf", "port 445", "port 446"],
      ["pf.conf", "port 137:138", "port 137"],
      ["pf.conf", "block drop out", "block drop in"],
      ["pf.conf", "! <RW_azure>", "<RW_azure>"],
      ["pf.conf", "20.60.0.0/16", "20.60.0.0/15"],
      ["pf.conf", " quick on", " on"],
      ["pf.conf", "proto udp", "proto tcp"],
      ["pf.conf", "block drop", "block return"],
    ];
    for (const [path, from, to] of changes) {
      const text = textOf(emission, path);
      expect(text, from).to.include(from);
      const mutant = text.replace(from, to);
      expect(differencesOf(policy, emission, { [path]: mutant }), `${path}: ${from} -> ${to}`).not.to.deep.equal([]);
    }
  });
});

describeShared("pfSense: the proof over published configurations", (folder) => {
  for (const name of readdirSync(`${folder}/corpus/pfsense`))
    it(`holds over ${name}`, () => {
      const base = readFileSync(`${folder}/corpus/pfsense/${name}`, "utf8");
      for (const end of ["continue", "deny"] as const) {
        const edge = {
          ...policy,
          default: end,
          rules: [edgeRule("block-smb", { exceptions: [exception({ to: azure })] })],
        };
        const emission = emitted(edge, {}, base);
        expect(hasErrors(emission.diagnostics)).to.equal(false);
        expect(differencesOf(edge, emission)).to.deep.equal([]);
      }
    });
});
