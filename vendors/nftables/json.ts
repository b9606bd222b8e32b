import type { Diagnostic, Json, Source } from "../../src/vendor-kit/index.js";
import { diagnostic, readJsonValues, span } from "../../src/vendor-kit/index.js";
import { tokenize } from "./lexer.js";
import type { Token } from "./lexer.js";

/**
 * The commands of `nft --json list ruleset`, or of a file for `nft --json -f`, as the tokens of the same commands in
 * nft's own language. Undefined when the text is not JSON of nft's.
 *
 * What has no counterpart becomes a token that no reader of rules understands, so that it stays unknown.
 *
 * Source: libnftables-json(5).
 */
export function readJson(source: Source, report: (problem: Diagnostic) => void): Token[][] | undefined {
  const { values, rest } = readJsonValues(source.text);
  const commands = values.map((value) => member(value, "nftables"));
  if (commands.length === 0 || commands.some((one) => one?.kind !== "array")) return undefined;
  const writer = new TokenWriter(source);
  const result = commands.flatMap((list) =>
    list?.kind === "array" ? list.items.map((item) => writer.command(item)) : [],
  );
  if (rest < source.text.length) {
    const place = span(source, rest, source.text.length);
    report(diagnostic("RW6001", "this is not JSON", { primary: place }));
    result.push([{ kind: "sign", text: "?", source, start: rest, end: source.text.length }]);
  }
  return result.filter((tokens) => tokens.length > 0);
}

type Piece = string | { readonly quoted: string };

/** Writes nft's JSON as tokens that all stand where the command stands. */
class TokenWriter {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  command(item: Json): Token[] {
    if (item.kind !== "object") return this.#tokens(item, ["?"]);
    const [verb, body] = onlyEntry(item) ?? ["?", item];
    if (verb === "metainfo") return [];
    if (
      ["add", "create", "insert", "replace", "delete", "destroy", "flush", "reset", "list", "rename"].includes(verb)
    ) {
      const [kind, what] = (body.kind === "object" ? onlyEntry(body) : undefined) ?? ["?", body];
      return this.#tokens(
        item,
        verb === "flush" || verb === "delete" || verb === "destroy"
          ? removal(verb, kind, what)
          : addition(verb, kind, what),
      );
    }
    return this.#tokens(item, addition("add", verb, body));
  }

  #tokens(item: Json, pieces: readonly Piece[]): Token[] {
    return pieces.map((piece): Token => {
      const place = { source: this.#source, start: item.start, end: item.end };
      if (typeof piece !== "string") return { kind: "string", text: piece.quoted, ...place };
      if (piece === "\n") return { kind: "newline", text: piece, ...place };
      return { kind: signs.has(piece) ? "sign" : "word", text: piece, ...place };
    });
  }
}

const signs = new Set([
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ",",
  "=",
  "==",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "&",
  "|",
  "^",
  "<<",
  ">>",
  ":",
  "!",
  "?",
]);

function addition(verb: string, kind: string, body: Json): Piece[] {
  if (verb === "list" || verb === "reset") return [];
  const at = [text(body, "family"), text(body, "table")];
  switch (kind) {
    case "table": {
      const isDormant = textsOf(member(body, "flags")).includes("dormant");
      const flags = isDormant ? ["{", "flags", "dormant", "\n", "}"] : [];
      return ["add", "table", text(body, "family"), text(body, "name"), ...flags];
    }
    case "chain":
      return ["add", "chain", ...at, text(body, "name"), "{", ...chainBody(body), "}"];
    case "rule": {
      const expressions = member(body, "expr");
      const statements = expressions?.kind === "array" ? expressions.items.flatMap(statement) : ["?"];
      if (verb === "replace") return ["replace", "rule", ...at, text(body, "chain"), "handle", text(body, "handle")];
      const place = member(body, "index") === undefined ? [] : ["index", text(body, "index")];
      const comment = member(body, "comment") === undefined ? [] : ["comment", { quoted: text(body, "comment") }];
      return [
        verb === "insert" ? "insert" : "add",
        "rule",
        ...at,
        text(body, "chain"),
        ...place,
        ...statements,
        ...comment,
      ];
    }
    case "set":
    case "map":
      return ["add", kind, ...at, text(body, "name"), "{", ...setBody(body), "}"];
    case "element":
      return ["add", "element", ...at, text(body, "name"), "{", ...elements(member(body, "elem")), "}"];
    case "flowtable":
    case "counter":
    case "quota":
    case "limit":
    case "secmark":
    case "synproxy":
    case "ct helper":
    case "ct timeout":
    case "ct expectation":
    case "metainfo":
      return [];
    default:
      return ["?"];
  }
}

function removal(verb: string, kind: string, body: Json): Piece[] {
  if (kind === "ruleset") return [verb, kind];
  const family = text(body, "family");
  if (kind === "table") return [verb, kind, family, text(body, "name")];
  const at = [verb, kind, family, text(body, "table")];
  if (kind === "rule") return [...at, text(body, "chain"), "handle", text(body, "handle")];
  if (kind === "element") return [...at, text(body, "name"), "{", ...elements(member(body, "elem")), "}"];
  return [...at, text(body, "name")];
}

