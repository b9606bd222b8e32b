import { expect } from "chai";
import { formatIpv4 } from "../../src/net/index.js";
import { briefly, lintText, only, storageExcepted } from "./lint-text.js";

const lan = { outside: ["wan0"], inside: ["lan0"] };

/** A list for forwarded packets, both families in one text. */
function linux(...lines: readonly string[]): Record<string, string> {
  const text = (forward: readonly string[]): string =>
    ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT DROP [0:0]", ...forward, "COMMIT", ""].join("\n");
  return { "rules.v4": text(lines), "rules.v6": text([]) };
}

function asa(...lines: readonly string[]): string {
  return [
    "hostname edge",
    "interface GigabitEthernet0/0",
    " nameif outside",
    " security-level 0",
    " ip address 192.0.2.1 255.255.255.0",
    " ipv6 address 2001:db8::1/64",
    "interface GigabitEthernet0/1",
    " nameif inside",
    " security-level 100",
    " ip address 10.0.0.1 255.255.255.0",
    " ipv6 address 2001:db8:1::1/64",
    ...lines,
    "",
  ].join("\n");
}

describe("what denied traffic passes", () => {
  it("is closed where every packet is stopped, and then nothing is found", async () => {
    const lint = await lintText(linux(), lan);
    expect(lint.edge).to.equal("closed");
    expect(briefly(lint)).to.deep.equal([]);
  });

  it("names the line that lets it through, with a packet that it really lets through", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i wan0 -p tcp --dport 400:500 -j ACCEPT", "-A FORWARD -o wan0 -p tcp -j ACCEPT"),
      lan,
    );
    expect(lint.edge).to.equal("open");
    expect(briefly(lint, "RW4001")).to.deep.equal(["RW4001@5 must inbound ipv4", "RW4001@6 must outbound ipv4"]);
    const [inbound] = lint.findings.filter((one) => one.code === "RW4001");
    expect(inbound!.witness).to.include({
      protocol: 6,
      destinationPort: 445,
      ingress: "wan0",
      egress: "lan0",
      state: "new",
    });
    expect(inbound!.packets).to.deep.equal(["IPv4 tcp any > any:445, arriving on wan0, leaving by lan0"]);
    // One port of 101, of TCP alone.
    expect(inbound!.amounts).to.deep.equal([
      "every IPv4 address",
      "1 port",
      "0.9 % of what the rule takes across the edge",
    ]);
    expect(inbound!.message).to.contain("-A FORWARD -i wan0 -p tcp --dport 400:500 -j ACCEPT");
  });

  it("calls a service by its name, whichever of its protocols passes", async () => {
    const policy = `version: 1
name: t
services: { netbios: [udp/137-138, tcp/139] }
rules: [{ name: nb, deny: [netbios, tcp/445], direction: both }]
`;
    const names = async (line: string): Promise<string> =>
      /: "[^"]*" lets (.*) through$/.exec((await lintText(linux(line), { ...lan, policy })).findings[0]!.message)![1]!;
    expect(await names("-A FORWARD -p udp --dport 137 -j ACCEPT")).to.equal("netbios");
    expect(await names("-A FORWARD -p tcp --dport 139 -j ACCEPT")).to.equal("netbios");
  });

  it("tells one line of both directions once", async () => {
    const lint = await lintText(linux("-A FORWARD -p tcp --dport 445 -j ACCEPT"), lan);
    expect(briefly(lint, "RW4001")).to.deep.equal(["RW4001@5 must inbound+outbound ipv4"]);
  });

  it("blames the chain's policy where no rule stops the packets", async () => {
    const lint = await lintText(
      {
        "rules.v4": "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\nCOMMIT\n",
        "rules.v6": linux()["rules.v6"]!,
      },
      lan,
    );
    expect(briefly(lint)).to.deep.equal(["RW4001@3 must inbound+outbound ipv4"]);
  });

  it("blames the policy of the chain with rules, not the last table that accepts everything", async () => {
    const lint = await lintText(
      {
        "rules.v4": [
          "*filter",
          ":INPUT DROP [0:0]",
          ":FORWARD ACCEPT [0:0]",
          ":OUTPUT DROP [0:0]",
          "COMMIT",
          "*mangle",
          ":FORWARD ACCEPT [0:0]",
          ":POSTROUTING ACCEPT [0:0]",
          "COMMIT",
          "",
        ].join("\n"),
        "rules.v6": linux()["rules.v6"]!,
      },
      lan,
    );
    expect(briefly(lint, "RW4001")).to.deep.equal(["RW4001@3 must inbound+outbound ipv4"]);
  });

  it("asks about the firewall itself too", async () => {
    const lint = await lintText(
      linux("-A INPUT -p udp --dport 137 -j ACCEPT", "-A OUTPUT -p tcp --dport 139 -j ACCEPT"),
      lan,
    );
    expect(lint.findings.map((one) => [one.code, one.hooks.join()])).to.deep.equal([
      ["RW4005", "input"],
      ["RW4005", "output"],
    ]);
  });

  it("is no finding where the policy excepts it", async () => {
    const lint = await lintText(
      linux(
        "-A FORWARD -o wan0 -d 20.60.26.0/24 -p tcp --dport 445 -j ACCEPT",
        "-A FORWARD -o wan0 -d 20.60.130.0/24 -p tcp --dport 445 -j ACCEPT",
      ),
      {
        ...lan,
        policy: storageExcepted,
      },
    );
    expect(lint.edge).to.equal("closed");
    expect(briefly(lint)).to.deep.equal([]);
  });

  it("may pass where a condition decides that no text knows", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i wan0 -p tcp --dport 445 -m time --timestart 01:00 --timestop 02:00 -j ACCEPT"),
      lan,
    );
    expect(lint.edge).to.equal("undecided");
    const found = lint.findings;
    expect(found.every((one) => one.certainty === "may")).to.equal(true);
    expect(found.flatMap((one) => one.conditions).length).to.be.greaterThan(0);
  });

  it("may pass where it depends on a mark that the text itself sets", async () => {
    const nft = (pre: string): string =>
      `flush ruleset
table inet f {
 chain pre { type filter hook prerouting priority -150; ${pre} }
 chain forward { type filter hook forward priority 0; policy accept; meta mark 0x1 drop; }
 chain input { type filter hook input priority 0; policy drop; }
 chain output { type filter hook output priority 0; policy drop; }
}
`;
    expect(
      (await lintText(nft("tcp dport { 139, 445 } meta mark set 0x1; udp dport 137-138 meta mark set 0x1"))).edge,
    ).to.equal("undecided");
    expect((await lintText(nft(""))).edge).to.equal("open");
    const unicast = nft("").replace("meta mark 0x1 drop", "meta pkttype unicast drop");
    expect((await lintText(unicast)).edge).to.equal("undecided");
    const marks = ["-A FORWARD -j MARK --set-mark 1", "-A FORWARD -m mark --mark 1 -j DROP", "-A FORWARD -j ACCEPT"];
    expect((await lintText(linux(...marks), lan)).edge).to.equal("undecided");
    expect((await lintText(linux(...marks.slice(1)), lan)).edge).to.equal("open");
  });

  it("passes for certain where two conditional rules leave no gap", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i wan0 -m recent --name a --rcheck -j ACCEPT", "-A FORWARD -i wan0 -j ACCEPT"),
      lan,
    );
    expect(lint.edge).to.equal("open");
  });

  it("is blamed for certain on the rule without a condition only", async () => {
    const lint = await lintText(
      linux(
        "-A FORWARD -i wan0 -m time --timestart 08:00 --timestop 18:00 -j ACCEPT",
        "-A FORWARD -i wan0 -p tcp -j ACCEPT",
      ),
      lan,
    );
    expect(briefly(lint, "RW4005")).to.deep.equal(["RW4005@5 may inbound ipv4", "RW4005@6 must inbound ipv4"]);
  });

  it("is not denied in replies of connections that were let pass", async () => {
    const lint = await lintText(linux("-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"), lan);
    expect(lint.edge).to.equal("closed");
  });
});

