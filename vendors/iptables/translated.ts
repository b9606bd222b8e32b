import type { Family, Match } from "../../src/vendor-kit/index.js";
import { all, any, inState, not, numberIn, to } from "../../src/vendor-kit/index.js";
import type { FamilyText, RuleText } from "./model.js";
import { newPlace, targetOfRule } from "./translations.js";

/**
 * What packets look like behind the rules of the nat table that rewrite destinations, as far as the new place is written
 * out: first packets of the state DNAT can be no others. Undefined where the text has no nat table, so that rules outside
 * it may translate, or where a rule was not understood.
 */
export function translatedMatch(tables: FamilyText, family: Family): Match | undefined {
  const nat = tables.get("nat");
  if (nat === undefined || [...tables.values()].some((table) => table.unknown !== undefined)) return undefined;
  const places: Match[] = [];
  for (const rule of [...nat.chains.values()].flatMap((chain) => chain.rules)) {
    if (rule.unread) return undefined;
    const target = targetOfRule(rule);
    if (target === undefined) {
      const name = jumpOf(rule);
      if (name !== undefined && !nat.chains.has(name) && !plainTargets.has(name)) return undefined;
      continue;
    }
    const { destination, ports } = newPlace(target, family);
    if (destination === undefined || ports === undefined) return undefined;
    places.push(
      all(to(destination), numberIn("destination-port", ...ports.map(({ first, last }) => [first, last] as const))),
    );
  }
  return any(not(inState("new")), ...places);
}

function jumpOf({ words }: RuleText): string | undefined {
  return words[words.findIndex(({ text }) => /^(?:-[jg]|--jump|--goto)$/.test(text)) + 1]?.text;
}

const plainTargets: ReadonlySet<string> = new Set(
  "ACCEPT DROP RETURN LOG NFLOG TRACE MARK CONNMARK SNAT MASQUERADE".split(" "),
);
