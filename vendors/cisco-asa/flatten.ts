import type { Box, Direction, Edge, EdgeException, EdgeRule } from "../../src/vendor-kit/index.js";
import {
  anyTraffic,
  anywhere,
  boxCovers,
  boxesOf,
  cutOutBox,
  everyBox,
  intersectBoxes,
  joinedBoxes,
  neighbourDiscoveryTypes,
  withoutCoveredBoxes,
} from "../../src/vendor-kit/index.js";

export type Action = "permit" | "deny";

export interface FlatEntry {
  readonly action: Action;
  readonly box: Box;
  readonly log: boolean;
}

/** Entries that belong together, with what they come from. */
export interface Block {
  readonly about:
    | { readonly kind: "rule"; readonly rule: EdgeRule; readonly cutOut: readonly EdgeException[] }
    | { readonly kind: "exception"; readonly rule: EdgeRule; readonly exception: EdgeException; readonly moot: boolean }
    | { readonly kind: "neighbour-discovery" }
    | { readonly kind: "end"; readonly action: Action };
  readonly entries: readonly FlatEntry[];
}

/** More entries than this are not written: exceptions of overlapping rules can multiply. */
export const MOST_ENTRIES = 20_000;
export class TooMany extends Error {}

interface PlainRule {
  readonly rule: EdgeRule | undefined;
  readonly action: Action;
  readonly log: boolean;
  readonly boxes: readonly Box[];
  readonly exceptions: readonly { readonly exception: EdgeException; readonly boxes: readonly Box[] }[];
}

/**
 * The rules of a direction as a list of its own, whose end is known.
 *
 * An access-list has no way to leave a packet to the next rule. So before the entries of a rule come, for each
 * exception, entries that decide its packets as all that follows would: the later rules, cut to the exception, and the
 * end.
 *
 * Throws `TooMany`.
 */
export function flattenWithEnd(edge: Edge, direction: Direction, end: Action): Block[] {
  const rules = rulesOf(edge, direction);
  const budget = { left: MOST_ENTRIES };
  const blocks: Block[] = [];
  for (const [index, plain] of rules.entries()) {
    for (const { exception, boxes } of plain.exceptions) {
      const common = plain.boxes.flatMap((box) => boxes.flatMap((one) => intersectBoxes(one, box) ?? []));
      const entries = common.flatMap((box) => decideWithin(rules, index + 1, box, end, budget));
      const moot = entries.every((entry) => entry.action === plain.action);
      const about = { kind: "exception", rule: plain.rule!, exception, moot } as const;
      if (common.length > 0) blocks.push({ about, entries: moot ? [] : entries });
    }
    const entries = plain.boxes.map((box) => entryOf(plain, box, budget));
    if (entries.length > 0) {
      const about = plain.rule ? ({ kind: "rule", rule: plain.rule, cutOut: [] } as const) : NEIGHBOURS;
      blocks.push({ about, entries });
    }
  }
  return [...blocks, { about: { kind: "end", action: end }, entries: [{ action: end, box: everyBox, log: false }] }];
}

const NEIGHBOURS = { kind: "neighbour-discovery" } as const;

/** What becomes of the packets of a box from the rule at `index` on. */
function decideWithin(
  rules: readonly PlainRule[],
  index: number,
  box: Box,
  end: Action,
  budget: { left: number },
): FlatEntry[] {
  const entries: FlatEntry[] = [];
  for (const [offset, plain] of rules.slice(index).entries()) {
    for (const own of plain.boxes) {
      const common = intersectBoxes(own, box);
      if (common === undefined) continue;
      for (const { boxes } of plain.exceptions) {
        for (const one of boxes) {
          const excepted = intersectBoxes(one, common);
          if (excepted === undefined) continue;
          const inner = decideWithin(rules, index + offset + 1, excepted, end, budget);
          if (inner.some((entry) => entry.action !== plain.action)) entries.push(...inner);
        }
      }
      entries.push(entryOf(plain, common, budget));
      if (boxCovers(common, box)) return withoutRedundant(entries);
    }
  }
  entries.push({ action: end, box, log: false });
  return withoutRedundant(entries);
}

/** Entries before the last one that do as it does are not needed; it covers them. */
function withoutRedundant(entries: readonly FlatEntry[]): FlatEntry[] {
  const last = entries.at(-1)!;
  let first = entries.length - 1;
  while (first > 0 && entries[first - 1]!.action === last.action && entries[first - 1]!.log === last.log) first--;
  return [...entries.slice(0, first), last];
}

function entryOf(plain: PlainRule, box: Box, budget: { left: number }): FlatEntry {
  if (budget.left-- <= 0) throw new TooMany();
  return { action: plain.action, box, log: plain.log };
}

/**
 * The rules of a direction to be laid before entries that decide everything else: the exceptions are cut out of the
 * rules, so that their packets come to those entries.
 *
 * Throws `TooMany`.
 */
export function flattenBefore(edge: Edge, direction: Direction): Block[] {
  const budget = { left: MOST_ENTRIES };
  return rulesOf(edge, direction).flatMap((plain): Block[] => {
    const holes = joinedBoxes(plain.exceptions.flatMap(({ boxes }) => boxes));
    const cut: EdgeException[] = plain.exceptions
      .filter(({ boxes }) => boxes.some((one) => plain.boxes.some((box) => intersectBoxes(one, box) !== undefined)))
      .map(({ exception }) => exception);
    let rest: readonly Box[] = plain.boxes;
    for (const hole of holes) {
      rest = rest.flatMap((box) => cutOutBox(box, hole));
      if (rest.length > MOST_ENTRIES) throw new TooMany();
    }
    const entries = withoutCoveredBoxes(rest).map((box) => entryOf(plain, box, budget));
    return [{ about: { kind: "rule", rule: plain.rule!, cutOut: cut }, entries }];
  });
}

/** The rules of a direction; under `default: deny` neighbour discovery is let through at their end, as the policy has it. */
function rulesOf(edge: Edge, direction: Direction): PlainRule[] {
  const rules = edge.rules
    .filter((rule) => rule.directions.includes(direction))
    .map((rule): PlainRule => ({
      rule,
      action: rule.action === "permit" ? "permit" : "deny",
      log: rule.log,
      boxes: boxesOf(rule),
      exceptions: rule.exceptions
        .filter((one) => one.directions.includes(direction))
        .map((exception) => ({ exception, boxes: boxesOf(exception) })),
    }));
  if (edge.default !== "deny") return rules;
  const { first, last } = neighbourDiscoveryTypes;
  const ipv6 = { addresses: { ipv4: [], ipv6: anywhere.addresses.ipv6 }, name: "any" };
  const box: Box = {
    traffic: { ...anyTraffic, protocols: [{ first: 58, last: 58 }], icmpTypes: [{ first, last }] },
    from: ipv6,
    to: ipv6,
  };
  return [...rules, { rule: undefined, action: "permit", log: false, boxes: [box], exceptions: [] }];
}