describe("IPv6 open where IPv4 is closed", () => {
  it("is told as that", async () => {
    const { "rules.v4": closed } = linux();
    const lint = await lintText(
      {
        "rules.v4": closed!,
        "rules.v6": linux("-A FORWARD -i wan0 -j ACCEPT", "-A FORWARD -o wan0 -j ACCEPT")["rules.v4"]!,
      },
      lan,
    );
    expect(briefly(lint, "RW4004", "RW4001")).to.deep.equal([
      "RW4004@5 must inbound ipv6",
      "RW4004@6 must outbound ipv6",
    ]);
  });

  it("is not said where the interfaces have no IPv6", async () => {
    const lists = [
      "access-list IN extended deny tcp any4 any4 eq 445",
      "access-list IN extended deny tcp any4 any4 eq 139",
      "access-list IN extended deny udp any4 any4 range 137 138",
      "access-list IN extended permit ip any any",
      "access-group IN in interface inside",
    ];
    const both = asa(...lists);
    expect(briefly(await lintText(both), "RW4004")).to.deep.equal(["RW4004@15 must outbound ipv6"]);
    const without = await lintText(both.replace(/ ipv6 address.*\n/g, ""));
    expect(without.edge).to.equal("closed");
    expect(without.findings).to.deep.equal([]);
    expect((await lintText(both.replace(/ ipv6 address.*\n/g, " ipv6 enable\n"))).edge).to.equal("open");
  });

  it("is not said of a family that was not given", async () => {
    const lint = await lintText({ "rules.v4": linux()["rules.v4"]! }, lan);
    expect(briefly(lint)).to.deep.equal(["RW6006@- may ipv6"]);
    expect(lint.edge).to.equal("undecided");
    expect(await lintText({ "rules.v4": linux()["rules.v4"]! }, { ...lan, families: ["ipv4"] })).to.deep.equal({
      edge: "closed",
      findings: [],
    });
  });
});

