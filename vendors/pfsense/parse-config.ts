import type { Device, Diagnostic, Match, ParseOptions, Parsed, Source } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { readAliases } from "./aliases.js";
import type { RuleContext } from "./rule-context.js";
import { configInventory } from "./config-inventory.js";
import { filterRule } from "./filter-rules.js";
import type { Interfaces } from "./interfaces.js";
import { deviceInterfaces, readInterfaces } from "./interfaces.js";
import type { PfRule } from "./pf-rules.js";
import { pfPaths } from "./pf-rules.js";
import { systemRules } from "./system-rules.js";
import { forwardRules, portForwards, reportTranslation } from "./translation.js";
import type { Document, Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, has, readXml, valueOf } from "./xml.js";

/**
 * A config.xml of pfSense or OPNsense, or the sections `<aliases>` and `<filter>` of one, each in a file of its own.
 *
 * A whole configuration has pfSense's own rules and its default deny; of sections alone nothing is said about packets
 * that their rules leave alone.
 */
export function readConfig(sources: readonly Source[], options: ParseOptions): Parsed {
  return readDocuments(sources.map(readXml), options);
}

/** As {@link readConfig}, for texts that were read before. */
export function readDocuments(documents: readonly Document[], options: ParseOptions): Parsed {
  const diagnostics: Diagnostic[] = [];
  const failures: Diagnostic[] = [];
  const report = (one: Diagnostic): void => {
    diagnostics.push(one);
    if (one.code === "RW6004") failures.push(one);
  };

  const roots: Element[] = [];
  for (const document of documents) {
    const { source } = document;
    for (const problem of document.problems.slice(0, 3))
      report(
        kit.diagnostic("RW6004", `this is not well-formed XML, and pfSense refuses the file: ${problem.message}`, {
          primary: problem.at,
        }),
      );
    if (document.root !== undefined) roots.push(document.root);
    else
      report(
        kit.diagnostic("RW6001", "there is no XML element here", {
          primary: kit.span(source, 0, Math.min(1, source.text.length)),
        }),
      );
  }

  const whole = roots.find((root) => root.name === "pfsense" || root.name === "opnsense");
  const root = whole ?? joinSections(roots);
  const dialect = whole?.name === "opnsense" ? "opnsense" : "pfsense";
  const interfaces = whole === undefined ? undefined : readInterfaces(whole);
  const aliases = readAliases(root, dialect, new Set(interfaces?.all.map((one) => one.description)), report);
  const context: RuleContext = {
    dialect,
    aliases,
    interfaces,
    schedules: schedulesOf(root),
    report,
  };
  for (const other of roots)
    if (other !== root && !["aliases", "filter"].includes(other.name))
      report(
        kit.diagnostic("RW6001", `<${other.name}> is not a section of a firewall configuration that is known here`, {
          primary: elementSpan(other),
        }),
      );

  const rules = whole === undefined ? ownRules(root, context) : wholeRuleset(whole, context);
  if (failures.length > 0) rules.unshift(refused(failures[0]!));
  const device: Device = {
    name: documents.map(({ source }) => source.path).join(" and "),
    paths: pathsOf(rules, whole, root),
    interfaces: interfaces === undefined ? wordsAsInterfaces(rules, options) : deviceInterfaces(interfaces),
  };
  return { device, diagnostics, inventory: configInventory(roots, root, context, modernRule, device) };
}

/**
 * What becomes of packets that rules of ours in front of the owner's accept, drop or reject: pfSense's own rules are
 * asked before them, and the rules of a second interface besides them. `root` is that of a whole configuration.
 */
export function decidedDevices(
  root: Element,
  outside: readonly string[],
): Readonly<Record<"accepted" | "dropped" | "rejected", Device>> {
  const context = silentContext(root);
  const [before, behind] = [pfSenseRules(root, context), ownRules(root, context)];
  const further = furtherRules(root, context.report);
  const device = (action: "pass" | "block" | "reject"): Device => ({
    name: `${root.source.path} with a ${action} of everything at the edge`,
    paths: pathsOf(
      [
        ...further.before,
        ...before,
        {
          action,
          directions: ["in", "out"],
          match: kit.everyPacket,
          quick: true,
          log: false,
          on: { names: outside, not: false },
          origin: { label: "our rules" },
        },
        ...behind,
        ...further.behind,
      ],
      root,
      root,
    ),
    interfaces: deviceInterfaces(context.interfaces!),
  });
  return { accepted: device("pass"), dropped: device("block"), rejected: device("reject") };
}

