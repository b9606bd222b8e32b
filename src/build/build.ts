import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bundle, root } from "./bundle.js";

/** Builds `dist`: the program, and beside it the types of the library. */
rmSync(join(root, "dist"), { recursive: true, force: true });
await bundle(join(root, "dist"));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", ".tsconfig.build.json"], { cwd: root, stdio: "inherit" });
