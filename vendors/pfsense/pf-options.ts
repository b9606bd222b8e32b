import type { AddressSet, Diagnostic, IntervalSet, Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { icmp6Types, icmpCodes, icmpTypes, portNumber } from "./names.js";
import type { Asked } from "./pf-hosts.js";
import type { Token } from "./pf-lexer.js";
import type { Reader } from "./pf-reader.js";
import { Unread, readInterfaceSpecs } from "./pf-reader.js";

/** What a rule asks, and what there is to say about it. */
export interface AskedAndSaid extends Asked {
  readonly diagnostics: Diagnostic[];
}

/** What stands behind the addresses of a rule and is no match. */
export interface FilterOptions {
  flags?: Match;
  /** Whether a pass rule makes a state. */
  state: boolean;
  tag?: string;
  tagged?: { name: string; not: boolean };
  limit?: string;
  chance?: string;
  /** Where `rdr-to` sends packets; its parts are undefined where the text does not say. */
  rewritten?: NewPlace;
}

/** The new destination of a rewritten packet. */
export interface NewPlace {
  readonly destination?: AddressSet | undefined;
  readonly ports?: IntervalSet<number> | undefined;
}

/** Everything behind the addresses; what it asks of packets goes into `asked`. */
export function readFilterOptions(reader: Reader, asked: AskedAndSaid): FilterOptions {
  const options: FilterOptions = { state: true };
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token.kind === "newline" || (token.kind === "sign" && ["{", "}"].includes(token.text)))
      return options;
    if (token.kind === "sign" && token.text === "!") {
      reader.next();
      if (reader.take("tagged")) options.tagged = { name: reader.word().text, not: true };
      else if (reader.take("received-on")) readReceivedOn(reader, asked, true);
      else throw new Unread('"tagged" is expected behind this "!"', token);
      continue;
    }
    if (token.kind === "sign" && token.text === ",") {
      reader.next();
      continue;
    }
    if (token.kind !== "word") throw new Unread(`"${kit.plainLine(token.text, 40)}" is not expected here`, token);
    readFilterOption(reader, token, asked, options);
  }
}

function readFilterOption(reader: Reader, token: Token, asked: AskedAndSaid, options: FilterOptions): void {
  reader.next();
  switch (token.text) {
    case "flags":
      options.flags = readFlags(reader);
      return;
    case "icmp-type":
    case "icmp6-type":
      asked.match.push(readIcmp(reader, token.text === "icmp-type" ? icmpTypes : icmp6Types));
      return;
    case "keep":
    case "modulate":
    case "synproxy":
      reader.expect("state");
      readStateOptions(reader, options);
      return;
    case "no":
      reader.expect("state");
      options.state = false;
      return;
    case "user":
    case "group": {
      const names = readNameList(reader);
      asked.match.push(kit.condition(`the ${token.text} of the firewall's own connection is ${names}`));
      return;
    }
    case "tag":
      options.tag = reader.word().text;
      if (options.tag.includes("$")) throw new Unread("a tag with a macro in it is not modelled", token);
      return;
    case "tagged":
      options.tagged = { name: reader.word().text, not: false };
      return;
    case "received-on":
      readReceivedOn(reader, asked, false);
      return;
    case "fragment":
      asked.match.push(kit.varying("the packet is a fragment"));
      return;
    case "allow-opts":
    case "once":
    case "divert-reply":
    case "static-port":
    case "sticky-address":
    case "round-robin":
    case "random":
    case "bitmask":
    case "no-df":
      return;
    case "probability": {
      options.chance = `probability ${reader.word().text}`;
      return;
    }
    case "max-pkt-rate": {
      const most = reader.word().text;
      reader.expect("/");
      options.chance = `max-pkt-rate ${most}/${reader.word().text}`;
      return;
    }
    case "tos":
    case "prio":
    case "dscp":
    case "max-pkt-size":
      asked.match.push(kit.varying(`the packet's ${token.text} is ${reader.word().text}`));
      return;
    case "label":
    case "ridentifier":
    case "rtable":
    case "overload":
    case "max-mss":
    case "min-ttl":
      reader.word();
      return;
    case "queue":
    case "dnpipe":
    case "dnqueue":
      if (reader.peek()?.text === "(") reader.skipParentheses();
      else reader.word();
      return;
    case "set":
    case "scrub":
      if (reader.peek()?.text === "(") reader.skipParentheses();
      else {
        reader.word();
        if (reader.peek()?.text === "(") reader.skipParentheses();
        else if (reader.peek()?.kind === "word") reader.word();
      }
      return;
    case "rdr-to":
    case "nat-to":
    case "binat-to":
    case "af-to":
    case "divert-to":
    case "divert-packet":
      readRewrite(reader, token, asked, options);
      return;
    case "route-to":
    case "reply-to":
    case "dup-to":
      readTarget(reader);
      return;
    case "source-hash":
      if (/^0x|^[0-9a-f]{32}$/.test(reader.peek()?.text ?? "")) reader.next();
      return;
    case "least-states":
    case "delay":
      if (token.text === "delay") reader.word();
      return;
    case "inet":
    case "inet6":
      asked.match.push(kit.ofFamily(token.text === "inet" ? "ipv4" : "ipv6"));
      return;
    default:
      throw new Unread(`"${kit.plainLine(token.text, 40)}" is no option of a rule that is known here`, token);
  }
}

