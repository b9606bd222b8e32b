import { createHash } from "node:crypto";
import type { Code, Label, Severity, Span } from "../../diagnostics/index.js";
import { visibleLine } from "../visible.js";
import type { LintReport, Problem, Reported, Suppressed } from "./report.js";
import { severities, shownFindings } from "./report.js";

/** A finding or a problem, as formats with a line or an element for each see it. */
export interface Entry {
  readonly code: Code;
  readonly severity: Severity;
  /** On one line, without control characters. */
  readonly message: string;
  /** As it was written; absent for a problem of no file. */
  readonly path?: string;
  /** In `path`. */
  readonly span?: Span;
  readonly related: readonly Label[];
  readonly help?: string;
  readonly fingerprint: string;
  /** Absent for a problem. */
  readonly finding?: Reported;
}

/** The problems, then what is shown of each device, in order. */
export function entriesOf(report: LintReport): Entry[] {
  return [
    ...problemEntries(report),
    ...report.devices.flatMap((device) => shownFindings(device, report).map(findingEntry)),
  ];
}

export function problemEntries({ problems }: LintReport): Entry[] {
  return problems.map(problemEntry);
}

export function findingEntry(finding: Reported): Entry {
  const { code, severity, message, file, primary, related, help, fingerprint } = finding;
  return {
    code,
    severity,
    message: oneLine(message),
    path: primary?.source.path ?? file,
    ...(primary !== undefined && { span: primary }),
    related,
    ...(help !== undefined && { help }),
    fingerprint,
    finding,
  };
}

function problemEntry({ code, severity, message, file, primary, related = [], help }: Problem): Entry {
  const path = primary?.source.path ?? file;
  return {
    code,
    severity,
    message: oneLine(message),
    ...(path !== undefined && { path }),
    ...(primary !== undefined && { span: primary }),
    related,
    ...(help !== undefined && { help }),
    fingerprint: createHash("sha256")
      .update(JSON.stringify([code, path ?? "", message]))
      .digest("hex")
      .slice(0, 32),
  };
}

/** The worst first, else as they were: for readers that show only the first few. */
export function worstFirst(entries: readonly Entry[]): Entry[] {
  return severities.flatMap((severity) => entries.filter((one) => one.severity === severity));
}

/** People are shown no more related places than these. */
export const mostRelated = 10;

/** `places: 10 of 45 are shown`; nothing where all are. */
export function leftOut({ related }: Entry): { readonly name: string; readonly lines: readonly string[] }[] {
  if (related.length <= mostRelated) return [];
  return [{ name: "places", lines: [`${mostRelated} of ${related.length} are shown`] }];
}

/** `by a comment: CHG-1234`; a baseline need not give a reason. */
export function suppressedText({ kind, reason }: Suppressed): string {
  const by = kind === "comment" ? "by a comment" : "by the baseline";
  return oneLine(reason === "" ? by : `${by}: ${reason}`);
}

/** Long enough for a message with a long rule in it; readers cut longer ones in worse places, or refuse them. */
const longest = 1000;

/** A text of a finding as it may stand in any output: on one line, made visible, cut where it is very long. */
export function oneLine(text: string, most = longest): string {
  const shown = visibleLine(text.length > most * 2 ? text.slice(0, most * 2) : text);
  if (shown.length <= most) return shown;
  return `${shown.slice(0, most).replace(/[\ud800-\udbff]$/, "")}...`;
}

/** As {@link oneLine}, of a text that may have several lines. */
export function shortLines(text: string): string {
  return text
    .split("\n")
    .map((line) => oneLine(line))
    .join("\n");
}
