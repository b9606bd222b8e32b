import { expect } from "chai";
import fc from "fast-check";
import { applyEdits, span } from "../../src/vendor-kit/index.js";
import iptables from "../../vendors/iptables/index.js";
import { given, inventoryLines, problems, touch, withoutDefinition } from "../support/inventory.js";

const filter = (...lines: readonly string[]): string =>
  ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ...lines, "COMMIT", ""].join("\n");
const nat = (...lines: readonly string[]): string =>
  [
    "*nat",
    ":PREROUTING ACCEPT [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    ":POSTROUTING ACCEPT [0:0]",
    ...lines,
    "COMMIT",
    "",
  ].join("\n");

const lines = (text: string, path = "rules.v4"): string[] => inventoryLines(iptables, given(text, path));

describe("the inventory of iptables", () => {
  it("lists user chains with their uses, and what a chain that nobody jumps to would do", () => {
    const text = filter(
      ":EDGE - [0:0]",
      ":OLD - [0:0]",
      ":DEEP - [0:0]",
      ":NIL - [0:0]",
      "-A FORWARD -j EDGE",
      "-A EDGE -g NIL",
      "-A OLD -p tcp -m tcp --dport 445 -j DROP",
      "-A OLD -j DEEP",
    );
    expect(lines(text)).to.deep.equal([
      "chain EDGE :5 used 1",
      "chain OLD :6 used 0 unbound: drop, jump removable",
      "chain DEEP :7 used 1 empty unbound: ",
      "chain NIL :8 used 1 empty",
    ]);
  });

  it("takes a chain out with its rules", () => {
    const text = filter(":OLD - [0:0]", "-A OLD -j DROP", "-A FORWARD -j ACCEPT");
    expect(withoutDefinition(iptables, given(text, "rules.v4"), "OLD")).to.equal(filter("-A FORWARD -j ACCEPT"));
  });

  it("lists sets with the rules, targets and sets that refer to them", () => {
    const sets = [
      "create used hash:net family inet",
      "add used 10.0.0.0/8",
      "create bare hash:ip family inet",
      "create timed hash:ip family inet timeout 60",
      "create filled hash:ip family inet",
      "create both list:set size 8",
      "add both used",
    ].join("\n");
    const rules = filter(
      "-A FORWARD -m set --match-set both src -j ACCEPT",
      "-A FORWARD -m set ! --match-set used src -j SET --add-set filled src",
    );
    expect(inventoryLines(iptables, given(rules, "rules.v4"), given(sets, "sets.ipset"))).to.deep.equal([
      "set used :1 used 2",
      "set bare :3 used 0 empty removable",
      "set timed :4 used 0 filled elsewhere removable",
      "set filled :5 used 1 filled elsewhere",
      "set both :6 used 1",
    ]);
  });

  it("leaves sets that are swapped alone, and takes those that no rules were given for as used", () => {
    const sets = "create a hash:ip\nadd a 10.0.0.1\ncreate b hash:ip\nswap a b\ncreate c hash:ip\n";
    expect(lines(sets, "x.ipset")).to.deep.equal(["set b :1 used 1", "set a :3 used 1 empty", "set c :5 used 1 empty"]);
    expect(inventoryLines(iptables, given(filter(), "rules.v4"), given(sets, "x.ipset"))).to.deep.equal([
      "set b :1 used 0",
      "set a :3 used 0 empty",
      "set c :5 used 0 empty removable",
    ]);
  });

  it("says that a rule with times is asked at some times, and how to have it asked always", () => {
    const rule =
      "-A FORWARD -p tcp --dport 445 -m time --timestart 08:00 --timestop 17:00 ! --weekdays Sat,Sun -j DROP";
    const [line] = lines(filter(rule));
    expect(line).to.contain("idle :5 drop sometimes: in force only at some times (");
    const source = given(filter(rule), "rules.v4");
    const [idle] = iptables.parse([source], {}).inventory!.idle;
    expect(applyEdits(source, idle!.activation!)).to.equal(filter("-A FORWARD -p tcp --dport 445 -j DROP"));
  });

  it("reads where DNAT, REDIRECT and NETMAP lead, also from chains", () => {
    const text = nat(
      ":FWD - [0:0]",
      "-A PREROUTING -i eth0 -j FWD",
      "-A PREROUTING -d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24",
      "-A FWD -p tcp --dport 8445 -j DNAT --to-destination 10.0.0.5-10.0.0.6:445",
      "-A FWD -p tcp --dport 8139 -j REDIRECT --to-ports 139",
      "-A FWD -p udp -j DNAT --to-destination :137-138",
      "-A POSTROUTING -j MASQUERADE",
    );
    expect(lines(text)).to.deep.equal([
      "chain FWD :5 used 1",
      "translation :8 to 10.0.0.5/32,10.0.0.6/32 ports 445",
      "translation :9 to ? ports 139",
      "translation :10 to ? ports 137-138",
      "translation :7 to 10.0.0.0/24",
    ]);
  });

  it("finds what is said to the linter in comments of every kind", () => {
    const text = filter(
      "# ringwall: ignore[RW4003] the lab until=2027-01-01",
      "# another line",
      "-A FORWARD -p tcp --dport 445 -j ACCEPT",
      '-A FORWARD -m comment --comment "ringwall: ignore[RW4039] no log" -j DROP',
    );
    expect(lines(text)).to.deep.equal([
      "comment :5 about :7: ringwall: ignore[RW4003] the lab until=2027-01-01",
      "comment :8 about :8: ringwall: ignore[RW4039] no log",
    ]);
  });

  it("finds comments behind the commands of a script", () => {
    const script = [
      "#!/bin/sh",
      "iptables -P FORWARD DROP",
      "iptables -A FORWARD -p tcp --dport 445 -j ACCEPT # ringwall: ignore[RW4003] lab",
      "# ringwall: ignore[RW4038] everything may leave",
      "iptables -A FORWARD -o wan0 -j ACCEPT",
    ].join("\n");
    expect(lines(script, "fw.sh")).to.deep.equal([
      "comment :3 about :3: ringwall: ignore[RW4003] lab",
      "comment :4 about :5: ringwall: ignore[RW4038] everything may leave",
    ]);
  });

  it("never throws, wherever a text is cut", () => {
    const text = `${nat("-A PREROUTING -j DNAT --to-destination [::1]:445")}${filter(
      ":OLD - [0:0]",
      "# ringwall: ignore[RW4003] x",
      '-A OLD -m time --timestart 1 -m comment --comment "ringwall: ignore[a] b" -j DROP',
    )}create a hash:net\nadd a 10.0.0.0/8`;
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(text.length),
        (a, b) => touch(iptables, given(text.slice(a, b), "x")) >= 0,
      ),
    );
  });
});

