/** A prefix as a string of bits, with the text that iptables reads. */
export interface TreePrefix {
  readonly bits: string;
  readonly text: string;
}

/** A part of the address space with the prefixes in it. */
export interface Branch {
  /** The bits that all of its prefixes begin with. */
  readonly bits: string;
  /** Ascending and disjoint; a part with one prefix is that prefix. */
  readonly prefixes: readonly TreePrefix[];
}

/**
 * Cuts disjoint prefixes into at most `most` parts with disjoint common prefixes, the largest part cut first, so that
 * a packet which looks for its part need not look at the others.
 *
 * A part is cut at the first bit in which its prefixes differ, which is a binary tree with `most` - 1 of its cuts
 * taken together.
 */
export function branchesOf(prefixes: readonly TreePrefix[], most: number): readonly Branch[] {
  let parts: Branch[] = [{ bits: commonBits(prefixes), prefixes }];
  while (parts.length < most) {
    const largest = parts.reduce((best, part) => (part.prefixes.length > best.prefixes.length ? part : best));
    if (largest.prefixes.length <= 1) break;
    const at = largest.bits.length;
    const cut = largest.prefixes.findIndex((prefix) => prefix.bits[at] === "1");
    const halves = [largest.prefixes.slice(0, cut), largest.prefixes.slice(cut)];
    parts = parts.flatMap((part) =>
      part === largest ? halves.map((half) => ({ bits: commonBits(half), prefixes: half })) : [part],
    );
  }
  return parts;
}

/** Of ascending disjoint prefixes, the first and the last say what all have in common. */
function commonBits(prefixes: readonly TreePrefix[]): string {
  const first = prefixes[0]!.bits;
  const last = prefixes[prefixes.length - 1]!.bits;
  let length = 0;
  while (length < first.length && length < last.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}
