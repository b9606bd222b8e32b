import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { PolicyDocument } from "./document.js";
import type { Edge } from "./edge.js";
import { lower } from "./lower.js";
import { isDate } from "./dates.js";
import { resolveNames } from "./resolve.js";
import type { GivenFeed } from "./resolve.js";

export * from "./edge.js";
export * from "./hosts.js";
export * from "./truth.js";
export * from "./host-facts.js";
export { hostTruthOf } from "./host-truth.js";
export type { ProfileNames } from "./host-truth.js";
export * from "./document.js";
export { isDate } from "./dates.js";
export { readPolicy } from "./read.js";
export type { PolicyReading } from "./read.js";
export { resolveNames } from "./resolve.js";
export type { GivenFeed } from "./resolve.js";
export { amount, isCloudTag, isStorageTag } from "./exceptions.js";
export { usedNetworks } from "./used-networks.js";
export type { UsedNetwork } from "./used-networks.js";
export { parseService } from "./services.js";
export { looksLikeAddress, parseLiteral } from "./literals.js";

export interface ResolveOptions {
  /** The texts of the policy's feeds by their names in the policy; `unreadable` for one that was complained about. */
  readonly feeds: ReadonlyMap<string, GivenFeed>;
  /** YYYY-MM-DD; without it no exception counts as expired. */
  readonly today?: string;
}

export interface PolicyResolution {
  /** Undefined when the document is not sound, or when there are errors here. */
  readonly edge?: Edge;
  /** What {@link readPolicy} has said already is not repeated. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A policy with its names resolved and its feeds put in. */
export function resolvePolicy(policy: PolicyDocument, options: ResolveOptions): PolicyResolution {
  const { today } = options;
  if (today !== undefined && !isDate(today)) {
    const help = "write the date as YYYY-MM-DD";
    return { diagnostics: [diagnostic("RW1008", `"${today}" is not a day of the calendar`, { help })] };
  }
  const names = resolveNames(policy, options.feeds);
  const { edge, diagnostics: found } = lower(policy, names, today);
  const diagnostics = [...names.diagnostics, ...found];
  const usable = edge !== undefined && policy.sound && !hasErrors(diagnostics);
  return { ...(usable && { edge }), diagnostics };
}
