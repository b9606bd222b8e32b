import { expect } from "chai";
import { PacketSpace, decidePath } from "../../src/packet-set/index.js";
import * as ir from "../../src/vendor-kit/index.js";
import type { Match, Parsed, Source } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { addresses } from "../support/edge.js";

const { all, any, not, numberIn, ofProtocol, ofFamily, inState, from, to, withTcpFlags } = ir;
const tcp = ofProtocol(6);
const v4 = ofFamily("ipv4");
const v6 = ofFamily("ipv6");
const port = (...ranges: (readonly [number, number])[]): Match => all(tcp, numberIn("destination-port", ...ranges));
const tracked = inState("new", "established", "established-reply", "related", "related-reply");
const established = ["established", "established-reply"] as const;
const related = ["related", "related-reply"] as const;

/** A match as nft writes it, and what it means. */
const forms: readonly [string, Match][] = [
  ["tcp dport 445", port([445, 445])],
  ["tcp dport microsoft-ds", port([445, 445])],
  ["tcp dport != 445", all(tcp, not(numberIn("destination-port", [445, 445])))],
  ["tcp dport { 139, 445 }", port([139, 139], [445, 445])],
  ["tcp dport {ssh,http,6000-6007}", port([22, 22], [80, 80], [6000, 6007])],
  ["tcp dport != { 139, 445 }", all(tcp, not(numberIn("destination-port", [139, 139], [445, 445])))],
  ["tcp dport 1024-65535", port([1024, 65535])],
  ["tcp dport 1024 - 65535", port([1024, 65535])],
  ["tcp dport < 1024", port([0, 1023])],
  ["tcp dport ge 1024", port([1024, 65535])],
  ["tcp dport & 0xff00 == 0x100", port([256, 511])],
  ["udp sport 137-138", all(ofProtocol(17), numberIn("source-port", [137, 138]))],
  ["meta l4proto { tcp, udp } th dport 53", all(ofProtocol(6, 17), numberIn("destination-port", [53, 53]))],
  ["meta l4proto tcp @th,16,16 445", port([445, 445])],
  [
    "meta l4proto . th dport { tcp . 445, udp . 137-138 }",
    any(port([445, 445]), all(ofProtocol(17), numberIn("destination-port", [137, 138]))),
  ],
  ["ip saddr 10.0.0.0/8", all(v4, from(addresses("10.0.0.0/8")))],
  ["ip saddr 10.0.0.0/255.0.0.0", all(v4, from(addresses("10.0.0.0/8")))],
  ["ip saddr 10.1.2.3/8", all(v4, from(addresses("10.0.0.0/8")))],
  ["ip daddr != 10.0.0.1", all(v4, not(to(addresses("10.0.0.1"))))],
  ["ip daddr { 10.0.0.1-10.0.0.2, 10.0.0.4 }", all(v4, to(addresses("10.0.0.1", "10.0.0.2", "10.0.0.4")))],
  ["ip saddr & 255.255.255.0 == 10.0.0.0", all(v4, from(addresses("10.0.0.0/24")))],
  ["ip6 saddr fe80::/10", all(v6, from(addresses("fe80::/10")))],
  ["ip6 daddr 2001:db8::1-2001:db8::2", all(v6, to(addresses("2001:db8::1", "2001:db8::2")))],
  ["ip protocol { icmp, igmp }", all(v4, ofProtocol(1, 2))],
  ["meta nfproto ipv6", v6],
  ["meta protocol { ip, arp }", v4],
  ["icmp type echo-request", all(v4, ofProtocol(1), numberIn("icmp-type", [8, 8]))],
  ["icmpv6 type { 133-137 }", all(v6, ofProtocol(58), numberIn("icmp-type", [133, 137]))],
  [
    "icmp type . icmp code { 3 . 4, echo-request . 0 }",
    all(
      v4,
      ofProtocol(1),
      any(
        all(numberIn("icmp-type", [3, 3]), numberIn("icmp-code", [4, 4])),
        all(numberIn("icmp-type", [8, 8]), numberIn("icmp-code", [0, 0])),
      ),
    ),
  ],
  ["ct state established,related", inState(...established, ...related)],
  ["ct state { established, related }", inState(...established, ...related)],
  ["ct state established | related", inState(...established, ...related)],
  ["ct state != { established, related }", not(inState(...established, ...related))],
  ["ct state != new", not(inState("new"))],
  ["ct state ! new,untracked", not(inState("new", "untracked"))],
  ["ct state & (established|related) != 0", inState(...established, ...related)],
  ["ct state != established,related", ir.everyPacket],
  ["ct direction reply", inState("established-reply", "related-reply")],
  ["ct direction != reply", inState("new", "established", "related")],
  ["ct status dnat", all(tracked, ir.condition("ct status dnat"))],
  ["ct status != dnat", all(tracked, not(ir.condition("ct status dnat")))],
  ["tcp flags syn", all(tcp, withTcpFlags(2, 2))],
  ["tcp flags syn,ack", all(tcp, not(withTcpFlags(18, 0)))],
  ["tcp flags == syn", all(tcp, withTcpFlags(255, 2))],
  ["tcp flags != syn", all(tcp, not(withTcpFlags(255, 2)))],
  ["tcp flags { syn, syn | ack }", all(tcp, any(withTcpFlags(255, 2), withTcpFlags(255, 18)))],
  ["tcp flags & (fin|syn|rst|ack) == syn", all(tcp, withTcpFlags(23, 2))],
  ["tcp flags & (syn | ack) != syn | ack", all(tcp, not(withTcpFlags(18, 18)))],
  ["tcp flags syn / fin,syn,rst,ack", all(tcp, withTcpFlags(23, 2))],
  ["tcp flags & (syn|ack) { syn, ack }", all(tcp, any(withTcpFlags(18, 2), withTcpFlags(18, 16)))],
  ["tcp flags & (fin|syn|urg) > urg", all(tcp, any(withTcpFlags(35, 33), withTcpFlags(35, 34), withTcpFlags(35, 35)))],
  ["meta mark xor 0x3 == 0x1", ir.condition("meta mark & xor 0x3 0x1")],
  ["tcp flags ! syn,rst", all(tcp, withTcpFlags(6, 0))],
  ['iifname "wan0"', ir.ingress("wan0")],
  ["iifname wan*", ir.ingress("wan*")],
  ['iifname != { "wan0", "ppp*" }', not(ir.ingress("wan0", "ppp*"))],
  ["oif wan0", ir.egress("wan0")],
  ["meta iifname wan0 meta oifname lan0", all(ir.ingress("wan0"), ir.egress("lan0"))],
  ['iifname . oifname { "wan0" . "lan0" }', all(ir.ingress("wan0"), ir.egress("lan0"))],
  ["ether saddr 02:00:00:00:00:01", all(ir.ingress("*"), numberIn("source-mac", [0x020000000001, 0x020000000001]))],
  ["ip saddr @hosts", all(v4, from(addresses("192.0.2.0/25", "192.0.2.200")))],
  ["ip saddr != @hosts", all(v4, not(from(addresses("192.0.2.0/25", "192.0.2.200"))))],
  ["ip saddr . tcp dport @pairs", all(v4, port([22, 22]), from(addresses("192.0.2.0/24")))],
  ["tcp dport @empty", ir.noPacket],
  ["ip saddr @timed", all(v4, ir.condition("ip saddr @timed"))],
  ["ip saddr $LAN", all(v4, from(addresses("10.0.0.0/8", "192.168.0.0/16")))],
  ["ip saddr { $LAN, 172.16.0.0/12 }", all(v4, from(addresses("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12")))],
  ["ip6 nexthdr tcp", all(v6, tcp, not(ir.condition("IPv6 extension headers in the packet")))],
  ["ip dscp cs1", all(v4, ir.condition("ip dscp cs1"))],
  ["fib daddr type local", ir.condition("fib daddr type local")],
  ["fib saddr . iif oif missing", not(ir.condition("fib saddr . iif oif exists"))],
  ["meta mark 0x1", ir.condition("meta mark 0x1")],
  ["mark & 0xff == 1", ir.condition("meta mark & 0xff 1")],
  ["meta skuid != root", not(ir.condition("meta skuid root"))],
  ["tcp option maxseg size 1-500", all(tcp, ir.condition("tcp option maxseg size 1-500"))],
  ["ip saddr gateway.example", all(v4, ir.condition("ip saddr gateway.example"))],
  ["limit rate 3/minute burst 5 packets", ir.condition("limit rate 3/minute burst 5 packets at r.nft:6")],
];

