import { expect } from "chai";
import fc from "fast-check";
import pfsense from "../../vendors/pfsense/index.js";
import { edgeOf, edgeRule, exception, network } from "../support/edge.js";
import { aliasOf, configOf, emitted, ruleOf, textOf } from "../support/pfsense.js";
import { runs } from "../support/runs.js";

const config = configOf(
  `<nat><rule><source><any/></source><destination><network>wanip</network><port>80</port></destination><protocol>tcp</protocol><target>10.20.0.5</target><local-port>8080</local-port><interface>wan</interface></rule></nat>
  <filter>${ruleOf({ floating: "yes", direction: "any" })}${ruleOf({ type: "pass", source: "<address>partners</address><not/>" })}</filter>
  <aliases>${aliasOf("partners", "198.51.100.0/24 2001:db8::/32 host.example.com more")}${aliasOf("more", "10.0.0.1-10.0.0.9")}</aliases>`,
);

const pf = `ext = "em0"
tcp = "{ ssh, smtp }"
table <bad> const { 10/8, !10.1.0.0/16 } file "/etc/bad"
set skip on lo0
rdr pass on $ext proto tcp from any to any port 21 -> 127.0.0.1 port 8021
antispoof quick for { $ext lo0 }
block in log quick on $ext from <bad> to any
pass in on $ext inet proto tcp from any to ($ext) port $tcp flags S/SA keep state \\
  (max-src-conn 10, overload <bad> flush global)
anchor "inner" in on $ext {
  pass in proto udp to port 100 >< 200
}
`;

function reads(text: string): void {
  const source = { path: "x", text };
  const { device } = pfsense.parse([source], {});
  expect(device.paths.map((path) => path.hook)).to.deep.equal(["forward", "input", "output"]);
  pfsense.detect(source);
}

/** A rule or an alias taken out or doubled, or something put between two elements. */
function changed(text: string, index: number, way: string): string {
  const elements = [...text.matchAll(/<(rule|alias)>[^]*?<\/\1>\s*/g)];
  const gaps = [...text.matchAll(/>\s*(?=<)/g)];
  const element = elements[index % Math.max(1, elements.length)];
  const gap = gaps[index % gaps.length]!;
  if (way !== "take out" && way !== "double") {
    const at = gap.index + gap[0].length;
    return text.slice(0, at) + way + text.slice(at);
  }
  if (element === undefined) return text;
  const instead = way === "double" ? element[0] + element[0] : "";
  return text.slice(0, element.index) + instead + text.slice(element.index + element[0].length);
}

describe("pfSense and pf: texts that nobody wrote on purpose", () => {
  for (const [title, text] of [
    ["config.xml", config],
    ["pf.conf", pf],
  ] as const) {
    it(`a ${title} that ends anywhere is read without a throw`, () => {
      for (let length = 0; length < text.length; length += 13) reads(text.slice(0, length));
    });

    it(`a ${title} with pieces exchanged is read without a throw`, () => {
      const place = fc.nat(text.length);
      const change = fc.tuple(
        place,
        fc.nat(20),
        fc.oneof(
          fc.string({ maxLength: 5 }),
          place.map((at) => text.slice(at, at + 30)),
        ),
      );
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
          reads(
            changes.reduce((now, [at, length, instead]) => now.slice(0, at) + instead + now.slice(at + length), text),
          );
        }),
        runs(200),
      );
    });
  }

  it("a base with elements taken out, doubled and put in gives the same again from its own output", () => {
    const edge = edgeOf([edgeRule("block-smb", { exceptions: [exception({ to: network("azure", "20.60.0.0/16") })] })]);
    const whole = textOf(emitted(edge, {}, config), "config.xml");
    const change = fc.tuple(
      fc.nat(200),
      fc.constantFrom(
        "take out",
        "double",
        "<!-- x -->",
        "<rule></rule>",
        "\r\n\t",
        "<alias><name>RW_x</name></alias>",
      ),
    );
    let written = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const base = changes.reduce((now, [index, way]) => changed(now, index, way), whole);
        const emission = emitted(edge, {}, base);
        if (emission.files.length === 0) return;
        written++;
        const once = textOf(emission, "config.xml");
        expect(textOf(emitted(edge, {}, once), "config.xml")).to.equal(once);
      }),
      runs(60),
    );
    expect(written).to.be.greaterThan(20);
  });

  it("any text at all is read without a throw", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom("", "<", "<pfsense>", "pass "),
        (text, head) => {
          reads(head + text);
        },
      ),
      runs(200),
    );
  });

  it("nesting, repetition and macros of macros cost no more than their length", () => {
    const doubled = Array.from({ length: 60 }, (_, i) => `m${i + 1} = "$m${i} $m${i}"`).join("\n");
    const nested = Array.from({ length: 3000 }, (_, i) => aliasOf(`a${i}`, `a${i + 1} 10.0.0.1`)).join("");
    for (const text of [
      `<pfsense>${"<a>".repeat(20_000)}`,
      `<pfsense>${"<a>".repeat(20_000)}${"</b>".repeat(20_000)}`,
      "<".repeat(20_000),
      `<pfsense ${"a='".repeat(20_000)}`,
      "<!--".repeat(20_000),
      `<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><pfsense>${"&b;".repeat(1000)}</pfsense>`,
      configOf(`<aliases>${nested}</aliases><filter>${ruleOf({ source: "<address>a0</address>" })}</filter>`),
      `m0 = "em0"\n${doubled}\nblock in on { $m60 }\n`,
      'a = "$a"\npass in on $a\n',
      `pass from ${"{".repeat(20_000)}`,
      "anchor a {\n".repeat(2_000),
      "pass in tag A\nblock out tagged A\n".repeat(1_000),
      "block in on egress\npass on em1\n".repeat(1_000),
    ])
      reads(text);
  }).timeout(20_000);
});
