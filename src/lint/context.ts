import type { Configuration } from "../jobs/configuration.js";
import type { LintOptions } from "./lint.js";

/** What rules look at, worked out once for all of them. */
export interface LintContext {
  readonly configuration: Configuration;
  readonly options: LintOptions;
}