/** A context of a whole configuration that says nothing: for texts whose diagnostics were given before. */
export function silentContext(root: Element): RuleContext {
  const interfaces = readInterfaces(root);
  const report = (): void => undefined;
  return {
    dialect: "pfsense",
    aliases: readAliases(root, "pfsense", new Set(interfaces.all.map((one) => one.description)), report),
    interfaces,
    schedules: schedulesOf(root),
    report,
  };
}

function schedulesOf(root: Element): ReadonlySet<string> {
  return new Set(childrenOf(at(root, "schedules"), "schedule").map((one) => valueOf(one, "name")));
}

function wholeRuleset(root: Element, context: RuleContext): PfRule[] {
  const system = at(root, "system");
  if (has(system, "disablefilter")) {
    context.report(
      kit.diagnostic("RW6003", "packet filtering is switched off (disablefilter): everything passes", {
        primary: elementSpan(child(system, "disablefilter")!),
      }),
    );
    return [];
  }
  const unscrubbed = child(system, "disablescrub");
  if (unscrubbed !== undefined) {
    context.report(
      kit.diagnostic("RW6003", "scrubbing is switched off: later fragments of a packet pass by rules with ports", {
        primary: elementSpan(unscrubbed),
        help: "switch it on under System > Advanced > Firewall & NAT",
      }),
    );
  }
  const forwards = portForwards(root, context);
  reportTranslation(root, forwards, context);
  const further = furtherRules(root, context.report);
  return [
    ...forwardRules(forwards, context),
    ...further.before,
    ...pfSenseRules(root, context),
    ...ownRules(root, context),
    ...further.behind,
  ];
}

function pfSenseRules(root: Element, context: RuleContext): PfRule[] {
  return systemRules(root, context.interfaces!, context.dialect);
}

function pathsOf(rules: readonly PfRule[], whole: Element | undefined, root: Element): Device["paths"] {
  return pfPaths(
    rules,
    whole === undefined
      ? { verdict: "continue", origin: { label: "the rest of the configuration is not in this text" } }
      : { verdict: "accept", origin: { label: "pf passes what no rule matches" } },
    new Set(
      childrenOf(at(root, "nat"), "rule")
        .map((one) => valueOf(one, "tag"))
        .filter((tag) => tag !== ""),
    ),
  );
}

/** pfSense loads a ruleset as a whole or not at all: then it keeps the rules that it had, which are not in the text. */
function refused(why: Diagnostic): PfRule {
  return {
    action: "unknown",
    directions: ["in", "out"],
    match: kit.everyPacket,
    quick: true,
    log: false,
    origin: {
      label: "this configuration is refused as a whole",
      ...(why.primary && { span: why.primary }),
      implied: true,
    },
  };
}

/** Sections from several files as the children of one root. */
function joinSections(roots: readonly Element[]): Element {
  const first = roots[0];
  return {
    name: "",
    source: first?.source ?? { path: "", text: "" },
    start: 0,
    openEnd: 0,
    closeStart: 0,
    end: 0,
    children: [...roots],
    text: "",
  };
}

/** Floating rules first, then those of interface groups, then those of interfaces. */
function ownRules(root: Element, context: RuleContext): PfRule[] {
  const modern = at(root, "OPNsense", "Firewall", "Filter", "rules");
  for (const section of childrenOf(root, "filter"))
    for (const one of section.children)
      if (!["rule", "separator", "bypassstaticroutes", "tcpidletimeout"].includes(one.name))
        context.report(
          kit.diagnostic("RW6001", `<${one.name}> in <filter> is not known here`, { primary: elementSpan(one) }),
        );
  const elements = [
    ...childrenOf(modern, "rule").filter((one) => valueOf(one, "enabled") !== "0"),
    ...childrenOf(root, "filter").flatMap((section) => childrenOf(section, "rule")),
  ];
  const tiers: Element[][] = [[], [], []];
  for (const element of elements) tiers[tierOf(element, modern, context.interfaces)]!.push(element);
  return tiers
    .flat()
    .flatMap((element) =>
      filterRule(modern !== undefined && !has(element, "type") ? modernRule(element) : element, context),
    );
}

