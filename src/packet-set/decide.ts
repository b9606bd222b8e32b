import type { Filter, Path } from "../ir/index.js";
import type { Node } from "./bdd.js";
import { ChainOutcomes } from "./chains.js";
import type { Fates } from "./fates.js";
import { END, fatesOf } from "./fates.js";
import type { PacketSpace } from "./space.js";

export type FilterDecision = Fates & { readonly filter: Filter; readonly chains: ChainOutcomes };

/** What a filter does with every packet. A filter that stands on several paths is decided once. */
export function decideFilter(space: PacketSpace, filter: Filter): FilterDecision {
  let known = decided.get(space);
  if (known === undefined) decided.set(space, (known = new WeakMap()));
  let decision = known.get(filter);
  if (decision === undefined) {
    const chains = new ChainOutcomes(space, filter);
    const fates = fatesOf(space, chains.ofFilter());
    decision = Object.defineProperties(fates, {
      filter: { value: filter },
      chains: { value: chains },
    }) as FilterDecision;
    known.set(filter, decision);
  }
  return decision;
}

const decided = new WeakMap<PacketSpace, WeakMap<Filter, FilterDecision>>();

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
