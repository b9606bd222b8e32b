import type { Edit, Source, Span } from "../../src/vendor-kit/index.js";
import { cutLines, spanText } from "../../src/vendor-kit/index.js";
import { partOfJson } from "./json-exports.js";

/**
 * Exports of one machine are several files: rules, profiles, filters. A role's rules and its settings are two
 * scripts of ours. Any other script, a .reg file or a registry.pol stands for itself.
 */
export function partOf({ text }: Source): string {
  const head = text.slice(0, 200_000);
  if (/^\ufeff?\s*[[{]/.test(head)) return partOfJson(head);
  // The two scripts of a role: what the second sets decides about no packet, and stands beside the first.
  if (/^#region data$/m.test(head)) return /^\$SmbServerConfiguration = /m.test(head) ? "settings" : "rules";
  if (/^[^\S\r\n]*(?:Rule Name|Regelname):\s/m.test(head)) return "rules";
  return /^(?:Domain|Private|Public) Profile Settings:/m.test(head) ? "profiles" : "whole";
}

/** Statements that write a rule can be cut out; from a dump of what a machine has, nothing can. */
export function removalOf(rule: Span): readonly Edit[] | undefined {
  const text = spanText(rule);
  if (!/^\s*(?:"|New-NetFirewallRule\b|\$FirewallRules \+= @\{|netsh\b)/i.test(text)) return undefined;
  const cut = cutLines(rule);
  return cut && [cut];
}
