import { gzipSync } from "node:zlib";
import type { Code, Fix, Severity, Source, Span } from "../../diagnostics/index.js";
import { codes, lineText, positionOf } from "../../diagnostics/index.js";
import type { Entry } from "./entries.js";
import { entriesOf, mostRelated, oneLine, problemEntries, shortLines, worstFirst } from "./entries.js";
import { factLines } from "./facts.js";
import type { Format, FormatEnv } from "./format.js";
import { jsonText } from "./json-text.js";
import { lineHashes } from "./line-hash.js";
import { isAbsolute, regionOf, repositoryPath } from "./places.js";
import type { LintReport, RuleAbout } from "./report.js";
import { realFix } from "./report.js";
import { ruleMarkdown, ruleText, ruleTitle } from "./rule-page.js";
import { rulePage } from "./rule-uri.js";

/**
 * SARIF 2.1.0, for code scanning of GitHub and others. Suppressed findings are in it only where they are asked for, since
 * GitHub shows them as open.
 *
 * Sources: OASIS SARIF 2.1.0 (sections are named below); GitHub, SARIF support for code scanning.
 */
export const sarif: Format = {
  name: "sarif",
  about: "SARIF 2.1.0, for code scanning; several files where it passes GitHub's limits",
  write: (report, env) => writeSarif(report, env),
};

export interface SarifLimits {
  /** More are taken, and not shown. */
  readonly resultsInRun: number;
  readonly runsInFile: number;
  /** Of a file, packed. */
  readonly packedBytes: number;
  readonly relatedLocations: number;
}

/** Source: GitHub, SARIF support for code scanning, "Validating your SARIF file". A little is left for packing otherwise. */
export const githubLimits: SarifLimits = {
  resultsInRun: 5_000,
  runsInFile: 20,
  packedBytes: 9_000_000,
  relatedLocations: 100,
};

/** One text a file. A report within the limits is one run in one file. */
export function writeSarif(report: LintReport, env: FormatEnv, limits = githubLimits): string[] {
  const results = entriesOf(report).filter((entry) => entry.finding !== undefined);
  // Within the limits the order of files is best to read; beyond them the worst belong together.
  const parts = chunks(results.length > limits.resultsInRun ? worstFirst(results) : results, limits.resultsInRun);
  const sources = new Map(report.devices.flatMap(({ files }) => files.map((file) => [file.path, file] as const)));
  const context: Context = { report, env, limits, rules: rulesOf(report, results), sources, hashes: new Map() };
  const runs = parts.map((entries, i) => run(entries, i, context));
  return inFiles(runs, limits).map((some) => jsonText(log(some)));
}

interface Context {
  readonly report: LintReport;
  readonly env: FormatEnv;
  readonly limits: SarifLimits;
  readonly rules: readonly Rule[];
  /** Of all devices, by the paths that they are written with. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly hashes: Map<Source, ReturnType<typeof lineHashes>>;
}

function log(runs: readonly object[]): object {
  return { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs };
}

/** At least one, also of nothing: a run without results says that all is well. */
function chunks(entries: readonly Entry[], size: number): Entry[][] {
  const result: Entry[][] = [];
  for (let start = 0; start === 0 || start < entries.length; start += size)
    result.push(entries.slice(start, start + size));
  return result;
}

function inFiles(runs: readonly object[], limits: SarifLimits): object[][] {
  const files: object[][] = [[]];
  let bytes = 0;
  for (const one of runs) {
    const size = packedSize(one, limits);
    const file = files.at(-1)!;
    if (file.length > 0 && (file.length === limits.runsInFile || bytes + size > limits.packedBytes)) {
      files.push([one]);
      bytes = size;
    } else {
      file.push(one);
      bytes += size;
    }
  }
  return files;
}

/** Packing takes time; what is small enough as it is need not be packed. */
function packedSize(of: object, { packedBytes, runsInFile }: SarifLimits): number {
  const text = JSON.stringify(of);
  return text.length * 3 < packedBytes / runsInFile ? text.length : gzipSync(text).length;
}

/** Section 3.14. */
function run(entries: readonly Entry[], part: number, context: Context): object {
  const { report, env, sources } = context;
  const { tool, policy, devices } = report;
  const artifacts = new Artifacts(env);
  // Files without a finding were looked at, too.
  if (part === 0) for (const { path } of devices.flatMap((device) => device.files)) artifacts.add(path);
  const taken = new Set<string>();
  const results = entries.map((entry) => result(entry, artifacts, taken, context));
  const notifications = part === 0 ? problemEntries(report) : [];
  const problems = notifications.map((entry) => notification(entry, artifacts, sources));
  return {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        semanticVersion: tool.version,
        ...(tool.informationUri !== undefined && { informationUri: tool.informationUri }),
        rules: context.rules.map((rule) => descriptor(rule, report)),
        notifications: [...new Set(notifications.map((entry) => entry.code))].map((code) => ({
          id: code,
          name: codes[code].name,
          shortDescription: { text: ruleTitle(code) },
        })),
      },
    },
    // The category, by which GitHub keeps the runs of one upload apart; there is no number of the run behind the slash.
    automationDetails: { id: part === 0 ? `${tool.name}/` : `${tool.name}-${part + 1}/` },
    invocations: [
      {
        executionSuccessful: !report.problems.some((one) => one.severity === "error"),
        toolExecutionNotifications: problems,
      },
    ],
    originalUriBaseIds: { [root]: { description: { text: "The root of the repository." } } },
    columnKind: "utf16CodeUnits",
    artifacts: artifacts.list,
    results,
    properties: {
      ...(policy !== undefined && { policy: { name: policy.name, path: policy.path } }),
      ...(part === 0 && {
        devices: devices.map(({ name, vendor, edge }) => ({ name, vendor: vendor.id, edge })),
      }),
    },
  };
}

