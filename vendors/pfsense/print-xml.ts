import type { Diagnostic, Family, IntervalSet } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { OwnAlias, OwnAliases } from "./alias-names.js";
import { editorProtocols, icmp6Types, icmpTypes } from "./names.js";
import type { PlannedRule } from "./plan.js";
import type { Side } from "./regions.js";
import { escapeXml } from "./xml.js";

/** The beginning of every description that we write, by which we know our own rules and aliases again. */
export const ownMark = "ringwall: ";

/** Source: pfSense src/usr/local/www/firewall_rules_edit.php, the description field's maxlength. */
const longestDescription = 52;

/** An element's lines, without the indentation of the place where it is put. */
export type ElementLines = readonly string[];

/**
 * A rule of the plan as `<rule>` elements: one for each range of ports, as the rule editor would save them.
 *
 * `diagnostics` gets an error for what a rule of pfSense cannot say.
 */
export function ruleElements(
  rule: PlannedRule,
  outside: readonly string[],
  aliases: OwnAliases,
  diagnostics: Diagnostic[],
): ((tracker: number) => ElementLines)[] {
  const protocol = protocolWord(rule);
  if ("why" in protocol) {
    diagnostics.push(
      kit.diagnostic("RW3001", `pfSense has no way to say "${rule.label}": ${protocol.why}`, {
        primary: rule.span,
        help: "pf.conf can say it: set write to [pf.conf], or change the rule",
      }),
    );
    return [];
  }
  return rangesOf(rule.sourcePorts).flatMap((from) =>
    rangesOf(rule.destinationPorts).map((to) => (tracker: number) => [
      "<rule>",
      ...indented([
        "<id></id>",
        field("tracker", String(tracker)),
        field("type", rule.action),
        field("interface", rule.action === "match" ? "any" : outside.join(",")),
        field("ipprotocol", familyWord(rule.families)),
        field("tag", rule.tag ?? ""),
        field("tagged", rule.tagged?.name ?? ""),
        ...(rule.tagged?.not === true ? [field("nottagged", "")] : []),
        field("direction", rule.direction),
        field("floating", "yes"),
        ...(rule.action === "match" ? [] : [field("quick", "yes")]),
        ...(rule.action === "pass" && rule.direction === "out" ? [field("disablereplyto", "")] : []),
        ...(rule.action === "match" ? [] : [field("statetype", "keep state")]),
        ...(protocol.word === undefined ? [] : [field("protocol", protocol.word)]),
        ...(protocol.icmp === undefined ? [] : [field("icmptype", protocol.icmp)]),
        ...endElement("source", rule.source, from, aliases),
        ...endElement("destination", rule.destination, to, aliases),
        ...(rule.log ? [field("log", "")] : []),
        field("descr", kit.plainLine(`${ownMark}${rule.label}`, longestDescription)),
      ]),
      "</rule>",
    ]),
  );
}

/** `<alias>` elements: the parts first, each of at most `most` entries, then the alias of all parts. */
export function aliasElements(alias: OwnAlias, most: number, about: string): ElementLines[] {
  const parts = Math.ceil(alias.entries.length / most);
  const describe = (words: string): string => kit.plainLine(`${ownMark}${alias.label}${words}`, 200);
  if (parts <= 1) return [aliasElement(alias.name, alias.entries, describe(""), about)];
  const names = Array.from({ length: parts }, (_, part) => `${alias.name}_${part + 1}`);
  return [
    ...names.map((name, part) =>
      aliasElement(
        name,
        alias.entries.slice(part * most, (part + 1) * most),
        describe(` (part ${part + 1} of ${parts})`),
        about,
      ),
    ),
    aliasElement(alias.name, names, describe(` (${parts} parts)`), about),
  ];
}

