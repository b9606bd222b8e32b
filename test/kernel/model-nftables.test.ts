import { expect } from "chai";
import fc from "fast-check";
import { trace } from "../../src/packet-set/index.js";
import type { Hook, Packet, State } from "../../src/vendor-kit/index.js";
import { parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { describeKernel, openLaboratory, untrackedHops } from "../support/kernel.js";
import type { Laboratory, LaboratoryInterface, WirePacket } from "../support/kernel.js";

/**
 * The model of nftables against the kernel: random rulesets, random packets, one verdict.
 *
 * RINGWALL_SEED repeats a run; a failure shows its seed, the ruleset and the packets.
 */
const seed = Number(process.env["RINGWALL_SEED"] ?? 20261123);
const rounds = Number(process.env["RINGWALL_ROUNDS"] ?? 110);
const packetsARound = 100;

const interfaces: readonly LaboratoryInterface[] = [
  { name: "lan0", side: "inside" },
  { name: "lan1", side: "inside" },
  { name: "wan0", side: "outside" },
  { name: "ppp0", side: "outside" },
];

describeKernel("the model of nftables and the kernel", ["nft", "conntrack"], () => {
  let laboratory: Laboratory;
  before(() => {
    laboratory = openLaboratory(interfaces);
  });
  after(() => laboratory.close());

  it(`agree on ${rounds * packetsARound} packets (seed ${seed})`, async function () {
    this.timeout(300_000);
    const counts = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const [ruleset] = fc.sample(arbitraryRuleset, { numRuns: 1, seed: seed + round * 7919 });
      const drawn = fc.sample(arbitraryPacket, { numRuns: packetsARound, seed: seed + round * 7919 });
      const loadable = withoutRefused(laboratory, ruleset!);
      await compare(laboratory, loadable, distinct(drawn), `round ${round} of seed ${seed}`, counts);
    }
    // A run that drops or accepts nearly everything would prove nothing.
    const all = [...counts.values()].reduce((a, b) => a + b, 0);
    expect(all).to.be.greaterThan(rounds * packetsARound * 0.9);
    for (const [fate, share] of [
      ["accepted", 0.1],
      ["dropped", 0.1],
      ["rejected", 0.001],
    ] as const) {
      expect(counts.get(fate) ?? 0, fate).to.be.greaterThan(all * share);
    }
  });
});

// Packets

interface Drawn {
  readonly from: string;
  readonly via: string;
  readonly family: "ipv4" | "ipv6";
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly tcpFlags: number;
  readonly state: State;
}

const hosts = {
  ipv4: ["10.0.0.1", "10.0.0.77", "10.1.0.1", "192.0.2.10", "192.0.2.11", "198.51.100.128"],
  ipv6: ["2001:db8::1", "2001:db8::77", "2001:db8:1::1", "2001:db8:2::10", "2001:db8:2::11", "2001:db8:ffff::1"],
} as const;
const ports = [22, 53, 79, 80, 81, 137, 443, 445, 1024, 8080];
/** Each packet has its own source ports above this, so that no connection is met twice. */
const firstOwnPort = 10_000;

const ways = interfaces.flatMap(({ name }) => [
  ...interfaces.filter((other) => other.name !== name).map((other) => ({ from: name, via: other.name })),
  { from: name, via: "firewall" },
  { from: "firewall", via: name },
]);

const arbitraryPacket: fc.Arbitrary<Drawn> = fc
  .record({
    way: fc.constantFrom(...ways),
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
    source: fc.nat(5),
    destination: fc.nat(5),
    protocol: fc.constantFrom(6, 6, 6, 17, 17, 1, 132, 47),
    sourcePort: fc.constantFrom(...ports),
    destinationPort: fc.constantFrom(...ports),
    icmpType: fc.constantFrom(8, 13),
    icmp6Type: fc.constantFrom(128, 128, 135),
    tcpFlags: fc.constantFrom(2, 2, 16, 24, 18),
    state: fc.constantFrom<State>("new", "new", "new", "untracked", "invalid", "established", "established-reply"),
  })
  .map(({ way, source, destination, icmpType, icmp6Type, protocol, ...rest }): Drawn => {
    const isIcmp = protocol === 1;
    return {
      ...rest,
      ...way,
      source: hosts[rest.family][source]!,
      destination: hosts[rest.family][destination === source ? (source + 1) % 6 : destination]!,
      protocol: isIcmp && rest.family === "ipv6" ? 58 : protocol,
      icmpType: !isIcmp ? 0 : rest.family === "ipv6" ? icmp6Type : icmpType,
      icmpCode: 0,
      tcpFlags: protocol === 6 ? rest.tcpFlags : 0,
    };
  });

