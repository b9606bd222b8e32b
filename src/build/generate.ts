import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles, repository } from "./generated-files.js";

/** Writes the files that are made from others; only those that changed. */
const { committed, ignored } = await generatedFiles();
write({ ...committed, ...ignored });
// Loaded only now: the rules import the validator that was written above.
const { rulePages } = await import("./rule-pages.js");
write(await rulePages());

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(repository, path);
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    process.stderr.write(`wrote ${path}\n`);
  }
}
