import { fillingName } from "./names.js";
import type { OwnLine, OwnSet, Ruleset } from "./ruleset.js";

/** The lines of a rules file between `*filter` and `COMMIT`. */
export function ruleLines(ruleset: Ruleset): string[] {
  const lines: string[] = [];
  // Declaring a chain empties it in the same transaction, so that loading anew replaces what was there.
  for (const chain of ruleset.chains) lines.push(`:${chain.name} - [0:0]`);
  for (const chain of ruleset.chains) {
    lines.push(`# ${chain.about}`);
    for (const line of chain.lines) lines.push(ruleLine(chain.name, line));
  }
  for (const { builtIn, chain } of ruleset.heads) lines.push(`-I ${builtIn} 1 -j ${chain}`);
  return lines;
}

function ruleLine(chain: string, { match, target, comment }: OwnLine): string {
  const parts = [`-A ${chain}`];
  if (match !== "") parts.push(match);
  if (comment !== undefined) parts.push(`-m comment --comment "${comment}"`);
  parts.push(target);
  return parts.join(" ");
}

/**
 * The commands of `ipset restore` that make each set hold exactly its entries: another set is filled and the two are
 * swapped, so that a set in use changes at once.
 */
export function setLines(
  sets: readonly Pick<OwnSet, "name" | "family" | "entries">[],
  fillingOf: (name: string) => string = fillingName,
): string[] {
  const lines: string[] = [];
  for (const set of sets) {
    const filling = fillingOf(set.name);
    const type = `hash:net family ${set.family === "ipv4" ? "inet" : "inet6"} ${sizes(set.entries.length)}`;
    lines.push(`create ${set.name} ${type} -exist`, `create ${filling} ${type} -exist`, `flush ${filling}`);
    for (const entry of set.entries) lines.push(`add ${filling} ${entry}`);
    lines.push(`swap ${filling} ${set.name}`, `destroy ${filling}`);
  }
  return lines;
}

/** A power of two that holds the entries without growing; 65536 entries are the default of ipset(8). */
function sizes(entries: number): string {
  let hash = 64;
  while (hash < entries) hash *= 2;
  let most = 65536;
  while (most < entries) most *= 2;
  return `hashsize ${hash} maxelem ${most}`;
}
