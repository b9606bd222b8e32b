import { diagnostic } from "../diagnostics/index.js";
import { tool } from "../library/tool.js";
import { renderDiagnostics, style, visibleLine } from "../report/index.js";
import { readCommandLine } from "./command-line.js";
import { loadCommand } from "./commands.js";
import { commandNames, isGroupOnly } from "./summaries.js";
import type { ExitCode, Io, Output } from "./io.js";
import { exitCodes } from "./io.js";

/** Runs one command line, without the program's name. Never throws: what breaks inside becomes exit code 3. */
export async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await runWords(words, io);
  } catch (error) {
    io.stderr.write(crashReport(error, words, io));
    return exitCodes.internal;
  }
}

async function runWords(words: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = words;
  if (first === undefined) return answer(["--help"], io, io.stderr, exitCodes.usage);
  if (rest.length === 0 && isGroupOnly(first)) return answer([first, "--help"], io, io.stderr, exitCodes.usage);
  if (first === "help") return answer([...rest, "--help"], io, io.stdout, exitCodes.done);
  if (first === "version") return answer(["--version"], io, io.stdout, exitCodes.done);
  return answer(words, io, io.stdout, exitCodes.done);
}

/** `output` and `exit` are for what needs no command to run: help, the version, completions. */
async function answer(words: readonly string[], io: Io, output: Output, exit: ExitCode): Promise<ExitCode> {
  const line = readCommandLine(words, {
    commands: await Promise.all(commandNames.filter((name) => isNamed(name, words)).map(loadCommand)),
    version: tool().version,
    columns: output.columns,
    shell: io.env["SHELL"],
  });
  switch (line.kind) {
    case "wrong":
      io.stderr.write(renderDiagnostics(line.diagnostics, style(io.stderr.colour)));
      return exitCodes.usage;
    case "answer":
      output.write(line.text);
      return exit;
    case "run":
      return line.command.run(line.given, io);
  }
}

function isNamed(name: string, words: readonly string[]): boolean {
  return name.split(" ").every((word) => words.includes(word));
}

function crashReport(error: unknown, words: readonly string[], io: Io): string {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const what = diagnostic("RW9003", `ringwall itself failed: ${message}`, {
    help: [
      "this is a fault of ringwall, not of your files",
      `please report it with the command line (ringwall ${words.map(visibleLine).join(" ")}), version ${tool().version} and Node ${process.versions.node}`,
      "RINGWALL_DEBUG=1 shows where it happened",
    ].join("\n"),
  });
  const trace = io.env["RINGWALL_DEBUG"] && stack !== undefined ? `\n${stack}\n` : "";
  return renderDiagnostics([what], style(io.stderr.colour)) + trace;
}
