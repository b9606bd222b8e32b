import type { Device, Filter, Hook, Match, Rule } from "../ir/index.js";

/** A rule that depends on some condition, with the hooks on whose way it is asked. */
export interface ConditionalRule {
  readonly rule: Rule;
  readonly condition: string;
  readonly hooks: readonly Hook[];
}

/**
 * The rules of a device whose match asks for a condition that `wanted` takes, each with the first of them. Rules that no
 * packet can come to because nothing leads to their chain are left out; a statement that is several rules comes once.
 */
export function rulesWithCondition(device: Device, wanted: (condition: string) => boolean): ConditionalRule[] {
  const found = new Map<string, { rule: Rule; condition: string; hooks: Hook[] }>();
  for (const { hook, filters } of device.paths) {
    for (const filter of filters) {
      for (const rule of rulesThatAreReached(filter)) {
        const condition = conditionIn(rule.match, wanted);
        if (condition === undefined) continue;
        const place = rule.origin.span;
        const key = place === undefined ? rule.origin.label : `${place.start} ${place.source.path}`;
        const known = found.get(key);
        if (known === undefined) found.set(key, { rule, condition, hooks: [hook] });
        else if (!known.hooks.includes(hook)) known.hooks.push(hook);
      }
    }
  }
  return [...found.values()];
}

function* rulesThatAreReached(filter: Filter): Iterable<Rule> {
  for (const name of chainsReached(filter)) yield* filter.chains.get(name)?.rules ?? [];
}

/** The chains that a filter's entry leads to, itself among them. */
export function chainsReached(filter: Filter): ReadonlySet<string> {
  const reached = new Set([filter.entry]);
  for (const name of reached) {
    for (const { verdict } of filter.chains.get(name)?.rules ?? []) {
      if (typeof verdict === "object") reached.add(verdict.chain);
    }
  }
  return reached;
}

function conditionIn(match: Match, wanted: (condition: string) => boolean): string | undefined {
  switch (match.kind) {
    case "condition":
      return wanted(match.condition) ? match.condition : undefined;
    case "all":
    case "any":
      for (const one of match.of) {
        const found = conditionIn(one, wanted);
        if (found !== undefined) return found;
      }
      return undefined;
    case "not":
      return conditionIn(match.of, wanted);
    default:
      return undefined;
  }
}
