/**
 * A decision diagram of a {@link Bdd}: a set (its only ends are NONE and ALL), or a function from packets to ends. Equal
 * functions of one manager are equal numbers.
 */
export type Node = number;

/** The set of nothing, and the set of everything. */
export const NONE: Node = 0;
export const ALL: Node = 1;
/** How many ends there are; the ends are the numbers below it. Those from 2 on mean what their user says. */
export const ENDS = 8;

/** More nodes than the manager was allowed: the question is too large to be decided, and nothing is claimed. */
export class SpaceExhausted extends Error {
  override readonly name = "SpaceExhausted";
}

const AND = 1;
const OR = 2;
const DIFFERENCE = 3;
/** Operations with parameters are numbered from here, in the order in which they are first asked for. */
const FIRST_NUMBERED = 4;

/** Deeper than any level of a variable: the level of the ends. */
export const END_LEVEL = 0x7fffffff;

/**
 * Reduced ordered binary decision diagrams with several ends, hash-consed in one typed array.
 *
 * A variable is a level from 0 (tested first). Every node is made by `node`, which never makes two of the same, so that
 * equality of functions is equality of numbers. Nodes live as long as their manager: one manager serves one question,
 * and its memory goes with it. `mostNodes` bounds it (20 to 24 bytes a node); past that `SpaceExhausted`.
 *
 * Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986.
 */
export class Bdd {
  /** Four numbers a node, so that one look at the memory brings all of them: level, low, high, next of the same hash. */
  private nodes: Int32Array;
  private room: number;
  private count = ENDS;
  /** The first node of each hash; 0 for none. */
  private heads: Int32Array;
  /** Direct-mapped memory of results: operation, operands, result. */
  private cache: Int32Array;
  private cacheMask: number;
  private choices: Int32Array;
  private readonly numbered = new Map<string, number>();

  constructor(private readonly mostNodes = 32_000_000) {
    this.room = Math.min(1 << 13, Math.max(mostNodes, ENDS));
    this.nodes = new Int32Array(this.room * 4);
    this.heads = new Int32Array(1 << 13);
    this.cacheMask = (1 << 13) - 1;
    this.cache = new Int32Array((this.cacheMask + 1) * 4);
    this.choices = new Int32Array((this.cacheMask + 1) * 4);
    for (let end = 0; end < ENDS; end++) this.nodes[end * 4] = END_LEVEL;
  }

  /** How many nodes there are, the ends included. */
  get size(): number {
    return this.count;
  }

  /** The level that a node tests; END_LEVEL for an end. */
  level(a: Node): number {
    return this.nodes[a << 2]!;
  }

  /** What is left where the node's variable is 0. */
  low(a: Node): Node {
    return this.nodes[(a << 2) + 1]!;
  }

  /** What is left where the node's variable is 1. */
  high(a: Node): Node {
    return this.nodes[(a << 2) + 2]!;
  }

