import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { CompileResult } from "../library/compile.js";
import { compile } from "../library/compile.js";
import { sha256 } from "../library/files.js";
import { isDate } from "../policy/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { CompileReport, ReportedFile, ReportedTarget } from "../report/index.js";
import { compileText, driftText, jsonCompileReport, renderDiagnostics, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import { summaries } from "./summaries.js";
import { readTextFile, readerBeside, shownPath } from "./files.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import type { Change, OutputFile } from "./output.js";
import { bytesOf, planOutput, writeOutput } from "./output.js";

export const command: Command = {
  name: "compile",
  summary: summaries.compile,
  description: `Reads an edge policy and writes the configuration of each of its targets to <out>/<target>/. Every output is read
    back by its own parser and proved equal to the policy, packet by packet; unless all of it is proved nothing is written.

    Files of an earlier run that no target writes any more are removed, so that no stale one is loaded by mistake. They are
    known by their header; other files are left alone.`,
  positionals: [{ name: "policy", about: "the policy, YAML or JSON", required: true, complete: "file" }],
  options: [
    {
      name: "target",
      kind: "list",
      value: "ID",
      complete: "vendor",
      about: "compile for this target of the policy only",
    },
    {
      name: "out",
      kind: "text",
      value: "DIR",
      about: "where to write; by default the folder output beside the policy",
    },
    {
      name: "check",
      kind: "flag",
      about: "write nothing; exit 1 and show what differs when the files are not what the policy gives",
    },
    {
      name: "stdout",
      kind: "flag",
      about: "print the files instead of writing them; several are divided by lines ==> path <==",
    },
    {
      name: "today",
      kind: "text",
      value: "DATE",
      about: "the day that decides which exceptions have expired, YYYY-MM-DD; by default today in UTC",
    },
    { name: "json", kind: "flag", about: "print the report as JSON (schemas/compile-report.schema.json)" },
    {
      name: "no-proof",
      kind: "flag",
      about: "leave out the proof: for measurements, not for outputs that anybody loads",
    },
  ],
  examples: [
    { line: "ringwall compile policy.yaml", about: "every target, to output/<target>/ beside the policy" },
    { line: "ringwall compile policy.yaml --check", about: "in CI: is the committed output what the policy gives?" },
    { line: "ringwall compile policy.yaml --target ID --stdout", about: "look at one target's output" },
  ],
  run: (given, io) => runCompile(given, io, installedVendors()),
};

/** `registry` stands apart so that tests bring vendors of their own. */
export async function runCompile(given: Given, io: Io, registry: Registry): Promise<ExitCode> {
  const path = given.positionals[0]!;
  const wrong = usageProblem(given);
  if (wrong !== undefined) return refuse([wrong], given, io, path);
  const reading = readTextFile(path, { from: io.cwd });
  if (!reading.ok) return refuse([reading.diagnostic], given, io, path);

  const result = await compile(reading.source, {
    files: readerBeside(path, io.cwd),
    targets: given.list("target"),
    today: given.text("today") ?? io.now().toISOString().slice(0, 10),
    proof: !given.flag("no-proof"),
    registry,
    progress: io.progress,
  });
  if (!result.ok) return refuse(result.diagnostics, given, io, path);
  if (given.flag("stdout")) return print(result, given, io, path, registry);
  return write(result, given, io, path, registry);
}

function usageProblem(given: Given): Diagnostic | undefined {
  const today = given.text("today");
  if (today !== undefined && !isDate(today)) {
    return diagnostic("RW1008", `--today cannot be "${today}": it is not a day of the calendar`, {
      help: "write it as YYYY-MM-DD",
    });
  }
  if (given.flag("stdout") && (given.flag("check") || given.text("out") !== undefined)) {
    return diagnostic("RW1007", "--stdout writes no files, so that --check and --out mean nothing beside it");
  }
  return undefined;
}

/** Nothing is written when this is called. */
function refuse(diagnostics: readonly Diagnostic[], given: Given, io: Io, policy: string): ExitCode {
  report({ policy, outcome: "failed", targets: [], removed: [], diagnostics }, given, io);
  return diagnostics.some((one) => one.code.startsWith("RW9")) ? exitCodes.internal : exitCodes.usage;
}

/** Diagnostics to people on stderr, or all of it to a program on stdout. */
function report(of: CompileReport, given: Given, io: Io): void {
  if (given.flag("json")) {
    io.stdout.write(`${JSON.stringify(jsonCompileReport(of), null, 2)}\n`);
    return;
  }
  if (of.diagnostics.length > 0) io.stderr.write(renderDiagnostics(of.diagnostics, style(io.stderr.colour)));
  switch (of.outcome) {
    case "written":
      if (of.diagnostics.length > 0) io.stderr.write("\n");
      io.stdout.write(compileText(of, style(io.stdout.colour)));
      return;
    case "checked":
      io.stdout.write(driftText(of, style(io.stdout.colour)));
      return;
    case "printed": {
      const files = of.targets.flatMap((target) => target.files);
      if (files.length === 1) io.stdout.write(files[0]!.text);
      else for (const file of files) io.stdout.write(`==> ${file.path} <==\n${printable(file)}\n`);
      return;
    }
    case "failed":
      return;
  }
}

/** A file of 16-bit words (registry.pol) is nothing for a terminal. */
function printable({ text, bytes }: ReportedFile): string {
  return text.includes("\0") ? `(${bytes} bytes that are no text; --out writes them)` : text;
}

async function print(
  result: CompileResult,
  given: Given,
  io: Io,
  policy: string,
  registry: Registry,
): Promise<ExitCode> {
  const targets = await reportedTargets(result, registry, undefined, () => ({ change: "printed" }));
  report({ policy, outcome: "printed", targets, removed: [], diagnostics: result.diagnostics }, given, io);
  return exitCodes.done;
}

async function write(
  result: CompileResult,
  given: Given,
  io: Io,
  policy: string,
  registry: Registry,
): Promise<ExitCode> {
  const folder = resolve(io.cwd, given.text("out") ?? join(dirname(policy), "output"));
  const files = result.targets.flatMap(({ id, files: of }) =>
    of.map((file): OutputFile => ({
      path: `${id}/${file.path}`,
      text: file.text,
      ...(file.encoding && { encoding: file.encoding }),
      executable: file.executable === true,
    })),
  );
  // With --target the other targets' files are nobody's business in this run.
  const owned = given.list("target").length > 0 ? result.targets.map((one) => one.id) : registry.ids;
  const plan = planOutput(folder, files, owned, io.cwd);
  if (!plan.ok) return refuse([...result.diagnostics, plan.diagnostic], given, io, policy);

  const check = given.flag("check");
  const failed = check ? undefined : writeOutput(folder, plan.changes, io.cwd);
  if (failed !== undefined) return refuse([...result.diagnostics, failed], given, io, policy);

  const out = shownPath(io.cwd, folder);
  const changes = new Map(
    plan.changes.map((change) => [change.kind === "removed" ? change.path : change.file.path, change]),
  );
  const targets = await reportedTargets(result, registry, out, (path) => changeWords(changes.get(path)!));
  const removed = plan.changes.flatMap((change) => (change.kind === "removed" ? [change.path] : []));
  report(
    { policy, out, outcome: check ? "checked" : "written", targets, removed, diagnostics: result.diagnostics },
    given,
    io,
  );
  if (!check) return exitCodes.done;

  const drifted = plan.changes.some((change) => change.kind !== "unchanged");
  if (drifted && !given.flag("json"))
    io.stderr.write(`${out} is not what ${basename(policy)} gives; run ringwall compile ${policy}\n`);
  return drifted ? exitCodes.findings : exitCodes.done;
}

function changeWords(change: Change): Pick<ReportedFile, "change" | "before"> {
  switch (change.kind) {
    case "updated":
      return { change: "updated", before: change.before };
    case "created":
    case "unchanged":
      return { change: change.kind };
    case "removed":
      throw new Error(`${change.path} is written and removed in one`);
  }
}

async function reportedTargets(
  { targets }: CompileResult,
  registry: Registry,
  out: string | undefined,
  changeOf: (path: string) => Pick<ReportedFile, "change" | "before">,
): Promise<ReportedTarget[]> {
  return Promise.all(
    targets.map(async ({ id, proof, files }) => {
      const { manifest } = (await registry.load(id)).vendor;
      return {
        id,
        proof,
        files: files.map((file) => ({
          path: `${id}/${file.path}`,
          about: file.about,
          executable: file.executable === true,
          bytes: bytesOf(file).length,
          sha256: sha256(bytesOf(file)),
          text: file.text,
          ...changeOf(`${id}/${file.path}`),
        })),
        apply:
          out === undefined
            ? []
            : applying(
                manifest.apply,
                files.map((file) => file.path),
              ).map((line) => line.replaceAll("{dir}", () => shellWord(out === "." ? id : `${out}/${id}`))),
      };
    }),
  );
}

/** The ways to apply an output whose files were written; the first is no alternative to another. */
function applying(ways: readonly string[], written: readonly string[]): readonly string[] {
  return ways
    .filter((line) => [...line.matchAll(/\{dir\}\/([\w./-]+)/g)].every(([, path]) => written.includes(path!)))
    .map((line, i) => (i === 0 ? line.replace(/^or /, "") : line));
}

/** A path as a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
