import type { Comment, Definition, Device, Inventory, Source, Span, Translation } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import type { Token } from "./pf-lexer.js";
import { tokensOf } from "./pf-lexer.js";

/** What the texts of a pf.conf define besides the rules that packets meet. */
export function pfInventory(
  sources: readonly Source[],
  tables: ReadonlyMap<string, Content>,
  translations: readonly Translation[],
  device: Device,
): Inventory {
  const written = (): readonly Written[] => sources.flatMap(definitionsIn);
  return kit.inventoryOf({
    definitions: () => definitionsOf(sources, written(), tables),
    idle: () => [],
    translations: () => translations,
    comments: () => sources.flatMap((source) => commentsOf(source, written(), translations, device)),
  });
}

/** A `table` or `name = value` statement. */
interface Written {
  readonly kind: "table" | "macro";
  readonly name: string;
  readonly span: Span;
  readonly statement: Span;
}

function definitionsIn(source: Source): Written[] {
  const tokens = tokensOf(source);
  const found: Written[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const begins = i === 0 || tokens[i - 1]!.kind === "newline" || tokens[i - 1]!.text === "{";
    if (!begins || token.kind !== "word") continue;
    const [second, third, fourth] = [tokens[i + 1], tokens[i + 2], tokens[i + 3]];
    const isTable = token.text === "table" && second?.text === "<" && fourth?.text === ">";
    const isMacro = second?.kind === "sign" && second.text === "=";
    if (!isTable && !isMacro) continue;
    const last = lastOfStatement(tokens, i);
    const head = isTable ? fourth : token;
    found.push({
      kind: isTable ? "table" : "macro",
      name: isTable ? third!.text : token.text,
      span: kit.span(source, token.start, head.end),
      statement: kit.span(source, token.start, last.end),
    });
  }
  return found;
}

/** The last token in front of the line's end outside of braces. */
function lastOfStatement(tokens: readonly Token[], from: number): Token {
  let depth = 0;
  let last = tokens[from]!;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.kind === "newline") {
      if (depth <= 0) return last;
      continue;
    }
    if (token.kind === "sign" && token.text === "{") depth++;
    if (token.kind === "sign" && token.text === "}") depth--;
    last = token;
  }
  return last;
}

function definitionsOf(
  sources: readonly Source[],
  written: readonly Written[],
  tables: ReadonlyMap<string, Content>,
): Definition[] {
  const uses = usesIn(sources);
  return written.map(({ kind, name, span, statement }): Definition => {
    const count = uses.get(kind === "table" ? `<${name}>` : `$${name}`) ?? 0;
    const content = kind === "table" ? tables.get(name) : undefined;
    const holds = content === undefined ? undefined : !kit.isNoAddress(content.addresses);
    const isOpen = (content?.open.length ?? 0) > 0;
    const edit = count === 0 ? kit.cutLines(statement, behind) : undefined;
    return {
      kind,
      name,
      span,
      uses: count,
      ...(kind === "macro" ? { empty: false } : holds !== undefined && (holds || !isOpen) && { empty: !holds }),
      ...(edit !== undefined && { removal: [edit] }),
    };
  });
}

const behind = /^[ \t]*(?:#.*)?$/;

/** Tables as `<name>`, macros as `$name`; also between the quotes of a macro's value. */
function usesIn(sources: readonly Source[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const use = (name: string): void => {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  const visit = (tokens: readonly Token[]): void => {
    for (const [i, token] of tokens.entries()) {
      if (token.kind === "quoted") {
        if (/[$<]/.test(token.text))
          visit(tokensOf({ path: token.source.path, text: token.text }).filter((one) => one.kind !== "quoted"));
      } else if (token.kind === "word" && token.text.startsWith("$")) {
        use(/^\$[A-Za-z0-9_]*/.exec(token.text)![0]);
      } else if (token.text === "<" && tokens[i + 2]?.text === ">" && tokens[i - 1]?.text !== "table") {
        use(`<${tokens[i + 1]!.text}>`);
      }
    }
  };
  for (const source of sources) visit(tokensOf(source));
  return uses;
}

function commentsOf(
  source: Source,
  written: readonly Written[],
  translations: readonly Translation[],
  device: Device,
): Comment[] {
  if (!kit.speaksToLinter(source.text)) return [];
  const comments = [...source.text.matchAll(/"[^"]*"|'[^']*'|#[^\r\n]*/g)].flatMap(({ 0: found, index }) =>
    found.startsWith("#") && /ringwall/i.test(found)
      ? [{ text: found.replace(/^#+/, "").trim(), start: index, end: index + found.trimEnd().length }]
      : [],
  );
  const rules = device.paths.flatMap(({ filters }) =>
    filters.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules.map((rule) => rule.origin))),
  );
  const places = [
    ...rules.filter((origin) => origin.implied !== true).map((origin) => origin.span),
    ...written.map((one) => one.statement),
    ...translations.map((one) => one.span),
  ].filter((place): place is Span => place?.source === source);
  const statements = [...new Map(places.map((place) => [`${place.start} ${place.end}`, place])).values()];
  return kit.aboutStatements(source, comments, statements);
}
