import type { Chain, Filter, Path, Rule, Verdict } from "../ir/index.js";
import type { PacketSet, PacketSpace } from "./space.js";

/**
 * What becomes of every packet: five sets without a common packet that together are all packets.
 *
 * `undecided` packets are left to something that the text does not hold. Of `unknown` packets the text that decides was
 * not understood: nothing is claimed. Where free conditions take part the sets hold packets together with conditions;
 * `space.may` and `space.must` tell what holds for some and for all of their values.
 */
export interface Fates {
  readonly accepted: PacketSet;
  readonly dropped: PacketSet;
  readonly rejected: PacketSet;
  readonly undecided: PacketSet;
  readonly unknown: PacketSet;
}

export type Fate = keyof Fates;
export const fates: readonly Fate[] = ["accepted", "dropped", "rejected", "undecided", "unknown"];

export interface FilterDecision extends Fates {
  readonly filter: Filter;
  readonly chains: ReadonlyMap<string, ChainDecision>;
}

/** What one chain does with packets that enter it, whoever they are. */
export interface ChainDecision {
  readonly chain: Chain;
  readonly accepted: PacketSet;
  readonly dropped: PacketSet;
  readonly rejected: PacketSet;
  readonly unknown: PacketSet;
  /** Leave the chain for the rule behind the jump. In the entry chain these meet its end. */
  readonly returned: PacketSet;
  /** By rule: the packets that no earlier rule of the chain has taken, whether they match or not. */
  readonly before: readonly PacketSet[];
}

/**
 * One pass over the rules of each chain, with the set of packets that are still undecided.
 *
 * A chain is decided once, for all packets, and each jump to it takes its part of that: so the work grows with the
 * number of rules and not with the number of ways through the chains. A jump to a chain that is missing, or that leads
 * back to a chain on the way (no kernel loads that), leaves the packets unknown.
 */
export function decideFilter(space: PacketSpace, filter: Filter): FilterDecision {
  const chains = new Map<string, ChainDecision>();
  for (const name of calledFirst(filter)) {
    const chain = filter.chains.get(name)!;
    chains.set(
      name,
      chain.order === "first-match" ? decideFirstMatch(space, chain, chains) : decideLastMatch(space, chain),
    );
  }
  const entry = chains.get(filter.entry);
  const chain = filter.chains.get(filter.entry);
  if (entry === undefined || chain === undefined) {
    return {
      filter,
      chains,
      accepted: space.none,
      dropped: space.none,
      rejected: space.none,
      undecided: space.none,
      unknown: space.all,
    };
  }
  const ending = (end: Chain["end"]): PacketSet => (chain.end === end ? entry.returned : space.none);
  return {
    filter,
    chains,
    accepted: space.or(entry.accepted, ending("accept")),
    dropped: space.or(entry.dropped, ending("drop")),
    rejected: space.or(entry.rejected, ending("reject")),
    undecided: space.or(ending("continue"), ending("return")),
    unknown: space.or(entry.unknown, ending("unknown")),
  };
}

function decideFirstMatch(
  space: PacketSpace,
  chain: Chain,
  decided: ReadonlyMap<string, ChainDecision>,
): ChainDecision {
  const sets = {
    accepted: space.none,
    dropped: space.none,
    rejected: space.none,
    unknown: space.none,
    returned: space.none,
  };
  const before: PacketSet[] = [];
  let live = space.all;
  // A run of rules with the same end takes what was live before it and is not live after it: one operation a run.
  let runVerdict: keyof typeof sets | undefined;
  let runStart = live;
  const endRun = (): void => {
    if (runVerdict !== undefined) sets[runVerdict] = space.or(sets[runVerdict], space.difference(runStart, live));
    runVerdict = undefined;
  };

  for (const rule of chain.rules) {
    before.push(live);
    const taken = simpleEnd(rule.verdict);
    if (taken === undefined || live === space.none) continue;
    if (typeof taken === "string") {
      if (taken !== runVerdict) {
        endRun();
        runVerdict = taken;
        runStart = live;
      }
      live = space.difference(live, space.compile(rule.match));
      continue;
    }
    endRun();
    const entering = space.and(live, space.compile(rule.match));
    const other = decided.get(taken.chain);
    if (other === undefined) {
      sets.unknown = space.or(sets.unknown, entering);
      live = space.difference(live, entering);
      continue;
    }
    sets.accepted = space.or(sets.accepted, space.and(entering, other.accepted));
    sets.dropped = space.or(sets.dropped, space.and(entering, other.dropped));
    sets.rejected = space.or(sets.rejected, space.and(entering, other.rejected));
    sets.unknown = space.or(sets.unknown, space.and(entering, other.unknown));
    const back = space.and(entering, other.returned);
    if (taken.kind === "goto") {
      sets.returned = space.or(sets.returned, back);
      live = space.difference(live, entering);
    } else {
      live = space.difference(live, space.difference(entering, back));
    }
  }
  endRun();
  sets.returned = space.or(sets.returned, live);
  return { chain, ...sets, before };
}

