import { readFileSync, readdirSync } from "node:fs";
import { expect } from "chai";
import { aliasOf, codesOf, configOf, fateOf, parsed, ruleOf } from "../support/pfsense.js";
import { describeShared } from "../support/shared.js";

/** A configuration with these rules and aliases. */
function withRules(rules: readonly string[], aliases: readonly string[] = [], system?: string): string {
  return configOf(`<filter>${rules.join("\n")}</filter><aliases>${aliases.join("\n")}</aliases>`, system);
}

const passAll = ruleOf({ type: "pass", protocol: undefined, destination: "<any/>" });
const toServer = "wan>lan tcp 198.51.100.7 > 10.20.0.5:445";
const out = "lan>wan tcp 10.20.0.5 > 198.51.100.7:445";

describe("pfSense config.xml: what the firewall does by itself", () => {
  const { device } = parsed(withRules([]));

  it("drops what comes in and lets out what the firewall sends", () => {
    expect(fateOf(device, toServer)).to.equal("dropped");
    expect(fateOf(device, "wan>self tcp 198.51.100.7 > 203.0.113.2:443")).to.equal("dropped");
    expect(fateOf(device, "self>wan tcp 203.0.113.2 > 198.51.100.7:445")).to.equal("accepted");
  });

  it("keeps its web interface open on LAN", () => {
    expect(fateOf(device, "lan>self tcp 10.20.3.4 > 10.20.0.1:443")).to.equal("accepted");
    expect(fateOf(device, "lan>self tcp 10.20.3.4 > 10.20.0.1:8443")).to.equal("dropped");
    const off = parsed(withRules([], [], "<webgui><noantilockout/></webgui>")).device;
    expect(fateOf(off, "lan>self tcp 10.20.3.4 > 10.20.0.1:443")).to.equal("dropped");
  });

  it("drops all IPv6 without ipv6allow, whatever the rules say", () => {
    const packet = "wan>lan tcp 2001:db8:1::7 > [2001:db8:20::5]:445";
    expect(fateOf(parsed(withRules([passAll])).device, packet)).to.equal("accepted");
    expect(fateOf(parsed(withRules([passAll], [], "")).device, packet)).to.equal("dropped");
  });

  it("passes neighbour discovery before any rule", () => {
    const block = ruleOf({
      protocol: undefined,
      destination: "<any/>",
      floating: "yes",
      quick: "yes",
      direction: "any",
      interface: "",
    });
    const { device } = parsed(withRules([block]));
    expect(fateOf(device, "wan>self icmp6 fe80::1 > [2001:db8:20::1]:135")).to.equal("accepted");
    expect(fateOf(device, "wan>self icmp6 fe80::1 > [2001:db8:20::1]:128")).to.equal("dropped");
  });

  it("blocks private and unlisted sources where the interface says so", () => {
    const { device, diagnostics } = parsed(withRules([passAll]).replace("<wan>", "<wan><blockpriv/><blockbogons/>"));
    expect(diagnostics.filter((one) => one.severity === "error")).to.deep.equal([]);
    expect(fateOf(device, "wan>lan tcp 10.9.9.9 > 10.20.0.5:80")).to.equal("dropped");
    expect(fateOf(device, "wan>lan tcp 198.51.100.7 > 10.20.0.5:80")).to.equal("accepted");
    const bogon = "source address is in the list of bogons, which the firewall fetches";
    expect(fateOf(device, "wan>lan tcp 198.51.100.7 > 10.20.0.5:80", [bogon])).to.equal("dropped");
  });

  it("passes everything when filtering is switched off", () => {
    const read = parsed(withRules([ruleOf()], [], "<disablefilter/>"));
    expect(fateOf(read.device, toServer)).to.equal("accepted");
    expect(codesOf(read)).to.include("RW6003");
  });
});

