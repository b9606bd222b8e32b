import type { Token } from "./lexer.js";
import { Reader } from "./reader.js";

/**
 * One element of a set or map: its key's parts (one, or several of a concatenation), each with the values that it may
 * have (one, but for a set in a set). No part at all is the catch-all `*`.
 */
export interface Element {
  readonly parts: readonly (readonly Token[])[];
  /** What stands behind the colon in a map. */
  readonly data?: readonly Token[];
  /** It goes away by itself. */
  readonly expires: boolean;
}

/** The elements between the braces of a set; `unread` are those that were not understood. */
export function readElements(tokens: readonly Token[]): { elements: Element[]; unread: Token[][] } {
  const elements: Element[] = [];
  const unread: Token[][] = [];
  for (const piece of splitAtCommas(tokens)) {
    if (piece.length === 0) continue;
    const inner = nestedSet(piece);
    if (inner !== undefined) {
      const nested = readElements(inner);
      for (const element of nested.elements) elements.push(element);
      for (const other of nested.unread) unread.push(other);
      continue;
    }
    const element = readElement(piece);
    if (element === undefined) unread.push(piece);
    else elements.push(element);
  }
  return { elements, unread };
}

/** The pieces between commas outside all brackets, without newlines. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const pieces: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "newline" && depth === 0) continue;
    if (token.kind === "sign") {
      if (token.text === "{" || token.text === "(" || token.text === "[") depth++;
      if (token.text === "}" || token.text === ")" || token.text === "]") depth--;
      if (token.text === "," && depth === 0) {
        pieces.push([]);
        continue;
      }
    }
    pieces[pieces.length - 1]!.push(token);
  }
  return pieces;
}

/** `{ … }` as an element, which is how a defined list looks inside another. */
function nestedSet(piece: readonly Token[]): Token[] | undefined {
  const reader = new Reader(piece);
  if (!reader.take("{")) return undefined;
  const inner = reader.takeBlock("}");
  return inner !== undefined && reader.done ? inner : undefined;
}

function readElement(tokens: readonly Token[]): Element | undefined {
  const reader = new Reader(tokens);
  const parts: Token[][] = [];
  let expires = false;
  do {
    const values = readPart(reader);
    if (values === undefined) return undefined;
    parts.push(values);
  } while (reader.take("."));
  while (!reader.done && !reader.is(":")) {
    const word = reader.next()!;
    switch (word.text) {
      case "timeout":
      case "expires":
        expires = true;
        reader.at++;
        break;
      case "comment":
        reader.at++;
        break;
      case "counter":
        while (reader.is("packets") || reader.is("bytes")) reader.at += 2;
        break;
      case "last":
        if (reader.take("used")) reader.at++;
        break;
      default:
        return undefined;
    }
  }
  const catchesAll = parts.length === 1 && parts[0]!.length === 1 && isStar(parts[0]![0]!);
  const data = reader.take(":") ? tokens.slice(reader.at) : undefined;
  return { parts: catchesAll ? [] : parts, expires, ...(data !== undefined && { data }) };
}

function isStar(token: Token): boolean {
  return token.kind === "word" && token.text === "*";
}

/** A value, or a set of them in braces. */
function readPart(reader: Reader): Token[] | undefined {
  if (reader.take("{")) {
    const block = reader.takeBlock("}");
    if (block === undefined) return undefined;
    const values: Token[] = [];
    for (const piece of splitAtCommas(block)) {
      if (piece.length === 0) continue;
      const inner = new Reader(piece);
      const value = readPart(inner);
      if (value === undefined || !inner.done) return undefined;
      for (const one of value) values.push(one);
    }
    return values;
  }
  const value = readValue(reader);
  return value === undefined ? undefined : [value];
}

/** One value as one token: `10.0.0.0/8`, `"eth0"`, `1 - 5` as `1-5`, `syn | ack` as `syn|ack`. */
export function readValue(reader: Reader): Token | undefined {
  let token = reader.peek();
  if (token === undefined || token.kind === "newline") return undefined;
  if (token.kind === "sign") return undefined;
  reader.at++;
  for (;;) {
    const glue = reader.peek();
    const after = reader.peek(1);
    if (glue === undefined || after === undefined || after.kind === "newline" || after.kind === "sign") return token;
    const isGlue = (glue.kind === "word" && glue.text === "-") || (glue.kind === "sign" && glue.text === "|");
    if (!isGlue || (glue.text === "-" && token.kind !== after.kind)) return token;
    token = { ...token, text: `${token.text}${glue.text}${after.text}`, end: after.end };
    reader.at += 2;
  }
}
