import type { Device, Hook } from "../ir/index.js";
import { hooks } from "../ir/index.js";
import type { Direction } from "../policy/edge.js";
import { interfacePatterns, matchesPattern } from "../packet-set/index.js";

/** Interface names as the user gave them; empty where nothing was said. */
export interface Sides {
  readonly outside: readonly string[];
  readonly inside: readonly string[];
}

/** One way to go across the edge. */
export interface Crossing {
  readonly hook: Hook;
  /** Absent for packets of the firewall itself. */
  readonly ingress?: string;
  readonly egress?: string;
}

/** Which interfaces are outside and inside, and how that is known. */
export interface Mapping {
  readonly outside: readonly string[];
  /** What a packet may go to or come from on the other end; another outside interface too, where nobody says. */
  readonly inside: readonly string[];
  /**
   * `given` by the user; `told` by the text itself (security levels, `wan`); `tried`: nobody says, so that each interface
   * that occurs is taken for an outside one, but for those that the text itself calls inside.
   */
  readonly outsideIs: "given" | "told" | "tried";
}

/** Stands for every interface that the text does not name. */
export const otherInterface = "any other interface";

/** The interfaces of a device for a question across its edge. */
export function mappingOf(device: Device, sides: Sides): Mapping {
  const told = (side: "outside" | "inside"): string[] =>
    device.interfaces.filter((one) => one.side === side).map((one) => one.name);
  const named = namesOf(device);
  const others = device.hasNoOtherInterface === true && named.length > 1 ? [] : [otherInterface];
  const outsideIs = sides.outside.length > 0 ? "given" : told("outside").length > 0 ? "told" : "tried";
  const outside =
    outsideIs === "given"
      ? resolveAll(sides.outside, device)
      : outsideIs === "told"
        ? told("outside")
        : possiblyOutside(named, told("inside"), others);
  const inside = sides.inside.length > 0 ? resolveAll(sides.inside, device) : [...named, ...others];
  return { outside, inside, outsideIs };
}

/** Not those that the text calls inside; unless it calls all of them that, and still packets cross between them. */
function possiblyOutside(named: readonly string[], inside: readonly string[], others: readonly string[]): string[] {
  const rest = named.filter((name) => !inside.some((pattern) => matchesPattern(pattern, name)));
  return rest.length + others.length > 0 ? [...rest, ...others] : [...named];
}

/**
 * The ways across the edge in a direction, through the given hook. `inbound` packets arrive on an outside interface,
 * `outbound` ones leave by one; the firewall sends no packet inbound and receives none outbound.
 */
export function crossingsOf(mapping: Mapping, direction: Direction, hook: Hook): Crossing[] {
  const near = (name: string) => (direction === "inbound" ? { ingress: name } : { egress: name });
  const far = (name: string) => (direction === "inbound" ? { egress: name } : { ingress: name });
  switch (hook) {
    case "forward":
      return mapping.outside.flatMap((outside) =>
        mapping.inside
          .filter((inside) => inside !== outside || inside === otherInterface)
          .map((inside) => ({ hook, ...near(outside), ...far(inside) })),
      );
    case "input":
      return direction === "inbound" ? mapping.outside.map((outside) => ({ hook, ...near(outside) })) : [];
    case "output":
      return direction === "outbound" ? mapping.outside.map((outside) => ({ hook, ...near(outside) })) : [];
  }
}

/** The hooks that a device has rules for, in the usual order. */
export function hooksOf(device: Device): Hook[] {
  return hooks.filter((hook) => device.paths.some((path) => path.hook === hook));
}

/** `arriving on wan0, leaving by lan0`, as far as there are such. */
export function crossingText(crossing: Omit<Crossing, "hook">): string {
  return [
    ...(crossing.ingress === undefined ? [] : [`arriving on ${crossing.ingress}`]),
    ...(crossing.egress === undefined ? [] : [`leaving by ${crossing.egress}`]),
  ].join(", ");
}

/** Names that occur in rules or in the device's own list, without wildcards' stars: each wildcard as a name that it matches. */
function namesOf(device: Device): string[] {
  const patterns = [...interfacePatterns(device)].filter((pattern) => pattern !== "*" && pattern !== "lo");
  return [...new Set(patterns.map((pattern) => (pattern.endsWith("*") ? `${pattern.slice(0, -1)}0` : pattern)))].sort();
}

/** The names that a device's text does not know, neither as they are, nor as an alias, nor by a wildcard. */
export function strangeNames(device: Device, names: readonly string[]): string[] {
  const patterns = [...interfacePatterns(device)];
  const isKnown = (name: string): boolean =>
    patterns.some(
      (pattern) => matchesPattern(pattern, name) || (name.endsWith("*") && matchesPattern(name, pattern)),
    ) || device.interfaces.some((one) => one.aliases?.includes(name));
  return names.filter((name) => name !== otherInterface && !isKnown(name));
}

/** The interfaces that a device's text speaks of, for a message. */
export function knownNames(device: Device): string[] {
  return namesOf(device);
}

/** A user may name an interface by its alias, or by a wildcard. */
function resolveAll(names: readonly string[], device: Device): string[] {
  const known = namesOf(device);
  return [...new Set(names.flatMap((name) => resolve(name, device, known)))];
}

function resolve(name: string, device: Device, known: readonly string[]): string[] {
  if (name.endsWith("*")) {
    const matching = known.filter((one) => matchesPattern(name, one));
    return matching.length > 0 ? matching : [`${name.slice(0, -1)}0`];
  }
  if (known.includes(name)) return [name];
  const alias = device.interfaces.find((one) => one.aliases?.includes(name));
  return [alias?.name ?? name];
}
