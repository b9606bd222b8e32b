import type { Diagnostic, Fix, Severity, Source } from "../../diagnostics/index.js";
import type { DeviceLint, Finding, LintRule } from "../../lint/index.js";

/** What a run of the linter has to say: the input of every format. */
export interface LintReport {
  readonly tool: {
    readonly name: string;
    readonly version: string;
    /** The root of the tool's own files on the web, with `/` at its end; the rules' pages stand below it. */
    readonly informationUri?: string;
  };
  readonly policy?: { readonly name: string; readonly path: string };
  /** In the order of their first files. */
  readonly devices: readonly ReportedDevice[];
  /** What kept the run from looking at everything: unreadable files, unknown vendors, settings that are wrong. */
  readonly problems: readonly Problem[];
  /** Files met in folders that are no configurations, with the reason: `no vendor recognises it`. */
  readonly skipped?: readonly { readonly file: string; readonly why: string }[];
  /** Every rule that may have found something, so that a report explains its codes. */
  readonly rules: readonly RuleAbout[];
  /** The least severity that makes the run fail. */
  readonly failOn: Severity | "never";
  /** Whether people want to see suppressed findings too. They never count. */
  readonly showSuppressed?: boolean;
  /** The revision since which lines have changed; findings elsewhere (`changed: false`) are left out. */
  readonly changedSince?: string;
}

/** The files of one firewall, read together. */
export interface ReportedDevice {
  /** As people call it: `edge1.conf`, or `edge1/` for several files of a folder. */
  readonly name: string;
  /** As the vendor's manifest has it. */
  readonly vendor: { readonly id: string; readonly title: string };
  /** Paths with `/`, relative to the folder of the run, or absolute; at least one. */
  readonly files: readonly Source[];
  readonly edge: DeviceLint["edge"];
  /** Suppressed ones among them; in the order of files and lines. */
  readonly findings: readonly Reported[];
}

export interface Reported extends Finding {
  /** See {@link fingerprints}. */
  readonly fingerprint: string;
  readonly suppressed?: Suppressed;
  /** Whether it is in lines that changed; absent where nobody asked. */
  readonly changed?: boolean;
}

export interface Suppressed {
  /** `comment`: in the configuration itself; `baseline`: in the baseline file. */
  readonly kind: "comment" | "baseline";
  /** "" where a baseline gives none. */
  readonly reason: string;
}

export interface Problem extends Diagnostic {
  /** The file it is about, where `primary` does not say it. */
  readonly file?: string;
}

/** All that a report needs of a rule. */
export type RuleAbout = Omit<LintRule, "check">;

/** What people are to look at: neither suppressed nor outside the changed lines. Only these count. */
export function openFindings(findings: readonly Reported[]): readonly Reported[] {
  return findings.filter((one) => one.suppressed === undefined && one.changed !== false);
}

/** What is shown: the open ones, and suppressed ones where the report is to show them. */
export function shownFindings({ findings }: ReportedDevice, report: LintReport): readonly Reported[] {
  return findings.filter(
    (one) => one.changed !== false && (one.suppressed === undefined || report.showSuppressed === true),
  );
}

/** Whether the run fails because of a finding, or as much as a finding of this severity would make it fail. */
export function failsRun(severity: Severity, { failOn }: LintReport): boolean {
  return failOn !== "never" && severities.indexOf(severity) <= severities.indexOf(failOn);
}

/** The fix, where it would change anything. */
export function realFix(fix: Fix | undefined): Fix | undefined {
  return fix === undefined || fix.edits.length === 0 ? undefined : fix;
}

/** The worst first. */
export const severities: readonly Severity[] = ["error", "warning", "note"];