/** Every packet a connection of its own, and only states that the laboratory can bring about for it. */
function distinct(drawn: readonly Drawn[]): Drawn[] {
  const taken = new Set<string>();
  return drawn.flatMap((one, i): Drawn[] => {
    const hasPorts = [6, 17, 132].includes(one.protocol);
    const isUsed = (ends: readonly (string | number)[]): boolean => taken.has(ends.join(" "));
    let { sourcePort, state, tcpFlags } = one;
    const ends = (): (string | number)[] =>
      hasPorts
        ? [one.protocol, one.source, sourcePort, one.destination, one.destinationPort]
        : [one.protocol, one.source, one.destination];
    const back = (): (string | number)[] =>
      hasPorts
        ? [one.protocol, one.destination, one.destinationPort, one.source, sourcePort]
        : [one.protocol, one.destination, one.source];
    const isForwarded = one.from !== "firewall" && one.via !== "firewall";
    const isChecked = one.from !== "firewall" && [6, 17, 1].includes(one.protocol);
    if (state === "invalid" && !isChecked) state = "new";
    if (state.startsWith("established") && !(isForwarded && [6, 17].includes(one.protocol))) state = "new";
    // Without a connection a SYN-ACK is invalid, while a lone ACK may begin one.
    if (one.protocol === 6 && state === "new" && tcpFlags === 18) tcpFlags = 2;
    if (one.protocol === 6 && state === "established") tcpFlags = 16;
    if (one.protocol === 6 && state === "established-reply") tcpFlags = 18;
    if (one.protocol === 58 && one.icmpType === 135) state = "untracked";
    // The laboratory's SCTP packets have no chunks that a connection could begin with.
    if (one.protocol === 132) state = "untracked";
    if (state === "new" || state.startsWith("established")) {
      if (hasPorts && (isUsed(ends()) || isUsed(back()))) sourcePort = firstOwnPort + i;
      if (isUsed(ends()) || isUsed(back())) return [];
      taken.add(ends().join(" "));
      if (state.startsWith("established")) taken.add(back().join(" "));
    }
    return [
      {
        ...one,
        sourcePort: hasPorts ? sourcePort : 0,
        destinationPort: hasPorts ? one.destinationPort : 0,
        state,
        tcpFlags,
      },
    ];
  });
}

function wireOf(one: Drawn): WirePacket {
  const { state, ...packet } = one;
  // Neighbour discovery is never tracked; its hop count is not the laboratory's.
  const isUntracked = state === "untracked" && one.icmpType !== 135;
  return {
    ...packet,
    ...(isUntracked && { hops: untrackedHops }),
    ...(state === "invalid" && { badChecksum: true }),
  };
}

/** What has to go through before, so that the packet is in its state: a first packet, and its answer. */
function openings(one: Drawn): WirePacket[] {
  const there = { from: one.from, via: one.via, source: one.source, destination: one.destination };
  const back = { from: one.via, via: one.from, source: one.destination, destination: one.source };
  const out = { sourcePort: one.sourcePort, destinationPort: one.destinationPort, protocol: one.protocol };
  const home = { sourcePort: one.destinationPort, destinationPort: one.sourcePort, protocol: one.protocol };
  switch (one.state) {
    case "established":
      return [
        { ...there, ...out, tcpFlags: 2 },
        { ...back, ...home, tcpFlags: 18 },
      ];
    case "established-reply":
      return [{ ...back, ...home, tcpFlags: 2 }];
    default:
      return [];
  }
}

function modelOf(one: Drawn): Packet {
  const address = (text: string): number | bigint => parseIpv4(text) ?? parseIpv6(text)!;
  return {
    family: one.family,
    ...(one.from !== "firewall" && { ingress: one.from }),
    ...(one.via !== "firewall" && { egress: one.via }),
    state: one.state,
    protocol: one.protocol,
    sourcePort: one.sourcePort,
    destinationPort: one.destinationPort,
    icmpType: one.icmpType,
    icmpCode: one.icmpCode,
    tcpFlags: one.tcpFlags,
    source: address(one.source),
    destination: address(one.destination),
    sourceMac: macOf(one.from),
    conditions: new Set(),
  };
}

