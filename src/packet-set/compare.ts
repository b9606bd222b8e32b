import type { Hook, Packet, Path } from "../ir/index.js";
import type { Fate, Fates } from "./fates.js";
import { fates } from "./fates.js";
import type { PacketSet, PacketSpace } from "./space.js";
import type { Step, Trace } from "./trace.js";
import { trace } from "./trace.js";
import { witness } from "./witness.js";

/** Packets that meet one fate on the left side and another on the right. */
export interface FateDifference {
  readonly left: Fate;
  readonly right: Fate;
  readonly packets: PacketSet;
}

/**
 * Where two decisions part, among the packets of a question. Both sides must be sets of the same space.
 *
 * A packet that is unknown on both sides is a difference too: nothing is known to be equal about it.
 */
export function compareFates(space: PacketSpace, left: Fates, right: Fates, question: PacketSet): FateDifference[] {
  if (left.outcome === right.outcome && space.and(question, left.unknown) === space.none) return [];
  const differences: FateDifference[] = [];
  for (const a of fates) {
    const asked = space.and(question, left[a]);
    if (asked === space.none) continue;
    for (const b of fates) {
      if (a === b && a !== "unknown") continue;
      const packets = space.and(asked, right[b]);
      if (packets !== space.none) differences.push({ left: a, right: b, packets });
    }
  }
  return differences;
}

/** A packet as evidence, with what decided it on a path. */
export interface Evidence {
  readonly packet: Packet;
  readonly trace: Trace;
  readonly decidedBy?: Step;
}

/** The plainest packet of a set with its way through a path. The set must not be empty. */
export function evidence(space: PacketSpace, set: PacketSet, path: Path): Evidence {
  const packet = witness(space, set);
  if (packet === undefined) throw new RangeError("no packet to show: the set is empty");
  const way = trace(path, packet);
  return { packet, trace: way, ...(way.decidedBy && { decidedBy: way.decidedBy }) };
}

export function pathOf(paths: readonly Path[], hook: Hook): Path | undefined {
  return paths.find((path) => path.hook === hook);
}
