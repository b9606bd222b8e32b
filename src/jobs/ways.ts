import type { Device, Hook } from "../ir/index.js";
import type { Direction, Edge } from "../policy/edge.js";
import { directions } from "../policy/edge.js";
import type { Crossing, Mapping } from "./interfaces.js";
import { crossingsOf, otherInterface } from "./interfaces.js";

/** A device, or a policy as one, with its interfaces. */
export interface Side {
  readonly device: Device;
  readonly mapping: Mapping;
  readonly names: readonly string[];
  /** Of a policy. */
  readonly edge?: Edge;
  /** Of a role of hosts: what it does not decide is none of its business. */
  readonly leavesTheRest?: true;
}

/** The same way across the edge on both sides. */
export interface Way {
  readonly a: Crossing;
  readonly b: Crossing;
}

export interface HookWays {
  readonly hook: Hook;
  readonly direction: Direction | "either";
  readonly ways: readonly Way[];
}

/** Where neither side says what is outside, a way through is inbound and outbound at once: it is looked at once. */
export function waysThrough(left: Side, right: Side, hook: Hook): HookWays[] {
  const tried = left.mapping.outsideIs === "tried" && right.mapping.outsideIs === "tried";
  if (tried && hook === "forward") return [{ hook, direction: "either", ways: waysOf(left, right, hook, "inbound") }];
  return directions.map((direction) => ({ hook, direction, ways: waysOf(left, right, hook, direction) }));
}

/** Every pair of ways that stand for the same way across the edge. */
function waysOf(left: Side, right: Side, hook: Hook, direction: Direction): Way[] {
  const near = direction === "inbound" ? "ingress" : "egress";
  const far = direction === "inbound" ? "egress" : "ingress";
  const outside = pairs(left, right, "outside");
  const inside = pairs(left, right, "inside");
  const alike = (x: string, y: string): boolean => inside(x, y) && isOutside(left, x) === isOutside(right, y);
  const a = crossingsOf(left.mapping, direction, hook);
  const b = crossingsOf(right.mapping, direction, hook);
  return a.flatMap((x) =>
    b
      .filter(
        (y) => outside(x[near]!, y[near]!) && (x[far] === undefined || y[far] === undefined || alike(x[far], y[far])),
      )
      .map((y) => ({ a: x, b: y })),
  );
}

/** Whether the other end of a way is outside too. Where each interface is tried as the outside one, it is not. */
function isOutside({ edge, mapping }: Side, far: string): boolean {
  if (edge !== undefined) return far !== "inside";
  return mapping.outsideIs !== "tried" && mapping.outside.includes(far);
}

/**
 * Which names of the two sides may be one interface: the same names where both know a common one, else each with each.
 * A policy's outside is every outside interface.
 */
function pairs(left: Side, right: Side, side: "outside" | "inside"): (a: string, b: string) => boolean {
  const a = left.mapping[side];
  const b = right.mapping[side];
  const common = a.filter((name) => name !== otherInterface && b.includes(name));
  const byName = left.edge === undefined && right.edge === undefined && common.length > 0;
  if (!byName)
    return (x, y) =>
      left.edge !== undefined ||
      right.edge !== undefined ||
      (x === otherInterface) === (y === otherInterface) ||
      a.length === 1 ||
      b.length === 1;
  // A name that only one side knows is any other interface to the other side.
  return (x, y) => x === y || (y === otherInterface && !b.includes(x)) || (x === otherInterface && !a.includes(y));
}