function aliasElement(name: string, entries: readonly string[], descr: string, about: string): ElementLines {
  return [
    "<alias>",
    ...indented([
      field("name", name),
      field("type", "network"),
      field("address", entries.join(" ")),
      field("descr", descr),
      // One remark for each entry, parallel to the addresses: the first says where all come from.
      field("detail", [about.replaceAll("||", "|"), ...entries.slice(1).map(() => "")].join("||")),
    ]),
    "</alias>",
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `\t${line}`);
}

function field(name: string, value: string): string {
  return `<${name}>${escapeXml(value)}</${name}>`;
}

function endElement(
  name: "source" | "destination",
  side: Side,
  port: string | undefined,
  aliases: OwnAliases,
): string[] {
  return [
    `<${name}>`,
    ...indented([
      side.kind === "any" ? field("any", "") : field("address", aliases.nameOf(side.set)),
      ...(side.kind === "not-in" ? [field("not", "")] : []),
      ...(port === undefined ? [] : [field("port", port)]),
    ]),
    `</${name}>`,
  ];
}

/** Undefined for any port. pfSense makes `port <= last` of a range from 1, and that takes in port 0. */
function rangesOf(ports: IntervalSet<number>): (string | undefined)[] {
  if (kit.isEverything(kit.portNumbers, ports)) return [undefined];
  return ports.flatMap(({ first, last }) => {
    if (first === last) return [String(first)];
    if (first === 0) return [`1-${last}`];
    return first > 1 ? [`${first}-${last}`] : ["1", last === 2 ? "2" : `2-${last}`];
  });
}

function familyWord(families: readonly Family[]): string {
  return families.length === 2 ? "inet46" : families[0] === "ipv4" ? "inet" : "inet6";
}

interface ProtocolWord {
  /** Undefined for any protocol. */
  readonly word: string | undefined;
  readonly icmp?: string;
}

function protocolWord(rule: PlannedRule): ProtocolWord | { readonly why: string } {
  const ports =
    !kit.isEverything(kit.portNumbers, rule.sourcePorts) || !kit.isEverything(kit.portNumbers, rule.destinationPorts);
  const { protocol } = rule;
  const { tcp, udp, icmp, icmpv6 } = kit.protocols;
  if ([rule.sourcePorts, rule.destinationPorts].some((set) => set[0]!.first === 0 && set[0]!.last < 2))
    return { why: "its rules know port 0 only as the start of a range" };
  if (protocol === "any") return ports ? { why: "ports need a protocol" } : { word: undefined };
  if (protocol === tcp) return { word: "tcp" };
  if (protocol === udp) return { word: "udp" };
  if (ports) return { why: `it knows ports of TCP and UDP only, not of protocol ${protocol}` };
  if (protocol === icmp || protocol === icmpv6) {
    const family = protocol === icmp ? "ipv4" : "ipv6";
    if (rule.families.some((one) => one !== family)) return { why: "ICMP belongs to IPv4 and ICMPv6 to IPv6" };
    if (rule.icmp?.code !== undefined) return { why: "it knows ICMP types and no codes" };
    if (rule.icmp === undefined) return { word: "icmp" };
    const names = rule.icmp.types.map((type) => icmpName(protocol === icmp ? icmpTypes : icmp6Types, type));
    const nameless = names.indexOf(undefined);
    if (nameless >= 0) return { why: `it has no name for ICMP type ${rule.icmp.types[nameless]}` };
    return { word: "icmp", icmp: names.join(",") };
  }
  const word = editorProtocols.get(protocol);
  return word === undefined ? { why: `its rules do not offer protocol ${protocol}` } : { word };
}

/** The first name of a type; pfSense's own lists hold these. */
function icmpName(table: ReadonlyMap<string, number>, type: number): string | undefined {
  for (const [name, number] of table) if (number === type && !newerNames.has(name)) return name;
  return undefined;
}

/** Names that pf knows and that pfSense's list of types lacks or treats in its own way. */
const newerNames: ReadonlySet<string> = new Set(["skip", "photuris", "mtraceresp", "mtrace", "listenrepv2", "althost"]);
