/**
 * What the rules cost the kernel for each packet, with an exception for all of AzureCloud.
 *
 *     sudo npx tsx bench/kernel-cost.ts [rounds]
 *
 * In a network namespace of its own, one process sends packets out of an interface `wan0` that leads nowhere: packets that fall
 * through (TCP 443), denied ones (TCP 445 elsewhere) and excepted ones (TCP 445 into the cloud), for IPv4 and IPv6. Each
 * round measures every variant; the table gives the median over the rounds, as nanoseconds a packet and as ratios to no
 * rules and to a hand-written interval set of the same run. Connection tracking is on in every variant.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const rounds = Number(process.argv[2] ?? 7);
const realFeed = join(root, "../shared/data/ServiceTags_Public_20251028.json");
const real = existsSync(realFeed);
const feed = real ? realFeed : join(root, "examples/feeds/ServiceTags_Public.json");
const tag = real ? "AzureCloud" : "Storage.WestEurope";
const work = mkdtempSync(join(tmpdir(), "ringwall-bench-"));
const namespace = `rwbench${process.pid}`;

interface Variant {
  readonly name: string;
  load(): void;
}

function main(): void {
  const nftables = compile("nftables", "nftables: { outside: [wan0] }");
  const ipset = compile("ipset", "iptables: { outside: [wan0], sets: ipset }");
  const tree = compile("tree", "iptables: { outside: [wan0], sets: rules }");
  const nft = readFileSync(join(nftables, "nftables/ringwall.nft"), "utf8");
  const elements = { ipv4: elementsOf(nft, "ipv4"), ipv6: elementsOf(nft, "ipv6") };
  const variants: Variant[] = [
    { name: "no rules", load: () => undefined },
    { name: "hand-written set", load: () => inside(["nft", "-f", "-"], handWritten(elements)) },
    { name: "nftables", load: () => inside(["nft", "-f", "-"], nft) },
    { name: "iptables, ipset", load: () => loadIptables(join(ipset, "iptables")) },
    { name: "iptables, tree", load: () => loadIptables(join(tree, "iptables")) },
  ];
  const targets = {
    ipv4: { excepted: firstAddress(elements.ipv4), other: "198.51.100.7" },
    ipv6: { excepted: firstAddress(elements.ipv6), other: "2001:db8:dead::7" },
  };
  const kinds = (["ipv4", "ipv6"] as const).flatMap((family) => [
    { name: `${family} falls through`, destination: targets[family].other, port: 443 },
    { name: `${family} denied`, destination: targets[family].other, port: 445 },
    { name: `${family} excepted`, destination: targets[family].excepted, port: 445 },
  ]);

  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) {
      fresh();
      variant.load();
      const results = JSON.parse(inside(["/usr/bin/env", "python3", "-c", sender, JSON.stringify(kinds)])) as number[];
      for (const [i, kind] of kinds.entries()) {
        const key = `${variant.name}|${kind.name}`;
        times.set(key, [...(times.get(key) ?? []), results[i]!]);
      }
    }
  }

  console.log(
    `${tag}: ${elements.ipv4.length} IPv4 and ${elements.ipv6.length} IPv6 intervals, median of ${rounds} rounds`,
  );
  for (const kind of kinds) {
    const of = (variant: string): number => median(times.get(`${variant}|${kind.name}`)!);
    console.log(kind.name);
    for (const { name } of variants) {
      const time = of(name);
      console.log(
        `  ${name.padEnd(18)} ${time.toFixed(0).padStart(6)} ns   ${(time / of("no rules")).toFixed(2)} x no rules   ` +
          `${(time / of("hand-written set")).toFixed(2)} x hand-written`,
      );
    }
  }
}

function compile(name: string, target: string): string {
  const policy = join(work, `${name}.yaml`);
  writeFileSync(
    policy,
    `version: 1
name: bench
feeds: { azure: { file: ${JSON.stringify(feed)} } }
networks: { cloud: { azure: { tags: [${tag}] } } }
services: { smb: tcp/445, netbios: [udp/137-138, tcp/139] }
rules:
  - name: block-smb
    deny: [smb, netbios]
    except: [{ to: cloud, service: smb, direction: outbound, reason: bench }]
default: continue
targets: { ${target} }
`,
  );
  const out = join(work, name);
  const done = spawnSync(
    process.execPath,
    ["--import=tsx", join(root, "src/cli.ts"), "compile", policy, "--out", out],
    {
      encoding: "utf8",
      cwd: root,
    },
  );
  if (done.status !== 0) throw new Error(done.stderr);
  return out;
}

/** The elements of the table's set of a family, whatever it is called. */
function elementsOf(nft: string, family: "ipv4" | "ipv6"): string[] {
  const set = new RegExp(`type ${family}_addr[^}]*?elements = \\{([^}]*)\\}`).exec(nft);
  return set![1]!
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}

