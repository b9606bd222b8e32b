import type { Match, NumberField, State } from "../ir/index.js";
import { states } from "../ir/index.js";
import { intersect } from "../net/index.js";
import type { Interval, IntervalSet } from "../net/index.js";
import type { Alphabet } from "./alphabet.js";
import { alphabetOf } from "./alphabet.js";
import type { Node } from "./bdd.js";
import { ALL, Bdd, NONE, SpaceExhausted } from "./bdd.js";
import { intervalNode } from "./interval-node.js";
import type { Field, Layout } from "./layout.js";
import { layoutFor } from "./layout.js";
import type { Box, BoxConstraint } from "./overlay.js";
import { Overlay } from "./overlay.js";

/** A set of packets: a number that means something in its own space only. */
export type PacketSet = Node;

export interface SpaceOptions {
  /** Every interface name and wildcard that will be spoken of; others count as one and the same. */
  readonly interfaces: Iterable<string>;
  /** Bounds the memory, 20 to 24 bytes a node; past it `SpaceExhausted` is thrown. */
  readonly mostNodes?: number;
  /**
   * The diagrams of an earlier space, to go on with: what was worked out there for the same sets costs nothing here.
   * Sets of the two spaces must not be mixed, because the same interface may have another number in each.
   */
  readonly diagrams?: Bdd;
}

/** All packets that a question is about, and the sets among them. Equal sets are equal numbers. */
export class PacketSpace {
  readonly bdd: Bdd;
  readonly layout: Layout;
  readonly interfaces: Alphabet;
  readonly none: PacketSet = NONE;
  readonly all: PacketSet = ALL;
  /** The words of the free conditions, in the order of their levels. */
  readonly conditions: string[] = [];
  private readonly levelOfCondition = new Map<string, number>();
  /** Levels of conditions that belong to the packet; true where only their absence is certain to occur. */
  private readonly varying = new Map<number, boolean>();
  private readonly overlay: Overlay;
  private readonly known = new WeakMap<Match, PacketSet>();

  constructor(options: SpaceOptions) {
    this.bdd = options.diagrams ?? (options.mostNodes === undefined ? new Bdd() : new Bdd(options.mostNodes));
    this.overlay = new Overlay(this.bdd);
    this.interfaces = alphabetOf(options.interfaces);
    this.layout = layoutFor(this.interfaces.bits);
  }

  and(a: PacketSet, b: PacketSet): PacketSet {
    return this.bdd.and(a, b);
  }

  or(a: PacketSet, b: PacketSet): PacketSet {
    return this.bdd.or(a, b);
  }

  /** What is in `a` and not in `b`. */
  difference(a: PacketSet, b: PacketSet): PacketSet {
    return this.bdd.difference(a, b);
  }

  not(a: PacketSet): PacketSet {
    return this.bdd.not(a);
  }

  /** The packets that are in the set for some values of the conditions. */
  may(a: PacketSet): PacketSet {
    return this.conditions.length === 0 ? a : this.bdd.exists(a, this.layout.conditions, this.lastLevel());
  }

  /** The packets that are in the set whatever the conditions are, those left aside that belong to the packet (`varies`). */
  must(a: PacketSet): PacketSet {
    if (this.conditions.length === 0) return a;
    return this.bdd.always(a, this.layout.conditions, this.lastLevel(), this.varying);
  }

  /** The set without regard to the interfaces: the packets that are in it on some pair of them. */
  withoutInterfaces(a: PacketSet): PacketSet {
    const { ingress, egress } = this.layout;
    return this.bdd.exists(a, ingress.first, egress.first + egress.bits - 1);
  }

