import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { SourcesLint } from "../lint/lint-sources.js";
import type { FileChanges } from "../lint/changed-lines.js";
import { isOfChange } from "../lint/changed-lines.js";
import type { Finding } from "../lint/index.js";
import { allRules, inOrder, policyFindings } from "../lint/index.js";
import { suppress } from "../lint/suppressions.js";
import { severityIn } from "../library/lint.js";
import { tool } from "../library/tool.js";
import { families as bothFamilies } from "../net/index.js";
import type { Hook } from "../ir/index.js";
import { hooks as allHooks } from "../ir/index.js";
import type { PolicyDocument } from "../policy/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { LintReport, Reported, ReportedDevice, Suppressed } from "../report/lint/index.js";
import { fingerprints } from "../report/lint/index.js";
import type { Given } from "./command.js";
import { combined, sidesOfTarget } from "./subject.js";
import { applyBaseline } from "./lint-baseline.js";
import type { LintCache } from "./lint-cache.js";
import { cacheFolder, openCache } from "./lint-cache.js";
import type { ChangesSince } from "./lint-changes.js";
import { changesSince } from "./lint-changes.js";
import type { FoundDevice } from "./lint-devices.js";
import { findDevices } from "./lint-devices.js";
import { findFiles, shownFile } from "./lint-files.js";
import type { LintJob } from "./lint-job.js";
import type { LintWords } from "./lint-options.js";
import { runJobs } from "./lint-pool.js";
import type { LintSurroundings } from "./lint-settings.js";
import { surroundings } from "./lint-settings.js";
import { fromWire } from "./lint-wire.js";
import type { Io } from "./io.js";
import type { SettingsFile } from "./settings-file.js";
import { pathBelow } from "./settings-file.js";
import { decode } from "./text-file.js";

/** What one look at all configurations has found. */
export interface Looked {
  readonly report: LintReport;
  readonly devices: readonly LookedDevice[];
  /** Lines for people beside the report. */
  readonly notes: readonly string[];
}

export interface LookedDevice {
  readonly device: FoundDevice;
  readonly job: LintJob;
  readonly findings: readonly Reported[];
}

/** Finds the configurations that a command line means and looks at each. */
export async function look(given: Given, words: LintWords, io: Io, registry: Registry): Promise<Looked> {
  const today = words.today ?? io.now().toISOString().slice(0, 10);
  const around = surroundings(given, io, today);
  const cache = openCache(
    given.flag("no-cache") || registry !== installedVendors() ? undefined : cacheFolder(given.text("cache-dir"), io),
    io.now(),
  );
  const changes = changesOf(given, io.cwd);

  const paths = given.positionals.filter((word) => word !== "-");
  const input = given.positionals.includes("-") ? await inputOf(given, io, around) : undefined;
  io.progress("looking for configurations");
  const files =
    input !== undefined && paths.length === 0
      ? { files: [], diagnostics: [] }
      : findFiles(paths, io.cwd, (folder) => around.settingsOf(folder));
  const found = await findDevices(files.files, {
    cwd: io.cwd,
    registry,
    memory: cache.facts,
    vendor: given.text("vendor"),
    ...(input !== undefined && { input }),
    progress: (text) => io.progress(text),
  });
  const run = settingsOfRun(around, io.cwd, found.devices);
  const asked = found.devices.flatMap((device) => {
    const policy = around.policyFor(device.settingsFile);
    return policy === undefined ? [] : [{ device, job: jobOf(device, policy, given, words, around) }];
  });

  const early = [...files.diagnostics, ...found.diagnostics, ...around.diagnostics(), ...changes.diagnostics];
  // With settings or a policy that nobody can read, whatever is found would be about something else.
  const unusable = hasErrors(around.diagnostics()) || hasErrors(changes.diagnostics);
  const answers = unusable ? [] : await answersOf(asked, around, cache, words, io, registry);
  cache.close();

  const judged = answers.map((answer) => suppressed(answer, words, today));
  const looked = withReports(judged, around, { given, run, cwd: io.cwd, changes: changes.since });
  const empty =
    found.devices.length === 0 && !hasErrors(early) ? [nothingToLint(given.positionals, files.files.length)] : [];
  const problems = [
    ...early,
    ...empty,
    ...looked.diagnostics,
    ...answers.flatMap(({ lint }) => lint.diagnostics),
    ...around.policies.flatMap((policy) => policy.diagnostics.filter(({ code }) => !isLintCode(code))),
  ].filter((one) => one.severity !== "note");
  const [onlyPolicy] = around.policies;
  const policy =
    around.policies.length === 1 && onlyPolicy !== undefined
      ? { name: onlyPolicy.edge.name, path: onlyPolicy.source.path }
      : undefined;
  const since = given.text("changed-since");
  return {
    devices: looked.devices,
    notes: [
      ...looked.notes,
      ...(given.flag("verbose") ? found.skipped.map(({ file, why }) => `${file}: left out, ${why}`) : []),
    ],
    report: {
      tool: { ...tool() },
      ...(policy !== undefined && { policy }),
      devices: looked.reported,
      problems,
      skipped: found.skipped,
      rules: allRules.map(({ code, category, severity, docs }) => ({ code, category, severity, docs })),
      failOn: words.failOn ?? run.settings.failOn ?? "warning",
      ...(given.flag("show-suppressed") && { showSuppressed: true }),
      ...(since !== undefined && { changedSince: since }),
    },
  };
}