describe("pfSense config.xml: the order of rules", () => {
  const pass = (fields: Record<string, string | undefined> = {}): string => ruleOf({ type: "pass", ...fields });

  it("asks floating rules first, then groups, then interfaces, wherever they stand", () => {
    const group = "<ifgroups><ifgroupentry><ifname>EDGE</ifname><members>wan opt1</members></ifgroupentry></ifgroups>";
    const text = (rules: string): string => configOf(`${group}<filter>${rules}</filter>`);
    expect(fateOf(parsed(text(pass() + ruleOf({ interface: "EDGE" }))).device, toServer)).to.equal("dropped");
    expect(
      fateOf(
        parsed(text(ruleOf({ interface: "EDGE" }) + pass({ floating: "yes", quick: "yes", direction: "in" }))).device,
        toServer,
      ),
    ).to.equal("accepted");
  });

  it("lets a later rule overrule a floating one that is not quick", () => {
    const floating = ruleOf({ floating: "yes", direction: "in" });
    expect(fateOf(parsed(withRules([floating, pass()])).device, toServer)).to.equal("accepted");
    expect(
      fateOf(parsed(withRules([ruleOf({ floating: "yes", direction: "in", quick: "yes" }), pass()])).device, toServer),
    ).to.equal("dropped");
  });

  it("asks a rule of an interface about packets that come in only", () => {
    const { device } = parsed(withRules([ruleOf(), pass({ interface: "lan" })]));
    expect(fateOf(device, out)).to.equal("accepted");
    expect(
      fateOf(
        parsed(withRules([ruleOf({ floating: "yes", direction: "out", quick: "yes" }), pass({ interface: "lan" })]))
          .device,
        out,
      ),
    ).to.equal("dropped");
  });

  it("leaves disabled rules out, and those of a schedule to the clock", () => {
    expect(fateOf(parsed(withRules([ruleOf({ disabled: "" }), pass()])).device, toServer)).to.equal("accepted");
    const scheduled = configOf(
      `<schedules><schedule><name>night</name></schedule></schedules><filter>${ruleOf({ sched: "night" })}${pass()}</filter>`,
    );
    const { device } = parsed(scheduled);
    expect(fateOf(device, toServer)).to.equal("accepted");
    expect(fateOf(device, toServer, ["the schedule night is on"])).to.equal("dropped");
  });

  it("follows a tag from where the packet comes in to where it goes out", () => {
    const rules = [
      ruleOf({
        floating: "yes",
        direction: "out",
        quick: "yes",
        protocol: undefined,
        destination: "<any/>",
        tagged: "NO_WAN",
      }),
      pass({
        interface: "lan",
        protocol: undefined,
        destination: "<any/>",
        tag: "NO_WAN",
        source: "<network>lan</network>",
      }),
      pass({ interface: "opt1", protocol: undefined, destination: "<any/>" }),
    ];
    const { device } = parsed(withRules(rules));
    expect(fateOf(device, out)).to.equal("dropped");
    expect(fateOf(device, "opt1>wan tcp 10.30.0.5 > 198.51.100.7:445")).to.equal("accepted");
    expect(fateOf(device, "self>wan tcp 10.20.0.1 > 198.51.100.7:445")).to.equal("accepted");
  });
});

