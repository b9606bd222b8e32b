import { expect } from "chai";
import fc from "fast-check";
import { applyEdits, span } from "../../src/vendor-kit/index.js";
import pfsense from "../../vendors/pfsense/index.js";
import { given, inventoryLines, problems, touch, withoutDefinition } from "../support/inventory.js";

const config = (...lines: readonly string[]): string =>
  [
    '<?xml version="1.0"?>',
    "<pfsense>",
    "<version>23.3</version>",
    "<system><ipv6allow/></system>",
    "<interfaces>",
    "<wan><enable/><if>em0</if><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet></wan>",
    "<lan><enable/><if>em1</if><ipaddr>10.0.0.1</ipaddr><subnet>24</subnet></lan>",
    "</interfaces>",
    ...lines,
    "</pfsense>",
    "",
  ].join("\n");
const first = 9;

const lines = (...text: readonly string[]): string[] => inventoryLines(pfsense, given(config(...text), "config.xml"));
const pf = (text: string): string[] => inventoryLines(pfsense, given(text, "pf.conf"));

const smb = (more: string): string =>
  `<rule><type>block</type><interface>wan</interface><ipprotocol>inet46</ipprotocol><protocol>tcp</protocol>${more}<source><any/></source><destination><any/><port>445</port></destination></rule>`;

describe("the inventory of a config.xml", () => {
  it("lists aliases and schedules with their uses, also by rules that are disabled and by other aliases", () => {
    expect(
      lines(
        "<aliases>",
        "<alias><name>used</name><type>host</type><address>10.0.0.5</address><descr>see spare</descr></alias>",
        "<alias><name>outer</name><type>network</type><address>used 10.1.0.0/16</address></alias>",
        "<alias><name>spare</name><type>host</type><address>10.0.0.6</address></alias>",
        "<alias><name>bare</name><type>host</type><address></address></alias>",
        "<alias><name>feed</name><type>urltable</type><url>https://feed.example/list</url></alias>",
        "</aliases>",
        "<schedules><schedule><name>work</name></schedule></schedules>",
        "<filter>",
        "<rule><type>pass</type><disabled/><interface>wan</interface><ipprotocol>inet</ipprotocol><sched>work</sched><source><address>outer</address></source><destination><any/></destination></rule>",
        "</filter>",
      ).filter((line) => !line.startsWith("idle")),
    ).to.deep.equal([
      "alias used :10 used 1",
      "alias outer :11 used 1",
      "alias spare :12 used 0 removable",
      "alias bare :13 used 0 empty removable",
      "alias feed :14 used 0 filled elsewhere removable",
      "schedule work :16 used 1",
    ]);
  });

  it("takes an alias out with its line", () => {
    const alias = "<alias><name>spare</name><type>host</type><address>10.0.0.6</address></alias>";
    expect(withoutDefinition(pfsense, given(config("<aliases>", alias, "</aliases>")), "spare")).to.equal(
      config("<aliases>", "</aliases>"),
    );
  });

  it("lists disabled rules, and rules with a schedule as asked at some times", () => {
    const text = config(
      "<schedules><schedule><name>work</name></schedule></schedules>",
      "<filter>",
      smb("\n<disabled/>\n"),
      smb("<sched>work</sched>"),
      "</filter>",
    );
    expect(inventoryLines(pfsense, given(text)).slice(1)).to.deep.equal([
      'idle :11-13 drop disabled [forward input] "<disabled/>\\n" to ""',
      'idle :14 drop sometimes: in force only while the schedule work is on [forward input] "<sched>work</sched>" to ""',
    ]);
    const source = given(text);
    const [disabled] = pfsense.parse([source], {}).inventory!.idle;
    expect(applyEdits(source, disabled!.activation!)).to.equal(text.replace("<disabled/>\n", ""));
  });

  it("reads where port forwards and 1:1 translations lead, and which ask no filter", () => {
    const forward = (more: string): string =>
      `<rule><interface>wan</interface><protocol>tcp</protocol><source><any/></source><destination><network>wanip</network><port>8445</port></destination><target>10.0.0.5</target><local-port>445</local-port>${more}</rule>`;
    expect(
      lines(
        "<nat>",
        forward("<associated-rule-id>pass</associated-rule-id>"),
        forward("<associated-rule-id>nat_1</associated-rule-id>"),
        forward("<disabled/>"),
        "<onetoone><external>203.0.113.8</external><source><address>10.0.1.0/29</address></source><destination><any/></destination><interface>wan</interface></onetoone>",
        "</nat>",
      ),
    ).to.deep.equal([
      `translation :${first + 1} to 10.0.0.5/32 ports 445 past the filter`,
      `translation :${first + 2} to 10.0.0.5/32 ports 445`,
      `translation :${first + 4} to 10.0.1.0/29`,
    ]);
  });

  it("finds what is said to the linter in descriptions and comments", () => {
    expect(
      lines(
        "<filter>",
        smb("<descr><![CDATA[ringwall: ignore[RW4003] the lab until=2027-01-01]]></descr>"),
        "<!-- ringwall: ignore[RW4039] no log -->",
        smb("<descr>another</descr>"),
        "</filter>",
      ),
    ).to.deep.equal([
      "comment :10 about :10: ringwall: ignore[RW4003] the lab until=2027-01-01",
      "comment :11 about :12: ringwall: ignore[RW4039] no log",
    ]);
  });

  it("never throws, wherever a text is cut", () => {
    const text = config(
      "<aliases><alias><name>a</name><type>host</type><address>a b</address></alias></aliases>",
      "<nat><rule><interface>wan</interface><target>a</target><local-port>445</local-port></rule></nat>",
      "<filter>",
      smb("<disabled/><descr>ringwall: x</descr>"),
      "</filter>",
    );
    fc.assert(fc.property(fc.nat(text.length), (end) => touch(pfsense, given(text.slice(0, end), "config.xml")) >= 0));
  });
});