type SimpleEnd = "accepted" | "dropped" | "rejected" | "unknown" | "returned";
type Call = Extract<Verdict, { kind: string }>;

/** Which set takes the packets of a rule; a call for jump and goto; undefined where the rule takes none. */
function simpleEnd(verdict: Verdict): SimpleEnd | Call | undefined {
  switch (verdict) {
    case "accept":
      return "accepted";
    case "drop":
      return "dropped";
    case "reject":
      return "rejected";
    case "unknown":
      return "unknown";
    case "return":
      return "returned";
    case "continue":
      return undefined;
    default:
      return verdict;
  }
}

/** The first quick match decides; what no quick rule matches goes to the last of the others. */
function decideLastMatch(space: PacketSpace, chain: Chain): ChainDecision {
  const sets = {
    accepted: space.none,
    dropped: space.none,
    rejected: space.none,
    unknown: space.none,
    returned: space.none,
  };
  const before = new Array<PacketSet>(chain.rules.length).fill(space.none);
  let live = space.all;
  const take = (index: number, rule: Rule): void => {
    before[index] = live;
    const taken = simpleEnd(rule.verdict);
    if (taken === undefined) return;
    const matched = space.and(live, space.compile(rule.match));
    const set = typeof taken === "string" ? taken : "unknown";
    sets[set] = space.or(sets[set], matched);
    live = space.difference(live, matched);
  };
  for (const [index, rule] of chain.rules.entries()) if (rule.quick === true) take(index, rule);
  for (let index = chain.rules.length - 1; index >= 0; index--) {
    const rule = chain.rules[index]!;
    if (rule.quick !== true) take(index, rule);
  }
  sets.returned = space.or(sets.returned, live);
  return { chain, ...sets, before };
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

/** The packets that reach each chain of a filter from its entry. */
export function reachOf(space: PacketSpace, decision: FilterDecision): ReadonlyMap<string, PacketSet> {
  const reach = new Map<string, PacketSet>([[decision.filter.entry, space.all]]);
  for (const name of [...decision.chains.keys()].reverse()) {
    const arriving = reach.get(name) ?? space.none;
    const { chain, before } = decision.chains.get(name)!;
    if (arriving === space.none) continue;
    for (const [index, rule] of chain.rules.entries()) {
      if (typeof rule.verdict !== "object") continue;
      const entering = space.and(space.and(arriving, before[index]!), space.compile(rule.match));
      reach.set(rule.verdict.chain, space.or(reach.get(rule.verdict.chain) ?? space.none, entering));
    }
  }
  return reach;
}

/** The packets that a rule meets and matches, of those that reach its chain (see {@link reachOf}). */
export function effectiveSet(space: PacketSpace, chain: ChainDecision, index: number, reach: PacketSet): PacketSet {
  return space.and(space.and(chain.before[index]!, space.compile(chain.chain.rules[index]!.match)), reach);
}

export interface PathDecision extends Fates {
  readonly path: Path;
  readonly filters: readonly FilterDecision[];
}

/**
 * All filters of a path in order. A drop or reject by any of them ends the way, and is certain whatever another filter
 * left open; only what all accept is accepted.
 */
export function decidePath(space: PacketSpace, path: Path): PathDecision {
  const filters = path.filters.map((filter) => decideFilter(space, filter));
  let accepted = space.all;
  let undecided = space.none;
  let unknown = space.none;
  let dropped = space.none;
  let rejected = space.none;
  for (const filter of filters) {
    const going = space.or(space.or(accepted, undecided), unknown);
    dropped = space.or(dropped, space.and(going, filter.dropped));
    rejected = space.or(rejected, space.and(going, filter.rejected));
    const stopped = space.or(filter.dropped, filter.rejected);
    const sure = space.or(accepted, undecided);
    unknown = space.or(space.difference(unknown, stopped), space.and(sure, filter.unknown));
    const left = space.or(
      space.and(accepted, filter.undecided),
      space.difference(undecided, space.or(stopped, filter.unknown)),
    );
    accepted = space.and(accepted, filter.accepted);
    undecided = left;
  }
  return { path, filters, accepted, dropped, rejected, undecided, unknown };
}
