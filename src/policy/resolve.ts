import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { AzureFeed, EndpointSet, FeedText, Office365Feed } from "../feeds/index.js";
import { readAzureFeed, readOffice365Feed, selectAzure, selectOffice365 } from "../feeds/index.js";
import type { AddressSet } from "../net/index.js";
import { ipv4Addresses, ipv6Addresses, isNoAddress, subtractAddresses, toSet } from "../net/index.js";
import type { Definition, NetworkNode, PolicyDocument, ServiceNode } from "./document.js";
import type { FeedStamp, Service } from "./edge.js";
import { feedOf } from "./names.js";

/** A feed that was read, or one of which somebody has said already that it cannot be. */
export type GivenFeed = FeedText | "unreadable";

/** A network's addresses, and which parts of feeds they were made from. */
export interface ResolvedNetwork {
  readonly addresses: AddressSet;
  readonly selections: readonly Selection[];
}

/** What a network took from a feed, before anything was cut out. */
export type Selection =
  | { readonly kind: "azure"; readonly tags: readonly string[]; readonly addresses: AddressSet }
  | {
      readonly kind: "office365";
      readonly sets: readonly { readonly set: EndpointSet; readonly addresses: AddressSet }[];
      readonly addresses: AddressSet;
    };

/** The meaning of a policy's names. What cannot be resolved is undefined; why is among the diagnostics. */
export interface Resolution {
  /** The feeds that were used, in the order of the policy. */
  readonly stamps: readonly FeedStamp[];
  /** Of networks that no rule uses, too. */
  readonly diagnostics: readonly Diagnostic[];
  network(node: NetworkNode): ResolvedNetwork | undefined;
  services(node: ServiceNode): readonly Service[] | undefined;
}

