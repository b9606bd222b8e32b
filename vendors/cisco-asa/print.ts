import type { Box, EdgeException, Family, IntervalSet, Traffic } from "../../src/vendor-kit/index.js";
import {
  anyAddress,
  equalAddresses,
  isEverything,
  octets,
  plainLine,
  portNumbers,
  protocolsWithPorts,
  subtract,
  toSet,
} from "../../src/vendor-kit/index.js";
import type { Block, FlatEntry } from "./flatten.js";
import type { Groups } from "./groups.js";

/** Lines of an access-list, each without `access-list NAME`, and how many entries the device makes of them. */
export interface ListText {
  readonly lines: readonly string[];
  readonly elements: number;
}

/** Something that an entry cannot say. */
export class Unspeakable extends Error {}

/** Throws `Unspeakable`. */
export function printBlocks(blocks: readonly Block[], groups: Groups, log: string): ListText {
  const lines: string[] = [];
  let elements = 0;
  for (const block of blocks) {
    lines.push(...remarksOf(block));
    for (const entry of block.entries) {
      for (const one of printEntry(entry, groups, log)) {
        lines.push(one.text);
        elements += one.count;
      }
    }
  }
  return { lines, elements };
}

function remarksOf(block: Block): string[] {
  const { about } = block;
  switch (about.kind) {
    case "rule":
      return [
        remark(`rule ${about.rule.name}: ${about.rule.action}`),
        ...about.cutOut.map((one) => remark(`not for its exception ${describeException(one)}`)),
      ];
    case "exception":
      return [
        remark(`exception of rule ${about.rule.name}: ${describeException(about.exception)}`),
        ...(about.moot ? [remark("(without entries here: what follows would not let it through either)")] : []),
      ];
    case "neighbour-discovery":
      return [remark("neighbour discovery (RFC 4861) passes a policy that denies by default")];
    case "end":
      return [remark(`end: what no rule decides, ${about.action}`)];
  }
}

/** The date first: a long reason must not push it out of the line. */
function describeException(one: EdgeException): string {
  return [
    ...(one.expires === undefined ? [] : [`until ${one.expires}`]),
    ...(one.reason === undefined ? [] : [one.reason]),
    `from ${one.from.label} to ${one.to.label}`,
  ].join(", ");
}

/** A remark holds at most 100 characters. */
export function remark(text: string): string {
  return `remark ${typeable(plainLine(text, 100))}`;
}

/** A terminal takes `?` for a call for help, wherever it stands, and `!` begins a comment. */
export function typeable(text: string): string {
  return text.replace(/[?!]/g, ".");
}

interface Printed {
  readonly text: string;
  readonly count: number;
}

function printEntry(entry: FlatEntry, groups: Groups, log: string): Printed[] {
  const { box } = entry;
  const heads = protocolsOf(box.traffic, groups);
  const tail = entry.log ? ` ${log}` : "";
  return endsOf(box, groups).flatMap(({ from, to, count }) =>
    heads.flatMap((head) =>
      head.source.flatMap((source) =>
        head.destination.map((destination) => ({
          text: `extended ${entry.action} ${head.protocol} ${from}${source} ${to}${destination}${tail}`,
          count: count * head.count,
        })),
      ),
    ),
  );
}

/** Sources and destinations: one pair for each family, or `any any` for both together. */
function endsOf(box: Box, groups: Groups): { from: string; to: string; count: number }[] {
  if (equalAddresses(box.from.addresses, anyAddress) && equalAddresses(box.to.addresses, anyAddress)) {
    return [{ from: "any", to: "any", count: 1 }];
  }
  return (["ipv4", "ipv6"] as const).flatMap((family: Family) => {
    if (box.from.addresses[family].length === 0) return [];
    const from = groups.addresses(box.from, family);
    const to = groups.addresses(box.to, family);
    return [{ from: from.text, to: to.text, count: from.count * to.count }];
  });
}

interface Head {
  readonly protocol: string;
  /** Text behind the source, with a blank before it, or empty. One entry for each. */
  readonly source: readonly string[];
  readonly destination: readonly string[];
  readonly count: number;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmp6"],
  [132, "sctp"],
]);

function protocolsOf(traffic: Traffic, groups: Groups): Head[] {
  if (portsCannotBeSaid(traffic)) {
    throw new Unspeakable("an ASA knows the ports of TCP, UDP and SCTP only, each in an entry of its own");
  }
  const { protocols } = traffic;
  if (isEverything(octets, protocols)) return [{ protocol: "ip", source: [""], destination: [""], count: 1 }];
  const numbers = protocols.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  if (numbers.includes(0)) {
    throw new Unspeakable("protocol 0 cannot be said: an ASA reads that number as any protocol");
  }
  if (numbers.length > 1) {
    const { text, count } = groups.protocols(numbers);
    return [{ protocol: text, source: [""], destination: [""], count }];
  }
  const [number] = numbers as [number];
  const protocol = NAMES.get(number) ?? String(number);
  if (number === 1 || number === 58) {
    return [{ protocol, source: [""], destination: icmpTexts(traffic), count: 1 }];
  }
  return [
    { protocol, source: portTexts(traffic.sourcePorts), destination: portTexts(traffic.destinationPorts), count: 1 },
  ];
}

function icmpTexts({ icmpTypes, icmpCodes }: Traffic): string[] {
  if (isEverything(octets, icmpTypes) && isEverything(octets, icmpCodes)) return [""];
  const each = (set: IntervalSet<number>): number[] =>
    set.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return each(icmpTypes).flatMap((type) =>
    isEverything(octets, icmpCodes) ? [` ${type}`] : each(icmpCodes).map((code) => ` ${type} ${code}`),
  );
}

/** Numbers, never names: an ASA's names are not always what they seem (`cifs` is 3020). */
function portTexts(ports: IntervalSet<number>): string[] {
  if (isEverything(portNumbers, ports)) return [""];
  return ports.map(({ first, last }) => (first === last ? ` eq ${first}` : ` range ${first} ${last}`));
}

/** Whether ports are said for a protocol whose entries can hold none (UDP-Lite, DCCP, or several at once). */
function portsCannotBeSaid(traffic: Traffic): boolean {
  const full = isEverything(portNumbers, traffic.sourcePorts) && isEverything(portNumbers, traffic.destinationPorts);
  if (full) return false;
  const spoken = toSet(
    octets,
    protocolsWithPorts.filter((n) => n === 6 || n === 17 || n === 132).map((n) => ({ first: n, last: n })),
  );
  return subtract<number>(octets, traffic.protocols, spoken).length > 0;
}
