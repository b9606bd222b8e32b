import type { Bdd, Node } from "./bdd.js";
import { ALL, NONE } from "./bdd.js";

/**
 * A box of packets in one family: for each field that matters, what its value may be. In ascending order of levels, no
 * two on the same level. No constraint at all is every packet.
 */
export type Box = readonly BoxConstraint[];

/**
 * `prefix`: the field's leading `length` bits, at least one, are those of `words`, 32 bits each, the first tested being
 * the highest of `words[0]`. `set`: any set of values, as a diagram over the field's levels.
 */
export type BoxConstraint =
  | { readonly kind: "prefix"; readonly first: number; readonly length: number; readonly words: readonly number[] }
  | { readonly kind: "set"; readonly set: Node };

/**
 * "`end` for the packets of a box, what `below` says for all others": one rule laid over the rules behind it.
 *
 * This is `choose` for a single box whose outcome is an end, without making the box's own diagram first: a long list of
 * rules takes half the memory and a fraction of the time that way.
 */
export class Overlay {
  private readonly places = 1 << 14;
  /** Run, state, node, result. */
  private readonly memory = new Int32Array(this.places * 4);
  private run = 0;
  private box: Box = [];
  private end: Node = NONE;
  /** The number of each constraint's first state, so that a state is one number. */
  private readonly states: number[] = [];

  constructor(private readonly bdd: Bdd) {}

  put(box: Box, end: Node, below: Node): Node {
    this.run++;
    this.box = box;
    this.end = end;
    let state = 0;
    for (let i = 0; i < box.length; i++) {
      this.states[i] = state;
      const constraint = box[i]!;
      state += constraint.kind === "prefix" ? constraint.length + 1 : 1;
    }
    return this.constraint(0, below);
  }

  private constraint(index: number, below: Node): Node {
    if (index === this.box.length || below === this.end) return this.end;
    const constraint = this.box[index]!;
    return constraint.kind === "prefix"
      ? this.prefix(index, constraint, 0, below)
      : this.set(index, constraint.set, below);
  }

  private prefix(
    index: number,
    constraint: Extract<BoxConstraint, { kind: "prefix" }>,
    depth: number,
    below: Node,
  ): Node {
    if (below === this.end) return below;
    if (depth === constraint.length) return this.constraint(index + 1, below);
    const { bdd } = this;
    const level = constraint.first + depth;
    const levelBelow = bdd.level(below);
    if (levelBelow >= level) {
      const low = levelBelow === level ? bdd.low(below) : below;
      const high = levelBelow === level ? bdd.high(below) : below;
      return ((constraint.words[depth >> 5]! >>> (31 - (depth & 31))) & 1) === 0
        ? bdd.node(level, this.prefix(index, constraint, depth + 1, low), high)
        : bdd.node(level, low, this.prefix(index, constraint, depth + 1, high));
    }
    // An earlier field that the box leaves free: both of its sides are laid over, each pair once.
    const state = this.states[index]! + depth;
    const slot = this.slot(state, below);
    if (this.known(slot, state, below)) return this.memory[slot + 3]!;
    const low = this.prefix(index, constraint, depth, bdd.low(below));
    const high = this.prefix(index, constraint, depth, bdd.high(below));
    return this.remember(slot, state, below, bdd.node(levelBelow, low, high));
  }

  private set(index: number, set: Node, below: Node): Node {
    if (set === NONE || below === this.end) return below;
    if (set === ALL) return this.constraint(index + 1, below);
    const { bdd } = this;
    // Sets of one box have no node in common, so a node is a state of its own.
    const state = -set;
    const slot = this.slot(state, below);
    if (this.known(slot, state, below)) return this.memory[slot + 3]!;
    const levelSet = bdd.level(set);
    const levelBelow = bdd.level(below);
    const level = levelSet < levelBelow ? levelSet : levelBelow;
    const low = this.set(index, levelSet === level ? bdd.low(set) : set, levelBelow === level ? bdd.low(below) : below);
    const high = this.set(
      index,
      levelSet === level ? bdd.high(set) : set,
      levelBelow === level ? bdd.high(below) : below,
    );
    return this.remember(slot, state, below, bdd.node(level, low, high));
  }

  private slot(state: number, below: Node): number {
    let h = Math.imul(state, 0x9e3779b1) ^ Math.imul(below, 0x85ebca6b);
    h ^= h >>> 15;
    return ((h >>> 0) & (this.places - 1)) << 2;
  }

  private known(slot: number, state: number, below: Node): boolean {
    const { memory } = this;
    return memory[slot] === this.run && memory[slot + 1] === state && memory[slot + 2] === below;
  }

  private remember(slot: number, state: number, below: Node, result: Node): Node {
    this.memory[slot] = this.run;
    this.memory[slot + 1] = state;
    this.memory[slot + 2] = below;
    this.memory[slot + 3] = result;
    return result;
  }
}