  /** The words of the conditions that the set depends on. */
  conditionsIn(a: PacketSet): string[] {
    const seen = new Set<number>();
    const levels = new Set<number>();
    const open = [a];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node <= 1 || seen.has(node)) continue;
      seen.add(node);
      const level = this.bdd.level(node);
      if (level >= this.layout.conditions) levels.add(level);
      open.push(this.bdd.low(node), this.bdd.high(node));
    }
    return this.conditions.filter((_, i) => levels.has(this.layout.conditions + i));
  }

  lastLevel(): number {
    return this.layout.conditions + this.conditions.length - 1;
  }

  /** The packets that a match speaks of. */
  compile(match: Match): PacketSet {
    let set = this.known.get(match);
    if (set === undefined) {
      set = this.build(match);
      this.known.set(match, set);
    }
    return set;
  }

  private build(match: Match): PacketSet {
    switch (match.kind) {
      case "everything":
        return ALL;
      case "nothing":
        return NONE;
      case "not":
        return this.bdd.not(this.compile(match.of));
      case "any":
        return this.bdd.orAll(match.of.map((part) => this.compile(part)));
      case "all":
        return this.conjunction(match.of);
      default:
        return this.conjunction([match]);
    }
  }

  /**
   * Fields are stacked from the deepest level upwards, which needs no operation at all; whatever is left (alternatives,
   * negations) is intersected afterwards.
   */
  private conjunction(parts: readonly Match[]): PacketSet {
    const stack: Constraint[] = [];
    const rest: Match[] = [];
    let ipv4 = true;
    let ipv6 = true;
    for (const part of parts) {
      if (part.kind === "family") {
        if (part.family === "ipv4") ipv6 = false;
        else ipv4 = false;
        continue;
      }
      const constraint = this.constraintOf(part);
      if (constraint === undefined || !push(stack, constraint)) rest.push(part);
    }
    stack.sort((a, b) => b.field.first - a.field.first);
    let result = NONE;
    if (ipv4 || ipv6) {
      let low: Node = ipv4 ? ALL : NONE;
      let high: Node = ipv6 ? ALL : NONE;
      for (const constraint of stack) {
        const same = low === high && constraint.ipv4 === constraint.ipv6;
        low = this.stacked(constraint.field, constraint.ipv4, low, "ipv4");
        high = same ? low : this.stacked(constraint.field, constraint.ipv6, high, "ipv6");
      }
      result = this.bdd.node(this.layout.family.first, low, high);
    }
    for (const part of rest) {
      if (result === NONE) return NONE;
      result = this.bdd.and(result, this.compile(part));
    }
    return result;
  }

  /**
   * "`end` for the packets of `match`, what `below` says for all others": one rule laid over the rules behind it.
   *
   * `end` and the ends of `below` are numbers below ENDS.
   */
  layOver(match: Match, end: Node, below: Node): Node {
    const boxes = this.boxesOf(match);
    if (boxes === undefined) return this.bdd.choose(this.compile(match), end, below);
    const { first } = this.layout.family;
    const testsFamily = this.bdd.level(below) === first;
    const low = testsFamily ? this.bdd.low(below) : below;
    const high = testsFamily ? this.bdd.high(below) : below;
    return this.bdd.node(
      first,
      boxes.ipv4 === undefined ? low : this.overlay.put(boxes.ipv4, end, low),
      boxes.ipv6 === undefined ? high : this.overlay.put(boxes.ipv6, end, high),
    );
  }

  /** One box in each family; undefined for a family without packets, or at all where the match is not made of boxes. */
  private boxesOf(match: Match): { readonly ipv4: Box | undefined; readonly ipv6: Box | undefined } | undefined {
    const parts = match.kind === "all" ? match.of : [match];
    const stack: Constraint[] = [];
    let ipv4 = true;
    let ipv6 = true;
    for (const part of parts) {
      if (part.kind === "everything") continue;
      if (part.kind === "family") {
        if (part.family === "ipv4") ipv6 = false;
        else ipv4 = false;
        continue;
      }
      const constraint = this.constraintOf(part);
      if (constraint === undefined || !push(stack, constraint)) return undefined;
    }
    stack.sort((a, b) => a.field.first - b.field.first);
    return {
      ipv4: ipv4 ? this.boxOf(stack, "ipv4") : undefined,
      ipv6: ipv6 ? this.boxOf(stack, "ipv6") : undefined,
    };
  }

  private boxOf(stack: readonly Constraint[], family: "ipv4" | "ipv6"): Box | undefined {
    const box: BoxConstraint[] = [];
    for (const { field, [family]: values } of stack) {
      if (values.length === 0) return undefined;
      const bits = this.widthOf(field, family);
      const prefix = values.length === 1 ? prefixOf(values[0]!, bits) : undefined;
      if (prefix === undefined) {
        box.push({ kind: "set", set: intervalNode(this.bdd, field.first, bits, values, ALL, NONE) });
      } else if (prefix.length > 0) {
        box.push({ kind: "prefix", first: field.first, ...prefix });
      }
    }
    return box;
  }

  private widthOf(field: Field, family: "ipv4" | "ipv6"): number {
    const address = field === this.layout.source || field === this.layout.destination;
    return address && family === "ipv4" ? 32 : field.bits;
  }

  private stacked(field: Field, values: Values, below: Node, family: "ipv4" | "ipv6"): Node {
    if (below === NONE) return NONE;
    return intervalNode(this.bdd, field.first, this.widthOf(field, family), values, below, NONE);
  }

  private constraintOf(match: Match): Constraint | undefined {
    const same = (field: Field, values: IntervalSet<number>): Constraint => ({ field, ipv4: values, ipv6: values });
    switch (match.kind) {
      case "number":
        return same(this.fieldOf(match.field), match.values);
      case "interface":
        return same(this.layout[match.end], this.interfaceValues(match.names));
      case "state":
        return same(this.layout.state, stateValues(match.states));
      case "address": {
        const { ipv4, ipv6 } = match.addresses;
        return { field: this.layout[match.end], ipv4, ipv6 };
      }
      case "condition": {
        const level = this.conditionLevel(match.condition);
        if (match.varies !== undefined) this.varying.set(level, match.varies === "absent");
        return same({ first: level, bits: 1 }, ONE);
      }
      case "tcp-flags":
        return same(this.layout.tcpFlags, flagValues(match.mask, match.value));
      default:
        return undefined;
    }
  }

  private fieldOf(field: NumberField): Field {
    switch (field) {
      case "protocol":
        return this.layout.protocol;
      case "source-port":
        return this.layout.sourcePort;
      case "destination-port":
        return this.layout.destinationPort;
      case "icmp-type":
        return this.layout.icmpType;
      case "icmp-code":
        return this.layout.icmpCode;
      case "source-mac":
        return this.layout.sourceMac;
    }
  }

  /** The last number stands for every number above it too. */
  private interfaceValues(patterns: readonly string[]): IntervalSet<number> {
    const { bits, other } = this.interfaces;
    return runs(this.interfaces.matching(patterns), other, 2 ** bits - 1);
  }

  private conditionLevel(words: string): number {
    let level = this.levelOfCondition.get(words);
    if (level === undefined) {
      if (this.conditions.length === MOST_CONDITIONS) {
        throw new SpaceExhausted(`more than ${MOST_CONDITIONS} conditions that the text does not decide`);
      }
      level = this.layout.conditions + this.conditions.length;
      this.conditions.push(words);
      this.levelOfCondition.set(words, level);
    }
    return level;
  }

  /** The level of a condition that has occurred; undefined for one that has not. */
  levelOf(words: string): number | undefined {
    return this.levelOfCondition.get(words);
  }

  /** The packets that come or go without an interface at one end: those of the firewall itself. */
  noInterface(end: "ingress" | "egress"): PacketSet {
    const field = this.layout[end];
    return intervalNode(this.bdd, field.first, field.bits, ZERO, ALL, NONE);
  }
}