describe("the inventory of a pf.conf", () => {
  it("lists tables and macros with their uses", () => {
    expect(
      pf(`ext = "em0"
both = "{ em0, $ext }"
spare = "10.0.0.1"
table <used> { 10.0.0.0/8 }
table <bare> const { }
table <run> persist
table <old> {
  10.0.0.1
}
block in on $both from <used> to ! <run>
`),
    ).to.deep.equal([
      "macro ext :1 used 1",
      "macro both :2 used 1",
      "macro spare :3 used 0 removable",
      "table used :4 used 1",
      "table bare :5 used 0 empty removable",
      "table run :6 used 1 filled elsewhere",
      "table old :7 used 0 removable",
    ]);
    expect(withoutDefinition(pfsense, given("table <old> {\n  10.0.0.1\n} # why\npass\n"), "old")).to.equal("pass\n");
  });

  it("reads where rdr, rdr pass, rdr-to and binat lead", () => {
    expect(
      pf(`rdr on em0 inet proto tcp to port 8445 -> 10.0.0.5 port 445
rdr pass on em0 inet proto tcp to port 8139 -> { 10.0.0.6, 10.0.0.7 } port 139
rdr on em0 proto tcp to port 8000 -> <servers>
no rdr on em0 proto tcp to port 1
binat on em0 from 10.0.0.8 to any -> 203.0.113.8
nat on em0 from 10.0.0.0/8 -> (em0)
pass in on em0 proto tcp to port 8446 rdr-to 10.0.0.9 port 446
`).filter((line) => line.startsWith("translation")),
    ).to.deep.equal([
      "translation :1 to 10.0.0.5/32 ports 445",
      "translation :2 to 10.0.0.6/31 ports 139 past the filter",
      "translation :3 to ?",
      "translation :5 to 10.0.0.8/32",
      "translation :7 to 10.0.0.9/32 ports 446",
    ]);
  });

  it("finds what is said to the linter", () => {
    expect(
      pf(`# ringwall: ignore[RW4003] the lab
pass in on em0 proto tcp to port 445
pass out # ringwall: ignore[RW4038] may leave
table <t> { 10.0.0.1 } # ringwall: ignore[RW4035] for later
`).filter((line) => line.startsWith("comment")),
    ).to.deep.equal([
      "comment :1 about :2: ringwall: ignore[RW4003] the lab",
      "comment :3 about :3: ringwall: ignore[RW4038] may leave",
      "comment :4 about :4: ringwall: ignore[RW4035] for later",
    ]);
  });

  it("never throws, wherever a text is cut", () => {
    const text = `a = "{ $b <c> }"
table <t> { 10.0.0.1 } # ringwall: x
rdr pass on em0 proto tcp to port 1 -> { 10.0.0.1, <t> } port 1:*
binat on em0 from 10.0.0.8 to any -> 203.0.113.8
pass in proto tcp to port 2 rdr-to 10.0.0.9 port 446
`;
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(text.length),
        (a, b) => touch(pfsense, given(text.slice(a, b), "pf.conf")) >= 0,
      ),
    );
  });
});

