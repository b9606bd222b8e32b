import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { NetworkNode, Word } from "./document.js";
import type { Reader } from "./fields.js";
import { unionOf, wordsAt } from "./fields.js";
import { looksLikeAddress, parseLiteral } from "./literals.js";
import type { Entry, Mapping, Tree } from "./yaml.js";

/** The expression for addresses that a text, list or mapping is; undefined when it is wrong. */
export function networkOf(tree: Tree, reader: Reader): NetworkNode | undefined {
  switch (tree.kind) {
    case "scalar":
      return typeof tree.value === "string" ? networkText(tree.value, tree.span, reader) : undefined;
    case "list":
      return unionOf(tree, reader, networkOf);
    case "mapping":
      return networkMapping(tree, reader);
  }
}

function networkText(text: string, at: Span, reader: Reader): NetworkNode | undefined {
  if (!looksLikeAddress(text)) {
    reader.uses.networks.push({ text, span: at });
    return { kind: "reference", name: text, span: at };
  }
  const read = parseLiteral(text);
  if (read.ok) return { kind: "literal", text, addresses: read.addresses, span: at };
  reader.report(
    diagnostic("RW1004", `"${text}" is refused: ${read.problem.why}`, { primary: at, help: read.problem.help }),
  );
  return undefined;
}

function networkMapping(tree: Mapping, reader: Reader): NetworkNode | undefined {
  const parts: (NetworkNode | undefined)[] = [];
  const of = tree.entries.get("of");
  if (of !== undefined) parts.push(networkOf(of.value, reader));
  const azure = tree.entries.get("azure");
  if (azure !== undefined) parts.push(azureOf(azure, reader));
  const office365 = tree.entries.get("office365");
  if (office365 !== undefined) parts.push(office365Of(office365, reader));
  const minus = tree.entries.get("minus");
  const cut = minus === undefined ? undefined : networkOf(minus.value, reader);
  if (parts.length === 0 && minus !== undefined) {
    reader.report(
      diagnostic("RW1002", "`minus` cuts out, and there is nothing here to cut from", {
        primary: minus.span,
        help: "add `of: any`, or the networks that it should be cut out of",
      }),
    );
  }
  const whole = parts.filter((part) => part !== undefined);
  if (whole.length < parts.length || whole.length === 0) return undefined;
  if (minus === undefined) return whole.length === 1 ? whole[0] : { kind: "union", of: whole, span: tree.span };
  return cut === undefined ? undefined : { kind: "difference", of: whole, minus: cut, span: tree.span };
}

function azureOf(entry: Entry, reader: Reader): NetworkNode | undefined {
  const { value: tree } = entry;
  if (tree.kind !== "mapping") return undefined;
  reader.uses.selections.push({ kind: "azure", ...feedAt(tree), span: entry.span });
  const tags = wordsAt(tree, "tags") ?? [];
  const regions = wordsAt(tree, "regions") ?? [];
  if (namesOnlyAFeed(tree)) reader.report(nothingSelected(entry, "tags` or `regions"));
  if (tags.length + regions.length === 0) return undefined;
  return { kind: "azure", tags, regions, ...feedAt(tree), span: entry.span };
}

function office365Of(entry: Entry, reader: Reader): NetworkNode | undefined {
  const { value: tree } = entry;
  if (tree.kind !== "mapping") return undefined;
  reader.uses.selections.push({ kind: "office365", ...feedAt(tree), span: entry.span });
  const keys = ["areas", "categories", "ids", "ports"] as const;
  if (namesOnlyAFeed(tree)) {
    reader.report(nothingSelected(entry, "areas`, `categories`, `required`, `ids` or `ports"));
    return undefined;
  }
  const selection: Partial<Record<(typeof keys)[number], readonly Word[]>> = {};
  for (const key of keys) {
    if (!tree.entries.has(key)) continue;
    const words = wordsAt(tree, key);
    if (words === undefined) return undefined;
    selection[key] = words;
  }
  const required = tree.entries.get("required")?.value;
  return {
    kind: "office365",
    ...selection,
    ...(required?.kind === "scalar" && required.value === true && { required: true }),
    ...feedAt(tree),
    span: entry.span,
  };
}

function namesOnlyAFeed(tree: Mapping): boolean {
  return tree.entries.size === 1 && tree.entries.has("feed");
}

function nothingSelected(entry: Entry, keys: string): Diagnostic {
  return diagnostic("RW1002", "the selection does not say what to select", {
    primary: entry.span,
    help: `add \`${keys}\``,
  });
}

function feedAt(tree: Mapping): { feed?: Word } {
  const feed = wordsAt(tree, "feed")?.[0];
  return feed === undefined ? {} : { feed };
}
