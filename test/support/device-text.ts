import type { Device, Match, Rule } from "../../src/vendor-kit/index.js";
import { formatIpv4, formatIpv6 } from "../../src/vendor-kit/index.js";

/** A device as text, a line for each rule, for golden files of what a parser has understood. */
export function deviceText(device: Device): string {
  const lines: string[] = [];
  for (const path of device.paths) {
    lines.push(`${path.hook}:`);
    for (const filter of path.filters) {
      lines.push(`  ${filter.name}`);
      for (const chain of filter.chains.values()) {
        lines.push(`    ${chain.name}${chain.name === filter.entry ? " (entry)" : ""}`);
        for (const rule of chain.rules) lines.push(`      ${matchText(rule.match)} -> ${verdictText(rule)}`);
        lines.push(`      end -> ${chain.end}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function verdictText({ verdict, log }: Rule): string {
  const text = typeof verdict === "object" ? `${verdict.kind} ${verdict.chain}` : verdict;
  return log === true ? `log, ${text}` : text;
}

function matchText(match: Match): string {
  switch (match.kind) {
    case "everything":
      return "everything";
    case "nothing":
      return "nothing";
    case "all":
      return `(${match.of.map(matchText).join(" and ")})`;
    case "any":
      return `(${match.of.map(matchText).join(" or ")})`;
    case "not":
      return `not ${matchText(match.of)}`;
    case "family":
      return match.family;
    case "interface":
      return `${match.end} ${match.names.join(",")}`;
    case "state":
      return `state ${match.states.join(",")}`;
    case "number":
      return `${match.field} ${match.values.map(range(String)).join(",")}`;
    case "tcp-flags":
      return `flags ${match.value}/${match.mask}`;
    case "address": {
      const { ipv4, ipv6 } = match.addresses;
      return `${match.end} ${[...ipv4.map(range(formatIpv4)), ...ipv6.map(range(formatIpv6))].join(",")}`;
    }
    case "condition":
      return `[${match.condition}]`;
  }
}

function range<N>(format: (n: N) => string): (interval: { readonly first: N; readonly last: N }) => string {
  return ({ first, last }) => (first === last ? format(first) : `${format(first)}-${format(last)}`);
}
