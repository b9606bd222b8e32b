import type { EdgeException, EdgeRule, Endpoint, Service } from "../policy/edge.js";
import type { AddressSet, Family, IntervalSet } from "../net/index.js";
import {
  anyAddress,
  equalAddresses,
  equalSets,
  everything,
  intersect,
  intersectAddresses,
  isAnyAddress,
  octets,
  portNumbers,
  subtract,
  subtractAddresses,
  unionAddresses,
} from "../net/index.js";

/** Packets of some traffic from some addresses to some: what one rule of a device that has no order can say. */
export interface Box {
  readonly traffic: Traffic;
  readonly from: Place;
  readonly to: Place;
}

/** A full set means any value, also for packets that do not have the field. */
export interface Traffic {
  readonly protocols: IntervalSet<number>;
  readonly sourcePorts: IntervalSet<number>;
  readonly destinationPorts: IntervalSet<number>;
  readonly icmpTypes: IntervalSet<number>;
  readonly icmpCodes: IntervalSet<number>;
}

/** Addresses, and a word for them that a group's name can be made of. */
export interface Place {
  readonly addresses: AddressSet;
  readonly name: string;
}

export const anywhere: Place = { addresses: anyAddress, name: "any" };
export const anyTraffic: Traffic = {
  protocols: everything(octets),
  sourcePorts: everything(portNumbers),
  destinationPorts: everything(portNumbers),
  icmpTypes: everything(octets),
  icmpCodes: everything(octets),
};
export const everyBox: Box = { traffic: anyTraffic, from: anywhere, to: anywhere };

/** The boxes of a rule or an exception: one for each service. */
export function boxesOf(one: EdgeRule | EdgeException): Box[] {
  return one.services.flatMap((service) => {
    const families = one.families.filter((family) => service.family === undefined || service.family === family);
    return boxOrNone(
      trafficOf(service),
      restricted(placeOf(one.from), families),
      restricted(placeOf(one.to), families),
    );
  });
}

function trafficOf(service: Service): Traffic {
  const one = (n: number): IntervalSet<number> => [{ first: n, last: n }];
  return {
    protocols: service.protocol === "any" ? anyTraffic.protocols : one(service.protocol),
    sourcePorts: service.sourcePorts,
    destinationPorts: service.destinationPorts,
    icmpTypes: service.icmp === undefined ? anyTraffic.icmpTypes : one(service.icmp.type),
    icmpCodes: service.icmp?.code === undefined ? anyTraffic.icmpCodes : one(service.icmp.code),
  };
}

function placeOf(endpoint: Endpoint): Place {
  return isAnyAddress(endpoint.addresses) ? anywhere : { addresses: endpoint.addresses, name: endpoint.id };
}

function restricted(place: Place, families: readonly Family[]): Place {
  const { ipv4, ipv6 } = place.addresses;
  return {
    addresses: { ipv4: families.includes("ipv4") ? ipv4 : [], ipv6: families.includes("ipv6") ? ipv6 : [] },
    name: place.name,
  };
}

/** A family without sources or without destinations has no packets: it is emptied at both ends. */
function boxOrNone(traffic: Traffic, from: Place, to: Place): Box[] {
  if (Object.values(traffic).some((set: IntervalSet<number>) => set.length === 0)) return [];
  const families = (["ipv4", "ipv6"] as const).filter(
    (f) => from.addresses[f].length > 0 && to.addresses[f].length > 0,
  );
  if (families.length === 0) return [];
  return [
    families.length === 2
      ? { traffic, from, to }
      : { traffic, from: restricted(from, families), to: restricted(to, families) },
  ];
}

export function intersectBoxes(a: Box, b: Box): Box | undefined {
  return boxOrNone(commonTraffic(a.traffic, b.traffic), commonPlace(a.from, b.from), commonPlace(a.to, b.to))[0];
}

function commonTraffic(a: Traffic, b: Traffic): Traffic {
  return {
    protocols: intersect(a.protocols, b.protocols),
    sourcePorts: intersect(a.sourcePorts, b.sourcePorts),
    destinationPorts: intersect(a.destinationPorts, b.destinationPorts),
    icmpTypes: intersect(a.icmpTypes, b.icmpTypes),
    icmpCodes: intersect(a.icmpCodes, b.icmpCodes),
  };
}

