import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import type { GivenFeed, PolicyDocument } from "../policy/index.js";
import { resolveNames, usedNetworks } from "../policy/index.js";
import { listName } from "./azure-exceptions.js";
import type { Chosen } from "./chosen.js";

/**
 * The addresses of a network of a policy; or without a name, of everything that its exceptions take from feeds.
 *
 * What is to be said of exceptions that are too broad or have expired, `resolvePolicy` says.
 */
export function policyExceptions(
  document: PolicyDocument,
  feeds: ReadonlyMap<string, GivenFeed>,
  network: string | undefined,
): Chosen {
  const names = resolveNames(document, feeds);
  const origin = [
    `Policy ${document.name}`,
    ...names.stamps.map((stamp) => `Feed ${stamp.name}: ${stamp.version}, sha256 ${stamp.sha256}`),
  ];
  const nothing = (problem: Diagnostic): Chosen => ({
    description: "",
    name: "list",
    origin,
    parts: [],
    diagnostics: [problem],
  });
  if (network !== undefined) {
    const definition = document.networks.get(network);
    if (definition === undefined) return nothing(unknownNetwork(document, network));
    const { name, span } = definition;
    const resolved = names.network({ kind: "reference", name, span });
    return {
      description: name,
      name: listName([name]),
      origin,
      parts: resolved === undefined ? [] : [{ label: name, addresses: resolved.addresses }],
      diagnostics: names.diagnostics,
    };
  }
  const parts = new Map<string, { readonly label: string; readonly addresses: AddressSet }>();
  let broken = false;
  for (const { node, label, use, families } of usedNetworks(document)) {
    if (use !== "exception") continue;
    const resolved = names.network(node);
    if (resolved === undefined) broken = true;
    if (resolved === undefined || resolved.selections.length === 0) continue;
    const { ipv4, ipv6 } = resolved.addresses;
    const addresses = {
      ipv4: families.includes("ipv4") ? ipv4 : [],
      ipv6: families.includes("ipv6") ? ipv6 : [],
    };
    parts.set(`${label} ${families.join()}`, { label, addresses });
  }
  // What is wrong with a network says it all.
  if (parts.size === 0 && !broken) return nothing(noFeedInExceptions(document));
  const labels = [...new Set([...parts.values()].map(({ label }) => label))];
  return {
    description: labels.join(", "),
    name: listName([document.name]),
    origin,
    parts: [...parts.values()],
    diagnostics: names.diagnostics,
  };
}

function unknownNetwork(document: PolicyDocument, network: string): Diagnostic {
  const known = [...document.networks.keys()];
  return diagnostic("RW2001", `the policy has no network "${network}"${didYouMean(network, known)}`, {
    help: `its networks are ${known.join(", ") || "none"}`,
  });
}

function noFeedInExceptions(document: PolicyDocument): Diagnostic {
  const known = [...document.networks.keys()];
  return diagnostic("RW5003", "no exception of this policy takes addresses from a feed, so that the list is empty", {
    help: known.length === 0 ? "it has no networks either" : `name a network with --network: ${known.join(", ")}`,
  });
}
