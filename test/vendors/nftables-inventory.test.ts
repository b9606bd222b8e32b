import { expect } from "chai";
import fc from "fast-check";
import type { Source } from "../../src/vendor-kit/index.js";
import { applyEdits, span } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { given, inventoryLines, problems, touch, withoutDefinition } from "../support/inventory.js";

const lines = (text: string): string[] => inventoryLines(nftables, given(text, "fw.nft"));

describe("the inventory of nftables", () => {
  it("lists defines, chains, sets and maps with their uses, and what a chain would do that no hook leads to", () => {
    expect(
      lines(`define WAN = eth0
define SPARE = { 10.0.0.1, 10.0.0.2 }
table inet t {
\tset used {
\t\ttype ipv4_addr
\t\telements = { 10.0.0.1 }
\t}
\tset bare {
\t\ttype ipv4_addr
\t}
\tset timed {
\t\ttype ipv4_addr; flags timeout
\t}
\tset filled {
\t\ttype ipv4_addr
\t}
\tmap verdicts {
\t\ttype inet_service : verdict
\t\telements = { 445 : jump SMB }
\t}
\tchain SMB {
\t\tdrop
\t}
\tchain OLD {
\t\ttcp dport 445 drop
\t\tjump SMB
\t}
\tchain forward {
\t\ttype filter hook forward priority 0;
\t\tiifname $WAN tcp dport vmap @verdicts
\t\tip saddr @used ip daddr @timed add @filled { ip saddr } accept
\t}
}
`),
    ).to.deep.equal([
      "define WAN :1 used 1",
      "define SPARE :2 used 0 removable",
      "set used :4 used 1",
      "set bare :8 used 0 empty removable",
      "set timed :11 used 1 filled elsewhere",
      "set filled :14 used 1 filled elsewhere",
      "map verdicts :17 used 1",
      "chain SMB :21 used 2",
      "chain OLD :24 used 0 unbound: drop, jump removable",
      "chain forward :28 used 1",
    ]);
  });

  it("takes a chain out with its block, and leaves one that other commands add to", () => {
    const text = "table ip t {\n\tchain old {\n\t\tdrop\n\t}\n\tchain new {\n\t}\n}\n";
    expect(withoutDefinition(nftables, given(text), "old")).to.equal("table ip t {\n\tchain new {\n\t}\n}\n");
    const added = `${text}add rule ip t old accept\n`;
    expect(withoutDefinition(nftables, given(added), "old")).to.equal(added);
  });

  it("says that a rule which looks at the clock is asked at some times", () => {
    const text = `table inet t {
\tchain forward {
\t\ttype filter hook forward priority 0; policy accept;
\t\ttcp dport 445 meta hour "08:00"-"17:00" drop
\t\ttcp dport 139 day { "Saturday", "Sunday" } drop
\t}
}
`;
    const source = given(text);
    const [first, second] = nftables.parse([source], {}).inventory!.idle;
    expect(first?.hooks).to.deep.equal(["forward"]);
    expect(first?.why).to.match(/^in force only at some times \(meta hour/);
    expect(applyEdits(source, first!.activation!)).to.contain("\t\ttcp dport 445 drop\n");
    expect(applyEdits(source, second!.activation!)).to.contain("\t\ttcp dport 139 drop\n");
  });

  it("reads where dnat and redirect lead, also by maps and from other chains", () => {
    expect(
      lines(`table inet t {
\tchain smb {
\t\ttcp dport 8445 dnat ip to 10.0.0.5:445
\t\ttcp dport 8139 redirect to :139
\t}
\tchain pre {
\t\ttype nat hook prerouting priority dstnat;
\t\tiifname "eth0" jump smb
\t\tdnat ip6 to [2001:db8::5]:445
\t\tdnat ip to tcp dport map { 80 : 10.0.0.6, 443 : 10.0.0.7 }
\t\tdnat ip addr . port to tcp dport map { 81 : 10.0.0.8 . 8080 }
\t\tdnat ip to 10.0.0.1-10.0.0.2
\t}
\tchain post {
\t\ttype nat hook postrouting priority srcnat;
\t\tmasquerade
\t}
}
`).filter((line) => line.startsWith("translation")),
    ).to.deep.equal([
      "translation :3 to 10.0.0.5/32 ports 445",
      "translation :4 to ? ports 139",
      "translation :9 to 2001:db8::5/128 ports 445",
      "translation :10 to 10.0.0.6/32",
      "translation :10 to 10.0.0.7/32",
      "translation :11 to 10.0.0.8/32 ports 8080",
      "translation :12 to 10.0.0.1/32,10.0.0.2/32",
    ]);
  });

  it("finds what is said to the linter in comments of every kind", () => {
    expect(
      lines(`# ringwall: ignore[RW4006] kept for later
define X = 1
table inet t { # ringwall: ignore[RW4010] the table
\tset s {
\t\ttype ipv4_addr
\t\tcomment "ringwall: ignore[RW4035] the set"
\t}
\tchain c {
\t\ttype filter hook forward priority 0; policy accept; # ringwall: ignore[RW4038] the policy
\t\t# ringwall: ignore[RW4003] the rule until=2027-01-01
\t\ttcp dport $X log prefix "# ringwall: ignore[no] a string" accept
\t\ttcp dport 445 accept comment "ringwall: ignore[RW4003] this rule"
\t\ttcp dport 139 accept # ringwall: ignore[RW4003] behind it
\t}
}
`).filter((line) => line.startsWith("comment")),
    ).to.deep.equal([
      "comment :1 about :2: ringwall: ignore[RW4006] kept for later",
      "comment :3 about :3-15: ringwall: ignore[RW4010] the table",
      "comment :6 about :4-7: ringwall: ignore[RW4035] the set",
      "comment :9 about :9: ringwall: ignore[RW4038] the policy",
      "comment :10 about :11: ringwall: ignore[RW4003] the rule until=2027-01-01",
      "comment :12 about :12: ringwall: ignore[RW4003] this rule",
      "comment :13 about :13: ringwall: ignore[RW4003] behind it",
    ]);
  });

  it("finds the comment of a rule in JSON", () => {
    const json = `{"nftables": [{"table": {"family": "ip", "name": "t"}},
{"chain": {"family": "ip", "table": "t", "name": "c"}},
{"rule": {"family": "ip", "table": "t", "chain": "c", "comment": "ringwall: ignore[RW4003] lab", "expr": [{"accept": null}]}}]}`;
    expect(lines(json).filter((line) => line.startsWith("comment"))).to.deep.equal([
      "comment :3 about :3: ringwall: ignore[RW4003] lab",
    ]);
  });

  it("points at the whole command where a rule is added by one", () => {
    const text =
      "add table ip t\nadd chain ip t c { type filter hook forward priority 0; }\nadd rule ip t c tcp dport 445 drop\n";
    const [path] = nftables.parse([given(text)], {}).device.paths;
    const rule = path!.filters[0]!.chains.get("c")!.rules.at(-1)!;
    expect(text.slice(rule.origin.span!.start, rule.origin.span!.end)).to.equal("add rule ip t c tcp dport 445 drop");
  });

  it("never throws, wherever a text is cut", () => {
    const text = `define A = { 10.0.0.1 }
table inet t { # ringwall: ignore[RW4003] x
\tset s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, $A, 10.1.0.0/16 }; comment "ringwall: x"; }
\tchain c { type nat hook prerouting priority 0; meta hour "1:00" dnat to tcp dport map { 80 : 10.0.0.1 . 80 }; }
\tchain d { jump c; include "/etc/[a-z]*.nft"; }
}
`;
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => touch(nftables, given(text.slice(a, b))) >= 0),
    );
  });
});