const frame = (chain: string, head = ""): string => `define LAN = { 10.0.0.0/8, 192.168.0.0/16 }
table inet t {
  set timed { type ipv4_addr; flags timeout; }
  set empty { type inet_service; }
${head}  chain c { type filter hook forward priority 0; policy accept
${chain}
  }
  set hosts { type ipv4_addr; flags interval; elements = { 192.0.2.0/25, 192.0.2.200 } }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 22 } }
}`;

function read(...texts: string[]): Parsed {
  const sources: Source[] = texts.map((text, i) => ({ path: i === 0 ? "r.nft" : `part${i}.nft`, text }));
  return nftables.parse(sources, {});
}

/** Which forwarded packets are dropped, said as a match. */
function expectDropped(parsed: Parsed, expected: Match, title?: string): void {
  const path = parsed.device.paths.find(({ hook }) => hook === "forward")!;
  const patterns = ["wan0", "wan*", "ppp*", "lan0", "*"];
  const space = new PacketSpace({ interfaces: patterns });
  const forwarded = space.compile(all(ir.ingress("*"), ir.egress("*")));
  const fates = decidePath(space, path);
  const dropped = space.and(fates.dropped, forwarded);
  expect(dropped === space.and(space.compile(expected), forwarded), title).to.equal(true);
}

