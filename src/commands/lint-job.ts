import type { Code, Severity, Source } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import type { Sides } from "../jobs/interfaces.js";
import { lintSources } from "../lint/lint-sources.js";
import type { FeedFacts } from "../lint/index.js";
import type { Family } from "../net/index.js";
import type { Edge } from "../policy/edge.js";
import type { Registry } from "../registry.js";
import { fileSource } from "./lint-devices.js";
import { toWire } from "./lint-wire.js";

/** The work of looking at one device, as it goes to a thread: plain data. */
export interface LintJob {
  readonly vendor: string;
  readonly files: readonly JobFile[];
  readonly sides: Sides;
  readonly hooks?: readonly Hook[];
  readonly families: readonly Family[];
  readonly severities: readonly (readonly [Code, Severity | "off"])[];
  /** Which of the policies of the run it is judged by. */
  readonly policy: number;
}

/** A file is read by whoever looks at it; what is no file brings its text along. */
export interface JobFile {
  readonly shown: string;
  readonly sha256: string;
  readonly path?: string;
  readonly text?: string;
}

/** A policy as the linter wants it. */
export interface JobPolicy {
  readonly source: Source;
  readonly edge: Edge;
  readonly feeds?: FeedFacts;
}

/** Does the work; the answer is a text for `fromWire`, with the job's sources and the policy's behind them. */
export async function runJob(
  job: LintJob,
  policy: JobPolicy,
  registry: Registry,
  sources: readonly Source[] = job.files.map(sourceOf),
): Promise<string> {
  const { vendor } = await registry.load(job.vendor);
  const lint = lintSources(sources, [vendor], {
    edge: policy.edge,
    ...(policy.feeds !== undefined && { feeds: policy.feeds }),
    families: job.families,
    severities: new Map(job.severities),
    ...(job.hooks !== undefined && { hooks: job.hooks }),
    vendor: job.vendor,
    sidesFor: () => job.sides,
  });
  return toWire(lint, [...sources, policy.source]);
}

function sourceOf({ shown, sha256, path, text }: JobFile): Source {
  return path === undefined ? { path: shown, text: text ?? "" } : fileSource(path, shown, sha256);
}