describe("cutting a rule of nftables out", () => {
  const cut = (text: string, piece: string): string | undefined => {
    const source = given(text);
    const start = text.indexOf(piece);
    const edits = nftables.removalOf!(span(source, start, start + piece.length));
    return edits && applyEdits(source, edits);
  };

  it("takes its line, or its piece of a line with others", () => {
    expect(cut("chain c {\n\taccept # why\n\tdrop\n}\n", "accept")).to.equal("chain c {\n\tdrop\n}\n");
    expect(cut("chain c { tcp dport 445 accept; drop; }", "tcp dport 445 accept")).to.equal("chain c { drop; }");
    expect(cut("nft add rule ip t c drop\n", "add rule ip t c drop")).to.equal(undefined);
  });
});

describe("what nft refuses", () => {
  // Each was tried with nft 1.0.6 on Linux 6.18.
  const set = (body: string): string => `table inet t {\nset s {\n${body}\n}\n}\n`;
  const said = (text: string): string[] => problems(nftables, given(text)).filter((one) => /^RW600[45]/.test(one));

  it("is an interval that overlaps with another, unless the set merges them", () => {
    const elements = "elements = { 10.0.0.0/8, 10.1.0.0/16 }";
    expect(said(set(`type ipv4_addr; flags interval; ${elements}`))).to.deep.equal(["RW6004 10.1.0.0/16"]);
    expect(said(set(`type ipv4_addr; flags interval; auto-merge; ${elements}`))).to.deep.equal([]);
    expect(said(set("type inet_service; flags interval; elements = { 137-139, 138 }"))).to.deep.equal(["RW6004 138"]);
    expect(
      said(`${set("type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }")}add element inet t s { 10.1.0.0/16 }\n`),
    ).to.deep.equal(["RW6004 10.1.0.0/16"]);
  });

  it("is not an interval that is there twice, or stands beside another, or has no name for its set", () => {
    expect(said(set("type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.0.0.1/8 }"))).to.deep.equal([]);
    expect(said(set("type ipv4_addr; flags interval; elements = { 10.0.0.0/25, 10.0.0.128/25 }"))).to.deep.equal([]);
    expect(said("table ip t {\nchain c {\nip saddr { 10.0.0.0/8, 10.1.0.0/16 } drop\n}\n}\n")).to.deep.equal([]);
  });

  it("is a prefix where the set takes addresses", () => {
    expect(said(set("type ipv4_addr; elements = { 10.0.0.1, 10.1.0.0/16 }"))).to.deep.equal(["RW6004 10.1.0.0/16"]);
  });

  it("is a key of a map with two values, and one element too many", () => {
    const map = (elements: string): string =>
      `table inet t {\nmap m {\ntype ipv4_addr : verdict\nelements = { ${elements} }\n}\n}\n`;
    expect(said(map("10.0.0.1 : accept, 10.0.0.1 : drop"))).to.deep.equal(["RW6004 10.0.0.1"]);
    expect(said(map("10.0.0.1 : accept, 10.0.0.1 : accept"))).to.deep.equal([]);
    expect(said(set("type ipv4_addr; size 1; elements = { 10.0.0.1, 10.0.0.2 }"))).to.deep.equal(["RW6004 10.0.0.2"]);
  });

  it("is a variable that nothing defines, or that is defined twice", () => {
    expect(said("define SMB = 445\ntable ip t {\nchain c {\ntcp dport $SBM drop\n}\n}\n")).to.deep.equal([
      "RW6005 $SBM",
    ]);
    expect(said("define X = 1\ndefine X = 2\n")).to.deep.equal(["RW6004 define X"]);
    expect(said("define X = 1\nredefine X = 2\n")).to.deep.equal([]);
  });
});

