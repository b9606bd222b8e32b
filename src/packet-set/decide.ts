import type { Chain, Filter, Path, Rule, Verdict } from "../ir/index.js";
import type { Node } from "./bdd.js";
import { ALL, NONE } from "./bdd.js";
import type { PacketSet, PacketSpace } from "./space.js";

/** What becomes of a packet. */
export type Fate = "accepted" | "dropped" | "rejected" | "undecided" | "unknown";
export const fates: readonly Fate[] = ["accepted", "dropped", "rejected", "undecided", "unknown"];

/**
 * What becomes of every packet: five sets without a common packet that together are all packets.
 *
 * `undecided` packets are left to something that the text does not hold. Of `unknown` packets the text that decides was
 * not understood: nothing is claimed. Where free conditions take part the sets hold packets together with conditions;
 * `space.may` and `space.must` tell what holds for some and for all of their values.
 */
export interface Fates extends Readonly<Record<Fate, PacketSet>> {
  /** The same as one function from packets to ends. Two decisions of a space are equal when these numbers are. */
  readonly outcome: Node;
}

/** The ends of an outcome. */
const END = { accepted: 2, dropped: 3, rejected: 4, undecided: 5, unknown: 6, returned: 7 } as const;

/** The five sets of an outcome. Each is made when it is asked for. */
export function fatesOf(space: PacketSpace, outcome: Node): Fates {
  const sets = new Map<Fate, PacketSet>();
  const set = (fate: Fate): PacketSet => {
    let found = sets.get(fate);
    if (found === undefined) {
      found = space.bdd.replaceEnds(
        outcome,
        endsWhere((end) => (end === END[fate] ? ALL : NONE)),
      );
      sets.set(fate, found);
    }
    return found;
  };
  return {
    outcome,
    get accepted() {
      return set("accepted");
    },
    get dropped() {
      return set("dropped");
    },
    get rejected() {
      return set("rejected");
    },
    get undecided() {
      return set("undecided");
    },
    get unknown() {
      return set("unknown");
    },
  };
}

/** All packets with the same fate. */
export function everyPacketIs(space: PacketSpace, fate: Fate): Fates {
  return fatesOf(space, END[fate]);
}

/** `of` with the packets in `within` that have fate `from` given fate `into`. */
export function merged(space: PacketSpace, of: Fates, from: Fate, into: Fate, within: PacketSet = space.all): Fates {
  const moved = space.bdd.replaceEnds(
    of.outcome,
    endsWhere((end) => (end === END[from] ? END[into] : end)),
  );
  return fatesOf(space, space.bdd.choose(within, moved, of.outcome));
}

/** `inside` for the packets of a set, `outside` for all others. */
export function chooseFates(space: PacketSpace, set: PacketSet, inside: Fates, outside: Fates): Fates {
  return fatesOf(space, space.bdd.choose(set, inside.outcome, outside.outcome));
}

function endsWhere(end: (end: number) => Node): Node[] {
  return Array.from({ length: 8 }, (_, i) => end(i));
}

export type FilterDecision = Fates & {
  readonly filter: Filter;
  readonly chains: ReadonlyMap<string, ChainDecision>;
};

/** What one chain does with packets that enter it, whoever they are. */
export interface ChainDecision {
  readonly chain: Chain;
  /** With an end of its own for packets that leave the chain for the rule behind the jump. */
  readonly outcome: Node;
}

/**
 * The rules of each chain, from the last to the first: what a rule says, laid over what the rules behind it say.
 *
 * A chain is decided once, for all packets, and each jump to it takes its part of that: so the work grows with the
 * number of rules and not with the number of ways through the chains. A jump to a chain that is missing, or that leads
 * back to a chain on the way (no kernel loads that), leaves the packets unknown.
 */
export function decideFilter(space: PacketSpace, filter: Filter): FilterDecision {
  const chains = new Map<string, ChainDecision>();
  for (const name of calledFirst(filter)) {
    const chain = filter.chains.get(name)!;
    // Whoever falls out of the entry chain meets its end at once; out of another, the rule behind the jump.
    const leaving = name === filter.entry ? endOf(chain) : END.returned;
    const outcome =
      chain.order === "first-match"
        ? decideFirstMatch(space, chain, leaving, chains)
        : decideLastMatch(space, chain, leaving);
    chains.set(name, { chain, outcome });
  }
  const outcome = chains.get(filter.entry)?.outcome ?? END.unknown;
  return Object.defineProperties(fatesOf(space, outcome), {
    filter: { value: filter },
    chains: { value: chains },
  }) as FilterDecision;
}

function endOf(chain: Chain): Node {
  switch (chain.end) {
    case "continue":
    case "return":
      return END.undecided;
    default:
      return endOfVerdict(chain.end, END.undecided)!;
  }
}

/** The end of the packets of a rule; undefined where the rule ends no packet's way through the chain by itself. */
function endOfVerdict(verdict: Verdict, leaving: Node): Node | undefined {
  switch (verdict) {
    case "accept":
      return END.accepted;
    case "drop":
      return END.dropped;
    case "reject":
      return END.rejected;
    case "unknown":
      return END.unknown;
    case "return":
      return leaving;
    default:
      return undefined;
  }
}

function decideFirstMatch(
  space: PacketSpace,
  chain: Chain,
  leaving: Node,
  decided: ReadonlyMap<string, ChainDecision>,
): Node {
  return chain.rules.reduceRight((behind, rule) => before(space, rule, behind, leaving, decided), leaving);
}

