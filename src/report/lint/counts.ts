import type { Severity } from "../../diagnostics/index.js";
import type { LintReport, Reported, ReportedDevice } from "./report.js";
import { openFindings, severities } from "./report.js";

/** How many open findings there are, by severity. */
export type Counts = Readonly<Record<Severity, number>>;

export function countFindings(findings: readonly Reported[]): Counts {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of openFindings(findings)) counts[severity]++;
  return counts;
}

/** `3 errors, 1 warning, 2 notes`; "" where there is none. */
export function countsText(counts: Counts): string {
  return severities
    .flatMap((severity) => (counts[severity] === 0 ? [] : [many(counts[severity], severity)]))
    .join(", ");
}

/** `1 warning`, `2 warnings`. */
export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

export function allFindings({ devices }: LintReport): readonly Reported[] {
  return devices.flatMap((device) => device.findings);
}

/** `2 devices: 1 closed, 1 open; 3 errors, 1 suppressed`, as far as there are such. */
export function totalsText(report: LintReport): string {
  const findings = allFindings(report);
  const states = (["closed", "open", "undecided"] as const).flatMap((edge) => {
    const count = report.devices.filter((one) => one.edge === edge).length;
    return count === 0 ? [] : [`${count} ${edge}`];
  });
  const suppressed = findings.filter((one) => one.suppressed !== undefined).length;
  const unchanged = findings.filter((one) => one.suppressed === undefined && one.changed === false).length;
  const counts = [
    countsText(countFindings(findings)) || "no findings",
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
    ...(unchanged > 0 ? [`${unchanged} outside the changed lines`] : []),
    ...(report.problems.length > 0 ? [many(report.problems.length, "problem")] : []),
  ];
  const devices = many(report.devices.length, "device");
  return `${states.length === 0 ? devices : `${devices}: ${states.join(", ")}`}; ${counts.join(", ")}`;
}

/** Whether nothing is to be said of a device: its edge is closed, and there is nothing open. */
export function isClean({ edge, findings }: ReportedDevice): boolean {
  return edge === "closed" && openFindings(findings).length === 0;
}
