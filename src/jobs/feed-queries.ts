import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, span } from "../diagnostics/index.js";
import type { AnyPrefix } from "../net/index.js";
import { parsePrefix } from "../net/index.js";

/** What is looked up, as it was written. */
export interface FeedQuery {
  readonly text: string;
  readonly prefix: AnyPrefix;
}

export interface FeedQueries {
  readonly queries: readonly FeedQuery[];
  /** An error for each text that is neither an address nor a prefix. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Addresses and prefixes from the words of a command line. */
export function queriesOfWords(words: readonly string[]): FeedQueries {
  return readAll(words.map((text) => ({ text, at: undefined })));
}

/**
 * Addresses and prefixes of a text: the first word of each line, so that a log or a table may be piped in. Empty lines and
 * what stands behind `#` count for nothing.
 */
export function queriesOfText(source: Source): FeedQueries {
  const words: { text: string; at: Diagnostic["primary"] }[] = [];
  const firstWord = /^[^\S\n]*([^\s#,;]+)/gm;
  for (const found of source.text.replace(/^\ufeff/, " ").matchAll(firstWord)) {
    const start = found.index + found[0].length - found[1]!.length;
    words.push({ text: found[1]!, at: span(source, start, start + found[1]!.length) });
  }
  return readAll(words);
}

function readAll(words: readonly { readonly text: string; readonly at: Diagnostic["primary"] }[]): FeedQueries {
  const queries: FeedQuery[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { text, at } of words) {
    const read = parsePrefix(text);
    if (read.ok) {
      queries.push({ text, prefix: read.value });
      continue;
    }
    const { why, instead } = read.problem;
    diagnostics.push(
      diagnostic("RW1004", `"${text.slice(0, 80)}" cannot be looked up: ${why}`, {
        primary: at,
        help: instead === undefined ? "write an address or a prefix" : `write ${instead}`,
      }),
    );
  }
  return { queries, diagnostics };
}