function tierOf(element: Element, modern: Element | undefined, interfaces: Interfaces | undefined): 0 | 1 | 2 {
  if (has(element, "floating")) return 0;
  const word = valueOf(element, "interface");
  if (modern !== undefined && has(element, "action") && (word === "" || word.includes(","))) return 0;
  return interfaces?.isGroup(word) === true ? 1 : 2;
}

/** A rule below `<OPNsense>` in the words of the older form: `action` is its `type`. */
function modernRule(element: Element): Element {
  const renamed = element.children.map((one) => (one.name === "action" ? { ...one, name: "type" } : one));
  const word = valueOf(element, "interface");
  const floats = word === "" || word.includes(",");
  const yes: Element = { ...element, name: "floating", children: [], text: "yes" };
  return { ...element, children: floats ? [...renamed, yes] : renamed };
}

/** What further parts of the system decide, for peers, clients and mappings that only the running firewall knows. */
function furtherRules(root: Element, report: (one: Diagnostic) => void): { before: PfRule[]; behind: PfRule[] } {
  const rule = (
    action: "pass" | "block" | "unknown",
    element: Element,
    words: string,
    match: Match,
    rest: Partial<PfRule> = {},
  ): PfRule => {
    report(kit.diagnostic("RW6002", `${words}: that is known to the firewall only`, { primary: elementSpan(element) }));
    return {
      action,
      directions: ["in"],
      match: kit.all(match, kit.condition(words)),
      quick: true,
      log: false,
      origin: { label: kit.labelOf(words), span: elementSpan(element), implied: true },
      ...rest,
    };
  };
  const portals = (at(root, "captiveportal")?.children ?? []).filter((zone) => has(zone, "enable"));
  const phase1 = childrenOf(at(root, "ipsec"), "phase1").find((one) => !has(one, "disabled"));
  const upnp = at(root, "installedpackages", "miniupnpd", "config");
  const routes = at(root, "filter", "bypassstaticroutes");
  return {
    before: portals.map((zone) =>
      rule("block", zone, `the client has not logged in to the captive portal ${zone.name}`, kit.everyPacket, {
        on: { names: valueOf(zone, "interface").split(","), not: false },
      }),
    ),
    behind: [
      ...(routes === undefined
        ? []
        : [
            rule("pass", routes, "the packet is between networks routed behind one interface", kit.everyPacket, {
              directions: ["in", "out"],
            }),
          ]),
      ...(phase1 === undefined || has(at(root, "system"), "disablevpnrules")
        ? []
        : [
            rule("pass", phase1, "the packet is of an IPsec tunnel with a configured peer", ipsec, {
              directions: ["in", "out"],
              quick: false,
            }),
          ]),
      ...(upnp !== undefined && valueOf(upnp, "enable") === "on"
        ? [rule("pass", upnp, "a client has opened the port by UPnP or NAT-PMP", kit.everyPacket)]
        : []),
    ],
  };
}

const ipsec: Match = kit.any(
  kit.all(
    kit.ofProtocol(kit.protocols.udp),
    kit.any(
      kit.numberIn("destination-port", [500, 500], [4500, 4500]),
      kit.numberIn("source-port", [500, 500], [4500, 4500]),
    ),
  ),
  kit.ofProtocol(kit.protocols.esp, kit.protocols.ah),
);

function wordsAsInterfaces(rules: readonly PfRule[], options: ParseOptions): Device["interfaces"] {
  const names = new Set(rules.flatMap((rule) => rule.on?.names ?? []));
  return [...names].map((name) => ({
    name,
    ...(name === "wan" || options.outside?.includes(name) === true
      ? { side: "outside" as const }
      : name === "lan" && { side: "inside" as const }),
  }));
}
