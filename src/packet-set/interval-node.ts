import type { IntervalSet } from "../net/index.js";
import type { Bdd, Node } from "./bdd.js";

/**
 * "if the field's value is in `set` then `inside` else `outside`", for a field of `bits` bits whose most significant
 * bit is tested at level `first`. Both `inside` and `outside` must test deeper levels only.
 *
 * Works on the points where membership changes (the first of each interval, and the one after its last), which are
 * sorted, so that all points below a half of the field are neighbours:
 *
 *     set      ....#####..##....      points  ^    ^ ^ ^
 *     halves   |       |       |      left has 1 point, right has 3 and starts inside
 */
export function intervalNode(
  bdd: Bdd,
  first: number,
  bits: number,
  set: IntervalSet<number> | IntervalSet<bigint>,
  inside: Node,
  outside: Node,
): Node {
  if (inside === outside) return inside;
  const { words, wordCount, points } = changesOf(set, bits);

  const bitOf = (point: number, depth: number): number => {
    const position = bits - 1 - depth;
    return (words[point * wordCount + (position >> 5)]! >>> (position & 31)) & 1;
  };
  /** One point left: everything below it is as before, everything from it on is the other way round. */
  const threshold = (depth: number, point: number, startsInside: boolean): Node => {
    const below = startsInside ? inside : outside;
    let node = startsInside ? outside : inside;
    const from = node;
    for (let d = bits - 1; d >= depth; d--) {
      // Up to the last bit that is set there is nothing to decide.
      if (bitOf(point, d) === 1) node = bdd.node(first + d, below, node);
      else if (node !== from) node = bdd.node(first + d, node, from);
    }
    return node;
  };
  const build = (depth: number, from: number, to: number, startsInside: boolean): Node => {
    if (from === to) return startsInside ? inside : outside;
    if (to - from === 1) return threshold(depth, from, startsInside);
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bitOf(middle, depth) === 0) low = middle + 1;
      else high = middle;
    }
    const left = build(depth + 1, from, low, startsInside);
    const right = build(depth + 1, low, to, startsInside !== ((low - from) & 1) > 0);
    return bdd.node(first + depth, left, right);
  };
  return build(0, 0, points, false);
}

interface Changes {
  /** `wordCount` words of 32 bits for each point, the least significant first. */
  readonly words: Uint32Array;
  readonly wordCount: number;
  readonly points: number;
  readonly bits: number;
}

const known = new WeakMap<object, Changes>();

function changesOf(set: IntervalSet<number> | IntervalSet<bigint>, bits: number): Changes {
  let changes = known.get(set);
  if (changes?.bits !== bits) {
    changes = findChanges(set, bits);
    known.set(set, changes);
  }
  return changes;
}

function findChanges(set: IntervalSet<number> | IntervalSet<bigint>, bits: number): Changes {
  const wordCount = Math.ceil(bits / 32);
  const words = new Uint32Array(set.length * 2 * wordCount);
  let points = 0;
  const put = (value: number | bigint): void => {
    for (let i = 0, rest = value; i < wordCount; i++) {
      if (typeof rest === "number") {
        words[points * wordCount + i] = rest % 4294967296;
        rest = Math.floor(rest / 4294967296);
      } else {
        words[points * wordCount + i] = Number(rest & 0xffffffffn);
        rest >>= 32n;
      }
    }
    points++;
  };
  for (const { first, last } of set) {
    put(first);
    // The point behind the field's highest value does not exist: the set just stays inside.
    if (typeof last === "number" ? last < 2 ** bits - 1 : last < (1n << BigInt(bits)) - 1n) {
      put(typeof last === "number" ? last + 1 : last + 1n);
    }
  }
  return { words, wordCount, points, bits };
}
