import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";

/**
 * Compares a text with a file that holds what it should be. `UPDATE_FIXTURES=1` writes the file instead, but never in
 * continuous integration: a golden file is read by a person before it is committed.
 */
export function expectGolden(file: string, actual: string): void {
  if (process.env["UPDATE_FIXTURES"] === "1") {
    if (process.env["CI"] !== undefined) throw new Error("golden files are not rewritten in continuous integration");
    if (!existsSync(file) || readFileSync(file, "utf8") !== actual) writeFileSync(file, actual);
    return;
  }
  if (!existsSync(file)) throw new Error(`${file} is missing; write it with UPDATE_FIXTURES=1, and read it`);
  expect(actual).to.equal(readFileSync(file, "utf8"));
}