function readReceivedOn(reader: Reader, asked: AskedAndSaid, not: boolean): void {
  const specs = readInterfaceSpecs(reader);
  const match = kit.any(
    ...specs.map((spec) => (spec.not ? kit.not(kit.ingress(...spec.names)) : kit.ingress(...spec.names))),
  );
  asked.match.push(not ? kit.not(match) : match);
  for (const spec of specs) asked.mentioned.push(...spec.names);
}

function readRewrite(reader: Reader, token: Token, asked: AskedAndSaid, options: FilterOptions): void {
  if (token.text === "rdr-to") options.rewritten = readNewPlace(reader);
  else if (token.text === "divert-packet") {
    reader.expect("port");
    reader.word();
  } else {
    if (token.text === "af-to") {
      reader.family();
      reader.expect("from");
    }
    readTarget(reader);
    if (reader.take("port")) reader.word();
    if (token.text === "af-to" && reader.take("to")) readTarget(reader);
  }
  asked.diagnostics.push(
    kit.diagnostic("RW6007", `${token.text} rewrites addresses: rules that the packet meets later see the new ones`, {
      primary: kit.span(token.source, token.start, token.end),
    }),
  );
}

const flagLetters: ReadonlyMap<string, number> = new Map([
  ["F", kit.tcpFlags.fin],
  ["S", kit.tcpFlags.syn],
  ["R", kit.tcpFlags.rst],
  ["P", kit.tcpFlags.psh],
  ["A", kit.tcpFlags.ack],
  ["U", kit.tcpFlags.urg],
  ["E", kit.tcpFlags.ece],
  ["W", kit.tcpFlags.cwr],
]);

function readFlags(reader: Reader): Match {
  if (reader.take("any")) return kit.everyPacket;
  const bits = (token: Token): number =>
    [...token.text].reduce((sum, letter) => {
      const bit = flagLetters.get(letter);
      if (bit === undefined) throw new Unread(`"${kit.plainLine(token.text, 20)}" are no TCP flags`, token, true);
      return sum | bit;
    }, 0);
  const set = reader.peek()?.text === "/" ? 0 : bits(reader.word());
  reader.expect("/");
  const of = bits(reader.word());
  return (set & of) === set ? kit.withTcpFlags(of, set) : kit.noPacket;
}

function readIcmp(reader: Reader, types: ReadonlyMap<string, number>): Match {
  return kit.any(
    ...reader.list(() => {
      const token = reader.word();
      const type = /^\d{1,3}$/.test(token.text) ? Number(token.text) : types.get(token.text);
      if (type === undefined || type > 255)
        throw new Unread(`"${kit.plainLine(token.text, 40)}" is no ICMP type that is known here`, token);
      const match = kit.numberIn("icmp-type", [type, type]);
      if (!reader.take("code")) return match;
      const word = reader.word();
      const code = /^\d{1,3}$/.test(word.text) ? Number(word.text) : icmpCodes.get(word.text);
      if (code === undefined || code > 255)
        throw new Unread(`"${kit.plainLine(word.text, 40)}" is no ICMP code that is known here`, word);
      return kit.all(match, kit.numberIn("icmp-code", [code, code]));
    }),
  );
}

function readNameList(reader: Reader): string {
  return reader
    .list(() => {
      const signs: string[] = [];
      while (reader.peek()?.kind === "sign" && ["=", "!=", "<", ">", "<=", ">="].includes(reader.peek()!.text))
        signs.push(reader.next()!.text);
      const name = reader.word().text;
      if (reader.take("><") || reader.take("<>")) return `${name} - ${reader.word().text}`;
      return [...signs, name].join(" ");
    })
    .join(" or ");
}

/** Limits of a state: a packet that passes one of them is dropped. */
function readStateOptions(reader: Reader, options: FilterOptions): void {
  const words = reader.skipParentheses();
  const limits = words.flatMap((token, index) =>
    /^max(-src-(nodes|states|conn|conn-rate))?$/.test(token.text)
      ? [`${token.text} ${words[index + 1]?.text ?? ""}`]
      : [],
  );
  if (limits.length > 0) options.limit = limits.join(", ");
}

/** `10.0.0.5`, `{ 10.0.0.5, 10.0.0.6 }`, `<servers>`, and `port 445`, `port 8000:8010` or `port 8000:*` behind it. */
export function readNewPlace(reader: Reader): NewPlace {
  let known = true;
  const parts = reader.list((): AddressSet => {
    const token = reader.peek();
    const isPlain = token?.kind === "word" && /^[\da-fA-F:.]+$/.test(token.text) && /[.:]/.test(token.text);
    if (!isPlain) {
      known = false;
      readTarget(reader);
      return kit.noAddress;
    }
    const { addresses, open } = reader.address(reader.next());
    if (open.length > 0) known = false;
    return addresses;
  });
  let ports: IntervalSet<number> | undefined;
  if (reader.take("port")) {
    const [from = "", to] = reader.word().text.split(":");
    const first = portNumber(from);
    const last = to === undefined ? first : to === "*" ? undefined : portNumber(to);
    if (first !== undefined && last !== undefined && first <= last) ports = [{ first, last }];
  }
  return { destination: known && parts.length > 0 ? kit.unionOf(parts) : undefined, ports };
}

/** An address or several, with the interface that they are behind; only skipped. */
export function readTarget(reader: Reader): void {
  reader.list(() => {
    if (reader.peek()?.text === "(" && reader.peek()!.kind === "sign") reader.skipParentheses();
    else if (reader.take("<")) {
      reader.word();
      reader.expect(">");
    } else {
      reader.word();
      if (reader.take("/")) reader.word();
      // `10.0.0.1@em0`, and OpenBSD's `em0 10.0.0.1` inside of parentheses are words already.
    }
  });
}
