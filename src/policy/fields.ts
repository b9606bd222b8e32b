import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import type { Word } from "./document.js";
import type { Uses } from "./names.js";
import type { Entry, Mapping, Tree } from "./yaml.js";
import { nodeAt } from "./yaml.js";

/** What the parts of the reading share. */
export interface Reader {
  readonly source: Source;
  /** Names, put in as they are met. */
  readonly uses: { readonly [kind in keyof Uses]: Uses[kind][number][] };
  report(problem: Diagnostic): void;
}

/** The entries of the mapping at a key; none where there is no mapping. */
export function entriesAt(tree: Mapping, key: string): Iterable<[string, Entry]> {
  const section = tree.entries.get(key)?.value;
  return section?.kind === "mapping" ? section.entries : [];
}

/** The text at a key of a mapping; undefined where there is none. */
export function textAt(tree: Tree, key: string): string | undefined {
  const node = nodeAt(tree, [key]);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** The texts (and numbers) of one text or a list of them; undefined when there is none. */
export function wordsAt(tree: Mapping, key: string): readonly Word[] | undefined {
  const node = tree.entries.get(key)?.value;
  if (node === undefined) return undefined;
  const words = (node.kind === "list" ? node.items : [node]).flatMap((item) =>
    item.kind === "scalar" && (typeof item.value === "string" || typeof item.value === "number")
      ? [{ text: String(item.value), span: item.span }]
      : [],
  );
  return words.length === 0 ? undefined : words;
}

/** The text, if it is one of these. */
export function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === text);
}

/** A list as the union of its entries; undefined when one of them is wrong. */
export function unionOf<Node>(
  tree: Extract<Tree, { kind: "list" }>,
  reader: Reader,
  read: (tree: Tree, reader: Reader) => Node | undefined,
): Node | { kind: "union"; of: readonly Node[]; span: Span } | undefined {
  const parts = tree.items.map((item) => read(item, reader));
  const whole = parts.filter((part) => part !== undefined);
  if (whole.length < parts.length || whole.length === 0) return undefined;
  return whole.length === 1 ? whole[0] : { kind: "union", of: whole, span: tree.span };
}
