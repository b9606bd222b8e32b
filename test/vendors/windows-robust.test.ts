import { expect } from "chai";
import fc from "fast-check";
import type { Source } from "../../src/vendor-kit/index.js";
import { parsePrefix, prefixSet, unionAddresses } from "../../src/vendor-kit/index.js";
import windows from "../../vendors/windows-defender/index.js";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PacketSpace, decidePath, firstPackets, interfacePatterns } from "../../src/packet-set/index.js";
import { edgeOf, edgeRule, exception, network, service, smb, targetOf } from "../support/edge.js";
import { runs } from "../support/runs.js";

const fixtures = join(import.meta.dirname, "../../vendors/windows-defender/fixtures");

/** Texts of every form, ours and those of the fixtures. */
const texts: readonly Source[] = [
  ...readdirSync(fixtures, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:txt|ps1|reg|json|cmd)$/.test(path) && !path.endsWith("understood.txt"))
    .map((path) => ({ path, text: readFileSync(join(fixtures, path), "utf8").slice(0, 8000) })),
  ...windows
    .emit(edgeOf([edgeRule("x", { exceptions: [exception({ to: network("a", "10.0.0.0/8", "2001:db8::/32") })] })]), {
      ...targetOf("windows-defender", { write: ["powershell", "registry", "intune"] }),
    })
    .files.map(({ path, text }) => ({ path, text })),
];

describe("Windows Defender: texts that nobody wrote", () => {
  it("falls over no cut, scrambled or mixed text, and its places lie within it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.nat(60),
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.constantFrom("{", "}", "(", ")", "'", '"', "@(", "@{", "|", "\0", "`\n", "<#"),
        ),
        ({ path, text }, at, length, put) => {
          const start = at % (text.length + 1);
          for (const mutant of [
            text.slice(0, start),
            text.slice(start),
            text.slice(0, start) + put + text.slice(start + length),
          ]) {
            const source = { path, text: mutant };
            windows.detect(source);
            const { device, diagnostics } = windows.parse([source], {});
            const spans = [
              ...diagnostics.map((one) => one.primary),
              ...device.paths.flatMap(({ filters }) =>
                filters.flatMap(({ chains }) =>
                  [...chains.values()].flatMap(({ rules }) => rules.map((rule) => rule.origin.span)),
                ),
              ),
            ];
            for (const span of spans) {
              if (span === undefined) continue;
              expect(span.start).to.be.within(0, span.end);
              expect(span.end).to.be.at.most(span.source.text.length);
            }
          }
        },
      ),
      runs(150),
    );
  });

  it("is done soon with texts that are made to be slow", () => {
    const many = 40_000;
    const slow = [
      "(".repeat(many),
      "{".repeat(many),
      "@(".repeat(many),
      "@{a=".repeat(many),
      '"$('.repeat(many),
      "$a = @()\n" + "$a += 'x'\n".repeat(many),
      "$a = @()\n" + "$a += 'x'\n$b = $a\n".repeat(5000),
      "New-NetFirewallRule -DisplayName x -Action Allow\n".repeat(2000) +
        "Set-NetFirewallRule -DisplayName y* -Enabled False\n".repeat(2000),
      "New-NetFirewallRule " + "-DisplayName x ".repeat(many),
      "New-NetFirewallRule -DisplayName " + "x,".repeat(many),
      "New-NetFirewallRule " + " ".repeat(many) + "`\n".repeat(many),
      "netsh advfirewall firewall add rule name=x " + " ".repeat(many) + "^\n".repeat(many),
      "Rule Name:                            x\n" + "-".repeat(70) + "\n" + "a: b\n".repeat(many),
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules\n" +
        `x${" ".repeat(many)}y\n`,
      "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n" +
        '"a"=hex(1):00,\\\n'.repeat(many),
      "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n" +
        `"a"="v2.10|Action=Block|${"RA4=1.2.3.4|".repeat(many)}"`,
      '[{"DisplayName":"x","Direction":1,"EdgeTraversalPolicy":0,"a":' + "[".repeat(many),
      "\u5250\u6765\u0001\u0000" + "[a\0;b\0;".repeat(many),
    ];
    for (const text of slow) expect(windows.parse([{ path: "slow", text }], {}).device.paths).to.have.length(2);
  }).timeout(20_000);

  it("understands no less of a rule than its packets: whatever is not understood is unknown", () => {
    // Each word of a statement in turn is one that nobody knows.
    const statements = [
      "New-NetFirewallRule -DisplayName x -Direction Outbound -Action Block -Protocol TCP -RemotePort 445 -RemoteAddress 10.0.0.0/8 -Profile Public -Enabled True",
      "netsh advfirewall firewall add rule name=x dir=out action=block protocol=tcp remoteport=445 remoteip=10.0.0.0/8 profile=public enable=yes",
    ];
    for (const statement of statements) {
      const words = statement.split(" ");
      for (const [i, word] of words.entries()) {
        if (i === 0 || /advfirewall|^firewall$|^add$|^rule$|name=|^x$|DisplayName/.test(word)) continue;
        const mutant = words.map((one, j) =>
          i === j
            ? one.includes("=")
              ? one.replace(/=.*/, "=tomorrow")
              : one.startsWith("-")
                ? "-Tomorrow"
                : "tomorrow"
            : one,
        );
        const { device, diagnostics } = windows.parse([{ path: "x", text: mutant.join(" ") }], {});
        expect(
          diagnostics.map((one) => one.code),
          mutant.join(" "),
        ).to.include("RW6001");
        const space = new PacketSpace({ interfaces: interfacePatterns(device) });
        const unknown = device.paths.map((path) => space.and(decidePath(space, path).unknown, firstPackets(space)));
        expect(
          unknown.some((set) => set !== space.none),
          mutant.join(" "),
        ).to.equal(true);
      }
    }
  });
});

