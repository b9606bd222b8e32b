import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Node, Scalar as YamlScalar, YAMLError, YAMLMap } from "yaml";
import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, positionOf, span, spanText } from "../diagnostics/index.js";

/** YAML as a tree in which every node and every key knows its place. JSON is YAML. */
export type Tree = Scalar | List | Mapping;

export interface Scalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly span: Span;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly span: Span;
}

export interface Mapping {
  readonly kind: "mapping";
  /** In the order of the text. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

export interface Entry {
  /** Of the key. */
  readonly span: Span;
  readonly value: Tree;
}

export interface YamlReading {
  /** Undefined when the text has no usable content. */
  readonly tree: Tree | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** About numbers in forms that readers disagree on (`0445`, `9.10`); of interest where a number may stand at all. */
  readonly oddNumbers: readonly Diagnostic[];
}

/**
 * Reads YAML 1.2 in its core schema: a date stays text, `no` and `on` are text, a number is a number.
 *
 * Anchors and aliases work; merge keys (`<<`), tags, and a second document do not. A key that occurs twice in a mapping
 * is an error, and its first value counts.
 *
 * Source: YAML 1.2.2 section 10.3 (core schema).
 */
export function readYaml(source: Source): YamlReading {
  const document = parseDocument(source.text, {
    schema: "core",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
    stringKeys: false,
  });
  const problems = [...document.errors, ...document.warnings].slice(0, mostSyntaxProblems);
  const diagnostics = problems.map((error) => syntaxProblem(source, error));
  const builder: Builder = { source, diagnostics, oddNumbers: [], open: new Set(), nodes: 0, anchors: new Map() };
  const tree = document.contents === null ? undefined : treeOf(document.contents, builder);
  return { tree, diagnostics, oddNumbers: builder.oddNumbers };
}

/** The value that a JSON reader would give. */
export function valueOf(tree: Tree): unknown {
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "list":
      return tree.items.map(valueOf);
    case "mapping":
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, valueOf(entry.value)]));
  }
}

/** What stands at a path of keys and list indexes; undefined where nothing does. */
export function nodeAt(tree: Tree, path: readonly (string | number)[]): Tree | undefined {
  let node: Tree | undefined = tree;
  for (const step of path) {
    if (node?.kind === "mapping") node = node.entries.get(String(step))?.value;
    else if (node?.kind === "list") node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/** A text that is no YAML at all has an error in each line: nobody reads more of them. */
const mostSyntaxProblems = 20;

/** How many nodes a policy may have with its aliases written out: enough for any policy, too few to exhaust memory. */
const mostNodes = 200_000;

interface Builder {
  readonly source: Source;
  readonly diagnostics: Diagnostic[];
  readonly oddNumbers: Diagnostic[];
  /** The nodes that we are inside of. */
  readonly open: Set<Node>;
  readonly anchors: Map<string, Node>;
  nodes: number;
}

function treeOf(node: Node, builder: Builder): Tree | undefined {
  const place = spanOf(node, builder.source);
  if (++builder.nodes > mostNodes) {
    if (builder.nodes === mostNodes + 1) {
      builder.diagnostics.push(
        diagnostic("RW1001", `the file has more than ${mostNodes} values once its aliases are written out`, {
          primary: place,
          help: "aliases of aliases multiply; write fewer of them",
        }),
      );
    }
    return undefined;
  }
  if (isAlias(node)) return treeOfAlias(node.source, place, builder);
  if ("anchor" in node && typeof node.anchor === "string") builder.anchors.set(node.anchor, node);
  if (isScalar(node)) return scalarOf(node, place, builder);
  builder.open.add(node);
  const tree = isMap(node)
    ? mappingOf(node, place, builder)
    : isSeq(node)
      ? listOf(node.items, place, builder)
      : undefined;
  builder.open.delete(node);
  return tree;
}

function treeOfAlias(name: string, place: Span, builder: Builder): Tree | undefined {
  const target = builder.anchors.get(name);
  if (target !== undefined && !builder.open.has(target)) return treeOf(target, builder);
  const missing = target === undefined;
  if (name === "") return undefined; // a lone `*`: the parser has said so
  builder.diagnostics.push(
    diagnostic(
      "RW1001",
      missing
        ? `*${name} is an alias, and no anchor &${name} stands before it`
        : `*${name} stands inside its own anchor &${name}`,
      { primary: place, ...(missing && { help: `define it before with &${name}, or put the text into quotes` }) },
    ),
  );
  return undefined;
}

function scalarOf({ value, source }: YamlScalar, place: Span, builder: Builder): Tree | undefined {
  if (typeof value === "number" && source !== undefined && String(value) !== source) {
    builder.oddNumbers.push(oddNumber(value, source, place));
  }
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, span: place };
  }
  builder.diagnostics.push(
    diagnostic("RW1001", `${spanText(place)} is neither text, a number, true, false nor null`, {
      primary: place,
      help: "tags (a word that starts with `!`) have no meaning in a policy; remove it",
    }),
  );
  return undefined;
}

