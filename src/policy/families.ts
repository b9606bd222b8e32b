import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Family } from "../net/index.js";
import { families } from "../net/index.js";
import type { RuleNode } from "./document.js";
import type { Endpoint } from "./edge.js";
import type { End } from "./endpoints.js";

/** Whether an end has any address of the family. */
export function hasFamily({ endpoint }: End, family: Family): boolean {
  return endpoint.addresses[family].length > 0;
}

/** A rule between whose ends no packet of its families can go. */
export function noFamily(node: RuleNode, from: End, to: End, wanted: readonly Family[]): Diagnostic {
  const lacks = [
    { key: "from", end: from },
    { key: "to", end: to },
  ].find(({ end }) => !wanted.some((family) => hasFamily(end, family)));
  const message =
    lacks === undefined
      ? `the rule "${node.name}" goes from ${familyList(from)} to ${familyList(to)}, and no packet has both`
      : `the rule "${node.name}" is ${wanted.map(familyName).join(" and ")} only, and "${lacks.end.endpoint.label}" has no such address`;
  return diagnostic("RW2010", message, {
    primary: node.spans.get(lacks?.key ?? "to") ?? node.span,
    related: node.spans.has("family") ? [{ span: node.spans.get("family")!, message: "the family is named here" }] : [],
    help: "add addresses of the family, or change or remove `family`",
  });
}

function familyList(end: End): string {
  return families
    .filter((family) => hasFamily(end, family))
    .map(familyName)
    .join(" and ");
}

/** A rule that names both families and has addresses of one. */
export function halfFamily(node: RuleNode, from: End, to: End, has: Family): Diagnostic {
  const [key, end] = hasFamily(from, has === "ipv4" ? "ipv6" : "ipv4")
    ? (["to", to] as const)
    : (["from", from] as const);
  const lacks = has === "ipv4" ? "IPv6" : "IPv4";
  return diagnostic(
    "RW2010",
    `the rule "${node.name}" says both families, and "${end.endpoint.label}" has no ${lacks} address: its ${lacks} half does not exist`,
    {
      severity: "warning",
      primary: node.spans.get(key) ?? node.span,
      help: `add the ${lacks} addresses, or write \`family: ${has}\``,
    },
  );
}

/** A rule whose services exist in none of its families. */
export function noService(node: RuleNode, kept: readonly Family[]): Diagnostic {
  return diagnostic(
    "RW2009",
    `the rule "${node.name}" can match no packet: its services do not exist in ${kept.map(familyName).join(" and ")}`,
    {
      primary: node.spans.get(node.action) ?? node.span,
      help: "remove the rule, or change its services or its family",
    },
  );
}

/** Why an end of an exception and that of its rule have no address of the wanted families in common. */
export function noneOf(mine: End, its: Endpoint, wanted: readonly Family[]): string {
  const has = families.filter((family) => hasFamily(mine, family));
  if (!has.some((family) => wanted.includes(family))) {
    return `"${mine.endpoint.label}" has ${has.map(familyName).join(" and ")} addresses only, and ${wanted.map(familyName).join(" and ")} is asked for`;
  }
  return `"${mine.endpoint.label}" has no address in common with "${its.label}"`;
}

export function familyName(family: Family): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}
