import { expect } from "chai";
import pfsense from "../../vendors/pfsense/index.js";
import { codesOf, fateOf, parsed } from "../support/pfsense.js";

const incoming = "em0>em1 tcp 198.51.100.7 > 10.20.0.5:445";

function fate(text: string, packet = incoming, conditions: readonly string[] = []): string {
  const read = parsed(text);
  expect(read.diagnostics.filter((one) => ["RW6001", "RW6004"].includes(one.code))).to.deep.equal([]);
  return fateOf(read.device, packet, conditions);
}

describe("pf.conf: which rule decides", () => {
  it("is the last that matches, and nothing matching passes", () => {
    expect(fate("block in all\npass in on em0 proto tcp to port 445")).to.equal("accepted");
    expect(fate("pass in on em0 proto tcp to port 445\nblock in all")).to.equal("dropped");
    expect(fate("block in proto udp")).to.equal("accepted");
  });

  it("is a quick one at once", () => {
    expect(fate("block in quick proto tcp to port 445\npass all")).to.equal("dropped");
    expect(fate("pass in quick on em0\nblock in all")).to.equal("accepted");
  });

  it("is asked coming in and going out", () => {
    expect(fate("pass in all\nblock out on em1 all")).to.equal("dropped");
    expect(fate("block in on em1 all\nblock out on em0 all")).to.equal("accepted");
  });

  it("answers as the block policy and the rule say", () => {
    expect(fate("block all")).to.equal("dropped");
    expect(fate("set block-policy return\nblock all")).to.equal("rejected");
    expect(fate("set block-policy return\nblock drop all")).to.equal("dropped");
    expect(fate("block return-rst in proto tcp all\nblock out all")).to.equal("rejected");
  });

  it("does not look at interfaces that are skipped", () => {
    expect(fate("set skip on { em0 em1 }\nblock all")).to.equal("accepted");
    expect(fate("set skip on em0\nblock all")).to.equal("dropped");
  });
});

