/**
 * Deciding linear lists of 10,000 and 100,000 entries, and the equality of two such lists.
 *
 *     npx tsx bench/packet-sets.ts
 *
 * Prints seconds and peak memory of this process, and each time as a ratio to the smallest list of the same run.
 */
import type { Filter, Match, Rule } from "../src/ir/index.js";
import * as ir from "../src/ir/index.js";
import { prefixInterval4 } from "../src/net/index.js";
import { PacketSpace, decideFilter } from "../src/packet-set/index.js";
import { generator, randomPrefix } from "./random.js";

interface Entry {
  readonly match: Match;
  readonly verdict: "accept" | "drop";
}

function entries(count: number, seed: number): Entry[] {
  const random = generator(seed);
  const prefix = (): { first: number; last: number } => prefixInterval4(randomPrefix(random));
  return Array.from({ length: count }, () => {
    const port = [22, 25, 53, 80, 139, 443, 445, 3389][random(8)]!;
    return {
      match: ir.all(
        ir.ofFamily("ipv4"),
        ir.ofProtocol(random(4) === 0 ? 17 : 6),
        ir.numberIn("destination-port", [port, port + random(2)]),
        ir.from({ ipv4: [prefix()], ipv6: [] }),
        ir.to({ ipv4: [prefix()], ipv6: [] }),
      ),
      verdict: random(3) === 0 ? "drop" : "accept",
    };
  });
}

function list(of: readonly Entry[]): Filter {
  const rules: Rule[] = of.map((entry, i) => ({ ...entry, origin: { label: `entry ${i + 1}` } }));
  return {
    name: "list",
    entry: "list",
    chains: new Map([["list", { name: "list", order: "first-match", end: "drop", rules }]]),
  };
}

function seconds(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

let smallest: number | undefined;
for (const count of [1_000, 10_000, 100_000]) {
  const of = entries(count, 20261123);
  const space = new PacketSpace({ interfaces: [] });
  const decide = seconds(() => decideFilter(space, list(of)));
  const again = seconds(() => decideFilter(space, list(entries(count, 20261123))));
  smallest ??= decide;
  const memory = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${count} entries: decide ${decide.toFixed(3)} s (${(decide / smallest).toFixed(1)} x the smallest), ` +
      `a second list of the same meaning ${again.toFixed(3)} s, ${space.bdd.size} nodes, peak ${memory.toFixed(0)} MB`,
  );
}