describe("parts of a host's rules", () => {
  it("are known by what stands in them", () => {
    expect(iptables.partOf!(given(filter("-A FORWARD -s 10.0.0.1 -j DROP"), "a"))).to.equal("ipv4");
    expect(iptables.partOf!(given(filter("-A FORWARD -s 2001:db8::1 -j DROP"), "a"))).to.equal("ipv6");
    expect(iptables.partOf!(given(filter("-A FORWARD -j DROP"), "rules.v6"))).to.equal("ipv6");
    expect(iptables.partOf!(given("create a hash:ip\n", "a"))).to.equal("sets");
    expect(iptables.partOf!(given("#!/bin/sh\niptables -F\n", "a"))).to.equal("whole");
    const both = `# Generated by iptables-save v1\n${filter()}# Generated by ip6tables-save v1\n${filter()}`;
    expect(iptables.partOf!(given(both, "a"))).to.equal("whole");
  });
});

describe("cutting a rule of iptables out", () => {
  const cut = (text: string, piece: string, path = "rules.v4"): string | undefined => {
    const source = given(text, path);
    const start = text.indexOf(piece);
    const edits = iptables.removalOf!(span(source, start, start + piece.length));
    return edits && applyEdits(source, edits);
  };

  it("takes its line", () => {
    expect(cut(filter("-A FORWARD -j ACCEPT", "-A FORWARD -j DROP"), "-A FORWARD -j ACCEPT")).to.equal(
      filter("-A FORWARD -j DROP"),
    );
  });

  it("leaves what is indented in a script, and lines with two commands", () => {
    const script = "#!/bin/sh\nif true; then\n  iptables -A FORWARD -j DROP\nfi\niptables -A INPUT -j DROP # why\n";
    expect(cut(script, "iptables -A FORWARD -j DROP", "fw.sh")).to.equal(undefined);
    expect(cut(script, "iptables -A INPUT -j DROP", "fw.sh")).to.equal(
      "#!/bin/sh\nif true; then\n  iptables -A FORWARD -j DROP\nfi\n",
    );
    expect(cut("#!/bin/sh\niptables -F; iptables -X\n", "iptables -F", "fw.sh")).to.equal(undefined);
  });
});

