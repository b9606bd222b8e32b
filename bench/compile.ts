/**
 * Whole-process time and peak memory of `ringwall compile` for all four targets at three sizes, as a ratio to a floor
 * script in the same Node that reads and parses the feed and writes the selected prefixes.
 *
 *     npm run build && npx tsx bench/compile.ts [rounds]
 *
 * Rounds take turns between the variants, so that a slow moment of the machine meets all of them. The ratio is that of
 * the medians.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const feed = join(root, "../shared/data/ServiceTags_Public_20251028.json");
const rounds = Number(process.argv[2] ?? 9);
if (!existsSync(feed)) {
  console.error(`${feed} is needed: a published service tag file of October 2025`);
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), "ringwall-bench-"));

interface Feed {
  readonly values: readonly { readonly name: string }[];
}

const names = (JSON.parse(readFileSync(feed, "utf8").replace(/^\ufeff/, "")) as Feed).values.map(({ name }) => name);
const sizes: readonly { readonly name: string; readonly tags: readonly string[] }[] = [
  { name: "Storage.WestEurope", tags: ["Storage.WestEurope"] },
  { name: "all Storage.*", tags: names.filter((name) => name.startsWith("Storage.")) },
  { name: "AzureCloud", tags: ["AzureCloud"] },
];

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

try {
  for (const [i, { name, tags }] of sizes.entries()) {
    const policy = join(work, `policy${i}.yaml`);
    writeFileSync(policy, policyText(tags));
    const cli = join(root, "dist/src/cli.js");
    const variants: readonly { readonly name: string; readonly command: readonly string[] }[] = [
      { name: "floor", command: [join(root, "bench/floor.mjs"), feed, join(work, "floor.txt"), ...tags] },
      { name: "start only", command: [cli, "--version"] },
      { name: "compile, no proof", command: [cli, "compile", policy, "--out", join(work, "out"), "--no-proof"] },
      { name: "compile, proved", command: [cli, "compile", policy, "--out", join(work, "out")] },
    ];
    const runs = new Map<string, Run[]>(variants.map((variant) => [variant.name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const variant of variants) {
        const run = measure(variant.command);
        // The first round fills the disk's cache.
        if (round > 0) runs.get(variant.name)!.push(run);
      }
    }
    console.log(`${name} (${tags.length} tags), median of ${rounds} rounds`);
    const floor = middle(runs.get("floor")!);
    for (const variant of variants) {
      const { seconds, megabytes } = middle(runs.get(variant.name)!);
      console.log(
        `  ${variant.name.padEnd(18)} ${seconds.toFixed(3)} s  ${(seconds / floor.seconds).toFixed(2)} x floor   ` +
          `${megabytes.toFixed(0).padStart(4)} MB  ${(megabytes / floor.megabytes).toFixed(2)} x floor`,
      );
    }
  }
} finally {
  rmSync(work, { recursive: true });
}

function policyText(tags: readonly string[]): string {
  return `version: 1
name: bench
feeds: { azure: { file: ${JSON.stringify(feed)} } }
networks: { cloud: { azure: { tags: [${tags.join(", ")}] } } }
services: { smb: tcp/445, netbios: [udp/137-138, tcp/139] }
rules:
  - name: block-smb
    deny: [smb, netbios]
    except: [{ to: cloud, service: smb, direction: outbound, reason: bench }]
default: continue
targets:
  nftables: { outside: [wan0] }
  iptables: { outside: [wan0] }
  pfsense: { outside: [wan] }
  cisco-asa: { outside: [outside], after: { inbound: deny, outbound: permit } }
`;
}

function measure(command: readonly string[]): Run {
  const memory = join(work, "memory");
  const start = process.hrtime.bigint();
  const done = spawnSync(process.execPath, [`--import=${join(root, "bench/peak-memory.mjs")}`, ...command], {
    encoding: "utf8",
    env: { ...process.env, PEAK_MEMORY: memory },
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (done.status !== 0) throw new Error(`${command.join(" ")}\n${done.stderr}`);
  return { seconds, megabytes: Number(readFileSync(memory, "utf8")) / 1024 };
}

function middle(runs: readonly Run[]): Run {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return { seconds: median(runs.map((run) => run.seconds)), megabytes: median(runs.map((run) => run.megabytes)) };
}
