import type { Device, Match } from "../ir/index.js";

/**
 * The interface names that make a difference in a question, each with a number.
 *
 * 0 is "no interface" (a packet from or to the firewall itself). Then come the names that occur, then one made-up name
 * for each wildcard (`ppp0` for `ppp*`), and last, for all other names, one more. Numbers from `other` up to the field's
 * highest all mean that other interface, so that no number is left without a meaning.
 */
export interface Alphabet {
  readonly bits: number;
  /** The name of each number, from 1 to `other`; 0 has none. */
  readonly names: readonly string[];
  readonly other: number;
  /** The number of a name: its own, or that of the longest wildcard that it matches, or `other`. */
  numberOf(name: string | undefined): number;
  /** The numbers whose names match one of the patterns, ascending. */
  matching(patterns: readonly string[]): readonly number[];
  /** The name of a number, for people; undefined for 0. */
  nameOf(number: number): string | undefined;
}

/** The alphabet for all patterns (names, or a prefix with `*` at the end) that take part in a question. */
export function alphabetOf(patterns: Iterable<string>): Alphabet {
  const all = [...new Set(patterns)].sort();
  const literals = all.filter((pattern) => !pattern.endsWith("*"));
  const wildcards = all.filter((pattern) => pattern.endsWith("*") && pattern !== "*");
  const taken = new Set(literals);
  const names: string[] = [""];
  const numbers = new Map<string, number>();
  for (const name of literals) numbers.set(name, names.push(name) - 1);
  for (const wildcard of wildcards) {
    const name = example(wildcard, taken, wildcards);
    taken.add(name);
    numbers.set(wildcard, names.push(name) - 1);
  }
  const other = names.push(example("other*", taken, wildcards)) - 1;

  const longestFirst = [...wildcards].sort((a, b) => b.length - a.length);
  return {
    // As many for all small alphabets, so that spaces may share their diagrams.
    bits: Math.max(6, Math.ceil(Math.log2(other + 1))),
    names,
    other,
    numberOf(name) {
      if (name === undefined) return 0;
      const wildcard = longestFirst.find((pattern) => matchesPattern(pattern, name));
      return numbers.get(name) ?? (wildcard === undefined ? other : numbers.get(wildcard)!);
    },
    matching(wanted) {
      const found: number[] = [];
      for (let i = 1; i <= other; i++) if (wanted.some((pattern) => matchesPattern(pattern, names[i]!))) found.push(i);
      return found;
    },
    nameOf(number) {
      return number === 0 ? undefined : names[Math.min(number, other)];
    },
  };
}

/** Whether an interface name is meant by a name or by a prefix with `*` at its end. */
export function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** A name that this wildcard matches and no longer one, and that is nobody's own. */
function example(wildcard: string, taken: ReadonlySet<string>, wildcards: readonly string[]): string {
  const stem = wildcard.slice(0, -1);
  const longer = wildcards.filter((one) => one !== wildcard && one.length >= wildcard.length);
  for (let i = 0; ; i++) {
    const name = `${stem}${i}`;
    if (!taken.has(name) && !longer.some((pattern) => matchesPattern(pattern, name))) return name;
  }
}

/** Every interface pattern that a device's rules and its own list of interfaces speak of. */
export function interfacePatterns(device: Device): Set<string> {
  const found = new Set<string>(device.interfaces.map((one) => one.name));
  for (const path of device.paths) {
    for (const filter of path.filters) {
      for (const chain of filter.chains.values()) for (const rule of chain.rules) addPatterns(rule.match, found);
    }
  }
  return found;
}

function addPatterns(match: Match, found: Set<string>): void {
  switch (match.kind) {
    case "interface":
      for (const name of match.names) found.add(name);
      return;
    case "all":
    case "any":
      for (const part of match.of) addPatterns(part, found);
      return;
    case "not":
      addPatterns(match.of, found);
      return;
    default:
  }
}