/** The folder of the run below the root of its repository, with `/`; "" in the root, and where there is none. */
export function folderOfRun(cwd: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return pathBelow(at, cwd);
    if (dirname(at) === at) return "";
  }
}

async function inputOf(given: Given, io: Io, around: LintSurroundings) {
  const name = given.text("stdin-name") ?? "stdin";
  const path = resolve(io.cwd, name);
  const settings = around.settingsOf(dirname(path));
  const bytes = (await io.stdin?.()) ?? Buffer.alloc(0);
  return { text: decode(bytes), file: { path, shown: shownFile(io.cwd, path), named: true, settings } };
}

interface GivenChanges {
  readonly since?: ChangesSince;
  readonly diagnostics: readonly Diagnostic[];
}

function changesOf(given: Given, cwd: string): GivenChanges {
  const revision = given.text("changed-since");
  if (revision === undefined) return { diagnostics: [] };
  const reading = changesSince(revision, cwd);
  return reading.ok ? { since: reading.changes, diagnostics: reading.notes } : { diagnostics: [reading.diagnostic] };
}

/** The settings that hold for the run as a whole: of its folder, else of what it looks at. */
function settingsOfRun(around: LintSurroundings, cwd: string, devices: readonly FoundDevice[]): SettingsFile {
  const own = around.settingsOf(cwd);
  return own.path === undefined ? (devices[0]?.settingsFile ?? own) : own;
}

function jobOf(
  { vendor, files, settings, settingsFile }: FoundDevice,
  policy: number,
  given: Given,
  words: LintWords,
  around: LintSurroundings,
): LintJob {
  const own = settingsFile.settings;
  const sides = combined(
    { outside: given.list("outside"), inside: given.list("inside") },
    settings?.sides,
    sidesOfTarget(around.policies[policy]!.document, vendor),
  );
  const { document } = around.policies[policy]!;
  const hooks = settings?.hooks ?? hooksOfTarget(document, vendor);
  return {
    vendor,
    files: files.map(({ path, sha256, source }) => ({
      shown: source.path,
      sha256,
      ...(path === undefined ? { text: source.text } : { path }),
    })),
    sides,
    ...(hooks !== undefined && { hooks }),
    families: words.families ?? (own.families.length > 0 ? own.families : bothFamilies),
    severities: [...own.severities],
    policy,
  };
}

/** A policy may be meant for some hooks of a device only. By convention its target says so below `hooks`. */
function hooksOfTarget(document: PolicyDocument, vendor: string): readonly Hook[] | undefined {
  const named: unknown = document.targets.get(vendor)?.options["hooks"];
  const hooks = allHooks.filter((hook) => Array.isArray(named) && named.includes(hook));
  return hooks.length === 0 ? undefined : hooks;
}

interface Asked {
  readonly device: FoundDevice;
  readonly job: LintJob;
}

interface Answered extends Asked {
  readonly lint: SourcesLint;
}

