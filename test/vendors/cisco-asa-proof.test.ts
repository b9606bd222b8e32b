import { expect } from "chai";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "../../src/ir/index.js";
import { PacketSpace, decidePath, interfacePatterns } from "../../src/packet-set/index.js";
import type { PacketSet } from "../../src/packet-set/index.js";
import { prove } from "../../src/proof/index.js";
import type { Claim, Edge, Emission, Source, Target } from "../../src/vendor-kit/index.js";
import { hasErrors } from "../../src/vendor-kit/index.js";
import asa from "../../vendors/cisco-asa/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, network, service, targetOf } from "../support/edge.js";
import { describeShared } from "../support/shared.js";
import { runs } from "../support/runs.js";

const interfaces = `ASA Version 9.16(1)
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 203.0.113.2 255.255.255.0
interface GigabitEthernet0/1
 nameif inside
 security-level 100
interface GigabitEthernet0/2
 nameif dmz
 security-level 50
interface GigabitEthernet0/3
 nameif guests
 security-level 50
`;

/** Running-configs of several kinds, and none. */
const bases: Readonly<Record<string, string | undefined>> = {
  "no base": undefined,
  "an interface without lists": interfaces,
  "lists in and out, objects, a time, an inactive entry": `${interfaces}time-range office-hours
 periodic weekdays 8:00 to 17:00
object network web
 host 10.0.0.5
object-group network partners
 network-object 20.0.0.0 255.0.0.0
 network-object 2001:db8::/32
access-list IN extended permit tcp any object web eq www
access-list IN extended permit tcp object-group partners any eq 8445 time-range office-hours
access-list IN extended permit icmp any any echo
access-list IN extended permit udp any any inactive
access-list OUT extended deny ip 10.0.0.0 255.0.0.0 host 1.1.1.1
access-list OUT extended permit ip any4 any4
access-list OUT extended permit tcp any6 any6
access-list DMZ extended deny tcp any any eq 139
access-list DMZ extended permit ip any any
access-group IN in interface outside
access-group OUT out interface outside
access-group DMZ out interface dmz
`,
  "a global list": `${interfaces}access-list ALL extended permit tcp any any eq 445
access-list ALL extended deny tcp any any eq 22
access-list ALL extended permit ip any any
access-group ALL global
same-security-traffic permit inter-interface
`,
  "a control-plane list": `${interfaces}access-list BOX extended permit tcp any any eq 445
access-group BOX in interface outside control-plane
`,
};

function targetOn(base: string | undefined, edge: Edge, options: Readonly<Record<string, unknown>> = {}): Target {
  const after =
    edge.default === "continue"
      ? { inbound: "deny", outbound: "permit" }
      : edge.default === "permit"
        ? { inbound: "permit" }
        : {};
  const target = targetOf("cisco-asa", { outside: ["outside"], after, ...options });
  return base === undefined ? target : { ...target, files: { base: { path: "base.cfg", text: base } } };
}

function sourcesOf(emission: Emission, claim: Claim): Source[] {
  const emitted = claim.reads.map((path) => ({ path, text: emission.files.find((one) => one.path === path)!.text }));
  return [...(claim.onto ?? []), ...emitted];
}

function differencesOf(edge: Edge, emission: Emission): unknown[] {
  return emission.claims.flatMap((claim) => {
    const { device, diagnostics } = asa.parse(sourcesOf(emission, claim), {});
    return [...diagnostics.filter((one) => one.code === "RW6001"), ...prove(edge, claim, device)];
  });
}

describe("cisco-asa: the proof of what is emitted", function () {
  this.timeout(60_000);

  for (const [what, base] of Object.entries(bases)) {
    it(`holds for any policy, on ${what}`, () => {
      let written = 0;
      fc.assert(
        fc.property(arbitraryEdge(), fc.boolean(), (edge, box) => {
          const options = { "control-plane": box && edge.default === "continue" };
          const emission = asa.emit(edge, targetOn(base, edge, options));
          if (hasErrors(emission.diagnostics)) return;
          written++;
          expect(differencesOf(edge, emission)).to.deep.equal([]);
        }),
        runs(40),
      );
      expect(written).to.be.greaterThan(10);
    });
  }

  const smbEdge = edgeOf([
    edgeRule("block-smb", {
      exceptions: [
        exception({
          from: network("clients", "10.20.0.0/16", "2001:db8:20::/48"),
          to: network("azure", "20.60.0.0/16", "52.239.0.0/17", "2603:1020::/40", "2603:1030::/40"),
        }),
      ],
    }),
    // Whoever may send anything else makes every deny before it matter.
    edgeRule("partners", {
      action: "permit",
      directions: ["inbound"],
      from: network("partners", "192.0.2.0/24", "2001:db8:99::/48"),
      services: [service("all", "any")],
    }),
  ]);

  for (const base of ["no base", "lists in and out, objects, a time, an inactive entry", "a global list"]) {
    it(`fails for every line that is left out or changed, on ${base}`, () => {
      const emission = asa.emit(smbEdge, targetOn(bases[base], smbEdge));
      expect(differencesOf(smbEdge, emission)).to.deep.equal([]);
      let mutants = 0;
      for (const file of emission.files.filter((one) => emission.claims[0]!.reads.includes(one.path))) {
        const lines = file.text.split("\n");
        for (const [i, line] of lines.entries()) {
          for (const instead of mutantsOf(line)) {
            const text = [...lines.slice(0, i), ...instead, ...lines.slice(i + 1)].join("\n");
            const files = emission.files.map((one) => (one === file ? { ...one, text } : one));
            mutants++;
            const differences = differencesOf(smbEdge, { ...emission, files });
            expect(differences, `${line}\n became ${instead.join("\n")}`).not.to.deep.equal([]);
          }
        }
      }
      expect(mutants).to.be.greaterThan(30);
    });
  }
});

