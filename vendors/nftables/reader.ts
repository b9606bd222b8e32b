import type { Span } from "../../src/vendor-kit/index.js";
import { span } from "../../src/vendor-kit/index.js";
import type { Token } from "./lexer.js";

/** Walks over tokens. At the end `peek` gives undefined; nothing here throws. */
export class Reader {
  at = 0;

  constructor(readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  next(): Token | undefined {
    return this.tokens[this.at++];
  }

  /** Whether the next token is this sign or bare word; a quoted string never is. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token !== undefined && token.text === text && (token.kind === "word" || token.kind === "sign");
  }

  isOneOf(words: ReadonlySet<string>, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token !== undefined && (token.kind === "word" || token.kind === "sign") && words.has(token.text);
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  skipNewlines(): void {
    while (this.peek()?.kind === "newline") this.at++;
  }

  /** The tokens up to the sign that closes the one before `at`, which is consumed; undefined when it is missing. */
  takeBlock(close: string): Token[] | undefined {
    const start = this.at;
    let depth = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!;
      if (token.kind !== "sign") continue;
      if (depth === 0 && token.text === close) return this.tokens.slice(start, this.at++);
      if (token.text === "{" || token.text === "(" || token.text === "[") depth++;
      else if (token.text === "}" || token.text === ")" || token.text === "]") depth = Math.max(0, depth - 1);
    }
    return undefined;
  }
}

/** From the first of the tokens to the last; they must be of one source, else the first one's place is given. */
export function spanOf(tokens: readonly Token[]): Span | undefined {
  const first = tokens[0];
  if (first === undefined) return undefined;
  let end = first.end;
  for (const token of tokens) if (token.source === first.source && token.end > end) end = token.end;
  return span(first.source, first.start, end);
}

/** The tokens as one line, in one way of writing whatever the blanks were: the name of a free condition. */
export function wordsOf(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => token.kind !== "newline")
    .map((token) => (token.kind === "string" ? `"${token.text}"` : token.text))
    .join(" ")
    .replace(/ ,/g, ",");
}
