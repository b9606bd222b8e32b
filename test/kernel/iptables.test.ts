import { mkdtempSync, mkdirSync, rmSync, writeFileSync, chmodSync, readFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Edge, Packet, State } from "../../src/vendor-kit/index.js";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";
import { trace } from "../../src/packet-set/index.js";
import { truthOf } from "../../src/policy/truth.js";
import iptables from "../../vendors/iptables/index.js";
import { edgeOf, edgeRule, exception, icmpService, network, service, smb, targetOf } from "../support/edge.js";
import type { Fate, Laboratory, Outcome, WirePacket } from "../support/kernel.js";
import { describeKernel, openLaboratory, untrackedHops } from "../support/kernel.js";

const variants = ["nft", "legacy"] as const;
const forms = ["ipset", "rules"] as const;

/** More than eight prefixes, so that they are a set or a tree. */
const azurePrefixes = Array.from({ length: 20 }, (_, i) => [`20.60.${i * 4}.0/23`, `2603:1000:${i * 4}::/47`]).flat();
const azure = network("azure-files", ...azurePrefixes);
const clients = network("branch-clients", "10.20.0.0/16", "2001:db8:20::/48");

function smbEdge(rest: Partial<Edge> = {}): Edge {
  return edgeOf(
    [
      edgeRule("block-smb", {
        exceptions: [
          exception({ from: clients, to: azure, reason: `CHG-1 "x" ! -j ACCEPT\nCOMMIT`, expires: "2027-06-30" }),
        ],
      }),
    ],
    rest,
  );
}

