import type { Diagnostic } from "../diagnostics/index.js";
import type { DiffOptions, DiffResult } from "../jobs/diff.js";
import { diff as diffSides } from "../jobs/diff.js";
import type { Registry } from "../registry.js";
import type { Subject } from "./subject.js";
import { readSubject } from "./subject.js";

export interface DiffAnswer {
  /** Absent when a side could not be read. */
  readonly difference?: DiffResult;
  /** Of reading both sides. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares what passes the edge by two policies or configurations, of any vendors. */
export async function diff(
  a: Subject,
  b: Subject,
  options: DiffOptions & { readonly registry?: Registry } = {},
): Promise<DiffAnswer> {
  const left = await readSubject(a, options.registry);
  const right = await readSubject(b, options.registry);
  const diagnostics = [...left.diagnostics, ...right.diagnostics];
  if (left.kind === "unreadable" || right.kind === "unreadable") return { diagnostics };
  return { difference: diffSides(left, right, options), diagnostics };
}
