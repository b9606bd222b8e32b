import type { Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentMatch } from "./content.js";
import { portNumber } from "./names.js";
import type { Token } from "./pf-lexer.js";
import type { Reader } from "./pf-reader.js";
import { Unread } from "./pf-reader.js";

/** What a table holds. */
export type Tables = (name: string, token: Token) => Content;

/** What a rule asks of packets, while it is read. */
export interface Asked {
  readonly match: Match[];
  /** Interfaces that are spoken of. */
  readonly mentioned: string[];
}

/** `all`, or `from … to …` with ports, into `asked`. True when there was a port. */
export function readHosts(reader: Reader, asked: Asked, tables: Tables): boolean {
  let ports = false;
  if (reader.take("all")) return false;
  for (const [word, end] of [
    ["from", "source"],
    ["to", "destination"],
  ] as const) {
    if (!reader.take(word)) continue;
    if (reader.peek()?.text !== "port")
      asked.match.push(kit.any(...reader.list(() => readHost(reader, end, asked, tables))));
    if (reader.take("port")) {
      ports = true;
      asked.match.push(kit.any(...reader.list(() => readPort(reader, end))));
    }
    if (end === "source" && reader.take("os")) {
      const names = reader.list(() => reader.word().text);
      asked.match.push(kit.varying(`the sender's TCP looks like ${names.join(" or ")}`));
    }
  }
  return ports;
}

function readHost(reader: Reader, end: "source" | "destination", asked: Asked, tables: Tables): Match {
  const not = reader.take("!");
  const negated = (match: Match): Match => (not ? kit.not(match) : match);
  const token = reader.next();
  if (token?.kind === "sign" && token.text === "<") {
    const name = reader.word();
    reader.expect(">");
    return negated(contentMatch(tables(name.text, name), end));
  }
  switch (token?.kind === "word" ? token.text : "") {
    case "any":
      return negated(kit.everyPacket);
    case "no-route":
      return negated(kit.varying(`there is no route to the ${end}`));
    case "urpf-failed":
      return negated(kit.varying("the source fails the reverse path check"));
    case "route":
      return negated(kit.condition(`the route to the ${end} has the label ${reader.word().text}`));
    default: {
      const content = reader.address(token);
      for (const one of content.open) {
        const name = /interface (\S+)$/.exec(one.words)?.[1];
        if (name !== undefined) asked.mentioned.push(name);
      }
      return negated(contentMatch(content, end));
    }
  }
}

/** `80`, `80:90`, `= 80`, `!= 80`, `< 80`, `80 >< 90` (without the ends), `80 <> 90` (outside of them). */
function readPort(reader: Reader, end: "source" | "destination"): Match {
  const field = `${end}-port` as const;
  const within = (first: number, last: number): Match =>
    first > last ? kit.noPacket : kit.numberIn(field, [first, last]);
  for (const sign of ["!=", "<=", ">=", "<", ">", "="])
    if (reader.take(sign)) {
      const token = reader.word();
      const port = numberOf(token);
      if (typeof port === "string")
        return sign === "=" ? openPort(port) : kit.condition(`${end} port is ${sign} ${port}`);
      switch (sign) {
        case "!=":
          return kit.numberIn(
            field,
            ...(
              [
                [0, port - 1],
                [port + 1, 65535],
              ] as const
            ).filter(([a, b]) => a <= b),
          );
        case "<=":
          return within(0, port);
        case ">=":
          return within(port, 65535);
        case "<":
          return within(0, port - 1);
        case ">":
          return within(port + 1, 65535);
        default:
          return within(port, port);
      }
    }
  const token = reader.word();
  const [from, to, more] = token.text.split(":");
  if (to !== undefined) {
    const first = portNumber(from!);
    const last = portNumber(to);
    if (first === undefined || last === undefined || more !== undefined)
      throw new Unread(`"${kit.plainLine(token.text, 40)}" is no range of ports`, token);
    if (first > last) throw new Unread(`the ports ${token.text} are in the wrong order`, token, true);
    return within(first, last);
  }
  const port = numberOf(token);
  if (typeof port === "string") return openPort(port);
  if (reader.take("><")) {
    const last = numberOf(reader.word());
    if (typeof last === "string") return kit.condition(`${end} port is between ${port} and ${last}`);
    return within(port + 1, last - 1);
  }
  if (reader.take("<>")) {
    const last = numberOf(reader.word());
    if (typeof last === "string") return kit.condition(`${end} port is outside of ${port} and ${last}`);
    return kit.any(within(0, port - 1), within(last + 1, 65535));
  }
  return within(port, port);

  function openPort(name: string): Match {
    return kit.condition(`${end} port is ${name}`);
  }
  /** A number, or the name of a service that is not known here. */
  function numberOf(word: Token): number | string {
    const number = portNumber(word.text);
    if (number === undefined && !/^[A-Za-z][\w-]*$/.test(word.text))
      throw new Unread(`"${kit.plainLine(word.text, 40)}" is no port`, word);
    return number ?? word.text;
  }
}
