import type { Device, Direction, Hook, Packet } from "../ir/index.js";
import { directions } from "../ir/index.js";
import type { Bdd, Fate, Fates, PacketSet, Trace } from "../packet-set/index.js";
import {
  PacketSpace,
  chooseFates,
  compareFates,
  crossing,
  decidePath,
  describe,
  everyPacketIs,
  firstPackets,
  interfacePatterns,
  merged,
  packetsOf,
  pathOf,
  trace,
  witness,
} from "../packet-set/index.js";
import type { Edge } from "../policy/edge.js";
import { hostTruthOf } from "../policy/host-truth.js";
import { truthOf } from "../policy/truth.js";
import type { Claim } from "../vendor-kit/vendor.js";
import { stagedPath } from "./staged.js";

/** Packets on which a configuration and the policy (with the base that it was laid over) do not agree. */
export interface Difference {
  readonly hook: Hook;
  /** The directions in which the packet crosses the edge; none for one that stays inside. */
  readonly directions: readonly Direction[];
  readonly expected: Fate;
  readonly actual: Fate;
  /** The packets in readable boxes, cut to a few lines. */
  readonly packets: readonly string[];
  readonly packet: Packet;
  /** How the policy judges the packet. */
  readonly policy: Trace;
  /** How the base judges it, where the policy leaves it alone and there is a base. */
  readonly base?: Trace;
  /** How the configuration judges it; undefined where it has no filter on this hook. */
  readonly config?: Trace;
}

/**
 * Compares what a configuration does with what the policy says, packet for packet, on every hook of the claim. Equal is
 * the empty list.
 *
 * Packets that do not cross the edge belong to the comparison: an overlay that dropped one of them would be wrong. Where
 * the claim has a base, whatever the policy leaves alone must meet the fate that it met there; what was unknown there,
 * because the base's text was not understood, may stay so.
 *
 * Several claims for one policy may share their diagrams: most of their sets are the same.
 *
 * Throws `SpaceExhausted` when the configuration is too large to be decided.
 */
export function prove(edge: Edge, claim: Claim, device: Device, diagrams?: Bdd): Difference[] {
  const truth = meaningOf(edge, claim);
  const sides = [truth, device, ...(claim.base ? [claim.base] : []), ...Object.values(claim.decided ?? {})];
  const interfaces = sides.flatMap((side) => [...interfacePatterns(side)]);
  const space = new PacketSpace({ interfaces, ...(diagrams && { diagrams }) });
  return claim.hooks.flatMap((hook) => proveHook(space, hook, claim, truth, device));
}

function meaningOf(edge: Edge, claim: Claim): Device {
  if (claim.role === undefined) {
    return truthOf(edge, {
      outside: claim.outside,
      hooks: claim.hooks,
      ...(claim.base === undefined && { continueBecomes: claim.continueBecomes }),
    });
  }
  const role = edge.hosts?.roles.find((one) => one.name === claim.role?.name);
  if (role === undefined)
    throw new Error(`a claim is about the role ${claim.role.name}, which the policy does not have`);
  return hostTruthOf(role, claim.role.profiles);
}

function proveHook(space: PacketSpace, hook: Hook, claim: Claim, truth: Device, device: Device): Difference[] {
  const policyPath = pathOf(truth.paths, hook)!;
  const configPath = pathOf(device.paths, hook);
  const basePath = claim.base && pathOf(claim.base.paths, hook);
  const [inbound, outbound] = directions.map((direction) => crossing(space, hook, direction, claim)) as [
    PacketSet,
    PacketSet,
  ];

  const crosses = space.or(inbound, outbound);
  const meeting = claim.role === undefined ? packetsOf(space, hook) : crosses;
  const question = claim.judged === "every-packet" ? meeting : space.and(meeting, firstPackets(space));
  let expected: Fates = decidePath(space, policyPath);
  const nothing = everyPacketIs(space, "unknown");
  let actual: Fates = configPath === undefined ? nothing : decidePath(space, configPath);
  if (claim.base !== undefined) {
    const before = basePath === undefined ? nothing : decidePath(space, basePath);
    expected =
      claim.decided === undefined
        ? chooseFates(space, space.or(expected.undecided, space.not(crosses)), before, expected)
        : decidePath(space, stagedPath(policyPath, claim.base, claim.decided, claim.outside));
  }
  // Whether a packet that the edge policy has no say in is accepted or left alone makes no difference; nor does it for
  // one that comes in and goes out by outside interfaces, where one half may permit it and the other leave it alone.
  const loose = claim.acceptIsContinue ? space.all : space.or(space.not(crosses), space.and(inbound, outbound));
  expected = merged(space, expected, "undecided", "accepted", loose);
  actual = merged(space, actual, "undecided", "accepted", loose);
  if (claim.rejectIsDrop) {
    expected = merged(space, expected, "rejected", "dropped");
    actual = merged(space, actual, "rejected", "dropped");
  }

  const differences = compareFates(space, expected, actual, question).filter(
    ({ left, right }) =>
      (left !== right || claim.base === undefined) && !(claim.mayStopMore === true && stopsMore(left, right)),
  );
  return differences.flatMap((difference) =>
    byDirection(space, difference.packets, inbound, outbound).map(({ packets, directions }): Difference => {
      const packet = witness(space, packets)!;
      const policy = trace(policyPath, packet);
      const config = configPath && trace(configPath, packet);
      const leftAlone = policy.fate === "undecided" || directions.length === 0;
      return {
        hook,
        directions,
        expected: difference.left,
        actual: difference.right,
        packets: describe(space, packets),
        packet,
        policy,
        ...(config && { config }),
        ...(basePath && leftAlone && { base: trace(basePath, packet) }),
      };
    }),
  );
}

/** Whether a configuration that should do the one and does the other lets nothing pass that it should not. */
function stopsMore(expected: Fate, actual: Fate): boolean {
  const stopped = actual === "dropped" || actual === "rejected";
  return stopped || (expected === "accepted" && actual === "undecided");
}

interface Part {
  readonly packets: PacketSet;
  readonly directions: readonly Direction[];
}

/** The parts of a set that cross the edge inwards, outwards, both ways (by two outside interfaces) and not at all. */
function byDirection(space: PacketSpace, packets: PacketSet, inbound: PacketSet, outbound: PacketSet): Part[] {
  const both = space.and(inbound, outbound);
  const parts: Part[] = [
    { packets: space.difference(inbound, both), directions: ["inbound"] },
    { packets: space.difference(outbound, both), directions: ["outbound"] },
    { packets: both, directions: ["inbound", "outbound"] },
    { packets: space.not(space.or(inbound, outbound)), directions: [] },
  ];
  return parts
    .map((part) => ({ ...part, packets: space.and(part.packets, packets) }))
    .filter((part) => part.packets !== space.none);
}
