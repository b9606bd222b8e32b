import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import { renderDiagnostics, renderSome, style } from "../report/index.js";
import { failsRun, openFindings, partPath } from "../report/lint/index.js";
import type { LintReport } from "../report/lint/index.js";
import { unifiedDiff } from "../report/unified-diff.js";
import type { Command, Given } from "./command.js";
import { writeTextFile } from "./lint-baseline.js";
import type { DeviceFixes } from "./lint-fix.js";
import { fixDevice, writeFixes } from "./lint-fix.js";
import type { FormatOutput, LintWords } from "./lint-options.js";
import { options, readLintWords } from "./lint-options.js";
import type { Looked } from "./lint-run.js";
import { folderOfRun, look } from "./lint-run.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "lint",
  summary: summaries.lint,
  description: `Reads every firewall configuration among the paths, of any vendor, and says whether it enforces the policy, with a packet
    as evidence; and what of its rules is shadowed, redundant, unused or not understood. What cannot be decided is a finding
    too. Without a path it looks at the repository; without a policy, SMB and NetBIOS must not cross the edge in either
    direction.

    Which files are configurations is told by what is in them. Folders are walked without hidden files and without what is
    code or a document by its name; a file that is named is always read. Files that are parts of one device (IPv4, IPv6,
    sets) are read together, also where they are divided by commas. - is standard input. ringwall.yaml in the repository
    says the rest: docs/lint.md.

    Exit code 0: nothing found; 1: findings at or above --fail-on; 2: something could not be read, or there was nothing to
    look at.`,
  positionals: [
    {
      name: "paths",
      about: "files, folders or patterns; - for standard input",
      required: false,
      many: true,
      complete: "file",
    },
  ],
  options,
  examples: [
    { line: "ringwall lint", about: "the repository, by its ringwall.yaml" },
    { line: "ringwall lint edge/ --policy policy.yaml --outside wan0", about: "a folder, by a policy" },
    {
      line: "ringwall lint --format text --format sarif=ringwall.sarif",
      about: "in CI: for people, and for code scanning",
    },
    { line: "ringwall lint --changed-since origin/main", about: "what a change brings" },
    { line: "ringwall lint --fix --diff", about: "what could be mended without changing what passes" },
  ],
  run: (given, io) => runLint(given, io, installedVendors()),
};

/** `registry` stands apart so that tests bring vendors of their own. */
export async function runLint(given: Given, io: Io, registry: Registry): Promise<ExitCode> {
  const { words, problems } = readLintWords(given);
  if (problems.length > 0) return refuse(problems, io);
  let looked = await look(given, words, io, registry);
  if (words.fixing !== "no") {
    if (given.flag("diff")) return showFixes(looked, words, io, registry);
    looked = await mend(looked, () => look(given, words, io, registry), words, io, registry);
  }
  const { report } = looked;
  if (looked.notes.length > 0) io.stderr.write(`${looked.notes.join("\n")}\n`);
  const unwritten = words.outputs.flatMap((output) => writeReport(output, report, io) ?? []);
  if (unwritten.length > 0) return refuse(unwritten, io);
  return exitOf(report, given.flag("exit-zero"));
}

/** Fixes that were made may make others possible: so many rounds at most. */
const mostRounds = 5;

async function mend(
  first: Looked,
  again: () => Promise<Looked>,
  words: LintWords,
  io: Io,
  registry: Registry,
): Promise<Looked> {
  let looked = first;
  let count = 0;
  for (let round = 0; round < mostRounds; round++) {
    const fixes = await fixesOf(looked, words, io, registry);
    const files = fixes.flatMap((one) => one.files);
    const left = fixes.flatMap((one) => one.diagnostics);
    if (left.length > 0 && (files.length === 0 || round === mostRounds - 1)) sayDiagnostics(left, io);
    if (files.length === 0) break;
    const failed = files.some(({ file }) => file.path === undefined)
      ? diagnostic("RW1009", "standard input cannot be mended", { help: "show the change with --diff" })
      : writeFixes(files);
    if (failed !== undefined) return { ...looked, report: withProblem(looked.report, failed) };
    count += fixes.reduce((sum, one) => sum + new Set(one.applied.map(({ fix }) => fix)).size, 0);
    looked = await again();
  }
  return count === 0
    ? looked
    : { ...looked, notes: [...looked.notes, `${count} ${count === 1 ? "fix" : "fixes"} made`] };
}

async function fixesOf({ devices }: Looked, words: LintWords, io: Io, registry: Registry): Promise<DeviceFixes[]> {
  const unsafe = words.fixing === "unsafe";
  const fixes: DeviceFixes[] = [];
  for (const { device, job, findings } of devices) {
    const wanted = openFindings(findings).filter(
      (one) => one.fix !== undefined || (unsafe && one.unsafeFix !== undefined),
    );
    if (wanted.length === 0) continue;
    io.progress(`mending ${device.name}`);
    fixes.push(await fixDevice({ device, job, findings: wanted, unsafe, registry }));
  }
  return fixes;
}

async function showFixes(looked: Looked, words: LintWords, io: Io, registry: Registry): Promise<ExitCode> {
  const { report } = looked;
  if (report.problems.length > 0) sayDiagnostics(report.problems, io);
  const fixes = await fixesOf(looked, words, io, registry);
  const left = fixes.flatMap((one) => one.diagnostics);
  if (left.length > 0) sayDiagnostics(left, io);
  const files = fixes.flatMap((one) => one.files);
  for (const { file, text } of files) io.stdout.write(unifiedDiff(file.source.path, file.source.text, text));
  const unreadable = exitOf({ ...report, devices: [] }, false);
  return unreadable !== exitCodes.done ? unreadable : files.length > 0 ? exitCodes.findings : exitCodes.done;
}

function sayDiagnostics(diagnostics: readonly Diagnostic[], io: Io): void {
  io.stderr.write(`${renderSome(diagnostics, 20, style(io.stderr.colour))}\n`);
}

/** Undefined when it is written. */
function writeReport({ format, file }: FormatOutput, report: LintReport, io: Io): Diagnostic | undefined {
  const env = { style: style(file === undefined && io.stdout.colour), folder: folderOfRun(io.cwd) };
  const texts = format.write(report, env);
  if (file === undefined) {
    for (const text of texts) io.stdout.write(text);
    return undefined;
  }
  for (const [part, text] of texts.entries()) {
    const failed = writeTextFile(partPath(file, part), text, io.cwd);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function withProblem(report: LintReport, problem: Diagnostic): LintReport {
  return { ...report, problems: [...report.problems, problem] };
}

function exitOf(report: LintReport, zero: boolean): ExitCode {
  const errors = report.problems.filter((one) => one.severity === "error");
  if (errors.some((one) => one.code.startsWith("RW9"))) return exitCodes.internal;
  if (errors.length > 0) return exitCodes.usage;
  const failing = report.devices.some((device) =>
    openFindings(device.findings).some((one) => failsRun(one.severity, report)),
  );
  return failing && !zero ? exitCodes.findings : exitCodes.done;
}

function refuse(diagnostics: readonly Diagnostic[], io: Io): ExitCode {
  io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}
