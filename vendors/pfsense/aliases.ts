import type { Diagnostic, Span } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content, PortContent, TableEntry } from "./content.js";
import { noContent, openContent, readAddresses, tableAddresses, unionContent } from "./content.js";
import { portNumber, protocolNumbers, servicePorts } from "./names.js";
import type { Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, valueOf } from "./xml.js";

export interface Aliases {
  /** True when the text has an alias of that name. */
  has(name: string): boolean;
  readonly names: readonly string[];
  /** undefined when there is no such alias, or when it is one of ports. */
  addresses(name: string): Content | undefined;
  /** undefined when there is no such alias, or when it is not one of ports. */
  ports(name: string): PortContent | undefined;
  /** An alias of addresses that certainly holds none: under `<not/>` it matches everything. */
  isEmpty(name: string): boolean;
}

interface Alias {
  readonly name: string;
  readonly type: string;
  readonly entries: readonly string[];
  readonly at: Span;
}

const portTypes = ["port", "url_ports", "urltable_ports"];

export function readAliases(
  root: Element,
  dialect: "pfsense" | "opnsense",
  taken: ReadonlySet<string>,
  report: (one: Diagnostic) => void,
): Aliases {
  const byName = new Map<string, Alias>();
  for (const section of root.name === "aliases" ? [root] : childrenOf(root, "aliases"))
    for (const element of childrenOf(section, "alias")) add(readAlias(element, /\s+/));
  for (const element of childrenOf(at(root, "OPNsense", "Firewall", "Alias", "aliases"), "alias"))
    if (valueOf(element, "enabled") !== "0") add(readAlias(element, /[\n,]+/, "content"));

  function add(alias: Alias): void {
    if (byName.has(alias.name))
      report(
        kit.diagnostic("RW6003", `the alias "${alias.name}" is defined twice; the firewall uses the later one`, {
          primary: alias.at,
          related: [{ span: byName.get(alias.name)!.at, message: "first defined here" }],
        }),
      );
    byName.set(alias.name, alias);
    if (dialect === "pfsense") checkAlias(alias, taken, report);
  }

  const addresses = new Map<string, Content>();
  const ports = new Map<string, PortContent>();
  const visiting = new Set<string>();

  const resolveAddresses = (name: string): Content | undefined => {
    const alias = byName.get(name);
    if (alias === undefined || portTypes.includes(alias.type)) return undefined;
    const known = addresses.get(name);
    if (known !== undefined) return known;
    if (visiting.has(name) || visiting.size > 100) {
      report(
        kit.diagnostic("RW6003", `the alias "${name}" contains itself, or is nested more than 100 deep`, {
          primary: alias.at,
        }),
      );
      return openContent(`in the alias ${name}, which contains itself`);
    }
    visiting.add(name);
    const content = contentOfAlias(alias, resolveAddresses, report);
    visiting.delete(name);
    addresses.set(name, content);
    return content;
  };

  const resolvePorts = (name: string): PortContent | undefined => {
    const alias = byName.get(name);
    if (alias === undefined || !portTypes.includes(alias.type)) return undefined;
    const known = ports.get(name);
    if (known !== undefined) return known;
    if (visiting.has(name) || visiting.size > 100) return { ports: [], open: [`in the alias ${name}`] };
    visiting.add(name);
    const content = portsOfAlias(alias, resolvePorts, report);
    visiting.delete(name);
    ports.set(name, content);
    return content;
  };

  return {
    has: (name) => byName.has(name),
    names: [...byName.keys()],
    addresses: resolveAddresses,
    ports: resolvePorts,
    isEmpty(name) {
      const content = resolveAddresses(name);
      return content !== undefined && content.open.length === 0 && kit.isNoAddress(content.addresses);
    },
  };
}

function readAlias(element: Element, separator: RegExp, content = "address"): Alias {
  return {
    name: valueOf(element, "name"),
    type: valueOf(element, "type").toLowerCase(),
    entries: valueOf(element, content)
      .split(separator)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
    at: elementSpan(child(element, "name") ?? element),
  };
}

/** The names that make pfctl refuse the whole ruleset, in which pfSense writes a macro for each alias. */
function checkAlias(alias: Alias, taken: ReadonlySet<string>, report: (one: Diagnostic) => void): void {
  const { name } = alias;
  const why = !/^[A-Za-z0-9_]+$/.test(name)
    ? "an alias name may hold letters, digits and _ only"
    : name.length > 31
      ? "an alias name may have 31 characters"
      : /^[\d_]+$/.test(name)
        ? "an alias name needs a letter"
        : taken.has(name)
          ? "an interface has the same name"
          : alias.type === ""
            ? "the alias has no type"
            : protocolNumbers.has(name) || servicePorts.has(name) || keywords.has(name)
              ? "the name is a word of pf, a protocol or a service"
              : undefined;
  if (why !== undefined)
    report(
      kit.diagnostic("RW6004", `the alias "${name}" makes the whole ruleset fail to load: ${why}`, {
        primary: alias.at,
        help: "rename it; until then pfSense keeps the rules that it loaded before",
      }),
    );
}

