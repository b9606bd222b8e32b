import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import type { Edge, Emission } from "../../src/vendor-kit/index.js";
import { hasErrors } from "../../src/vendor-kit/index.js";
import { edgeOf, edgeRule, exception, icmpService, network, service } from "../support/edge.js";
import { expectGolden } from "../support/golden.js";
import { aliasOf, configOf, emitted, ruleOf, textOf } from "../support/pfsense.js";
import { runs } from "../support/runs.js";

const fixtures = fileURLToPath(new URL("../../vendors/pfsense/fixtures/", import.meta.url));

const clients = network("branch-clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network("azure-files", "20.60.0.0/16", "52.239.0.0/17", "2603:1030::/40");
const feeds: Edge["feeds"] = [
  {
    name: "azure",
    path: "feeds/ServiceTags_Public.json",
    version: "changeNumber 397",
    sha256: "0123456789abcdef".repeat(4),
  },
];
const toAzure = exception({ to: azure, reason: "CHG-1234", expires: "2027-06-30" });
const fromClients = exception({ from: clients, to: azure, reason: "CHG-1234", expires: "2027-06-30" });
const smbEdge = (rest: Partial<Edge> = {}): Edge =>
  edgeOf([edgeRule("block-smb", { log: true, exceptions: [toAzure] })], { name: "smb-edge", feeds, ...rest });

function errorsOf(emission: Emission): string[] {
  return emission.diagnostics.filter((one) => one.severity === "error").map((one) => `${one.code} ${one.message}`);
}

function golden(folder: string, emission: Emission): void {
  expect(errorsOf(emission)).to.deep.equal([]);
  for (const file of emission.files) expectGolden(`${fixtures}${folder}/${file.path}`, file.text);
}

describe("pfSense: golden output", () => {
  it("sections alone, with an Azure exception", () => {
    golden("sections-alone", emitted(smbEdge()));
  });

  it("put into the owner's configuration", () => {
    golden("into-a-base", emitted(smbEdge(), {}, readFileSync(`${fixtures}into-a-base/base.xml`, "utf8")));
  });

  it("an exception by source, where sources are rewritten", () => {
    golden("tagged-sources", emitted(smbEdge({ rules: [edgeRule("block-smb", { exceptions: [fromClients] })] })));
  });

  it("a policy that denies by default", () => {
    const rules = [
      edgeRule("web", {
        action: "permit",
        directions: ["outbound"],
        services: [service("tcp/443", 6, 443), icmpService("ipv4", 8)],
      }),
      edgeRule("mail", {
        action: "permit",
        directions: ["inbound"],
        to: network("mail", "10.20.0.25"),
        services: [service("tcp/25", 6, 25)],
      }),
      edgeRule("refuse-ident", { action: "reject", directions: ["inbound"], services: [service("tcp/113", 6, 113)] }),
    ];
    golden("deny-by-default", emitted(edgeOf(rules, { name: "closed", default: "deny" })));
  });
});

describe("pfSense: a base configuration", () => {
  const owners = ruleOf({ tracker: "1700000001", descr: "<![CDATA[mine & <yours>]]>" });
  const base = configOf(
    `<filter>\n\t\t${owners}\n\t</filter>\n\t<aliases>\n\t\t${aliasOf("partners", "198.51.100.0/24")}\n\t</aliases>`,
  );

  it("keeps every byte that is not ours", () => {
    for (const text of [
      base,
      base.replaceAll("\n", "\r\n"),
      base.replaceAll("\t", "  "),
      base.replace(/\s*\n\s*/g, ""),
    ]) {
      const config = textOf(emitted(smbEdge(), {}, text), "config.xml");
      const without = config
        .replace(/<rule>(?:(?!<\/rule>)[^])*?<descr>ringwall:[^]*?<\/rule>\s*/g, "")
        .replace(/\s*<alias>\s*<name>RW_[^]*?<\/alias>/g, "");
      expect(without).to.equal(text);
      if (text.includes("\r\n")) expect(config.replaceAll("\r\n", "")).not.to.match(/[\r\n]/);
    }
  });

  it("gets our newer rules in place of our older ones", () => {
    const older = textOf(
      emitted(
        smbEdge({
          rules: [
            edgeRule("old", {
              services: [service("tcp/23", 6, 23)],
              exceptions: [exception({ to: network("gone", "192.0.2.0/24"), services: [service("tcp/23", 6, 23)] })],
            }),
          ],
        }),
        {},
        base,
      ),
      "config.xml",
    );
    expect(older).to.include("RW_gone").and.to.include("ringwall: old out tcp/23");
    const newer = textOf(emitted(smbEdge(), {}, older), "config.xml");
    expect(newer).to.equal(textOf(emitted(smbEdge(), {}, base), "config.xml"));
  });

  it("gives the same text again from its own output, wherever the web interface moved our rules to", () => {
    const once = textOf(emitted(smbEdge(), {}, base), "config.xml");
    expect(textOf(emitted(smbEdge(), {}, once), "config.xml")).to.equal(once);
    const rules = [...once.matchAll(/<rule>[^]*?<\/rule>\n\t\t?/g)].map((found) => found[0]);
    fc.assert(
      fc.property(fc.shuffledSubarray(rules.slice(0, -1), { minLength: rules.length - 1 }), (shuffled) => {
        const moved = once.replace(rules.slice(0, -1).join(""), shuffled.join(""));
        expect(textOf(emitted(smbEdge(), {}, moved), "config.xml")).to.equal(once);
      }),
      runs(20),
    );
  });

  it("may lack the sections or have them empty", () => {
    for (const text of [
      configOf(""),
      configOf("<filter/>"),
      configOf("<filter></filter>\n\t<aliases></aliases>"),
      configOf("<aliases />\n\t<filter>\n\t</filter>"),
    ]) {
      const emission = emitted(smbEdge(), {}, text);
      const config = textOf(emission, "config.xml");
      expect(config.match(/<filter>/g)!.length).to.equal(1);
      expect(config.match(/<aliases>/g)!.length).to.equal(1);
      expect(textOf(emission, "aliases.xml")).to.include("<name>RW_azure_files</name>");
      expect(textOf(emitted(smbEdge(), {}, config), "config.xml")).to.equal(config);
    }
  });

  it("has its sections in files of their own, for the restore areas", () => {
    const emission = emitted(smbEdge(), {}, base);
    const filter = textOf(emission, "filter.xml");
    expect(filter).to.match(/^<\?xml version="1.0"\?>\n<!--\n[^]*-->\n<filter>/);
    expect(filter).to.include(owners).and.to.include("ringwall: block-smb out netbios");
    expect(textOf(emission, "aliases.xml")).to.include("partners").and.to.include("RW_azure_files");
  });

  it("keeps the separators of floating rules beside their rules", () => {
    const separators =
      "<separator><floatingrules><sep0><row>fr0</row></sep0><sep1><row>fr2</row></sep1></floatingrules><wan><sep0><row>fr1</row></sep0></wan></separator>";
    const text = configOf(`<filter>${separators}${owners}</filter>`);
    const once = textOf(emitted(smbEdge(), {}, text), "config.xml");
    expect(once).to.include(
      "<sep0><row>fr6</row></sep0><sep1><row>fr8</row></sep1></floatingrules><wan><sep0><row>fr1</row>",
    );
    expect(textOf(emitted(smbEdge(), {}, once), "config.xml")).to.equal(once);
  });

  it("with a copy of one of our rules keeps it and says so", () => {
    const copy = ruleOf({ tracker: "1700000009", descr: "ringwall: block-smb in smb" });
    const emission = emitted(smbEdge(), {}, configOf(`<filter>${copy}</filter>`));
    expect(textOf(emission, "config.xml")).to.include(copy);
    expect(emission.diagnostics.map((one) => one.message).join()).to.include("looks like a copy");
  });

  it("whose own rules use an alias of ours that goes away is refused", () => {
    const text = configOf(
      `<filter>${ruleOf({ destination: "<address>RW_gone</address>" })}</filter><aliases><alias><name>RW_gone</name><type>network</type><address>192.0.2.0/24</address><descr>ringwall: gone</descr></alias></aliases>`,
    );
    expect(errorsOf(emitted(smbEdge(), {}, text)).join()).to.match(/^RW3008 .*RW_gone/);
  });

  it("with an alias of the same name keeps it and gets another of ours", () => {
    const emission = emitted(
      smbEdge(),
      {},
      configOf(`<aliases>${aliasOf("rw_azure_files", "192.0.2.0/24")}</aliases>`),
    );
    expect(textOf(emission, "config.xml")).to.include("<name>RW_azure_files_x2</name>");
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["that is not well-formed", base.replace("</filter>", ""), /^RW3008 .*well-formed/],
    ["of OPNsense", base.replaceAll("pfsense>", "opnsense>"), /^RW3008 .*<opnsense>/],
    [
      "in another encoding",
      base.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"'),
      /^RW3008 .*iso-8859-1/,
    ],
    ["with two filter sections", base.replace("</pfsense>", "<filter/></pfsense>"), /^RW3008 .*two <filter>/],
    [
      "that does not filter",
      base.replace("<system>", "<system><disablefilter/>"),
      /^RW3008 .*switches packet filtering off/,
    ],
    ["that pfSense does not load", base.replace("partners<", "part-ners<"), /^RW3008 .*does not load.*"part-ners"/],
    ["without the outside interface", base.replaceAll("wan>", "opt7>"), /^RW3005 .*"wan"/],
    [
      "whose port forward passes what is denied",
      base.replace(
        "<filter>",
        "<nat><rule><source><any/></source><destination><network>wanip</network><port>445</port></destination><protocol>tcp</protocol><target>10.20.0.5</target><local-port>445</local-port><interface>wan</interface><associated-rule-id>pass</associated-rule-id></rule></nat><filter>",
      ),
      /^RW3008 .*port forward .*passes what rule "block-smb" denies/,
    ],
  ];
  for (const [title, text, message] of refused)
    it(`${title} is refused`, () => {
      const emission = emitted(smbEdge(), {}, text);
      expect(emission.files).to.deep.equal([]);
      expect(emission.claims).to.deep.equal([]);
      expect(errorsOf(emission)[0]).to.match(message);
    });

  it("with a port forward that passes what is excepted is written", () => {
    const forward = `<nat><rule><source><address>198.51.100.7</address></source><destination><network>wanip</network><port>445</port></destination><protocol>tcp</protocol><target>10.20.0.5</target><local-port>445</local-port><interface>wan</interface><associated-rule-id>pass</associated-rule-id></rule></nat>`;
    const partner = exception({ from: network("partner", "198.51.100.0/24"), directions: ["inbound"] });
    const edge = smbEdge({ rules: [edgeRule("block-smb", { exceptions: [partner] })] });
    expect(errorsOf(emitted(edge, {}, configOf(forward)))).to.deep.equal([]);
    expect(errorsOf(emitted(smbEdge(), {}, configOf(forward)))[0]).to.match(/^RW3008 /);
  });

  it("with little room for tables is written with a warning", () => {
    const small = configOf("").replace("<system>", "<system><maximumtableentries>5</maximumtableentries>");
    expect(emitted(smbEdge(), {}, small).diagnostics.map((one) => one.code)).to.include("RW3004");
    expect(emitted(smbEdge(), {}, configOf("")).diagnostics.map((one) => one.code)).not.to.include("RW3004");
  });

  it("with a port forward that hides a denied port is written with a warning", () => {
    const forward =
      "<nat><rule><source><any/></source><destination><network>wanip</network><port>445</port></destination><protocol>tcp</protocol><target>10.20.0.5</target><local-port>8445</local-port><interface>wan</interface></rule></nat>";
    const emission = emitted(smbEdge(), {}, configOf(forward));
    expect(errorsOf(emission)).to.deep.equal([]);
    expect(emission.diagnostics.map((one) => one.message).join()).to.include("changes a port");
  });
});

describe("pfSense: what the output keeps to", () => {
  it("splits a large alias below one parent, in minimal prefixes", () => {
    const many = network("many", ...Array.from({ length: 23 }, (_, i) => `10.${2 * i}.0.0/16`));
    const emission = emitted(smbEdge({ rules: [edgeRule("r", { exceptions: [exception({ to: many })] })] }), {
      entries: 10,
    });
    const aliases = [
      ...textOf(emission, "aliases.xml").matchAll(/<name>(\w+)<\/name>\s*<type>network<\/type>\s*<address>([^<]*)</g),
    ];
    expect(aliases.map(([, name, entries]) => `${name}: ${entries!.split(" ").length}`)).to.deep.equal([
      "RW_many_1: 10",
      "RW_many_2: 10",
      "RW_many_3: 3",
      "RW_many: 3",
    ]);
    expect(aliases[3]![2]).to.equal("RW_many_1 RW_many_2 RW_many_3");
  });

  it("gives aliases names that pfSense takes, and descriptions of at most 52 characters", () => {
    const long = (text: string): string => `${text}-${"x".repeat(60)}`;
    const rules = ["a", "b"].map((name) =>
      edgeRule(long(name), {
        exceptions: [
          exception({ to: { ...network("n", name === "a" ? "192.0.2.0/24" : "198.51.100.0/24"), id: long("net") } }),
        ],
      }),
    );
    const emission = emitted(edgeOf(rules));
    const names = [...textOf(emission, "aliases.xml").matchAll(/<name>(.*?)<\/name>/g)].map((found) => found[1]!);
    expect(new Set(names).size).to.equal(2);
    for (const name of names) expect(name).to.match(/^[A-Za-z0-9_]{1,27}$/);
    for (const [, descr] of textOf(emission, "filter.xml").matchAll(/<descr>(.*?)<\/descr>/g))
      expect(descr!.length).to.be.at.most(52);
  });

  it("lets no text out of its place", () => {
    const nasty = "]]></descr></rule><rule> -- & \"'\n pass all #";
    const edge = edgeOf(
      [edgeRule(nasty, { exceptions: [exception({ to: { ...azure, label: nasty }, reason: nasty })] })],
      {
        name: nasty,
        description: nasty,
      },
    );
    const emission = emitted(edge, {}, configOf(""));
    expect(errorsOf(emission)).to.deep.equal([]);
    expect(textOf(emission, "config.xml").match(/<rule>/g)!.length).to.equal(6);
    expect(textOf(emission, "filter.xml")).not.to.match(/<!--[^]*--[^>][^]*-->/);
    for (const line of textOf(emission, "pf.conf").split("\n"))
      expect(line).to.match(/^(#|block|table|outside|\t|\}|$)/);
  });

  it("writes no pass rule for an exception", () => {
    const emission = emitted(smbEdge());
    expect(textOf(emission, "filter.xml")).not.to.include("<type>pass</type>");
    expect(textOf(emission, "pf.conf")).not.to.match(/^pass/m);
  });

  it("tags sources only where they may be rewritten", () => {
    const edge = edgeOf([edgeRule("block-smb", { exceptions: [fromClients] })]);
    expect(textOf(emitted(edge), "filter.xml")).to.include("<nottagged>");
    expect(textOf(emitted(edge, { translation: false }), "filter.xml")).not.to.include("<nottagged>");
    const off = configOf("<nat><outbound><mode>disabled</mode></outbound></nat>");
    expect(textOf(emitted(edge, {}, off), "config.xml")).not.to.include("<nottagged>");
    expect(textOf(emitted(smbEdge()), "filter.xml")).not.to.include("<nottagged>");
  });

  it("refuses tags beside those of the owner, and sources that hold the firewall's address", () => {
    const edge = edgeOf([edgeRule("block-smb", { exceptions: [fromClients] })]);
    const tagging = configOf(`<filter>${ruleOf({ type: "pass", interface: "lan", tag: "VPN" })}</filter>`);
    expect(errorsOf(emitted(edge, {}, tagging))[0]).to.match(/^RW3008 .*VPN/);
    const inside = edgeOf([
      edgeRule("block-smb", { exceptions: [exception({ from: network("old", "203.0.113.0/24"), to: azure })] }),
    ]);
    expect(errorsOf(emitted(inside, {}, configOf("")))[0]).to.match(/^RW3008 .*address of the outside interface/);
  });

  it("refuses what pfSense has no words for, and says that pf.conf has", () => {
    const edge = edgeOf([edgeRule("r", { services: [icmpService("ipv4", 3, 4)] })]);
    const refused = emitted(edge);
    expect(hasErrors(refused.diagnostics)).to.equal(true);
    expect(refused.diagnostics.find((one) => one.severity === "error")!.help).to.include("pf.conf");
    expect(textOf(emitted(edge, { write: ["pf.conf"] }), "pf.conf")).to.include("icmp-type 3 code 4");
  });

  it("names the interfaces of pf.conf as the base does, or as the target says", () => {
    expect(textOf(emitted(smbEdge(), {}, configOf("")), "pf.conf")).to.include('outside = "em0"');
    expect(textOf(emitted(smbEdge(), { devices: ["igb0", "igb1"] }), "pf.conf")).to.include(
      'outside = "{ igb0, igb1 }"',
    );
  });
});
