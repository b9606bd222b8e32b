import { expect } from "chai";
import fc from "fast-check";
import { applyEdits, span } from "../../src/vendor-kit/index.js";
import asa from "../../vendors/cisco-asa/index.js";
import { given, inventoryLines, problems, touch, withoutDefinition } from "../support/inventory.js";

const head = [
  "ASA Version 9.16(4)",
  "interface GigabitEthernet0/0",
  " nameif outside",
  " security-level 0",
  " ip address 203.0.113.2 255.255.255.0",
  "interface GigabitEthernet0/1",
  " nameif inside",
  " security-level 100",
  " ip address 10.0.0.1 255.255.255.0",
];
const config = (...lines: readonly string[]): string => [...head, ...lines, ""].join("\n");
const lines = (...text: readonly string[]): string[] => inventoryLines(asa, given(config(...text), "asa.cfg"));

describe("the inventory of an ASA", () => {
  it("lists objects, groups, time-ranges and lists with their uses, also by entries that are not in force", () => {
    expect(
      lines(
        "object network WEB",
        " host 10.0.0.5",
        "object network SPARE",
        " host 10.0.0.6",
        " description nobody knows",
        "object network BARE",
        "object-group network SERVERS",
        " network-object object WEB",
        "object-group network NOBODY",
        "time-range WORK",
        " periodic weekdays 8:00 to 17:00",
        "access-list OUT extended permit tcp any object-group SERVERS eq 445 time-range WORK inactive",
        "access-group OUT in interface outside",
      ),
    ).to.deep.equal([
      "object WEB :10 used 1",
      "object SPARE :12 used 0 removable",
      "object BARE :15 used 0 empty removable",
      "object-group SERVERS :16 used 1",
      "object-group NOBODY :18 used 0 empty removable",
      "time-range WORK :19 used 1 filled elsewhere",
      "access-list OUT :21 used 1",
      'idle :21 accept inactive [forward] " inactive" to ""',
    ]);
  });

  it("takes an object out with its lines", () => {
    const text = config("object network SPARE", " host 10.0.0.6", "object network WEB", " host 10.0.0.5");
    expect(withoutDefinition(asa, given(text), "SPARE")).to.equal(config("object network WEB", " host 10.0.0.5"));
  });

  it("says what a list would do that nothing binds, unless another command names it", () => {
    expect(
      lines(
        "access-list NO-SMB extended deny tcp any any eq 445",
        "access-list NO-SMB extended permit ip any any",
        "access-list SPLIT extended permit ip 10.0.0.0 255.0.0.0 any",
        "access-list IN extended permit ip any any",
        "access-group IN in interface inside",
        "class-map voice",
        " match access-list SPLIT",
      ),
    ).to.deep.equal([
      "access-list NO-SMB :10 used 0 unbound: drop, accept removable",
      "access-list SPLIT :12 used 1",
      "access-list IN :13 used 1",
    ]);
  });

  it("takes the lists of a text without interfaces and bindings for used", () => {
    const text = "access-list A extended deny tcp any any eq 445 inactive\naccess-list A extended permit ip any any\n";
    expect(inventoryLines(asa, given(text))).to.deep.equal([
      "access-list A :1 used 1",
      'idle :1 drop inactive [forward] " inactive" to ""',
    ]);
    expect(lines("access-list A extended deny tcp any any eq 445 inactive")).to.deep.equal([
      "access-list A :10 used 0 unbound:  removable",
    ]);
  });

  it("says that an entry with a time-range is asked at some times", () => {
    const text = config(
      "access-list OUT extended deny tcp any any eq 445 time-range WORK",
      "access-group OUT in interface outside",
    );
    const source = given(text);
    const [idle] = asa.parse([source], {}).inventory!.idle;
    expect(idle?.why).to.equal("in force only at the times of WORK");
    expect(idle?.sometimes).to.equal(true);
    expect(applyEdits(source, idle!.activation!)).to.equal(text.replace(" time-range WORK", ""));
  });

  it("reads where static translations lead", () => {
    expect(
      lines(
        "object network SERVER",
        " host 10.0.0.5",
        " nat (inside,outside) static 203.0.113.5 service tcp 445 8445",
        "object network PAT",
        " host 10.0.0.6",
        " nat (inside,outside) static interface service udp netbios-ns 1137",
        "object network NET",
        " subnet 10.1.0.0 255.255.255.0",
        " nat (inside,outside) static NET-MAPPED",
        "object network PART",
        " subnet 10.2.0.0 255.255.255.248",
        " nat (inside,outside) static 192.0.2.8",
        "object network NET-MAPPED",
        " subnet 198.51.100.0 255.255.255.0",
        "object network ALL",
        " subnet 0.0.0.0 0.0.0.0",
        " nat (inside,outside) dynamic interface",
        "object service REAL",
        " service tcp source eq 139",
        "object service MAPPED",
        " service tcp source eq 1139",
        "nat (inside,outside) source static SERVER NET-MAPPED service REAL MAPPED",
        "nat (inside,outside) source static SERVER SERVER destination static NET NET",
        "nat (inside,outside) source dynamic ALL interface destination static PAT NET-MAPPED",
        "nat (inside,outside) source static SERVER NET-MAPPED inactive",
      ).filter((line) => line.startsWith("translation")),
    ).to.deep.equal([
      "translation :12 to 10.0.0.5/32 ports 445",
      "translation :15 to 10.0.0.6/32 ports 137",
      "translation :18 to 10.1.0.0/24",
      "translation :21 to 10.2.0.0/29",
      "translation :31 to 10.0.0.5/32 ports 139",
      "translation :33 to 198.51.100.0/24",
    ]);
  });

  it("says nothing of translations to lists that see packets as they arrive", () => {
    const old = ["ASA Version 8.2(5)", "static (inside,outside) tcp 203.0.113.5 8445 10.0.0.5 445", ""].join("\n");
    expect(inventoryLines(asa, given(old))).to.deep.equal([]);
  });

  it("finds what is said to the linter in remarks, descriptions and lines with an exclamation mark", () => {
    expect(
      lines(
        "object-group network SERVERS",
        " description ringwall: ignore[RW4035] for next year",
        " network-object host 10.0.0.5",
        "access-list OUT remark ringwall: ignore[RW4003] the lab until=2027-01-01",
        "access-list OUT remark asked for by nobody",
        "access-list OUT extended permit tcp any object-group SERVERS eq 445",
        "! ringwall: ignore[RW4038] everything else is filtered inside",
        "access-list OUT extended permit ip any any",
        "access-group OUT in interface outside",
      ).filter((line) => line.startsWith("comment")),
    ).to.deep.equal([
      "comment :11 about :10-12: ringwall: ignore[RW4035] for next year",
      "comment :13 about :15: ringwall: ignore[RW4003] the lab until=2027-01-01",
      "comment :16 about :17: ringwall: ignore[RW4038] everything else is filtered inside",
    ]);
  });

  it("never throws, wherever a text is cut", () => {
    const text = config(
      "object network SERVER",
      " host 10.0.0.5",
      " nat (inside,outside) static 203.0.113.5 service tcp 445 8445",
      "time-range WORK",
      "access-list OUT remark ringwall: ignore[RW4003] x",
      "access-list OUT extended permit tcp any object SERVER eq 445 time-range WORK inactive",
      "nat (inside,outside) source static SERVER SERVER destination static SERVER OTHER service A B",
      "access-group OUT in interface outside",
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => touch(asa, given(text.slice(a, b))) >= 0),
    );
  });
});