function chainBody(body: Json): Piece[] {
  if (member(body, "hook") === undefined) return [];
  const devices = textsOf(member(body, "dev") ?? member(body, "device")).map((name) => ({ quoted: name }));
  const policy = member(body, "policy") === undefined ? [] : ["policy", text(body, "policy"), "\n"];
  return [
    ...["type", text(body, "type"), "hook", text(body, "hook")],
    ...(devices.length === 0 ? [] : ["devices", "=", "{", ...separated(devices.map((one) => [one])), "}"]),
    ...["priority", text(body, "prio"), "\n", ...policy],
  ];
}

function setBody(body: Json): Piece[] {
  const flags = textsOf(member(body, "flags")).map((flag) => [flag]);
  const elem = member(body, "elem");
  return [
    ...(flags.length === 0 ? [] : ["flags", ...separated(flags), "\n"]),
    ...(member(body, "timeout") === undefined ? [] : ["timeout", text(body, "timeout"), "\n"]),
    ...(elem === undefined ? [] : ["elements", "=", "{", ...elements(elem), "}", "\n"]),
  ];
}

/** Elements of a set; in a map each is a pair of key and value. */
function elements(list: Json | undefined): Piece[] {
  if (list === undefined) return [];
  const items = list.kind === "array" ? list.items : [list];
  return separated(items.map(element));
}

function element(item: Json): Piece[] {
  if (item.kind === "array" && item.items.length === 2) {
    return [...expression(item.items[0]!), ":", ...verdictOrValue(item.items[1]!)];
  }
  return expression(item);
}

function verdictOrValue(value: Json): Piece[] {
  const [key] = value.kind === "object" ? (onlyEntry(value) ?? ["?"]) : ["?"];
  return verdictWords.has(key) ? statement(value) : expression(value);
}

const verdictWords = new Set(["accept", "drop", "continue", "return", "jump", "goto", "queue"]);

function statement(item: Json): Piece[] {
  if (item.kind === "string") return inOwnLanguage(item.text);
  if (item.kind !== "object") return ["?"];
  const [key, body] = onlyEntry(item) ?? ["?", item];
  switch (key) {
    case "match": {
      const operator = text(body, "op");
      const left = member(body, "left");
      const right = member(body, "right");
      if (left === undefined || right === undefined) return ["?"];
      return [...expression(left), ...(operator === "in" ? [] : [operator]), ...expression(right)];
    }
    case "vmap":
      return [...expression(member(body, "key")), "vmap", ...expression(member(body, "data"))];
    case "accept":
    case "drop":
    case "continue":
    case "return":
    case "notrack":
    case "masquerade":
    case "snat":
    case "dnat":
    case "redirect":
    case "reject":
    case "queue":
    case "synproxy":
    case "fwd":
    case "log":
      return [key];
    case "jump":
    case "goto":
      return [key, { quoted: text(body, "target") }];
    case "counter":
    case "last":
    case "secmark":
    case "ct helper":
    case "ct timeout":
    case "ct expectation":
    case "dup":
    case "flow":
      return ["counter"];
    case "limit":
      return body.kind === "object" && member(body, "rate") !== undefined
        ? ["limit", "rate", ...over(body), `${text(body, "rate")}/${text(body, "per")}`]
        : ["limit", "name", { quoted: body.kind === "string" ? body.text : "?" }];
    case "quota":
      return body.kind === "object" && member(body, "val") !== undefined
        ? ["quota", ...over(body), text(body, "val"), "bytes"]
        : ["quota", "name", { quoted: body.kind === "string" ? body.text : "?" }];
    case "ct count":
      return ["ct", "count", ...over(body), text(body, "val")];
    case "tproxy":
      return ["tproxy", "to", ":", "0"];
    case "mangle":
      return [...expression(member(body, "key")), "set", ...expression(member(body, "value"))];
    case "set":
    case "map": {
      const name = text(body, "set") === "?" ? text(body, "map") : text(body, "set");
      return [
        text(body, "op"),
        name.startsWith("@") ? name : `@${name}`,
        "{",
        ...expression(member(body, "elem")),
        "}",
      ];
    }
    case "meter":
      return ["meter", { quoted: text(body, "name") }, "{", "}"];
    case "xt":
      return ["xt", text(body, "type"), { quoted: text(body, "name") }];
    case "comment":
      return [];
    default:
      return ["?"];
  }
}

/** What nft cannot say in JSON, such as `jump { … }`, it writes as it always does, in a string. */
function inOwnLanguage(statementText: string): Piece[] {
  return tokenize({ path: "", text: statementText }).map((token) => {
    if (token.kind === "string") return { quoted: token.text };
    return token.kind === "newline" ? "\n" : token.text;
  });
}

function over(body: Json): Piece[] {
  const inverted = member(body, "inv");
  return inverted?.kind === "word" && inverted.text === "true" ? ["over"] : [];
}