function oddNumber(value: number, source: string, place: Span): Diagnostic {
  return diagnostic(
    "RW1002",
    `${source} is the number ${value} to YAML 1.2, and another one or text to other readers`,
    {
      primary: place,
      help: `${Number.isFinite(value) ? `write ${value}, or ` : ""}put it into quotes if it is text`,
    },
  );
}

function listOf(items: readonly unknown[], place: Span, builder: Builder): Tree {
  const trees = items.map((item) => treeOf(item as Node, builder) ?? hole(place));
  return { kind: "list", items: trees, span: place };
}

/** Stands where a value could not be read (this was reported), so that the others keep their index. */
function hole(place: Span): Scalar {
  return { kind: "scalar", value: null, span: place };
}

function mappingOf(node: YAMLMap<unknown, unknown>, place: Span, builder: Builder): Tree {
  const entries = new Map<string, Entry>();
  for (const pair of node.items) {
    const key = keyOf(pair.key, place, builder);
    if (key === undefined) continue;
    const value =
      pair.value === null || pair.value === undefined ? hole(key.span) : treeOf(pair.value as Node, builder);
    const first = entries.get(key.text);
    if (first === undefined) {
      entries.set(key.text, { span: key.span, value: value ?? hole(key.span) });
    } else {
      builder.diagnostics.push(
        diagnostic("RW2008", `the key "${key.text}" occurs twice here; readers disagree on which of the two counts`, {
          primary: key.span,
          related: [
            { span: first.span, message: `first written on line ${positionOf(builder.source, first.span.start).line}` },
          ],
          help: "keep one of them, or give the second another name",
        }),
      );
    }
  }
  return { kind: "mapping", entries, span: place };
}

function keyOf(key: unknown, place: Span, builder: Builder): { text: string; span: Span } | undefined {
  const node = key as Node | null;
  const keySpan = node === null ? place : spanOf(node, builder.source);
  if (isScalar(node) && node.value !== null) {
    const text = typeof node.value === "string" ? node.value : spanText(keySpan);
    if (text !== "<<") return { text, span: keySpan };
    builder.diagnostics.push(
      diagnostic("RW1001", "`<<` does not merge: YAML 1.2 has no merge keys", {
        primary: keySpan,
        help: "write the keys out, or use an alias as a whole value (`service: *smb`)",
      }),
    );
  } else {
    builder.diagnostics.push(
      diagnostic("RW1001", "a key must be text", { primary: keySpan, help: "put it into quotes, or remove it" }),
    );
  }
  return undefined;
}

function spanOf(node: Node, source: Source): Span {
  const [start, end] = node.range ?? [0, 0];
  return span(source, start, end);
}

function syntaxProblem(source: Source, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  const primary = span(source, Math.min(start, source.text.length), Math.min(end, source.text.length));
  switch (error.code) {
    case "TAB_AS_INDENT":
      return diagnostic("RW1001", "a tab cannot indent YAML", { primary, help: "indent with spaces" });
    case "MULTIPLE_DOCS":
      return diagnostic("RW1001", "a second document starts here; a policy is one document", {
        primary,
        help: "remove the line `---`, or put the second policy into a file of its own",
      });
    case "BLOCK_AS_IMPLICIT_KEY":
      return diagnostic("RW1001", "a second `: ` on one line makes a mapping inside a mapping", {
        primary,
        help: 'put text that holds `: ` or ends with `:` into quotes, such as "2001:db8::"',
      });
    case "BAD_ALIAS":
      return diagnostic("RW1001", "`*` begins an alias, and a name must follow", {
        primary,
        help: "write `any` for every address, protocol or port, or put the text into quotes",
      });
    case "TAG_RESOLVE_FAILED":
      return diagnostic("RW1001", "tags (a word that starts with `!`) have no meaning in a policy", {
        primary,
        help: "remove the tag, or put the text into quotes",
      });
    case "RESOURCE_EXHAUSTION":
      return diagnostic("RW1001", "the text nests more deeply than any policy does", { primary });
    case "BLOCK_IN_FLOW":
      return diagnostic("RW1001", "inside `{ }` or `[ ]` this cannot stand here", {
        primary,
        help: "a comma, or the closing bracket, is missing before it",
      });
    case "MISSING_CHAR":
      return diagnostic("RW1001", `not well-formed YAML: ${error.message.replace(/\s+/g, " ")}`, {
        primary,
        help: /map values|:/.test(error.message)
          ? "write `key: value`, with a space after the colon"
          : "close the bracket or the quote",
      });
    default:
      return diagnostic("RW1001", `not well-formed YAML: ${error.message.replace(/\s+/g, " ")}`, { primary });
  }
}