describe("one direction open", () => {
  it("is told as that, through the firewall and for its own packets", async () => {
    const lint = await lintText(linux("-A FORWARD -o wan0 -j ACCEPT", "-A OUTPUT -j ACCEPT"), lan);
    expect(briefly(lint)).to.deep.equal(["RW4005@5 must outbound ipv4", "RW4005@6 must outbound ipv4"]);
  });

  it("is not said where the policy asks for one direction only", async () => {
    const policy = "version: 1\nname: t\nrules:\n  - { name: in, deny: tcp/445, direction: inbound }\n";
    const lint = await lintText(linux("-A FORWARD -o wan0 -j ACCEPT"), { ...lan, policy });
    expect(lint.edge).to.equal("closed");
  });
});

describe("a denial that does nothing", () => {
  it("stands behind a permit", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i wan0 -j ACCEPT", "-A FORWARD -i wan0 -p tcp --dport 445 -j DROP"),
      lan,
    );
    const found = only(lint, "RW4007");
    expect(found.packets).to.deep.equal(["IPv4 tcp any > any:445, arriving on wan0, leaving by lan0"]);
    expect(found.related.map((one) => one.message)).to.deep.equal(["this lets it pass: -A FORWARD -i wan0 -j ACCEPT"]);
    // The rest, NetBIOS, is nobody's denial.
    expect(briefly(lint, "RW4005", "RW4001")).to.deep.equal(["RW4005@5 must inbound ipv4"]);
  });

  it("is told as packets that pass where its own rule is switched off", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i wan0 -p tcp -j ACCEPT", "-A FORWARD -i wan0 -p tcp --dport 445 -j DROP"),
      { ...lan, severities: new Map([["RW4007", "off"] as const, ["RW4005", "off"] as const]) },
    );
    expect(briefly(lint, "RW4001", "RW4007")).to.deep.equal(["RW4001@5 must inbound ipv4"]);
  });

  it("does not come too late behind a permit of the same services alone: that one is to blame", async () => {
    const lint = await lintText(
      linux(
        "-A FORWARD -i wan0 -s 192.0.2.1 -p tcp --dport 445 -j ACCEPT",
        "-A FORWARD -i wan0 -p tcp --dport 445 -j DROP",
        "-A FORWARD -i wan0 -p tcp --dport 80 -j ACCEPT",
      ),
      lan,
    );
    expect(briefly(lint)).to.deep.equal(["RW4005@5 must inbound ipv4"]);
  });

  it("is inactive", async () => {
    const lint = await lintText(
      asa(
        "access-list OUT extended deny tcp any any eq 445 inactive",
        "access-list OUT extended permit tcp any host 192.0.2.9 eq 445",
        "access-group OUT in interface outside",
      ),
      { inside: ["inside"] },
    );
    const found = only(lint, "RW4008");
    expect(found.message).to.contain("inactive");
    expect(found.certainty).to.equal("must");
    expect(found.unsafeFix?.edits).to.have.length(1);
    expect(lint.edge).to.equal("open");
  });

  it("holds at some times only", async () => {
    const lint = await lintText(
      asa(
        "time-range NIGHT",
        " periodic daily 0:00 to 6:00",
        "access-list OUT extended deny tcp any any eq 445 time-range NIGHT",
        "access-list OUT extended permit tcp any host 192.0.2.9 eq 445",
        "access-group OUT in interface outside",
      ),
    );
    const found = only(lint, "RW4008");
    expect(found.certainty).to.equal("may");
  });

  it("stands in a list that is bound nowhere", async () => {
    const lint = await lintText(
      asa(
        "access-list NO-SMB extended deny tcp any any eq 445",
        "access-list OUT extended permit tcp any any",
        "access-group OUT in interface outside",
      ),
    );
    const found = only(lint, "RW4006");
    expect(found.message).to.contain("NO-SMB");
    expect(found.related[0]!.message).to.contain("access-list OUT extended permit tcp any any");
  });

  it("stands in a list that is bound nowhere with others of its kind, and is told once", async () => {
    const lint = await lintText(
      asa(
        "access-list NO-SMB extended deny tcp any any eq 445",
        "access-list NO-SMB extended deny tcp any any eq 139",
        "access-list NO-SMB extended deny udp any any range 137 138",
        "access-list OUT extended permit ip any any",
        "access-group OUT in interface outside",
        "access-group OUT in interface inside",
      ),
    );
    const [first, ...rest] = lint.findings.filter((one) => one.primary?.start === only(lint, "RW4006").primary!.start);
    expect(rest).to.deep.equal([]);
    expect(first!.packets.join()).to.contain("137-138").and.to.contain("139,445");
  });

  it("is no unbound denial where the list denies everything anyway", async () => {
    const lint = await lintText(
      asa(
        "access-list VPN extended permit ip 10.0.0.0 255.0.0.0 any",
        "access-list VPN extended deny ip any any",
        "access-list OUT extended permit tcp any any",
        "access-group OUT in interface outside",
      ),
    );
    expect(briefly(lint, "RW4006")).to.deep.equal([]);
  });
});

