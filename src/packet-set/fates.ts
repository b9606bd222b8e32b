import type { Node } from "./bdd.js";
import { ALL, ENDS, NONE } from "./bdd.js";
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

/** The ends of an outcome; `returned` packets leave a chain for the rule behind the jump. */
export const END = { accepted: 2, dropped: 3, rejected: 4, undecided: 5, unknown: 6, returned: 7 } as const;

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

/** The one fate that an outcome has for all packets of a set; undefined if there are several, or it takes too long to tell. */
export function onlyFate(space: PacketSpace, set: PacketSet, outcome: Node): Fate | "returned" | undefined {
  const end = space.bdd.onlyEnd(set, outcome, 50_000);
  return end === undefined ? undefined : end === END.returned ? "returned" : fates.find((fate) => END[fate] === end);
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

/** For `replaceEnds`: what stands where each end was. */
export function endsWhere(end: (end: number) => Node): Node[] {
  return Array.from({ length: ENDS }, (_, i) => end(i));
}