/** What becomes of packets that meet `rule` and then, if it does not end their way, `behind`. */
function before(
  space: PacketSpace,
  rule: Rule,
  behind: Node,
  leaving: Node,
  decided: ReadonlyMap<string, ChainDecision>,
): Node {
  const { verdict } = rule;
  if (verdict === "continue") return behind;
  const end = endOfVerdict(verdict, leaving);
  if (end !== undefined) return space.layOver(rule.match, end, behind);
  const call = verdict as Extract<Verdict, { kind: string }>;
  const called = decided.get(call.chain);
  if (called === undefined) return space.layOver(rule.match, END.unknown, behind);
  return space.bdd.choose(
    space.compile(rule.match),
    after(space, called, call.kind === "goto" ? leaving : behind),
    behind,
  );
}

/** A chain's outcome where its returning packets go on to `behind`. */
function after(space: PacketSpace, called: ChainDecision, behind: Node): Node {
  return space.bdd.choose(returning(space, called), behind, called.outcome);
}

/** The first quick match decides; what no quick rule matches goes to the last of the others. */
function decideLastMatch(space: PacketSpace, chain: Chain, leaving: Node): Node {
  return inDecidingOrder(chain).reduceRight<Node>((behind, index) => {
    const rule = chain.rules[index]!;
    const end = typeof rule.verdict === "object" ? END.unknown : endOfVerdict(rule.verdict, leaving);
    return end === undefined ? behind : space.layOver(rule.match, end, behind);
  }, leaving);
}

/** Indexes of the rules so that the first match of that order decides. */
function inDecidingOrder(chain: Chain): number[] {
  const indexes = [...chain.rules.keys()];
  if (chain.order === "first-match") return indexes;
  const quick = (index: number): boolean => chain.rules[index]!.quick === true;
  return [...indexes.filter(quick), ...indexes.filter((index) => !quick(index)).reverse()];
}

/** The chains that can be reached, each behind all that it calls. A call that leads back is left out of the order. */
function calledFirst(filter: Filter): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const stack: { name: string; calls: string[]; next: number }[] = [];
  const enter = (name: string): void => {
    const chain = filter.chains.get(name);
    if (chain === undefined || seen.has(name)) return;
    seen.add(name);
    stack.push({ name, calls: callsOf(chain), next: 0 });
  };
  enter(filter.entry);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const call = top.calls[top.next++];
    if (call !== undefined) {
      enter(call);
    } else {
      order.push(top.name);
      stack.pop();
    }
  }
  return order;
}

function callsOf(chain: Chain): string[] {
  const calls = new Set<string>();
  for (const { verdict } of chain.rules) if (typeof verdict === "object") calls.add(verdict.chain);
  return [...calls];
}

/** The packets that each rule of a chain meets and matches, among those that enter the chain, by index. */
export function effectiveSets(
  space: PacketSpace,
  decision: FilterDecision,
  chainName: string,
  entering: PacketSet,
): PacketSet[] {
  const { chain } = decision.chains.get(chainName)!;
  const sets = new Array<PacketSet>(chain.rules.length).fill(NONE);
  let live = entering;
  for (const index of inDecidingOrder(chain)) {
    if (live === NONE) break;
    const rule = chain.rules[index]!;
    const met = space.and(live, space.compile(rule.match));
    sets[index] = met;
    if (rule.verdict === "continue") continue;
    const called =
      typeof rule.verdict === "object" && rule.verdict.kind === "jump"
        ? decision.chains.get(rule.verdict.chain)
        : undefined;
    const back = called === undefined ? NONE : space.and(met, returning(space, called));
    live = space.difference(live, space.difference(met, back));
  }
  return sets;
}

function returning(space: PacketSpace, called: ChainDecision): PacketSet {
  return space.bdd.replaceEnds(
    called.outcome,
    endsWhere((end) => (end === END.returned ? ALL : NONE)),
  );
}

/** The effective set of every rule of every chain that can be reached, for packets that enter the filter. */
export function effectsOf(space: PacketSpace, decision: FilterDecision): ReadonlyMap<string, readonly PacketSet[]> {
  const entering = new Map<string, PacketSet>([[decision.filter.entry, ALL]]);
  const effects = new Map<string, readonly PacketSet[]>();
  // Callers before what they call: the other way round than they were decided.
  for (const name of [...decision.chains.keys()].reverse()) {
    const sets = effectiveSets(space, decision, name, entering.get(name) ?? NONE);
    effects.set(name, sets);
    for (const [index, { verdict }] of decision.chains.get(name)!.chain.rules.entries()) {
      if (typeof verdict !== "object" || !decision.chains.has(verdict.chain)) continue;
      entering.set(verdict.chain, space.or(entering.get(verdict.chain) ?? NONE, sets[index]!));
    }
  }
  return effects;
}

export type PathDecision = Fates & {
  readonly path: Path;
  readonly filters: readonly FilterDecision[];
};

/**
 * All filters of a path in order. A drop or reject by any of them ends the way, and is certain whatever another filter
 * left open; only what all accept is accepted.
 */
export function decidePath(space: PacketSpace, path: Path): PathDecision {
  const filters = path.filters.map((filter) => decideFilter(space, filter));
  const outcome = filters.reduce<Node>(
    (sofar, { outcome }) => space.bdd.combine("path", sofar, outcome, bothEnds),
    END.accepted,
  );
  return Object.defineProperties(fatesOf(space, outcome), {
    path: { value: path },
    filters: { value: filters },
  }) as PathDecision;
}

function bothEnds(sofar: Node, next: Node): Node {
  if (sofar === END.dropped || sofar === END.rejected) return sofar;
  if (next === END.dropped || next === END.rejected) return next;
  if (sofar === END.unknown || next === END.unknown) return END.unknown;
  return sofar === END.undecided || next === END.undecided ? END.undecided : END.accepted;
}
