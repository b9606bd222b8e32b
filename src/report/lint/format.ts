import type { Style } from "../style.js";
import type { LintReport } from "./report.js";

/** One form in which a report can be written. Deterministic: same report and environment, same text. */
export interface Format {
  /** As `--format` takes it. */
  readonly name: string;
  /** One line for help: what reads it. */
  readonly about: string;
  /**
   * The text, ending with a line end; "" where there is nothing to say. Several where the reader limits how much one file
   * holds: {@link partPath} names them. At least one.
   */
  write(report: LintReport, env: FormatEnv): readonly string[];
}

/** What a text depends on beside the report. */
export interface FormatEnv {
  /** Colours where the text goes to a terminal; formats for programs do not look at it. */
  readonly style: Style;
  /**
   * The folder of the run below the root of the repository, with `/`, by which formats for CI make paths relative to the
   * root: `network/edge`. "" where the run was started in the root, and where there is no repository.
   */
  readonly folder: string;
}

/** `out.sarif`, `out-2.sarif`, …: `part` counts from 0. */
export function partPath(path: string, part: number): string {
  if (part === 0) return path;
  const name = path.lastIndexOf("/") + 1;
  const dot = path.lastIndexOf(".");
  const end = dot > name ? dot : path.length;
  return `${path.slice(0, end)}-${part + 1}${path.slice(end)}`;
}