  /** "if the variable at `level` then `high` else `low`"; both must test deeper levels only. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const place = nearby(level, low, high) & (this.heads.length - 1);
    const nodes = this.nodes;
    for (let found = this.heads[place]!; found !== 0; found = nodes[(found << 2) + 3]!) {
      const at = found << 2;
      if (nodes[at + 1] === low && nodes[at + 2] === high && nodes[at] === level) return found;
    }
    return this.add(level, low, high);
  }

  private add(level: number, low: Node, high: Node): Node {
    if (this.count === this.room) this.grow();
    const place = nearby(level, low, high) & (this.heads.length - 1);
    const made = this.count++;
    const at = made << 2;
    this.nodes[at] = level;
    this.nodes[at + 1] = low;
    this.nodes[at + 2] = high;
    this.nodes[at + 3] = this.heads[place]!;
    this.heads[place] = made;
    return made;
  }

  private grow(): void {
    if (this.room >= this.mostNodes) throw new SpaceExhausted(`more than ${this.mostNodes} nodes`);
    // Doubling copies everything and needs both for a moment: large arrays grow by less.
    this.room = Math.min(this.room < 1 << 22 ? this.room * 2 : Math.ceil(this.room * 1.5), this.mostNodes);
    const nodes = new Int32Array(this.room * 4);
    nodes.set(this.nodes);
    this.nodes = nodes;
    if (this.room > this.heads.length) this.rehash();
    if (this.cacheMask < (1 << 20) - 1) {
      this.cacheMask = this.cacheMask * 2 + 1;
      this.cache = new Int32Array((this.cacheMask + 1) * 4);
      this.choices = new Int32Array((this.cacheMask + 1) * 4);
    }
  }

  private rehash(): void {
    this.heads = new Int32Array(this.heads.length * 4);
    const mask = this.heads.length - 1;
    for (let a = ENDS; a < this.count; a++) {
      const at = a << 2;
      const place = nearby(this.nodes[at]!, this.nodes[at + 1]!, this.nodes[at + 2]!) & mask;
      this.nodes[at + 3] = this.heads[place]!;
      this.heads[place] = a;
    }
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === ALL) return a;
    if (a === ALL) return b;
    if (a === NONE || b === NONE) return NONE;
    if (a > b) [a, b] = [b, a];
    const known = this.known(AND, a, b);
    if (known >= 0) return known;
    const levelA = this.level(a);
    const levelB = this.level(b);
    const level = levelA < levelB ? levelA : levelB;
    const low = this.and(levelA === level ? this.low(a) : a, levelB === level ? this.low(b) : b);
    const high = this.and(levelA === level ? this.high(a) : a, levelB === level ? this.high(b) : b);
    return this.remember(AND, a, b, this.node(level, low, high));
  }

  or(a: Node, b: Node): Node {
    if (a === b || b === NONE) return a;
    if (a === NONE) return b;
    if (a === ALL || b === ALL) return ALL;
    if (a > b) [a, b] = [b, a];
    const known = this.known(OR, a, b);
    if (known >= 0) return known;
    const levelA = this.level(a);
    const levelB = this.level(b);
    const level = levelA < levelB ? levelA : levelB;
    const low = this.or(levelA === level ? this.low(a) : a, levelB === level ? this.low(b) : b);
    const high = this.or(levelA === level ? this.high(a) : a, levelB === level ? this.high(b) : b);
    return this.remember(OR, a, b, this.node(level, low, high));
  }

  /** What is in `a` and not in `b`. */
  difference(a: Node, b: Node): Node {
    if (a === b || a === NONE || b === ALL) return NONE;
    if (b === NONE) return a;
    const known = this.known(DIFFERENCE, a, b);
    if (known >= 0) return known;
    const levelA = this.level(a);
    const levelB = this.level(b);
    const level = levelA < levelB ? levelA : levelB;
    const low = this.difference(levelA === level ? this.low(a) : a, levelB === level ? this.low(b) : b);
    const high = this.difference(levelA === level ? this.high(a) : a, levelB === level ? this.high(b) : b);
    return this.remember(DIFFERENCE, a, b, this.node(level, low, high));
  }

  not(a: Node): Node {
    return this.difference(ALL, a);
  }

  /** "if the packet is in `set` then `inside` else `outside`", for functions to any ends. */
  choose(set: Node, inside: Node, outside: Node): Node {
    if (set === ALL || inside === outside) return inside;
    if (set === NONE) return outside;
    const slot = (hash(set, inside, outside) & this.cacheMask) << 2;
    const choices = this.choices;
    if (choices[slot] === set && choices[slot + 1] === inside && choices[slot + 2] === outside)
      return choices[slot + 3]!;
    const levelS = this.level(set);
    const levelI = this.level(inside);
    const levelO = this.level(outside);
    const level = Math.min(levelS, levelI, levelO);
    const low = this.choose(
      levelS === level ? this.low(set) : set,
      levelI === level ? this.low(inside) : inside,
      levelO === level ? this.low(outside) : outside,
    );
    const high = this.choose(
      levelS === level ? this.high(set) : set,
      levelI === level ? this.high(inside) : inside,
      levelO === level ? this.high(outside) : outside,
    );
    const result = this.node(level, low, high);
    // The memory may have grown in between, so its place is looked up anew.
    const place = (hash(set, inside, outside) & this.cacheMask) << 2;
    this.choices[place] = set;
    this.choices[place + 1] = inside;
    this.choices[place + 2] = outside;
    this.choices[place + 3] = result;
    return result;
  }

  /** The function with end `ends[e]` where end `e` was; `ends` has a number below ENDS for each. */
  replaceEnds(a: Node, ends: readonly Node[]): Node {
    return this.replace(this.numberOf(`ends ${ends.join()}`), a, ends);
  }

  private replace(operation: number, a: Node, ends: readonly Node[]): Node {
    if (a < ENDS) return ends[a]!;
    const known = this.known(operation, a, 0);
    if (known >= 0) return known;
    const low = this.replace(operation, this.low(a), ends);
    const high = this.replace(operation, this.high(a), ends);
    return this.remember(operation, a, 0, this.node(this.level(a), low, high));
  }

  /** The function whose end is `combine` of both ends, an end again. The same `name` always goes with the same function. */
  combine(name: string, a: Node, b: Node, combine: (a: Node, b: Node) => Node): Node {
    return this.combined(this.numberOf(`combine ${name}`), a, b, combine);
  }

