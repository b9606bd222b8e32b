import type { Code, Severity } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import type { Configuration } from "../jobs/configuration.js";
import type { Family } from "../net/index.js";
import type { Edge } from "../policy/edge.js";
import type { Finding } from "./finding.js";

export interface LintOptions {
  /** What must not pass, and what may. */
  readonly edge: Edge;
  /** At least one; what is not asked about is not looked at. */
  readonly families: readonly Family[];
  /** Overrides the rules' own severities. */
  readonly severities: ReadonlyMap<Code, Severity | "off">;
  /** The hooks that matter, where not all that the device has do: a host that does not forward has no forward. */
  readonly hooks?: readonly Hook[];
  /** YYYY-MM-DD, for exceptions that expire; without it none does. */
  readonly today?: string;
}

/** What the linter says of one device. */
export interface DeviceLint {
  /** Suppressed findings among them; in the order of files and lines. */
  readonly findings: readonly Finding[];
  /** Whether denied traffic passes: `closed` is said only where it is certain for every packet that was asked about. */
  readonly edge: "closed" | "open" | "undecided";
}

/** Looks at one device with every rule that is not off. Pure: same texts, same answer. */
export function lintDevice(_configuration: Configuration, _options: LintOptions): DeviceLint {
  return { findings: [], edge: "undecided" };
}
