import type { Diagnostic } from "../diagnostics/index.js";
import type { Proof } from "../jobs/compile.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import { differenceLines } from "./line-difference.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { countDiagnostics } from "./text.js";
import { visibleLine } from "./visible.js";

/** What a compile made, or with `--check` what it would make. */
export interface CompileReport {
  readonly policy: string;
  /** The output folder as it is shown; absent where nothing was to be written to a disk. */
  readonly out?: string;
  /** `written`; `checked` and nothing touched; `failed`, nothing touched either; `printed` to standard output. */
  readonly outcome: "written" | "checked" | "failed" | "printed";
  readonly targets: readonly ReportedTarget[];
  /** Files of earlier runs that no target writes any more, below `out`. */
  readonly removed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReportedTarget {
  readonly id: string;
  readonly proof: Proof;
  readonly files: readonly ReportedFile[];
  /** How to apply the output, one command or sentence a line. */
  readonly apply: readonly string[];
}

export interface ReportedFile {
  /** Below the output folder, with `/`. */
  readonly path: string;
  readonly about: string;
  readonly executable: boolean;
  readonly bytes: number;
  readonly sha256: string;
  readonly change: "created" | "updated" | "unchanged" | "printed";
  /** What was there before, for `updated`. */
  readonly before?: string;
  readonly text: string;
}

/** What `ringwall compile --json` prints: schemas/compile-report.schema.json. */
export interface JsonCompileReport {
  readonly outcome: CompileReport["outcome"];
  readonly policy: string;
  readonly out?: string;
  readonly targets: readonly JsonTarget[];
  readonly removed: readonly string[];
  readonly diagnostics: readonly JsonDiagnostic[];
}

interface JsonTarget {
  readonly id: string;
  readonly proof: Proof;
  readonly files: readonly (Omit<ReportedFile, "before" | "text"> & { readonly text?: string })[];
  readonly apply: readonly string[];
}

/** The texts themselves are part of it where they were to be printed. */
export function jsonCompileReport(report: CompileReport): JsonCompileReport {
  const { outcome, policy, out, removed } = report;
  return {
    outcome,
    policy,
    ...(out !== undefined && { out }),
    targets: report.targets.map(({ id, proof, files, apply }) => ({
      id,
      proof,
      files: files.map(({ path, about, executable, bytes, sha256, change, text }) => ({
        path,
        about,
        executable,
        bytes,
        sha256,
        change,
        ...(outcome === "printed" && { text }),
      })),
      apply,
    })),
    removed,
    diagnostics: report.diagnostics.map(jsonDiagnostic),
  };
}

/** Where the files are and how to apply them. */
export function compileText(report: CompileReport, style: Style = plain): string {
  return [
    ...report.targets.flatMap((target) => targetLines(report, target, style)),
    ...report.removed.map((path) => `${report.out}/${path}  ${style.warning("removed")}  no target writes it any more`),
    ...(report.removed.length > 0 ? [""] : []),
    summary(report, style),
    "",
  ].join("\n");
}

function targetLines(report: CompileReport, { id, files, apply }: ReportedTarget, style: Style): string[] {
  const width = Math.max(0, ...files.map((file) => shown(report, file).length));
  return [
    style.bold(id),
    ...files.map(
      (file) =>
        `  ${shown(report, file).padEnd(width)}  ${file.change.padEnd(9)}  ${style.faint(visibleLine(file.about))}`,
    ),
    ...apply.map((line, i) => `  ${i === 0 ? "to apply:" : "         "} ${visibleLine(line)}`),
    "",
  ];
}

function shown({ out }: CompileReport, { path }: ReportedFile): string {
  return visibleLine(out === undefined || out === "." ? path : `${out}/${path}`);
}

function summary({ targets, diagnostics, policy }: CompileReport, style: Style): string {
  const proved = targets.filter((one) => one.proof === "proved").length;
  const said =
    proved === targets.length
      ? style.good(
          targets.length === 1
            ? "proved equal to the policy"
            : `all ${targets.length} targets proved equal to the policy`,
        )
      : style.warning(
          `${targets.length - proved} of ${targets.length} targets not proved, because --no-proof was given`,
        );
  const count = countDiagnostics(diagnostics);
  return `${visibleLine(policy)}: ${said}${count === "" ? "" : `, ${count}`}`;
}

/** What differs from the committed output; "" when nothing does. */
export function driftText(report: CompileReport, style: Style = plain): string {
  const lines = report.targets.flatMap(({ files }) => files.flatMap((file) => fileDrift(report, file, style)));
  for (const path of report.removed) {
    lines.push(`${style.bold(`${report.out}/${path}`)} is stale: no target writes it any more`, "");
  }
  return lines.join("\n");
}

function fileDrift(report: CompileReport, file: ReportedFile, style: Style): string[] {
  const name = style.bold(shown(report, file));
  switch (file.change) {
    case "created":
      return [`${name} is missing`, ""];
    case "updated": {
      const before = file.before ?? "";
      if (before === file.text)
        return [`${name} ${file.executable ? "has to be executable" : "must not be executable"}`, ""];
      return [
        `${name} differs from what the policy gives now`,
        ...differenceLines(before, file.text).map((line) => `  ${paintLine(line, style)}`),
        "",
      ];
    }
    case "unchanged":
    case "printed":
      return [];
  }
}

function paintLine(line: string, style: Style): string {
  return line.startsWith("+") ? style.good(line) : line.startsWith("-") ? style.error(line) : style.faint(line);
}
