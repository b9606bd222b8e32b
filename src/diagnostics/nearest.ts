/**
 * The candidates most like `word`, best first: at most `limit`, and only those near enough to be a slip of the hand.
 * Case does not count. Equal distance keeps the order of `candidates`.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = word.toLowerCase();
  // Of a short word something has to be left: "ab" is not a slip for "cd".
  const most = Math.min(Math.max(2, Math.floor(wanted.length / 3)), wanted.length - 1);
  const found: { name: string; distance: number }[] = [];
  for (const name of candidates) {
    const distance = editDistance(wanted, name.toLowerCase(), most);
    if (distance <= most) found.push({ name, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map((one) => one.name);
}

/** ` (did you mean "a" or "b"?)`, or "" when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const names = nearest(word, candidates).map((name) => JSON.stringify(name));
  if (names.length === 0) return "";
  const last = names.pop()!;
  return ` (did you mean ${names.length > 0 ? `${names.join(", ")} or ` : ""}${last}?)`;
}

/** Optimal string alignment distance, or `most + 1` as soon as it is certain to pass `most`. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, beforeLast[j - 2]! + 1);
      row.push(value);
      best = Math.min(best, value);
    }
    if (best > most) return most + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
