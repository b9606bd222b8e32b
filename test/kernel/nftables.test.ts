import { expect } from "chai";
import fc from "fast-check";
import { trace } from "../../src/packet-set/index.js";
import { truthOf } from "../../src/policy/truth.js";
import type { Edge, Hook, Packet, State } from "../../src/vendor-kit/index.js";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";
import nftables from "../../vendors/nftables/index.js";
import { arbitraryEdge } from "../support/arbitrary-edge.js";
import { edgeOf, edgeRule, exception, network, service, smb, targetOf } from "../support/edge.js";
import { describeKernel, openLaboratory, untrackedHops } from "../support/kernel.js";
import type { Fate, Laboratory, WirePacket } from "../support/kernel.js";

const target = targetOf("nftables", { outside: ["wan0"] });
const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");
const azure = network(
  "azure",
  "20.60.26.4/30",
  "20.60.40.0/21",
  "52.239.0.0/16",
  "2603:1000:4::/46",
  "2603:1020::/27",
  "2603:1030:1:2:3:4:5:6",
);
const policy = edgeOf([edgeRule("block-smb", { exceptions: [exception({ from: clients, to: azure })] })]);

/** Large, because the moment at which a new table has taken over and its sets have not lasts as long as they are long. */
const filler = Array.from({ length: 1000 }, (_, i) => `11.${i >> 7}.${(i & 127) * 2}.0/24`);
const many = network(
  "many",
  ...filler,
  "198.51.100.0/25",
  "198.51.100.192/26",
  "203.0.113.0/24",
  "192.0.2.0/30",
  "52.239.0.7",
);
const web = service("web", 6, 443);

/** Policies, packets that they deny, and packets that pass. */
type End = Pick<WirePacket, "destination" | "destinationPort">;
const replacements: readonly [string, Edge, readonly End[], readonly End[]][] = [
  [
    "a denial with an exception",
    edgeOf([edgeRule("block-smb", { exceptions: [exception({ from: clients, to: many })] })]),
    [{ destination: "198.51.101.9", destinationPort: 445 }],
    [{ destination: "198.51.100.9", destinationPort: 445 }],
  ],
  [
    "a denial of certain addresses and ranges of ports",
    edgeOf([edgeRule("many", { to: many, services: [service("ports", 6, 80, [137, 139], [445, 450])] })]),
    [80, 138, 446].map((destinationPort) => ({ destination: "198.51.100.200", destinationPort })),
    [{ destination: "198.51.100.129", destinationPort: 445 }],
  ],
  [
    "an exception from a permission",
    edgeOf(
      [edgeRule("web", { action: "permit", services: [web], exceptions: [exception({ to: many, services: [web] })] })],
      {
        default: "deny",
      },
    ),
    [{ destination: "203.0.113.77", destinationPort: 443 }],
    [{ destination: "203.0.114.77", destinationPort: 443 }],
  ],
];

