import type { Diagnostic, Source } from "../diagnostics/index.js";
import { partsOf, partLabel, readFeed } from "../feeds/index.js";
import { builtInPolicy } from "../jobs/built-in-policy.js";
import type { FeedFacts } from "../lint/index.js";
import { unionAddresses } from "../net/index.js";
import type { Edge, PolicyDocument } from "../policy/index.js";
import type { ReadFile } from "./files.js";
import { loadPolicy } from "./policy.js";

/** A policy that configurations are judged by. */
export interface LintPolicy {
  readonly source: Source;
  readonly document: PolicyDocument;
  readonly edge: Edge;
  /** Whether it is the one for those who have none. */
  readonly builtIn: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What the feeds of the policy hold; undefined where it names none. Worked out when it is asked for. */
  feeds(): FeedFacts | undefined;
}

export type LintPolicyReading =
  | { readonly ok: true; readonly policy: LintPolicy }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads a policy for the linter; without one, the built-in one. */
export function lintPolicy(
  source: Source | undefined,
  readFile: ReadFile,
  today: string | undefined,
): LintPolicyReading {
  const text = source ?? builtInPolicy;
  const { document, edge, diagnostics } = loadPolicy(text, readFile, today);
  if (document === undefined || edge === undefined) return { ok: false, diagnostics };
  let facts: { readonly value: FeedFacts | undefined } | undefined;
  return {
    ok: true,
    policy: {
      source: document.source,
      document,
      edge,
      builtIn: source === undefined,
      diagnostics,
      feeds: () => (facts ??= { value: feedFacts(document, readFile) }).value,
    },
  };
}

function feedFacts(document: PolicyDocument, readFile: ReadFile): FeedFacts | undefined {
  const parts = [...document.feeds.values()].flatMap(({ file, span }) => {
    const text = readFile(file, span);
    const reading = text.ok ? readFeed(text) : undefined;
    return reading?.ok === true ? partsOf(reading.feed).parts : [];
  });
  if (parts.length === 0) return undefined;
  return {
    published: unionAddresses(...parts.map((part) => part.addresses)),
    clouds: parts
      .filter((part) => part.kind === "tag" && part.tag.name === wholeCloud)
      .map((part) => ({ name: partLabel(part), addresses: part.addresses })),
  };
}

/** The service tag of every data centre address. Source: learn.microsoft.com, Azure service tags overview. */
const wholeCloud = "AzureCloud";
