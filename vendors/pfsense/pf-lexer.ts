import type { Source } from "../../src/vendor-kit/index.js";

/** A word, a quoted text, a sign, or the end of a line of pf.conf; `start` and `end` are places in its source. */
export interface Token {
  readonly kind: "word" | "quoted" | "sign" | "newline";
  readonly text: string;
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** Nothing stands between it and the token before. */
  readonly joined: boolean;
}

const signs = ["><", "<>", "!=", "<=", ">="];

/**
 * The tokens of a pf.conf, comments left out, lines that end with `\` joined. A quote that is not closed ends with the
 * text.
 *
 * Source: FreeBSD sbin/pfctl/parse.y, functions yylex and lgetc.
 */
export function tokensOf(source: Source): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let i = 0;
  let space = true;
  const push = (kind: Token["kind"], start: number, end: number, value = text.slice(start, end)): void => {
    tokens.push({ kind, text: value, source, start, end, joined: !space });
    space = false;
    i = end;
  };
  while (i < text.length) {
    const sign = text[i]!;
    if (sign === "\n" || sign === "\r") {
      push("newline", i, sign === "\r" && text[i + 1] === "\n" ? i + 2 : i + 1);
      space = true;
    } else if (sign === " " || sign === "\t" || sign === "\v" || sign === "\f" || sign === "\uFEFF") {
      space = true;
      i++;
    } else if (sign === "\\" && /^\\[ \t]*(\r\n|\n|\r|$)/.test(text.slice(i, i + 200))) {
      space = true;
      i += /^\\[ \t]*(\r\n|\n|\r|$)/.exec(text.slice(i, i + 200))![0].length;
    } else if (sign === "#") {
      while (i < text.length && text[i] !== "\n" && text[i] !== "\r") i++;
      space = true;
    } else if (sign === '"' || sign === "'") {
      const end = text.indexOf(sign, i + 1);
      const close = end < 0 ? text.length : end;
      push("quoted", i, Math.min(text.length, close + 1), text.slice(i + 1, close).replace(/\\(\r\n|\n|\r)/g, " "));
    } else if (isWordSign(sign)) {
      let end = i + 1;
      while (end < text.length && isWordSign(text[end]!)) end++;
      push("word", i, end);
    } else {
      const two = text.slice(i, i + 2);
      push("sign", i, signs.includes(two) ? i + 2 : i + 1);
    }
  }
  return tokens;
}

function isWordSign(sign: string): boolean {
  return sign > " " && !"(){}<>!=/#,\"'\\".includes(sign);
}
