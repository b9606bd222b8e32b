/** A set as a node of a {@link Bdd}. Equal sets of one manager are equal numbers. */
export type Node = number;

/** The set of nothing, and the set of everything. */
export const NONE: Node = 0;
export const ALL: Node = 1;

/** More nodes than the manager was allowed: the question is too large to be decided, and nothing is claimed. */
export class SpaceExhausted extends Error {
  override readonly name = "SpaceExhausted";
}

const AND = 0;
const OR = 1;
const DIFFERENCE = 2;

/** Deeper than any level of a variable: the level of the two terminals. */
const TERMINAL_LEVEL = 0xffff;

/**
 * Reduced ordered binary decision diagrams, hash-consed in typed arrays.
 *
 * A variable is a level from 0 (tested first) to 65,534. Every node is made by `node`, which never makes two of the
 * same, so that equality of sets is equality of numbers. Nodes live as long as their manager: one manager serves one
 * question, and its memory goes with it. `mostNodes` bounds it (about 18 bytes a node); past that `SpaceExhausted`.
 *
 * Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986.
 */
export class Bdd {
  private levels: Uint16Array;
  private lows: Int32Array;
  private highs: Int32Array;
  private count = 2;
  /** Open addressing, at most half full; 0 is an empty place. */
  private table: Int32Array;
  /** Direct-mapped memory of results: operation and operands, then the result. */
  private cache: Int32Array;
  private cacheMask: number;

  constructor(private readonly mostNodes = 48_000_000) {
    const start = 1 << 12;
    this.levels = new Uint16Array(start);
    this.lows = new Int32Array(start);
    this.highs = new Int32Array(start);
    this.table = new Int32Array(start * 2);
    this.cacheMask = (1 << 12) - 1;
    this.cache = new Int32Array((this.cacheMask + 1) * 4);
    this.levels[NONE] = TERMINAL_LEVEL;
    this.levels[ALL] = TERMINAL_LEVEL;
  }

  /** How many nodes there are, the two terminals included. */
  get size(): number {
    return this.count;
  }

  /** The level that a node tests; above every variable's for NONE and ALL. */
  level(a: Node): number {
    return this.levels[a]!;
  }

  /** What is left of the set where the node's variable is 0. */
  low(a: Node): Node {
    return this.lows[a]!;
  }

  /** What is left of the set where the node's variable is 1. */
  high(a: Node): Node {
    return this.highs[a]!;
  }