/** A folder with what is emitted, and the state that apply.sh keeps. */
class Output {
  readonly folder = mkdtempSync(join(tmpdir(), "rw-iptables-"));
  constructor(
    private readonly laboratory: Laboratory,
    private readonly variant: string,
  ) {
    // Programs that a test puts in front of the real ones.
    mkdirSync(join(this.folder, "bin"));
  }
  write(edge: Edge, sets: string, prefix = "RW"): void {
    const emission = iptables.emit(edge, targetOf("iptables", { outside: ["wan0"], sets, prefix }));
    expect(emission.diagnostics).to.deep.equal([]);
    for (const name of ["sets.ipset"]) rmSync(join(this.folder, name), { force: true });
    for (const file of emission.files) writeFileSync(join(this.folder, file.path), file.text);
  }
  apply(...more: readonly string[]): Outcome {
    const environment = [
      `PATH=${join(this.folder, "bin")}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
      `RINGWALL_STATE=${join(this.folder, "state")}`,
      `RINGWALL_VARIANT=${this.variant}`,
    ];
    return this.laboratory.attempt("firewall", ["env", ...environment, "sh", join(this.folder, "apply.sh"), ...more]);
  }
  load(edge: Edge, sets: string): void {
    this.write(edge, sets);
    const done = this.apply();
    expect(done.stderr).to.equal("ringwall: applied\n");
    expect(done.status).to.equal(0);
  }
  /** Rules and sets as they are loaded, without what changes by itself. */
  loaded(): string {
    const { laboratory, variant } = this;
    const rules = ["iptables", "ip6tables"].map((program) =>
      laboratory.run("firewall", [`${program}-${variant}-save`, "-t", "filter"]),
    );
    const sets = laboratory.run("firewall", ["ipset", "save", "-sorted"]);
    return [...rules, sets.replace(/ (?:initval|hashsize) \S+/g, "")]
      .join("")
      .replace(/^#.*\n/gm, "")
      .replace(/\[\d+:\d+\]/g, "");
  }
  /** Puts a program in front of the real one: `fails(count)` calls go well before the one that fails. */
  fake(program: string, body: string): void {
    const path = join(this.folder, "bin", program);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }
  unfake(): void {
    rmSync(join(this.folder, "bin"), { recursive: true, force: true });
    mkdirSync(join(this.folder, "bin"));
  }
  reset(): void {
    this.unfake();
    const { laboratory, variant } = this;
    for (const program of ["iptables", "ip6tables"]) {
      laboratory.run("firewall", [
        "sh",
        "-c",
        `${program}-${variant} -F; ${program}-${variant} -X; ${program}-${variant} -P FORWARD ACCEPT`,
      ]);
    }
    // The kernel lets go of the rules that used them a moment later.
    const tries =
      "ipset flush; for try in 1 2 3 4 5 6 7 8; do ipset destroy 2>/dev/null && exit; sleep 0.1; done; ipset destroy";
    laboratory.run("firewall", ["sh", "-c", tries]);
    rmSync(join(this.folder, "state"), { recursive: true, force: true });
  }
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const ways = [
  { from: "wan0", via: "lan0" },
  { from: "lan0", via: "wan0" },
  { from: "wan0", via: "firewall" },
  { from: "firewall", via: "wan0" },
  { from: "wan0", via: "wan0" },
] as const;

const ends = {
  ipv4: { client: "10.20.1.5", other: "10.30.1.5", azure: "20.60.4.7", far: "198.51.100.9" },
  ipv6: { client: "2001:db8:20::5", other: "2001:db8:30::5", azure: "2603:1000:4::7", far: "2001:db8:ff::9" },
} as const;

/** Every port in every direction, addresses that are excepted and such that are not, first and last addresses of prefixes. */
function packetsToSend(): WirePacket[] {
  const packets: WirePacket[] = [];
  for (const family of ["ipv4", "ipv6"] as const) {
    const { client, other, azure: inAzure, far } = ends[family];
    for (const way of ways) {
      for (const [source, destination] of [
        [client, inAzure],
        [inAzure, client],
        [other, inAzure],
        [client, far],
      ] as const) {
        const pair = { ...way, source, destination };
        for (const destinationPort of [138, 139, 140, 443, 444, 445, 446]) packets.push({ ...pair, destinationPort });
        for (const destinationPort of [136, 137, 138, 139, 445])
          packets.push({ ...pair, destinationPort, protocol: 17 });
        packets.push({ ...pair, destinationPort: 50000, sourcePort: 445 });
        packets.push({ ...pair, destinationPort: 445, hops: untrackedHops });
        if (way.from !== "firewall") packets.push({ ...pair, destinationPort: 445, badChecksum: true });
        const fragments = family === "ipv4" ? [8, 16] : [24, 16];
        packets.push({ ...pair, destinationPort: 445, fragments });
        packets.push({ ...pair, destinationPort: 443, fragments });
        if (family === "ipv6") {
          packets.push({ ...pair, destinationPort: 445, extensionHeaders: ["hop-by-hop", "destination"] });
          packets.push({ ...pair, destinationPort: 445, extensionHeaders: ["destination", "atomic-fragment"] });
        }
      }
    }
    const out = { from: "lan0", via: "wan0", destinationPort: 445, source: client };
    for (const text of azurePrefixes.filter((prefix) => prefix.includes(":") === (family === "ipv6"))) {
      for (const destination of around(text)) packets.push({ ...out, destination });
    }
  }
  return packets;
}

/** One before, the first, the last, one after. */
function around(prefix: string): string[] {
  const [address = "", length = ""] = prefix.split("/");
  if (prefix.includes(":")) {
    const first = parseIpv6(address)!;
    const last = first + (1n << (128n - BigInt(length))) - 1n;
    return [first - 1n, first, last, last + 1n].map(formatIpv6);
  }
  const first = parseIpv4(address)!;
  const last = first + 2 ** (32 - Number(length)) - 1;
  return [first - 1, first, last, last + 1].map(formatIpv4);
}

/** What the policy says of a packet of the wire. */
function policyFate(edge: Edge, packet: WirePacket): Fate {
  const hook = packet.via === "firewall" ? "input" : packet.from === "firewall" ? "output" : "forward";
  const path = truthOf(edge, { outside: ["wan0"], hooks: [hook] }).paths[0]!;
  const family = packet.source.includes(":") ? "ipv6" : "ipv4";
  const read = (text: string): number | bigint => (family === "ipv4" ? parseIpv4(text)! : parseIpv6(text)!);
  const state: State = packet.hops === untrackedHops ? "untracked" : packet.badChecksum ? "invalid" : "new";
  const protocol = packet.protocol ?? 6;
  const model: Packet = {
    family,
    ...(packet.from !== "firewall" && { ingress: packet.from }),
    ...(packet.via !== "firewall" && { egress: packet.via }),
    state,
    protocol,
    sourcePort: packet.sourcePort ?? 40000,
    destinationPort: packet.destinationPort ?? 0,
    icmpType: packet.icmpType ?? 0,
    icmpCode: packet.icmpCode ?? 0,
    tcpFlags: protocol === 6 ? 2 : 0,
    source: read(packet.source),
    destination: read(packet.destination),
    sourceMac: 0,
    conditions: new Set(),
  };
  const { fate } = trace(path, model);
  return fate === "dropped" || fate === "rejected" ? fate : "passed";
}

function show(packet: WirePacket, expected: Fate, is: Fate): string {
  return `${JSON.stringify(packet)}: ${expected} expected, ${is}`;
}

async function expectPolicy(laboratory: Laboratory, edge: Edge, packets: readonly WirePacket[]): Promise<void> {
  const fates = await laboratory.send(packets);
  const wrong = packets.flatMap((packet, i) => {
    const expected = policyFate(edge, packet);
    // The laboratory does not see every answer of the firewall about its own traffic.
    const own = packet.from === "firewall" || packet.via === "firewall";
    const is = own && expected === "rejected" && fates[i] === "dropped" ? "rejected" : fates[i]!;
    return is === expected ? [] : [show(packet, expected, is)];
  });
  expect(wrong).to.deep.equal([]);
}

const dockerRules = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -j ACCEPT
-A FORWARD -i wan0 -p tcp -m tcp --dport 443 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
`;

for (const variant of variants) {
  const programs = [`iptables-${variant}-restore`, `ip6tables-${variant}-restore`, "ipset", "nft"];
  describeKernel(`iptables-${variant} in the kernel`, programs, () => {
    let laboratory: Laboratory;
    let output: Output;
    before(function () {
      laboratory = openLaboratory();
      const probe = laboratory.attempt("firewall", [`iptables-${variant}-save`]);
      const works = laboratory.attempt("firewall", [`iptables-${variant}`, "-L", "-n"]);
      if (probe.status !== 0 || works.status !== 0) {
        // Newer kernels may come without ip_tables: then there is no legacy to be tested.
        console.log(`      iptables-${variant} does not work with this kernel: ${works.stderr.trim()}`);
        laboratory.close();
        this.skip();
      }
      output = new Output(laboratory, variant);
    });
    after(() => {
      output?.remove();
      laboratory.close();
    });
    afterEach(() => output.reset());

    for (const sets of forms) {
      it(`judges packets as the policy does, with sets: ${sets}`, async () => {
        const edge = smbEdge();
        output.load(edge, sets);
        await expectPolicy(laboratory, edge, packetsToSend());
      });

      it(`is the same when it is loaded twice, with sets: ${sets}`, () => {
        output.load(smbEdge(), sets);
        const once = output.loaded();
        output.load(smbEdge(), sets);
        expect(output.loaded()).to.equal(once);
        expect(once.match(/-A FORWARD -j RW-FORWARD/g)).to.have.length(2);
      });
    }

    it("is no worse for rules that are loaded by hand, even twice, and the next apply sets it right", async () => {
      const edge = smbEdge();
      output.load(edge, "ipset");
      const once = output.loaded();
      const restore = [`iptables-${variant}-restore`, "--noflush", join(output.folder, "rules.v4")];
      laboratory.run("firewall", restore);
      expect(output.loaded()).to.match(/-A FORWARD -j RW-FORWARD\n-A FORWARD -j RW-FORWARD\n/);
      await expectPolicy(laboratory, edge, packetsToSend().slice(0, 300));
      output.load(edge, "ipset");
      expect(output.loaded()).to.equal(once);
    });

    it("rejects, permits and denies by default as the policy does", async () => {
      const edge = edgeOf(
        [
          edgeRule("mail", {
            action: "permit",
            services: [service("smtp", 6, 25)],
            to: network("server", "10.20.0.25", "2001:db8:20::25"),
          }),
          edgeRule("tell", {
            action: "reject",
            log: true,
            services: [smb, service("udp", 17, 445), service("gre", 47)],
          }),
          edgeRule("ping", { action: "permit", services: [icmpService("ipv4", 8), icmpService("ipv6", 128)] }),
          edgeRule("web", {
            action: "permit",
            services: [service("web", 6, 80, [443, 444])],
            directions: ["outbound"],
          }),
        ],
        { default: "deny" },
      );
      output.load(edge, "ipset");
      const packets: WirePacket[] = [];
      for (const way of ways) {
        for (const family of ["ipv4", "ipv6"] as const) {
          const pair = {
            ...way,
            source: ends[family].far,
            destination: family === "ipv4" ? "10.20.0.25" : "2001:db8:20::25",
          };
          for (const destinationPort of [25, 80, 443, 444, 445, 446]) packets.push({ ...pair, destinationPort });
          packets.push({ ...pair, destinationPort: 445, protocol: 17 }, { ...pair, protocol: 47 });
          packets.push({ ...pair, protocol: family === "ipv4" ? 1 : 58, icmpType: family === "ipv4" ? 8 : 128 });
          packets.push({ ...pair, protocol: family === "ipv4" ? 1 : 58, icmpType: family === "ipv4" ? 13 : 129 });
        }
      }
      await expectPolicy(laboratory, edge, packets);
    });

    it("lets the replies of a flow through whose client has port 445, and cuts flows of the denied set that are open", async () => {
      for (const [source, destination] of [
        [ends.ipv4.other, ends.ipv4.far],
        [ends.ipv6.other, ends.ipv6.far],
      ] as const) {
        const innocent = {
          from: "inside",
          to: "outside",
          source,
          sourcePort: 445,
          destination,
          destinationPort: 443,
        } as const;
        const guilty = {
          from: "inside",
          to: "outside",
          source,
          sourcePort: 40001,
          destination,
          destinationPort: 445,
        } as const;
        const open = await laboratory.open(guilty);
        expect(open.state).to.equal("open");
        output.load(smbEdge(), "ipset");
        expect(await open.exchange()).to.equal("timeout");
        await open.close();
        const flow = await laboratory.open(innocent);
        expect(flow.state).to.equal("open");
        expect(await flow.exchange()).to.equal("answered");
        await flow.close();
        output.reset();
      }
    });

    it("stands before Docker's rules and leaves them the rest", async () => {
      laboratory.run("firewall", [`iptables-${variant}-restore`], dockerRules);
      output.load(smbEdge(), "ipset");
      const { client, azure: excepted, far } = ends.ipv4;
      const out = { from: "lan0", via: "wan0", source: client };
      const inward = { from: "wan0", via: "lan0", source: far, destination: client };
      const fates = await laboratory.send([
        { ...out, destination: excepted, destinationPort: 445 },
        { ...out, destination: far, destinationPort: 445 },
        { ...inward, destinationPort: 443 },
        { ...inward, destinationPort: 80 },
        { ...inward, destinationPort: 445 },
      ]);
      expect(fates).to.deep.equal(["passed", "dropped", "passed", "dropped", "dropped"]);
      const before = laboratory.run("firewall", [`iptables-${variant}-save`, "-t", "filter"]);
      // Docker comes back and puts its jump first: the next apply stands before it again.
      laboratory.run("firewall", [`iptables-${variant}`, "-I", "FORWARD", "-j", "DOCKER"]);
      output.load(smbEdge(), "ipset");
      const heads = laboratory
        .run("firewall", [`iptables-${variant}-save`, "-t", "filter"])
        .split("\n")
        .filter((line) => line.startsWith("-A FORWARD"));
      expect(heads[0]).to.equal("-A FORWARD -j RW-FORWARD");
      expect(heads.filter((line) => line.includes("RW-"))).to.have.length(1);
      expect(before).to.include("-A DOCKER-USER -j RETURN");
    });

    it("leaves nothing of the older output when a newer one is loaded", async () => {
      const old = edgeOf([
        edgeRule("one", { exceptions: [exception({ to: azure })] }),
        edgeRule("two", { services: [service("x", 6, 99)] }),
      ]);
      output.load(old, "ipset");
      output.load(smbEdge(), "rules");
      const loaded = output.loaded();
      expect(loaded).not.to.match(/one|two|create/);
      await expectPolicy(laboratory, smbEdge(), packetsToSend().slice(0, 200));
      expect(output.apply("--rollback").status).to.equal(0);
      expect(output.loaded()).to.include("two");
      await expectPolicy(laboratory, old, packetsToSend().slice(0, 200));
    });

    it("lets no denied packet pass while an update is loaded", async () => {
      const first = smbEdge();
      const second = edgeOf([
        edgeRule("block-smb", {
          exceptions: [exception({ from: clients, to: network("azure-files", ...azurePrefixes.slice(0, 24)) })],
        }),
      ]);
      output.load(first, "ipset");
      const denied: WirePacket[] = Array.from({ length: 600 }, (_, i) => {
        const family = i % 2 === 0 ? "ipv4" : "ipv6";
        return i % 4 < 2
          ? {
              from: "lan0",
              via: "wan0",
              source: ends[family].client,
              destination: ends[family].far,
              destinationPort: 445,
              sourcePort: 20000 + i,
            }
          : {
              from: "wan0",
              via: "lan0",
              source: ends[family].azure,
              destination: ends[family].client,
              destinationPort: 139,
              sourcePort: 20000 + i,
            };
      });
      const sent = laboratory.send(denied, { pause: 0.002 });
      for (let i = 0; i < 4; i++) {
        await new Promise((resolve) => setTimeout(resolve, 120));
        output.load(i % 2 === 0 ? second : first, i % 3 === 0 ? "rules" : "ipset");
      }
      expect((await sent).filter((fate) => fate !== "dropped")).to.deep.equal([]);
    });

    describe("apply.sh", () => {
      /** A program that goes well `well` times and fails after that. */
      const failing = (program: string, well: number, folder: string): string =>
        `count="${folder}/count-${program}"; n=$(cat "$count" 2>/dev/null || echo 0); echo $((n + 1)) >"$count"\n` +
        `[ "$n" -lt ${well} ] && exec env PATH=/usr/sbin:/sbin:/usr/bin:/bin ${program} "$@"\necho "${program} is broken" >&2; exit 1`;
      const calls: Readonly<Record<string, number>> = {
        [`iptables-${variant}-save`]: 4,
        [`ip6tables-${variant}-save`]: 4,
        [`iptables-${variant}-restore`]: 2,
        [`ip6tables-${variant}-restore`]: 2,
        // The other programs are the same for both variants.
        ...(variant === "nft" && { mktemp: 1, awk: 6, ipset: 6, mkdir: 2, cp: 1, mv: 1, cmp: 2, sort: 4 }),
      };

      it("restores what was loaded whichever step fails, and removes what it had begun", () => {
        output.load(smbEdge(), "ipset");
        const before = output.loaded();
        const other = edgeOf([
          edgeRule("other", { exceptions: [exception({ to: network("azure-files", ...azurePrefixes.slice(4)) })] }),
        ]);
        for (const [program, most] of Object.entries(calls)) {
          for (let well = 0; well < most; well++) {
            output.write(other, "ipset");
            output.fake(program, failing(program, well, join(output.folder, "bin")));
            const done = output.apply();
            output.unfake();
            const after = output.loaded();
            const told = `${program} fails after ${well}: ${done.stderr}`;
            if (done.status === 0) expect(after, told).to.include("other");
            else if (done.status === 1) expect(rulesOf(after), told).to.equal(rulesOf(before));
            else {
              // The tool that is broken is needed to restore, too.
              expect(done.stderr, told).to.match(/closed|neither/);
              expect(after, told).to.match(/-A FORWARD -j RW-FORWARD[\s\S]*-A FORWARD -j RW-FORWARD/);
              expect(after, told).to.match(/-j DROP/);
            }
            if (done.status !== 0) expect(done.stderr, told).to.match(/ringwall: failed: /);
            output.load(smbEdge(), "ipset");
            expect(output.loaded(), told).to.equal(before);
          }
        }
      });

      it("closes where neither the new rules nor those before can be loaded", async () => {
        output.load(smbEdge(), "ipset");
        output.write(edgeOf([edgeRule("other", { exceptions: [exception({ to: azure })] })]), "ipset");
        // The new IPv6 rules fail when they are committed, and so does all that has exceptions: only closed.v6 loads.
        const real = `env PATH=/usr/sbin:/sbin:/usr/bin:/bin ip6tables-${variant}-restore "$@"`;
        output.fake(
          `ip6tables-${variant}-restore`,
          `text=$(cat)\ncase "$*" in *--test*) printf '%s\\n' "$text" | exec ${real};; esac\n` +
            `case "$text" in *except*) exit 1;; esac\nprintf '%s\\n' "$text" | exec ${real}`,
        );
        const done = output.apply();
        expect(done.stderr).to.include("IPv6 is closed now");
        expect(done.status).to.equal(3);
        const { client, azure: excepted } = ends.ipv6;
        const out = { from: "lan0", via: "wan0", source: client, destination: excepted };
        expect(
          await laboratory.send([
            { ...out, destinationPort: 445 },
            { ...out, destinationPort: 443 },
          ]),
        ).to.deep.equal(["dropped", "passed"]);
        const before = {
          from: "lan0",
          via: "wan0",
          source: ends.ipv4.client,
          destination: ends.ipv4.azure,
          destinationPort: 445,
        };
        expect(await laboratory.send([before])).to.deep.equal(["passed"]);
      });

      it("shows what it would load without loading it", () => {
        output.write(smbEdge(), "ipset");
        const before = output.loaded();
        const done = output.apply("--dry-run");
        expect(done.status).to.equal(0);
        expect(done.stdout).to.match(/create RW4-azure-files-[\s\S]*-A RW-IN [\s\S]*COMMIT/);
        expect(output.loaded()).to.equal(before);
        expect(existsSync(join(output.folder, "state"))).to.equal(false);
      });

      it("goes back to the last other state, also after the same was applied again", () => {
        const before = output.loaded();
        output.load(smbEdge(), "ipset");
        output.load(smbEdge(), "ipset");
        expect(output.apply("--rollback").stderr).to.equal("ringwall: rolled back\n");
        expect(output.loaded()).to.equal(before);
      });

      it("refuses words that it does not know, and a rollback without a state", () => {
        output.write(smbEdge(), "ipset");
        expect(output.apply("--force").status).to.equal(2);
        expect(output.apply("--rollback").status).to.equal(1);
      });

      it("is plain POSIX shell", () => {
        output.write(smbEdge(), "ipset");
        for (const shell of ["sh", "dash", "bash"]) {
          if (laboratory.attempt("firewall", ["sh", "-c", `command -v ${shell}`]).status !== 0) continue;
          laboratory.run("firewall", [shell, "-n", join(output.folder, "apply.sh")]);
        }
        expect(readFileSync(join(output.folder, "apply.sh"), "utf8")).not.to.match(/\[\[|\blocal\b|^function /m);
      });
    });
  });
}

/** The rules alone: a failed apply may leave the sets in another order. */
function rulesOf(loaded: string): string {
  return loaded
    .split("\n")
    .filter((line) => !/^(?:create|add) /.test(line))
    .join("\n");
}
