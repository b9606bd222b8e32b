import type { Diagnostic, IntervalSet } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { OwnAliases } from "./alias-names.js";
import type { PlannedRule } from "./plan.js";
import type { Side } from "./regions.js";

/** The tables and rules of an anchor for pf.conf, without the header. */
export function pfLines(
  rules: readonly PlannedRule[],
  outside: readonly string[],
  aliases: OwnAliases,
  diagnostics: Diagnostic[],
): string[] {
  return [
    `outside = "${outside.length === 1 ? outside[0]! : `{ ${outside.join(", ")} }`}"`,
    "",
    ...aliases.all.flatMap((alias) => [
      `# ${kit.plainLine(alias.label, 100)}`,
      `table <${alias.name}> const {`,
      ...alias.entries.map((entry) => `\t${entry}`),
      "}",
      "",
    ]),
    ...rules.flatMap((rule) => ruleLines(rule, aliases, diagnostics)),
  ];
}

function ruleLines(rule: PlannedRule, aliases: OwnAliases, diagnostics: Diagnostic[]): string[] {
  const why = inexpressible(rule);
  if (why !== undefined) {
    diagnostics.push(
      kit.diagnostic("RW3001", `pf has no way to say "${rule.label}": ${why}`, {
        primary: rule.span,
        help: "change the rule",
      }),
    );
    return [];
  }
  const words = [
    actions[rule.action],
    rule.direction,
    ...(rule.log ? ["log"] : []),
    ...(rule.action === "match" ? [] : ["quick", "on $outside"]),
    ...(rule.families.length === 2 ? [] : [rule.families[0] === "ipv4" ? "inet" : "inet6"]),
    ...(rule.protocol === "any" ? [] : [`proto ${protocolWord(rule.protocol)}`]),
    `from ${sideWord(rule.source, aliases)}${portWords(rule.sourcePorts)}`,
    `to ${sideWord(rule.destination, aliases)}${portWords(rule.destinationPorts)}`,
    ...icmpWords(rule),
    ...(rule.tag === undefined ? [] : [`tag ${rule.tag}`]),
    ...(rule.tagged === undefined ? [] : [`${rule.tagged.not ? "! " : ""}tagged ${rule.tagged.name}`]),
  ];
  return [
    `# ${kit.plainLine(rule.label, 100)}`,
    ...rule.notes.map((note) => `#   ${kit.plainLine(note, 150)}`),
    words.join(" "),
  ];
}

const actions = { pass: "pass", block: "block drop", reject: "block return", match: "match" } as const;

function inexpressible(rule: PlannedRule): string | undefined {
  const ports =
    !kit.isEverything(kit.portNumbers, rule.sourcePorts) || !kit.isEverything(kit.portNumbers, rule.destinationPorts);
  const { tcp, udp, icmp, icmpv6 } = kit.protocols;
  if (ports && rule.protocol !== tcp && rule.protocol !== udp) return "it knows ports of TCP and UDP only";
  if (rule.protocol === icmp && rule.families.includes("ipv6")) return "ICMP belongs to IPv4";
  if (rule.protocol === icmpv6 && rule.families.includes("ipv4")) return "ICMPv6 belongs to IPv6";
  return undefined;
}

function protocolWord(protocol: number): string {
  switch (protocol) {
    case kit.protocols.tcp:
      return "tcp";
    case kit.protocols.udp:
      return "udp";
    case kit.protocols.icmp:
      return "icmp";
    case kit.protocols.icmpv6:
      return "icmp6";
    default:
      return String(protocol);
  }
}

function sideWord(side: Side, aliases: OwnAliases): string {
  switch (side.kind) {
    case "any":
      return "any";
    case "in":
      return `<${aliases.nameOf(side.set)}>`;
    case "not-in":
      return `! <${aliases.nameOf(side.set)}>`;
  }
}

function portWords(ports: IntervalSet<number>): string {
  if (kit.isEverything(kit.portNumbers, ports)) return "";
  const words = ports.map(({ first, last }) => (first === last ? String(first) : `${first}:${last}`));
  return words.length === 1 ? ` port ${words[0]}` : ` port { ${words.join(", ")} }`;
}

function icmpWords(rule: PlannedRule): string[] {
  if (rule.icmp === undefined) return [];
  const word = rule.protocol === kit.protocols.icmp ? "icmp-type" : "icmp6-type";
  const types = rule.icmp.types.map(String);
  const code = rule.icmp.code === undefined ? "" : ` code ${rule.icmp.code}`;
  return types.length === 1
    ? [`${word} ${types[0]}${code}`]
    : [`${word} { ${types.map((type) => type + code).join(", ")} }`];
}