type Values = IntervalSet<number> | IntervalSet<bigint>;

interface Constraint {
  readonly field: Field;
  readonly ipv4: Values;
  readonly ipv6: Values;
}

/** Operations go as deep as there are levels; this many conditions fit the call stack several times over. */
const MOST_CONDITIONS = 2500;

const ZERO: IntervalSet<number> = [{ first: 0, last: 0 }];
const ONE: IntervalSet<number> = [{ first: 1, last: 1 }];

/** Adds a constraint, or narrows the one on the same field. False when it meets another field halfway (ports and ICMP types). */
function push(stack: Constraint[], constraint: Constraint): boolean {
  const index = stack.findIndex((one) => overlap(one.field, constraint.field));
  const other = stack[index];
  if (other === undefined) {
    stack.push(constraint);
    return true;
  }
  if (other.field.first !== constraint.field.first || other.field.bits !== constraint.field.bits) return false;
  stack[index] = {
    field: constraint.field,
    ipv4: intersectValues(other.ipv4, constraint.ipv4),
    ipv6: intersectValues(other.ipv6, constraint.ipv6),
  };
  return true;
}

/** Both are sets of numbers or both of bigints, since they are of one field and family. */
function intersectValues(a: Values, b: Values): Values {
  return intersect(a as IntervalSet<number>, b as IntervalSet<number>);
}