describe("parts of a pfSense", () => {
  it("are sections that stand alone", () => {
    expect(pfsense.partOf!(given("<aliases></aliases>"))).to.equal("aliases");
    expect(pfsense.partOf!(given('<?xml version="1.0"?>\n<filter></filter>'))).to.equal("filter");
    expect(pfsense.partOf!(given(config()))).to.equal("whole");
    expect(pfsense.partOf!(given("pass all"))).to.equal("whole");
  });
});

describe("files that a pf.conf names", () => {
  it("are those of includes, anchors and tables", () => {
    const text =
      'include "/etc/a.conf"\n# include "no"\nload anchor b from "/etc/b"\ntable <c> persist file "/etc/c"\n';
    expect(pfsense.includesOf!(given(text))).to.deep.equal(["/etc/a.conf", "/etc/b", "/etc/c"]);
  });
});

describe("cutting a rule of pf out", () => {
  it("takes its element, or its lines", () => {
    const cut = (text: string, piece: string): string | undefined => {
      const source = given(text);
      const start = text.indexOf(piece);
      const edits = pfsense.removalOf!(span(source, start, start + piece.length));
      return edits && applyEdits(source, edits);
    };
    expect(cut("<filter>\n<rule><type>pass</type></rule>\n</filter>", "<rule><type>pass</type></rule>")).to.equal(
      "<filter>\n</filter>",
    );
    expect(cut("<filter><rule/><rule>b</rule></filter>", "<rule/>")).to.equal("<filter><rule>b</rule></filter>");
    expect(cut("<pfsense><wan>x</wan></pfsense>", "<wan>x</wan>")).to.equal(undefined);
    expect(cut("pass in # why\nblock all\n", "pass in")).to.equal("block all\n");
  });
});

describe("what pfSense does in silence", () => {
  const said = (...text: readonly string[]): string[] =>
    problems(pfsense, given(config(...text))).filter((one) => /^RW600[345]/.test(one));
  const rule = (body: string): string[] => ["<filter>", `<rule>${body}</rule>`, "</filter>"];
  const ends = "<source><any/></source><destination><any/></destination>";

  it("is to leave out a rule with an alias or an interface that is not defined", () => {
    expect(
      said(
        ...rule(
          "<type>block</type><interface>wan</interface><ipprotocol>inet46</ipprotocol><source><address>gone</address></source><destination><any/></destination>",
        ),
      ),
    ).to.include("RW6005 <address>gone</address>");
    expect(
      said(...rule(`<type>block</type><interface>opt7</interface><ipprotocol>inet</ipprotocol>${ends}`)),
    ).to.deep.equal(["RW6005 <interface>opt7</interface>"]);
  });

  it("is to pass where the type is none, and to leave IPv6 alone where nothing is said of it", () => {
    expect(
      said(...rule(`<type>deny</type><interface>wan</interface><ipprotocol>inet46</ipprotocol>${ends}`)),
    ).to.deep.equal(["RW6003 <type>deny</type>"]);
    expect(
      said(...rule(`<type>block</type><interface>wan</interface>${ends}`)).map((one) => one.slice(0, 6)),
    ).to.deep.equal(["RW6003"]);
  });

  it("is to meet everything by an empty alias that is left out", () => {
    expect(
      said(
        "<aliases><alias><name>none</name><type>host</type><address></address></alias></aliases>",
        ...rule(
          "<type>block</type><interface>wan</interface><ipprotocol>inet</ipprotocol><source><not/><address>none</address></source><destination><any/></destination>",
        ),
      ),
    ).to.include("RW6003 <address>none</address>");
  });

  it("is to let fragments past rules with ports where scrubbing is off", () => {
    expect(problems(pfsense, given(config().replace("<ipv6allow/>", "<ipv6allow/><disablescrub/>")))).to.include(
      "RW6003 <disablescrub/>",
    );
  });
});