describeKernel("nftables in the kernel", ["nft"], () => {
  let laboratory: Laboratory;
  before(() => {
    laboratory = openLaboratory();
  });
  after(() => laboratory.close());
  afterEach(() => laboratory.attempt("firewall", ["nft", "delete", "table", "inet", "ringwall"]));

  const load = (edge: Edge): string => {
    const { text } = nftables.emit(edge, target).files[0]!;
    laboratory.run("firewall", ["nft", "-f", "-"], text);
    return text;
  };

  it("denies exactly what the policy denies, from first to last address of each exception", async () => {
    load(policy);
    const cases = [...ways().flatMap((way) => services.map((one) => ({ ...way, ...one }))), ...prefixEdges()];
    await expectPolicy(laboratory, policy, cases);
  });

  it("does what any policy says", async () => {
    const seed = Number(process.env["RINGWALL_SEED"] ?? 20261123);
    const edges = fc.sample(arbitraryEdge(), { numRuns: 40, seed });
    for (const [i, edge] of edges.entries()) {
      load(edge);
      const cases = fc.sample(arbitraryCase(), { numRuns: 100, seed: seed + i });
      await expectPolicy(laboratory, edge, cases, `policy ${i} of seed ${seed}`);
    }
  });

  it("denies packets that connection tracking does not know", async () => {
    load(policy);
    const denied: WirePacket[] = [];
    for (const [source, destination] of [ipv4Pair, ipv6Pair]) {
      for (const way of [
        { from: "wan0", via: "lan0" },
        { from: "lan0", via: "wan0" },
        { from: "wan0", via: "firewall" },
      ]) {
        const packet = { ...way, source, destination, destinationPort: 445 };
        denied.push({ ...packet, hops: untrackedHops }, { ...packet, badChecksum: true });
        denied.push({ ...packet, tcpFlags: 0 }, { ...packet, tcpFlags: 0x3f }, { ...packet, tcpFlags: 16 });
        denied.push({ ...packet, hops: untrackedHops, tcpFlags: 18 });
      }
    }
    const fates = await laboratory.send(denied);
    expect(denied.filter((_, i) => fates[i] === "passed")).to.deep.equal([]);
  });

  it("is not deceived by fragments and extension headers", async () => {
    const tricks: Partial<WirePacket>[] = [
      { fragments: [24] },
      { fragments: [24, 8, 8, 8] },
      { fragments: [64, 64] },
      { extensionHeaders: ["destination"] },
      { extensionHeaders: ["hop-by-hop"] },
      { extensionHeaders: ["hop-by-hop", "destination"] },
      { extensionHeaders: ["atomic-fragment"] },
      { extensionHeaders: ["destination", "atomic-fragment", "destination"] },
      { extensionHeaders: ["destination"], fragments: [40, 8] },
    ];
    const cases: WirePacket[] = [];
    for (const [source, destination] of [ipv4Pair, ipv6Pair]) {
      for (const trick of tricks) {
        if (trick.extensionHeaders !== undefined && !source.includes(":")) continue;
        for (const way of [
          { from: "wan0", via: "lan0" },
          { from: "lan0", via: "wan0" },
          { from: "wan0", via: "firewall" },
        ]) {
          cases.push({ ...way, ...trick, source, destination, destinationPort: 445 });
          cases.push({ ...way, ...trick, source, destination, destinationPort: 138, protocol: 17 });
          cases.push({ ...way, ...trick, source, destination, destinationPort: 443 });
        }
      }
    }
    cases.push({ from: "wan0", via: "lan0", ...pair(ipv4Pair), destinationPort: 445, fragments: [8, 16] });
    // Some of these the kernel itself does not take for its own.
    const unfiltered = await laboratory.send(cases);
    const possible = cases.filter((_, i) => unfiltered[i] === "passed");
    expect(possible.length).to.be.greaterThan(cases.length * 0.9);
    load(policy);
    const fates = await laboratory.send(possible);
    const wrong = possible.filter((one, i) => (fates[i] === "passed") !== (one.destinationPort === 443));
    expect(wrong).to.deep.equal([]);
  });

  it("lets the replies of a connection pass whose client used port 445", async () => {
    load(policy);
    for (const ends of [
      { source: "10.20.3.4", destination: "198.51.100.80" },
      { source: "2001:db8:20::4", destination: "2001:db8:ffff::80" },
    ]) {
      for (const protocol of ["tcp", "udp"] as const) {
        const sourcePort = protocol === "tcp" ? 445 : 137;
        const out = { from: "inside", to: "outside", ...ends, sourcePort, destinationPort: 4443, protocol } as const;
        const flow = await laboratory.open(out);
        expect(flow.state).to.equal("open");
        expect(await flow.exchange()).to.equal("answered");
        await flow.close();
        const back = await laboratory.open({ ...out, from: "outside", to: "inside", destinationPort: 4444 });
        expect([back.state, await back.exchange()]).to.deep.equal(["open", "answered"]);
        await back.close();
      }
    }
  });

  it("opens the exception for real connections and no others", async () => {
    load(policy);
    const to = (destination: string, source = "10.20.3.4") =>
      laboratory.open({
        from: "inside",
        to: "outside",
        source,
        sourcePort: 40000 + Math.floor(Math.random() * 20000),
        destination,
        destinationPort: 445,
      });
    for (const [destination, source, state] of [
      ["20.60.26.5", "10.20.3.4", "open"],
      ["20.60.26.8", "10.20.3.4", "timeout"],
      ["20.60.26.5", "10.21.0.0", "timeout"],
      ["2603:1000:5::1", "2001:db8:20::1", "open"],
      ["2603:1000:8::1", "2001:db8:20::1", "timeout"],
    ] as const) {
      const flow = await to(destination, source);
      expect(flow.state, destination).to.equal(state);
      if (state === "open") expect(await flow.exchange()).to.equal("answered");
      await flow.close();
    }
  });

  it("cuts connections that were open before it was loaded, and leaves the excepted ones", async () => {
    const open = (destination: string, sourcePort: number) =>
      laboratory.open({
        from: "inside",
        to: "outside",
        source: "10.20.3.4",
        sourcePort,
        destination,
        destinationPort: 445,
      });
    const denied = await open("198.51.100.9", 50001);
    const excepted = await open("52.239.1.1", 50002);
    expect([await denied.exchange(), await excepted.exchange()]).to.deep.equal(["answered", "answered"]);
    load(policy);
    expect([await denied.exchange(), await excepted.exchange()]).to.deep.equal(["timeout", "answered"]);
    await denied.close();
    await excepted.close();
  });

  it("denies by default and keeps errors about allowed connections and neighbour discovery", async () => {
    load(
      edgeOf([edgeRule("web", { action: "permit", directions: ["outbound"], services: [web] })], { default: "deny" }),
    );
    for (const [client, server, router, icmp] of [
      ["10.20.3.4", "198.51.100.80", "203.0.113.1", { protocol: 1, icmpType: 3, icmpCode: 1 }],
      ["2001:db8:20::4", "2001:db8:ffff::80", "2001:db8:9::1", { protocol: 58, icmpType: 1, icmpCode: 3 }],
    ] as const) {
      const there = { from: "lan0", via: "wan0", source: client, destination: server };
      const back = { from: "wan0", via: "lan0", source: server, destination: client };
      const first: WirePacket = { ...there, sourcePort: 40000, destinationPort: 443 };
      const answer: WirePacket = { ...back, sourcePort: 443, destinationPort: 40000, tcpFlags: 18 };
      const stranger: WirePacket = { ...first, sourcePort: 40001 };
      const error = (about: WirePacket): WirePacket => ({ ...back, source: router, ...icmp, about });
      const discovery = { from: "wan0", via: "firewall", protocol: 58, source: "2001:db8:9::1", hops: 255 };
      const steps: [string, WirePacket, Fate][] = [
        ["a first packet that is permitted", first, "passed"],
        ["its answer", answer, "passed"],
        ["an error about it", error(first), "passed"],
        ["an error of the client about the answer", { ...there, ...icmp, about: answer }, "passed"],
        ["an error about no connection", error(stranger), "dropped"],
        ["another service", { ...there, sourcePort: 40002, destinationPort: 25 }, "dropped"],
        ["a first packet from outside", { ...back, sourcePort: 40003, destinationPort: 443 }, "dropped"],
        ["neighbour discovery", { ...discovery, destination: "2001:db8:9::2", icmpType: 136 }, "passed"],
        ["an echo request", { ...discovery, destination: "2001:db8:9::2", icmpType: 128 }, "dropped"],
      ];
      for (const [what, packet, fate] of steps) expect(await laboratory.send([packet]), what).to.deep.equal([fate]);
    }
  });

  it("rejects with a reset or an ICMP error", async () => {
    load(edgeOf([edgeRule("refuse", { action: "reject" })]));
    const packets: WirePacket[] = [ipv4Pair, ipv6Pair].flatMap((addresses) => [
      { from: "lan0", via: "wan0", ...pair(addresses), destinationPort: 445 },
      { from: "lan0", via: "wan0", ...pair(addresses), destinationPort: 137, protocol: 17 },
    ]);
    expect(await laboratory.send(packets)).to.deep.equal(packets.map(() => "rejected"));
  });

  it("changes nothing when it is loaded twice, and leaves nothing of an older policy", () => {
    const list = (): string => laboratory.run("firewall", ["nft", "list", "table", "inet", "ringwall"]);
    const first = load(policy);
    const listed = list();
    laboratory.run("firewall", ["nft", "-f", "-"], first);
    expect(list()).to.equal(listed);
    load(edgeOf([edgeRule("other", { services: [smb] })]));
    expect(list()).not.to.match(/azure|netbios|block-smb|137/);
    load(policy);
    expect(list()).to.equal(listed);
  });

  it("passes its own listing through the parser unchanged in meaning", () => {
    load(policy);
    const listed = laboratory.run("firewall", ["nft", "list", "table", "inet", "ringwall"]);
    const parsed = nftables.parse([{ path: "listing", text: listed }], {});
    expect(parsed.diagnostics).to.deep.equal([]);
    expect(parsed.device.paths.map((path) => path.hook)).to.deep.equal(["forward", "input", "output"]);
  });

  for (const [title, edge, denied, passed] of replacements) {
    it(`lets no denied packet pass while it is replaced: ${title}`, async () => {
      const renamed = { ...edge, rules: edge.rules.map((rule) => ({ ...rule, name: `new ${rule.name}` })) };
      const texts = [edge, renamed].map((one) => nftables.emit(one, target).files[0]!.text);
      load(edge);
      const ends = [...denied, ...passed];
      const packets: WirePacket[] = Array.from({ length: 15000 }, (_, i) => ({
        from: "lan0",
        via: "wan0",
        source: "10.20.3.4",
        sourcePort: 1024 + i,
        ...ends[i % ends.length]!,
      }));
      const traffic = laboratory.send(packets, { pause: 0.00002 });
      const files = texts.map((text, i) => `cat > $dir/${i} <<'END'\n${text}\nEND`).join("\n");
      const loads = await laboratory.start(
        "firewall",
        ["sh", "-e"],
        `dir=$(mktemp -d)\n${files}\nfor n in $(seq 25); do nft -f $dir/0; nft -f $dir/1; done\nrm -r $dir\n`,
      );
      expect(loads.stderr).to.equal("");
      const fates = await traffic;
      const isDenied = (i: number): boolean => i % ends.length < denied.length;
      expect(packets.filter((_, i) => isDenied(i) && fates[i] === "passed")).to.deep.equal([]);
      // At the moment of the exchange an exception may miss a packet (see chains.ts), but only then.
      const missed = packets.filter((_, i) => !isDenied(i) && fates[i] !== "passed");
      expect(missed.length).to.be.lessThan(packets.length / 50);
    });
  }

  it("works beside the tables of Docker and firewalld", async () => {
    laboratory.run("firewall", ["nft", "-f", "-"], neighbours);
    try {
      load(policy);
      const listed = laboratory.run("firewall", ["nft", "list", "ruleset"]);
      const fates = await laboratory.send([
        { from: "wan0", via: "lan0", ...pair(ipv4Pair), destinationPort: 445 },
        { from: "lan0", via: "wan0", source: "10.20.3.4", destination: "20.60.26.4", destinationPort: 445 },
        { from: "lan0", via: "wan0", source: "10.20.3.4", destination: "20.60.26.4", destinationPort: 666 },
        { from: "lan0", via: "wan0", source: "10.20.3.4", destination: "20.60.26.4", destinationPort: 443 },
      ]);
      // Port 666 is what the neighbours drop: an exception of ours, or none, does not open it.
      expect(fates).to.deep.equal(["dropped", "passed", "dropped", "passed"]);
      for (const table of ["ip filter", "ip nat", "inet firewalld"]) expect(listed).to.include(`table ${table} {`);
    } finally {
      for (const table of ["ip filter", "ip nat", "inet firewalld"]) {
        laboratory.attempt("firewall", ["nft", "delete", "table", ...table.split(" ")]);
      }
    }
  });
});