describe("pfSense config.xml: what a rule matches", () => {
  const blocks = (
    fields: Record<string, string | undefined>,
    aliases: readonly string[] = [],
  ): ((packet: string, conditions?: readonly string[]) => boolean) => {
    const { device } = parsed(withRules([ruleOf(fields), passAll], aliases));
    return (packet, conditions) => fateOf(device, packet, conditions) === "dropped";
  };

  it("takes ports as numbers, ranges and aliases", () => {
    for (const port of ["445", "440-450", "440:450", "smb"]) {
      const blocked = blocks({ destination: `<any/><port>${port}</port>` }, [aliasOf("smb", "137:139 445", "port")]);
      expect(blocked(toServer), port).to.equal(true);
      expect(blocked("wan>lan tcp 198.51.100.7 > 10.20.0.5:22"), port).to.equal(false);
      expect(blocked("wan>lan udp 198.51.100.7 > 10.20.0.5:445"), port).to.equal(false);
    }
  });

  it("takes addresses, networks with host bits, aliases in aliases, ranges and interface networks", () => {
    const aliases = [aliasOf("inner", "10.20.0.4-10.20.0.6"), aliasOf("outer", "inner 2001:db8::/32")];
    for (const side of [
      "<address>10.20.0.5</address>",
      "<address>10.20.0.9/24</address>",
      "<address>outer</address>",
      "<network>lan</network>",
      "<address>elsewhere</address><not/>",
    ]) {
      const family = side.includes("10.") ? "inet" : "inet46";
      const blocked = blocks({ ipprotocol: family, destination: `${side}<port>445</port>` }, [
        ...aliases,
        aliasOf("elsewhere", "192.0.2.0/24"),
      ]);
      expect(blocked(toServer), side).to.equal(true);
      expect(blocked("wan>lan tcp 198.51.100.7 > 192.0.2.7:445"), side).to.equal(false);
    }
  });

  it("knows the firewall's own addresses where they are static", () => {
    const blocked = blocks({ destination: "<network>(self)</network><port>445</port>" });
    expect(blocked("wan>self tcp 198.51.100.7 > 203.0.113.2:445")).to.equal(true);
    expect(blocked(toServer)).to.equal(false);
    expect(
      blocks({ destination: "<network>wanip</network><port>445</port>" })(
        "wan>self tcp 198.51.100.7 > 203.0.113.2:445",
      ),
    ).to.equal(true);
  });

  it("leaves addresses that come by DHCP open", () => {
    const text = withRules([ruleOf({ type: "pass", destination: "<network>wanip</network><port>445</port>" })]).replace(
      "203.0.113.2",
      "dhcp",
    );
    const { device } = parsed(text);
    const packet = "wan>self tcp 198.51.100.7 > 203.0.113.2:445";
    expect(fateOf(device, packet)).to.equal("dropped");
    expect(
      fateOf(device, packet, [
        "destination address is an address of the interface wan, which gets its IPv4 address by dhcp",
      ]),
    ).to.equal("accepted");
  });

  it("asks for TCP flags, ICMP types and both of tcp/udp", () => {
    expect(blocks({ protocol: "tcp/udp" })("wan>lan udp 198.51.100.7 > 10.20.0.5:445")).to.equal(true);
    expect(blocks({ tcpflags1: "syn,ack", tcpflags2: "syn,ack" })(toServer)).to.equal(false);
    expect(blocks({ tcpflags_any: "" })(toServer)).to.equal(true);
    const icmp = blocks({ protocol: "icmp", icmptype: "echoreq,unreach", destination: "<any/>" });
    expect(icmp("wan>lan icmp 198.51.100.7 > 10.20.0.5:8")).to.equal(true);
    expect(icmp("wan>lan icmp6 2001:db8:1::1 > [2001:db8:20::5]:128")).to.equal(true);
    expect(icmp("wan>lan icmp6 2001:db8:1::1 > [2001:db8:20::5]:8")).to.equal(false);
  });

  it("drops what a pass rule's limit does not let pass", () => {
    const rule = ruleOf({ type: "pass", "max-src-conn": "3" });
    const { device } = parsed(withRules([rule]));
    expect(fateOf(device, toServer)).to.equal("dropped");
  });
});

