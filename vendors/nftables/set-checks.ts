import type { Diagnostic } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";
import type { Element } from "./elements.js";
import { portNames } from "./names.js";
import { spanOf, wordsOf } from "./reader.js";
import type { Ruleset, SetModel } from "./ruleset.js";
import { readAddresses4, readAddresses6, readNumbers } from "./values.js";

/**
 * Elements of named sets with which nft refuses the whole text: prefixes and ranges where the set takes single values,
 * intervals that overlap and are not the same, a key of a map with two values, more elements than the set takes.
 *
 * The elements of sets without a name overlap as they like: nft merges them. Source: nft 1.0.6, tried.
 */
export function checkSets(ruleset: Ruleset, report: (problem: Diagnostic) => void): void {
  for (const table of ruleset.tables.values()) {
    for (const set of table.sets.values()) {
      if (set.intervals === undefined || set.elements.length === 0) continue;
      checkSize(set, report);
      if (set.intervals !== "merged") checkElements(set.elements, set, report);
    }
  }
}

function checkSize(set: SetModel, report: (problem: Diagnostic) => void): void {
  if (set.most === undefined || set.elements.length <= set.most || set.changes) return;
  const extra = set.elements[set.most]!;
  report(
    diagnostic("RW6004", `${set.kind} ${set.name} takes ${set.most} elements and has ${set.elements.length}`, {
      primary: spanOf(extra.parts[0] ?? []),
      related: set.declared === undefined ? [] : [{ span: set.declared, message: "its size is said here" }],
      help: `write size ${set.elements.length} or more`,
    }),
  );
}

/** The numbers of an element, both ends included. */
interface Range {
  readonly first: number | bigint;
  readonly last: number | bigint;
  readonly element: Element;
}

function checkElements(elements: readonly Element[], set: SetModel, report: (problem: Diagnostic) => void): void {
  const ranges: Range[] = [];
  for (const element of elements) {
    const range = rangeOf(element);
    if (range === undefined) return;
    // A prefix of one address is a prefix to nft.
    if (set.intervals === "none" && (range.first !== range.last || element.parts[0]![0]!.text.includes("/"))) {
      report(
        diagnostic("RW6004", `${set.kind} ${set.name} takes single values, and this is a range of them`, {
          primary: spanOf(element.parts[0]!),
          help: 'write "flags interval" into the set',
        }),
      );
      return;
    }
    ranges.push(range);
  }
  ranges.sort((a, b) =>
    a.first < b.first ? -1 : a.first > b.first ? 1 : a.last < b.last ? 1 : a.last > b.last ? -1 : 0,
  );
  for (const [i, range] of ranges.entries()) {
    const before = ranges[i - 1];
    if (before === undefined || typeof before.last !== typeof range.first || before.last < range.first) continue;
    const isSame = before.first === range.first && before.last === range.last;
    if (isSame && sameData(before.element, range.element)) continue;
    const [first, second] = inTextOrder(before.element, range.element);
    const place = spanOf(first.parts[0]!);
    report(
      diagnostic(
        "RW6004",
        isSame
          ? `${set.kind} ${set.name} has this key twice, with different values`
          : `elements of ${set.kind} ${set.name} overlap, and nft refuses intervals that do`,
        {
          primary: spanOf(second.parts[0]!),
          related:
            place === undefined ? [] : [{ span: place, message: isSame ? "the first" : "it overlaps with this" }],
          help:
            isSame || set.kind === "map"
              ? "leave one of the two"
              : 'write "auto-merge" into the set, or leave the wider of the two alone',
        },
      ),
    );
    // One is enough to be told: the text does not load.
    return;
  }
}

/** Undefined for concatenations, names of interfaces and whatever else has no order that matters here. */
function rangeOf(element: Element): Range | undefined {
  const [part, more] = element.parts;
  const [value, others] = part ?? [];
  if (value === undefined || more !== undefined || others !== undefined || value.kind !== "word") return undefined;
  const { text } = value;
  const found = text.includes(":")
    ? readAddresses6(text)
    : (readAddresses4(text) ?? (/^[\w-]+$/.test(text) ? readNumbers(text, 16, portNames) : undefined));
  return found === undefined ? undefined : { first: found.first, last: found.last, element };
}

function sameData(a: Element, b: Element): boolean {
  return wordsOf(a.data ?? []) === wordsOf(b.data ?? []);
}

function inTextOrder(a: Element, b: Element): [Element, Element] {
  const [x, y] = [a.parts[0]![0]!, b.parts[0]![0]!];
  return x.source === y.source && y.start < x.start ? [b, a] : [a, b];
}