const ipv4Pair = ["203.0.113.9", "198.51.100.7"] as const;
const ipv6Pair = ["2001:db8:9::9", "2001:db8:1::7"] as const;

function pair([source, destination]: readonly [string, string]): { source: string; destination: string } {
  return { source, destination };
}

/** A packet with the state in which the laboratory is to bring it to the firewall. */
interface Case extends WirePacket {
  readonly state: "new" | "untracked" | "invalid";
}

const services: readonly Pick<Case, "protocol" | "destinationPort" | "state">[] = [
  ...[80, 138, 139, 140, 444, 445, 446, 0, 65535].flatMap((destinationPort) =>
    (["new", "untracked", "invalid"] as const).map((state) => ({ protocol: 6, destinationPort, state })),
  ),
  ...[53, 136, 137, 138, 139, 445].flatMap((destinationPort) =>
    (["new", "untracked"] as const).map((state) => ({ protocol: 17, destinationPort, state })),
  ),
  { protocol: 132, destinationPort: 445, state: "new" },
  { protocol: 47, destinationPort: 0, state: "new" },
];

function ways(): Pick<WirePacket, "from" | "via" | "source" | "destination">[] {
  const pairs = [
    ipv4Pair,
    ipv6Pair,
    ["10.20.0.0", "20.60.26.4"],
    ["2001:db8:20::", "2603:1000:4::"],
    ["20.60.26.4", "10.20.0.0"],
  ] as const;
  const interfaces = ["lan0", "wan0", "firewall"];
  return pairs.flatMap(([source, destination]) =>
    interfaces.flatMap((from) =>
      interfaces
        .filter((via) => from !== "firewall" || via !== "firewall")
        .map((via) => ({ from, via, source, destination })),
    ),
  );
}

