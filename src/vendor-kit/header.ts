import type { Edge } from "../policy/edge.js";
import { plainLine } from "./text.js";
import type { Target } from "./vendor.js";

/**
 * The lines that stand at the head of every output, without comment signs: whose policy, which tool, which feeds.
 * Printable ASCII only. No date: the same input gives the same bytes.
 */
export function headerLines(edge: Edge, target: Target): string[] {
  return [
    `Edge policy ${plainLine(edge.name)}, written by ${target.tool.name} ${target.tool.version}. Change the policy, not this file.`,
    ...(edge.description === undefined ? [] : [plainLine(edge.description)]),
    ...edge.feeds.map((feed) => `Feed ${plainLine(feed.name)}: ${plainLine(feed.version)}, sha256 ${feed.sha256}`),
  ];
}
