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
    let value = "";
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

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 11 || code === 12 || code === 13 || code === 10;
}