  /** "if the variable at `level` then `high` else `low`"; both must test deeper levels only. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const mask = this.table.length - 1;
    let place = hash(level, low, high) & mask;
    for (let found = this.table[place]!; found !== 0; found = this.table[place]!) {
      if (this.lows[found] === low && this.highs[found] === high && this.levels[found] === level) return found;
      place = (place + 1) & mask;
    }
    return this.add(level, low, high, place);
  }

  private add(level: number, low: Node, high: Node, place: number): Node {
    const made = this.count++;
    if (made === this.levels.length) {
      if (made >= this.mostNodes) throw new SpaceExhausted(`more than ${this.mostNodes} nodes`);
      this.grow();
      const mask = this.table.length - 1;
      place = hash(level, low, high) & mask;
      while (this.table[place] !== 0) place = (place + 1) & mask;
    }
    this.levels[made] = level;
    this.lows[made] = low;
    this.highs[made] = high;
    this.table[place] = made;
    return made;
  }

  private grow(): void {
    const room = Math.min(this.levels.length * 2, Math.max(this.mostNodes, this.levels.length + 1));
    this.levels = enlarged(this.levels, new Uint16Array(room));
    this.lows = enlarged(this.lows, new Int32Array(room));
    this.highs = enlarged(this.highs, new Int32Array(room));
    let places = this.table.length;
    while (places < room * 2) places *= 2;
    this.table = new Int32Array(places);
    const mask = places - 1;
    for (let a = 2; a < this.count - 1; a++) {
      let place = hash(this.levels[a]!, this.lows[a]!, this.highs[a]!) & mask;
      while (this.table[place] !== 0) place = (place + 1) & mask;
      this.table[place] = a;
    }
    if (this.cacheMask < 1 << 20) {
      this.cacheMask = this.cacheMask * 2 + 1;
      this.cache = new Int32Array((this.cacheMask + 1) * 4);
    }
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === ALL) return a;
    if (a === ALL) return b;
    if (a === NONE || b === NONE) return NONE;
    if (a > b) [a, b] = [b, a];
    const slot = this.slot(AND, a, b);
    if (this.known(slot, AND, a, b)) return this.cache[slot + 3]!;
    const levelA = this.levels[a]!;
    const levelB = this.levels[b]!;
    const level = levelA < levelB ? levelA : levelB;
    const low = this.and(levelA === level ? this.lows[a]! : a, levelB === level ? this.lows[b]! : b);
    const high = this.and(levelA === level ? this.highs[a]! : a, levelB === level ? this.highs[b]! : b);
    return this.remember(AND, a, b, this.node(level, low, high));
  }

  or(a: Node, b: Node): Node {
    if (a === b || b === NONE) return a;
    if (a === NONE) return b;
    if (a === ALL || b === ALL) return ALL;
    if (a > b) [a, b] = [b, a];
    const slot = this.slot(OR, a, b);
    if (this.known(slot, OR, a, b)) return this.cache[slot + 3]!;
    const levelA = this.levels[a]!;
    const levelB = this.levels[b]!;
    const level = levelA < levelB ? levelA : levelB;
    const low = this.or(levelA === level ? this.lows[a]! : a, levelB === level ? this.lows[b]! : b);
    const high = this.or(levelA === level ? this.highs[a]! : a, levelB === level ? this.highs[b]! : b);
    return this.remember(OR, a, b, this.node(level, low, high));
  }

  /** What is in `a` and not in `b`. */
  difference(a: Node, b: Node): Node {
    if (a === b || a === NONE || b === ALL) return NONE;
    if (b === NONE) return a;
    const slot = this.slot(DIFFERENCE, a, b);
    if (this.known(slot, DIFFERENCE, a, b)) return this.cache[slot + 3]!;
    const levelA = this.levels[a]!;
    const levelB = this.levels[b]!;
    const level = levelA < levelB ? levelA : levelB;
    const low = this.difference(levelA === level ? this.lows[a]! : a, levelB === level ? this.lows[b]! : b);
    const high = this.difference(levelA === level ? this.highs[a]! : a, levelB === level ? this.highs[b]! : b);
    return this.remember(DIFFERENCE, a, b, this.node(level, low, high));
  }

  not(a: Node): Node {
    return this.difference(ALL, a);
  }

  /** The union of many sets, paired like a knockout cup so that no operand grows before its time. */
  orAll(sets: readonly Node[]): Node {
    let round = sets;
    while (round.length > 1) {
      const next: Node[] = [];
      for (let i = 0; i < round.length; i += 2)
        next.push(i + 1 < round.length ? this.or(round[i]!, round[i + 1]!) : round[i]!);
      round = next;
    }
    return round[0] ?? NONE;
  }

  /** What can be met with some value of the variables from level `first` to `last`, both inclusive. */
  exists(a: Node, first: number, last: number): Node {
    const done = new Map<Node, Node>();
    const visit = (node: Node): Node => {
      const level = this.levels[node]!;
      if (level > last) return node;
      let result = done.get(node);
      if (result === undefined) {
        const low = visit(this.lows[node]!);
        const high = visit(this.highs[node]!);
        result = level >= first ? this.or(low, high) : this.node(level, low, high);
        done.set(node, result);
      }
      return result;
    };
    return visit(a);
  }

  /** What is met whatever the values of the variables from level `first` to `last`, both inclusive. */
  always(a: Node, first: number, last: number): Node {
    return this.not(this.exists(this.not(a), first, last));
  }

  private slot(operation: number, a: Node, b: Node): number {
    return (hash(operation, a, b) & this.cacheMask) * 4;
  }

  private known(slot: number, operation: number, a: Node, b: Node): boolean {
    // Operations are stored as 1 to 3, so that an empty place never answers.
    return this.cache[slot + 1] === a && this.cache[slot + 2] === b && this.cache[slot] === operation + 1;
  }

  /** The table may have grown while the result was made, so its place is looked up anew. */
  private remember(operation: number, a: Node, b: Node, result: Node): Node {
    const slot = this.slot(operation, a, b);
    this.cache[slot] = operation + 1;
    this.cache[slot + 1] = a;
    this.cache[slot + 2] = b;
    this.cache[slot + 3] = result;
    return result;
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

function enlarged<A extends Uint16Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
