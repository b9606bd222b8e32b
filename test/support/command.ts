import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CommandLine } from "../../src/commands/command-line.js";
import { readCommandLine } from "../../src/commands/command-line.js";
import type { Command, Given } from "../../src/commands/command.js";
import type { Io } from "../../src/commands/io.js";
import { renderDiagnostics } from "../../src/report/index.js";

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test, with the given files in it. */
export function folderWith(files: Readonly<Record<string, string>>): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "ringwall-test-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An io that keeps what is written, in 2026. */
export function keptIo(
  cwd: string,
  env: Io["env"] = {},
  stdin?: string,
): Io & { readonly kept: { stdout: string; stderr: string } } {
  const kept = { stdout: "", stderr: "" };
  const output = (which: "stdout" | "stderr") => ({
    colour: false,
    columns: 100,
    write: (text: string) => void (kept[which] += text),
  });
  return {
    cwd,
    env,
    ...(stdin !== undefined && { stdin: () => Promise.resolve(Buffer.from(stdin)) }),
    stdout: output("stdout"),
    stderr: output("stderr"),
    now: () => new Date("2026-11-23T12:00:00Z"),
    progress: () => undefined,
    kept,
  };
}

/** Reads the words behind a command's name. */
export function readWords(command: Command, words: readonly string[]): CommandLine {
  return readCommandLine([...command.name.split(" "), ...words], {
    commands: [command],
    version: "1.2.3",
    columns: 100,
    shell: undefined,
  });
}

/** Runs a command function on a command line, as the command line would. */
export async function runWith(
  command: Command,
  words: readonly string[],
  cwd: string,
  run: (given: Given, io: Io) => Promise<number>,
): Promise<Ran> {
  const io = keptIo(cwd);
  const line = readWords(command, words);
  if (line.kind !== "run")
    throw new Error(line.kind === "wrong" ? renderDiagnostics(line.diagnostics) : "help was asked for");
  const exit = await run(line.given, io);
  return { exit, ...io.kept };
}
