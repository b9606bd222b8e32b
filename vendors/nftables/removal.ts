import type { Edit, Span } from "../../src/vendor-kit/index.js";
import { cutLines, span } from "../../src/vendor-kit/index.js";

/** Takes a rule out with its line, or on a line with others together with the semicolon behind it. Not out of JSON. */
export function removalOf(rule: Span): readonly Edit[] | undefined {
  const { source, start, end } = rule;
  if (source.text[start] === "{" || /^\s*\{/.test(source.text)) return undefined;
  const edit = cutLines(rule, /^[ \t]*;?[ \t]*(?:#.*)?$/);
  if (edit !== undefined) return [edit];
  const behind = /^[ \t]*;[ \t]*/.exec(source.text.slice(end, end + 100));
  // In front of it must be the beginning of a statement: what stands in a shell's command line has more around it.
  if (behind === null || !/[{;\n][ \t]*$/.test(source.text.slice(Math.max(0, start - 200), start))) return undefined;
  return [{ span: span(source, start, end + behind[0].length), text: "" }];
}
