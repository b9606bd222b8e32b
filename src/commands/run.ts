import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, nearest } from "../diagnostics/index.js";
import { tool } from "../library/tool.js";
import { renderDiagnostics, style, visibleLine } from "../report/index.js";
import { readCommandLine } from "./command-line.js";
import { isCommandName, loadAllCommands, loadCommand } from "./commands.js";
import type { CommandName } from "./summaries.js";
import { commandNames } from "./summaries.js";
import type { ExitCode, Io } from "./io.js";
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

async function runWords([first, ...rest]: readonly string[], io: Io): Promise<ExitCode> {
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const wanted = rest.find((word) => !word.startsWith("-"));
    if (first === "help" && wanted !== undefined) return runWords([wanted, "--help"], io);
    const { generalHelp } = await import("./help.js");
    const output = first === undefined ? io.stderr : io.stdout;
    output.write(generalHelp(tool().version, output.columns, style(output.colour)));
    return first === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (first === "--version" || first === "-V" || first === "version") {
    io.stdout.write(`${tool().version}\n`);
    return exitCodes.done;
  }
  if (!isCommandName(first)) return refuse(unknownCommand(first), io);
  return runCommand(first, rest, io);
}

async function runCommand(name: CommandName, words: readonly string[], io: Io): Promise<ExitCode> {
  const command = await loadCommand(name);
  const line = readCommandLine(command, words);
  switch (line.kind) {
    case "wrong":
      return refuse(line.diagnostics, io);
    case "help": {
      const { commandHelp } = await import("./help.js");
      io.stdout.write(commandHelp(command, io.stdout.columns, style(io.stdout.colour)));
      return exitCodes.done;
    }
    case "run":
      return command.run(line.given, io, loadAllCommands);
  }
}

function refuse(diagnostics: readonly Diagnostic[], io: Io): ExitCode {
  io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}

function unknownCommand(word: string): Diagnostic[] {
  if (word.startsWith("-")) {
    return [diagnostic("RW1007", `the command comes first, before ${word}`, { help: "ringwall <command> [options]" })];
  }
  const [near] = nearest(word, commandNames, 1);
  return [
    diagnostic("RW1007", `there is no command "${word}"`, {
      help: near === undefined ? `the commands are ${commandNames.join(", ")}` : `did you mean ringwall ${near}?`,
    }),
  ];
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
