import type { Diagnostic, Source } from "../diagnostics/index.js";
import { hasErrors } from "../diagnostics/index.js";
import type { AnyFeed, FeedText } from "../feeds/index.js";
import type { Edge, GivenFeed, PolicyDocument } from "../policy/index.js";
import { readPolicy, resolvePolicy } from "../policy/index.js";
import type { ReadFile } from "./files.js";

export interface LoadedPolicy {
  /** Undefined when the text is no policy at all. */
  readonly document?: PolicyDocument;
  /** Undefined when there are errors. */
  readonly edge?: Edge;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a policy and the feeds that it names, and resolves it. All errors come at once. */
export function loadPolicy(source: Source, readFile: ReadFile, today: string | undefined): LoadedPolicy {
  const { document, feeds, diagnostics: read } = loadPolicyFeeds(source, readFile);
  if (document === undefined) return { diagnostics: read };
  const { edge, diagnostics: resolved } = resolvePolicy(document, { feeds, ...(today !== undefined && { today }) });
  const diagnostics = [...read, ...resolved];
  return { document, ...(edge !== undefined && !hasErrors(diagnostics) && { edge }), diagnostics };
}

export interface PolicyWithFeeds {
  /** Undefined when the text is no policy at all. */
  readonly document?: PolicyDocument;
  /** By their names in the policy. */
  readonly feeds: ReadonlyMap<string, GivenFeed>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a policy and the feeds that it names. Those `instead` stand for all feeds of their kind, which are not read. */
export function loadPolicyFeeds(
  source: Source,
  readFile: ReadFile,
  instead: readonly (FeedText & Pick<AnyFeed, "kind">)[] = [],
): PolicyWithFeeds {
  const { policy: document, diagnostics: read } = readPolicy(source);
  if (document === undefined) return { feeds: new Map(), diagnostics: read };

  const feeds = new Map<string, GivenFeed>();
  const unreadable: Diagnostic[] = [];
  for (const [name, feed] of document.feeds) {
    const given = instead.find(({ kind }) => kind === feed.kind);
    const reading = given === undefined ? readFile(feed.file, feed.span) : { ok: true as const, ...given };
    if (reading.ok) feeds.set(name, reading);
    else {
      feeds.set(name, "unreadable");
      unreadable.push(reading.diagnostic);
    }
  }
  return { document, feeds, diagnostics: [...read, ...unreadable] };
}