describe("a table that is dormant", () => {
  it("is told of: it does nothing", () => {
    expect(problems(nftables, given("table ip t {\nflags dormant\nchain c {\n}\n}\n"))).to.deep.equal([
      "RW6003 flags dormant",
    ]);
  });
});

describe("files that a ruleset includes", () => {
  const chain = (body: string): string =>
    `table ip t {\n\tchain c {\n\t\ttype filter hook forward priority 0; policy accept;\n${body}\n\t}\n}\n`;
  const unread = (...sources: readonly Source[]): string[] =>
    problems(nftables, ...sources).filter((one) => one.startsWith("RW6001"));

  it("are found beside the file, also by patterns, and by the likeness of their folders", () => {
    const rules = given(chain("drop"), "fw/rules.d/a.nft");
    const main = (path: string): Source => given(`include "${path}"\n`, "fw/main.nft");
    for (const path of [
      "rules.d/a.nft",
      "./rules.d/*.nft",
      "/etc/rules.d/[a-c]*.nft",
      "/etc/nftables/rules.d/a.nft",
      "/a.nft",
    ]) {
      expect(unread(main(path), rules), path).to.deep.equal([]);
      expect(nftables.parse([main(path), rules], {}).device.paths[0]!.filters.length, path).to.equal(1);
    }
    for (const path of ["rules.d/b.nft", "/etc/other.d/*.nft", "*.conf"]) {
      expect(unread(main(path), rules).length, path).to.equal(1);
    }
  });

  it("of two with one name are the ones whose folders are more like", () => {
    const main = given('include "/etc/edge/defs.nft"\ntable ip t {\nchain c {\ntcp dport $P drop\n}\n}\n', "main.nft");
    const edge = given("define P = 445\n", "files/edge/defs.nft");
    const core = given("define Q = 1\n", "files/core/defs.nft");
    expect(problems(nftables, main, core, edge)).to.deep.equal([]);
  });

  it("are named for whoever gathers the files", () => {
    expect(nftables.includesOf!(given('include "./a.nft"\n# include "no"\ninclude "b/*.nft"'))).to.deep.equal([
      "./a.nft",
      "b/*.nft",
    ]);
  });

  it("within a chain leave the rules in front of them certain where they are not given", () => {
    const { device } = nftables.parse([given(chain('\t\ttcp dport 445 drop\n\t\tinclude "more.nft"'))], {});
    expect(
      device.paths[0]!.filters[0]!.chains.get("c")!
        .rules.map((rule) => rule.verdict)
        .slice(-2),
    ).to.deep.equal(["drop", "unknown"]);
  });
});
