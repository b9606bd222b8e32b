import type { Family, Match, Origin, Span } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { icmp6Types, icmpTypes, protocolNumbers } from "./names.js";
import type { PfDirection, PfRule } from "./pf-rules.js";
import type { RuleContext } from "./rule-context.js";
import { failsOpen, set } from "./rule-context.js";
import type { ReadProtocol } from "./rule-ends.js";
import { addressOf, portOf } from "./rule-ends.js";
import type { Element } from "./xml.js";
import { child, elementSpan, has, valueOf } from "./xml.js";

/**
 * The pf rules that pfSense writes for one `<rule>`, in order; none for a disabled rule and for one that it leaves out
 * (with a diagnostic).
 *
 * Source: pfSense src/etc/inc/filter.inc, functions filter_generate_user_rule, filter_generate_address and
 * filter_generate_port.
 */
export function filterRule(element: Element, context: RuleContext): PfRule[] {
  if (set(element, "disabled", context)) return [];
  const name = ruleName(element);
  const origin: Origin = { label: kit.labelOf(name), span: elementSpan(element) };
  const floating = has(element, "floating");
  const on = boundTo(element, floating, name, context);
  if (on === "nowhere") return [];

  checkTracker(element, name, context);
  const conditions = ruleConditions(element, context);
  const action = conditions.unread.length > 0 ? "unknown" : actionOf(element, name, context);
  const shared = {
    directions: directionsOf(element, floating, context),
    ...(on !== undefined && { on: { names: on, not: false } }),
    // pfSense writes `quick` for a floating rule where the flag is there, OPNsense also reads its value.
    quick: isQuick(element, floating, context),
    log: set(element, "log", context),
    ...(valueOf(element, "tag") !== "" && { tag: valueOf(element, "tag") }),
    ...(valueOf(element, "tagged") !== "" && {
      tagged: { name: valueOf(element, "tagged"), not: has(element, "nottagged") },
    }),
    origin,
  };

  const rules: PfRule[] = [];
  for (const family of familiesOf(element, name, context)) {
    const packets = packetsOf(element, family, name, context);
    if (packets === undefined) continue;
    const match = kit.all(kit.ofFamily(family), packets, ...conditions.matches);
    const limit = action === "pass" ? limitOf(element) : undefined;
    if (limit === undefined) rules.push({ ...shared, action, match });
    else rules.push(...limited(shared, match, limit));
  }
  return rules;
}

/** For messages: `pass rule "Allow DNS" (wan)`. */
function ruleName(element: Element): string {
  const type = valueOf(element, "type") || "pass";
  const where = valueOf(element, "interface") || "any interface";
  const descr = kit.plainLine(valueOf(element, "descr"), 80);
  return `${type} rule ${descr === "" ? "" : `"${descr}" `}(${where})`;
}

/** pfSense writes the tracker into the rule, and pfctl takes a number below 2^32 there. */
function checkTracker(element: Element, name: string, context: RuleContext): void {
  const text = valueOf(element, "tracker");
  if (text === "" || (/^\d{1,12}$/.test(text) && Number(text) < 2 ** 32) || context.dialect === "opnsense") return;
  context.report(
    kit.diagnostic(
      "RW6004",
      `${name} has the tracker "${kit.plainLine(text, 40)}", which is no number below 4294967296: the whole ruleset fails to load`,
      { primary: elementSpan(child(element, "tracker")!), help: "take the tracker out; pfSense gives it a new one" },
    ),
  );
}

function isQuick(element: Element, floating: boolean, context: RuleContext): boolean {
  if (context.dialect === "opnsense")
    return floating ? set(element, "quick", context) : valueOf(element, "quick") !== "0";
  return !floating || has(element, "quick");
}

function actionOf(element: Element, name: string, context: RuleContext): PfRule["action"] {
  const type = valueOf(element, "type");
  if (type === "pass" || type === "block" || type === "reject" || type === "match") return type;
  // The rule that belongs to a port forward has no type when pfSense makes it.
  const made = type === "" && has(element, "associated-rule-id");
  if (!made && (type !== "" || context.dialect === "pfsense"))
    context.report(
      kit.diagnostic(
        "RW6003",
        type === ""
          ? `${name} has no type, so the firewall lets the packets pass`
          : `${name} has the type "${type}", which the firewall takes as pass`,
        { primary: elementSpan(child(element, "type") ?? element), help: "write pass, block, reject or match" },
      ),
    );
  return "pass";
}