describe("where nobody says which interface is outside", () => {
  it("what passes on every interface is open, what passes on none is closed", async () => {
    expect((await lintText(linux("-A FORWARD -j ACCEPT"))).edge).to.equal("open");
    expect((await lintText(linux("-A FORWARD -p tcp --dport 80 -i eth7 -j ACCEPT"))).edge).to.equal("closed");
  });

  it("the rest depends on it, and is said once, with the names to choose from", async () => {
    const lint = await lintText(linux("-A FORWARD -i eth0 -j ACCEPT", "-A INPUT -i eth1 -p tcp --dport 445 -j ACCEPT"));
    expect(lint.edge).to.equal("undecided");
    const found = only(lint, "RW4011");
    expect(found.help).to.contain("eth0, eth1");
    expect(briefly(lint)).to.have.length(1);
  });

  it("a bridge to containers or machines of the host is inside", async () => {
    const lint = await lintText(
      linux("-A FORWARD -i docker0 -o eth0 -j ACCEPT", "-A FORWARD -i docker0 -o eth1 -j ACCEPT"),
    );
    // Not if another interface is outside: there their packets do not leave.
    expect(only(lint, "RW4011").directions).to.deep.equal(["outbound"]);
    const pods = await lintText(linux("-A FORWARD -i cali+ -j ACCEPT"));
    expect(briefly(pods)).to.deep.equal(["RW4005@5 must outbound ipv4"]);
    const everywhere = await lintText(linux("-A FORWARD -i docker0 -j ACCEPT"));
    expect(briefly(everywhere)).to.deep.equal(["RW4005@5 must outbound ipv4"]);
  });

  it("an interface with a gateway of its own is outside too, where the text has a WAN", async () => {
    const config = (more: string): string =>
      `<pfsense><system><ipv6allow/></system><interfaces>
<wan><if>igb0</if><ipaddr>192.0.2.2</ipaddr><subnet>24</subnet></wan>
<lan><if>igb1</if><ipaddr>10.0.0.1</ipaddr><subnet>24</subnet></lan>
<opt1><enable/><if>igb2</if><ipaddr>198.51.100.2</ipaddr><subnet>24</subnet>${more}</opt1>
</interfaces><filter>
<rule><type>block</type><interface>wan</interface><floating>yes</floating><direction>out</direction><quick>yes</quick><ipprotocol>inet46</ipprotocol><protocol>tcp/udp</protocol><source><any/></source><destination><any/></destination></rule>
<rule><type>pass</type><interface>lan</interface><ipprotocol>inet</ipprotocol><source><any/></source><destination><any/></destination></rule>
</filter></pfsense>
`;
    expect((await lintText(config(""))).edge).to.equal("closed");
    expect((await lintText(config("<gateway>WAN2GW</gateway>"))).edge).to.equal("open");
  });

  it("interfaces that are all called inside are asked about all the same", async () => {
    const level100 = asa("same-security-traffic permit inter-interface").replace(
      "security-level 0",
      "security-level 100",
    );
    const listed = "access-list IN extended permit ip any any\naccess-group IN in interface inside\n";
    expect((await lintText(level100 + listed)).edge).to.equal("open");
    const denied =
      listed.replace("permit ip", "deny ip") + listed.replace("permit ip", "deny ip").replaceAll("inside", "outside");
    expect((await lintText(level100 + denied)).edge).to.equal("closed");
  });

  it("the loopback is inside", async () => {
    expect((await lintText(linux("-A INPUT -i lo -j ACCEPT", "-A OUTPUT -o lo -j ACCEPT"))).edge).to.equal("closed");
  });
});

