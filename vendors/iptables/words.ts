import type { Word } from "./model.js";

/**
 * The words of a line of a restore file. Quotes keep blanks, and a backslash within them the next character.
 *
 * Source: iptables/xshared.c, add_param_to_argv.
 */
export function wordsOf(text: string, offset: number): readonly Word[] {
  const words: Word[] = [];
  let i = 0;
  while (i < text.length) {
    if (isBlank(text.charCodeAt(i))) {
      i++;
      continue;
    }
    const start = i;
    // Nearly every word has no quotes: it is a piece of the text as it stands.
    while (i < text.length && !isBlank(text.charCodeAt(i)) && !isQuote(text.charCodeAt(i))) i++;
    if (i === text.length || isBlank(text.charCodeAt(i))) {
      words.push({ text: text.slice(start, i), start: offset + start, end: offset + i });
      continue;
    }
    let value = text.slice(start, i);
    let quoted = false;
    while (i < text.length && !isBlank(text.charCodeAt(i))) {
      const mark = text[i]!;
      if (mark !== '"' && mark !== "'") {
        value += mark;
        i++;
        continue;
      }
      quoted = true;
      i++;
      while (i < text.length && text[i] !== mark) {
        if (text[i] === "\\" && i + 1 < text.length) i++;
        value += text[i]!;
        i++;
      }
      i++;
    }
    const end = Math.min(i, text.length);
    words.push({ text: value, start: offset + start, end: offset + end, ...(quoted && { quoted: true as const }) });
  }
  return words;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 11 || code === 12 || code === 13 || code === 10;
}