describe("Windows Defender: quoting", () => {
  const wicked = [
    "x'; Remove-NetFirewallRule -All; '",
    "x\u2019; Remove-NetFirewallRule -All; \u2018",
    "x\u201d; Remove-NetFirewallRule -All; \u201c $(whoami) `$x",
    "x\n}\n#endregion data\nRemove-NetFirewallRule\n",
    'x\r\n"evil"="v2.10|Action=Allow|Active=TRUE|Dir=In|"',
    "x|Action=Allow|Active=TRUE|Dir=In|RA4=0.0.0.0-255.255.255.255|",
    'x" , "action": "allowed", "y": "',
    "x\0;\u0001\0;\u0004\0;]",
    "\ud800 lone \udc00 \ufeff \u202e reversed \u2028 line \u2029 paragraph \u0085 next",
    "@FirewallAPI.dll,-28502",
    "[a-z]* ? `",
    "日本語の名前",
  ];

  it("lets no text of a policy change a rule in any form", () => {
    const addresses = [...["10.0.0.0/8", "2001:db8::/32"]].map((text) => {
      const read = parsePrefix(text);
      if (!read.ok) throw new Error(text);
      return prefixSet(read.value);
    });
    for (const text of wicked) {
      const edge = edgeOf(
        [
          edgeRule(text, {
            description: text,
            services: [smb, service(text, 17, 137)],
            to: { label: text, id: "a", addresses: unionAddresses(...addresses) },
            exceptions: [exception({ reason: text, to: network("b", "10.1.0.0/16") })],
          }),
        ],
        { name: text, description: text },
      );
      const plain = edgeOf([{ ...edge.rules[0]!, name: "plain", description: "plain" }], { name: "plain" });
      const options = { write: ["powershell", "registry", "intune"] };
      const [one, other] = [edge, plain].map((of) => windows.emit(of, targetOf("windows-defender", options)));
      for (const [i, { path, text: written }] of one!.files.entries()) {
        const matches = [written, other!.files[i]!.text].map((text) => {
          const { device, diagnostics } = windows.parse([{ path, text }], {});
          expect(diagnostics, path).to.deep.equal([]);
          return device.paths.map(({ filters }) =>
            filters.map(({ chains }) =>
              [...chains.values()].map(({ rules }) => rules.map(({ match, verdict }) => ({ match, verdict }))),
            ),
          );
        });
        expect(matches[0], `${path} with ${JSON.stringify(text)}`).to.deep.equal(matches[1]);
      }
    }
  });
});