function directionsOf(element: Element, floating: boolean, context: RuleContext): readonly PfDirection[] {
  if (!floating && context.dialect === "pfsense") return ["in"];
  const text = valueOf(element, "direction");
  if (text === "in" || (text === "" && !floating)) return ["in"];
  return text === "out" ? ["out"] : ["in", "out"];
}

/** The interfaces of a rule; undefined for all of them. */
function boundTo(
  element: Element,
  floating: boolean,
  name: string,
  context: RuleContext,
): readonly string[] | undefined | "nowhere" {
  const text = valueOf(element, "interface");
  if (floating && (text === "" || text === "any")) return undefined;
  const words = floating || context.dialect === "opnsense" ? text.split(",").map((word) => word.trim()) : [text];
  const names = words.flatMap(
    (word) => context.interfaces?.named(word) ?? (context.interfaces === undefined ? [word] : []),
  );
  if (names.length > 0) return [...new Set(names)];
  context.report(
    kit.diagnostic(
      "RW6005",
      `${name} is for the interface "${text}", which is not defined or not enabled: the rule is left out${failsOpen(element)}`,
      {
        primary: elementSpan(child(element, "interface") ?? element),
        help: `use one of: ${context.interfaces?.all.map((one) => one.name).join(", ") ?? ""}`,
      },
    ),
  );
  return "nowhere";
}

function familiesOf(element: Element, name: string, context: RuleContext): readonly Family[] {
  const text = valueOf(element, "ipprotocol");
  switch (text) {
    case "inet":
      return ["ipv4"];
    case "inet6":
      return ["ipv6"];
    case "inet46":
      return ["ipv4", "ipv6"];
    default:
      if (context.dialect === "opnsense" && text === "") return ["ipv4", "ipv6"];
      context.report(
        kit.diagnostic(
          "RW6003",
          `${name} ${text === "" ? "has no ipprotocol" : `has the ipprotocol "${text}"`}, so it speaks of IPv4 only`,
          {
            primary: elementSpan(child(element, "ipprotocol") ?? element),
            help: "write inet46 for both families",
            severity: text === "" ? "note" : "warning",
          },
        ),
      );
      return ["ipv4"];
  }
}

/** What the rule asks of packets of one family; undefined when the rule is left out for that family. */
function packetsOf(element: Element, family: Family, name: string, context: RuleContext): Match | undefined {
  const protocol = protocolOf(element, family, name, context);
  const parts: Match[] = [protocol.match];
  for (const end of ["source", "destination"] as const) {
    const address = addressOf(child(element, end), end, family, element, name, context);
    if (address === undefined) return undefined;
    parts.push(address);
    const port = valueOf(child(element, end), "port") || valueOf(element, `${end}_port`);
    if (port === "") continue;
    const ports = portOf(port, end, protocol, element, name, context);
    if (ports === undefined) return undefined;
    parts.push(ports);
  }
  parts.push(icmpOf(element, family, name, context), flagsOf(element, name, context));
  return kit.all(...parts);
}

