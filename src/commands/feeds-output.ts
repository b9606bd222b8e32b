import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Style } from "../report/index.js";
import { style, visibleLine } from "../report/index.js";
import type { Given, Option } from "./command.js";
import type { Io } from "./io.js";
import { writeOutFiles } from "./out-file.js";

/** The options by which a command about feeds is told how to give its answer, and where. `text` is one of the formats. */
export function outputOptions(formats: readonly string[], schema: string): readonly Option[] {
  return [
    { name: "format", kind: "text", value: "NAME", choices: formats, about: "by default text" },
    { name: "out", kind: "text", value: "FILE", about: "write it there instead of printing it" },
    { name: "json", kind: "flag", about: `the same as --format json (schemas/${schema}.schema.json)` },
  ];
}

export function formatOf(given: Given): string {
  return given.flag("json") ? "json" : (given.text("format") ?? "text");
}

/** Two formats at once. */
export function formatProblem(given: Given): Diagnostic | undefined {
  const format = given.text("format");
  return given.flag("json") && format !== undefined && format !== "json"
    ? diagnostic("RW1007", `--json and --format ${format} are two formats`, { help: "leave one of them out" })
    : undefined;
}

/** Prints an answer, or writes it where `--out` says. Without colour in a file. What was wrong with that, if anything. */
export function giveOut(answer: (style: Style) => string, given: Given, io: Io): Diagnostic | undefined {
  const out = given.text("out");
  if (out === undefined) {
    io.stdout.write(answer(style(io.stdout.colour)));
    return undefined;
  }
  const written = writeOutFiles([{ path: out, text: answer(style(false)), about: "" }], out, io);
  if ("code" in written) return written;
  for (const { path, change } of written) {
    io.stdout.write(`${style(io.stdout.colour).bold(change)} ${visibleLine(path)}\n`);
  }
  return undefined;
}

export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