function macOf(from: string): number {
  const index = interfaces.findIndex(({ name }) => name === from);
  return index < 0 ? 0 : 0x020000000002 + index * 256;
}

async function compare(
  laboratory: Laboratory,
  ruleset: string,
  packets: readonly Drawn[],
  title: string,
  counts: Map<string, number>,
): Promise<void> {
  const parsed = nftables.parse([{ path: "random.nft", text: ruleset }], {});
  const unread = parsed.diagnostics.filter(({ code }) => code !== "RW6006");
  expect(unread, `${title}\n${ruleset}`).to.deep.equal([]);

  laboratory.attempt("firewall", ["conntrack", "-F"]);
  await laboratory.send(packets.flatMap(openings));
  laboratory.run("firewall", ["nft", "-f", "-"], ruleset);
  try {
    const listed = laboratory.run("firewall", ["nft", "list", "ruleset"]);
    const json = laboratory.run("firewall", ["nft", "--json", "list", "ruleset"]);
    const readings = [
      ["script", parsed.device],
      ["listing", nftables.parse([{ path: "listed.nft", text: withoutTracking(listed) }], {}).device],
      ["json", nftables.parse([{ path: "listed.json", text: json }], {}).device],
    ] as const;
    const fates = await laboratory.send(packets.map(wireOf));
    for (const [what, device] of readings) {
      const wrong = packets.flatMap((one, i) => {
        const hook: Hook = one.from === "firewall" ? "output" : one.via === "firewall" ? "input" : "forward";
        const path = device.paths.find((candidate) => candidate.hook === hook);
        const told = path === undefined ? undefined : trace(path, modelOf(one));
        const model = told?.fate ?? "accepted";
        if (what === "script") counts.set(model, (counts.get(model) ?? 0) + 1);
        const kernel = fates[i]!;
        // A reject does not answer everything: no resets, errors or multicast, and the firewall not to itself.
        const agree =
          (model === "accepted" && kernel === "passed") ||
          (model === "dropped" && kernel === "dropped") ||
          (model === "rejected" && kernel !== "passed");
        const decided = told?.decidedBy?.rule?.origin.label ?? told?.decidedBy?.outcome;
        return agree ? [] : [{ ...one, model, kernel, decided }];
      });
      expect(wrong, `${title}, ${what}\n${ruleset}`).to.deep.equal([]);
    }
  } finally {
    laboratory.run("firewall", ["nft", "-f", "-"], "delete table inet a; delete table ip b; delete table ip6 c");
  }
}

/** The ruleset without the lines that nft refuses, such as IPv4 addresses beside IPv6 ones. */
function withoutRefused(laboratory: Laboratory, ruleset: string): string {
  let lines = ruleset.split("\n");
  for (let attempts = 0; attempts < 8; attempts++) {
    const checked = laboratory.attempt("firewall", ["nft", "--check", "-f", "-"], lines.join("\n"));
    if (checked.status === 0) return lines.join("\n");
    const refused = new Set([...checked.stderr.matchAll(/^\/dev\/stdin:(\d+):/gm)].map((found) => Number(found[1])));
    if (refused.size === 0) throw new Error(`${checked.stderr}\n${ruleset}`);
    // The rules of an inner chain go with the rule that they belong to.
    lines = lines.filter((_, i) => !refused.has(i + 1) && !(refused.has(i) && lines[i]!.startsWith("      ")));
    lines = lines.filter((line, i) => !line.endsWith(" jump {") || lines[i + 1]!.startsWith("      "));
    lines = lines.filter((line, i) => line !== "    }" || lines[i - 1]!.startsWith("      "));
  }
  throw new Error(`nft refuses more and more of\n${ruleset}`);
}

/** The laboratory's own table drops nothing, but it is no part of the question. */
function withoutTracking(listed: string): string {
  return listed.replace(/^table inet laboratory \{[\s\S]*?^\}\n/m, "");
}

// Rulesets

type Family = "inet" | "ip" | "ip6";

