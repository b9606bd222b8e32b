import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import { readAddressLines } from "../jobs/address-lines.js";
import type { ExceptionsOf, ExceptionsOptions, ExceptionsResult } from "../library/exceptions.js";
import { exceptions } from "../library/exceptions.js";
import type { AddressSet } from "../net/index.js";
import { noAddress, unionAddresses } from "../net/index.js";
import { looksLikeAddress, parseLiteral } from "../policy/index.js";
import type { ExceptionsReport } from "../report/index.js";
import { exceptionsText, jsonExceptions, renderDiagnostics, style } from "../report/index.js";
import type { Given } from "./command.js";
import { familiesOf } from "./families.js";
import { readTextFile } from "./files.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { writeOutFiles } from "./out-file.js";

/** Makes a list as the command line wants it, and prints or writes it. */
export async function runExceptions(of: ExceptionsOf, given: Given, io: Io): Promise<ExitCode> {
  const options = optionsOf(given, io);
  if (!options.ok) return refuse(options.diagnostics, given, io);
  const result = await exceptions(of, options.options);
  const { diagnostics } = result;
  if (!result.ok) return refuse(diagnostics, given, io);

  const out = given.text("out");
  if (out === undefined) return print(result, given, io);
  const written = writeOutFiles(result.files, out, io);
  if ("code" in written) return refuse([...diagnostics, written], given, io);
  report({ ...reportOf(result, given), outcome: "written", files: written }, given, io);
  return exitCodes.done;
}

/** Nothing is printed or written when this is called. */
export function refuse(diagnostics: readonly Diagnostic[], given: Given, io: Io): ExitCode {
  const of: ExceptionsReport = {
    outcome: "failed",
    format: formatOf(given),
    widening: noAddress,
    files: [],
    diagnostics,
  };
  report(of, given, io);
  return diagnostics.some((one) => one.code.startsWith("RW9")) ? exitCodes.internal : exitCodes.usage;
}

function print(result: ExceptionsResult, given: Given, io: Io): ExitCode {
  report({ ...reportOf(result, given), outcome: "printed" }, given, io);
  if (given.flag("json")) return exitCodes.done;
  const { files } = result;
  if (files.length === 1) io.stdout.write(files[0]!.text);
  else for (const file of files) io.stdout.write(`==> ${file.path} <==\n${file.text}\n`);
  return exitCodes.done;
}

function reportOf(result: ExceptionsResult, given: Given): Omit<ExceptionsReport, "outcome"> {
  const { list, widening, files, diagnostics } = result;
  return { format: formatOf(given), ...(list !== undefined && { list }), widening, files, diagnostics };
}

function formatOf(given: Given): string {
  return given.text("format") ?? "cidr";
}

function report(of: ExceptionsReport, given: Given, io: Io): void {
  if (given.flag("json")) {
    io.stdout.write(`${JSON.stringify(jsonExceptions(of), null, 2)}\n`);
    return;
  }
  if (of.diagnostics.length > 0) io.stderr.write(renderDiagnostics(of.diagnostics, style(io.stderr.colour)));
  if (of.outcome === "written") io.stdout.write(exceptionsText(of, style(io.stdout.colour)));
}

type Options =
  | { readonly ok: true; readonly options: ExceptionsOptions }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function optionsOf(given: Given, io: Io): Options {
  const diagnostics: Diagnostic[] = [];
  const minus = minusOf(given.list("minus"), io, diagnostics);
  const most = given.text("max-entries");
  if (most !== undefined && !/^[1-9]\d{0,8}$/.test(most)) {
    diagnostics.push(
      diagnostic("RW1007", `--max-entries cannot be "${most}": it is no number of entries`, { help: "1 or more" }),
    );
  }
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const [format, name] = [given.text("format"), given.text("name")];
  return {
    ok: true,
    options: {
      families: familiesOf(given),
      complement: given.flag("complement"),
      ...(format !== undefined && { format }),
      ...(name !== undefined && { name }),
      ...(minus !== undefined && { minus }),
      ...(most !== undefined && { maxEntries: Number(most) }),
    },
  };
}

function minusOf(words: readonly string[], io: Io, diagnostics: Diagnostic[]): ExceptionsOptions["minus"] {
  if (words.length === 0) return undefined;
  const sets = words.map((word) => minusWord(word, io, diagnostics));
  return { addresses: unionAddresses(...sets), label: words.join(", ") };
}

function minusWord(word: string, io: Io, diagnostics: Diagnostic[]): AddressSet {
  if (looksLikeAddress(word) && !existsSync(resolve(io.cwd, word))) {
    const read = parseLiteral(word);
    if (read.ok) return read.addresses;
    const { why, help } = read.problem;
    if (!word.includes("/") || /^[\d.:a-fA-F/-]+$/.test(word)) {
      diagnostics.push(
        diagnostic("RW1004", `--minus cannot be "${word}": ${why}`, {
          help: help ?? "write an address, a prefix, a range, or the name of a file",
        }),
      );
      return noAddress;
    }
  }
  const reading = readTextFile(word, { from: io.cwd });
  if (!reading.ok) {
    diagnostics.push(reading.diagnostic);
    return noAddress;
  }
  const lines = readAddressLines(reading.source);
  diagnostics.push(...lines.diagnostics);
  return lines.addresses;
}