describe("nftables: the forms of a match", () => {
  for (const [text, meaning] of forms) {
    it(text, () => {
      const parsed = read(frame(`    ${text} drop`));
      expect(parsed.diagnostics.filter(({ code }) => code === "RW6001")).to.deep.equal([]);
      expectDropped(parsed, meaning);
    });
  }

  it("warns of a comparison that is always true", () => {
    expect(read(frame("ct state != established,related drop")).diagnostics.map(({ code }) => code)).to.include(
      "RW6003",
    );
  });
});

describe("nftables: verdicts and chains", () => {
  const smb = port([445, 445]);
  const cases: readonly [string, string, Match][] = [
    ["a jump comes back", "tcp dport 445 jump x\n tcp dport 445 drop", smb],
    ["a goto does not", "tcp dport 445 goto x\n tcp dport 445 drop", ir.noPacket],
    ["a return ends the entry chain", "tcp dport 445 return\n drop", not(smb)],
    [
      "an inner chain",
      "tcp dport 445 jump {\n ip saddr 10.0.0.1 accept\n drop\n }",
      all(smb, not(all(v4, from(addresses("10.0.0.1"))))),
    ],
    ["a verdict map", "tcp dport vmap { 80 : accept, 445 : drop }", smb],
    [
      "a verdict map with a catch-all",
      "tcp dport vmap { * : drop, 80-90 : jump x, 445 : continue }",
      all(tcp, not(numberIn("destination-port", [80, 90], [445, 445]))),
    ],
    ["a verdict map of interfaces", 'iifname vmap { "lan0" : accept, "wan*" : drop }', ir.ingress("wan*")],
    ["a named verdict map", "meta l4proto . th dport vmap @verdicts", smb],
    ["a translation is an accept here", "dnat ip to 10.0.0.1\n drop", ir.noPacket],
    [
      "statements without influence",
      'counter name "c" log prefix "a drop " level info meta mark set 1 tcp dport 445 counter packets 1 bytes 2 drop comment "accept"',
      smb,
    ],
    ["a known iptables target behind its name", 'tcp dport 445 xt target "LOG" counter drop # xt_comment', smb],
    ["the policy", "tcp dport 445 counter\n policy drop; tcp dport 445 accept", not(smb)],
  ];
  const head =
    "  chain x { }\n map verdicts { type inet_proto . inet_service : verdict; elements = { tcp . 445 : drop, udp . 53 : accept } }\n";
  for (const [title, rules, meaning] of cases) {
    it(title, () => {
      expectDropped(read(frame(rules, head)), meaning);
    });
  }

  it("a limit makes each rule a condition of its own", () => {
    const { device } = read(frame("limit rate 1/second drop\nlimit rate 1/second drop"));
    const rules = device.paths[0]!.filters[0]!.chains.get("c")!.rules;
    expect(new Set(rules.map(({ match }) => JSON.stringify(match))).size).to.equal(2);
  });

  it("a mark that rules set is another condition at each look", () => {
    const { device } = read(frame("meta mark 1 accept\nmeta mark set 1\nmeta mark 1 drop"));
    const rules = device.paths[0]!.filters[0]!.chains.get("c")!.rules;
    expect(new Set(rules.map(({ match }) => JSON.stringify(match))).size).to.equal(2);
  });

  it("what is not understood is unknown for all that gets there", () => {
    for (const rule of [
      "tcp dport 445 frobnicate drop",
      'tcp dport 445 xt target "TARPIT"',
      "tcp dport 445 counter # xt_TARPIT",
      "tcp dport 445 queue",
    ]) {
      const { device, diagnostics } = read(frame(rule));
      const [only] = device.paths[0]!.filters[0]!.chains.get("c")!.rules;
      expect(only!.verdict, rule).to.equal("unknown");
      if (!rule.endsWith("queue")) {
        expect(diagnostics.map(({ code }) => code)).to.deep.equal(["RW6001"]);
        expect(diagnostics[0]!.primary?.source.path).to.equal("r.nft");
      }
    }
  });

  it("what is not defined is unknown", () => {
    const { device, diagnostics } = read(frame("ip saddr @nowhere drop\nip saddr $NOTHING drop\njump nowhere"));
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(["RW6005", "RW6005", "RW6001", "RW6005"]);
    const rules = device.paths[0]!.filters[0]!.chains.get("c")!.rules;
    expect(rules.map(({ verdict }) => (typeof verdict === "object" ? verdict.kind : verdict))).to.deep.equal([
      "drop",
      "unknown",
      "jump",
    ]);
  });
});