const port = fc.constantFrom(...ports);
const name = fc.constantFrom("lan0", "lan1", "wan0", "ppp0", "lan*", "ppp*", "eth7");
const exactName = fc.constantFrom("lan0", "lan1", "wan0", "ppp0");
const address4 = fc.constantFrom(...hosts.ipv4, "10.0.0.0/24", "10.0.0.0/8", "192.0.2.10-192.0.2.200", "0.0.0.0/1");
const address6 = fc.constantFrom(...hosts.ipv6, "2001:db8::/64", "2001:db8::/32", "2001:db8:2::10-2001:db8:2::20");
const oneHost4 = fc.constantFrom(...hosts.ipv4);
const oneHost6 = fc.constantFrom(...hosts.ipv6);
const equality = fc.constantFrom("", "", "", "!= ");

function setOf(values: fc.Arbitrary<string | number>, most = 4): fc.Arbitrary<string> {
  return fc.uniqueArray(values, { minLength: 1, maxLength: most }).map((chosen) => `{ ${chosen.join(", ")} }`);
}

function portMatch(protocol: string): fc.Arbitrary<string> {
  return fc.oneof(
    fc.tuple(fc.constantFrom("sport", "dport"), equality, port).map(([end, is, n]) => `${protocol} ${end} ${is}${n}`),
    fc
      .tuple(fc.constantFrom("sport", "dport"), equality, setOf(port))
      .map(([end, is, set]) => `${protocol} ${end} ${is}${set}`),
    fc.constantFrom("79-81", "0-1023", "1024-65535", "{ 20-80, 400-500 }").map((range) => `${protocol} dport ${range}`),
    fc.tuple(fc.constantFrom("<", ">", "<=", ">="), port).map(([is, n]) => `${protocol} dport ${is} ${n}`),
    fc.constantFrom("& 0xff00 == 0x100", "& 1 == 1", "& 0xfff0 != 0x50").map((rest) => `${protocol} dport ${rest}`),
    setOf(port, 3).map(() => `${protocol} dport @ports`),
  );
}

const match4: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom("saddr", "daddr"), equality, address4).map(([end, is, one]) => `ip ${end} ${is}${one}`),
  fc
    .tuple(fc.constantFrom("saddr", "daddr"), equality, setOf(oneHost4))
    .map(([end, is, one]) => `ip ${end} ${is}${one}`),
  fc.tuple(fc.constantFrom("saddr", "daddr"), equality).map(([end, is]) => `ip ${end} ${is}@four`),
  fc.constantFrom("ip saddr & 255.255.0.255 == 10.0.0.1", "ip daddr & 255.0.255.254 == 10.0.0.0"),
  fc.constantFrom("ip protocol tcp", "ip protocol { udp, icmp }", "ip protocol != 6", "icmp type echo-request"),
  fc.constantFrom("ip saddr . ip daddr @pairs", "ip daddr . tcp dport { 10.0.0.0/8 . 22, 192.0.2.10 . 79-445 }"),
);

const match6: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom("saddr", "daddr"), equality, address6).map(([end, is, one]) => `ip6 ${end} ${is}${one}`),
  fc
    .tuple(fc.constantFrom("saddr", "daddr"), equality, setOf(oneHost6))
    .map(([end, is, one]) => `ip6 ${end} ${is}${one}`),
  fc.tuple(fc.constantFrom("saddr", "daddr"), equality).map(([end, is]) => `ip6 ${end} ${is}@six`),
  fc.constantFrom("icmpv6 type echo-request", "icmpv6 type { nd-neighbor-solicit, echo-request }", "ip6 nexthdr udp"),
);

