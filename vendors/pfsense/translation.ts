import type { AddressSet, Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { RuleContext } from "./rule-context.js";
import { contentMatch, contentOf, openContent, portMatch, readAddresses } from "./content.js";
import { portNumber } from "./names.js";
import type { PfRule } from "./pf-rules.js";
import type { Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, has, valueOf } from "./xml.js";

/** A port forward: what arrives for `outer` goes on to `inner`. */
export interface PortForward {
  readonly element: Element;
  readonly interface: string;
  /** Passes without asking any filter rule. */
  readonly passes: boolean;
  /** The packets as they arrive. */
  readonly outer: Match;
  /** The packets as the filter sees them. */
  readonly inner: Match;
  /** Where the packets come from and where they are sent on to; every address where that is not in the text. */
  readonly sources: AddressSet;
  readonly targets: AddressSet;
  /** No range for any port. */
  readonly outerPorts: readonly (readonly [number, number])[];
  readonly innerPorts: readonly (readonly [number, number])[];
}

/** The port forwards of `<nat>` that are in use. */
export function portForwards(root: Element, context: RuleContext): PortForward[] {
  return childrenOf(at(root, "nat"), "rule").flatMap((element) => {
    if (has(element, "disabled") || has(element, "nordr")) return [];
    return [portForward(element, context)];
  });
}

/**
 * The rules that port forwards put before all others: one with `Filter rule association: Pass` lets its packets in
 * without a look at any filter rule. It is met both by the address that a packet arrives for and by the one that it
 * is sent on to, because people speak of either.
 */
export function forwardRules(forwards: readonly PortForward[], context: RuleContext): PfRule[] {
  return forwards
    .filter((forward) => forward.passes)
    .flatMap((forward) => {
      const names = context.interfaces?.named(forward.interface) ?? [forward.interface];
      const descr = kit.plainLine(valueOf(forward.element, "descr"), 60);
      context.report(
        kit.diagnostic(
          "RW6007",
          `the port forward ${descr === "" ? "" : `"${descr}" `}on ${forward.interface} passes its packets without asking any filter rule`,
          {
            primary: elementSpan(forward.element),
            severity: "warning",
            help: "let it add an associated filter rule instead of Pass",
          },
        ),
      );
      return [
        {
          action: "pass" as const,
          directions: ["in" as const],
          on: { names, not: false },
          match: kit.any(forward.outer, forward.inner),
          quick: true,
          log: false,
          origin: {
            label: kit.labelOf(`port forward that passes (${forward.interface}) ${descr}`),
            span: elementSpan(forward.element),
          },
        },
      ];
    });
}

/** Says that addresses are rewritten around the filter, where they are. */
export function reportTranslation(root: Element, forwards: readonly PortForward[], context: RuleContext): void {
  const nat = at(root, "nat");
  if (nat === undefined) return;
  const note = (words: string, element: Element): void =>
    context.report(kit.diagnostic("RW6007", words, { primary: elementSpan(element) }));
  if (forwards.length > 0)
    note(
      `${forwards.length} port forward${forwards.length === 1 ? "" : "s"}: rules for packets coming in see the address and port behind the forward`,
      forwards[0]!.element,
    );
  const outbound = child(nat, "outbound");
  if (translatesSources(root))
    note(
      "sources are rewritten on the way out: rules for packets going out see the address of the firewall",
      outbound ?? nat,
    );
  const prefixes = childrenOf(nat, "npt");
  if (prefixes.length > 0)
    note("network prefix translation: IPv6 prefixes are rewritten in both directions", prefixes[0]!);
  const oneToOne = childrenOf(nat, "onetoone");
  if (oneToOne.length > 0) note("1:1 translation: rules for packets coming in see the inside address", oneToOne[0]!);
}

/** Whether sources are rewritten on the way out: automatically when nothing is said, and wherever a prefix or a host is mapped. */
export function translatesSources(root: Element): boolean {
  const nat = at(root, "nat");
  return valueOf(child(nat, "outbound"), "mode") !== "disabled" || has(nat, "npt") || has(nat, "onetoone");
}

function portForward(element: Element, context: RuleContext): PortForward {
  const family = valueOf(element, "ipprotocol") === "inet6" ? "ipv6" : "ipv4";
  const words = valueOf(element, "protocol").toLowerCase();
  const protocols =
    words === "tcp/udp"
      ? [kit.protocols.tcp, kit.protocols.udp]
      : words === "tcp" || words === "udp"
        ? [kit.protocols[words]]
        : [];
  const protocol =
    protocols.length > 0
      ? kit.ofProtocol(...protocols)
      : words === "" || words === "any"
        ? kit.everyPacket
        : kit.condition(`the protocol is ${words}`);
  const destination = child(element, "destination");
  const outerPorts = portsOf(valueOf(destination, "port"), context);
  const innerPorts = localPorts(valueOf(element, "local-port"), outerPorts, context);
  const source = endMatch(child(element, "source"), "source", context);
  const ports = (ranges: readonly (readonly [number, number])[]): Match =>
    ranges.length === 0 ? kit.everyPacket : kit.numberIn("destination-port", ...ranges);
  const target = valueOf(element, "target");
  const inner =
    context.aliases.addresses(target) ??
    (readAddresses(target) === undefined
      ? openContent(`the target ${target} of a port forward`)
      : contentOf(readAddresses(target)!));
  return {
    element,
    interface: valueOf(element, "interface") || "wan",
    passes: valueOf(element, "associated-rule-id") === "pass",
    outer: kit.all(
      kit.ofFamily(family),
      protocol,
      source,
      endMatch(destination, "destination", context),
      ports(outerPorts),
    ),
    inner: kit.all(kit.ofFamily(family), protocol, source, contentMatch(inner, "destination"), ports(innerPorts)),
    sources: knownAddresses(child(element, "source"), context),
    targets: inner.open.length > 0 ? kit.anyAddress : inner.addresses,
    outerPorts,
    innerPorts,
  };
}

function knownAddresses(side: Element | undefined, context: RuleContext): AddressSet {
  const word = valueOf(side, "address") || valueOf(side, "network");
  const alias = context.aliases.addresses(word);
  const literal = readAddresses(word);
  if (side === undefined || has(side, "any") || has(side, "not")) return kit.anyAddress;
  if (alias !== undefined) return alias.open.length > 0 ? kit.anyAddress : alias.addresses;
  return literal ?? kit.anyAddress;
}

function endMatch(side: Element | undefined, end: "source" | "destination", context: RuleContext): Match {
  if (side === undefined || has(side, "any")) return kit.everyPacket;
  const word = valueOf(side, "network") || valueOf(side, "address");
  const own = word.endsWith("ip") ? context.interfaces?.address(word.slice(0, -2)) : undefined;
  const content =
    (word === "(self)" ? context.interfaces?.self : undefined) ??
    own ??
    context.interfaces?.network(word) ??
    context.aliases.addresses(word);
  const literal = readAddresses(word);
  const match = contentMatch(content ?? (literal === undefined ? openContent(`of ${word}`) : contentOf(literal)), end);
  return kit.all(has(side, "not") ? kit.not(match) : match, sourcePort(side, end, context));
}

function sourcePort(side: Element, end: "source" | "destination", context: RuleContext): Match {
  if (end !== "source" || valueOf(side, "port") === "") return kit.everyPacket;
  const alias = context.aliases.ports(valueOf(side, "port"));
  if (alias !== undefined) return portMatch(alias, "source");
  const ranges = portsOf(valueOf(side, "port"), context);
  return ranges.length === 0 ? kit.everyPacket : kit.numberIn("source-port", ...ranges);
}

/** No range for any port. */
function portsOf(text: string, context: RuleContext): (readonly [number, number])[] {
  const alias = context.aliases.ports(text);
  if (alias !== undefined) return alias.ports.map(({ first, last }) => [first, last] as const);
  const [from, to] = text.split(/[-:]/);
  const first = portNumber(from ?? "");
  const last = to === undefined ? first : portNumber(to);
  return first === undefined || last === undefined || first > last ? [] : [[first, last]];
}

/** The local port is the first of as many as the outer range has. */
function localPorts(
  text: string,
  outer: readonly (readonly [number, number])[],
  context: RuleContext,
): (readonly [number, number])[] {
  if (text === "") return [...outer];
  const local = portsOf(text, context);
  const only = local[0];
  if (local.length !== 1 || outer.length !== 1 || only === undefined || only[0] !== only[1]) return local;
  const [first, last] = outer[0]!;
  return [[only[0], Math.min(65535, only[0] + last - first)]];
}
