import type { Diagnostic, Source } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content, TableEntry } from "./content.js";
import { openContent, readAddresses, tableAddresses, unionContent } from "./content.js";
import type { Token } from "./pf-lexer.js";
import type { Reader } from "./pf-reader.js";
import { Unread } from "./pf-reader.js";

/** What reading a table needs of the whole text, and gives to it. */
export interface TableState {
  readonly sources: readonly Source[];
  /** Sources that were read as a part of another. */
  readonly consumed: Set<Source>;
  readonly tables: Map<string, Content>;
  readonly diagnostics: Diagnostic[];
}

/** A `table` statement: its name goes into `state.tables`. */
export function readTable(reader: Reader, state: TableState): void {
  const start = reader.next()!;
  reader.expect("<");
  const name = reader.word().text;
  reader.expect(">");
  const entries: TableEntry[] = [];
  const parts: Content[] = [];
  let listed = false;
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token.kind === "newline") break;
    if (token.kind === "sign" && token.text === "{") {
      reader.next();
      listed = true;
      readTableEntries(reader, entries, parts);
    } else if (["const", "persist", "counters"].includes(token.text)) {
      reader.next();
    } else if (token.text === "file") {
      reader.next();
      const path = reader.next();
      if (path === undefined || path.kind === "newline") throw new Unread("file needs a name", token);
      readTableFile(path, state, entries, parts);
      listed = true;
    } else {
      throw new Unread(`"${kit.plainLine(token.text, 40)}" is no option of a table that is known here`, token);
    }
  }
  const content = unionContent({ addresses: tableAddresses(entries), open: [] }, ...parts);
  state.tables.set(
    name,
    listed ? content : openContent(`in the table ${name}, which is filled while the firewall runs`),
  );
  if (!listed)
    state.diagnostics.push(
      kit.diagnostic(
        "RW6002",
        `the table <${name}> is filled while the firewall runs: what it holds is not in the text`,
        {
          primary: kit.span(start.source, start.start, start.end),
        },
      ),
    );
}

function readTableEntries(reader: Reader, entries: TableEntry[], parts: Content[]): void {
  for (;;) {
    const token = reader.next();
    if (token === undefined) throw new Unread("this list is not closed");
    if (token.kind === "newline" || token.text === ",") continue;
    if (token.kind === "sign" && token.text === "}") return;
    const not = token.kind === "sign" && token.text === "!";
    addEntry(reader.address(not ? reader.next() : token), not, entries, parts);
  }
}

function addEntry(content: Content, not: boolean, entries: TableEntry[], parts: Content[]): void {
  entries.push({ addresses: content.addresses, not });
  if (content.open.length > 0)
    parts.push(
      not
        ? openContent(`outside of what is ${content.open[0]!.words}`)
        : { addresses: kit.noAddress, open: content.open },
    );
}

function readTableFile(path: Token, state: TableState, entries: TableEntry[], parts: Content[]): void {
  const source = sourceOf(path.text, state.sources);
  if (source === undefined) {
    parts.push(openContent(`in the file ${path.text}`));
    state.diagnostics.push(
      kit.diagnostic(
        "RW6005",
        `the file ${kit.plainLine(path.text, 80)} was not given: what the table holds is unknown`,
        {
          primary: kit.span(path.source, path.start, path.end),
        },
      ),
    );
    return;
  }
  state.consumed.add(source);
  for (const line of kit.linesOf(source))
    for (const word of line.text.replace(/[#;].*/, "").split(/[\s,]+/)) {
      if (word === "") continue;
      const not = word.startsWith("!");
      const text = not ? word.slice(1) : word;
      const read = readAddresses(text);
      if (read !== undefined) entries.push({ addresses: read, not });
      else parts.push(openContent(`an address of ${text}`));
    }
}

/** A file that a text names by its path on the firewall, by the end of its path. */
export function sourceOf(path: string, sources: readonly Source[]): Source | undefined {
  const name = path.split("/").pop()!;
  return sources.find((one) => one.path === path || one.path.endsWith(`/${name}`) || one.path === name);
}
