import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, hasErrors, span } from "../diagnostics/index.js";
import { everything, portNumbers } from "../net/index.js";
import type {
  Definition,
  ExceptionNode,
  FeedKind,
  FeedReference,
  NetworkNode,
  PolicyDocument,
  RuleNode,
  ServiceNode,
  TargetNode,
  Word,
} from "./document.js";
import type { Direction } from "./edge.js";
import { looksLikeAddress, parseLiteral } from "./literals.js";
import { nameProblems } from "./names.js";
import type { Uses } from "./names.js";
import { isProtocol, looksLikeService, parseService, portSet, withPorts } from "./services.js";
import { shapeProblems } from "./shape.js";
import type { Entry, Mapping, Tree } from "./yaml.js";
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
  const { tree, diagnostics: syntax } = readYaml(source);
  if (tree === undefined) return { diagnostics: [...syntax, ...(hasErrors(syntax) ? [] : [emptyFile(source)])] };
  if (tree.kind !== "mapping") return { diagnostics: syntax.length > 0 ? syntax : shapeProblems(tree) };

  const found: Diagnostic[] = [];
  const uses: Reader["uses"] = { networks: [], services: [], selections: [], brokenFeeds: [] };
  const draft = documentOf(tree, { source, uses, report: (one) => found.push(one) });
  // After a syntax error the rest may be out of place: then only what is wrong in itself is told, not what is missing.
  const ordered = syntax.some((one) => one.code === "RW1001")
    ? [...syntax, ...found]
    : [...syntax, ...shapeProblems(tree), ...found, ...nameProblems(draft, uses)];
  const diagnostics = inOrder(ordered);
  return { policy: { ...draft, sound: !hasErrors(diagnostics) }, diagnostics };
}