async function answersOf(
  asked: readonly Asked[],
  around: LintSurroundings,
  cache: LintCache,
  words: LintWords,
  io: Io,
  registry: Registry,
): Promise<Answered[]> {
  const sourcesOf = ({ device, job }: Asked): readonly Source[] => [
    ...device.files.map((file) => file.source),
    around.policies[job.policy]!.source,
  ];
  const lints: (SourcesLint | undefined)[] = asked.map(() => undefined);
  const keys = asked.map(({ job }) => keyOf(job, around.policies[job.policy]!.digest));
  const open = asked.flatMap((one, index) => {
    const known = cache.get(keys[index]!);
    lints[index] = known === undefined ? undefined : fromWire(known, sourcesOf(one));
    return lints[index] === undefined ? [index] : [];
  });

  let done = 0;
  await runJobs(
    open.map((index) => {
      const { device, job } = asked[index]!;
      const bytes = device.files.reduce((sum, file) => sum + file.bytes, 0);
      return { job, sources: device.files.map((file) => file.source), bytes };
    }),
    {
      policies:
        open.length === 0
          ? []
          : around.policies.map(({ source, edge, feeds }) => {
              const facts = feeds();
              return {
                source: { path: source.path, text: source.text },
                edge,
                ...(facts !== undefined && { feeds: facts }),
              };
            }),
      registry,
      most: words.jobs,
      done(at, answer) {
        const index = open[at]!;
        const one = asked[index]!;
        io.progress(`looked at ${++done} of ${open.length}: ${one.device.name}`);
        if (typeof answer !== "string") {
          lints[index] = { kind: "unreadable", diagnostics: [broken(one.device, answer, io)] };
          return;
        }
        cache.set(keys[index]!, answer);
        lints[index] = fromWire(answer, sourcesOf(one));
      },
    },
  );
  return asked.map((one, index) => ({ ...one, lint: lints[index]! }));
}

/** Everything that an answer depends on beside the program. */
function keyOf({ files, vendor, sides, hooks, families, severities }: LintJob, policy: string): string {
  const texts = files.map(({ shown, sha256 }) => [shown, sha256]);
  return JSON.stringify([policy, texts, vendor, sides, hooks, families, severities]);
}

function broken({ name }: FoundDevice, error: Error, io: Io): Diagnostic {
  const trace = io.env["RINGWALL_DEBUG"] && error.stack !== undefined ? `\n${error.stack}` : "";
  return diagnostic("RW9003", `ringwall itself failed at ${name}: ${error.message}`, {
    help: `this is a fault of ringwall, not of your files; please report it. RINGWALL_DEBUG=1 shows where it happened${trace}`,
  });
}

interface Judged extends Answered {
  /** In the order of files and lines. */
  readonly findings: readonly { readonly finding: Finding; readonly reason?: string }[];
}

function suppressed(answer: Answered, words: LintWords, today: string): Judged {
  const { lint, job } = answer;
  if (lint.kind === "unreadable") return { ...answer, findings: [] };
  const { findings } = suppress(lint.findings, lint.comments, {
    today,
    severityOf: severityIn(new Map(job.severities)),
    partly: words.families !== undefined && words.families.length < bothFamilies.length,
  });
  return {
    ...answer,
    findings: findings
      .map(({ finding, by }) => ({ finding, ...(by !== undefined && { reason: by.reason }) }))
      .sort((a, b) => inOrder(a.finding, b.finding)),
  };
}

