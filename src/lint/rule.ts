import type { Code, Severity } from "../diagnostics/index.js";
import type { Finding } from "./finding.js";
import type { LintContext } from "./context.js";

/** One thing that the linter looks for: a file below `rules/`. */
export interface LintRule {
  readonly code: Code;
  /** `policy`: what passes; `exceptions`: against the feeds; `hygiene`: the text itself; `reading`: what the reader saw. */
  readonly category: "policy" | "exceptions" | "hygiene" | "reading";
  /** Unless the settings say another; `off` where only few people want it. */
  readonly severity: Severity | "off";
  readonly docs: RuleDocs;
  /** Lazy work belongs to the context, so that rules share it. Severity is set by whoever runs the rule. */
  check(context: LintContext): readonly Draft[];
}

/** A page of documentation: `ringwall rules ID`, `docs/rules/ID.md`, and the help of code-scanning tools. */
export interface RuleDocs {
  /** A sentence: what it finds. */
  readonly what: string;
  /** A paragraph: what goes wrong where it is left so. */
  readonly why: string;
  /** A piece of a configuration that it finds, of any vendor. */
  readonly example: string;
  /** The same piece as it should be. */
  readonly instead: string;
  /** How to get from the one to the other, and when it is right to suppress it. */
  readonly howToFix: string;
}

/** A finding as a rule gives it. */
export type Draft = Omit<Finding, "code" | "severity">;
