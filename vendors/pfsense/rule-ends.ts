import type { Family, Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentMatch, contentOf, openContent, portMatch, readAddresses } from "./content.js";
import { portNumber } from "./names.js";
import type { RuleContext } from "./rule-context.js";
import { failsOpen, set } from "./rule-context.js";
import type { Element } from "./xml.js";
import { child, elementSpan, has, valueOf } from "./xml.js";

/** The protocol of a rule. */
export interface ReadProtocol {
  readonly match: Match;
  /** Whether pfSense writes ports for it. */
  readonly ports: "written" | "left out" | "lost";
}

/** The addresses of one end, for packets of one family; undefined when the rule is left out. */
export function addressOf(
  side: Element | undefined,
  end: "source" | "destination",
  family: Family,
  element: Element,
  name: string,
  context: RuleContext,
): Match | undefined {
  const flat = side === undefined ? valueOf(element, `${end}_net`) : "";
  if (has(side, "any") || flat === "any") return kit.everyPacket;
  const network = valueOf(side, "network");
  const place = elementSpan(child(side, network === "" ? "address" : "network") ?? side ?? element);
  const address = valueOf(side, "address") || flat;
  const not = side === undefined ? valueOf(element, `${end}_not`) === "1" : set(side, "not", context);
  const word = network !== "" ? network : address;
  if (word === "") {
    if (context.dialect === "opnsense") return kit.everyPacket;
    return leftOut(`has no ${end} address`);
  }
  if (word === "any") return kit.everyPacket;

  const content =
    network !== "" || context.dialect === "opnsense"
      ? (networkContent(word, context) ?? literalContent(word, context))
      : literalContent(word, context);
  if (content === undefined) {
    return leftOut(
      `has the ${end} "${kit.plainLine(word, 60)}", which is no address, network or alias${kit.didYouMean(word, context.aliases.names.slice(0, 500))}`,
    );
  }
  const literal = context.aliases.has(word) ? undefined : readAddresses(word);
  if (literal !== undefined && (family === "ipv4" ? literal.ipv4 : literal.ipv6).length === 0 && network === "") {
    if (context.dialect === "pfsense")
      context.report(
        kit.diagnostic(
          "RW6004",
          `${name} speaks of ${family === "ipv4" ? "IPv4" : "IPv6"} and has the ${end} ${word} of the other family: the whole ruleset fails to load`,
          {
            primary: place,
            help: "put the address into an alias, or write the ipprotocol of its family",
          },
        ),
      );
    return undefined;
  }
  if (not && context.aliases.isEmpty(word))
    context.report(
      kit.diagnostic("RW6003", `${name} leaves out the alias "${word}", which is empty: the rule meets every ${end}`, {
        primary: place,
      }),
    );
  const match = contentMatch(content, end);
  return not ? kit.not(match) : match;

  function leftOut(why: string): undefined {
    context.report(
      kit.diagnostic("RW6005", `${name} ${why}: the rule is left out${failsOpen(element)}`, {
        primary: place,
        help: "define the alias, or correct the name",
      }),
    );
    return undefined;
  }
}

function networkContent(word: string, context: RuleContext): Content | undefined {
  if (context.interfaces === undefined) {
    if (word === "(self)") return openContent("an address of the firewall");
    return /^(wan|lan|opt\d+)(ip)?$/.test(word)
      ? openContent(`of ${word}, whose addresses are not in this text`)
      : undefined;
  }
  if (word === "(self)") return context.interfaces.self;
  return word.endsWith("ip") && context.interfaces.network(word) === undefined
    ? context.interfaces.address(word.slice(0, -2))
    : context.interfaces.network(word);
}

function literalContent(word: string, context: RuleContext): Content | undefined {
  const alias = context.aliases.addresses(word);
  if (alias !== undefined) return alias;
  if (context.aliases.has(word)) return undefined;
  // A range is an address for an alias, not for a rule.
  const literal = word.includes("-") ? undefined : readAddresses(word);
  if (literal !== undefined) return contentOf(literal);
  return context.dialect === "opnsense" && word.includes(",") ? listedContent(word.split(","), context) : undefined;
}

function listedContent(words: readonly string[], context: RuleContext): Content | undefined {
  const parts = words.map((word) => networkContent(word.trim(), context) ?? literalContent(word.trim(), context));
  return parts.reduce(
    (all, one) =>
      all === undefined || one === undefined
        ? undefined
        : { addresses: kit.unionAddresses(all.addresses, one.addresses), open: [...all.open, ...one.open] },
    contentOf(kit.noAddress) as Content | undefined,
  );
}

/** The ports of one end; undefined when the rule is left out. */
export function portOf(
  text: string,
  end: "source" | "destination",
  protocol: ReadProtocol,
  element: Element,
  name: string,
  context: RuleContext,
): Match | undefined {
  const place = elementSpan(child(child(element, end), "port") ?? element);
  if (protocol.ports === "left out") {
    if (context.dialect === "pfsense")
      context.report(
        kit.diagnostic(
          "RW6003",
          `${name} has the ${end} port ${text} beside a protocol without ports: the port is ignored`,
          {
            primary: place,
          },
        ),
      );
    return kit.everyPacket;
  }
  const alias = context.aliases.ports(text);
  let match: Match;
  if (alias !== undefined) {
    if (alias.ports.length === 0 && alias.open.length === 0)
      return leftOut(`has the ${end} port alias "${text}", which is empty`);
    match = portMatch(alias, end);
  } else {
    const [from, to, more] = text.split(/[-:]/);
    const first = portNumber(from!);
    const last = to === undefined ? first : portNumber(to);
    if (first === undefined || last === undefined || more !== undefined)
      return leftOut(
        `has the ${end} port "${kit.plainLine(text, 40)}", which is no port and no alias of ports${kit.didYouMean(text, context.aliases.names.slice(0, 500))}`,
      );
    if (first > last) {
      context.report(
        kit.diagnostic("RW6003", `${name} has the ${end} ports ${text} in the wrong order: the rule meets no packet`, {
          primary: place,
          help: `write ${last}-${first}`,
        }),
      );
      match = kit.noPacket;
    } else {
      // pf gets `<= last` for a range from 1, which takes in port 0.
      match = kit.numberIn(`${end}-port`, [first === 1 && to !== undefined && last > 1 ? 0 : first, last]);
    }
  }
  return protocol.ports === "lost"
    ? kit.any(match, kit.condition("the release of pfSense loses ports without a protocol"))
    : match;

  function leftOut(why: string): undefined {
    context.report(
      kit.diagnostic("RW6005", `${name} ${why}: the rule is left out${failsOpen(element)}`, { primary: place }),
    );
    return undefined;
  }
}
