import { readFileSync } from "node:fs";
import { packageRoot } from "../registry.js";

let found: { readonly name: string; readonly version: string } | undefined;

/** This package as outputs name it. */
export function tool(): { readonly name: string; readonly version: string } {
  if (found === undefined) {
    const text = readFileSync(new URL("package.json", packageRoot()), "utf8");
    const { name, version } = JSON.parse(text) as { readonly name: string; readonly version: string };
    found = { name, version };
  }
  return found;
}