function protocolOf(element: Element, family: Family, name: string, context: RuleContext): ReadProtocol {
  const text = valueOf(element, "protocol").toLowerCase();
  const port = valueOf(child(element, "source"), "port") || valueOf(child(element, "destination"), "port");
  switch (text) {
    case "":
      if (port === "" || context.dialect === "opnsense") return { match: kit.everyPacket, ports: "left out" };
      context.report(
        kit.diagnostic(
          "RW6003",
          `${name} has a port and no protocol: the firewall makes it a rule for TCP only, and newer releases lose the port`,
          {
            primary: elementSpan(element),
            help: "write the protocol",
          },
        ),
      );
      return { match: kit.ofProtocol(kit.protocols.tcp), ports: "lost" };
    case "any":
      return { match: kit.everyPacket, ports: "left out" };
    case "tcp/udp":
      return { match: kit.ofProtocol(kit.protocols.tcp, kit.protocols.udp), ports: "written" };
    case "tcp":
    case "udp":
      return { match: kit.ofProtocol(kit.protocols[text]), ports: "written" };
    case "sctp":
      return { match: kit.ofProtocol(kit.protocols.sctp), ports: "written" };
    case "icmp":
      return {
        match: kit.ofProtocol(family === "ipv4" ? kit.protocols.icmp : kit.protocols.icmpv6),
        ports: "left out",
      };
    default: {
      const number = /^\d{1,3}$/.test(text) ? Number(text) : protocolNumbers.get(text);
      if (number !== undefined && number <= 255) return { match: kit.ofProtocol(number), ports: "left out" };
      context.report(
        kit.diagnostic("RW6001", `${name} has the protocol "${text}", which is not known here`, {
          primary: elementSpan(child(element, "protocol") ?? element),
        }),
      );
      return { match: kit.condition(`the protocol is ${text}`), ports: "left out" };
    }
  }
}

function icmpOf(element: Element, family: Family, name: string, context: RuleContext): Match {
  const text = valueOf(element, "icmptype");
  if (text === "" || text === "any" || valueOf(element, "protocol") !== "icmp") return kit.everyPacket;
  const table = family === "ipv4" ? icmpTypes : icmp6Types;
  const types: (readonly [number, number])[] = [];
  for (const word of text.split(",")) {
    const type = /^\d{1,3}$/.test(word) ? Number(word) : table.get(word.trim());
    if (type !== undefined && type <= 255) types.push([type, type]);
    else
      context.report(
        kit.diagnostic(
          "RW6004",
          `${name} has the ICMP type "${kit.plainLine(word, 40)}", which ${family === "ipv4" ? "ICMP" : "ICMPv6"} does not have: the whole ruleset fails to load`,
          {
            primary: elementSpan(child(element, "icmptype")!),
          },
        ),
      );
  }
  return types.length === 0 ? kit.noPacket : kit.numberIn("icmp-type", ...types);
}

const flagLetters: ReadonlyMap<string, number> = new Map([
  ["f", kit.tcpFlags.fin],
  ["s", kit.tcpFlags.syn],
  ["r", kit.tcpFlags.rst],
  ["p", kit.tcpFlags.psh],
  ["a", kit.tcpFlags.ack],
  ["u", kit.tcpFlags.urg],
  ["e", kit.tcpFlags.ece],
  ["c", kit.tcpFlags.cwr],
  ["w", kit.tcpFlags.cwr],
]);

/** pfSense adds `flags S/SA` to every rule whose protocol is TCP, block rules too; pf adds it to what passes statefully. */
function flagsOf(element: Element, name: string, context: RuleContext): Match {
  const protocol = valueOf(element, "protocol").toLowerCase();
  const type = valueOf(element, "type");
  const passes = type !== "block" && type !== "reject" && type !== "match";
  if (protocol === "tcp") {
    if (set(element, "tcpflags_any", context)) return kit.everyPacket;
    const of = valueOf(element, "tcpflags2");
    if (of !== "") return kit.withTcpFlags(flagBits(of), flagBits(valueOf(element, "tcpflags1")) & flagBits(of));
    return context.dialect === "opnsense" && !passes ? kit.everyPacket : startsConnection;
  }
  if (!passes || valueOf(element, "statetype") === "none") return kit.everyPacket;
  // Without a protocol, and for tcp/udp, pf itself asks for S/SA of TCP packets.
  return protocol === "" || protocol === "any" || protocol === "tcp/udp" || protocol === "6"
    ? kit.any(kit.not(kit.ofProtocol(kit.protocols.tcp)), startsConnection)
    : kit.everyPacket;
}

const startsConnection = kit.withTcpFlags(kit.tcpFlags.syn | kit.tcpFlags.ack, kit.tcpFlags.syn);

function flagBits(text: string): number {
  return text.split(",").reduce((bits, word) => bits | (flagLetters.get(word.trim().charAt(0).toLowerCase()) ?? 0), 0);
}