const root = "%SRCROOT%";

/** Section 3.24: the files that a run speaks of, each once. */
class Artifacts {
  readonly list: object[] = [];
  readonly #indices = new Map<string, number>();
  readonly #env: FormatEnv;

  constructor(env: FormatEnv) {
    this.#env = env;
  }

  /** The location of a file: section 3.4. */
  add(path: string): object {
    const location = artifactLocation(repositoryPath(path, this.#env));
    let index = this.#indices.get(path);
    if (index === undefined) {
      index = this.list.push({ location, roles: ["analysisTarget"] }) - 1;
      this.#indices.set(path, index);
    }
    return { ...location, index };
  }
}

function artifactLocation(path: string): object {
  return isAbsolute(path)
    ? { uri: `file://${path.startsWith("/") ? "" : "/"}${encodePath(path)}` }
    : { uri: encodePath(path), uriBaseId: root };
}

/** Every part of a path by itself, so that a `#`, a `?` or a colon in a name stays one. Source: RFC 3986 section 3.3. */
function encodePath(path: string): string {
  return path
    .replace(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map((name) => encodeURIComponent(name).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`))
    .join("/");
}

/** Section 3.27. */
function result(entry: Entry, artifacts: Artifacts, taken: Set<string>, context: Context): object {
  const { code, severity, fingerprint, finding } = entry;
  const { rules, limits, sources } = context;
  const change = realFix(finding?.fix);
  const related = entry.related.slice(0, limits.relatedLocations);
  const place = (path: string, span: Span | undefined): object => physicalLocation(path, span, artifacts, sources);
  return {
    ruleId: code,
    ruleIndex: rules.findIndex((rule) => rule.code === code),
    level: severity,
    message: { text: messageText(entry) },
    locations: [{ physicalLocation: place(entry.path!, entry.span) }],
    ...(related.length > 0 && {
      relatedLocations: related.map(({ span, message }, i) => ({
        id: i + 1,
        physicalLocation: place(span.source.path, span),
        message: { text: escapeMessage(oneLine(message)) },
      })),
    }),
    partialFingerprints: {
      primaryLocationLineHash: lineHash(entry, taken, context),
      "ringwallFinding/v1": fingerprint,
    },
    ...(finding?.suppressed !== undefined && {
      suppressions: [
        {
          kind: finding.suppressed.kind === "comment" ? "inSource" : "external",
          status: "accepted",
          justification: oneLine(finding.suppressed.reason),
        },
      ],
    }),
    ...(change !== undefined && { fixes: [fix(change, artifacts)] }),
    properties: {
      certainty: finding?.certainty,
      directions: finding?.directions,
      families: finding?.families,
      hooks: finding?.hooks,
    },
  };
}

/**
 * GitHub shows the first sentence where space is small, and makes links of related places that are named in it.
 * Section 3.11.6.
 */
function messageText({ message, related, help, finding }: Entry): string {
  const first = escapeMessage(message);
  return [
    /[.!?]$/.test(first) ? first : `${first}.`,
    ...(finding === undefined ? [] : factLines(finding).map(escapeMessage)),
    ...related.slice(0, mostRelated).map((label, i) => `See [${escapeMessage(oneLine(label.message))}](${i + 1}).`),
    ...(help === undefined ? [] : [`Help: ${escapeMessage(shortLines(help))}`]),
  ].join("\n");
}

/**
 * So that a text is no link, and no place for an argument. Braces that could not be one stay single, since few viewers
 * take the second away again. Sections 3.11.5, 3.11.6.
 */
function escapeMessage(text: string): string {
  const escaped = text.replace(/[\\[\]]/g, "\\$&");
  return /\{\d+\}/.test(escaped) ? escaped.replace(/[{}]/g, "$&$&") : escaped;
}

/** Where nothing can be pointed at, the first line stands for the file: GitHub wants a region. */
function physicalLocation(
  path: string,
  span: Span | undefined,
  artifacts: Artifacts,
  sources: Context["sources"],
): object {
  const artifactLocation = artifacts.add(path);
  if (span === undefined) {
    const source = sources.get(path);
    const endColumn = source === undefined ? 1 : lineText(source, 1).length + 1;
    return { artifactLocation, region: { startLine: 1, startColumn: 1, endLine: 1, endColumn } };
  }
  const { line, column, endLine, endColumn } = regionOf(span);
  const snippet = span.source.text
    .slice(span.start, Math.min(span.end, span.start + snippetLength))
    .replace(/[\r\n]+$/, "");
  return {
    artifactLocation,
    region: { startLine: line, startColumn: column, endLine, endColumn, snippet: { text: snippet } },
  };
}

const snippetLength = 400;

/**
 * What GitHub knows an alert by, within its rule. A second finding of the same rule at the same line would be the same
 * alert, so that it gets its own fingerprint behind the line's.
 */
function lineHash({ code, path, span, fingerprint }: Entry, taken: Set<string>, { sources, hashes }: Context): string {
  const source = span?.source ?? sources.get(path!);
  let hashOf = source === undefined ? undefined : hashes.get(source);
  if (source !== undefined && hashOf === undefined) hashes.set(source, (hashOf = lineHashes(source.text)));
  const hash = hashOf?.(span === undefined ? 1 : positionOf(span.source, span.start).line) ?? "0:1";
  const key = JSON.stringify([code, path, hash]);
  if (taken.has(key)) return `${hash}:${fingerprint.slice(0, 8)}`;
  taken.add(key);
  return hash;
}

/** Section 3.55. */
function fix({ title, edits }: Fix, artifacts: Artifacts): object {
  const sources = [...new Set(edits.map((edit) => edit.span.source))];
  return {
    description: { text: escapeMessage(oneLine(title)) },
    artifactChanges: sources.map((source) => ({
      artifactLocation: artifacts.add(source.path),
      replacements: edits
        .filter((edit) => edit.span.source === source)
        .map(({ span, text }) => ({
          deletedRegion: deletedRegion(span),
          ...(text !== "" && { insertedContent: { text } }),
        })),
    })),
  };
}

/** Exactly what goes, line ends too. */
function deletedRegion({ source, start, end }: Span): object {
  const [from, to] = [positionOf(source, start), positionOf(source, end)];
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** Section 3.58. */
function notification(
  { code, severity, message, help, path, span }: Entry,
  artifacts: Artifacts,
  sources: Context["sources"],
): object {
  return {
    descriptor: { id: code },
    level: severity,
    message: { text: escapeMessage(help === undefined ? message : `${message}\nHelp: ${shortLines(help)}`) },
    ...(path !== undefined && { locations: [{ physicalLocation: physicalLocation(path, span, artifacts, sources) }] }),
  };
}

/** A rule, or a code that no rule documents. */
type Rule = Pick<RuleAbout, "code" | "severity"> & Partial<Pick<RuleAbout, "category" | "docs">>;

function rulesOf(report: LintReport, entries: readonly Entry[]): Rule[] {
  const known = new Set<Code>(report.rules.map((rule) => rule.code));
  const others = [...new Set(entries.map((entry) => entry.code))].filter((code) => !known.has(code)).sort();
  return [...report.rules, ...others.map((code) => ({ code, severity: codes[code].severity }))];
}

/** Section 3.49; the properties are GitHub's. */
function descriptor({ code, severity, category, docs }: Rule, report: LintReport): object {
  const { name } = codes[code];
  const about = ruleTitle(code);
  const what = docs?.what ?? about;
  const page = rulePage(report, code);
  return {
    id: code,
    name,
    shortDescription: { text: about },
    fullDescription: { text: oneLine(docs === undefined ? about : `${what} ${docs.why}`.replace(/\s+/g, " ")) },
    ...(page !== undefined && { helpUri: page }),
    help: {
      text: docs === undefined ? about : ruleText({ code, docs }),
      markdown: docs === undefined ? about : ruleMarkdown({ code, docs }),
    },
    defaultConfiguration: { level: severity === "off" ? "note" : severity, enabled: severity !== "off" },
    properties: {
      tags: ["network", ...(category === undefined ? [] : [category, ...(tags[category] ?? [])])],
      ...(category !== undefined && { precision: precisions[category] }),
      "problem.severity": severity === "off" || severity === "note" ? "recommendation" : severity,
      ...securitySeverity(category, severity),
    },
  };
}

/** What is decided exactly is true; what was meant, and what a text that was not understood means, is a judgement. */
const precisions: Readonly<Record<RuleAbout["category"], string>> = {
  policy: "very-high",
  hygiene: "very-high",
  exceptions: "high",
  reading: "high",
};

const tags: Partial<Readonly<Record<RuleAbout["category"], readonly string[]>>> = {
  // Improper access control. Source: CWE-284.
  policy: ["security", "external/cwe/cwe-284"],
  exceptions: ["security", "external/cwe/cwe-284"],
};

/** Above 9.0 is critical for GitHub, from 7.0 high, from 4.0 medium, below low; without it a rule is not about security. */
function securitySeverity(category: Rule["category"], severity: Severity | "off"): object {
  if (category !== "policy" && category !== "exceptions") return {};
  const score = { error: "8.8", warning: "5.5", note: "2.5", off: "2.5" }[severity];
  return { "security-severity": score };
}
