import type { Source, Span } from "./source.js";

/** One replacement in a text: what `span` covers becomes `text`. Inserting is replacing an empty span. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A change that would mend what a finding is about. */
export interface Fix {
  /** In the imperative: `remove the rule`. */
  readonly title: string;
  /** Of one or several sources; they must not overlap. */
  readonly edits: readonly Edit[];
}

/** The text of a source with its edits made; those of other sources are left aside. Overlapping edits throw. */
export function applyEdits(source: Source, edits: readonly Edit[]): string {
  const own = edits.filter((edit) => edit.span.source === source).sort((a, b) => a.span.start - b.span.start);
  let result = "";
  let at = 0;
  for (const { span, text } of own) {
    if (span.start < at) throw new RangeError(`edits overlap at ${source.path}, offset ${span.start}`);
    result += source.text.slice(at, span.start) + text;
    at = span.end;
  }
  return result + source.text.slice(at);
}
