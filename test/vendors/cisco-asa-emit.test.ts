import { expect } from "chai";
import { join } from "node:path";
import type { Edge, Emission, Target } from "../../src/vendor-kit/index.js";
import { prove } from "../../src/proof/index.js";
import asa from "../../vendors/cisco-asa/index.js";
import { edgeOf, edgeRule, exception, icmpService, netbios, network, service, smb, targetOf } from "../support/edge.js";
import { expectGolden } from "../support/golden.js";

const fixtures = join(import.meta.dirname, "../../vendors/cisco-asa/fixtures");

const clients = network("branch-clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network("azure-files", "20.60.0.0/16", "52.239.0.0/17", "2603:1020::/40", "2603:1030::/40");
const azureException = exception({ from: clients, to: azure, reason: "CHG-1234", expires: "2027-06-30" });
const blockSmb = edgeRule("block-smb", { log: true, exceptions: [azureException] });
const smbEdge = edgeOf([blockSmb], {
  name: "smb-edge",
  description: "Keep SMB and NetBIOS off the Internet; allow Azure Files.",
  feeds: [{ name: "azure", path: "feeds/tags.json", version: "changeNumber 397", sha256: "a".repeat(64) }],
});
const ends = { after: { inbound: "deny", outbound: "permit" } };

function target(options: Readonly<Record<string, unknown>> = {}, base?: string): Target {
  const plain = targetOf("cisco-asa", { outside: ["outside"], ...options });
  return base === undefined ? plain : { ...plain, files: { base: { path: "running-config.cfg", text: base } } };
}

/** The emission, after every claim of it was proved. */
function emitted(edge: Edge, to: Target): Emission {
  const emission = asa.emit(edge, to);
  expect(emission.claims.length, emission.diagnostics.map((one) => one.message).join("\n")).to.be.greaterThan(0);
  for (const claim of emission.claims) {
    const sources = [...(claim.onto ?? []), ...claim.reads.map((path) => ({ path, text: text(emission, path) }))];
    expect(prove(edge, claim, asa.parse(sources, {}).device)).to.deep.equal([]);
  }
  return emission;
}

function text(emission: Emission, path: string): string {
  return emission.files.find((file) => file.path === path)!.text;
}

function refusal(edge: Edge, to: Target): { code: string; message: string; help: string | undefined } {
  const { files, claims, diagnostics } = asa.emit(edge, to);
  expect(files).to.deep.equal([]);
  expect(claims).to.deep.equal([]);
  const [error] = diagnostics.filter((one) => one.severity === "error");
  return { code: error!.code, message: error!.message, help: error!.help };
}

const device = `: Saved
ASA Version 9.16(4)
hostname edge-fw
names
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 203.0.113.2 255.255.255.0
interface GigabitEthernet0/1
 nameif inside
 security-level 100
 ip address 10.0.0.1 255.255.255.0
interface GigabitEthernet0/2
 nameif dmz
 security-level 50
 ip address 10.9.0.1 255.255.255.0
object network web-server
 host 10.9.0.10
`;

describe("cisco-asa: what is written", () => {
  const golden = (behaviour: string, edge: Edge, to: Target): void => {
    for (const file of emitted(edge, to).files) expectGolden(join(fixtures, behaviour, file.path), file.text);
  };

  it("lets an exception out before the deny, in a list whose end the target states", () => {
    golden("azure-exception", smbEdge, target(ends));
  });

  it("puts its entries before those of the lists that a running-config has bound", () => {
    golden(
      "inside-lists-kept",
      smbEdge,
      target(
        {},
        `${device}access-list outside_in remark -- the web server
access-list outside_in extended permit tcp any object web-server eq https
access-list outside_in extended permit tcp any any eq 445
access-list outside_out extended deny ip any 192.0.2.0 255.255.255.0
access-list outside_out extended permit ip any any
access-group outside_in in interface outside
access-group outside_out out interface outside
`,
      ),
    );
  });

  it("ends a new list as the security-levels decided before", () => {
    golden("by-security-level", smbEdge, target({}, device));
  });

  it("filters packets to the box itself with a control-plane list that ends in nothing", () => {
    golden("control-plane", smbEdge, target({ ...ends, "control-plane": true }));
  });

  it("lets neighbour discovery through where the policy denies by default", () => {
    const web = edgeRule("web", { action: "permit", services: [service("https", 6, 443)], directions: ["inbound"] });
    golden("default-deny", edgeOf([web], { name: "closed", default: "deny" }), target());
  });

  it("replaces its own earlier output on the device, and leaves nothing of it behind", () => {
    const first = emitted(smbEdge, target({}, device));
    const onDevice = device + text(first, "1-define.cfg") + text(first, "2-bind.cfg");
    const narrower = edgeOf(
      [
        edgeRule("block-smb", {
          exceptions: [{ ...azureException, to: network("azure-files", "20.60.0.0/16", "20.62.0.0/16") }],
        }),
      ],
      {
        name: "smb-edge",
      },
    );
    golden("second-generation", narrower, target({}, onDevice));
  });
});

describe("cisco-asa: a second run", () => {
  it("has nothing to define when the device has it all", () => {
    const first = emitted(smbEdge, target({}, device));
    const onDevice = device + text(first, "1-define.cfg") + text(first, "2-bind.cfg");
    const second = emitted(smbEdge, target({}, onDevice));
    expect(text(second, "1-define.cfg")).to.not.match(/^(?:access-list|object-group)/m);
    expect(text(second, "2-bind.cfg")).to.equal(text(first, "2-bind.cfg"));
    expect(text(second, "cleanup.cfg")).to.not.match(/^(?:clear|no)/m);
  });

  it("knows its own lines again when the device shows names for numbers", () => {
    const edge = edgeOf([edgeRule("r", { services: [smb, ...netbios, icmpService("ipv4", 8), service("gre", 47)] })]);
    const first = emitted(edge, target({}, device));
    const shown = text(first, "1-define.cfg")
      .replaceAll("range 137 138", "range netbios-ns netbios-dgm")
      .replaceAll("eq 139", "eq netbios-ssn")
      .replaceAll("any4 8", "any4 echo")
      .replaceAll("deny 47", "deny gre");
    const second = emitted(edge, target({}, device + shown + text(first, "2-bind.cfg")));
    expect(text(second, "1-define.cfg")).to.not.match(/^(?:access-list|object-group)/m);
  });

  it("takes another name when somebody changed the list of that name", () => {
    const first = emitted(smbEdge, target({}, device));
    const [name] = /RW-smb-edge-outside-in-[0-9a-f]{10}/.exec(text(first, "2-bind.cfg"))!;
    const define = text(first, "1-define.cfg").replace(
      `access-list ${name} extended deny tcp any any eq 139 log\n`,
      "",
    );
    const second = emitted(smbEdge, target({}, device + define + text(first, "2-bind.cfg")));
    expect(text(second, "2-bind.cfg"))
      .to.match(/RW-smb-edge-outside-in-/)
      .and.not.include(name);
    expect(text(second, "cleanup.cfg")).to.include(`clear configure access-list ${name}`);
  });

  it("gives back what was there when the policy has no rules for a direction any more", () => {
    const web = `${device}access-list outside_in extended permit tcp any object web-server eq https
access-group outside_in in interface outside
`;
    const first = emitted(smbEdge, target({}, web));
    const onDevice = web + text(first, "1-define.cfg") + text(first, "2-bind.cfg");
    const second = emitted(edgeOf([], { name: "smb-edge" }), target({}, onDevice));
    const [out] = /RW-smb-edge-outside-out-[0-9a-f]{10}/.exec(text(first, "2-bind.cfg"))!;
    expect(text(second, "2-bind.cfg")).to.include(`no access-group ${out} out interface outside`);
    expect(
      text(second, "1-define.cfg")
        .match(/^access-list .*$/gm)!
        .map((line) => line.replace(/\S+ \S+ /, "")),
    ).to.deep.equal(["extended permit tcp any object web-server eq https"]);
    expect(text(second, "rollback.cfg")).to.include(`access-group ${out} out interface outside`);
  });

  it("leaves the entries of another policy where they are", () => {
    const other = edgeOf([edgeRule("no-telnet", { services: [service("telnet", 6, 23)] })], { name: "other" });
    const first = emitted(other, target({}, device));
    const onDevice = device + text(first, "1-define.cfg") + text(first, "2-bind.cfg");
    const second = emitted(smbEdge, target({}, onDevice));
    expect(text(second, "1-define.cfg")).to.include("remark rule no-telnet: deny");
  });
});

describe("cisco-asa: the end of a list", () => {
  it("is not guessed: inbound", () => {
    const { code, message, help } = refusal(smbEdge, target({ after: { outbound: "permit" } }));
    expect(code).to.equal("RW3006");
    expect(message).to.match(/inbound list has no end/);
    expect(help).to.match(/after: \{ inbound: deny \}.*base/);
  });

  it("is not guessed: outbound", () => {
    expect(refusal(smbEdge, target({ after: { inbound: "deny" } }))).to.include({ code: "RW3006" });
  });

  it("never opens the outside because the policy permits by default", () => {
    const open = { ...smbEdge, default: "permit" } as const;
    expect(refusal(open, target()).help).to.include("after: { inbound: permit }");
    const asked = emitted(open, target({ after: { inbound: "permit" } }));
    expect(asked.diagnostics.map((one) => one.message).join("\n")).to.include("every port that no rule denies is open");
  });

  it("is said twice, and differently", () => {
    const open = { ...smbEdge, default: "permit" } as const;
    expect(refusal(open, target({ after: { inbound: "deny" } })).message).to.include("two things");
  });

  it("cannot follow security-levels that permit one way and deny another", () => {
    const { code, message } = refusal(smbEdge, target({ outside: ["dmz"] }, device));
    expect(code).to.equal("RW3008");
    expect(message).to.include("permits packets to outside").and.to.include("denies those to inside");
  });

  it("goes on to the global list, and says so by saying nothing", () => {
    const global = `${device}access-list everywhere extended permit tcp any any eq 445
access-list everywhere extended permit tcp any any eq 443
access-group everywhere global
`;
    const define = text(emitted(smbEdge, target({}, global)), "1-define.cfg");
    expect(define).to.include("the global list goes on behind them");
    expect(define).to.not.match(/-in-[0-9a-f]{10} extended (?:permit|deny) ip any any/);
  });
});

describe("cisco-asa: a base that cannot be built upon", () => {
  const bound = "access-group outside_in in interface outside\n";
  const cases: readonly [what: string, base: string, message: RegExp][] = [
    [
      "an entry that is not understood",
      `${device}access-list outside_in extended permit tcp any any frobnicate\n${bound}`,
      /cannot be carried over: "frobnicate"/,
    ],
    [
      "a group with a line that is not understood",
      `${device}object-group network G\n network-object host 10.0.0.300\naccess-list outside_in extended permit ip object-group G any\n${bound}`,
      /cannot be carried over/,
    ],
    [
      "a group that is not there",
      `${device}access-list outside_in extended permit ip object-group G any\n${bound}`,
      /"G" is not defined/,
    ],
    ["a list that is not there", `${device}${bound}`, /bound and its entries are not in the base/],
    [
      "lists of users that override ours",
      `${device}access-list outside_in extended permit ip any any\naccess-group outside_in in interface outside per-user-override\n`,
      /per-user-override/,
    ],
    ["connections that are let in beside the lists", `${device}established tcp 4000 0\n`, /established/],
    ["an old version", device.replace("9.16(4)", "8.4(7)"), /version 8.4/],
    [
      "a slip in a command that filters",
      `${device}acess-list outside_in extended permit ip any any\n`,
      /is no command/,
    ],
    ["no interfaces at all", "hostname edge-fw\n", /no interface with a nameif/],
    [
      "a block of ours whose end was deleted",
      `${device}access-list outside_in remark ==== ringwall smb-edge: begin ====\naccess-list outside_in extended permit ip any any\n${bound}`,
      /remark that ends our entries/,
    ],
  ];
  for (const [what, base, message] of cases) {
    it(`is refused: ${what}`, () => {
      const error = refusal(smbEdge, target(ends, base));
      expect(error.code).to.equal("RW3008");
      expect(error.message).to.match(message);
    });
  }

  it("is refused: another interface than the target names", () => {
    expect(refusal(smbEdge, target({ outside: ["outsid"] }, device)).message).to.include('did you mean "outside"');
  });
});

describe("cisco-asa: text of the policy in the output", () => {
  it("cannot leave its remark, call for help, or begin a comment", () => {
    const nasty = edgeOf(
      [
        edgeRule("a\naccess-list x permit ip any any\r\n? ! | ünï", {
          exceptions: [exception({ to: azure, reason: "why?\naccess-group x in interface outside" })],
        }),
      ],
      { name: 'p"?\n! end', description: "line\nconf t\u2028no access-list" },
    );
    for (const { text: all } of emitted(nasty, target(ends)).files) {
      expect(all)
        .to.match(/^[\x20-\x7e\n]*$/)
        .and.not.include("?");
      for (const line of all.split("\n")) {
        expect(line).to.match(
          /^(?:!.*|access-list RW-\S+ .*|access-group RW-\S+ .*|object-group network RW-\S+| network-object .*|)$/,
        );
        if (!line.startsWith("!")) expect(line).to.not.include("!");
        expect((/ remark (.*)/.exec(line)?.[1] ?? "").length).to.be.at.most(100);
      }
    }
  });

  it("keeps names within 64 characters, and lists apart whose policy's name is long", () => {
    const long = edgeOf([edgeRule("block", { to: network("n".repeat(90), "192.0.2.0/25", "198.51.100.0/24") })], {
      name: "p".repeat(90),
    });
    const names = text(emitted(long, target(ends)), "1-define.cfg").match(/RW-[A-Za-z0-9_-]+/g)!;
    expect(Math.max(...names.map((name) => name.length))).to.equal(64);
    expect(new Set(names.filter((name) => name.startsWith("RW-p"))).size).to.equal(2);
  });
});

describe("cisco-asa: entries", () => {
  const linesOf = (edge: Edge, options: Readonly<Record<string, unknown>> = ends): string[] =>
    text(emitted(edge, target(options)), "1-define.cfg")
      .split("\n")
      .flatMap((line) => /-out-[0-9a-f]{10} extended (.*)/.exec(line)?.[1] ?? []);
  const outbound = (rest: Parameters<typeof edgeRule>[1]): Edge =>
    edgeOf([edgeRule("r", { directions: ["outbound"], ...rest })]);

  it("speak of both families at once only where both ends are open", () => {
    expect(linesOf(outbound({ services: [smb] }))[0]).to.equal("deny tcp any any eq 445");
    expect(linesOf(outbound({ services: [smb], families: ["ipv4"] }))[0]).to.equal("deny tcp any4 any4 eq 445");
    expect(linesOf(outbound({ services: [smb], from: clients })).slice(0, 2)).to.deep.equal([
      "deny tcp 10.20.0.0 255.255.0.0 any4 eq 445",
      "deny tcp 2001:db8:20::/48 any6 eq 445",
    ]);
  });

  it("name hosts, ranges of ports, sources, ICMP types and codes, and protocols by number", () => {
    expect(
      linesOf(
        outbound({
          to: network("one", "192.0.2.1"),
          services: [
            { ...service("x", 6, [1, 5], 9), sourcePorts: [{ first: 1024, last: 65535 }] },
            icmpService("ipv4", 3, 4),
            icmpService("ipv4", 8),
            service("gre", 47),
            service("all", "any"),
          ],
        }),
      ).slice(0, 6),
    ).to.deep.equal([
      "deny tcp any4 range 1024 65535 host 192.0.2.1 range 1 5",
      "deny tcp any4 range 1024 65535 host 192.0.2.1 eq 9",
      "deny icmp any4 host 192.0.2.1 3 4",
      "deny icmp any4 host 192.0.2.1 8",
      "deny 47 any4 host 192.0.2.1",
      "deny ip any4 host 192.0.2.1",
    ]);
  });

  it("log as the target says", () => {
    const logged = outbound({ services: [smb], log: true });
    expect(linesOf(logged)[0]).to.equal("deny tcp any any eq 445 log");
    expect(linesOf(logged, { ...ends, log: { level: "warnings", interval: 60 } })[0]).to.equal(
      "deny tcp any any eq 445 log warnings interval 60",
    );
  });

  it("drop what the policy rejects, which is said", () => {
    const { diagnostics } = emitted(outbound({ action: "reject" }), target(ends));
    expect(diagnostics.some((one) => one.code === "RW3007" && one.message.includes("reject becomes deny"))).to.equal(
      true,
    );
  });

  it("cannot hold ports of UDP-Lite, nor protocol 0", () => {
    expect(refusal(outbound({ services: [service("x", 136, 445)] }), target(ends)).code).to.equal("RW3001");
    expect(refusal(outbound({ services: [service("hopopt", 0)] }), target(ends)).message).to.include("protocol 0");
  });

  it("decide an excepted packet as the rules behind would, and no other packet", () => {
    const edge = edgeOf([
      edgeRule("no-smb", { directions: ["outbound"], services: [smb], exceptions: [exception({ to: azure })] }),
      edgeRule("not-from-guests", {
        directions: ["outbound"],
        from: network("guests", "10.66.0.0/16"),
        services: [service("all", "any")],
      }),
    ]);
    expect(linesOf(edge)).to.deep.equal([
      "deny tcp 10.66.0.0 255.255.0.0 object-group RW-azure-files-v4-9075ab1b4d eq 445",
      "permit tcp any4 object-group RW-azure-files-v4-9075ab1b4d eq 445",
      "permit tcp any6 object-group RW-azure-files-v6-c0c2ea0460 eq 445",
      "deny tcp any any eq 445",
      "deny ip 10.66.0.0 255.255.0.0 any4",
      "permit ip any any",
    ]);
  });

  it("are counted as the device expands them, and warned of when they are many", () => {
    const many = network("many", ...Array.from({ length: 100 }, (_, i) => `10.${i}.0.0/24`));
    const product = outbound({ from: many, to: { ...many, id: "many-too" }, services: [smb] });
    const { files, diagnostics } = emitted(product, target(ends));
    expect(files[0]!.text).to.include(": 10001 elements");
    expect(diagnostics.find((one) => one.code === "RW3004")?.message).to.include("10001 entries");
    expect(
      emitted(product, target({ ...ends, "warn-entries": 20000 })).diagnostics.some((one) => one.code === "RW3004"),
    ).to.equal(false);
  });

  it("are not written for a version that has another meaning of any", () => {
    expect(refusal(smbEdge, target({ ...ends, version: "8.4" })).code).to.equal("RW3005");
  });
});