describe("what cannot be told", () => {
  it("is a finding where it could let denied traffic pass", async () => {
    const lint = await lintText(
      'flush ruleset\ninclude "/etc/nftables/site.nft"\ntable inet f {\n chain forward { type filter hook forward priority 0; policy drop; }\n}\n',
    );
    expect(lint.edge).to.equal("undecided");
    expect(lint.findings.some((one) => one.code === "RW4003")).to.equal(true);
  });

  it("is packets that a part of a configuration leaves to the rest", async () => {
    const lint = await lintText(
      { "rules.v4": "*filter\n:SMB - [0:0]\n-A FORWARD -j SMB\n-A SMB -p tcp --dport 139 -j DROP\nCOMMIT\n" },
      { ...lan, families: ["ipv4"], hooks: ["forward"] },
    );
    expect(lint.edge).to.equal("undecided");
    expect(briefly(lint, "RW4013", "RW4001")).to.deep.equal(["RW4013@- may inbound+outbound ipv4"]);
  });

  it("is packets that no chain filters", async () => {
    const lint = await lintText(
      "table inet f {\n chain input { type filter hook input priority 0; policy drop; }\n}\n",
    );
    expect(lint.edge).to.equal("undecided");
    expect(only(lint, "RW4010").hooks).to.deep.equal(["forward", "output"]);
    const host = await lintText(
      "table inet f {\n chain input { type filter hook input priority 0; policy drop; }\n}\n",
      { hooks: ["input"] },
    );
    expect(host).to.deep.equal({ edge: "closed", findings: [] });
  });

  it("is a file without a rule", async () => {
    const lint = await lintText("table inet f {\n}\n");
    expect(lint.edge).to.equal("undecided");
    expect(briefly(lint, "RW4012")).to.deep.equal(["RW4012@- must"]);
  });
});