/** Other lines in the place of one; none for a line that means nothing, or no more than the end that a list has anyway. */
function mutantsOf(line: string): string[][] {
  if (line.startsWith("!") || line === "" || line.includes(" remark ") || line.endsWith(" inactive")) return [];
  if (/ extended deny ip any any$/.test(line)) return [[line.replace("deny", "permit")]];
  const mutants: string[][] = [[]];
  if (line.startsWith("access-list")) {
    mutants.push([line.replace(/ (permit|deny) /, (word) => (word === " deny " ? " permit " : " deny "))]);
    mutants.push([
      line.replace(/(eq|range) (\d+)/, (_, operator: string, port: string) => `${operator} ${Number(port) - 1}`),
    ]);
    mutants.push([line.replace(/^access-list (\S+)/, "access-list $1-")]);
    mutants.push([line.replace("extended", "extendd")]);
  } else if (line.startsWith(" network-object")) {
    mutants.push([line.replace(/\d+/, (n) => String((Number(n) + 1) % 256))]);
  } else if (line.startsWith("access-group")) {
    mutants.push([line.replace(/ in interface /, " out interface ").replace("outside", "inside")]);
    mutants.push([line.replace(/(\S+)$/, "$1x")]);
  }
  return mutants.filter(([one]) => one !== line);
}

describe("cisco-asa: loading a change", () => {
  const before = edgeOf([edgeRule("block-smb")], { name: "smb" });
  const after = edgeOf(
    [
      edgeRule("block-smb", {
        exceptions: [exception({ to: network("azure", "20.60.0.0/16", "20.62.0.0/16", "2603:1020::/40") })],
      }),
    ],
    { name: "smb" },
  );

  /**
   * After each command, what passes lies between what passed before and what passes afterwards: nothing that both deny
   * gets through in between, and nothing that both let through is lost.
   */
  function checkEveryStep(start: string, commands: string): void {
    const lines = commands.split("\n").filter((line) => line !== "" && !line.startsWith("!"));
    const devices = [start, ...lines.map((_, i) => `${start}\n${lines.slice(0, i + 1).join("\n")}\n`)].map(
      (text): Device => asa.parse([{ path: "device", text }], {}).device,
    );
    const space = new PacketSpace({ interfaces: devices.flatMap((device) => [...interfacePatterns(device)]) });
    const passing = (device: Device): PacketSet => decidePath(space, device.paths[0]!).accepted;
    const [first, last] = [passing(devices[0]!), passing(devices.at(-1)!)];
    for (const [i, device] of devices.entries()) {
      const now = passing(device);
      expect(space.difference(now, space.or(first, last)), `opened after ${lines[i - 1]}`).to.equal(space.none);
      expect(space.difference(space.and(first, last), now), `closed after ${lines[i - 1]}`).to.equal(space.none);
    }
  }

  const text = (emission: Emission, path: string): string => emission.files.find((one) => one.path === path)!.text;

  for (const [what, base] of Object.entries(bases)) {
    if (base === undefined) continue;
    it(`opens and closes nothing on the way, on ${what}`, () => {
      const first = asa.emit(before, targetOn(base, before));
      const commands = text(first, "1-define.cfg") + text(first, "2-bind.cfg");
      checkEveryStep(base, commands);
      const running = `${base}\n${commands}`;
      const second = asa.emit(after, targetOn(running, after));
      const update = text(second, "1-define.cfg") + text(second, "2-bind.cfg");
      checkEveryStep(running, update);
      checkEveryStep(`${running}\n${update}`, text(second, "cleanup.cfg"));
      checkEveryStep(`${running}\n${update}`, text(second, "rollback.cfg"));
    });

    it(`is undone by the rollback, on ${what}`, () => {
      const first = asa.emit(before, targetOn(base, before));
      const changed = base + text(first, "1-define.cfg") + text(first, "2-bind.cfg") + text(first, "rollback.cfg");
      const [was, is] = [base, changed].map((one) => asa.parse([{ path: "device", text: one }], {}).device);
      const space = new PacketSpace({ interfaces: [...interfacePatterns(was!), ...interfacePatterns(is!)] });
      expect(decidePath(space, is!.paths[0]!).accepted).to.equal(decidePath(space, was!.paths[0]!).accepted);
      expect(is!.interfaces).to.deep.equal(was!.interfaces);
    });
  }
});

describeShared("cisco-asa: the whole Azure cloud as an exception", (folder) => {
  const feed = JSON.parse(
    readFileSync(join(folder, "data/ServiceTags_Public_20251028.json"), "utf8").replace(/^\ufeff/, ""),
  ) as { values: { name: string; properties: { addressPrefixes: string[] } }[] };
  const prefixes = feed.values.find((one) => one.name === "AzureCloud")!.properties.addressPrefixes;
  const edge = edgeOf([
    edgeRule("block-smb", {
      exceptions: [exception({ from: network("clients", "10.20.0.0/16"), to: network("azure", ...prefixes) })],
    }),
    edgeRule("block-smb-6", { families: ["ipv6"], exceptions: [exception({ to: network("azure", ...prefixes) })] }),
  ]);

  for (const base of ["no base", "lists in and out, objects, a time, an inactive entry"]) {
    it(`is proved, at the fewest prefixes, on ${base}`, () => {
      const emission = asa.emit(edge, targetOn(bases[base], edge));
      expect(differencesOf(edge, emission)).to.deep.equal([]);
      if (base !== "no base") return;
      const members = emission.files[0]!.text.match(/^ network-object .*$/gm)!;
      expect(members.filter((line) => !line.includes(":")).length).to.equal(1860);
      expect(members.filter((line) => line.includes(":")).length).to.equal(1346);
    });
  }
});