/** First, last, one before and one after, of the prefixes on both sides. */
function prefixEdges(): Case[] {
  const around = (endpoint: typeof azure): string[] => [
    ...endpoint.addresses.ipv4.flatMap(({ first, last }) => [first - 1, first, last, last + 1].map(formatIpv4)),
    ...endpoint.addresses.ipv6.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n].map(formatIpv6)),
  ];
  const cases: Case[] = [];
  for (const source of around(clients)) {
    for (const destination of around(azure)) {
      if (source.includes(":") !== destination.includes(":")) continue;
      for (const destinationPort of [139, 445]) {
        cases.push({ from: "lan0", via: "wan0", source, destination, destinationPort, state: "new" });
        cases.push({
          from: "wan0",
          via: "lan0",
          source: destination,
          destination: source,
          destinationPort,
          state: "new",
        });
      }
    }
  }
  return cases;
}

function arbitraryCase(): fc.Arbitrary<Case> {
  const v4 = ["10.20.0.1", "10.20.255.255", "20.60.26.4", "20.60.26.7", "20.60.26.9", "126.9.9.9", "203.0.113.9"];
  const v6 = ["2001:db8::1", "2001:db8:20::7", "2603:1000::9", "2603:1080::1", "2400::9", "3fff::1"];
  return fc
    .record({
      ends: fc.oneof(
        fc.tuple(fc.constantFrom(...v4), fc.constantFrom(...v4)),
        fc.tuple(fc.constantFrom(...v6), fc.constantFrom(...v6)),
      ),
      way: fc.constantFrom(...ways().map(({ from, via }) => ({ from, via }))),
      protocol: fc.constantFrom(6, 6, 6, 17, 17, 132, 47, 1),
      destinationPort: fc.constantFrom(445, 445, 137, 139, 53, 80, 400, 1023, 5555),
      sourcePort: fc.constantFrom(137, 1023, 1024, 40000),
      icmpType: fc.constantFrom(8, 128),
      state: fc.constantFrom("new" as const, "new" as const, "untracked" as const, "invalid" as const),
    })
    .filter(({ ends }) => ends[0] !== ends[1])
    .map(({ ends, way, protocol, ...rest }) => ({
      ...rest,
      ...way,
      source: ends[0],
      destination: ends[1],
      protocol: protocol === 1 && ends[0].includes(":") ? 58 : protocol,
    }));
}

