import type { Diagnostic, Direction, Target } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";
import type { Action } from "./flatten.js";

/** `targets.cisco-asa` with its defaults. */
export interface Options {
  readonly outside: readonly string[];
  readonly inside: readonly string[];
  readonly after: Readonly<Partial<Record<Direction, Action>>>;
  readonly prefix: string;
  readonly controlPlane: boolean;
  readonly warnEntries: number;
  /** The words that make an entry log. */
  readonly log: string;
}

/**
 * Above this many expanded entries there is a warning. No table of limits per model is published; the smallest models
 * and `object-group-search threshold` (which gives up at 10,000) make this a number to stop at and think.
 */
const DEFAULT_WARN_ENTRIES = 10_000;

export function readOptions(target: Target, diagnostics: Diagnostic[]): Options {
  const raw = target.options as {
    outside?: readonly string[];
    inside?: readonly string[];
    version?: string;
    after?: Partial<Record<Direction, Action>>;
    prefix?: string;
    "control-plane"?: boolean;
    "warn-entries"?: number;
    log?: { level?: string; interval?: number };
  };
  const version = /^(\d+)\.(\d+)/.exec(raw.version ?? "");
  if (version !== null && Number(version[1]) < 9) {
    diagnostics.push(
      diagnostic(
        "RW3005",
        `version ${JSON.stringify(raw.version)} is older than 9.0, where "any" speaks of IPv4 only and IPv6 has lists of its own`,
        { primary: target.spanOf("version"), help: "write the version of the device, 9.0 or later" },
      ),
    );
  }
  const log = raw.log ?? {};
  return {
    outside: raw.outside ?? [],
    inside: raw.inside ?? [],
    after: raw.after ?? {},
    prefix: raw.prefix ?? "RW",
    controlPlane: raw["control-plane"] ?? false,
    warnEntries: raw["warn-entries"] ?? DEFAULT_WARN_ENTRIES,
    log:
      log.level === undefined && log.interval === undefined
        ? "log"
        : `log ${log.level ?? "informational"} interval ${log.interval ?? 300}`,
  };
}
