import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Builds `dist`: the command line, the library and each vendor, every one with all that it needs, cut into few files,
 * because a command line's start is part of every use. What two of them share, and what a command loads on demand,
 * stands in files of its own below `dist/shared`. Beside them the types of the library.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/cli.ts", "src/index.ts", ...vendorEntries()],
  outdir: dist,
  outbase: root,
  chunkNames: "shared/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  charset: "utf8",
  legalComments: "external",
  // CommonJS modules in the bundle ask for the modules of Node with require.
  banner: {
    js: `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`,
  },
});
chmodSync(join(dist, "src/cli.js"), 0o755);
execFileSync(
  process.execPath,
  [createRequire(import.meta.url).resolve("typescript/bin/tsc"), "-p", ".tsconfig.build.json"],
  {
    cwd: root,
    stdio: "inherit",
  },
);

function vendorEntries(): string[] {
  return readdirSync(join(root, "vendors"))
    .map((id) => `vendors/${id}/index.ts`)
    .filter((path) => existsSync(join(root, path)))
    .sort();
}
