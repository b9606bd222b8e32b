#!/usr/bin/env node
import type { Output } from "./commands/io.js";
import { run } from "./commands/run.js";

const { stdout, stderr, env } = process;

// The reader of a pipe may leave early (`| head`); what it has not read it does not want.
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** Work shorter than this goes on without a word. */
const patience = 300;
const started = performance.now();
let progressShown = false;

function progress(words: string): void {
  if (!stderr.isTTY || performance.now() - started < patience) return;
  stderr.write(`\r\u001b[K${words} ...`);
  progressShown = true;
}

function clearProgress(): void {
  if (progressShown) stderr.write("\r\u001b[K");
  progressShown = false;
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    colour: wantsColour(stream),
    columns: Math.min(stream.columns ?? 100, 120),
    write: (text) => {
      clearProgress();
      stream.write(text);
    },
  };
}

/** Sources: no-color.org; force-color.org, which goes first as in Node itself. */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"]) return false;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

async function readStdin(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env,
  stdout: output(stdout),
  stderr: output(stderr),
  now: () => new Date(),
  ...(process.stdin.isTTY !== true && { stdin: readStdin }),
  progress,
});
clearProgress();