interface WithReports {
  readonly devices: readonly LookedDevice[];
  readonly reported: readonly ReportedDevice[];
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Weighed {
  readonly finding: Finding;
  /** Of the comment that suppresses it. */
  readonly reason?: string;
  /** Of its device, and what it is judged by. */
  readonly files: readonly string[];
}

function withReports(
  judged: readonly Judged[],
  around: LintSurroundings,
  run: {
    readonly given: Given;
    readonly run: SettingsFile;
    readonly cwd: string;
    readonly changes?: ChangesSince | undefined;
  },
): WithReports {
  const { cwd } = run;
  const ofPolicies = judged.length === 0 ? [] : around.policies.map((policy) => policyReport(policy, run.run));
  const all: readonly Weighed[] = [
    ...ofPolicies.flatMap(({ findings }) => findings.map((finding) => ({ finding, files: [finding.file] }))),
    ...judged.flatMap(({ findings, device, job }) => {
      const files = device.files.map((file) => file.source.path);
      const judges = judgesOf(device, around.policies[job.policy]!, cwd);
      return findings.map((one) => ({ ...one, files: [...files, ...judges] }));
    }),
  ];
  const open = all.filter((one) => one.reason === undefined).map((one) => one.finding);
  const baseline = applyBaseline(open, ({ file }) => resolve(cwd, file), {
    given: run.given,
    settings: run.run,
    cwd,
    files: [
      ...judged.flatMap(({ device }) => device.files.map((file) => resolve(cwd, file.source.path))),
      ...around.policies.map(({ source }) => resolve(cwd, source.path)),
    ],
  });
  const folder = folderOfRun(cwd);
  const names = fingerprints(
    all.map((one) => one.finding),
    (file) => (folder === "" || file.startsWith("/") ? file : `${folder}/${file}`),
  );
  const { changes } = run;
  // Another policy, or other settings, may have brought any finding about packets.
  const judging = new Set(judged.flatMap(({ device, job }) => judgesOf(device, around.policies[job.policy]!, cwd)));
  const changesOfFile = (file: string, since: ChangesSince): FileChanges | undefined => {
    const own = since.of(resolve(cwd, file));
    return own !== undefined && judging.has(file) ? { ...own, removes: true } : own;
  };
  const suppressedBy = (finding: Finding, reason: string | undefined): Suppressed | undefined =>
    reason !== undefined
      ? { kind: "comment", reason }
      : baseline.known.has(finding)
        ? { kind: "baseline", reason: "" }
        : undefined;
  const reported = new Map(
    all.map(({ finding, files, reason }, index): [Finding, Reported] => {
      const by = suppressedBy(finding, reason);
      const changed = changes && isOfChange(finding, files, (file) => changesOfFile(file, changes));
      return [
        finding,
        {
          ...finding,
          fingerprint: names[index]!,
          ...(by !== undefined && { suppressed: by }),
          ...(changed !== undefined && { changed }),
        },
      ];
    }),
  );
  const devices = judged.map(({ device, job, lint, findings }) => ({
    device,
    job,
    lint,
    findings: findings.map(({ finding }) => reported.get(finding)!),
  }));
  return {
    devices,
    notes: baseline.notes,
    diagnostics: baseline.diagnostics,
    reported: [
      ...ofPolicies
        .filter(({ findings }) => findings.length > 0)
        .map(({ device, findings }) => ({ ...device, findings: findings.map((one) => reported.get(one)!) })),
      ...devices.flatMap(({ device, lint, findings }) =>
        lint.kind === "unreadable"
          ? []
          : [
              {
                name: device.name,
                vendor: lint.vendor,
                files: device.files.map((file) => file.source),
                edge: lint.edge,
                findings,
              },
            ],
      ),
    ],
  };
}

/** The files of a repository that say how a device is judged. */
function judgesOf({ settingsFile }: FoundDevice, policy: LintSurroundings["policies"][number], cwd: string): string[] {
  return [
    ...(policy.builtIn ? [] : [policy.source.path]),
    ...(settingsFile.path === undefined ? [] : [shownFile(cwd, settingsFile.path)]),
  ];
}

/** What the linter says of a policy itself: exceptions past their date, or too broad. */
function policyReport(policy: LintSurroundings["policies"][number], { settings }: SettingsFile) {
  const { source, diagnostics } = policy;
  const device = {
    name: source.path,
    vendor: { id: "policy", title: "edge policy" },
    files: [source],
    edge: "closed" as const,
  };
  return { device, findings: policyFindings(diagnostics, source.path, settings.severities) };
}

function isLintCode(code: string): boolean {
  return allRules.some((rule) => rule.code === code);
}

function nothingToLint(words: readonly string[], count: number): Diagnostic {
  const where = words.length === 0 ? "here" : `in ${words.join(", ")}`;
  return diagnostic(
    "RW1012",
    count === 0 ? `there is no file to look at ${where}` : `none of the ${count} files ${where} is a configuration`,
    { help: "name the files themselves, or say in ringwall.yaml which they are; --verbose says why each was left out" },
  );
}
