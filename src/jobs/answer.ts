import type { Packet, Path } from "../ir/index.js";
import type { Fate, Trace } from "../packet-set/index.js";
import { trace } from "../packet-set/index.js";

/** What becomes of one packet: `continue` when the text leaves it to something else, `unknown` when nobody can tell. */
export type PacketVerdict = "accept" | "drop" | "reject" | "continue" | "unknown";

export interface Answer {
  readonly verdict: PacketVerdict;
  /** The way of the packet when none of the conditions holds. */
  readonly trace: Trace;
  /** Another fate that the packet meets under other conditions, with its way. */
  readonly otherwise?: { readonly verdict: PacketVerdict; readonly trace: Trace };
  /** The conditions that the way depends on and the text does not decide, in the order in which they are met. */
  readonly conditions: readonly string[];
}

/**
 * What becomes of a packet on a path, whatever the free conditions are. Where they change the verdict it is `unknown`.
 *
 * Only the conditions that the packet meets on its way are tried. Past `MOST_WAYS` ways the verdict is `unknown`.
 */
export function answer(path: Path, packet: Packet): Answer {
  const met: string[] = [];
  const first = follow(path, packet, []);
  met.push(...first.asked);
  const verdict = verdictOf(first.trace.fate);

  const open = alternatives([], first.asked);
  for (let ways = 1; open.length > 0; ways++) {
    const assumed = open.pop()!;
    const way = ways < MOST_WAYS ? follow(path, packet, assumed) : undefined;
    if (way === undefined) return { verdict: "unknown", trace: first.trace, conditions: [...new Set(met)] };
    met.push(...way.asked);
    const other = verdictOf(way.trace.fate);
    if (other !== verdict) {
      return {
        verdict: "unknown",
        trace: first.trace,
        otherwise: { verdict: other, trace: way.trace },
        conditions: [...new Set(met)],
      };
    }
    open.push(...alternatives(assumed, way.asked));
  }
  return { verdict, trace: first.trace, conditions: [...new Set(met)] };
}

const MOST_WAYS = 4096;

interface Assumption {
  readonly condition: string;
  readonly holds: boolean;
}

export function verdictOf(fate: Fate): PacketVerdict {
  switch (fate) {
    case "accepted":
      return "accept";
    case "dropped":
      return "drop";
    case "rejected":
      return "reject";
    case "undecided":
      return "continue";
    case "unknown":
      return "unknown";
  }
}

/** One way through the path: what is not assumed does not hold, and is written down when it is asked for. */
function follow(
  path: Path,
  packet: Packet,
  assumed: readonly Assumption[],
): { trace: Trace; asked: readonly string[] } {
  const known = new Map(assumed.map((one) => [one.condition, one.holds]));
  const asked: string[] = [];
  const conditions = new Set<string>();
  conditions.has = (condition) => {
    const holds = known.get(condition);
    if (holds !== undefined) return holds;
    known.set(condition, false);
    asked.push(condition);
    return false;
  };
  return { trace: trace(path, { ...packet, conditions }), asked };
}

/** The ways that part from one that was followed: each condition that was asked for holds, those before it do not. */
function alternatives(assumed: readonly Assumption[], asked: readonly string[]): Assumption[][] {
  return asked.map((condition, i) => [
    ...assumed,
    ...asked.slice(0, i).map((earlier) => ({ condition: earlier, holds: false })),
    { condition, holds: true },
  ]);
}
