import { expect } from "chai";
import fc from "fast-check";
import { prove } from "../../src/proof/index.js";
import { hasErrors } from "../../src/vendor-kit/index.js";
import asa from "../../vendors/cisco-asa/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { targetOf } from "../support/edge.js";
import { runs } from "../support/runs.js";

const address = fc.constantFrom(
  ...["any", "any4", "any6", "host 10.20.1.5", "20.60.0.0 255.255.0.0", "2603:1020::/40", "interface inside"],
  ...["object addresses", "object name", "object-group inner", "object-group outer"],
);
const protocol = fc.constantFrom("ip", "tcp", "udp", "icmp", "object-group services", "object-group protocols", "47");
const entry = fc
  .record({
    action: fc.constantFrom("permit", "deny"),
    protocol,
    from: address,
    to: address,
    ports: fc.constantFrom("", " eq 445", " range 137 netbios-ssn", " neq https"),
    tail: fc.constantFrom("", " log", " time-range office-hours", " inactive", " log disable"),
  })
  .map((one) => {
    const ports = one.protocol === "tcp" || one.protocol === "udp" ? one.ports : "";
    return `extended ${one.action} ${one.protocol} ${one.from} ${one.to}${ports}${one.tail}`;
  });
const list = fc.option(
  fc.array(fc.oneof(entry, entry, entry, fc.constant("remark --  text")), { minLength: 1, maxLength: 6 }),
);
const level = fc.constantFrom(0, 50, 100);

/** A running-config with any lists at any of the places where one can be bound. */
const runningConfig = fc
  .record({
    levels: fc.tuple(level, level, level),
    in: list,
    out: list,
    global: list,
    dmzOut: list,
    insideIn: list,
    box: list,
    between: fc.boolean(),
    within: fc.boolean(),
  })
  .map((one) => {
    const bound = (name: string, entries: readonly string[] | null, where: string): string[] =>
      entries === null
        ? []
        : [...entries.map((text) => `access-list ${name} ${text}`), `access-group ${name} ${where}`];
    return [
      "ASA Version 9.18(2)",
      ...["outside", "inside", "dmz"].flatMap((name, i) => [
        `interface GigabitEthernet0/${i}`,
        ` nameif ${name}`,
        ` security-level ${one.levels[i]}`,
        ` ip address 10.${i}.0.1 255.255.255.0`,
      ]),
      "time-range office-hours",
      " periodic weekdays 8:00 to 17:00",
      "object network addresses",
      " range 10.20.0.0 10.20.0.77",
      "object network name",
      " fqdn files.example.org",
      "object-group network inner",
      " network-object object addresses",
      " network-object 2001:db8:20::/48",
      "object-group network outer",
      " group-object inner",
      " network-object host 198.51.100.4",
      "object-group service services",
      " service-object tcp destination eq 445",
      " service-object udp source eq 53",
      " service-object icmp echo",
      "object-group protocol protocols",
      " protocol-object tcp",
      " protocol-object 47",
      ...bound("IN", one.in, "in interface outside"),
      ...bound("OUT", one.out, "out interface outside"),
      ...bound("ALL", one.global, "global"),
      ...bound("DMZ", one.dmzOut, "out interface dmz"),
      ...bound("LAN", one.insideIn, "in interface inside"),
      ...bound("BOX", one.box, "in interface outside control-plane"),
      ...(one.between ? ["same-security-traffic permit inter-interface"] : []),
      ...(one.within ? ["same-security-traffic permit intra-interface"] : []),
      "",
    ].join("\n");
  });

describe("cisco-asa: any running-config as a base", function () {
  this.timeout(60_000);

  it("is changed as the policy says and in nothing else, by one output after another", () => {
    let written = 0;
    const outputs = fc.array(arbitraryEdge({ mostRules: 3 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(runningConfig, outputs, fc.boolean(), fc.boolean(), (base, edges, box, cleanup) => {
        let device = base;
        for (const edge of edges) {
          const emission = asa.emit(edge, {
            ...targetOf("cisco-asa", {
              outside: ["outside"],
              ...(edge.default === "permit" && { after: { inbound: "permit" } }),
              "control-plane": box && edge.default === "continue",
            }),
            files: { base: { path: "base.cfg", text: device } },
          });
          if (hasErrors(emission.diagnostics)) return;
          written++;
          const text = (path: string): string => emission.files.find((one) => one.path === path)!.text;
          for (const claim of emission.claims) {
            const sources = [...claim.onto!, ...claim.reads.map((path) => ({ path, text: text(path) }))];
            expect(prove(edge, claim, asa.parse(sources, {}).device)).to.deep.equal([]);
          }
          device += text("1-define.cfg") + text("2-bind.cfg") + (cleanup ? text("cleanup.cfg") : "");
        }
      }),
      runs(60),
    );
    expect(written).to.be.greaterThan(20);
  });
});
