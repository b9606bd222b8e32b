import type { Origin } from "../../src/vendor-kit/index.js";
import type { Firewall, ReadRule, StoreKind } from "./firewall.js";
import type { RawRule } from "./raw-rule.js";
import { addRawRule, understood } from "./raw-rule.js";

/** Which rules a statement speaks of: those whose field is one of the texts (`*` and `?` stand for anything). All fields have to fit. */
export type Selection = Readonly<Partial<Record<"name" | "displayName" | "group" | "direction", readonly string[]>>>;

/** Whether a rule is spoken of; undefined where that cannot be told. */
export function isSelected({ rule }: ReadRule, selection: Selection): boolean | undefined {
  let answer: boolean | undefined = true;
  for (const [field, wanted] of Object.entries(selection) as [keyof Selection, readonly string[]][]) {
    const value = field === "group" ? rule.group : rule[field];
    const found = wanted.map((pattern) => fits(pattern, value ?? ""));
    if (found.includes(true)) continue;
    if (found.includes(undefined)) answer = undefined;
    else return false;
  }
  return answer;
}

/** Wildcards in brackets are not followed. */
function fits(pattern: string, value: string): boolean | undefined {
  const [wanted, had] = [pattern.toLowerCase(), value.toLowerCase()];
  if (wanted === had) return true;
  if (wanted.includes("[")) return undefined;
  // A resource (`@FirewallAPI.dll,-28502`) is shown in the words of the display language, and those may be asked for.
  if (had.startsWith("@") && !wanted.startsWith("@")) return undefined;
  return matchesWildcard(wanted, had);
}

/** `*` any text, `?` one character; linear, by going back to the last star only. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let from = 0;
  for (let t = 0; t < text.length;) {
    if (p < pattern.length && (pattern[p] === "?" || (pattern[p] !== "*" && pattern[p] === text[t]))) {
      p++;
      t++;
    } else if (pattern[p] === "*") {
      star = p++;
      from = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++from;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** What a statement does with the rules that it speaks of. */
export type Change =
  | { readonly kind: "remove" }
  | { readonly kind: "set"; readonly fields: RawRule }
  /** Something that was not understood. */
  | { readonly kind: "unknown" };

/**
 * Applies a change to the rules that were read so far. Where it cannot be told whether a rule is meant, both what it was
 * and what it became stay possible. A rule that this text does not have may be opened by the statement: that is unknown.
 */
export function applyChange(
  firewall: Firewall,
  selection: Selection,
  change: Change,
  origin: Origin,
  store: StoreKind,
  when?: string,
): void {
  firewall.work += firewall.rules.length;
  if (firewall.work > MOST_WORK) {
    firewall.unread("more changes of rules than are followed", { primary: origin.span });
    firewall.anything.push(origin);
    return;
  }
  if (change.kind === "unknown")
    firewall.unread(`${origin.label}: what the rules that it speaks of become is not followed`, {
      primary: origin.span,
    });
  const maybe = `"${origin.label}" does not speak of it`;
  let known = 0;
  const next = firewall.rules.flatMap((one): ReadRule[] => {
    const selected = one.store === store ? isSelected(one, selection) : false;
    if (selected === false) return [one];
    known++;
    const changed = changedRule(one, change, origin, firewall);
    if (selected === true && when === undefined) return changed;
    if (selected === true)
      return [
        { ...one, conditions: [...one.conditions, `not: ${when}`] },
        ...changed.map((rule) => ({ ...rule, conditions: [...rule.conditions, when!] })),
      ];
    return [{ ...one, conditions: [...one.conditions, maybe] }, ...changed.map((rule) => ({ ...rule, unread: true }))];
  });
  if (next.length > MOST_RULES) {
    firewall.unread("rules that may have been changed in more ways than are followed", { primary: origin.span });
    firewall.anything.push(origin);
    return;
  }
  firewall.rules.length = 0;
  for (const one of next) firewall.rules.push(one);
  if (known > 0 || (firewall.isWhole("inbound") && firewall.isWhole("outbound"))) return;
  // Of rules elsewhere that are taken away or turned off, nothing passes that would not pass without them being there.
  const closes = change.kind === "remove" || (change.kind === "set" && isOff(change.fields));
  if (closes) {
    firewall.note(`${origin.label}: the rules that it speaks of are not in this text`, { primary: origin.span });
    return;
  }
  const problems = ["which rules it speaks of: none that this text has"];
  addRawRule(firewall, { displayName: origin.label, direction: "either", problems }, origin, store);
}

/** Each statement looks at each rule; a text that asks for more than this is nobody's. */
const MOST_WORK = 2_000_000;
/** A statement that may run or not leaves two rules where one was. */
const MOST_RULES = 50_000;

function isOff({ enabled }: RawRule): boolean {
  return enabled?.toLowerCase() === "false" || enabled?.toLowerCase() === "no";
}

function changedRule(one: ReadRule, change: Change, origin: Origin, firewall: Firewall): ReadRule[] {
  switch (change.kind) {
    case "remove":
      return [];
    case "unknown": {
      // What it became may match more than what it was.
      const raw: RawRule = { displayName: one.rule.displayName, direction: "either", problems: ["what it became"] };
      return understood(raw).rules.map((rule) => ({ ...one, raw, rule, unread: true, origin }));
    }
    case "set": {
      const raw: RawRule = { ...one.raw, ...change.fields };
      const { rules, problems } = understood(raw);
      if (problems.length > 0)
        firewall.unread(`${origin.label}: of what the rule becomes was not understood: ${problems.join("; ")}`, {
          primary: origin.span,
        });
      return rules.map((rule) => ({ ...one, raw, rule, unread: one.unread || problems.length > 0 }));
    }
  }
}