async function expectPolicy(laboratory: Laboratory, edge: Edge, cases: readonly Case[], title = ""): Promise<void> {
  laboratory.attempt("firewall", ["conntrack", "-F"]);
  const truth = truthOf(edge, { outside: ["wan0"], hooks: ["forward", "input", "output"] });
  // What comes back from where something went before would be a reply: those cases are left out.
  const seen = new Set<string>();
  const sent = cases.filter((one) => {
    const key = (a: string, b: string, p?: number, q?: number): string => `${a} ${p} ${b} ${q} ${one.protocol ?? 6}`;
    const hasNoPorts = ![6, 17, 132].includes(one.protocol ?? 6);
    const back = hasNoPorts
      ? key(one.destination, one.source)
      : key(one.destination, one.source, one.destinationPort, one.sourcePort ?? 49152);
    if (one.state === "new" && seen.has(back)) return false;
    seen.add(
      hasNoPorts
        ? key(one.source, one.destination)
        : key(one.source, one.destination, one.sourcePort ?? 49152, one.destinationPort),
    );
    if (one.state !== "invalid") return true;
    // Only packets that arrive have their checksum looked at, and only of some protocols. For the firewall itself a raw
    // socket does so, too, for ICMPv6.
    const checked = one.via === "firewall" ? [6, 17, 1] : [6, 17, 1, 58];
    return one.from !== "firewall" && checked.includes(one.protocol ?? 6);
  });
  const expected = sent.map((one): Fate => {
    const packet = modelPacket(one);
    const hook: Hook = one.from === "firewall" ? "output" : one.via === "firewall" ? "input" : "forward";
    const { fate } = trace(
      truth.paths.find((path) => path.hook === hook)!,
      packet,
    );
    return fate === "dropped" ? "dropped" : fate === "rejected" ? "rejected" : "passed";
  });
  const fates = await laboratory.send(
    sent.map(({ state, ...packet }) => ({
      ...packet,
      ...(state === "untracked" && { hops: untrackedHops }),
      ...(state === "invalid" && { badChecksum: true }),
    })),
  );
  const wrong = sent.flatMap((one, i) => {
    // A rejection of a packet that came by raw socket, or that deserves no answer, looks like a drop.
    const isRight = fates[i] === expected[i] || (expected[i] === "rejected" && fates[i] === "dropped");
    return isRight ? [] : [{ ...one, expected: expected[i], actual: fates[i] }];
  });
  expect(wrong, title).to.deep.equal([]);
}

