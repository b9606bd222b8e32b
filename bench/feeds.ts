/**
 * How fast feeds are read, selected from, compared and asked, as a ratio to JSON.parse of the same file.
 *
 *     npx tsx bench/feeds.ts <older service tag file> <newer one> [rounds]
 *
 * Each figure is the median of the rounds (9 by default); every round begins with the text, so that nothing is worked out
 * before. The look-ups are of 100,000 addresses, half of them of each family: published prefixes' own, at random.
 */
import { readFileSync } from "node:fs";
import type { AnyFeed, AzureFeed } from "../src/feeds/index.js";
import { diffAzure, lookupIndex, partsOf, readFeed, selectAzure } from "../src/feeds/index.js";
import type { AnyPrefix } from "../src/net/index.js";
import { fewestPrefixes4, fewestPrefixes6, fitPrefixes4 } from "../src/net/index.js";
import { generator } from "./random.js";

const [older, newer, given] = process.argv.slice(2);
if (older === undefined || newer === undefined) {
  console.error("npx tsx bench/feeds.ts <older service tag file> <newer one> [rounds]");
  process.exit(2);
}
const rounds = Number(given ?? 9);
const texts = [older, newer].map((path) => ({ path, text: readFileSync(path, "utf8") }));

const steps: Record<string, number[]> = {};
for (let round = 0; round < rounds; round++) {
  const timed = <T>(name: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    (steps[name] ??= []).push(performance.now() - start);
    return result;
  };
  const plain = texts[1]!.text.replace(/^\ufeff/, "");
  timed("JSON.parse", () => JSON.parse(plain) as unknown);
  const to = timed("read", () => azure(1));
  timed("select Storage.WestEurope", () => selectAzure(to, { tags: [{ text: "Storage.WestEurope" }] }));
  const cloud = timed("select AzureCloud", () => selectAzure(to, { tags: [{ text: "AzureCloud" }] }));
  timed("fewest prefixes of AzureCloud", () => [
    fewestPrefixes4(cloud.addresses.ipv4),
    fewestPrefixes6(cloud.addresses.ipv6),
  ]);
  timed("AzureCloud in 500 IPv4 prefixes", () => fitPrefixes4(cloud.addresses.ipv4, 500));
  timed("addresses of every tag", () => partsOf(to));
  const index = timed("index of every tag", () => lookupIndex(partsOf(to).parts));
  const queries = addresses(to, 100_000);
  timed("100,000 look-ups", () => queries.reduce((sum, query) => sum + index.find(query).holding.length, 0));
  timed("difference, from two texts", () => diffAzure(azure(0), azure(1)));
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
const floor = median(steps["JSON.parse"]!);
for (const [name, times] of Object.entries(steps)) {
  console.log(
    `${name.padEnd(34)} ${(median(times) / floor).toFixed(2).padStart(7)} x JSON.parse ${median(times).toFixed(1).padStart(8)} ms`,
  );
}

function azure(which: 0 | 1): AzureFeed {
  const feed = read({ source: texts[which]!, sha256: "" });
  if (feed.kind !== "azure") throw new Error("this is no service tag file");
  return feed;
}

function read(text: Parameters<typeof readFeed>[0]): AnyFeed {
  const reading = readFeed(text);
  if (!reading.ok) throw new Error(reading.problem.message);
  return reading.feed;
}

function addresses(feed: AnyFeed, count: number): AnyPrefix[] {
  const random = generator(20261123);
  const published = partsOf(feed).parts.flatMap((part) => part.published);
  const of = {
    ipv4: published.filter((one) => one.family === "ipv4"),
    ipv6: published.filter((one) => one.family === "ipv6"),
  };
  return Array.from({ length: count }, (_, i): AnyPrefix => {
    const all = of[i % 2 === 0 ? "ipv4" : "ipv6"];
    const { family, prefix } = all[random(all.length)]!;
    return family === "ipv4"
      ? {
          family,
          prefix: { address: prefix.address + random(2 ** Math.min(16, 32 - prefix.length)), length: 32 },
          bare: true,
        }
      : { family, prefix: { address: prefix.address + BigInt(random(256)), length: 128 }, bare: true };
  });
}
