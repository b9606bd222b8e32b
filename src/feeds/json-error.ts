/**
 * Where a text stops being JSON: the offset of the first token that cannot stand where it stands, or the text's length
 * when it ends too early. The engine's own message has no position in many cases, and differs between releases.
 *
 * Only for texts that are not JSON; for one that is, the answer is its length, too.
 *
 * Source: RFC 8259 section 2 to 7.
 */
export function jsonErrorOffset(text: string): number {
  const token =
    /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)))/y;
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  for (;;) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (match === null) return afterSpace(text, start);
    const word = match[1] ?? (match[2] === undefined ? "scalar" : "text");
    const next = step(word, expected, open);
    if (next === undefined) return afterSpace(text, start);
    expected = next;
  }
}

/** What may come next; `… or end` also takes the bracket that closes an empty list or object. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

function step(word: string, expected: Expected, open: ("{" | "[")[]): Expected | undefined {
  const wantsValue = expected === "value" || expected === "value or end";
  const wantsKey = expected === "key" || expected === "key or end";
  const inside = open[open.length - 1];
  switch (word) {
    case "{":
    case "[":
      if (!wantsValue) return undefined;
      open.push(word);
      return word === "{" ? "key or end" : "value or end";
    case "}":
      return inside === "{" && (expected === "key or end" || expected === "comma or end") ? close(open) : undefined;
    case "]":
      return inside === "[" && (expected === "value or end" || expected === "comma or end") ? close(open) : undefined;
    case ",":
      return expected === "comma or end" ? (inside === "{" ? "key" : "value") : undefined;
    case ":":
      return expected === "colon" ? "value" : undefined;
    case "text":
      if (wantsKey) return "colon";
      return wantsValue ? after(open) : undefined;
    default:
      return wantsValue ? after(open) : undefined;
  }
}

function close(open: ("{" | "[")[]): Expected {
  open.pop();
  return after(open);
}

function after(open: readonly ("{" | "[")[]): Expected {
  return open.length === 0 ? "nothing" : "comma or end";
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\n\r".includes(text[at]!)) at++;
  return at;
}
