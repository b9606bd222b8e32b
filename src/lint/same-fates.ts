import type { Edit, Source } from "../diagnostics/index.js";
import { positionOf, spanText } from "../diagnostics/index.js";
import type { Chain, Device, Filter, Match, Rule } from "../ir/index.js";
import { all, condition, everyPacket } from "../ir/index.js";
import { PacketSpace, SpaceExhausted, decidePath, interfacePatterns } from "../packet-set/index.js";

/**
 * Whether every packet meets the same fate on every path before and after edits, whatever the free conditions are, and
 * whatever the pieces do that were not understood and stand in both. `true` is a proof. Too large to be decided is no.
 */
export function sameFates(before: Device, after: Device, move: MovePlaces): boolean {
  if (before.paths.map(({ hook }) => hook).join() !== after.paths.map(({ hook }) => hook).join()) return false;
  if (before.hasNoOtherInterface !== after.hasNoOtherInterface) return false;
  const space = new PacketSpace({ interfaces: [...interfacePatterns(before), ...interfacePatterns(after)] });
  try {
    return before.paths.every((path, index) => {
      const left = decidePath(space, { ...path, filters: path.filters.map((one) => explicit(one, sameWords)) });
      const other = after.paths[index]!;
      const right = decidePath(space, { ...other, filters: other.filters.map((one) => explicit(one, move)) });
      return left.outcome === right.outcome && left.unknown === space.none;
    });
  } catch (error) {
    if (error instanceof SpaceExhausted) return false;
    throw error;
  }
}

/** Gives words that name a line, such as `limit 3/minute at rules.v4:12`, the line that it had before. */
export type MovePlaces = (words: string) => string;

const sameWords: MovePlaces = (words) => words;

/** How lines of texts with edits made were numbered before. `after` are the new texts, in the order of `before`. */
export function movePlaces(before: readonly Source[], after: readonly Source[], edits: readonly Edit[]): MovePlaces {
  const moves = before.map((source, index) => ({
    path: source.path,
    lineBefore: lineMove(source, after[index]!, edits),
  }));
  return (words) =>
    moves.reduce((sofar, { path, lineBefore }) => {
      if (!sofar.includes(`${path}:`)) return sofar;
      return sofar.split(`${path}:`).reduce((head, rest) => {
        const [line] = /^\d+/.exec(rest) ?? [""];
        return `${head}${path}:${line === "" ? "" : lineBefore(Number(line))}${rest.slice(line.length)}`;
      });
    }, words);
}

function lineMove(before: Source, after: Source, edits: readonly Edit[]): (line: number) => number {
  const own = edits.filter((edit) => edit.span.source === before).sort((a, b) => a.span.start - b.span.start);
  if (own.length === 0) return (line) => line;
  const starts = [0, ...[...after.text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
  return (line) => {
    const offset = starts[line - 1];
    if (offset === undefined) return line;
    let shift = 0;
    for (const { span, text } of own) {
      if (span.start + shift + text.length > offset) break;
      shift += text.length - (span.end - span.start);
    }
    return positionOf(before, Math.min(offset - shift, before.text.length)).line;
  };
}

/** The filter with whatever was not understood spelt out: each fate that it may give is a free condition of its own. */
function explicit(filter: Filter, move: MovePlaces): Filter {
  const chains = new Map<string, Chain>();
  for (const [name, chain] of filter.chains) chains.set(name, explicitChain(chain, filter, move));
  return { ...filter, chains };
}

function explicitChain(chain: Chain, filter: Filter, move: MovePlaces): Chain {
  const seen = new Map<string, number>();
  /** Equal pieces in one chain are told apart by their order. */
  const named = (label: string): string => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return `${filter.name} / ${chain.name} / ${label} / ${count}`;
  };
  const rules = chain.rules.flatMap((rule): readonly Rule[] => {
    const match = movedMatch(rule.match, move);
    if (!isUnknown(rule, filter)) return [match === rule.match ? rule : { ...rule, match }];
    const { origin } = rule;
    return everyFate(
      { ...rule, match },
      named(origin.span === undefined ? origin.label : spanText(origin.span)),
      chain,
    );
  });
  if (chain.end !== "unknown") return { ...chain, rules };
  const origin = chain.endOrigin ?? { label: `the end of ${chain.name}` };
  const end: Rule = { match: everyPacket, verdict: "unknown", origin };
  const fates = everyFate(end, named("the end"), chain);
  // In a last-match chain the end is what holds where nothing else matches.
  return {
    ...chain,
    rules: chain.order === "last-match" ? [...fates, ...rules] : [...rules, ...fates],
    end: chain.name === filter.entry ? "continue" : "return",
  };
}

function isUnknown({ verdict }: Rule, filter: Filter): boolean {
  return verdict === "unknown" || (typeof verdict === "object" && !filter.chains.has(verdict.chain));
}

/** Without any of the conditions it does nothing. */
function everyFate(rule: Rule, name: string, chain: Chain): Rule[] {
  const lastMatch = chain.order === "last-match";
  const verdicts = ["accept", "drop", "reject", ...(lastMatch ? [] : (["return"] as const))] as const;
  const ways = lastMatch ? [true, false] : [true];
  return ways.flatMap((quick) =>
    verdicts.map((verdict) => ({
      match: all(rule.match, condition(`${verdict}${quick ? "" : " unless another matches"} by ${name}`)),
      verdict,
      quick,
      origin: rule.origin,
    })),
  );
}

function movedMatch(match: Match, move: MovePlaces): Match {
  if (move === sameWords) return match;
  switch (match.kind) {
    case "condition": {
      const words = move(match.condition);
      return words === match.condition ? match : condition(words);
    }
    case "not": {
      const of = movedMatch(match.of, move);
      return of === match.of ? match : { ...match, of };
    }
    case "all":
    case "any": {
      const of = match.of.map((part) => movedMatch(part, move));
      return of.every((part, index) => part === match.of[index]) ? match : { ...match, of };
    }
    default:
      return match;
  }
}