/** Words of pf's grammar that cannot be macro names. */
export const keywords: ReadonlySet<string> = new Set(
  (
    "all allow-opts altq anchor antispoof any binat block bitmask const counters debug divert-to drop dup-to fail-policy " +
    "fastroute file flags floating flush for fragment from global group hostid icmp-type icmp6-type if-bound in inet inet6 " +
    "keep label limit load log loginterface match max modulate nat no no-df no-route on optimization os out pass port " +
    "probability proto queue quick random rdr reassemble reply-to require-order return return-icmp return-icmp6 return-rst " +
    "route route-to rtable rule scrub self set skip source-hash state state-policy static-port sticky-address synproxy " +
    "table tag tagged tbrsize timeout to tos ttl urpf-failed user"
  ).split(" "),
);

function contentOfAlias(
  alias: Alias,
  nested: (name: string) => Content | undefined,
  report: (one: Diagnostic) => void,
): Content {
  switch (alias.type) {
    case "host":
    case "network":
    case "":
      return listed(alias, nested, report);
    case "networkgroup":
      return unionContent(
        noContent,
        ...alias.entries.map((name) => nested(name) ?? openContent(`in the alias ${name}`)),
      );
    case "url":
      // What was downloaded when it was saved stands in the text.
      return alias.entries.length > 0 ? listed(alias, nested, report) : downloaded(alias);
    default:
      return downloaded(alias);
  }
}

function downloaded(alias: Alias): Content {
  return openContent(`in the alias ${alias.name}, whose content the firewall fetches (${alias.type})`);
}

function listed(
  alias: Alias,
  nested: (name: string) => Content | undefined,
  report: (one: Diagnostic) => void,
): Content {
  const entries: TableEntry[] = [];
  const parts: Content[] = [];
  const names: string[] = [];
  for (const entry of alias.entries) {
    const not = entry.startsWith("!");
    const text = not ? entry.slice(1) : entry;
    const read = readAddresses(text);
    if (read !== undefined) {
      entries.push({ addresses: read, not });
      continue;
    }
    const other = nested(text);
    if (other !== undefined) {
      if (not) parts.push(openContent(`in the alias ${alias.name}, which leaves out ${text}`));
      else parts.push(other);
    } else if (isHostName(text)) {
      names.push(text);
    } else {
      report(
        kit.diagnostic(
          "RW6003",
          `"${text}" in the alias "${alias.name}" is no address, network, alias or host name, so the firewall leaves it out`,
          {
            primary: alias.at,
          },
        ),
      );
    }
  }
  const content = unionContent({ addresses: tableAddresses(entries), open: [] }, ...parts);
  if (names.length === 0) return content;
  report(
    kit.diagnostic(
      "RW6002",
      `the alias "${alias.name}" holds host names (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}): its addresses are known to the firewall only, and it is empty until they are resolved`,
      { primary: alias.at },
    ),
  );
  return {
    addresses: content.addresses,
    open: [...content.open, ...names.map((name) => ({ words: `an address of ${name}` }))],
    filled: `the host names of the alias ${alias.name} are resolved`,
  };
}

/** A name with a dot, or one label that is not all digits. Source: RFC 1123 section 2.1. */
function isHostName(text: string): boolean {
  return (
    /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?)+\.?$/.test(text) &&
    !/^[\d.]+$/.test(text)
  );
}

function portsOfAlias(
  alias: Alias,
  nested: (name: string) => PortContent | undefined,
  report: (one: Diagnostic) => void,
): PortContent {
  if (alias.type !== "port" && alias.entries.length === 0)
    return { ports: [], open: [`in the alias ${alias.name}, whose content the firewall fetches (${alias.type})`] };
  const intervals: { first: number; last: number }[] = [];
  const open: string[] = [];
  const further: PortContent[] = [];
  for (const entry of alias.entries) {
    const [from, to, more] = entry.split(/[:-]/);
    const first = portNumber(from ?? "");
    const last = to === undefined ? first : portNumber(to);
    const other = nested(entry);
    if (other !== undefined) further.push(other);
    else if (first !== undefined && last !== undefined && first <= last && more === undefined)
      intervals.push({ first, last });
    else
      report(
        kit.diagnostic(
          "RW6003",
          `"${entry}" in the port alias "${alias.name}" is no port, range or port alias, so the firewall leaves it out`,
          {
            primary: alias.at,
          },
        ),
      );
  }
  return {
    ports: kit.union(kit.portNumbers, intervals, ...further.map((one) => one.ports)),
    open: [...open, ...further.flatMap((one) => one.open)],
  };
}
