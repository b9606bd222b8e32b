import type { Source } from "../diagnostics/index.js";
import type { SourcesLint } from "../lint/lint-sources.js";

/**
 * What was found, as a text for the cache and between threads. Spans become the number of a path and two offsets, so that
 * no source travels with them; a source that the reader will not have travels whole.
 */
export function toWire(lint: SourcesLint, known: readonly Source[]): string {
  const places = new Map(known.map((source, index) => [source.path, index]));
  const foreign: Source[] = [];
  const placeOf = (source: Source): number => {
    let place = places.get(source.path);
    if (place === undefined) {
      place = known.length + foreign.push({ path: source.path, text: source.text }) - 1;
      places.set(source.path, place);
    }
    return place;
  };
  const body = JSON.stringify(lint, (_key, value: unknown) => {
    if (typeof value === "bigint") return { "#": value.toString() };
    if (value instanceof Set) return { $: [...value] as unknown[] };
    if (isSpan(value)) return { "@": [placeOf(value.source), value.start, value.end] };
    return value;
  });
  return `${JSON.stringify({ known: known.length, foreign })}\n${body}`;
}

/** Reads it with the sources that it was written with, in the same order. Undefined where it is damaged. */
export function fromWire(text: string, known: readonly Source[]): SourcesLint | undefined {
  try {
    const end = text.indexOf("\n");
    const head = JSON.parse(text.slice(0, end)) as { readonly known: number; readonly foreign: readonly Source[] };
    if (head.known !== known.length) return undefined;
    const sources = [...known, ...head.foreign];
    const lint = JSON.parse(text.slice(end + 1), (_key, value: unknown) => revived(value, sources)) as SourcesLint;
    return lint.kind === "linted" || lint.kind === "unreadable" ? lint : undefined;
  } catch {
    return undefined;
  }
}

function revived(value: unknown, sources: readonly Source[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("@" in value) {
    const [place, start, end] = value["@"] as readonly [number, number, number];
    const source = sources[place];
    if (source === undefined) throw new RangeError("a place in a source that is not there");
    return { source, start, end };
  }
  if ("#" in value) return BigInt(value["#"] as string);
  if ("$" in value) return new Set(value.$ as unknown[]);
  return value;
}

function isSpan(value: unknown): value is { readonly source: Source; readonly start: number; readonly end: number } {
  return typeof value === "object" && value !== null && "source" in value && "start" in value && "end" in value;
}