describe("pf.conf: what a rule matches", () => {
  const blocks = (rule: string, packet = incoming, conditions: readonly string[] = []): boolean =>
    fate(`block ${rule}`, packet, conditions) === "dropped";

  it("ports with every operator", () => {
    const matching = [
      "445",
      "= 445",
      "445:450",
      "400:445",
      "{ 22, 445 }",
      "> 444",
      ">= 445",
      "< 446",
      "<= 445",
      "!= 446",
      "444 >< 446",
      "446 <> 450",
      "microsoft-ds",
    ];
    const others = ["446", "!= 445", "445 >< 450", "440 >< 445", "445 <> 446", "< 445", "> 445", "{ 22 80 }"];
    for (const port of matching) expect(blocks(`in proto tcp to port ${port}`), port).to.equal(true);
    for (const port of others) expect(blocks(`in proto tcp to port ${port}`), port).to.equal(false);
  });

  it("addresses, short prefixes, ranges, lists and negations", () => {
    for (const to of [
      "10.20.0.5",
      "10/8",
      "10.20/16",
      "10.20.0.0/24",
      "10.20.0.1 - 10.20.0.9",
      "{ 192.0.2.1 10.20.0.5 }",
      "! 192.0.2.1",
      "0/0",
      "any",
    ])
      expect(blocks(`in from any to ${to}`), to).to.equal(true);
    for (const to of ["10.21/16", "! 10.20.0.5", "{ 192.0.2.1, 192.0.2.2 }", "2001:db8::/32"])
      expect(blocks(`in from any to ${to}`), to).to.equal(false);
  });

  it("a list of negations matches everything, a table of them does not", () => {
    expect(blocks("in from any to { ! 10.20.0.5, ! 192.0.2.1 }")).to.equal(true);
    expect(fate("table <t> { 10/8, !10.20.0.5 }\nblock in to <t>")).to.equal("accepted");
    expect(fate("table <t> { !10/8, 10.20.0.0/24 }\nblock in to <t>")).to.equal("dropped");
    expect(fate("table <t> { 10/8, !10.20/16, 10.20.0.5 }\nblock in to <t>")).to.equal("dropped");
    expect(fate("table <t> { 10/8, !10.20/16, 10.20.0.5 }\nblock in to ! <t>")).to.equal("accepted");
  });

  it("a table that is defined behind its use, or nowhere", () => {
    expect(fate("block in to <t>\ntable <t> { 10/8 }")).to.equal("dropped");
    const read = parsed("block in to <nothing>");
    expect(codesOf(read)).to.deep.equal(["RW6005"]);
    expect(fateOf(read.device, incoming)).to.equal("accepted");
  });

  it("families, protocols, ICMP types and flags", () => {
    expect(blocks("in inet6 all")).to.equal(false);
    expect(blocks("in inet proto { udp tcp } all")).to.equal(true);
    expect(
      blocks(
        "in inet proto icmp icmp-type { echoreq unreach code needfrag }",
        "em0>em1 icmp 198.51.100.7 > 10.20.0.5:8",
      ),
    ).to.equal(true);
    expect(blocks("in inet proto icmp icmp-type echorep", "em0>em1 icmp 198.51.100.7 > 10.20.0.5:8")).to.equal(false);
    expect(blocks("in inet6 proto icmp6 icmp6-type 135", "em0>em1 icmp6 2001:db8::1 > [2001:db8:20::5]:135")).to.equal(
      true,
    );
    expect(blocks("in proto tcp flags S/SA")).to.equal(true);
    expect(blocks("in proto tcp flags A/A")).to.equal(false);
    expect(blocks("in proto tcp flags any")).to.equal(true);
  });

  it("interfaces with negation, lists and the one a packet was received on", () => {
    expect(blocks("in on ! em0 all")).to.equal(false);
    expect(blocks("in on ! em1 all")).to.equal(true);
    expect(blocks("in on { em7 em0 } all")).to.equal(true);
    expect(blocks("out on em1 all received-on em0")).to.equal(true);
    expect(blocks("out on em1 all received-on em3")).to.equal(false);
  });

  it("macros, in words, lists, networks and other macros", () => {
    const text =
      'ext = "em0"\nsrv = "10.20.0.5"\nports = "{ 139 445 }"\nall_ports = $ports\nblock in on $ext proto tcp to $srv port $all_ports\n';
    expect(fate(text)).to.equal("dropped");
    expect(fate('net = "10.20.0.0"\nblock in to $net/24')).to.equal("dropped");
    expect(fate('a = "em0"\nb = "{" $a em5 "}"\nblock in on $b')).to.equal("dropped");
  });

  it("and leaves open what only the running firewall knows", () => {
    const open: readonly (readonly [string, string])[] = [
      ["block in from (em3:network)", "source address is in a network of the interface em3"],
      ["block in to self", "destination address is an address of the firewall"],
      ["block in to files.example.com", "destination address is an address of files.example.com"],
      [
        "table <bad> persist\nblock in from <bad>",
        "source address is in the table bad, which is filled while the firewall runs",
      ],
      ["block in from urpf-failed", "the source fails the reverse path check"],
      ["block in proto tcp from any os Linux", "the sender's TCP looks like Linux"],
      ["pass quick on em1\nblock in on egress", "the interface by which the packet comes is in the group egress"],
      ["block in proto tcp user root", "the user of the firewall's own connection is root"],
      ["block in proto tcp to port frobnicated", "destination port is frobnicated"],
    ];
    for (const [text, condition] of open) {
      const packet = text.includes("egress")
        ? incoming.replace("em1", "em2").replace("em0", "em1").replace("em1", "em0")
        : incoming;
      const named = text.includes("egress") ? text.replace("em1", "em0 proto udp") : text;
      expect(fate(named, packet), text).to.equal("accepted");
      expect(fate(named, packet, [condition]), text).to.equal("dropped");
    }
  });

  it("a pass rule whose limit is reached drops", () => {
    expect(fate("pass in proto tcp to port 445 keep state (max 100)")).to.equal("dropped");
    expect(
      fate("pass in proto tcp to port 445 keep state (max 100)", incoming, [
        "max 100 of the rule pass in proto tcp to port 445 keep state (max 100) is not reached",
      ]),
    ).to.equal("accepted");
  });
});

