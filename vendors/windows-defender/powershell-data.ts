/** The data of one of our scripts, by the names of its variables; see powershell-form.ts for its form. */
export interface Data {
  /** Of `$Name = 'text'`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of `$Name = @(…)`. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** Of `$Name += @{…}`, in order. */
  readonly tables: ReadonlyMap<string, readonly DataTable[]>;
}

export type DataTable = ReadonlyMap<string, string | boolean | readonly string[]>;

/**
 * Reads the data between the marks, line by line. Undefined for a line that does not have the form, so that nothing is
 * said of data that somebody wrote by hand in another way.
 */
export function readData(text: string): Data | undefined {
  const texts = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const tables = new Map<string, Map<string, string | boolean | readonly string[]>[]>();
  let list: string[] | undefined;
  let table: Map<string, string | boolean | readonly string[]> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim();
    if (words === "" || words.startsWith("# ")) continue;
    if (list !== undefined) {
      if (words === ")") list = undefined;
      else {
        const item = textIn(words);
        if (item === undefined) return undefined;
        list.push(item);
      }
      continue;
    }
    if (table !== undefined && words === "}") {
      table = undefined;
      continue;
    }
    const [, name, value] = (table === undefined ? /^\$(\w+) (?:\+?= )(.*)$/ : /^(\w+) *= (.*)$/).exec(words) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const text = textIn(value);
    if (value === "@(" || value === "@()") {
      const items: string[] = [];
      if (table !== undefined) table.set(name, items);
      else lists.set(name, items);
      if (value === "@(") list = items;
    } else if (value === "@{" && table === undefined) {
      table = new Map();
      tables.set(name, [...(tables.get(name) ?? []), table]);
    } else if (text !== undefined) {
      if (table === undefined) texts.set(name, text);
      else table.set(name, text);
    } else if (table !== undefined && /^\$(true|false)$/.test(value)) {
      table.set(name, value === "$true");
    } else return undefined;
  }
  return list === undefined && table === undefined ? { texts, lists, tables } : undefined;
}

/** A text in single quotes; each quote in it stands twice. */
function textIn(words: string): string | undefined {
  const inner = /^'((?:[^'\u2018-\u201b]|(['\u2018-\u201b])\2)*)'$/.exec(words)?.[1];
  return inner?.replace(/(['\u2018-\u201b])\1/g, "$1");
}