/** Resolves every name of a policy. `feeds` holds the texts of the policy's feeds, by their names in the policy. */
export function resolveNames(policy: PolicyDocument, feeds: ReadonlyMap<string, GivenFeed>): Resolution {
  const diagnostics: Diagnostic[] = [];
  const opened = new Map<string, AzureFeed | Office365Feed | undefined>();
  const networkOf = byName(policy.networks, network);
  const servicesOf = byName(policy.services, services);
  // One pass over everything, so that errors come in the order of the policy and each once.
  const seen = new Map<NetworkNode, ResolvedNetwork | undefined>();
  for (const name of policy.networks.keys()) networkOf(name);
  for (const rule of policy.rules) {
    for (const end of [rule, ...rule.exceptions]) {
      if (end.from !== undefined) seen.set(end.from, network(end.from));
      if (end.to !== undefined) seen.set(end.to, network(end.to));
    }
  }
  for (const node of hostNetworks(policy)) seen.set(node, network(node));
  return {
    stamps: stampsOf(policy, opened),
    diagnostics,
    network: (node) => (seen.has(node) ? seen.get(node) : network(node)),
    services,
  };

  function network(node: NetworkNode): ResolvedNetwork | undefined {
    switch (node.kind) {
      case "literal":
        return { addresses: node.addresses, selections: [] };
      case "reference":
        return networkOf(node.name);
      case "union":
        return unionOf(node.of);
      case "difference":
        return differenceOf(node);
      case "azure":
      case "office365":
        return selectionOf(node);
    }
  }

  function unionOf(nodes: readonly NetworkNode[]): ResolvedNetwork | undefined {
    const parts = nodes.map(network);
    const whole = parts.filter((part) => part !== undefined);
    if (whole.length < parts.length) return undefined;
    if (whole.length === 1) return whole[0];
    return {
      // Not as arguments of one call: a list may have more entries than a call takes.
      addresses: {
        ipv4: toSet(
          ipv4Addresses,
          whole.flatMap((part) => part.addresses.ipv4),
        ),
        ipv6: toSet(
          ipv6Addresses,
          whole.flatMap((part) => part.addresses.ipv6),
        ),
      },
      selections: whole.flatMap((part) => part.selections),
    };
  }

  function differenceOf(node: Extract<NetworkNode, { kind: "difference" }>): ResolvedNetwork | undefined {
    const whole = unionOf(node.of);
    const cut = network(node.minus);
    if (whole === undefined || cut === undefined) return undefined;
    const addresses = subtractAddresses(whole.addresses, cut.addresses);
    if (!isNoAddress(addresses)) return { addresses, selections: whole.selections };
    diagnostics.push(
      diagnostic("RW2004", "`minus` cuts out all of it, so that no address is left", {
        primary: node.minus.span,
        help: "empty never means any: cut out less, or remove the network and what uses it",
      }),
    );
    return undefined;
  }

  function selectionOf(node: Extract<NetworkNode, { kind: "azure" | "office365" }>): ResolvedNetwork | undefined {
    const name = feedOf(node, policy.feeds);
    if (typeof name !== "string") return undefined; // said when the policy was read
    const feed = open(name, node.span);
    if (feed === undefined) return undefined;
    const selection = select(node, feed);
    return selection === undefined ? undefined : { addresses: selection.addresses, selections: [selection] };
  }

  function select(
    node: Extract<NetworkNode, { kind: "azure" | "office365" }>,
    feed: AzureFeed | Office365Feed,
  ): Selection | undefined {
    if (node.kind === "azure" && feed.kind === "azure") {
      const { addresses, tags, diagnostics: problems } = selectAzure(feed, node);
      diagnostics.push(...problems);
      return problems.length > 0 ? undefined : { kind: "azure", tags, addresses };
    }
    if (node.kind === "office365" && feed.kind === "office365") {
      const { addresses, sets, diagnostics: problems } = selectOffice365(feed, node);
      diagnostics.push(...problems);
      return problems.length > 0 ? undefined : { kind: "office365", sets, addresses };
    }
    throw new Error(`a selection of kind ${node.kind} met a feed of kind ${feed.kind}`);
  }

  function open(name: string, at: Span): AzureFeed | Office365Feed | undefined {
    if (opened.has(name)) return opened.get(name);
    const given = feeds.get(name);
    let feed: AzureFeed | Office365Feed | undefined;
    if (given === undefined) {
      diagnostics.push(
        diagnostic("RW5004", `the text of the feed "${name}" was not given`, {
          primary: policy.feeds.get(name)?.span ?? at,
          help: "hand in the text of every feed of the policy",
        }),
      );
    } else if (given !== "unreadable") {
      const read = policy.feeds.get(name)!.kind === "azure" ? readAzureFeed(given) : readOffice365Feed(given);
      if (read.ok) {
        feed = read.feed;
      } else {
        const named = {
          span: policy.feeds.get(name)!.span,
          message: `the policy names it here, as the feed "${name}"`,
        };
        diagnostics.push({ ...read.problem, related: [...(read.problem.related ?? []), named] });
      }
    }
    opened.set(name, feed);
    return feed;
  }

  function services(node: ServiceNode): readonly Service[] | undefined {
    switch (node.kind) {
      case "literal":
        return node.services;
      case "reference":
        return servicesOf(node.name)?.map((service) => ({ ...service, label: node.name }));
      case "union": {
        const parts = node.of.map(services);
        return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
      }
    }
  }
}

/** What `hosts` says of addresses. */
function hostNetworks({ hosts }: PolicyDocument): NetworkNode[] {
  if (hosts === undefined) return [];
  const settings = [hosts.defaults, ...hosts.roles.map((role) => role.settings)];
  return [
    hosts.domainControllers,
    hosts.fileServers,
    ...settings.flatMap(({ trusted, withoutAuthentication }) => [trusted, withoutAuthentication]),
  ].filter((node) => node !== undefined);
}

/** The value of a definition, worked out once; undefined for what is not defined, or is defined by itself. */
function byName<Node, Value>(
  definitions: ReadonlyMap<string, Definition<Node>>,
  valueOf: (node: Node) => Value | undefined,
): (name: string) => Value | undefined {
  const values = new Map<string, Value | undefined>();
  return (name) => {
    if (values.has(name)) return values.get(name);
    values.set(name, undefined); // what a circle meets; it was reported when the policy was read
    const node = definitions.get(name)?.node;
    const value = node === undefined ? undefined : valueOf(node);
    values.set(name, value);
    return value;
  };
}

function stampsOf(
  policy: PolicyDocument,
  opened: ReadonlyMap<string, AzureFeed | Office365Feed | undefined>,
): FeedStamp[] {
  return [...policy.feeds].flatMap(([name, reference]) => {
    const feed = opened.get(name);
    return feed === undefined ? [] : [{ name, path: reference.file, version: feed.version, sha256: feed.sha256 }];
  });
}