describe("pfSense config.xml: what goes wrong without a word", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    [
      "a block to an unknown alias is left out and fails open",
      withRules([ruleOf({ destination: "<address>nowhere</address>" }), passAll]),
      "RW6005",
      "accepted",
    ],
    [
      "a block on an unknown interface is left out",
      withRules([ruleOf({ interface: "opt9" }), passAll]),
      "RW6005",
      "accepted",
    ],
    [
      "a block on a disabled interface is left out",
      withRules([ruleOf({ interface: "opt2" }), passAll]),
      "RW6005",
      "accepted",
    ],
    [
      "an empty alias under not makes the rule meet everything",
      withRules([ruleOf({ source: "<address>none</address><not/>" }), passAll], [aliasOf("none", "")]),
      "RW6003",
      "dropped",
    ],
    ["an unknown type passes", withRules([ruleOf({ type: "deny" })]), "RW6003", "accepted"],
    ["no type passes", withRules([ruleOf({ type: undefined })]), "RW6003", "accepted"],
    [
      "ports in the wrong order meet nothing",
      withRules([ruleOf({ destination: "<any/><port>450-440</port>" }), passAll]),
      "RW6003",
      "accepted",
    ],
    ["a port beside ICMP is ignored", withRules([ruleOf({ protocol: "icmp" }), passAll]), "RW6003", "accepted"],
    [
      "an address of IPv4 in a rule for both families stops the whole ruleset",
      withRules([ruleOf({ destination: "<address>10.20.0.5</address>" }), passAll]),
      "RW6004",
      "unknown",
    ],
    [
      "an alias with a hyphen stops the whole ruleset",
      withRules([passAll], [aliasOf("azure-files", "10.0.0.0/8")]),
      "RW6004",
      "unknown",
    ],
    [
      "an alias with 32 characters stops the whole ruleset",
      withRules([passAll], [aliasOf("a".repeat(32), "10.0.0.0/8")]),
      "RW6004",
      "unknown",
    ],
    [
      "an alias with the name of an interface stops the whole ruleset",
      withRules([passAll], [aliasOf("GUESTS", "10.0.0.0/8")]),
      "RW6004",
      "unknown",
    ],
    [
      "an alias without a type stops the whole ruleset",
      withRules([passAll], [aliasOf("typeless", "10.0.0.0/8", "")]),
      "RW6004",
      "unknown",
    ],
    [
      "a tracker that is no number stops the whole ruleset",
      withRules([ruleOf({ tracker: "abc" }), passAll]),
      "RW6004",
      "unknown",
    ],
    [
      "a field that nobody knows leaves the rule unknown",
      withRules([ruleOf({ frobnicate: "1" }), passAll]),
      "RW6001",
      "unknown",
    ],
    ["broken XML is refused as a whole", withRules([ruleOf()]).replace("</filter>", ""), "RW6004", "unknown"],
  ];
  for (const [title, text, code, fate] of cases)
    it(title, () => {
      const read = parsed(text);
      expect(codesOf(read), JSON.stringify(read.diagnostics.map((one) => one.message))).to.include(code);
      const found = read.diagnostics.find((one) => one.code === code)!;
      expect(found.primary, found.message).not.to.equal(undefined);
      expect(fateOf(read.device, toServer)).to.equal(fate);
    });

  it("a rule without ipprotocol speaks of IPv4 only", () => {
    const read = parsed(withRules([ruleOf({ ipprotocol: undefined }), passAll]));
    expect(fateOf(read.device, toServer)).to.equal("dropped");
    expect(fateOf(read.device, "wan>lan tcp 2001:db8:1::7 > [2001:db8:20::5]:445")).to.equal("accepted");
    expect(codesOf(read)).to.include("RW6003");
  });

  it("a host name keeps the whole alias empty until it is resolved", () => {
    const read = parsed(
      withRules(
        [ruleOf({ source: "<address>mixed</address>" }), passAll],
        [aliasOf("mixed", "198.51.100.0/24 host.example.com")],
      ),
    );
    expect(fateOf(read.device, toServer)).to.equal("accepted");
    expect(fateOf(read.device, toServer, ["the host names of the alias mixed are resolved"])).to.equal("dropped");
    expect(codesOf(read)).to.include("RW6002");
  });

  it("an alias that the firewall fetches has unknown content", () => {
    const read = parsed(
      withRules([ruleOf({ source: "<address>feed</address>" }), passAll], [aliasOf("feed", "", "urltable")]),
    );
    const inFeed = "source address is in the alias feed, whose content the firewall fetches (urltable)";
    expect(fateOf(read.device, toServer)).to.equal("accepted");
    expect(fateOf(read.device, toServer, [inFeed])).to.equal("dropped");
  });
});