describe("pf.conf: tags, anchors and translation", () => {
  it("follows a tag from the way in to the way out", () => {
    const text = "block out on em1\npass in on em0 tag OK\npass out on em1 tagged OK";
    expect(fate(text)).to.equal("accepted");
    expect(fate(text, "em5>em1 tcp 198.51.100.7 > 10.20.0.5:445")).to.equal("dropped");
    expect(fate(text, "self>em1 tcp 10.20.0.1 > 10.20.0.5:445")).to.equal("dropped");
    expect(fate("pass in on em0 tag OK\nblock out on em1 ! tagged OK")).to.equal("accepted");
  });

  it("a packet has the tag of the last rule that gave one", () => {
    expect(fate("match in on em0 tag A\nmatch in proto tcp tag B\nblock out tagged A")).to.equal("accepted");
    expect(fate("match in on em0 tag A\nmatch in proto tcp tag B\nblock out tagged B")).to.equal("dropped");
    expect(fate("pass in quick on em0 tag A\nmatch in tag B\nblock out tagged A")).to.equal("dropped");
  });

  it("an inline anchor binds its rules to what it asks", () => {
    const anchor =
      "anchor in on em0 proto tcp {\n  block proto tcp to port 445\n  anchor quick {\n    pass proto tcp to port 80\n    block proto tcp to port 80:90\n  }\n}\npass in proto tcp to port 80:90\n";
    expect(fate(anchor)).to.equal("dropped");
    expect(fate(anchor, incoming.replace("445", "80"))).to.equal("dropped");
    expect(fate(anchor, incoming.replace("em0>", "em3>"))).to.equal("accepted");
  });

  it("an anchor whose rules are not in the text may decide anything", () => {
    const read = parsed('block in all\nanchor "ftp-proxy/*"\n');
    expect(codesOf(read)).to.include("RW6002");
    expect(fateOf(read.device, incoming)).to.equal("dropped");
    expect(fateOf(read.device, incoming, ["a rule in the anchor ftp-proxy/* decides the packet"])).to.equal("unknown");
  });

  it("an anchor is loaded from a file that was given, wherever that is said", () => {
    const main = 'anchor "edge"\npass in all\nload anchor "edge" from "/etc/edge.conf"\n';
    const edge = { path: "conf/edge.conf", text: 'p = "445"\nblock in quick proto tcp to port $p\n' };
    const read = pfsense.parse([{ path: "pf.conf", text: main }, edge], {});
    expect(fateOf(read.device, incoming)).to.equal("dropped");
    expect(fateOf(read.device, incoming.replace("445", "446"))).to.equal("accepted");
  });

  it("includes and table files are read where they are named", () => {
    const sources = [
      {
        path: "pf.conf",
        text: 'include "/etc/pf.rules"\ntable <bad> persist file "/etc/bad.txt"\nblock in quick from <bad>\n',
      },
      { path: "pf.rules", text: "pass in all\n" },
      { path: "bad.txt", text: "# bad ones\n198.51.100.0/24\n! 198.51.100.9\n" },
    ];
    const { device } = pfsense.parse(sources, {});
    expect(fateOf(device, incoming)).to.equal("dropped");
    expect(fateOf(device, incoming.replace("100.7", "101.7"))).to.equal("accepted");
  });

  it("a translation that passes skips the filter", () => {
    const read = parsed("rdr pass on em0 proto tcp from any to any port 445 -> 10.20.0.9\nblock in all\n");
    expect(fateOf(read.device, incoming)).to.equal("accepted");
    expect(read.diagnostics.map((one) => [one.code, one.severity])).to.deep.equal([["RW6007", "warning"]]);
  });

  it("antispoof blocks what comes in elsewhere from an interface's network", () => {
    const text = "antispoof quick for em1\npass in all";
    expect(fate(text)).to.equal("accepted");
    expect(fate(text, incoming, ["source address is in a network of the interface em1"])).to.equal("dropped");
  });
});

describe("pf.conf: what is not understood", () => {
  it("is said with its place, and may decide any packet", () => {
    const read = parsed("pass all\nblock in frobnicate all\npass in proto udp\n");
    const [only, ...more] = read.diagnostics;
    expect(more).to.deep.equal([]);
    expect(only!.code).to.equal("RW6001");
    expect(only!.primary!.start).to.be.greaterThan(7).and.lessThan(20);
    expect(fateOf(read.device, incoming, ["the statement at 1.conf:2:1 decides the packet"])).to.equal("unknown");
  });

  for (const [title, text] of [
    ["a port without a protocol", "block in to port 445"],
    ["ports in the wrong order", "block in proto tcp to port 445:139"],
    ["flags on UDP", "block in proto udp flags S/SA"],
    ["a macro that is not defined", "block in on $nothing"],
  ] as const)
    it(`${title} makes pfctl refuse the whole text`, () => {
      const read = parsed(`pass all\n${text}\n`);
      expect(codesOf(read)).to.deep.equal(["RW6004"]);
      expect(fateOf(read.device, incoming)).to.equal("unknown");
    });

  it("leaves comments, continued lines and quotes alone", () => {
    expect(fate('# block all\npass in \\\n  on em0 label "block # all" # more\nblock in on em9')).to.equal("accepted");
  });
});