function anyMatch(hook: string): fc.Arbitrary<string> {
  const hasEgress = ["forward", "output", "postrouting"].includes(hook);
  const hasIngress = ["forward", "input", "prerouting"].includes(hook);
  return fc.oneof(
    portMatch("tcp"),
    portMatch("udp"),
    portMatch("tcp"),
    fc.constantFrom(
      "meta l4proto tcp",
      "meta l4proto { tcp, udp }",
      "meta l4proto != udp",
      "meta l4proto 47",
      "sctp dport 80",
    ),
    fc.constantFrom("meta l4proto { tcp, udp } th dport 53", "meta l4proto tcp @th,16,16 80"),
    fc.constantFrom(
      "ct state new",
      "ct state established,related",
      "ct state { new, invalid }",
      "ct state != established",
    ),
    fc.constantFrom(
      "ct state invalid",
      "ct state untracked",
      "ct state ! new,untracked",
      "ct direction reply",
      "ct direction != reply",
    ),
    fc.constantFrom(
      "tcp flags syn",
      "tcp flags & (syn|ack) == syn",
      "tcp flags == ack",
      "tcp flags { syn, ack|psh }",
      "tcp flags != syn",
      "tcp flags syn,ack / syn,ack",
      "tcp flags ! ack",
    ),
    hasIngress
      ? fc.oneof(
          fc.tuple(equality, name).map(([is, one]) => `iifname ${is}"${one}"`),
          setOf(exactName).map((set) => `iifname ${set}`),
          exactName.map((one) => `iif ${one}`),
        )
      : fc.constant("meta l4proto { udp, 47 }"),
    hasEgress
      ? fc.oneof(
          fc.tuple(equality, name).map(([is, one]) => `oifname ${is}"${one}"`),
          setOf(exactName).map((set) => `oifname ${set}`),
        )
      : fc.constant("meta l4proto { tcp, icmp }"),
    hasIngress && hasEgress
      ? fc.constantFrom('iifname . oifname { "lan0" . "wan0", "wan0" . "lan1", "ppp0" . "lan0" }')
      : fc.constant("meta l4proto udp"),
    hasIngress
      ? fc.constantFrom("ether saddr 02:00:00:00:00:02", "ether saddr != { 02:00:00:00:00:02, 02:00:00:00:02:02 }")
      : fc.constant("tcp sport 22"),
  );
}

interface Place {
  readonly family: Family;
  readonly hook: string;
  /** Chains that may be called from here. */
  readonly below: readonly string[];
}

function matchFor({ family, hook }: Place): fc.Arbitrary<string> {
  const general = { arbitrary: anyMatch(hook), weight: 6 };
  const v4 = { arbitrary: match4, weight: family === "ip6" ? 0 : 3 };
  const v6 = { arbitrary: match6, weight: family === "ip" ? 0 : 3 };
  return fc.oneof(...[general, v4, v6].filter(({ weight }) => weight > 0));
}

