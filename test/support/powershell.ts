import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";
import type { Node } from "web-tree-sitter";

/** What tree-sitter's grammar of PowerShell finds in a script: somebody else's reading of what we write. */
export interface Script {
  /** The text of every place that the grammar does not understand. */
  readonly errors: readonly string[];
  readonly calls: readonly Call[];
  /** Functions with the names of their parameters. */
  readonly functions: ReadonlyMap<string, readonly string[]>;
  /** Tables of literals, by the variable that they are assigned or added to, without `$`. */
  readonly tables: ReadonlyMap<string, readonly Table[]>;
}

export interface Call {
  readonly name: string;
  readonly text: string;
  /** By name without `-`; the text of the value, undefined for a switch. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
  readonly splats: readonly string[];
}

/** Texts in single quotes without them, variables with `$`, lists as lists. */
export type Table = ReadonlyMap<string, string | readonly string[]>;

let parser: Parser | undefined;

async function grammar(): Promise<Parser> {
  if (parser !== undefined) return parser;
  await Parser.init();
  const wasm = createRequire(import.meta.url).resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
  const made = new Parser();
  made.setLanguage(await Language.load(readFileSync(wasm)));
  return (parser = made);
}

/** Scripts of roles differ in their data only, and many tests ask about the same ones. */
const known = new Map<string, Script>();

export async function readScript(text: string): Promise<Script> {
  const before = known.get(text);
  if (before !== undefined) return before;
  const tree = (await grammar()).parse(text.replace(/^\ufeff/, ""))!;
  const { rootNode: root } = tree;
  const script: Script = {
    errors: errorsIn(root),
    calls: root.descendantsOfType("command").flatMap((node) => (node === null ? [] : [callOf(node)])),
    functions: new Map(
      root.descendantsOfType("function_statement").flatMap((node) => (node === null ? [] : [functionOf(node)])),
    ),
    tables: tablesIn(root),
  };
  tree.delete();
  known.set(text, script);
  return script;
}

function errorsIn(root: Node): string[] {
  if (!root.hasError) return [];
  const found: string[] = [];
  const look = (node: Node): void => {
    if (node.isError || node.isMissing) found.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`);
    else for (const child of node.children) if (child?.hasError === true || child?.isMissing === true) look(child);
  };
  look(root);
  return found.length > 0 ? found : ["somewhere"];
}

function callOf(node: Node): Call {
  const name = node.childForFieldName("command_name")?.text ?? "";
  const parameters = new Map<string, string | undefined>();
  const splats: string[] = [];
  let last: string | undefined;
  for (const element of node.childForFieldName("command_elements")?.namedChildren ?? []) {
    if (element === null || element.type === "command_argument_sep") continue;
    if (element.type === "command_parameter") {
      last = element.text.replace(/^-/, "").replace(/:$/, "");
      parameters.set(last, undefined);
    } else if (element.text.startsWith("@") && /^@\w+$/.test(element.text)) {
      splats.push(element.text.slice(1));
    } else {
      parameters.set(last ?? `(position ${parameters.size})`, element.text);
      last = undefined;
    }
  }
  return { name, text: node.text, parameters, splats };
}

function functionOf(node: Node): [string, string[]] {
  const name = node.descendantsOfType("function_name")[0]?.text ?? "";
  const block = node.descendantsOfType("param_block")[0];
  const names = block
    ?.descendantsOfType("script_parameter")
    .map((one) => one?.lastChild?.text.replace(/^\$/, "") ?? "");
  return [name, names ?? []];
}

function tablesIn(root: Node): Map<string, Table[]> {
  const tables = new Map<string, Table[]>();
  for (const assignment of root.descendantsOfType("assignment_expression")) {
    const variable = assignment?.namedChildren[0]?.text.replace(/^\$/, "");
    const value = assignment?.childForFieldName("value");
    const literal = value?.descendantsOfType("hash_literal_expression")[0];
    // Only a table by itself: not one inside another expression.
    if (variable === undefined || !literal || literal.text !== value?.text) continue;
    tables.set(variable, [...(tables.get(variable) ?? []), tableOf(literal)]);
  }
  return tables;
}

function tableOf(literal: Node): Table {
  const table = new Map<string, string | readonly string[]>();
  for (const entry of literal.descendantsOfType("hash_entry")) {
    const key = entry?.namedChildren[0]?.text;
    const value = entry?.namedChildren[1];
    if (key === undefined || !value) throw new Error(`a table entry that is not understood: ${entry?.text}`);
    const list = value.text.startsWith("@(");
    const texts = value.descendantsOfType("string_literal").map((one) => plain(one!.text));
    table.set(key, list ? texts : texts.length > 0 ? texts[0]! : value.text);
  }
  return table;
}

function plain(quoted: string): string {
  return quoted.slice(1, -1).replaceAll("''", "'");
}

/**
 * The texts in quotes of a piece of script as PowerShell itself reads them: it takes more signs for quotes than the
 * grammar knows. Throws where a string does not end, or where something else than data stands between strings.
 *
 * Source: PowerShell's tokenizer (CharTraits.cs: IsSingleQuote, IsDoubleQuote, IsDash).
 */
export function quotedTexts(data: string): string[] {
  const texts: string[] = [];
  const isSingle = (c: string | undefined): boolean => c !== undefined && "'\u2018\u2019\u201a\u201b".includes(c);
  let i = 0;
  while (i < data.length) {
    const c = data[i]!;
    if (isSingle(c)) {
      let text = "";
      for (i++; ; i++) {
        if (i >= data.length) throw new Error(`a string does not end: ${text.slice(0, 60)}`);
        if (isSingle(data[i])) {
          if (!isSingle(data[i + 1])) break;
          i++;
        }
        text += data[i]!;
      }
      texts.push(text);
      i++;
    } else if (c === "#") {
      while (i < data.length && data[i] !== "\n" && data[i] !== "\r") i++;
    } else if (/[A-Za-z0-9\s$=+@(){}]/.test(c)) {
      i++;
    } else {
      throw new Error(`this is no data: ${JSON.stringify(data.slice(i, i + 40))}`);
    }
  }
  return texts;
}