describe("cutting an entry of an ASA out", () => {
  it("takes its line, and none of what show access-list prints", () => {
    const text = config("access-list A extended deny ip any any", "access-list A extended permit ip any any");
    const cut = (where: string, piece: string): string | undefined => {
      const source = given(where);
      const start = where.indexOf(piece);
      const edits = asa.removalOf!(span(source, start, start + piece.length));
      return edits && applyEdits(source, edits);
    };
    expect(cut(text, "access-list A extended deny ip any any")).to.equal(
      config("access-list A extended permit ip any any"),
    );
    const shown = "access-list A line 1 extended deny ip any any (hitcnt=0) 0x12345678";
    expect(cut(shown, shown)).to.equal(undefined);
    expect(cut(text, "interface GigabitEthernet0/1")).to.equal(undefined);
  });
});

describe("what an ASA takes and does not do", () => {
  const said = (...text: readonly string[]): string[] => problems(asa, given(config(...text)));

  it("is to filter what comes out of a tunnel", () => {
    expect(said("sysopt connection permit-vpn")).to.include("RW6003 sysopt connection permit-vpn");
    expect(said("crypto map m interface outside")).to.include("RW6003 crypto map m interface outside");
    expect(said("crypto map m interface outside", "no sysopt connection permit-vpn")).to.deep.equal([]);
  });

  it("is to know the port of SMB by the name cifs", () => {
    expect(
      said("access-list A extended deny tcp any any eq cifs", "access-group A in interface outside"),
    ).to.deep.equal(["RW6003 cifs"]);
  });

  it("is to ask a list that is bound nowhere, or bound to an interface that is not there", () => {
    expect(said("access-list A extended deny tcp any any eq 445")).to.deep.equal([
      "RW6003 access-list A extended deny tcp any any eq 445",
    ]);
    expect(said("access-list A extended deny tcp any any eq 445", "access-group A in interface outsid")).to.include(
      "RW6005 access-group A in interface outsid",
    );
  });

  it("is to know when a time-range is that nobody defines", () => {
    const entry = "access-list A extended deny tcp any any eq 445 time-range WORK";
    expect(said(entry, "access-group A in interface outside")).to.deep.equal(["RW6005 WORK"]);
  });

  it("is to read a wildcard mask of IOS", () => {
    const entry = "access-list A extended deny tcp 10.0.0.0 0.255.255.255 any eq 445";
    expect(said(entry, "access-group A in interface outside").join()).to.match(/^RW6003 10\.0\.0\.0 0\.255/);
  });
});