function expression(value: Json | undefined): Piece[] {
  if (value === undefined) return ["?"];
  switch (value.kind) {
    case "string":
      return [isPlainWord(value.text) ? value.text : { quoted: value.text }];
    case "number":
      return [value.text];
    case "word":
      return [value.text === "true" ? "exists" : value.text === "false" ? "missing" : "?"];
    case "array":
      return separated(value.items.map(expression));
    case "object":
  }
  const [key, body] = onlyEntry(value) ?? ["?", value];
  switch (key) {
    case "payload":
      if (member(body, "base") !== undefined)
        return [`@${text(body, "base")}`, ",", text(body, "offset"), ",", text(body, "len")];
      return [text(body, "protocol"), text(body, "field")];
    case "meta":
      return ["meta", text(body, "key")];
    case "ct":
      return ["ct", ...optional(body, "dir"), ...optional(body, "family"), ...text(body, "key").split(" ")];
    case "fib":
      return [
        "fib",
        ...separated(
          textsOf(member(body, "flags")).map((flag) => [flag]),
          ".",
        ),
        text(body, "result"),
      ];
    case "exthdr":
      return member(body, "field") === undefined
        ? ["exthdr", text(body, "name")]
        : [text(body, "name"), text(body, "field")];
    case "tcp option":
    case "ip option":
    case "sctp chunk":
      return [...key.split(" "), text(body, "name"), ...optional(body, "field")];
    case "rt":
      return ["rt", ...optional(body, "family"), text(body, "key")];
    case "socket":
    case "osf":
      return [key, text(body, "key")];
    case "ipsec":
      return ["ipsec", text(body, "dir"), ...optional(body, "family"), text(body, "key")];
    case "numgen":
      return ["numgen", text(body, "mode"), "mod", text(body, "mod"), "offset", text(body, "offset")];
    case "symhash":
      return ["symhash", "mod", text(body, "mod")];
    case "jhash":
      return ["jhash", ...expression(member(body, "expr")), "mod", text(body, "mod")];
    case "&": {
      const [left, ...masks] = body.kind === "array" ? body.items : [];
      if (left === undefined || masks.length === 0) return ["?"];
      return [...expression(left), ...masks.flatMap((mask) => ["&", ...flagsOf(mask)])];
    }
    case "|":
      return flagsOf(value);
    case "prefix":
      return [`${plainText(member(body, "addr"))}/${text(body, "len")}`];
    case "range": {
      const [first, last] = body.kind === "array" ? body.items : [];
      return [`${plainText(first)}-${plainText(last)}`];
    }
    case "concat":
      return body.kind === "array" ? separated(body.items.map(expression), ".") : ["?"];
    case "set":
      return ["{", ...elements(body), "}"];
    case "map":
      return [...expression(member(body, "key")), "map", ...expression(member(body, "data"))];
    case "elem": {
      const expires = member(body, "timeout") ?? member(body, "expires");
      return [...expression(member(body, "val")), ...(expires === undefined ? [] : ["timeout", plainText(expires)])];
    }
    default:
      return ["?"];
  }
}

/** A set, a catch-all, or a name that could not be taken for an operator. */
function isPlainWord(value: string): boolean {
  if (/^(@.+|\*)$/.test(value)) return true;
  return (
    /^[A-Za-z0-9][\w.:/-]*$/.test(value) && !/^(eq|neq?|lt|gt|le|ge|not|and|x?or|set|v?map|[lr]shift)$/.test(value)
  );
}

/** Names of flags with `|` between them. */
function flagsOf(value: Json): Piece[] {
  const body = member(value, "|");
  if (body?.kind === "array") return separated(body.items.map(flagsOf), "|");
  return value.kind === "array" ? separated(value.items.map(flagsOf), "|") : expression(value);
}

function separated(parts: readonly (readonly Piece[])[], by = ","): Piece[] {
  return parts.flatMap((part, i) => (i === 0 ? part : [by, ...part]));
}

function optional(body: Json, key: string): Piece[] {
  return member(body, key) === undefined ? [] : [text(body, key)];
}

function onlyEntry(value: Json): [string, Json] | undefined {
  if (value.kind !== "object") return undefined;
  // A statement may carry a handle or a comment beside its own key.
  for (const entry of value.entries) if (entry[0] !== "handle" && entry[0] !== "comment") return entry;
  return undefined;
}

function member(value: Json | undefined, key: string): Json | undefined {
  return value?.kind === "object" ? value.entries.get(key) : undefined;
}

/** The text of a string or number below `key`; `?`, which nothing understands, for anything else. */
function text(value: Json, key: string): string {
  return plainText(member(value, key));
}

function plainText(value: Json | undefined): string {
  return value?.kind === "string" || value?.kind === "number" ? value.text : "?";
}

function textsOf(value: Json | undefined): string[] {
  if (value === undefined) return [];
  return value.kind === "array" ? value.items.map(plainText) : [plainText(value)];
}
