import type { Chain, Filter, Rule, Verdict } from "../ir/index.js";
import type { Node } from "./bdd.js";
import { ALL, NONE } from "./bdd.js";
import { END, endsWhere } from "./fates.js";
import type { PacketSet, PacketSpace } from "./space.js";

export type Call = Extract<Verdict, { kind: string }>;

/**
 * What each chain of a filter does with packets that enter it, whoever they are: a function from packets to ends.
 *
 * The rules of a chain are taken from the last to the first: what a rule says, laid over what the rules behind it say. A
 * chain is worked out once, for all packets, and each jump to it takes its part of that: so the work grows with the
 * number of rules and not with the number of ways through the chains. A jump to a chain that is missing, or that leads
 * back to a chain on the way (no kernel loads that), leaves the packets unknown.
 */
export class ChainOutcomes {
  /** The chains that can be reached, each behind all that it calls. */
  readonly order: readonly string[];
  private readonly done = new Map<string, Node>();
  private readonly open = new Set<string>();
  private allDone = false;
  private readonly reachable: ReadonlySet<string>;
  private readonly callers: ReadonlyMap<string, number>;

  constructor(
    private readonly space: PacketSpace,
    private readonly filter: Filter,
  ) {
    this.order = calledFirst(filter);
    this.reachable = new Set(this.order);
    this.callers = countCalls(filter, this.order);
  }

  /** The outcome of packets that enter the filter: never "returned". */
  ofFilter(): Node {
    const entry = this.filter.chains.get(this.filter.entry);
    if (entry === undefined) return END.unknown;
    for (const name of this.order) if (name !== entry.name && !this.isPartOfItsCaller(name)) this.of(name);
    return this.workOut(entry, endOf(entry));
  }

  /** The outcome of packets that enter a chain, with `returned` for those that leave it for the rule behind the jump. */
  of(name: string): Node {
    let outcome = this.done.get(name);
    if (outcome === undefined) {
      outcome = this.workOut(this.filter.chains.get(name)!, END.returned);
      this.done.set(name, outcome);
    }
    return outcome;
  }

  /** The packets that leave a chain for the rule behind the jump to it. */
  returningFrom(name: string): PacketSet {
    return this.space.bdd.replaceEnds(
      this.of(name),
      endsWhere((end) => (end === END.returned ? ALL : NONE)),
    );
  }

  /** Whether a call can be followed: to a chain that is there and is not on the way already. */
  leadsOn(call: Call): boolean {
    return this.reachable.has(call.chain) && !this.open.has(call.chain);
  }

  /**
   * By the index of each rule: the outcome of packets that go on behind it.
   * Rules for which `isLeftOut` says so, knowing what is behind them, are no part of what is behind the rules before.
   */
  behindEach(name: string, isLeftOut: (index: number, behind: Node) => boolean): Node[] {
    this.workOutCalled();
    const chain = this.filter.chains.get(name)!;
    const leaving = name === this.filter.entry ? endOf(chain) : END.returned;
    const behindEach = new Array<Node>(chain.rules.length).fill(leaving);
    const isAskedTwice = this.open.has(name);
    this.open.add(name);
    inDecidingOrder(chain).reduceRight<Node>((behind, index) => {
      behindEach[index] = behind;
      return isLeftOut(index, behind) ? behind : this.before(chain, chain.rules[index]!, behind, leaving);
    }, leaving);
    if (!isAskedTwice) this.open.delete(name);
    return behindEach;
  }

  /** Each chain by itself, those too that `ofFilter` works out in the place of their caller. */
  workOutCalled(): void {
    if (this.allDone) return;
    for (const name of this.order) if (name !== this.filter.entry) this.of(name);
    this.allDone = true;
  }

  private workOut(chain: Chain, leaving: Node): Node {
    this.open.add(chain.name);
    const outcome = inDecidingOrder(chain).reduceRight<Node>(
      (behind, index) => this.before(chain, chain.rules[index]!, behind, leaving),
      leaving,
    );
    this.open.delete(chain.name);
    return outcome;
  }

  /** What becomes of packets that meet `rule` and then, if it does not end their way, `behind`. */
  private before(chain: Chain, rule: Rule, behind: Node, leaving: Node): Node {
    const { verdict } = rule;
    if (verdict === "continue") return behind;
    if (typeof verdict === "string") return this.space.layOver(rule.match, endOfVerdict(verdict, leaving), behind);
    const called = this.filter.chains.get(verdict.chain);
    const isKnown = called !== undefined && (this.done.has(called.name) || this.isPartOfItsCaller(called.name));
    // The order of a last-match chain says nothing about calls; readers of such texts put the called rules in place.
    if (!isKnown || this.open.has(called.name) || chain.order === "last-match")
      return this.space.layOver(rule.match, END.unknown, behind);
    const { bdd } = this.space;
    const after = verdict.kind === "goto" ? leaving : behind;
    const entering = this.space.compile(rule.match);
    if (this.isPartOfItsCaller(called.name)) {
      const only = bdd.onlyEnd(entering, after);
      if (only !== undefined) return bdd.choose(entering, this.workOut(called, only), behind);
    }
    const outcome = this.of(called.name);
    if (after === END.returned && behind === END.returned) return bdd.choose(entering, outcome, behind);
    const returning = this.returningFrom(called.name);
    // Packets that come back from a jump meet the same as those that never entered: only the others are cut out.
    if (after === behind) return bdd.choose(bdd.difference(entering, returning), outcome, behind);
    return bdd.choose(entering, bdd.choose(returning, after, outcome), behind);
  }

  /** A long chain with one caller is worked out in its place where that can be, which spares two copies of a large diagram. */
  private isPartOfItsCaller(name: string): boolean {
    return this.callers.get(name) === 1 && this.filter.chains.get(name)!.rules.length >= LONG && this.open.size < 100;
  }
}

const LONG = 256;

/** Indexes of the rules so that the first match of that order decides. Worked out once for a chain. */
export function inDecidingOrder(chain: Chain): readonly number[] {
  let order = orders.get(chain);
  if (order === undefined) orders.set(chain, (order = decidingOrder(chain)));
  return order;
}

const orders = new WeakMap<Chain, readonly number[]>();

function decidingOrder(chain: Chain): readonly number[] {
  const indexes = [...chain.rules.keys()];
  if (chain.order === "first-match") return indexes;
  // pf: the first quick match decides; without one, the last of the others.
  const quick = (index: number): boolean => chain.rules[index]!.quick === true;
  return [...indexes.filter(quick), ...indexes.filter((index) => !quick(index)).reverse()];
}

function endOf(chain: Chain): Node {
  return chain.end === "continue" || chain.end === "return" ? END.undecided : endOfVerdict(chain.end, END.undecided);
}

function endOfVerdict(verdict: Exclude<Verdict, "continue" | Call>, leaving: Node): Node {
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
  }
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

function countCalls(filter: Filter, reachable: readonly string[]): Map<string, number> {
  // Packets enter the entry chain from outside: that is a call too.
  const counts = new Map<string, number>([[filter.entry, 1]]);
  for (const name of reachable) {
    for (const { verdict } of filter.chains.get(name)!.rules) {
      if (typeof verdict === "object") counts.set(verdict.chain, (counts.get(verdict.chain) ?? 0) + 1);
    }
  }
  return counts;
}
