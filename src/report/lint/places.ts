import { posix } from "node:path";
import type { Span } from "../../diagnostics/index.js";
import { positionOf } from "../../diagnostics/index.js";
import type { FormatEnv } from "./format.js";

/** Lines and columns from 1, in UTF-16 units; the end's column is exclusive. */
export interface Region {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A line end at the end of a span is left out: a region does not reach into a line of which nothing is meant. */
export function regionOf({ source, start, end }: Span): Region {
  let last = end;
  while (last > start && "\r\n".includes(source.text[last - 1]!)) last--;
  const to = positionOf(source, last);
  return { ...positionOf(source, start), endLine: to.line, endColumn: to.column };
}

/** The path as the repository knows it: below its root, or absolute where it is written so. */
export function repositoryPath(path: string, { folder }: FormatEnv): string {
  return isAbsolute(path) ? path : posix.normalize(posix.join(folder, path));
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
}