function overlap(a: Field, b: Field): boolean {
  return a.first < b.first + b.bits && b.first < a.first + a.bits;
}

/** The number of each state; `untracked` is 6 and, so that every number has a meaning, 7. */
export function stateNumber(state: State): number {
  return states.indexOf(state);
}

function stateValues(wanted: readonly State[]): IntervalSet<number> {
  return runs(
    [...new Set(wanted.map(stateNumber))].sort((a, b) => a - b),
    states.length - 1,
    7,
  );
}

/** Ascending numbers as intervals, where `top` stands for everything from itself to `highest`. */
function runs(numbers: readonly number[], top: number, highest: number): IntervalSet<number> {
  const result: { first: number; last: number }[] = [];
  for (const first of numbers) {
    const last = first === top ? highest : first;
    const open = result[result.length - 1];
    if (open !== undefined && open.last + 1 === first) open.last = last;
    else result.push({ first, last });
  }
  return result;
}

interface PrefixBits {
  readonly length: number;
  /** 32 bits each, left-aligned. */
  readonly words: readonly number[];
}

/** The leading bits that all values of an interval share and that alone make it up; undefined if it is no prefix. */
function prefixOf(interval: Interval<number> | Interval<bigint>, bits: number): PrefixBits | undefined {
  return typeof interval.first === "number"
    ? numberPrefix(interval as Interval<number>, bits)
    : bigPrefix(interval as Interval<bigint>, bits);
}

function numberPrefix({ first, last }: Interval<number>, bits: number): PrefixBits | undefined {
  const size = last - first + 1;
  const free = Math.log2(size);
  if (!Number.isInteger(free) || first % size !== 0) return undefined;
  return bits <= 32
    ? { length: bits - free, words: [first * 2 ** (32 - bits)] }
    : { length: bits - free, words: [Math.floor(first / 2 ** (bits - 32)), (first * 2 ** (64 - bits)) % 2 ** 32] };
}

function bigPrefix({ first, last }: Interval<bigint>, bits: number): PrefixBits | undefined {
  const size = last - first + 1n;
  if ((size & (size - 1n)) !== 0n || (first & (size - 1n)) !== 0n) return undefined;
  const words: number[] = [];
  for (let shift = BigInt(bits - 32); shift >= 0n; shift -= 32n) words.push(Number((first >> shift) & 0xffffffffn));
  return { length: bits - (size.toString(2).length - 1), words };
}

function flagValues(mask: number, value: number): IntervalSet<number> {
  const numbers: number[] = [];
  for (let flags = 0; flags < 256; flags++) if ((flags & mask) === value) numbers.push(flags);
  return runs(numbers, 255, 255);
}
