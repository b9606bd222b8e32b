import type { Code, Fix, Severity } from "../../diagnostics/index.js";
import { codes } from "../../diagnostics/index.js";
import type { Packet } from "../../ir/index.js";
import { packetText } from "../../jobs/packet-syntax.js";
import type { JsonDiagnostic, JsonPlace } from "../json.js";
import { jsonDiagnostic, jsonPlace } from "../json.js";
import { allFindings, countFindings } from "./counts.js";
import type { Format } from "./format.js";
import { jsonText } from "./json-text.js";
import type { LintReport, Reported, ReportedDevice, RuleAbout, Suppressed } from "./report.js";
import { failsRun, openFindings, realFix } from "./report.js";

/** For programs: everything, exactly, suppressed findings too; what is outside the changed lines is counted only. */
export const json: Format = {
  name: "json",
  about: "for programs: everything (schemas/lint-report.schema.json)",
  write: (report) => [jsonText(jsonLintReport(report))],
};

/** What `ringwall lint --format json` prints: schemas/lint-report.schema.json. */
export interface JsonLintReport {
  /** Counts up when something is taken away or gets another meaning. */
  readonly version: 1;
  readonly tool: { readonly name: string; readonly version: string };
  readonly policy?: { readonly name: string; readonly path: string };
  readonly failOn: LintReport["failOn"];
  readonly changedSince?: string;
  readonly summary: JsonSummary;
  readonly devices: readonly JsonDevice[];
  readonly findings: readonly JsonFinding[];
  readonly diagnostics: readonly (JsonDiagnostic & { readonly file?: string })[];
  readonly skipped?: LintReport["skipped"];
}

interface JsonSummary {
  /** Whether a finding or a problem makes the run fail. */
  readonly fails: boolean;
  readonly devices: number;
  readonly closed: number;
  readonly open: number;
  readonly undecided: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly suppressed: number;
  readonly unchanged: number;
}

interface JsonDevice {
  readonly name: string;
  readonly vendor: string;
  readonly files: readonly string[];
  readonly edge: ReportedDevice["edge"];
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly suppressed: number;
}

interface JsonFinding {
  readonly rule: Code;
  readonly name: string;
  readonly category?: RuleAbout["category"];
  readonly severity: Severity;
  readonly fails: boolean;
  readonly device: string;
  readonly file: string;
  readonly region?: Omit<JsonPlace, "path">;
  readonly message: string;
  readonly help?: string;
  readonly certainty: Reported["certainty"];
  readonly hooks: Reported["hooks"];
  readonly directions: Reported["directions"];
  readonly families: Reported["families"];
  readonly witness?: JsonWitness;
  readonly packets: readonly string[];
  readonly conditions: readonly string[];
  readonly amounts: readonly string[];
  readonly related: readonly { readonly message: string; readonly place: JsonPlace }[];
  readonly fingerprint: string;
  readonly suppressed?: Suppressed;
  readonly fix?: JsonFix;
  readonly unsafeFix?: JsonFix;
}

interface JsonWitness {
  readonly packet: string;
  readonly ingress?: string;
  readonly egress?: string;
  readonly conditions: readonly string[];
}

interface JsonFix {
  readonly title: string;
  readonly edits: readonly { readonly place: JsonPlace; readonly text: string }[];
}

export function jsonLintReport(report: LintReport): JsonLintReport {
  const { tool, policy, failOn, changedSince, devices, problems } = report;
  return {
    version: 1,
    tool: { name: tool.name, version: tool.version },
    ...(policy !== undefined && { policy: { name: policy.name, path: policy.path } }),
    failOn,
    ...(changedSince !== undefined && { changedSince }),
    summary: summary(report),
    devices: devices.map(jsonDevice),
    findings: devices.flatMap((device) =>
      device.findings
        .filter((one) => one.changed !== false)
        .map((finding) => jsonFinding(finding, device.name, report)),
    ),
    diagnostics: problems.map((problem) => ({
      ...jsonDiagnostic(problem),
      ...(problem.file !== undefined && { file: problem.file }),
    })),
    ...(report.skipped !== undefined && report.skipped.length > 0 && { skipped: report.skipped }),
  };
}

function summary(report: LintReport): JsonSummary {
  const { devices, problems } = report;
  const findings = allFindings(report);
  const edges = (edge: ReportedDevice["edge"]): number => devices.filter((one) => one.edge === edge).length;
  return {
    fails:
      openFindings(findings).some((one) => failsRun(one.severity, report)) ||
      problems.some((one) => one.severity === "error"),
    devices: devices.length,
    closed: edges("closed"),
    open: edges("open"),
    undecided: edges("undecided"),
    ...severityCounts(findings),
    suppressed: findings.filter((one) => one.suppressed !== undefined).length,
    unchanged: findings.filter((one) => one.suppressed === undefined && one.changed === false).length,
  };
}

function severityCounts(findings: readonly Reported[]): Pick<JsonSummary, "errors" | "warnings" | "notes"> {
  const counts = countFindings(findings);
  return { errors: counts.error, warnings: counts.warning, notes: counts.note };
}

function jsonDevice({ name, vendor, files, edge, findings }: ReportedDevice): JsonDevice {
  return {
    name,
    vendor: vendor.id,
    files: files.map((file) => file.path),
    edge,
    ...severityCounts(findings),
    suppressed: findings.filter((one) => one.suppressed !== undefined).length,
  };
}

function jsonFinding(finding: Reported, device: string, report: LintReport): JsonFinding {
  const { code, severity, primary, help, witness, related, suppressed } = finding;
  const [fix, unsafeFix] = [realFix(finding.fix), realFix(finding.unsafeFix)];
  const category = report.rules.find((rule) => rule.code === code)?.category;
  return {
    rule: code,
    name: codes[code].name,
    ...(category !== undefined && { category }),
    severity,
    fails: suppressed === undefined && failsRun(severity, report),
    device,
    file: primary?.source.path ?? finding.file,
    ...(primary !== undefined && { region: jsonRegion(jsonPlace(primary)) }),
    message: finding.message,
    ...(help !== undefined && { help }),
    certainty: finding.certainty,
    hooks: finding.hooks,
    directions: finding.directions,
    families: finding.families,
    ...(witness !== undefined && { witness: jsonWitness(witness) }),
    packets: finding.packets,
    conditions: finding.conditions,
    amounts: finding.amounts,
    related: related.map(({ span, message }) => ({ message, place: jsonPlace(span) })),
    fingerprint: finding.fingerprint,
    ...(suppressed !== undefined && { suppressed: { kind: suppressed.kind, reason: suppressed.reason } }),
    ...(fix !== undefined && { fix: jsonFix(fix) }),
    ...(unsafeFix !== undefined && { unsafeFix: jsonFix(unsafeFix) }),
  };
}

function jsonRegion({ line, column, endLine, endColumn }: JsonPlace): Omit<JsonPlace, "path"> {
  return { line, column, endLine, endColumn };
}

function jsonWitness(packet: Packet): JsonWitness {
  const { ingress, egress, conditions } = packet;
  return {
    packet: packetText(packet),
    ...(ingress !== undefined && { ingress }),
    ...(egress !== undefined && { egress }),
    conditions: [...conditions],
  };
}

function jsonFix({ title, edits }: Fix): JsonFix {
  return { title, edits: edits.map(({ span, text }) => ({ place: jsonPlace(span), text })) };
}