function verdictFor({ below, hook }: Place): fc.Arbitrary<string> {
  const calls = below.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`]);
  const rejects = ["forward", "input", "output"].includes(hook) ? ["reject"] : [];
  return fc.constantFrom("accept", "accept", "drop", "drop", "return", "continue", ...rejects, ...calls, ...calls);
}

function ruleFor(place: Place): fc.Arbitrary<string> {
  const verdict = verdictFor(place);
  const plain = fc
    .tuple(
      fc.array(matchFor(place), { minLength: 1, maxLength: 3 }),
      verdict,
      fc.constantFrom("", "counter ", "counter "),
    )
    .map(([matches, end, counter]) => `${matches.join(" ")} ${counter}${end}`);
  const portMap = fc
    .uniqueArray(fc.tuple(fc.constantFrom("22", "53", "79-81", "137", "400-500", "8080"), verdict), {
      minLength: 1,
      maxLength: 4,
      selector: ([key]) => key,
    })
    .map((entries) => `tcp dport vmap { ${entries.map(([key, end]) => `${key} : ${end}`).join(", ")} }`);
  const stateMap = fc
    .uniqueArray(fc.tuple(fc.constantFrom("new", "established", "invalid", "untracked"), verdict), {
      minLength: 1,
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map((entries) => `ct state vmap { ${entries.map(([key, end]) => `${key} : ${end}`).join(", ")} }`);
  const protocolMap = fc
    .uniqueArray(fc.tuple(fc.constantFrom("tcp . 22", "tcp . 445", "udp . 53", "udp . 137", "tcp . 80"), verdict), {
      minLength: 1,
      maxLength: 4,
      selector: ([key]) => key,
    })
    .map((entries) => `meta l4proto . th dport vmap { ${entries.map(([key, end]) => `${key} : ${end}`).join(", ")} }`);
  const catchAll = fc.tuple(verdict, verdict).map(([one, other]) => `tcp dport vmap { 80 : ${one}, * : ${other} }`);
  const inline = fc
    .tuple(matchFor(place), matchFor(place), fc.constantFrom("accept", "drop", "return"))
    .map(([outer, inner, end]) => `${outer} jump {\n      ${inner} ${end}\n    }`);
  return fc.oneof(
    { arbitrary: plain, weight: 8 },
    { arbitrary: portMap, weight: 1 },
    { arbitrary: stateMap, weight: 1 },
    { arbitrary: protocolMap, weight: 1 },
    { arbitrary: catchAll, weight: 1 },
    { arbitrary: inline, weight: 1 },
    { arbitrary: fc.constant("tcp dport vmap @portmap"), weight: 1 },
  );
}

/** A table with one base chain and two chains below it, the second below the first as well. */
function tableFor(family: Family, tableName: string): fc.Arbitrary<string> {
  const hooks = ["prerouting", "forward", "forward", "forward", "input", "output", "postrouting"];
  const base = fc
    .tuple(fc.constantFrom(...hooks), fc.constantFrom(-140, -10, 0, 10), fc.constantFrom("accept", "accept", "drop"))
    .chain(([hook, priority, policy]) => {
      const chainName = (letter: string): string => `${hook}-${letter}`;
      const rules = (below: readonly string[], maxLength: number) =>
        fc.array(ruleFor({ family, hook, below: below.map(chainName) }), { minLength: 1, maxLength });
      return fc.record({
        hook: fc.constant(hook),
        text: fc
          .tuple(rules(["x", "y"], 5), rules(["y"], 3), rules([], 3))
          .map(([entry, x, y]) =>
            [
              chain(chainName("y"), y),
              chain(chainName("x"), x),
              chain(chainName("base"), [`type filter hook ${hook} priority ${priority}; policy ${policy};`, ...entry]),
            ].join("\n"),
          ),
      });
    });
  const maps = fc
    .uniqueArray(fc.tuple(port, fc.constantFrom("accept", "drop", "return")), {
      maxLength: 4,
      selector: ([key]) => key,
    })
    .map((entries) => entries.map(([key, end]) => `${key} : ${end}`).join(", "));
  return fc
    .record({
      bases: fc.uniqueArray(base, { minLength: 1, maxLength: 3, selector: ({ hook }) => hook }),
      ports: fc.uniqueArray(port, { maxLength: 4 }),
      four: fc.subarray(["10.0.0.0/16", "10.1.0.1", "192.0.2.0/31", "198.51.100.0-198.51.100.199"]),
      six: fc.subarray(["2001:db8::/64", "2001:db8:2::10", "2001:db8:ffff::-2001:db8:ffff::f"]),
      maps,
    })
    .map(({ bases, ports: chosen, four, six, maps: entries }) =>
      [
        `table ${family} ${tableName} {`,
        set("set ports", "type inet_service", "", chosen.join(", ")),
        set("set four", "type ipv4_addr", "flags interval", four.join(", ")),
        set("set six", "type ipv6_addr", "flags interval", six.join(", ")),
        set("set pairs", "type ipv4_addr . ipv4_addr", "", "10.0.0.1 . 10.1.0.1, 192.0.2.10 . 10.0.0.77"),
        set("map portmap", "type inet_service : verdict", "", entries),
        ...bases.map(({ text }) => text),
        "}",
      ].join("\n"),
    );
}

function chain(chainName: string, lines: readonly string[]): string {
  return [`  chain ${chainName} {`, ...lines.map((line) => `    ${line}`), "  }"].join("\n");
}

function set(head: string, type: string, flags: string, elements: string): string {
  const body = [type, ...(flags === "" ? [] : [flags]), ...(elements === "" ? [] : [`elements = { ${elements} }`])];
  return [`  ${head} {`, ...body.map((line) => `    ${line}`), "  }"].join("\n");
}

const arbitraryRuleset: fc.Arbitrary<string> = fc
  .tuple(tableFor("inet", "a"), tableFor("ip", "b"), tableFor("ip6", "c"), fc.constantFrom(1, 2, 3, 3))
  .map(([a, b, c, count]) => {
    const empty = ["table inet a {\n}", "table ip b {\n}", "table ip6 c {\n}"];
    return [a, b, c].map((text, i) => (i < count ? text : empty[i]!)).join("\n");
  });
