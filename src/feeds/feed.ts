import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, span } from "../diagnostics/index.js";
import type { AddressSet, Interval } from "../net/index.js";
import { ipv4Addresses, ipv6Addresses, parsePrefix, prefixInterval4, prefixInterval6, toSet } from "../net/index.js";

/** A feed's text with the digest of the file's bytes (64 lower-case hexadecimal digits), which a text cannot tell. */
export interface FeedText {
  readonly source: Source;
  readonly sha256: string;
}

export type FeedReading<Feed> =
  { readonly ok: true; readonly feed: Feed } | { readonly ok: false; readonly problem: Diagnostic };

/** A word that somebody chose: a tag, a region, an area. With its place where it was written in a file. */
export interface Wanted {
  readonly text: string;
  readonly span?: Span;
}

export interface Selected {
  /** Empty only together with an error. */
  readonly addresses: AddressSet;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The addresses of published prefixes, in any order, overlapping or not. Prefixes that are not strict are one error,
 * which points at the first of them in the feed, looked for after `near`.
 */
export function prefixesToSet(source: Source, prefixes: readonly unknown[], near: string): Selected {
  const ipv4: Interval<number>[] = [];
  const ipv6: Interval<bigint>[] = [];
  const wrong: unknown[] = [];
  for (const text of prefixes) {
    const read = typeof text === "string" ? parsePrefix(text) : undefined;
    if (!read?.ok) wrong.push(text);
    else if (read.value.family === "ipv4") ipv4.push(prefixInterval4(read.value.prefix));
    else ipv6.push(prefixInterval6(read.value.prefix));
  }
  return {
    addresses: { ipv4: toSet(ipv4Addresses, ipv4), ipv6: toSet(ipv6Addresses, ipv6) },
    diagnostics: wrong.length === 0 ? [] : [notStrict(source, wrong, near)],
  };
}

function notStrict(source: Source, wrong: readonly unknown[], near: string): Diagnostic {
  const [first] = wrong;
  const text = JSON.stringify(first);
  const read = typeof first === "string" ? parsePrefix(first) : undefined;
  const why = read === undefined || read.ok ? "it is not text" : read.problem.why;
  const more = wrong.length === 1 ? "" : ` (and ${wrong.length - 1} more of its prefixes are none)`;
  return diagnostic("RW5005", `${near} publishes ${text}, which is no strict prefix: ${why}${more}`, {
    primary: findIn(source, text, near),
    help: "no address is guessed from it; download the feed again, or report it to its publisher",
  });
}

/** Where `text` stands after the first `"near"`, as far as a search can tell. */
function findIn(source: Source, text: string, near: string): Span {
  const after = Math.max(0, source.text.indexOf(JSON.stringify(near)));
  const at = Math.max(0, source.text.indexOf(text, after));
  return span(source, at, at === 0 ? 0 : at + text.length);
}
