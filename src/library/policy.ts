import type { Diagnostic, Source } from "../diagnostics/index.js";
import { hasErrors } from "../diagnostics/index.js";
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
  const { policy: document, diagnostics: read } = readPolicy(source);
  if (document === undefined) return { diagnostics: read };

  const feeds = new Map<string, GivenFeed>();
  const unreadable: Diagnostic[] = [];
  for (const [name, feed] of document.feeds) {
    const reading = readFile(feed.file, feed.span);
    if (reading.ok) feeds.set(name, reading);
    else {
      feeds.set(name, "unreadable");
      unreadable.push(reading.diagnostic);
    }
  }
  const { edge, diagnostics: resolved } = resolvePolicy(document, { feeds, ...(today !== undefined && { today }) });
  const diagnostics = [...read, ...unreadable, ...resolved];
  return { document, ...(edge !== undefined && !hasErrors(diagnostics) && { edge }), diagnostics };
}