describe("pfSense config.xml: translation", () => {
  const forward = (more: string): string =>
    configOf(
      `<nat><rule><source><any/></source><destination><network>wanip</network><port>8445</port></destination><protocol>tcp</protocol><target>10.20.0.5</target><local-port>445</local-port><interface>wan</interface><descr>files</descr>${more}</rule></nat><filter>${ruleOf({ floating: "yes", quick: "yes", direction: "in" })}</filter>`,
    );

  it("a port forward that passes skips every rule, and is spoken of", () => {
    const read = parsed(forward("<associated-rule-id>pass</associated-rule-id>"));
    expect(fateOf(read.device, toServer)).to.equal("accepted");
    expect(fateOf(read.device, "wan>self tcp 198.51.100.7 > 203.0.113.2:8445")).to.equal("accepted");
    expect(read.diagnostics.filter((one) => one.code === "RW6007" && one.severity === "warning").length).to.equal(1);
  });

  it("a port forward with an associated rule does not", () => {
    expect(fateOf(parsed(forward("<associated-rule-id>nat_1</associated-rule-id>")).device, toServer)).to.equal(
      "dropped",
    );
    expect(
      fateOf(parsed(forward("<associated-rule-id>pass</associated-rule-id><disabled/>")).device, toServer),
    ).to.equal("dropped");
  });
});

describe("OPNsense config.xml", () => {
  const opnsense = (text: string): string => text.replaceAll("pfsense>", "opnsense>");

  it("takes a rule without ipprotocol for both families", () => {
    const { device } = parsed(opnsense(withRules([ruleOf({ ipprotocol: undefined, type: "pass" })])));
    expect(fateOf(device, "wan>lan tcp 2001:db8:1::7 > [2001:db8:20::5]:445")).to.equal("accepted");
  });

  it("reads rules and aliases of the newer form", () => {
    const text = configOf(`<OPNsense><Firewall>
      <Alias><aliases><alias uuid="1"><enabled>1</enabled><name>bad</name><type>network</type><content>198.51.100.0/24
203.0.113.64/26</content></alias></aliases></Alias>
      <Filter><rules>
        <rule uuid="2"><enabled>1</enabled><action>block</action><quick>1</quick><interface>wan</interface><direction>in</direction><ipprotocol>inet</ipprotocol><protocol>TCP</protocol><source_net>bad</source_net><destination_net>any</destination_net><destination_port>445</destination_port></rule>
        <rule uuid="3"><enabled>0</enabled><action>block</action><interface>wan</interface></rule>
        <rule uuid="4"><enabled>1</enabled><action>pass</action><quick>1</quick><interface>wan</interface><direction>in</direction><ipprotocol>inet</ipprotocol><protocol>any</protocol><source_net>any</source_net><destination_net>lan</destination_net></rule>
      </rules></Filter></Firewall></OPNsense>`);
    const read = parsed(opnsense(text));
    expect(read.diagnostics.filter((one) => one.severity !== "note")).to.deep.equal([]);
    expect(fateOf(read.device, toServer)).to.equal("dropped");
    expect(fateOf(read.device, "wan>lan tcp 192.0.2.1 > 10.20.0.5:445")).to.equal("accepted");
  });
});

describe("pfSense sections alone", () => {
  it("say nothing about packets that their rules leave alone", () => {
    const { device } = parsed(`<filter>${ruleOf({ floating: "yes", quick: "yes", direction: "in" })}</filter>`);
    expect(fateOf(device, toServer)).to.equal("dropped");
    expect(fateOf(device, "wan>lan tcp 198.51.100.7 > 10.20.0.5:446")).to.equal("undecided");
  });

  it("are read together, in any order", () => {
    const filter = `<filter>${ruleOf({ floating: "yes", quick: "yes", direction: "in", source: "<address>bad</address>" })}</filter>`;
    const aliases = `<aliases>${aliasOf("bad", "198.51.100.0/24")}</aliases>`;
    for (const texts of [
      [filter, aliases],
      [aliases, filter],
    ]) {
      const read = parsed(...texts);
      expect(read.diagnostics).to.deep.equal([]);
      expect(fateOf(read.device, toServer)).to.equal("dropped");
    }
  });
});

describeShared("pfSense: published configurations", (folder) => {
  for (const name of readdirSync(`${folder}/corpus/pfsense`))
    it(`reads ${name} with nothing left over`, () => {
      const read = parsed(readFileSync(`${folder}/corpus/pfsense/${name}`, "utf8"));
      expect(read.diagnostics.filter((one) => ["RW6001", "RW6004", "RW6005"].includes(one.code))).to.deep.equal([]);
      expect(read.device.interfaces.find((one) => one.name === "wan")?.side).to.equal("outside");
    });
});
