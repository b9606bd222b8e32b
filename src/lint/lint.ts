import type { Code, Severity } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import type { Configuration } from "../jobs/configuration.js";
import type { AddressSet, Family } from "../net/index.js";
import { SpaceExhausted } from "../packet-set/index.js";
import type { Edge } from "../policy/edge.js";
import { contextOf } from "./context.js";
import { plainDraft } from "./drafts.js";
import type { Finding } from "./finding.js";
import { inOrder } from "./finding.js";
import type { LintRule } from "./rule.js";
import { rules } from "./rules/index.js";
import { undecided } from "./rules/undecided.js";

export interface LintOptions {
  /** What must not pass, and what may. */
  readonly edge: Edge;
  /** At least one; what is not asked about is not looked at. */
  readonly families: readonly Family[];
  /** Overrides the rules' own severities. */
  readonly severities: ReadonlyMap<Code, Severity | "off">;
  /**
   * Where packets are asked about: `input` and `output` alone for a host that forwards nothing. By default wherever
   * devices of the vendor can have rules.
   */
  readonly hooks?: readonly Hook[];
  /** What the feeds of the policy hold, to tell what an exception should have been; absent where there are none. */
  readonly feeds?: FeedFacts;
}

export interface FeedFacts {
  /** Every address that any of the feeds has. */
  readonly published: AddressSet;
  /** Whole clouds, with their names for people: `AzureCloud`. */
  readonly clouds: readonly { readonly name: string; readonly addresses: AddressSet }[];
}

/** What the linter says of one device. */
export interface DeviceLint {
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  /** Whether denied traffic passes: `closed` is said only where it is certain for every packet that was asked about. */
  readonly edge: "closed" | "open" | "undecided";
}

/** Looks at one device with every rule that is not off. Pure: same texts, same answer. */
export function lintDevice(configuration: Configuration, options: LintOptions): DeviceLint {
  const context = contextOf(configuration, options);
  try {
    const findings = rules.flatMap((rule) => findingsOf(rule, options, () => rule.check(context)));
    return { findings: findings.sort(inOrder), edge: context.edge() };
  } catch (error) {
    if (!(error instanceof SpaceExhausted)) throw error;
    const message = `the configuration is too large to be decided exactly: ${error.message}`;
    const draft = plainDraft(configuration, { message, certainty: "may", identity: "too large" });
    return { findings: findingsOf(undecided, options, () => [draft]), edge: "undecided" };
  }
}

/** How much a rule weighs. */
export function severityOf(rule: LintRule, severities: LintOptions["severities"]): Severity | "off" {
  return severities.get(rule.code) ?? rule.severity;
}

function findingsOf(
  rule: LintRule,
  { severities }: LintOptions,
  check: () => ReturnType<LintRule["check"]>,
): Finding[] {
  const severity = severityOf(rule, severities);
  if (severity === "off") return [];
  return check().map((draft) => ({ ...draft, code: rule.code, severity }));
}