interface Reader {
  readonly source: Source;
  /** Names as they are met. */
  readonly uses: { readonly [kind in keyof Uses]: Uses[kind][number][] };
  report(problem: Diagnostic): void;
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
  return {
    source: reader.source,
    name: textAt(tree, "name") ?? "unnamed",
    ...(description !== undefined && { description }),
    feeds: feedsOf(tree, reader),
    networks: definitionsOf(tree, "networks", reader, networkOf, (name) => name === "any"),
    services: definitionsOf(tree, "services", reader, serviceOf, isProtocol),
    rules: rulesOf(tree, reader),
    default: oneOf(textAt(tree, "default"), ["continue", "deny", "permit"] as const) ?? "continue",
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

function networkOf(tree: Tree, reader: Reader): NetworkNode | undefined {
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

function serviceOf(tree: Tree, reader: Reader): ServiceNode | undefined {
  switch (tree.kind) {
    case "scalar":
      return typeof tree.value === "string" ? serviceText(tree.value, tree.span, reader) : undefined;
    case "list":
      return unionOf(tree, reader, serviceOf);
    case "mapping":
      return serviceMapping(tree, reader);
  }
}

function serviceText(text: string, at: Span, reader: Reader): ServiceNode | undefined {
  if (!looksLikeService(text)) {
    reader.uses.services.push({ text, span: at });
    return { kind: "reference", name: text, span: at };
  }
  const read = parseService(text);
  if (read.ok) return { kind: "literal", services: read.services, span: at };
  const { why, instead } = read.problem;
  reader.report(
    diagnostic("RW1005", `"${text}" is refused: ${why}`, {
      primary: at,
      help:
        instead === undefined
          ? "a service is written as tcp/445, udp/137-138, icmp/echo-request or any"
          : `write ${instead}`,
    }),
  );
  return undefined;
}

function serviceMapping(tree: Mapping, reader: Reader): ServiceNode | undefined {
  const protocol = textAt(tree, "protocol");
  if (protocol === undefined || !Object.hasOwn(withPorts, protocol)) return undefined;
  const ports = portsAt(tree, "ports", reader);
  const sourcePorts = portsAt(tree, "source-ports", reader);
  if (ports === undefined || sourcePorts === undefined) return undefined;
  const label =
    protocol +
    (ports.text === "*" && sourcePorts.text === "*"
      ? ""
      : `/${sourcePorts.text === "*" ? "" : `${sourcePorts.text}>`}${ports.text}`);
  return {
    kind: "literal",
    span: tree.span,
    services: [
      {
        label,
        protocol: withPorts[protocol as keyof typeof withPorts],
        sourcePorts: sourcePorts.set,
        destinationPorts: ports.set,
      },
    ],
  };
}

function portsAt(tree: Mapping, key: string, reader: Reader) {
  const value = tree.entries.get(key)?.value;
  if (value === undefined) return { text: "*", set: everything(portNumbers) };
  const items = value.kind === "list" ? value.items : [value];
  const parts = items.flatMap((part) => (part.kind === "scalar" && isPortText(part.value) ? [String(part.value)] : []));
  if (parts.length < items.length || parts.length === 0) return undefined; // a matter of the shape
  const set = portSet(parts);
  if (typeof set !== "string") return { text: parts.join(","), set };
  reader.report(
    diagnostic("RW1005", set, { primary: value.span, help: "a port is 0 to 65535, a range is written as 137-138" }),
  );
  return undefined;
}

function isPortText(value: unknown): boolean {
  return typeof value === "number"
    ? Number.isInteger(value) && value >= 0 && value <= 65535
    : typeof value === "string" && /^\d{1,5}(-\d{1,5})?$/.test(value);
}

function unionOf<Node>(
  tree: Extract<Tree, { kind: "list" }>,
  reader: Reader,
  read: (tree: Tree, reader: Reader) => Node | undefined,
): Node | { kind: "union"; of: readonly Node[]; span: Span } | undefined {
  const parts = tree.items.map((item) => read(item, reader));
  const whole = parts.filter((part) => part !== undefined);
  if (whole.length < parts.length || whole.length === 0) return undefined;
  return whole.length === 1 ? whole[0] : { kind: "union", of: whole, span: tree.span };
}

function rulesOf(tree: Mapping, reader: Reader): RuleNode[] {
  const list = tree.entries.get("rules")?.value;
  const rules: RuleNode[] = [];
  const names = new Map<string, Span>();
  for (const item of list?.kind === "list" ? list.items : []) {
    if (item.kind !== "mapping") continue;
    const name = item.entries.get("name")?.value;
    if (name?.kind === "scalar" && typeof name.value === "string") {
      const first = names.get(name.value);
      if (first === undefined) names.set(name.value, name.span);
      else reader.report(sameRuleName(name.value, name.span, first));
    }
    const rule = ruleOf(item, reader);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function sameRuleName(name: string, second: Span, first: Span): Diagnostic {
  return diagnostic("RW2008", `two rules are named "${name}", so that messages and comments could mean either`, {
    primary: second,
    related: [{ span: first, message: "the first one" }],
    help: "give one of them another name",
  });
}

const actions = ["deny", "reject", "permit"] as const;

function ruleOf(tree: Mapping, reader: Reader): RuleNode | undefined {
  const name = textAt(tree, "name");
  const action = actions.find((one) => tree.entries.has(one));
  // Read every part before anything is given up, so that all errors are told.
  const services = action === undefined ? undefined : serviceOf(tree.entries.get(action)!.value, reader);
  const from = optional(tree, "from", reader, networkOf);
  const to = optional(tree, "to", reader, networkOf);
  const list = tree.entries.get("except")?.value;
  const exceptions = (list?.kind === "list" ? list.items : []).map((item) => exceptionOf(item, reader));
  const nameNode = nodeAt(tree, ["name"]);
  if (action === undefined || services === undefined || from === "wrong" || to === "wrong") return undefined;
  const description = textAt(tree, "description");
  const family = familyAt(tree);
  const log = nodeAt(tree, ["log"]);
  return {
    name: name ?? "unnamed",
    ...(description !== undefined && { description }),
    action,
    services,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    directions: directionsAt(tree) ?? ["inbound", "outbound"],
    ...(family !== undefined && { family }),
    log: log?.kind === "scalar" && log.value === true,
    exceptions: exceptions.filter((one) => one !== undefined),
    span: nameNode?.span ?? tree.span,
    spans: spansOf(tree),
  };
}

function exceptionOf(tree: Tree, reader: Reader): ExceptionNode | undefined {
  if (tree.kind !== "mapping") return undefined;
  const from = optional(tree, "from", reader, networkOf);
  const to = optional(tree, "to", reader, networkOf);
  const services = optional(tree, "service", reader, serviceOf);
  const directions = directionsAt(tree);
  const family = familyAt(tree);
  const reason = textAt(tree, "reason");
  const expires = textAt(tree, "expires");
  if (expires !== undefined) checkDate(expires, nodeAt(tree, ["expires"])!.span, reader);
  if (from === "wrong" || to === "wrong" || services === "wrong") return undefined;
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(services !== undefined && { services }),
    ...(directions !== undefined && { directions }),
    ...(family !== undefined && { family }),
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { expires }),
    span: tree.span,
    spans: spansOf(tree),
  };
}

function checkDate(text: string, at: Span, reader: Reader): void {
  // What is not digits and dashes is a matter of the shape.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || isDate(text)) return;
  reader.report(
    diagnostic("RW1008", `"${text}" is not a day of the calendar`, { primary: at, help: "write a date as YYYY-MM-DD" }),
  );
}

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function optional<Node>(
  tree: Mapping,
  key: string,
  reader: Reader,
  read: (tree: Tree, reader: Reader) => Node | undefined,
): Node | undefined | "wrong" {
  const entry = tree.entries.get(key);
  return entry === undefined ? undefined : (read(entry.value, reader) ?? "wrong");
}

function directionsAt(tree: Mapping): readonly Direction[] | undefined {
  const text = oneOf(textAt(tree, "direction"), ["inbound", "outbound", "both"] as const);
  return text === undefined ? undefined : text === "both" ? ["inbound", "outbound"] : [text];
}

function familyAt(tree: Mapping): "ipv4" | "ipv6" | "both" | undefined {
  return oneOf(textAt(tree, "family"), ["ipv4", "ipv6", "both"] as const);
}

function spansOf(tree: Mapping): Map<string, Span> {
  return new Map([...tree.entries].map(([key, entry]) => [key, entry.value.span]));
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

function entriesAt(tree: Mapping, key: string): Iterable<[string, Entry]> {
  const section = tree.entries.get(key)?.value;
  return section?.kind === "mapping" ? section.entries : [];
}

function textAt(tree: Tree, key: string): string | undefined {
  const node = nodeAt(tree, [key]);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** The texts (and numbers) of one text or a list of them; undefined when there is none. */
function wordsAt(tree: Mapping, key: string): readonly Word[] | undefined {
  const node = tree.entries.get(key)?.value;
  if (node === undefined) return undefined;
  const words = (node.kind === "list" ? node.items : [node]).flatMap((item) =>
    item.kind === "scalar" && (typeof item.value === "string" || typeof item.value === "number")
      ? [{ text: String(item.value), span: item.span }]
      : [],
  );
  return words.length === 0 ? undefined : words;
}

function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === text);
}