describe("nftables: commands", () => {
  const smb = port([445, 445]);
  const base = "add table inet t\nadd chain inet t c { type filter hook forward priority 0; policy accept; }\n";

  it("builds a table command by command, inserts in front, and flushes", () => {
    expectDropped(read(`${base}add rule inet t c tcp dport 445 drop`), smb);
    expectDropped(read(`${base}add rule inet t c accept\ninsert rule inet t c tcp dport 445 drop`), smb);
    expectDropped(
      read(`${base}add rule inet t c drop\nflush chain inet t c\nadd rule inet t c tcp dport 445 drop`),
      smb,
    );
    expectDropped(
      read(
        `table inet t { chain c { type filter hook forward priority 0; drop; } }\nflush ruleset\n${base}add rule inet t c tcp dport 445 drop`,
      ),
      smb,
    );
    expectDropped(
      read(
        `${base}add set inet t s { type inet_service; }\nadd rule inet t c tcp dport @s drop\nadd element inet t s { 445, 80 }\ndelete element inet t s { 80 }`,
      ),
      smb,
    );
  });

  it("reads a shell script of single commands", () => {
    const script = `#!/bin/sh
nft add table inet t
nft add chain inet t c '{ type filter hook forward priority 0; policy accept; }'
nft add chain inet t d { type filter hook forward priority 10 \\; policy accept \\; }
nft add rule inet t d tcp dport 445 counter drop
`;
    const parsed = read(script);
    expect(parsed.diagnostics).to.deep.equal([]);
    expectDropped(parsed, smb);
  });

  it("leaves nothing of a table that is declared, deleted and defined anew", () => {
    const text = (rule: string): string =>
      `table inet t\ndelete table inet t\ntable inet t {\n chain c {\n type filter hook forward priority 0\n ${rule}\n }\n}\n`;
    expectDropped(read(`${text("drop")}${text("tcp dport 445 drop")}`), smb);
  });

  it("goes on with a table that is opened again, and puts tables of one family only beside others", () => {
    expectDropped(read(`${base}table inet t {\n chain c {\n tcp dport 445 drop\n }\n}`), smb);
    expectDropped(
      read("table ip a { chain c { type filter hook forward priority 0; tcp dport 445 drop; }; }"),
      all(v4, smb),
    );
    expectDropped(read("table ip6 a {\n chain c { type filter hook forward priority 0; policy drop; }\n}"), v6);
  });

  it("puts all base chains of the way in order, and takes translation for what it is", () => {
    const { device } = read(`
      table inet a { chain late { type filter hook postrouting priority -150; tcp dport 445 drop; }; }
      table inet b { chain early { type filter hook prerouting priority raw; tcp dport 139 drop; }; }
      table inet c { chain mid { type filter hook forward priority filter + 10; tcp dport 80 drop; }; }
      table inet d { chain nat { type nat hook prerouting priority dstnat; dnat ip to 10.0.0.1; }; }
      table inet e { flags dormant; chain off { type filter hook forward priority 0; policy drop; }; }
      table inet f { chain local { type filter hook input priority 0; policy drop; }; }
    `);
    const names = (hook: string): string[] =>
      device.paths.find((path) => path.hook === hook)?.filters.map(({ name }) => name.split(" ").at(-1)!) ?? [];
    expect(names("forward")).to.deep.equal(["early", "mid", "late"]);
    expect(names("input")).to.deep.equal(["early", "local"]);
    expect(names("output")).to.deep.equal(["late"]);
  });

  it("knows no state in front of connection tracking and no egress before routing", () => {
    const early = (rule: string): Parsed =>
      read(`table inet t {\n chain c { type filter hook prerouting priority -300\n ${rule} \n }\n}`);
    expectDropped(early("ct state established drop"), ir.noPacket);
    expectDropped(early("ct state invalid drop"), ir.everyPacket);
    expectDropped(early('oifname "wan0" drop'), ir.noPacket);
    expectDropped(early('oifname != "wan0" drop'), ir.everyPacket);
  });

  it("reads an included file that is given, in its place, and does not know one that is not", () => {
    const main = `include "./part1.nft"\n${base}add rule inet t c tcp dport $PORT drop`;
    expectDropped(read(main, "define PORT = 445"), smb);
    expectDropped(read("define PORT = 445", main.replace("part1", "r")), smb);
    const { device, diagnostics } = read(main.replace("part1", "elsewhere").replace("$PORT", "445"));
    expect(diagnostics.map(({ code }) => code)).to.deep.equal(["RW6001"]);
    expect(device.paths.map(({ hook }) => hook)).to.deep.equal(["forward", "input", "output"]);
    expect(device.paths[1]!.filters[0]!.chains.values().next().value!.rules[0]!.verdict).to.equal("unknown");
  });

  it("reads JSON as the same rules", () => {
    const rule = (expr: unknown[]): unknown => ({ rule: { family: "inet", table: "t", chain: "c", expr } });
    const json = JSON.stringify({
      nftables: [
        { metainfo: { version: "1.0.6" } },
        { table: { family: "inet", name: "t", handle: 1 } },
        {
          set: {
            family: "inet",
            name: "s",
            table: "t",
            type: "ipv4_addr",
            flags: ["interval"],
            elem: [{ prefix: { addr: "10.0.0.0", len: 8 } }, { range: ["192.0.2.1", "192.0.2.2"] }],
          },
        },
        {
          chain: { family: "inet", table: "t", name: "c", type: "filter", hook: "forward", prio: 0, policy: "accept" },
        },
        rule([
          { match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: "@s" } },
          { accept: null },
        ]),
        rule([
          { match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } },
          { accept: null },
        ]),
        rule([
          {
            vmap: {
              key: { payload: { protocol: "tcp", field: "dport" } },
              data: {
                set: [
                  [{ range: [400, 500] }, { drop: null }],
                  [80, { accept: null }],
                ],
              },
            },
          },
        ]),
      ],
    });
    expect(nftables.detect({ path: "x", text: json })).to.equal(1);
    const parsed = read(json);
    expect(parsed.diagnostics).to.deep.equal([]);
    const excused = any(
      all(v4, from(addresses("10.0.0.0/8", "192.0.2.1", "192.0.2.2"))),
      inState(...established, ...related),
    );
    expectDropped(parsed, all(port([400, 500]), not(excused)));
  });
});