/** Further things that a rule asks, and child elements that mean nothing known. */
function ruleConditions(
  element: Element,
  context: RuleContext,
): { matches: readonly Match[]; unread: readonly Span[] } {
  const matches: Match[] = [];
  const unread: Span[] = [];
  const schedule = valueOf(element, "sched");
  if (schedule !== "" && schedule !== "none") {
    if (context.schedules.has(schedule) || context.interfaces === undefined) {
      matches.push(kit.condition(`the schedule ${schedule} is on`));
      note(`holds while the schedule "${schedule}" is on`);
    } else
      context.report(
        kit.diagnostic(
          "RW6005",
          `${ruleName(element)} has the schedule "${schedule}", which is not defined: the rule always holds`,
          {
            primary: elementSpan(child(element, "sched")!),
          },
        ),
      );
  }
  if (valueOf(element, "os") !== "" && valueOf(element, "protocol") === "tcp") {
    matches.push(kit.varying(`the sender's TCP looks like ${valueOf(element, "os")}`));
    note("asks for the sender's operating system");
  }
  for (const field of ["dscp", "vlanprio"])
    if (valueOf(element, field) !== "" && valueOf(element, field) !== "none") {
      matches.push(kit.varying(`the packet's ${field} is ${valueOf(element, field)}`));
      note(`asks for ${field}`);
    }
  for (const one of element.children) {
    if (knownFields.has(one.name)) continue;
    unread.push(elementSpan(one));
    context.report(
      kit.diagnostic("RW6001", `<${one.name}> is not known here, so what ${ruleName(element)} does is unknown`, {
        primary: elementSpan(one),
      }),
    );
  }
  return { matches, unread };

  function note(words: string): void {
    context.report(kit.diagnostic("RW6002", `${ruleName(element)} ${words}`, { primary: elementSpan(element) }));
  }
}

/** Every field of a rule that pfSense or OPNsense write. Those without a case above change no verdict. */
const knownFields: ReadonlySet<string> = new Set(
  (
    "id tracker type interface ipprotocol tag tagged nottagged max max-src-nodes max-src-conn max-src-states max-src-conn-rate " +
    "max-src-conn-rates statetimeout statetype statepolicy os protocol source destination descr updated created floating " +
    "direction quick disabled log icmptype icmp6-type tcpflags1 tcpflags2 tcpflags_any allowopts disablereplyto gateway " +
    "sched associated-rule-id dscp vlanprio vlanprioset nopfsync nosync ackqueue defaultqueue dnpipe pdnpipe source-track " +
    "sloppy l7container urltable reply-to category noxmlrpc any frags overload adaptivestart adaptiveend label labels " +
    // OPNsense
    "enabled sequence action source_net source_not source_port destination_net destination_not destination_port description " +
    "interfacenot state-policy set-prio set-prio-low prio tos udp-first udp-multiple categories replyto shaper1 shaper2 uuid " +
    "prio_group sort_order statetype nopfsync statetimeout rate"
  ).split(" "),
);

function limitOf(element: Element): string | undefined {
  const limits = ["max", "max-src-nodes", "max-src-conn", "max-src-states", "max-src-conn-rate"].filter(
    (field) => valueOf(element, field) !== "" && valueOf(element, field) !== "0",
  );
  return limits.length === 0
    ? undefined
    : `${limits.map((field) => `${field} ${valueOf(element, field)}`).join(", ")} of the ${ruleName(element)}${identity(element)} is not reached`;
}

/** Two rules of one name are told apart by their trackers, and not by their places, which differ between two versions. */
function identity(element: Element): string {
  const tracker = valueOf(element, "tracker");
  return tracker === "" ? "" : `, tracker ${kit.plainLine(tracker, 20)},`;
}

/** A pass rule whose state cannot be made, because a limit is reached, drops the packet. */
export function limited(shared: Omit<PfRule, "action" | "match">, match: Match, limit: string): PfRule[] {
  const pass: PfRule = { ...shared, action: "pass", match: kit.all(match, kit.varying(limit)) };
  const block: PfRule = { ...shared, action: "block", match };
  return shared.quick ? [pass, block] : [block, pass];
}
