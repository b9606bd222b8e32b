// The least that any generator has to do: read and parse the feed, and write the selected prefixes.
//     node bench/floor.mjs FEED OUTPUT TAG...
import { readFileSync, writeFileSync } from "node:fs";

const [feed, output, ...tags] = process.argv.slice(2);
const { values } = JSON.parse(readFileSync(feed, "utf8").replace(/^\ufeff/, ""));
const wanted = new Set(tags);
const prefixes = new Set();
for (const { name, properties } of values) {
  if (wanted.has(name)) for (const prefix of properties.addressPrefixes) prefixes.add(prefix);
}
writeFileSync(output, [...prefixes].join("\n") + "\n");