describe("what iptables and ipset refuse", () => {
  // Each was tried with iptables 1.8.9 (both variants) and ipset 7.17.
  const refused: readonly (readonly [string, string, string])[] = [
    ["a rule for a chain that is not declared", filter("-A EDGE -j DROP"), "-A EDGE -j DROP"],
    ["-o for packets to the host", filter("-A INPUT -o eth0 -j DROP"), "eth0"],
    ["-i for packets of the host", filter("-A OUTPUT -i eth0 -j DROP"), "eth0"],
    [
      "nine ranges of ports",
      filter("-A FORWARD -p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16,17 -j DROP"),
      "1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16,17",
    ],
    ["several ports without a protocol", filter("-A FORWARD -m multiport --dports 139,445 -j DROP"), "multiport"],
    ["a port without a protocol", filter("-A FORWARD --dport 445 -j DROP"), "--dport"],
    ["DNAT in the filter", filter("-A FORWARD -j DNAT --to-destination 10.0.0.1"), "DNAT"],
    ["REJECT outside of the filter", "*mangle\n-A FORWARD -j REJECT\nCOMMIT\n", "REJECT"],
    ["DROP in nat", nat("-A PREROUTING -j DROP"), "-A PREROUTING -j DROP"],
    ["a comment behind a rule", filter("-A FORWARD -j DROP # why"), "#"],
    ["a negated list", filter("-A FORWARD ! -s 10.0.0.1,10.0.0.2 -j DROP"), "10.0.0.1,10.0.0.2"],
    [
      "the same element again",
      "create a hash:net\nadd a 10.0.0.0/8\nadd a 10.1.0.0/16\nadd a 10.0.0.1/8\n",
      "add a 10.0.0.1/8",
    ],
    ["an address with its length", "create a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.1/32\n", "add a 10.0.0.1/32"],
    ["every address as one network", "create a hash:net\nadd a 0.0.0.0/0\n", "add a 0.0.0.0/0"],
    ["one element too many", "create a hash:ip maxelem 1\nadd a 10.0.0.1\nadd a 10.0.0.2\n", "add a 10.0.0.2"],
    ["the same set again", "create a hash:ip\ncreate a hash:net\n", "create a hash:net"],
  ];
  for (const [what, text, place] of refused) {
    it(`is ${what}`, () => {
      expect(problems(iptables, given(text, "rules.v4"))).to.include(`RW6004 ${place}`);
    });
  }

  it("is not what they take", () => {
    const taken = [
      filter(
        ":A - [0:0]",
        "-A A -p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15 -j DROP",
        "-A A -o e -j ACCEPT",
      ),
      "create a hash:net\nadd a 10.0.0.0/8\nadd a 10.1.0.0/16\n",
      "*filter\n-A EDGE -j DROP\nCOMMIT\n",
    ];
    for (const text of taken) {
      expect(problems(iptables, given(text, "rules.v4")).filter((one) => one.startsWith("RW6004"))).to.deep.equal([]);
    }
  });

  it("is a rule with a set that the sets do not have", () => {
    const rules = given(filter("-A FORWARD -m set --match-set gone src -j DROP"), "rules.v4");
    expect(problems(iptables, rules, given("create other hash:ip\n", "s.ipset"))).to.include("RW6005 gone");
  });
});
