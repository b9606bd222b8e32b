import type { AddressSet, Family, IntervalSet, Match, Translation } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  everyPacket,
  labelOf,
  not,
  ofFamily,
  spanText,
  toSet,
  ipv4Addresses,
  ipv6Addresses,
  portNumbers,
} from "../../src/vendor-kit/index.js";
import type { Token } from "./lexer.js";
import { hasKey } from "./matches.js";
import { readElements } from "./elements.js";
import type { Element } from "./elements.js";
import { portNames } from "./names.js";
import { Reader } from "./reader.js";
import { lowerRule } from "./rules.js";
import type { ChainModel, RuleModel, Ruleset, TableModel } from "./ruleset.js";
import { readSelector } from "./selectors.js";
import type { Selector } from "./selectors.js";
import { readAddresses4, readAddresses6, readNumbers } from "./values.js";

/**
 * The `dnat` and `redirect` statements on the ways that begin in a nat chain at prerouting.
 *
 * Source: nft(8), "NAT STATEMENTS".
 */
export function translationsOf(ruleset: Ruleset): Translation[] {
  const found: Translation[] = [];
  for (const table of ruleset.tables.values()) {
    if (table.dormant) continue;
    const only = table.family === "ip" ? ofFamily("ipv4") : table.family === "ip6" ? ofFamily("ipv6") : everyPacket;
    for (const chain of table.chains.values()) {
      if (chain.base?.type !== "nat" || chain.base.hook !== "prerouting") continue;
      found.push(...new Walk(table).from(chain, only));
    }
  }
  return found;
}

const mostSteps = 20_000;
const deepest = 16;
const mostKept = 64;
const mostElements = 1000;

class Walk {
  private readonly found = new Map<RuleModel, { readonly matches: Match[]; readonly places: readonly NewPlace[] }>();
  private steps = 0;

  constructor(private readonly table: TableModel) {}

  from(chain: ChainModel, guard: Match): Translation[] {
    this.chain(chain, guard, 0);
    return [...this.found].flatMap(([rule, { matches, places }]) =>
      places.map((place): Translation => ({
        label: labelOf(spanText(rule.span!).replace(/\s+/g, " ")),
        span: rule.span!,
        match: all(any(...matches), place.key),
        ...(place.destination !== undefined && { destination: place.destination }),
        ...(place.ports !== undefined && { ports: place.ports }),
        bypassesFilter: false,
      })),
    );
  }

  private chain(chain: ChainModel, guard: Match, depth: number): void {
    const kept: Match[] = [];
    for (const rule of chain.rules) {
      if (++this.steps > mostSteps) return;
      const lowered = lowerRule(rule, {
        sets: this.table.sets,
        changing: new Set(),
        lookups: new Map(),
        report: () => undefined,
        addChain: () => "",
      });
      const at = rule.tokens.findIndex(({ kind, text }) => kind === "word" && (text === "dnat" || text === "redirect"));
      for (const { match: own, verdict } of lowered) {
        const match = all(guard, own, ...kept);
        if (typeof verdict === "object") {
          const called = this.table.chains.get(verdict.chain);
          if (called !== undefined && depth < deepest) this.chain(called, match, depth + 1);
        } else if (at >= 0 && verdict === "accept") {
          if (rule.span === undefined) continue;
          const known = this.found.get(rule);
          if (known !== undefined) known.matches.push(match);
          else this.found.set(rule, { matches: [match], places: newPlaces(rule.tokens.slice(at), this.table) });
        } else if (verdict !== "continue" && verdict !== "unknown" && kept.length < mostKept) {
          kept.push(not(own));
        }
      }
    }
  }
}

interface NewPlace {
  /** Of a map, what has to be looked up. */
  readonly key: Match;
  readonly destination?: AddressSet | undefined;
  readonly ports?: IntervalSet<number> | undefined;
}

const anywhere: NewPlace = { key: everyPacket };

/** `dnat [ip|ip6] [prefix] to ADDRESS[:PORT]`, `dnat to KEY map { … }`, `redirect [to :PORT]`. */
function newPlaces(tokens: readonly Token[], table: TableModel): readonly NewPlace[] {
  const reader = new Reader(tokens);
  reader.next();
  for (const word of ["ip", "ip6", "inet", "prefix", "addr", ".", "port"]) reader.take(word);
  // OpenWrt writes the address without the word.
  if (!reader.take("to") && tokens[0]!.text !== "dnat") return [anywhere];
  const start = reader.at;
  const selectors: Selector[] = [];
  do {
    const selector = readSelector(reader);
    if (selector === undefined) break;
    selectors.push(selector);
  } while (reader.take("."));
  if (selectors.length > 0 && reader.take("map")) return mappedPlaces(selectors, reader, table);
  reader.at = start;
  return [{ key: everyPacket, ...placeOf(reader.tokens.slice(start)) }];
}

function mappedPlaces(selectors: readonly Selector[], reader: Reader, table: TableModel): readonly NewPlace[] {
  let elements: readonly Element[] | undefined;
  if (reader.take("{")) elements = readElements(reader.takeBlock("}") ?? []).elements;
  else {
    const map = table.sets.get(reader.next()?.text.slice(1) ?? "");
    if (map !== undefined && !map.changes && !map.unread) elements = map.elements;
  }
  if (elements === undefined || elements.length > mostElements) return [anywhere];
  return elements.map((element) => {
    const key = hasKey(selectors, element);
    return { key: "unread" in key ? everyPacket : key.match, ...placeOf(element.data ?? []) };
  });
}

/** `10.0.0.5`, `10.0.0.5-10.0.0.9`, `10.0.0.5:445`, `[2001:db8::5]:445`, `:445`, `10.0.0.5 . 445`. */
function placeOf(tokens: readonly Token[]): Omit<NewPlace, "key"> {
  const reader = new Reader(tokens);
  let address: Token | undefined;
  if (reader.take("[")) address = reader.takeBlock("]")?.[0];
  else if (reader.peek()?.kind === "word") address = reader.next();
  const port = reader.take(":") || reader.take(".") ? reader.next() : undefined;
  const ports = port === undefined ? undefined : readNumbers(port.text, 16, portNames);
  const family: Family | undefined = address?.text.includes(":") ? "ipv6" : "ipv4";
  return {
    destination: address === undefined ? undefined : addressesOf(address.text, family),
    ports: ports === undefined ? undefined : toSet(portNumbers, [ports]),
  };
}

function addressesOf(text: string, family: Family): AddressSet | undefined {
  if (family === "ipv4") {
    const found = readAddresses4(text);
    return found === undefined ? undefined : { ipv4: toSet(ipv4Addresses, [found]), ipv6: [] };
  }
  const found = readAddresses6(text);
  return found === undefined ? undefined : { ipv4: [], ipv6: toSet(ipv6Addresses, [found]) };
}