function modelPacket(one: Case): Packet {
  const protocol = one.protocol ?? 6;
  const hasPorts = [6, 17, 33, 132, 136].includes(protocol);
  const isIcmp = protocol === 1 || protocol === 58;
  const state: State = one.state;
  const address = (text: string): number | bigint => parseIpv4(text) ?? parseIpv6(text)!;
  return {
    family: one.source.includes(":") ? "ipv6" : "ipv4",
    ...(one.from !== "firewall" && { ingress: one.from }),
    ...(one.via !== "firewall" && { egress: one.via }),
    state,
    protocol,
    sourcePort: hasPorts ? (one.sourcePort ?? 49152) : 0,
    destinationPort: hasPorts ? (one.destinationPort ?? 0) : 0,
    icmpType: isIcmp ? (one.icmpType ?? 8) : 0,
    icmpCode: isIcmp ? (one.icmpCode ?? 0) : 0,
    tcpFlags: protocol === 6 ? (one.tcpFlags ?? 2) : 0,
    source: address(one.source),
    destination: address(one.destination),
    sourceMac: 0,
    conditions: new Set(),
  };
}

/** In the manner of Docker and firewalld: chains at the usual priorities that accept early, and a drop of their own. */
const neighbours = `
table ip nat {
  chain DOCKER {
    iifname "docker0" return
  }
  chain PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump DOCKER
  }
}
table ip filter {
  chain DOCKER {
  }
  chain DOCKER-USER {
    return
  }
  chain FORWARD {
    type filter hook forward priority filter; policy drop;
    jump DOCKER-USER
    oifname "docker0" jump DOCKER
    tcp dport 666 drop
    accept
  }
}
table inet firewalld {
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    iifname "lo" accept
    tcp dport 445 accept
    accept
  }
}
`;
