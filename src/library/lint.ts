import type { Code, Diagnostic, Severity, Source } from "../diagnostics/index.js";
import { codes } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import type { DeviceLint, Finding } from "../lint/index.js";
import { allRules, inOrder } from "../lint/index.js";
import { lintSources } from "../lint/lint-sources.js";
import { suppress } from "../lint/suppressions.js";
import type { Family } from "../net/index.js";
import { families as bothFamilies } from "../net/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { GivenFiles } from "./files.js";
import { readerOf } from "./files.js";
import { lintPolicy } from "./lint-policy.js";

export interface LintCall {
  /** What must not pass; by default SMB and NetBIOS must not, in either direction. */
  readonly policy?: string | Source;
  /** The feeds that the policy names, by the paths that it writes. */
  readonly files?: GivenFiles;
  /** The vendor's id; by default the surest vendor reads it. */
  readonly vendor?: string;
  /** The outside interfaces; by default what the text says, else each that occurs is tried. */
  readonly outside?: readonly string[];
  /** The interfaces on the other end; by default all others. */
  readonly inside?: readonly string[];
  /** By default all that devices of the vendor have rules for. */
  readonly hooks?: readonly Hook[];
  /** By default both. */
  readonly families?: readonly Family[];
  /** How much findings weigh, by the codes of their rules, where it is not what the rules say. */
  readonly severities?: Readonly<Partial<Record<Code, Severity | "off">>>;
  /** YYYY-MM-DD: suppressions that ended before it hide nothing. Without it none has ended. */
  readonly today?: string;
  readonly registry?: Registry;
}

export interface LintAnswer {
  /** Absent when something could not be read. */
  readonly vendor?: string;
  /** Whether denied traffic passes; `undecided` also when something could not be read. */
  readonly edge: DeviceLint["edge"];
  /** In the order of files and lines. */
  readonly findings: readonly LintedFinding[];
  /** Of reading the policy and the configuration. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface LintedFinding extends Finding {
  /** The reason that a comment in the configuration gives for leaving it alone. */
  readonly suppressed?: string;
}

/** Says what is wrong with the configuration of one device, judged by a policy, with packets as evidence. */
export async function lint(
  configuration: string | Source | readonly Source[],
  call: LintCall = {},
): Promise<LintAnswer> {
  const { outside = [], inside = [], families = bothFamilies } = call;
  const policy = typeof call.policy === "string" ? { path: "policy.yaml", text: call.policy } : call.policy;
  const judged = lintPolicy(policy, readerOf(call.files ?? {}), call.today);
  if (!judged.ok) return { edge: "undecided", findings: [], diagnostics: judged.diagnostics };

  const registry = call.registry ?? installedVendors();
  const ids = call.vendor !== undefined && registry.ids.includes(call.vendor) ? [call.vendor] : registry.ids;
  const vendors = await Promise.all(ids.map(async (id) => (await registry.load(id)).vendor));
  const texts = typeof configuration === "string" ? { path: "configuration", text: configuration } : configuration;
  const severities = severitiesOf(call.severities ?? {});
  const feeds = judged.policy.feeds();
  const read = lintSources("text" in texts ? [texts] : texts, vendors, {
    edge: judged.policy.edge,
    families,
    severities,
    sidesFor: () => ({ outside, inside }),
    ...(call.vendor !== undefined && { vendor: call.vendor }),
    ...(call.hooks !== undefined && { hooks: call.hooks }),
    ...(feeds !== undefined && { feeds }),
  });
  const diagnostics = [...judged.policy.diagnostics, ...read.diagnostics];
  if (read.kind === "unreadable") return { edge: "undecided", findings: [], diagnostics };
  const { findings } = suppress(read.findings, read.comments, {
    severityOf: severityIn(severities),
    partly: families.length < bothFamilies.length || call.hooks !== undefined,
    ...(call.today !== undefined && { today: call.today }),
  });
  return {
    vendor: read.vendor.id,
    edge: read.edge,
    findings: findings
      .map(({ finding, by }): LintedFinding => (by === undefined ? finding : { ...finding, suppressed: by.reason }))
      .sort(inOrder),
    diagnostics,
  };
}

/** How much a rule's findings weigh, by the settings, else by the rule itself. */
export function severityIn(severities: ReadonlyMap<Code, Severity | "off">): (code: Code) => Severity | "off" {
  return (code) =>
    severities.get(code) ?? allRules.find((rule) => rule.code === code)?.severity ?? codes[code].severity;
}

function severitiesOf(given: NonNullable<LintCall["severities"]>): ReadonlyMap<Code, Severity | "off"> {
  return new Map(Object.entries(given) as [Code, Severity | "off"][]);
}
