import type { Diagnostic } from "../../src/diagnostics/index.js";
import { spanText } from "../../src/diagnostics/index.js";
import { readPolicy, resolvePolicy } from "../../src/policy/index.js";
import type { Edge, GivenFeed } from "../../src/policy/index.js";
import { sampleFeed } from "../feeds/samples.js";

export const sampleFeeds: ReadonlyMap<string, GivenFeed> = new Map([
  ["azure", sampleFeed("ServiceTags_Public.json")],
  ["china", sampleFeed("ServiceTags_China.json")],
  ["office365", sampleFeed("o365-endpoints-worldwide-2026110100.json")],
]);

export interface Compiled {
  readonly edge?: Edge;
  readonly diagnostics: readonly Diagnostic[];
}

/** A policy text from its reading to its edge, with the sample feeds. */
export function compile(text: string, today?: string): Compiled {
  const read = readPolicy({ path: "policy.yaml", text });
  if (read.policy === undefined) return { diagnostics: read.diagnostics };
  const resolved = resolvePolicy(read.policy, { feeds: sampleFeeds, ...(today !== undefined && { today }) });
  return { ...resolved, diagnostics: [...read.diagnostics, ...resolved.diagnostics] };
}

/** The edge of a policy that is right; its warnings do not count. */
export function edgeOf(text: string): Edge {
  const { edge, diagnostics } = compile(text);
  if (edge === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
  return edge;
}

/** `code at "the text that it points at": message`, in order. */
export function told(text: string, today?: string): string[] {
  return compile(text, today).diagnostics.map(
    (one) => `${one.code} at ${JSON.stringify(one.primary === undefined ? "" : spanText(one.primary))}: ${one.message}`,
  );
}

/** A policy with these sections; keys that every policy has are added. */
export function policy(body: string): string {
  return `version: 1\nname: test\n${body}`;
}

export const feeds = `feeds:
  azure: { file: feeds/ServiceTags_Public.json }
  office365: { file: feeds/o365-endpoints-worldwide-2026110100.json }
`;
