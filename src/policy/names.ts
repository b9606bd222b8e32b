import type { Diagnostic, Label, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { Definition, FeedKind, NetworkNode, PolicyDocument, ServiceNode, Word } from "./document.js";

type Names = Pick<PolicyDocument, "feeds" | "networks" | "services">;

/** Every place of a policy where a name is used, also in rules that could not be read as a whole. */
export interface Uses {
  readonly networks: readonly Word[];
  readonly services: readonly Word[];
  readonly selections: readonly FeedUse[];
  /** Feeds that are defined and could not be read. While there are any, no feed is said to be missing. */
  readonly brokenFeeds: readonly string[];
}

/** A selection from a feed, which may say from which. */
export interface FeedUse {
  readonly kind: FeedKind;
  readonly feed?: Word;
  readonly span: Span;
}

/** Names that are not defined, definitions that contain themselves, and feeds that are not there. */
export function nameProblems(policy: Names, uses: Uses): Diagnostic[] {
  const selections = uses.brokenFeeds.length > 0 ? [] : uses.selections;
  const feeds = selections.map((use) => feedOf(use, policy.feeds));
  return [
    ...uses.networks.filter(({ text }) => !policy.networks.has(text)).map((use) => unknownNetwork(use, policy)),
    ...uses.services.filter(({ text }) => !policy.services.has(text)).map((use) => unknownService(use, policy)),
    ...feeds.filter((feed) => typeof feed !== "string"),
    ...cycles(policy.networks, networkReferences, "networks"),
    ...cycles(policy.services, serviceReferences, "services"),
  ];
}

/**
 * The feed that a selection is from: the one that it names, the one that is named like its kind, or the only one of its
 * kind. Otherwise what is wrong.
 */
export function feedOf(node: FeedUse, feeds: Names["feeds"]): string | Diagnostic {
  const ofKind = [...feeds].filter(([, feed]) => feed.kind === node.kind).map(([name]) => name);
  if (node.feed !== undefined) {
    const { text } = node.feed;
    if (ofKind.includes(text)) return text;
    const known = feeds.has(text);
    return diagnostic(
      "RW5004",
      known
        ? `the feed "${text}" is not of kind ${node.kind}`
        : `the policy has no feed "${text}"${didYouMean(text, ofKind)}`,
      {
        primary: node.feed.span,
        help: ofKind.length > 0 ? `feeds of this kind: ${ofKind.join(", ")}` : addFeed(node.kind),
      },
    );
  }
  if (ofKind.includes(node.kind)) return node.kind;
  if (ofKind.length === 1) return ofKind[0]!;
  return ofKind.length === 0
    ? diagnostic("RW5004", `the policy names no feed of kind ${node.kind} to select from`, {
        primary: node.span,
        help: addFeed(node.kind),
      })
    : diagnostic("RW5004", `the policy has ${ofKind.length} feeds of kind ${node.kind}, and this does not say which`, {
        primary: node.span,
        help: `add \`feed:\` with one of ${ofKind.join(", ")}`,
      });
}

function addFeed(kind: FeedKind): string {
  return kind === "azure"
    ? "add it: `feeds: { azure: { file: feeds/ServiceTags_Public.json } }`"
    : "add it: `feeds: { office365: { file: feeds/o365-endpoints-worldwide.json } }`";
}

function unknownNetwork({ text, span }: Word, policy: Names): Diagnostic {
  const isHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text);
  return diagnostic("RW2001", `no network is named "${text}"${didYouMean(text, policy.networks.keys())}`, {
    primary: span,
    help: isHost
      ? "a host name is not looked up, because its addresses change; write its addresses"
      : policy.services.has(text)
        ? "it is the name of a service"
        : `define it below \`networks\`, or write an address (networks: ${listed(policy.networks.keys())})`,
  });
}

function unknownService({ text, span }: Word, policy: Names): Diagnostic {
  return diagnostic("RW2003", `no service is named "${text}"${didYouMean(text, policy.services.keys())}`, {
    primary: span,
    help: policy.networks.has(text)
      ? "it is the name of a network"
      : `define it below \`services\`, or write protocol and port, such as tcp/445 (services: ${listed(policy.services.keys())})`,
  });
}

function listed(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "none yet";
  return all.length > 12 ? `${all.slice(0, 12).join(", ")}, …` : all.join(", ");
}

interface Reference {
  readonly name: string;
  readonly span: Span;
}

function networkReferences(node: NetworkNode): Reference[] {
  switch (node.kind) {
    case "reference":
      return [node];
    case "union":
      return node.of.flatMap(networkReferences);
    case "difference":
      return [...node.of, node.minus].flatMap(networkReferences);
    case "literal":
    case "azure":
    case "office365":
      return [];
  }
}

function serviceReferences(node: ServiceNode): Reference[] {
  switch (node.kind) {
    case "reference":
      return [node];
    case "union":
      return node.of.flatMap(serviceReferences);
    case "literal":
      return [];
  }
}

/** One error for each circle, at the definition that comes first, with every step on the way round. */
function cycles<Node>(
  definitions: ReadonlyMap<string, Definition<Node>>,
  references: (node: Node) => Reference[],
  what: "networks" | "services",
): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const done = new Set<string>();
  for (const start of definitions.keys()) visit(start, []);
  return problems;

  function visit(name: string, way: readonly (Reference & { from: string })[]): void {
    const open = way.findIndex((step) => step.from === name);
    if (open >= 0) {
      problems.push(circle(way.slice(open)));
      return;
    }
    const node = definitions.get(name)?.node;
    if (done.has(name) || node === undefined) return;
    for (const reference of references(node)) visit(reference.name, [...way, { ...reference, from: name }]);
    done.add(name);
  }

  function circle(steps: readonly (Reference & { from: string })[]): Diagnostic {
    const first = steps[0]!;
    const path = [...steps.map((step) => step.from), first.from].join(" -> ");
    const related: Label[] = steps.map((step) => ({
      span: step.span,
      message: `"${step.from}" contains "${step.name}"`,
    }));
    return diagnostic("RW2002", `${what} contain each other, so that none of them has an end: ${path}`, {
      primary: definitions.get(first.from)!.span,
      related,
      help: "remove one of the references",
    });
  }
}
