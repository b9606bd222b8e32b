import type { Match } from "../../src/vendor-kit/index.js";
import { all, any, inState, not, numberIn, parseIpv4, to } from "../../src/vendor-kit/index.js";
import type { RuleModel, Ruleset } from "./ruleset.js";

/**
 * What packets look like behind the `dnat` and `redirect` statements of a ruleset, as far as their new place is written
 * out: first packets with the status `dnat` can be no others. Undefined where the text has no nat chain in front of the
 * filters, so that others than it may translate, or has parts that were not understood.
 */
export function translatedMatch(ruleset: Ruleset): Match | undefined {
  const tables = [...ruleset.tables.values()];
  const chains = tables.flatMap((table) => [...table.chains.values()]);
  const translates = chains.some(({ base }) => base?.type === "nat" && base.hook === "prerouting");
  const unread = [ruleset, ...tables, ...chains].some((one) => one.unread.length > 0);
  if (!translates || unread) return undefined;
  const places: Match[] = [];
  for (const rule of chains.flatMap((chain) => chain.rules)) {
    // What a rule of iptables translates, nft does not show.
    if (rule.unread !== undefined || rule.tokens.some(({ text }) => text === "xt")) return undefined;
    const at = rule.tokens.findIndex((_, index) => isStatement(rule, index));
    if (at < 0) continue;
    const place = newPlace(rule, at);
    if (place === undefined) return undefined;
    places.push(place);
  }
  return any(not(inState("new")), ...places);
}

/** A word of the statements that is not what a rule asks for: `ct status dnat`, `ct status { snat, dnat }`. */
function isStatement({ tokens }: RuleModel, index: number): boolean {
  const { kind, text } = tokens[index]!;
  if (kind !== "word" || (text !== "dnat" && text !== "redirect")) return false;
  return !/^(?:status|==|!=|[{,|&(])$/.test(tokens[index - 1]?.text ?? "");
}

/** Undefined for a place that is not one address with one port or range of ports. */
function newPlace({ tokens }: RuleModel, at: number): Match | undefined {
  const words = tokens.slice(at).map(({ text }) => text);
  const found = plainPlace.exec(words.join(" "))?.groups;
  const address = parseIpv4(found?.["address"] ?? "");
  if (found?.["port"] === undefined || address === undefined) return undefined;
  const first = Number(found["port"]);
  const last = Number(found["last"] ?? first);
  if (first > last || last > 65535) return undefined;
  const destination = { ipv4: [{ first: address, last: address }], ipv6: [] };
  return all(to(destination), numberIn("destination-port", [first, last]));
}

const plainPlace =
  /^dnat (?:ip )?(?:to )?(?<address>[\d.]+) ?: ?(?<port>\d{1,5})(?: ?- ?(?<last>\d{1,5}))?(?: (?:fully-random|random|persistent))*(?: comment .*)?$/;