  private combined(operation: number, a: Node, b: Node, combine: (a: Node, b: Node) => Node): Node {
    if (a < ENDS && b < ENDS) return combine(a, b);
    const known = this.known(operation, a, b);
    if (known >= 0) return known;
    const levelA = this.level(a);
    const levelB = this.level(b);
    const level = levelA < levelB ? levelA : levelB;
    const low = this.combined(
      operation,
      levelA === level ? this.low(a) : a,
      levelB === level ? this.low(b) : b,
      combine,
    );
    const high = this.combined(
      operation,
      levelA === level ? this.high(a) : a,
      levelB === level ? this.high(b) : b,
      combine,
    );
    return this.remember(operation, a, b, this.node(level, low, high));
  }

  /** The one end that a function has for all packets of a set; undefined if there are several, or it is too long to tell. */
  onlyEnd(set: Node, a: Node, patience = 1000): Node | undefined {
    const seen = new Set<number>();
    let end: Node | undefined;
    const visit = (within: Node, node: Node): boolean => {
      if (within === NONE) return true;
      if (node < ENDS) return (end ??= node) === node;
      const key = within * 2 ** 26 + node;
      if (seen.has(key)) return true;
      if (seen.size > patience) return false;
      seen.add(key);
      const levelS = this.level(within);
      const levelA = this.level(node);
      const level = levelS < levelA ? levelS : levelA;
      return (
        visit(levelS === level ? this.low(within) : within, levelA === level ? this.low(node) : node) &&
        visit(levelS === level ? this.high(within) : within, levelA === level ? this.high(node) : node)
      );
    };
    return visit(set, a) ? end : undefined;
  }

  /** The union of many sets, paired like a knockout cup so that no operand grows before its time. */
  orAll(sets: readonly Node[]): Node {
    let round = sets;
    while (round.length > 1) {
      const next: Node[] = [];
      for (let i = 0; i < round.length; i += 2) {
        next.push(i + 1 < round.length ? this.or(round[i]!, round[i + 1]!) : round[i]!);
      }
      round = next;
    }
    return round[0] ?? NONE;
  }

  /** What can be met with some value of the variables from level `first` to `last`, both inclusive. */
  exists(a: Node, first: number, last: number): Node {
    return this.quantified(this.numberOf(`exists ${first} ${last}`), a, first, last);
  }

  private quantified(
    operation: number,
    a: Node,
    first: number,
    last: number,
    kept?: ReadonlyMap<number, boolean>,
  ): Node {
    const level = this.level(a);
    if (level > last) return a;
    const known = this.known(operation, a, 0);
    if (known >= 0) return known;
    const low = this.quantified(operation, this.low(a), first, last, kept);
    const high = this.quantified(operation, this.high(a), first, last, kept);
    const stays = level < first ? false : kept?.get(level);
    const result = stays === undefined ? this.or(low, high) : this.node(level, low, stays ? this.or(low, high) : high);
    return this.remember(operation, a, 0, result);
  }

  /**
   * What is met whatever the values of the variables from level `first` to `last`, both inclusive. Those of `kept` stay
   * variables; for the ones that are true there, what is met with the variable must be met without it, too.
   */
  always(a: Node, first: number, last: number, kept: ReadonlyMap<number, boolean> = new Map()): Node {
    if (kept.size === 0) return this.not(this.exists(this.not(a), first, last));
    const operation = this.numberOf(`exists ${first} ${last} but ${[...kept].join(" ")}`);
    return this.not(this.quantified(operation, this.not(a), first, last, kept));
  }

  private numberOf(operation: string): number {
    let number = this.numbered.get(operation);
    if (number === undefined) this.numbered.set(operation, (number = FIRST_NUMBERED + this.numbered.size));
    return number;
  }

  private known(operation: number, a: Node, b: Node): Node {
    const slot = (hash(operation, a, b) & this.cacheMask) << 2;
    const cache = this.cache;
    return cache[slot + 1] === a && cache[slot + 2] === b && cache[slot] === operation ? cache[slot + 3]! : -1;
  }

  private remember(operation: number, a: Node, b: Node, result: Node): Node {
    const slot = (hash(operation, a, b) & this.cacheMask) << 2;
    this.cache[slot] = operation;
    this.cache[slot + 1] = a;
    this.cache[slot + 2] = b;
    this.cache[slot + 3] = result;
    return result;
  }
}

/**
 * Where a node is looked for. A node is mostly made right after its child, and then its place is beside the child's, so
 * that a whole path of nodes needs a few lines of the processor's cache instead of one each.
 */
function nearby(level: number, low: Node, high: Node): number {
  return (low + (high << 1) + (level << 8)) >>> 0;
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
