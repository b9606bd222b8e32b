/**
 * The number of a base chain's priority as nft writes it, in the families inet, ip, ip6 and netdev: `filter`, `filter - 10`,
 * `-150`. Undefined for anything else.
 *
 * Source: nft(8), table "Standard priority names".
 */
export function priorityNumber(text: string): number | undefined {
  const parts = /^\s*([a-z]+)?\s*(?:([+-]?)\s*(\d{1,10}))?\s*$/.exec(text);
  if (parts === null) return undefined;
  const [, name, sign, digits] = parts;
  const base = name === undefined ? 0 : priorityNames.get(name);
  if (base === undefined || (name === undefined && digits === undefined)) return undefined;
  if (name !== undefined && digits !== undefined && sign === "") return undefined;
  return base + (sign === "-" ? -1 : 1) * Number(digits ?? 0);
}

/** The priority right behind a valid one, in the same words: `filter - 10` gives `filter - 9`. */
export function nextPriority(text: string): string {
  const name = /[a-z]+/.exec(text)?.[0];
  const offset = priorityNumber(text)! + 1 - (name === undefined ? 0 : priorityNames.get(name)!);
  if (name === undefined) return String(offset);
  return offset === 0 ? name : `${name} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}`;
}

export const priorityNames: ReadonlyMap<string, number> = new Map([
  ["raw", -300],
  ["mangle", -150],
  ["dstnat", -100],
  ["filter", 0],
  ["security", 50],
  ["srcnat", 100],
]);
