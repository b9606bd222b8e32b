import type { Device, Direction, Hook, Path } from "../ir/index.js";
import * as ir from "../ir/index.js";
import { otherInterface } from "../jobs/interfaces.js";
import type { Fates, PacketSet, PacketSpace, PathDecision } from "../packet-set/index.js";
import { decidePath, firstPackets, packetsOf, pathOf } from "../packet-set/index.js";
import { exceptedMatch, truthOf } from "../policy/truth.js";
import type { LintContext } from "./context.js";

/**
 * The first packets of connections that cross the edge in one direction, by what the policy says of them and what the
 * device does.
 */
export interface EdgeQuestion {
  readonly hook: Hook;
  readonly direction: Direction;
  readonly path: Path;
  readonly decision: PathDecision;
  readonly asked: PacketSet;
  /** What the policy denies of them. */
  readonly denied: PacketSet;
  /** What it permits, or excepts from a denial and leaves to the device. */
  readonly allowed: PacketSet;
  /** What the device lets pass, also by leaving it to something that is not in the text. */
  readonly passes: PacketSet;
  /** The part of these that no rule in the text decides. */
  readonly left: PacketSet;
  /** What nobody can tell, because a part of the text was not understood. */
  readonly unknown: PacketSet;
  /**
   * The part of a set whose packets have their like in it whichever interface is outside: the whole set where somebody
   * says which are.
   */
  whicheverIsOutside(set: PacketSet): PacketSet;
}

export function edgeQuestions(context: LintContext): EdgeQuestion[] {
  const { configuration, hooks, mapping, options, space } = context;
  const tried = mapping.outsideIs === "tried";
  const truth = truthOf(options.edge, { outside: tried ? ["*"] : mapping.outside, hooks: ir.hooks });
  const families = space.compile(ir.any(...options.families.map(ir.ofFamily)));
  const judged = space.difference(space.and(firstPackets(space), families), neverCarried(context));
  return hooks.flatMap((hook) => {
    const path = pathOf(configuration.device.paths, hook)!;
    return directionsOf(hook).map((direction): EdgeQuestion => {
      const candidates = candidatesOf(context).map((outside) =>
        space.and(judged, crossingBy(context, hook, direction, outside)),
      );
      const asked = space.bdd.orAll(candidates);
      const decision = decidePath(space, path);
      const policy = policyFates(space, truth, hook, tried ? direction : undefined);
      const excepted = space.compile(exceptedMatch(options.edge, direction));
      return {
        hook,
        direction,
        path,
        decision,
        asked,
        denied: space.and(asked, space.or(policy.dropped, policy.rejected)),
        allowed: space.and(asked, space.or(policy.accepted, space.and(policy.undecided, excepted))),
        passes: space.and(asked, space.or(decision.accepted, decision.undecided)),
        left: space.and(asked, decision.undecided),
        unknown: space.and(asked, decision.unknown),
        whicheverIsOutside: (set) => (tried ? inEach(space, set, candidates) : set),
      };
    });
  });
}

/** IPv6 on interfaces that are not set up for it. */
function neverCarried({ configuration, space }: LintContext): PacketSet {
  const names = configuration.device.interfaces.filter((one) => one.withoutIpv6 === true).map((one) => one.name);
  if (names.length === 0) return space.none;
  return space.compile(ir.all(ir.ofFamily("ipv6"), ir.any(ir.ingress(...names), ir.egress(...names))));
}

function directionsOf(hook: Hook): readonly Direction[] {
  return hook === "input" ? ["inbound"] : hook === "output" ? ["outbound"] : ir.directions;
}

/** The interfaces that may be outside. Where nobody says, no loopback. */
function candidatesOf({ mapping }: LintContext): readonly string[] {
  return mapping.outsideIs === "tried" ? mapping.outside.filter((name) => !loopbacks.includes(name)) : mapping.outside;
}

/** Linux, BSD. */
const loopbacks: readonly string[] = ["lo", "lo0"];

function crossingBy(context: LintContext, hook: Hook, direction: Direction, outside: string): PacketSet {
  const { configuration, mapping, space } = context;
  const [near, far] = direction === "inbound" ? [ir.ingress, ir.egress] : [ir.egress, ir.ingress];
  const packets = space.and(packetsOf(space, hook), space.compile(near(outside)));
  if (hook !== "forward") return packets;
  const inside =
    configuration.sides.inside.length > 0 ? ir.any(...mapping.inside.map((name) => far(name))) : ir.everyPacket;
  // What turns round on one interface does not cross. Other interfaces stand for many.
  const turns = outside === otherInterface ? ir.noPacket : far(outside);
  return space.and(
    packets,
    space.compile(ir.all(inside, ir.not(ir.any(turns, ...loopbacks.map((name) => far(name)))))),
  );
}

/** With a direction, as if each packet crossed the edge that way: nobody says which interfaces are outside. */
function policyFates(space: PacketSpace, truth: Device, hook: Hook, direction: Direction | undefined): Fates {
  const path = pathOf(truth.paths, hook)!;
  if (direction === undefined) return decidePath(space, path);
  return decidePath(space, { hook, filters: path.filters.filter((filter) => filter.entry === direction) });
}

function inEach(space: PacketSpace, set: PacketSet, candidates: readonly PacketSet[]): PacketSet {
  let everywhere = space.all;
  for (const candidate of candidates) {
    everywhere = space.and(everywhere, space.withoutInterfaces(space.and(set, candidate)));
    if (everywhere === space.none) break;
  }
  return space.and(set, everywhere);
}
