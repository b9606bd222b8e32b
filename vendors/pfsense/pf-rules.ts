import type { Chain, Filter, Hook, Match, Origin, Path, Rule } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";

/**
 * A rule of pf, from whichever text it came. Rules are evaluated in order; the last that matches decides, a quick one
 * at once. Nothing matches: the packet passes.
 */
export interface PfRule {
  /** `match` decides nothing, it may only tag. `unknown` stands for a rule whose action could not be read. */
  readonly action: "pass" | "block" | "reject" | "match" | "unknown";
  /** At least one. */
  readonly directions: readonly PfDirection[];
  /** The interfaces it is bound to; absent means all. No name means no interface, unless negated. */
  readonly on?: { readonly names: readonly string[]; readonly not: boolean };
  /** Everything but direction, interface and tag. */
  readonly match: Match;
  readonly quick: boolean;
  readonly log: boolean;
  readonly tag?: string;
  readonly tagged?: { readonly name: string; readonly not: boolean };
  readonly origin: Origin;
}

export type PfDirection = "in" | "out";

export interface PfEnd {
  /** What becomes of packets that no rule matches: `accept` for a whole ruleset, `continue` for a part of one. */
  readonly verdict: "accept" | "continue" | "unknown";
  readonly origin: Origin;
}

/**
 * The ways through a pf ruleset: a forwarded packet meets the rules twice, coming in and going out, one to the
 * firewall or from it once. A packet of a known connection meets none: its state lets it pass.
 *
 * A tag that a packet got on its way in is with it on its way out, so that `tagged` becomes what the tagging rule
 * matched. A tag that something else may set (a translation rule) is in `foreignTags`: whether a packet has it is a
 * condition.
 */
export function pfPaths(rules: readonly PfRule[], end: PfEnd, foreignTags: ReadonlySet<string> = new Set()): Path[] {
  const none = new Map<string, Match>();
  for (const tag of foreignTags) none.set(tag, kit.particular(`the packet was tagged ${tag} before the filter`));
  const coming = filterOf(rules, "in", end, none);
  const forwarded = filterOf(rules, "out", end, coming.tags);
  const own = filterOf(rules, "out", end, none);
  const filters: Record<Hook, readonly Filter[]> = {
    forward: [coming.filter, forwarded.filter],
    input: [coming.filter],
    output: [own.filter],
  };
  return kit.hooks.map((hook) => ({ hook, filters: filters[hook] }));
}

/** Beyond this many pairs of rules a tag is no longer followed: whether a packet has it becomes a condition. */
const mostTagSteps = 250_000;

function filterOf(
  rules: readonly PfRule[],
  direction: PfDirection,
  end: PfEnd,
  before: ReadonlyMap<string, Match>,
): { filter: Filter; tags: ReadonlyMap<string, Match> } {
  const here = rules.filter((rule) => rule.directions.includes(direction));
  const follow = here.filter((rule) => rule.tag !== undefined).length * here.length <= mostTagSteps;
  const needed = new Set(rules.flatMap((rule) => (rule.tagged === undefined ? [] : [rule.tagged.name])));
  const tags = new Map(before);
  const ended: Match[] = [];
  const result: Rule[] = [passStates];
  for (const rule of here) {
    const match = kit.all(
      boundMatch(rule, direction),
      rule.match,
      rule.tagged === undefined ? kit.everyPacket : taggedMatch(rule.tagged, tags, follow),
    );
    if (rule.tag !== undefined && needed.size > 0 && follow)
      setTag(tags, rule.tag, kit.all(match, kit.not(kit.any(...ended))));
    // Of a part of a ruleset only quick rules decide: any other may be overruled behind it.
    if (rule.action !== "match" && (rule.quick || end.verdict !== "continue")) {
      result.push({
        match,
        verdict: verdicts[rule.action],
        quick: rule.quick,
        log: rule.log,
        origin: rule.origin,
      });
      if (rule.quick && needed.size > 0 && follow) ended.push(match);
    }
  }
  const chain: Chain = { name: direction, order: "last-match", rules: result, end: end.verdict, endOrigin: end.origin };
  return { filter: { name: `pf ${direction}`, chains: new Map([[direction, chain]]), entry: direction }, tags };
}

const verdicts = { pass: "accept", block: "drop", reject: "reject", unknown: "unknown" } as const;

const passStates: Rule = {
  match: kit.inState("established", "established-reply", "related", "related-reply"),
  verdict: "accept",
  quick: true,
  origin: { label: "a packet of a known connection passes by its state" },
};

/** The interfaces that a rule is bound to, for packets of a direction. */
export function boundMatch(rule: PfRule, direction: PfDirection): Match {
  if (rule.on === undefined) return kit.everyPacket;
  const match = direction === "in" ? kit.ingress(...rule.on.names) : kit.egress(...rule.on.names);
  return rule.on.not ? kit.not(match) : match;
}

function taggedMatch(
  tagged: { readonly name: string; readonly not: boolean },
  tags: ReadonlyMap<string, Match>,
  follow: boolean,
): Match {
  const match = follow
    ? (tags.get(tagged.name) ?? kit.noPacket)
    : kit.particular(`the packet is tagged ${tagged.name}`);
  return tagged.not ? kit.not(match) : match;
}

/** A packet holds one tag: the one of the last rule that matched and had one. */
function setTag(tags: Map<string, Match>, tag: string, match: Match): void {
  for (const [other, had] of tags) if (other !== tag) tags.set(other, kit.all(had, kit.not(match)));
  tags.set(tag, kit.any(tags.get(tag) ?? kit.noPacket, match));
}
