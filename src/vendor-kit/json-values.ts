/** A JSON value with where it stands in the text: UTF-16 offsets, `end` exclusive. */
export type Json = { readonly start: number; readonly end: number } & (
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, Json> }
  | { readonly kind: "array"; readonly items: readonly Json[] }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "word"; readonly text: "true" | "false" | "null" }
);

/** No rule is nested deeper; a text that is could only be an attack on the reader. */
const DEEPEST = 200;

/** The values that a text holds, one behind the other; `rest` is where the first that cannot be read begins. */
export function readJsonValues(text: string): { values: Json[]; rest: number } {
  const values: Json[] = [];
  let at = skipBlanks(text, text.startsWith("\ufeff") ? 1 : 0);
  while (at < text.length) {
    const value = readValue(text, at, 0);
    if (value === undefined) break;
    values.push(value);
    at = skipBlanks(text, value.end);
  }
  return { values, rest: at };
}

function readValue(text: string, start: number, depth: number): Json | undefined {
  if (depth > DEEPEST) return undefined;
  switch (text[start]) {
    case "{":
      return readObject(text, start, depth);
    case "[":
      return readArray(text, start, depth);
    case '"':
      return readString(text, start);
    default: {
      plain.lastIndex = start;
      const found = plain.exec(text)?.[0];
      if (found === undefined) return undefined;
      const end = start + found.length;
      if (found === "true" || found === "false" || found === "null") return { kind: "word", text: found, start, end };
      return { kind: "number", text: found, start, end };
    }
  }
}

const plain = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readObject(text: string, start: number, depth: number): Json | undefined {
  const entries = new Map<string, Json>();
  let at = skipBlanks(text, start + 1);
  if (text[at] === "}") return { kind: "object", entries, start, end: at + 1 };
  for (;;) {
    const key = text[at] === '"' ? readString(text, at) : undefined;
    if (key?.kind !== "string") return undefined;
    at = skipBlanks(text, key.end);
    if (text[at] !== ":") return undefined;
    const value = readValue(text, skipBlanks(text, at + 1), depth + 1);
    if (value === undefined) return undefined;
    entries.set(key.text, value);
    at = skipBlanks(text, value.end);
    if (text[at] === "}") return { kind: "object", entries, start, end: at + 1 };
    if (text[at] !== ",") return undefined;
    at = skipBlanks(text, at + 1);
  }
}

function readArray(text: string, start: number, depth: number): Json | undefined {
  const items: Json[] = [];
  let at = skipBlanks(text, start + 1);
  if (text[at] === "]") return { kind: "array", items, start, end: at + 1 };
  for (;;) {
    const value = readValue(text, at, depth + 1);
    if (value === undefined) return undefined;
    items.push(value);
    at = skipBlanks(text, value.end);
    if (text[at] === "]") return { kind: "array", items, start, end: at + 1 };
    if (text[at] !== ",") return undefined;
    at = skipBlanks(text, at + 1);
  }
}

const quotedString = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

function readString(text: string, start: number): Json | undefined {
  quotedString.lastIndex = start;
  const found = quotedString.exec(text)?.[0];
  if (found === undefined) return undefined;
  return { kind: "string", text: JSON.parse(found) as string, start, end: start + found.length };
}

function skipBlanks(text: string, at: number): number {
  while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  return at;
}
