import { expect } from "chai";
import { codes } from "../../src/diagnostics/index.js";
import { allRules, rules } from "../../src/lint/index.js";
import type { LintTextOptions } from "./lint-text.js";
import { briefly, lintText, storageExcepted } from "./lint-text.js";

type Wrap = (piece: string) => { readonly texts: Readonly<Record<string, string>>; readonly options?: LintTextOptions };

const closed = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT DROP [0:0]", "COMMIT", ""].join("\n");

/** Lines of a save file, among rules that stop everything else. */
const lines =
  (options: LintTextOptions = {}): Wrap =>
  (piece) => ({
    texts: { "rules.v4": closed.replace("COMMIT", `${piece}\nCOMMIT`), "rules.v6": closed },
    options: { outside: ["wan0"], inside: ["lan0"], ...options },
  });

/** Lines of a device with an inside and an outside interface. */
const device =
  (...more: readonly string[]): Wrap =>
  (piece) => ({
    texts: {
      "asa.cfg": [
        "interface GigabitEthernet0/0",
        " nameif outside",
        " security-level 0",
        " ip address 192.0.2.1 255.255.255.0",
        " ipv6 enable",
        "interface GigabitEthernet0/1",
        " nameif inside",
        " security-level 100",
        " ip address 10.0.0.1 255.255.255.0",
        " ipv6 enable",
        piece,
        ...more,
        "",
      ].join("\n"),
    },
  });

const chain: Wrap = (piece) => {
  const [set, rule] = piece.startsWith("set ") ? piece.split("\n") : ["", piece];
  return {
    texts: {
      "fw.nft": [
        "table ip f {",
        set!,
        "chain forward { type filter hook forward priority 0; policy drop;",
        rule ?? "oifname wan0 ip daddr @cloud4 tcp dport 445 accept",
        "}",
        "}",
        "",
      ].join("\n"),
    },
    options: { outside: ["wan0"], inside: ["lan0"], hooks: ["forward"], families: ["ipv4"], policy: oneRange },
  };
};

const oneRange = storageExcepted.replace("[20.60.26.0/24, 20.60.130.0/24]", "[20.60.26.0/24]");
const exempted = lines({ policy: oneRange });

/** How the example of each rule becomes a whole configuration. */
const wraps: Readonly<Record<string, Wrap>> = {
  RW4001: (piece) => lines()(piece),
  RW4002: (piece) => exempted(piece.replace("-m set --match-set storage-westeurope dst", "-d 20.60.26.0/24")),
  RW4004: (piece) =>
    device("access-group OUT in interface outside")(piece.replaceAll("permit ip any any", "permit tcp any any")),
  RW4006: (piece) =>
    device()(`access-list OUT extended permit tcp any any eq 445\naccess-group OUT in interface outside\n${piece}`),
  RW4007: (piece) => lines()(piece),
  RW4008: device("access-list OUT extended permit tcp any any", "access-group OUT in interface outside"),
  RW4010: (piece) => ({ texts: { "fw.nft": piece }, options: { hooks: ["input", "forward"] } }),
  RW4012: (piece) => ({ texts: { "rules.v4": piece } }),
  RW4013: (piece) => ({
    texts: { "rules.v4": piece },
    options: { families: ["ipv4"], hooks: ["forward"], outside: ["wan0"], inside: ["lan0"] },
  }),
  RW4030: device("access-group IN in interface inside"),
  RW4031: lines(),
  RW4032: device("access-group IN in interface inside"),
  RW4033: device("access-group IN in interface inside"),
  RW4034: lines(),
  RW4035: device(),
  RW4036: chain,
  RW4037: lines(),
  RW4038: device(),
  RW4039: lines({
    policy: "version: 1\nname: t\nrules:\n  - { name: smb, deny: tcp/445, direction: outbound, log: true }\n",
    hooks: ["forward"],
    families: ["ipv4"],
  }),
  RW4022: (piece) => {
    const wrapped = chain(piece);
    return { ...wrapped, options: { ...wrapped.options!, policy: storageExcepted } };
  },
  RW4021: (piece) => {
    const wrapped = chain(piece);
    return {
      ...wrapped,
      options: {
        ...wrapped.options!,
        feeds: { published: { ipv4: [{ first: 0x14000000, last: 0x14ffffff }], ipv6: [] }, clouds: [] },
      },
    };
  },
  RW6003: (piece) => ({
    texts: {
      "config.xml": `<?xml version="1.0"?>\n<pfsense><version>21.7</version><interfaces><wan><enable/><if>em0</if></wan></interfaces><filter>${piece.replace("<rule>", "<rule><interface>wan</interface><protocol>tcp</protocol><destination><any/><port>445</port></destination>")}</filter></pfsense>\n`,
    },
  }),
  RW6004: (piece) => ({
    texts: { "fw.nft": `table inet filter {\n set cloud4 { type ipv4_addr; flags interval; }\n}\n${piece}\n` },
  }),
  RW6005: (piece) => device("access-group OUT in interface outside")(piece),
};

const off = new Map([
  ["RW4032", "note"],
  ["RW4033", "note"],
] as const);

describe("the example on a rule's page", () => {
  for (const rule of rules) {
    const wrap = wraps[rule.code];
    if (wrap === undefined) continue;
    it(`of ${rule.code} is found by it, and what stands there to use instead is not`, async () => {
      const lint = async (piece: string): Promise<string[]> => {
        const { texts, options } = wrap(piece);
        return briefly(await lintText(texts, { severities: off, ...options }), rule.code);
      };
      expect(await lint(rule.docs.example), "example").to.not.deep.equal([]);
      if (rule.code !== "RW4032" && rule.code !== "RW4033") {
        expect(await lint(rule.docs.instead), "instead").to.deep.equal([]);
      }
    });
  }
});

describe("the rules", () => {
  it("have a code, a name and a severity of the catalogue, and no code twice", () => {
    expect(new Set(allRules.map((rule) => rule.code)).size).to.equal(allRules.length);
    for (const { code, severity } of allRules) {
      if (severity !== "off" && code.startsWith("RW4")) expect(codes[code].severity, code).to.equal(severity);
    }
  });

  it("have every code of the linter", () => {
    const wanted = Object.keys(codes).filter((code) => code.startsWith("RW4"));
    expect(allRules.map((rule) => rule.code)).to.include.members(wanted);
  });
});
