import type { Source, Span } from "../../src/vendor-kit/index.js";
import { labelOf, linesOf, span } from "../../src/vendor-kit/index.js";

/** One command line. */
export interface Command {
  readonly source: Source;
  /** Where the text without its indentation stands. */
  readonly start: number;
  readonly text: string;
  /** Parts between blanks; a quoted part is one word, with its quotes. A comment behind `!` is left out. */
  readonly words: readonly string[];
  /** Deeper than the outermost lines of the source. */
  readonly indented: boolean;
}

/**
 * The commands of a text as a terminal or a file holds it: without blank lines, comments (`!`, and `#` of people who keep such files), the lines of `show
 * running-config` that begin with a colon, pager marks, and prompts.
 */
export function commandsOf(source: Source): Command[] {
  const found: { text: string; start: number; indent: number }[] = [];
  for (const line of linesOf(source)) {
    let skipped = 0;
    const noise = PAGER.exec(line.text);
    if (noise !== null) skipped = noise[0].length;
    let text = line.text.slice(skipped);
    const prompt = PROMPT.exec(text);
    if (prompt !== null) {
      skipped += prompt[0].length;
      text = text.slice(prompt[0].length);
    }
    const trimmed = text.trimStart();
    const indent = text.length - trimmed.length;
    const body = trimmed.trimEnd();
    if (body === "" || "!#:".includes(body[0]!)) continue;
    found.push({ text: body, start: line.start + skipped + indent, indent });
  }
  const outermost = found.reduce((least, one) => Math.min(least, one.indent), Infinity);
  return found.map(({ text, start, indent }) => ({
    source,
    start,
    text,
    words: wordsOf(text),
    indented: indent > outermost,
  }));
}

const PAGER = /^\s*<--- More --->[\s\u0008]*/;
/** `edge-fw(config)# ` or `edge-fw/act/pri> `, as a terminal's log has it. */
const PROMPT = /^[\w./-]{1,80}(?:\(config[\w-]{0,40}\)# ?|[#>] )/;

function wordsOf(text: string): string[] {
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  const comment = words.findIndex((word, i) => i > 0 && word.startsWith("!"));
  return comment < 0 || FREE_TEXT.test(text) ? words : words.slice(0, comment);
}

const FREE_TEXT = /^(?:description|banner|access-list \S+ (?:line \d+ )?remark)\b/;

export function spanOf(command: Command): Span {
  return span(command.source, command.start, command.start + command.text.length);
}

/** The part of a command from one word to its end. */
export function spanFrom(command: Command, word: number): Span {
  let at = 0;
  for (let i = 0; i <= word && i < command.words.length; i++) {
    at = command.text.indexOf(command.words[i]!, at);
    if (i < word) at += command.words[i]!.length;
  }
  return span(command.source, command.start + at, command.start + command.text.length);
}

export function originOf(command: Command): { label: string; span: Span } {
  return { label: labelOf(command.text), span: spanOf(command) };
}