function firstAddress(elements: readonly string[]): string {
  return elements[Math.floor(elements.length / 2)]!.split(/[-/]/)[0]!;
}

function handWritten(elements: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }): string {
  return `table inet hand {
  set cloud4 { type ipv4_addr; flags interval; elements = { ${elements.ipv4.join(", ")} } }
  set cloud6 { type ipv6_addr; flags interval; elements = { ${elements.ipv6.join(", ")} } }
  chain output {
    type filter hook output priority -10; policy accept;
    oifname "wan0" tcp dport 445 ip daddr @cloud4 accept
    oifname "wan0" tcp dport 445 ip6 daddr @cloud6 accept
    oifname "wan0" tcp dport { 139, 445 } drop
    oifname "wan0" udp dport 137-138 drop
  }
}`;
}

function loadIptables(folder: string): void {
  const files = readdirSync(folder);
  for (const file of files.filter((name) => /ipset/.test(name)))
    inside(["ipset", "restore"], readFileSync(join(folder, file), "utf8"));
  inside(["iptables-restore", "--noflush"], readFileSync(join(folder, "rules.v4"), "utf8"));
  inside(["ip6tables-restore", "--noflush"], readFileSync(join(folder, "rules.v6"), "utf8"));
}

function fresh(): void {
  spawnSync("ip", ["netns", "delete", namespace]);
  check(spawnSync("ip", ["netns", "add", namespace], { encoding: "utf8" }));
  inside(["sh", "-e"], setup);
}

const setup = `
ip link set lo up
ip link add wan0 type veth peer name sink
ip link set wan0 up
ip link set sink up
ip address add 192.0.2.1/24 dev wan0
ip -6 address add 2001:db8::1/64 dev wan0 nodad
# To a hardware address that nobody has: the other end throws each packet away at once.
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:99 dev wan0
ip -6 neigh add 2001:db8::2 lladdr 02:00:00:00:00:99 dev wan0
ip route add default via 192.0.2.2
ip -6 route add default via 2001:db8::2
nft add table inet tracking
nft 'add chain inet tracking output { type filter hook output priority 10; policy accept; }'
nft add rule inet tracking output ct state established accept
`;

/** Sends the same packet over and over, and prints nanoseconds a packet for each kind. */
const sender = `
import json, socket, struct, sys, time
def packet(destination, port):
    v6 = ":" in destination
    family = socket.AF_INET6 if v6 else socket.AF_INET
    source = "2001:db8::1" if v6 else "192.0.2.1"
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination)
    tcp = struct.pack("!HHIIBBHHH", 50000, port, 1, 0, 80, 2, 1024, 0, 0)
    pseudo = addresses + (struct.pack("!II", 20, 6) if v6 else struct.pack("!HH", 6, 20))
    total = sum(struct.unpack("!%dH" % ((len(pseudo) + 20) // 2), pseudo + tcp))
    while total >> 16: total = (total & 65535) + (total >> 16)
    tcp = tcp[:16] + struct.pack("!H", ~total & 65535) + tcp[18:]
    if v6: return family, struct.pack("!IHBB", 6 << 28, 20, 6, 64) + addresses + tcp
    return family, struct.pack("!BBHHHBBH", 69, 0, 40, 0, 0, 64, 6, 0) + addresses + tcp
results = []
for kind in json.loads(sys.argv[1]):
    family, data = packet(kind["destination"], kind["port"])
    sock = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.connect((kind["destination"], 0))
    send = sock.send
    best = None
    for batch in range(5):
        start = time.perf_counter_ns()
        for _ in range(8000):
            try: send(data)
            except OSError: pass
        took = (time.perf_counter_ns() - start) / 8000
        best = took if best is None else min(best, took)
    results.append(best)
print(json.dumps(results))
`;

function inside(command: readonly string[], input = ""): string {
  return check(spawnSync("ip", ["netns", "exec", namespace, ...command], { input, encoding: "utf8" }));
}

function check(done: { readonly status: number | null; readonly stdout: string; readonly stderr: string }): string {
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

try {
  main();
} finally {
  spawnSync("ip", ["netns", "delete", namespace]);
  rmSync(work, { recursive: true });
}