describe("exceptions", () => {
  const feeds = {
    published: { ipv4: [{ first: 0x14000000, last: 0x14ffffff }], ipv6: [] },
    clouds: [{ name: "AzureCloud", addresses: { ipv4: [{ first: 0x14000000, last: 0x14ffffff }], ipv6: [] } }],
  };
  const permit = (to: string): string => `-A FORWARD -o wan0 -d ${to} -p tcp --dport 445 -j ACCEPT`;

  it("are too broad where a list has more addresses than the policy excepts", async () => {
    const lint = await lintText(linux(permit("20.60.26.0/23"), permit("20.60.130.0/24")), {
      ...lan,
      policy: storageExcepted,
      feeds,
    });
    const found = only(lint, "RW4020");
    expect(found.amounts).to.deep.equal([
      "256 IPv4 addresses (1 prefix)",
      "50 % of what the rule takes across the edge",
    ]);
    expect(found.message).to.contain("20.60.27.0/24");
    expect(lint.edge).to.equal("open");
  });

  it("are stale where the addresses are in no feed", async () => {
    const lint = await lintText(
      [
        "table ip f {",
        " set s { type ipv4_addr; flags interval; elements = { 20.60.26.0/24, 20.60.130.0/24, 198.51.100.0/24 } }",
        " chain forward { type filter hook forward priority 0; policy drop; oifname wan0 ip daddr @s tcp dport 445 accept; }",
        "}",
        "",
      ].join("\n"),
      { ...lan, policy: storageExcepted, feeds, hooks: ["forward"], families: ["ipv4"] },
    );
    const found = only(lint, "RW4021");
    expect(formatIpv4(found.witness!.destination as number)).to.equal("198.51.100.1");
  });

  it("are not complete where some of the addresses are missing", async () => {
    const lint = await lintText(linux(permit("20.60.26.0/24")), { ...lan, policy: storageExcepted });
    const found = only(lint, "RW4022");
    expect(found.message).to.contain("20.60.130.0/24");
    expect(lint.edge).to.equal("closed");
  });

  it("are blocked where none of them passes", async () => {
    const lint = await lintText(linux(), { ...lan, policy: storageExcepted });
    expect(briefly(lint)).to.deep.equal(["RW4002@3 must outbound ipv4"]);
  });

  it("open a whole cloud", async () => {
    const lint = await lintText(linux(permit("20.0.0.0/8")), { ...lan, policy: storageExcepted, feeds });
    expect(only(lint, "RW4023").message).to.contain("AzureCloud");
  });

  it("are no list of addresses where the rule is for any address", async () => {
    const lint = await lintText(linux("-A FORWARD -o wan0 -p tcp --dport 445 -j ACCEPT"), {
      ...lan,
      policy: storageExcepted,
      feeds,
    });
    expect(briefly(lint)).to.deep.equal(["RW4005@5 must outbound ipv4"]);
  });
});