describe("pf.conf: the forms of public rulesets", () => {
  const preamble =
    'ext = "em0"\nint = em1\nsrv = "{ ssh, http }"\nbroken = "224.0.0.22 127.0.0.0/8, \\\n  10.0.0.0/8"\nWAN = "{ em0 }"\nGW = " route-to ( em0 192.0.2.1 ) "\ntable <private-ranges> { 10.0.0.0/8 192.0.2.0/24, 2001:db8::/32 }\n';
  for (const line of [
    "set limit { states 100000, frags 5000 }",
    "set timeout { tcp.first 120, tcp.established 86400 }",
    "set syncookies adaptive (start 25%, end 12%)",
    'set fingerprints "/etc/pf.os"',
    "set skip on {lo, enc, gre}",
    "match in all scrub (no-df random-id max-mss 1440)",
    "scrub in on $ext all fragment reassemble",
    "match out on $ext inet from ! ($ext) nat-to ($ext)",
    "match in on $ext proto tcp to ($ext) port 8080 rdr-to 10.0.0.10 port 80",
    "nat on $ext inet from !($ext) -> ($ext:0)",
    "nat on { $ext } from { 10.0.0.0/24 } to any -> ($ext) port 1024:65535 static-port",
    "rdr pass inet proto tcp from any to any port {80, 443} -> 10.88.9.45",
    "rdr on $ext proto tcp from any to ($ext) port 80 -> 192.168.10.10 port 80",
    "binat on $ext from 10.0.0.5 to any -> 203.0.113.5",
    "antispoof quick for ($ext) inet",
    "antispoof log for { $ext lo0 } ridentifier 1000001570",
    "block return out quick log on egress to <private-ranges>",
    "block return-icmp in on $ext proto udp all",
    "block in quick from { $broken urpf-failed no-route } to any",
    "block in quick on $ext proto tcp flags FPU/FSRPAU",
    "block in quick on $ext proto tcp flags /SFRAU",
    "block return out log proto {tcp udp} user _pbuild",
    "block drop",
    "block log (all, to pflog1)",
    "pass out quick modulate state",
    "pass in on $ext proto tcp from any to any port 80 flags S/SA synproxy state",
    "pass in proto icmp all icmp-type echoreq keep state (max 10/second, overload <flood> flush global)",
    "pass in inet6 proto ipv6-icmp icmp6-type 2 no state",
    "pass in quick on $int inet proto udp from any port = bootpc to 255.255.255.255 port = bootps keep state",
    "pass out quick on $int inet proto udp from $int:0 port = bootps to any port = bootpc",
    "pass in on $ext proto {ah, esp} to ($ext)",
    "pass in on $ext proto udp to ($ext) port { isakmp, ipsec-nat-t }",
    'pass  in  quick  on $WAN $GW inet proto tcp  from any to 10.0.0.1 port 443 >< 445 ridentifier 17 flags S/SA keep state label "USER_RULE: a, b"',
    'pass in quick on em1 reply-to (em0 10.0.2.1) inet proto icmp from any to 10.0.2.4 keep state label "x" ridentifier 16',
    'pass out route-to (em0 10.0.2.1) inet from 10.0.2.4 to ! 10.0.2.0/24 flags S/SA keep state allow-opts label "y"',
    "pass in on em0 inet proto tcp from <private-ranges> to any port $srv keep state (if-bound, sloppy)",
    "pass out on em0 inet proto tcp from any to any port = https set prio (5, 6) set tos lowdelay",
    "pass in on wg0 inet from 10.7.0.0/24 to any tag VPN rtable 1 once",
    'anchor "userrules/*" all',
    'nat-anchor "natrules/*" all',
  ])
    it(line, () => {
      const read = parsed(`${preamble}${line}\n`);
      expect(read.diagnostics.filter((one) => ["RW6001", "RW6004"].includes(one.code))).to.deep.equal([]);
    });
});

describe("pf.conf: detection", () => {
  it("knows pf.conf and config.xml from other configurations", () => {
    const sure = (text: string): number => pfsense.detect({ path: "x", text });
    expect(sure('ext_if = "em0"\nset skip on lo0\nblock all\npass out on $ext_if\n')).to.be.greaterThan(0.8);
    expect(sure('<?xml version="1.0"?>\n<!-- x -->\n<pfsense></pfsense>')).to.equal(1);
    expect(sure("<filter><rule/></filter>")).to.be.greaterThan(0.5);
    expect(sure("<html></html>")).to.equal(0);
    expect(sure("*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n")).to.equal(0);
    expect(sure("table inet filter {\n  chain input {\n    type filter hook input priority 0;\n  }\n}\n")).to.equal(0);
    expect(sure("interface GigabitEthernet0/0\n nameif outside\naccess-list A extended permit ip any any\n")).to.equal(
      0,
    );
    expect(sure("")).to.equal(0);
  });
});
