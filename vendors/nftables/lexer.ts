import type { Source } from "../../src/vendor-kit/index.js";

/**
 * A piece of an nft text. `string` has its quotes taken off; `newline` also stands for `;`. A `word` holds what nft
 * reads as a name, a number, an address, a prefix or a range of them; `$name` and `@name` are words, too.
 */
export interface Token {
  readonly kind: "word" | "string" | "sign" | "newline";
  readonly text: string;
  readonly source: Source;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The tokens of an nft text, comments and blanks left out. Whatever the text is, every other character of it is in a
 * token: a character that nft does not know is a sign of its own.
 *
 * Source: nftables src/scanner.l.
 */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  const push = (kind: Token["kind"], piece: string, start: number, end: number): void => {
    tokens.push({ kind, text: piece, source, start, end });
  };
  let at = 0;
  while (at < text.length) {
    blank.lastIndex = at;
    if (blank.test(text)) at = blank.lastIndex;
    if (at >= text.length) break;
    const char = text[at]!;
    if (char === "\n" || char === "\r" || char === ";") {
      push("newline", char, at, at + 1);
      at++;
      continue;
    }
    if (char === "#") {
      // nft cannot show an iptables extension and writes its name behind this sign: the rule has more to it.
      const hidden = /^#\s*(xt_\w+)/.exec(text.slice(at, at + 80))![1]!;
      push("word", hidden, at, at + 1);
      at = text.indexOf(hidden, at) + hidden.length;
      continue;
    }
    if (char === '"') {
      const close = text.indexOf('"', at + 1);
      if (close >= 0) {
        push("string", text.slice(at + 1, close), at, close + 1);
        at = close + 1;
        continue;
      }
      push("sign", '"', at, at + 1);
      at++;
      continue;
    }
    const end = wordEnd(text, at);
    if (end > at) {
      push("word", text.slice(at, end), at, end);
      at = end;
      continue;
    }
    sign.lastIndex = at;
    const found = sign.exec(text);
    const piece = found === null ? String.fromCodePoint(text.codePointAt(at)!) : found[0];
    push("sign", piece, at, at + piece.length);
    at += piece.length;
  }
  return tokens;
}

/** Blanks, continued lines, comments; and what a shell needs around `{` and `;` where nft is called line by line. */
const blank = /(?:[ '\t\f\v\u00a0\ufeff]+|\\\r?\n|\\(?=[;{}])|#(?!\s*xt_\w)[^\r\n]*)+/y;
const sign = /==|!=|<=|>=|<<|>>|[{}()[\],=<>&|^!:~]/y;

const address6 = /(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?:\/[0-9A-Fa-f:]{1,43})?/y;
const plainWord = /[@$]?[A-Za-z0-9_.*+%~/-](?:[A-Za-z0-9_.*+%/-]|\\[*])*/y;
const wordPart = /[A-Za-z0-9_.*+%:/-]/;

/** Where the word that starts at `at` ends; `at` itself when there is none. Colons belong to IPv6 and MAC addresses only. */
function wordEnd(text: string, at: number): number {
  const first = address6End(text, at);
  if (first !== undefined) {
    // The second end of a range.
    if (text[first] === "-") return address6End(text, first + 1) ?? first;
    return first;
  }
  plainWord.lastIndex = at;
  return plainWord.test(text) ? plainWord.lastIndex : at;
}

function address6End(text: string, at: number): number | undefined {
  address6.lastIndex = at;
  if (!address6.test(text)) return undefined;
  const end = address6.lastIndex;
  const after = text[end];
  // `a:b:cd-ef` and the like are no addresses.
  if (after !== undefined && after !== "-" && after !== ":" && wordPart.test(after)) return undefined;
  return end;
}
