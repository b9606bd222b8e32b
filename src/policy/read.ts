import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, hasErrors, span } from "../diagnostics/index.js";
import type { Definition, FeedKind, FeedReference, PolicyDocument, TargetNode } from "./document.js";
import type { Reader } from "./fields.js";
import { entriesAt, oneOf, textAt } from "./fields.js";
import { nameProblems } from "./names.js";
import { hostsOf } from "./read-hosts.js";
import { networkOf } from "./read-networks.js";
import { rulesOf } from "./read-rules.js";
import { serviceOf } from "./read-services.js";
import { isProtocol } from "./services.js";
import { shapeProblems } from "./shape.js";
import type { Mapping, Tree } from "./yaml.js";
import { nodeAt, readYaml, valueOf } from "./yaml.js";

export interface PolicyReading {
  /** Undefined only when the text is no YAML mapping at all. */
  readonly policy?: PolicyDocument;
  /** All that can be said without the feeds, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a policy, YAML or JSON: syntax, shape, addresses, services, dates, and names that lead nowhere or in circles.
 *
 * It does not stop at the first error. With errors the document holds what could be read, so that what depends on the
 * feeds can be checked in the same run.
 */
export function readPolicy(source: Source): PolicyReading {
  const { tree, diagnostics: syntax, oddNumbers } = readYaml(source);
  if (tree === undefined) return { diagnostics: [...syntax, ...(hasErrors(syntax) ? [] : [emptyFile(source)])] };
  if (tree.kind !== "mapping") return { diagnostics: syntax.length > 0 ? syntax : shapeProblems(tree) };

  const found: Diagnostic[] = [];
  const uses: Reader["uses"] = { networks: [], services: [], selections: [], brokenFeeds: [] };
  const draft = documentOf(tree, { source, uses, report: (one) => found.push(one) });
  // After a syntax error the rest may be out of place: then only what is wrong in itself is told, not what is missing.
  const broken = syntax.some((one) => one.code === "RW1001");
  const shape = broken ? [] : shapeProblems(tree);
  // Where no number may stand, its form is not what is wrong.
  const numbers = oddNumbers.filter((one) => !shape.some((other) => other.primary?.start === one.primary?.start));
  const ordered = [...syntax, ...shape, ...numbers, ...found, ...(broken ? [] : nameProblems(draft, uses))];
  const diagnostics = inOrder(ordered);
  return { policy: { ...draft, sound: !hasErrors(diagnostics) }, diagnostics };
}

function emptyFile(source: Source): Diagnostic {
  return diagnostic("RW1002", "the policy is empty", {
    primary: span(source, 0, 0),
    help: "a policy has at least `version: 1`, `name` and `rules`",
  });
}

function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => (a.primary?.start ?? 0) - (b.primary?.start ?? 0));
}

function documentOf(tree: Mapping, reader: Reader): Omit<PolicyDocument, "sound"> {
  const description = textAt(tree, "description");
  const hosts = hostsOf(tree, reader);
  return {
    source: reader.source,
    name: textAt(tree, "name") ?? "unnamed",
    ...(description !== undefined && { description }),
    feeds: feedsOf(tree, reader),
    networks: definitionsOf(tree, "networks", reader, networkOf, (name) => name === "any"),
    services: definitionsOf(tree, "services", reader, serviceOf, isProtocol),
    rules: rulesOf(tree, reader),
    default: oneOf(textAt(tree, "default"), ["continue", "deny", "permit"] as const) ?? "continue",
    ...(hosts && { hosts }),
    targets: targetsOf(tree),
  };
}

function feedsOf(tree: Mapping, reader: Reader): Map<string, FeedReference> {
  const feeds = new Map<string, FeedReference>();
  for (const [name, entry] of entriesAt(tree, "feeds")) {
    const file = entry.value.kind === "mapping" ? entry.value.entries.get("file")?.value : undefined;
    const kind = feedKind(textAt(entry.value, "kind") ?? name);
    if (kind === undefined && textAt(entry.value, "kind") === undefined && entry.value.kind === "mapping") {
      reader.report(
        diagnostic("RW1002", `the feed "${name}" does not say of which kind it is`, {
          primary: entry.span,
          help: "add `kind: azure` or `kind: office365`; only feeds named azure or office365 need none",
        }),
      );
    }
    if (kind !== undefined && file?.kind === "scalar" && typeof file.value === "string") {
      feeds.set(name, { kind, file: file.value, span: file.span });
    } else {
      reader.uses.brokenFeeds.push(name);
    }
  }
  return feeds;
}

function feedKind(text: string): FeedKind | undefined {
  return oneOf(text, ["azure", "office365"] as const);
}

function definitionsOf<Node>(
  tree: Mapping,
  section: "networks" | "services",
  reader: Reader,
  read: (tree: Tree, reader: Reader) => Node | undefined,
  reserved: (name: string) => boolean,
): Map<string, Definition<Node>> {
  const definitions = new Map<string, Definition<Node>>();
  for (const [name, entry] of entriesAt(tree, section)) {
    if (reserved(name.toLowerCase())) {
      reader.report(
        diagnostic("RW2008", `"${name}" has a meaning of its own and cannot name one of the ${section}`, {
          primary: entry.span,
          help: `choose another name, such as "my-${name}"`,
        }),
      );
    }
    definitions.set(name, { name, span: entry.span, node: read(entry.value, reader) });
  }
  return definitions;
}

function targetsOf(tree: Mapping): Map<string, TargetNode> {
  const targets = new Map<string, TargetNode>();
  for (const [id, entry] of entriesAt(tree, "targets")) {
    if (entry.value.kind !== "mapping") continue;
    targets.set(id, {
      options: valueOf(entry.value) as Record<string, unknown>,
      spanOf: (...path) => (path.length === 0 ? entry.span : nodeAt(entry.value, path)?.span),
    });
  }
  return targets;
}
