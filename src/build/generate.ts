import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedFiles, repository } from "./generated-files.js";

/** Writes the files that are made from others; only those that changed. */
const { committed, ignored } = await generatedFiles();
for (const [path, text] of Object.entries({ ...committed, ...ignored })) {
  const file = join(repository, path);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stderr.write(`wrote ${path}\n`);
}