function commonPlace(a: Place, b: Place): Place {
  if (a === b || isAnyAddress(b.addresses)) return a;
  if (isAnyAddress(a.addresses)) return b;
  const addresses = intersectAddresses(a.addresses, b.addresses);
  const named = [a, b].find((one) => partOf(addresses, one.addresses));
  return { addresses, name: named?.name ?? `${a.name}-in-${b.name}` };
}

/** Whether a set is another one, or its whole part of one family. */
function partOf(part: AddressSet, whole: AddressSet): boolean {
  return (
    (part.ipv4.length === 0 || equalSets(part.ipv4, whole.ipv4)) &&
    (part.ipv6.length === 0 || equalSets(part.ipv6, whole.ipv6))
  );
}

export function boxCovers(whole: Box, part: Box): boolean {
  const common = intersectBoxes(whole, part);
  return (
    common !== undefined &&
    equalAddresses(common.from.addresses, part.from.addresses) &&
    equalAddresses(common.to.addresses, part.to.addresses) &&
    FIELDS.every((field) => equalSets(common.traffic[field], part.traffic[field]))
  );
}

const FIELDS = ["protocols", "sourcePorts", "destinationPorts", "icmpTypes", "icmpCodes"] as const;
const DOMAINS = {
  protocols: octets,
  sourcePorts: portNumbers,
  destinationPorts: portNumbers,
  icmpTypes: octets,
  icmpCodes: octets,
} as const;

/**
 * Boxes that together are `box` without `hole`. They may overlap: an end that the hole leaves whole stays `any` and
 * needs no group.
 */
export function cutOutBox(box: Box, hole: Box): Box[] {
  if (intersectBoxes(box, hole) === undefined) return [box];
  const parts: Box[] = [];
  let traffic = box.traffic;
  for (const field of FIELDS) {
    const rest = subtract<number>(DOMAINS[field], traffic[field], hole.traffic[field]);
    parts.push(...boxOrNone({ ...traffic, [field]: rest }, box.from, box.to));
    traffic = { ...traffic, [field]: intersect(traffic[field], hole.traffic[field]) };
  }
  // The first part holds all of a family that the hole does not have.
  const families = (["ipv4", "ipv6"] as const).filter((family) => hole.from.addresses[family].length > 0);
  parts.push(...boxOrNone(traffic, without(box.from, hole.from), box.to));
  parts.push(...boxOrNone(traffic, restricted(box.from, families), without(box.to, hole.to)));
  return parts;
}

function without(a: Place, b: Place): Place {
  const name = isAnyAddress(a.addresses) ? `not-${b.name}` : `${a.name}-without-${b.name}`;
  return { addresses: subtractAddresses(a.addresses, b.addresses), name };
}

/** Drops boxes that another one boxCovers, where there are few enough to compare them all. */
export function withoutCoveredBoxes(boxes: readonly Box[]): readonly Box[] {
  if (boxes.length > 100) return boxes;
  return boxes.filter(
    (box, i) => !boxes.some((other, j) => i !== j && boxCovers(other, box) && !(boxCovers(box, other) && i < j)),
  );
}

/**
 * Boxes that differ in one end only become one, so that a hole which lies in many exceptions (a network after another to
 * the same clients) is cut out once.
 */
export function joinedBoxes(boxes: readonly Box[]): Box[] {
  let result = [...boxes];
  for (const end of ["to", "from"] as const) {
    const other = end === "to" ? "from" : "to";
    const next: Box[] = [];
    for (const box of result) {
      const index = next.findIndex(
        (one) =>
          FIELDS.every((field) => equalSets(one.traffic[field], box.traffic[field])) &&
          equalAddresses(one[other].addresses, box[other].addresses),
      );
      const same = next[index];
      if (same === undefined) next.push(box);
      else {
        const addresses = unionAddresses(same[end].addresses, box[end].addresses);
        const named = [same, box].find((one) => equalAddresses(addresses, one[end].addresses));
        const name = named?.[end].name ?? `${same[end].name}-and-${box[end].name}`;
        next[index] = { ...same, [end]: { addresses, name } };
      }
    }
    result = next;
  }
  return result;
}
