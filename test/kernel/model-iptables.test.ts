import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pathOf, trace } from "../../src/packet-set/index.js";
import type { Family, Hook, Packet, State } from "../../src/vendor-kit/index.js";
import { families, parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";
import iptables from "../../vendors/iptables/index.js";
import type { Fate, Laboratory, WirePacket } from "../support/kernel.js";
import { describeKernel, openLaboratory, untrackedHops } from "../support/kernel.js";
import type { Random, RandomRuleset } from "../support/random-iptables.js";
import { optionalSetTypes, randomOf, randomRuleset } from "../support/random-iptables.js";

/** How many rulesets, and how many packets each family sends through one. `RW_MODEL_SEED` repeats a run. */
const rulesets = Number(process.env["RW_MODEL_RULESETS"] ?? 44);
const groups = 160;
const seed = Number(process.env["RW_MODEL_SEED"] ?? Date.now() % 1_000_000_000);

interface Probe {
  readonly wire: WirePacket;
  /** From what became of the packets before it in its group. */
  readonly state: (passed: readonly boolean[]) => State;
  readonly group: number;
}

for (const variant of ["nft", "legacy"] as const) {
  const programs = [`iptables-${variant}-restore`, `ip6tables-${variant}-restore`, "ipset", "nft"];
  describeKernel(`the model of iptables against the kernel (iptables-${variant})`, programs, () => {
    let laboratory: Laboratory;
    before(function () {
      laboratory = openLaboratory();
      if (laboratory.attempt("firewall", [`iptables-${variant}`, "-L", "-n"]).status !== 0) {
        console.log(`      iptables-${variant} does not work with this kernel`);
        laboratory.close();
        this.skip();
      }
    });
    after(() => laboratory.close());

    it(`agrees on random packets through random rules (seed ${seed})`, async function () {
      this.timeout(300_000);
      const lacking = optionalSetTypes.filter(
        (type) => laboratory.attempt("firewall", ["ipset", "create", "probe", type]).status !== 0,
      );
      if (lacking.length > 0) console.log(`      this kernel has no sets of type ${lacking.join(", ")}`);
      const random = randomOf(variant === "nft" ? seed : seed + 1);
      let packets = 0;
      let port = 2000;
      const fates: Record<Fate, number> = { passed: 0, dropped: 0, rejected: 0 };
      for (let number = 0; number < rulesets / 2; number++) {
        const ruleset = randomRuleset(random, lacking);
        load(laboratory, variant, ruleset);
        const probes: Probe[] = [];
        for (let group = 0; group < groups; group++) {
          probes.push(...probesOf(random, families[group % 2]!, group, port++));
          if (port > 64000) port = 2000;
        }
        const is = await laboratory.send(probes.map((probe) => probe.wire));
        packets += is.length;
        for (const fate of is) fates[fate]++;
        const wrong = disagreements(laboratory, variant, ruleset, probes, is);
        if (wrong.length > 0) {
          const file = join(tmpdir(), `ringwall-model-${variant}-${seed}-${number}.txt`);
          writeFileSync(file, [ruleset.sets, ruleset.ipv4, ruleset.ipv6, ...wrong].join("\n\n"));
          expect.fail(
            `the kernel and the model disagree (ruleset and packets are in ${file}):\n${wrong.slice(0, 3).join("\n")}`,
          );
        }
      }
      console.log(
        `      ${packets} packets, of which ${fates.passed} passed, ${fates.dropped} dropped, ${fates.rejected} rejected`,
      );
      expect(packets).to.be.greaterThan((rulesets / 2) * groups);
      expect(fates.passed).to.be.greaterThan(packets / 10);
      expect(fates.dropped).to.be.greaterThan(packets / 20);
    });
  });
}

function load(laboratory: Laboratory, variant: string, ruleset: RandomRuleset): void {
  for (const program of ["iptables", "ip6tables"]) {
    for (const table of ["filter", "mangle"]) {
      laboratory.run("firewall", [
        "sh",
        "-c",
        `${program}-${variant} -t ${table} -F; ${program}-${variant} -t ${table} -X`,
      ]);
    }
  }
  // The kernel lets go of the rules that used them a moment later.
  laboratory.run("firewall", [
    "sh",
    "-c",
    "ipset flush; for try in 1 2 3 4 5 6 7 8; do ipset destroy 2>/dev/null && exit; sleep 0.1; done; ipset destroy",
  ]);
  laboratory.run("firewall", ["ipset", "restore"], ruleset.sets);
  laboratory.run("firewall", [`iptables-${variant}-restore`], ruleset.ipv4);
  laboratory.run("firewall", [`ip6tables-${variant}-restore`], ruleset.ipv6);
}

/** Where the kernel is not of the model's opinion, on the text that was loaded and on the text that the kernel prints. */
function disagreements(
  laboratory: Laboratory,
  variant: string,
  ruleset: RandomRuleset,
  probes: readonly Probe[],
  is: readonly Fate[],
): string[] {
  const written = [
    { path: "sets", text: ruleset.sets },
    { path: "rules.v4", text: ruleset.ipv4 },
    { path: "rules.v6", text: ruleset.ipv6 },
  ];
  const printed = [
    { path: "sets", text: laboratory.run("firewall", ["ipset", "save"]) },
    { path: "saved.v4", text: laboratory.run("firewall", [`iptables-${variant}-save`]) },
    { path: "saved.v6", text: laboratory.run("firewall", [`ip6tables-${variant}-save`]) },
  ];
  return [written, printed].flatMap((sources) => {
    const parsed = iptables.parse(sources, {});
    const unread = parsed.diagnostics.map((one) => `${one.code} ${one.message}`);
    const passed = new Map<number, boolean[]>();
    return [
      ...unread,
      ...probes.flatMap(({ wire, state, group }, i): string[] => {
        const before = passed.get(group) ?? [];
        passed.set(group, [...before, is[i] === "passed"]);
        const packet = modelOf(wire, state(before));
        const hook: Hook = wire.via === "firewall" ? "input" : wire.from === "firewall" ? "output" : "forward";
        const way = trace(pathOf(parsed.device.paths, hook)!, packet);
        return agree(way.fate, is[i]!)
          ? []
          : [
              `${hook} ${show(packet)}: model ${way.fate} by ${way.decidedBy?.rule?.origin.label ?? way.decidedBy?.chain.name ?? "nothing"}, kernel ${is[i]!}`,
            ];
      }),
    ];
  });
}

/** Not every rejection is told: not for a broken checksum, for a reset, or for what the firewall sends itself. */
function agree(model: string, kernel: Fate): boolean {
  if (model === "rejected") return kernel !== "passed";
  return model === (kernel === "passed" ? "accepted" : kernel);
}

function show(packet: Packet): string {
  return JSON.stringify(packet, (_, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value));
}

const macs = { lan0: 0x020000000002, wan0: 0x020000000102 } as const;

function modelOf(wire: WirePacket, state: State): Packet {
  const family: Family = wire.source.includes(":") ? "ipv6" : "ipv4";
  const read = (text: string): number | bigint => (family === "ipv4" ? parseIpv4(text)! : parseIpv6(text)!);
  const protocol = wire.protocol!;
  const hasPorts = [6, 17, 33, 132, 136].includes(protocol);
  const isIcmp = protocol === 1 || protocol === 58;
  const from = wire.from === "firewall" ? undefined : (wire.from as "lan0" | "wan0");
  return {
    family,
    ...(from !== undefined && { ingress: from }),
    ...(wire.via !== "firewall" && { egress: wire.via }),
    state,
    protocol,
    sourcePort: hasPorts ? wire.sourcePort! : 0,
    destinationPort: hasPorts ? wire.destinationPort! : 0,
    icmpType: isIcmp ? wire.icmpType! : 0,
    icmpCode: isIcmp ? (wire.icmpCode ?? 0) : 0,
    tcpFlags: protocol === 6 ? wire.tcpFlags! : 0,
    source: read(wire.source),
    destination: read(wire.destination),
    sourceMac:
      wire.mac !== undefined ? Number.parseInt(wire.mac.replace(/:/g, ""), 16) : from === undefined ? 0 : macs[from],
    conditions: new Set(),
  };
}

const ways = [
  { from: "wan0", via: "lan0" },
  { from: "lan0", via: "wan0" },
  { from: "wan0", via: "wan0" },
  { from: "wan0", via: "firewall" },
  { from: "firewall", via: "wan0" },
] as const;

/** A lone packet, or a few of one connection. Each group has a source port of its own, so that none knows another. */
function probesOf(random: Random, family: Family, group: number, port: number): Probe[] {
  const way = random.pick(ways);
  const { sources, destinations } = addressPools[family];
  const source = random.pick(sources);
  const destination = random.pick(destinations);
  const base = { ...way, source, destination, sourcePort: port };
  const mac = way.from !== "firewall" && random.chance(0.2) ? { mac: "02:00:00:00:00:77" } : {};
  const always = (state: State) => () => state;
  const protocol = random.pick([6, 6, 6, 17, 17, 33, 47, 132, 136, family === "ipv4" ? 1 : 58]);
  const destinationPort = random.pick(destinationPorts);
  const special = random.number(10);
  const plain: WirePacket = {
    ...base,
    ...mac,
    protocol,
    destinationPort,
    tcpFlags: 2,
    icmpType: family === "ipv4" ? 8 : 128,
  };
  if (special === 0) return [{ wire: { ...plain, hops: untrackedHops }, state: always("untracked"), group }];
  // Source: nf_conntrack checks what arrives, not what the host itself sends.
  if (special === 1 && (protocol === 6 || protocol === 17) && way.from !== "firewall" && way.via !== "firewall") {
    return [{ wire: { ...plain, badChecksum: true }, state: always("invalid"), group }];
  }
  if (special <= 5 && way.from !== "firewall" && way.via !== "firewall" && way.from !== way.via)
    return conversation(base, destinationPort, group);
  if (protocol === 6) {
    const tcpFlags = random.pick([2, 2, 2, 16, 24, 34, 0, 1, 4, 18, 41, 3]);
    return [{ wire: { ...plain, tcpFlags }, state: always(tcpState(tcpFlags)), group }];
  }
  if (protocol === 1) {
    const icmpType = random.pick([8, 13, 17]);
    return [{ wire: { ...plain, icmpType }, state: always("new"), group }];
  }
  // The laboratory sends neither an INIT chunk of SCTP nor a checksum of UDP-Lite that conntrack holds for right.
  const invalid = protocol === 132 || (protocol === 136 && way.from !== "firewall");
  return [{ wire: plain, state: always(invalid ? "invalid" : "new"), group }];
}

/** Source: Linux net/netfilter/nf_conntrack_proto_tcp.c, tcp_new with nf_conntrack_tcp_loose, and tcp_valid_flags. */
function tcpState(flags: number): State {
  const plain = flags & 0x37;
  const starts = plain === 2 || plain === 34;
  const picksUp = plain === 16 || plain === 48;
  return starts || picksUp ? "new" : "invalid";
}

/** UDP there, back, and there again: what each is depends on which of those before it came through. */
function conversation(base: WirePacket, destinationPort: number, group: number): Probe[] {
  const there: WirePacket = { ...base, protocol: 17, destinationPort };
  const back: WirePacket = {
    ...there,
    from: there.via,
    via: there.from,
    source: there.destination,
    destination: there.source,
    sourcePort: destinationPort,
    destinationPort: base.sourcePort!,
  };
  const isIpv4 = base.source.includes(".");
  const error: WirePacket = {
    ...back,
    protocol: isIpv4 ? 1 : 58,
    icmpType: isIpv4 ? 3 : 1,
    icmpCode: isIpv4 ? 3 : 4,
    about: there,
  };
  return [
    { wire: there, state: () => "new", group },
    { wire: error, state: ([first]) => (first ? "related-reply" : "invalid"), group },
    { wire: back, state: ([first]) => (first ? "established-reply" : "new"), group },
    {
      wire: there,
      state: ([first, , second]) => (first ? "established" : second ? "established-reply" : "new"),
      group,
    },
  ];
}

const destinationPorts = [22, 79, 80, 81, 137, 138, 443, 445, 1023, 1024, 5000, 65535];

/** Disjoint, so that a connection without ports is never another's answer. Within and at the edges of what rules name. */
const addressPools = {
  ipv4: {
    sources: ["10.0.0.1", "10.0.0.127", "10.0.0.128", "10.0.1.0", "10.1.0.0", "192.0.2.1", "198.51.100.7"],
    destinations: [
      "10.128.0.1",
      "172.16.0.0",
      "172.16.0.255",
      "172.16.1.0",
      "172.31.255.255",
      "203.0.113.9",
      "8.8.8.8",
    ],
  },
  ipv6: {
    sources: ["2001:db8::1", "2001:db8::ffff", "2001:db8:1::", "2001:db8:0:1::", "2001:dead::1"],
    destinations: ["2001:db8:ff::", "2001:db8:ff::1", "2001:db8:ff:ffff::1", "2001:db8:100::1", "2001:beef::1"],
  },
} as const;