describe("address translation", () => {
  const nat = (...lines: readonly string[]): string =>
    ["*nat", ":PREROUTING ACCEPT [0:0]", ...lines, "COMMIT"].join("\n");

  it("that turns port 445 into another that passes is found", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A FORWARD -i wan0 -d 10.0.0.5 -p tcp --dport 9445 -j ACCEPT");
    const lint = await lintText(
      {
        "rules.v4": `${nat("-A PREROUTING -i wan0 -p tcp --dport 445 -j DNAT --to-destination 10.0.0.5:9445")}\n${filter}`,
        ...rest,
      },
      lan,
    );
    expect(only(lint, "RW4009").witness).to.include({ destinationPort: 445, ingress: "wan0" });
    expect(lint.edge).to.equal("open");
  });

  it("of a whole address is none where the filter stops the denied ports of it and lets others pass", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A FORWARD -i wan0 -d 10.0.0.5 -p tcp --dport 443 -j ACCEPT");
    const lint = await lintText(
      {
        "rules.v4": `${nat("-A PREROUTING -i wan0 -d 192.0.2.5 -j DNAT --to-destination 10.0.0.5")}\n${filter}`,
        ...rest,
      },
      lan,
    );
    expect(lint.edge).to.equal("closed");
    expect(briefly(lint)).to.deep.equal([]);
  });

  it("of what passes without it too is not told besides", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A FORWARD -i wan0 -j ACCEPT");
    const lint = await lintText(
      {
        "rules.v4": `${nat("-A PREROUTING -i wan0 -p tcp --dport 445 -j DNAT --to-destination 10.0.0.5:9445")}\n${filter}`,
        ...rest,
      },
      lan,
    );
    expect(briefly(lint, "RW4009")).to.deep.equal([]);
  });

  it("says which packets have the status dnat, where the text has the chain and the places", async () => {
    const nft = (dnat: string): string =>
      `table inet f {
 chain forward { type filter hook forward priority 0; policy drop; iifname "wan0" ct status dnat accept; }
 chain input { type filter hook input priority 0; policy drop; }
 chain output { type filter hook output priority 0; policy drop; }
 ${dnat}
}
`;
    const chain = (...rules: string[]): string =>
      `chain pre { type nat hook prerouting priority -100; ${rules.join("; ")}; }`;
    const edge = async (dnat: string): Promise<string> => (await lintText(nft(dnat), lan)).edge;
    expect(await edge(chain("tcp dport 8080 dnat ip to 10.0.0.5:80"))).to.equal("closed");
    expect(await edge(chain("tcp dport 8080 dnat ip to 10.0.0.5:80", "tcp dport 1 dnat ip 10.0.0.6:445"))).to.equal(
      "undecided",
    );
    expect(await edge(chain("tcp dport 8080 dnat ip to 10.0.0.5"))).to.equal("undecided");
    expect(await edge(chain("tcp dport 1 dnat ip to 10.0.0.5:99999"))).to.equal("undecided");
    expect(await edge(chain('tcp dport 1 xt target "DNAT"'))).to.equal("undecided");
    expect(await edge("")).to.equal("undecided");
  });

  it("says which packets have the state DNAT, where the text has the table and the places", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A FORWARD -i wan0 -m conntrack --ctstate DNAT -j ACCEPT");
    const edge = async (...lines: string[]): Promise<string> =>
      (await lintText({ "rules.v4": `${lines.length === 0 ? "" : nat(...lines)}\n${filter}`, ...rest }, lan)).edge;
    const web = "-A PREROUTING -i wan0 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80";
    expect(await edge(web)).to.equal("closed");
    expect(await edge(web, web.replace(":80", ":445"))).to.equal("undecided");
    expect(await edge(web, web.replace(":80", ""))).to.equal("undecided");
    expect(await edge(web, "-A PREROUTING -p tcp -j FULLCONENAT")).to.equal("undecided");
    expect(await edge()).to.equal("undecided");
  });

  it("that turns port 445 into one of the firewall itself is found", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A INPUT -p tcp --dport 22 -j ACCEPT");
    const lint = await lintText(
      {
        "rules.v4": `${nat("-A PREROUTING -i wan0 -p tcp --dport 445 -j REDIRECT --to-ports 22")}\n${filter}`,
        ...rest,
      },
      lan,
    );
    expect(lint.edge).to.equal("open");
    expect(only(lint, "RW4009").hooks).to.deep.equal(["input"]);
  });

  it("that forwards another port is none", async () => {
    const { "rules.v4": filter, ...rest } = linux("-A FORWARD -i wan0 -d 10.0.0.5 -p tcp --dport 80 -j ACCEPT");
    const lint = await lintText(
      {
        "rules.v4": `${nat("-A PREROUTING -i wan0 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80")}\n${filter}`,
        ...rest,
      },
      lan,
    );
    expect(briefly(lint)).to.deep.equal([]);
  });
});
