import type { Edge, Target } from "../../src/vendor-kit/index.js";
import type { Base } from "./base.js";
import { beginMark, bodyOf, boundAt, copyOf, endMark } from "./base.js";
import type { AccessList, ConfigObject } from "./config.js";
import { digest } from "./digest.js";
import type { GroupText, Groups } from "./groups.js";
import { nameOf } from "./groups.js";
import type { Options } from "./options.js";
import type { Plan } from "./plan.js";
import { printBlocks, remark, typeable } from "./print.js";
import { icmp6Types, icmpTypes, portNames, protocolNumbers } from "./words.js";

/** A list written out, under its name. */
export interface PlannedList {
  readonly plan: Plan;
  /** Undefined where nothing is to be bound any more. */
  readonly name: string | undefined;
  /** Without `access-list NAME`. */
  readonly lines: readonly string[];
  /** Of our own entries. */
  readonly elements: number;
  /** The base has it already, line by line. */
  readonly present: boolean;
  /** What is bound at the plan's interfaces now, by interface. */
  readonly before: ReadonlyMap<string, string>;
}

/** Undefined where there is nothing to bind and nothing to unbind. Throws `Unspeakable`. */
export function writeList(
  plan: Plan,
  groups: Groups,
  edge: Edge,
  target: Target,
  options: Options,
  base: Base | undefined,
): PlannedList | undefined {
  const printed = printBlocks(plan.blocks, groups, options.log);
  const policy = markName(edge);
  const { rest } = plan;
  const old = rest?.kind === "list" ? rest.list.entries.map(copyOf).filter((line) => line !== "remark") : [];
  const ours = [
    `remark ${beginMark(target.tool.name, policy)}`,
    ...printed.lines,
    ...(rest?.kind === "list" ? [remark("then the list that was bound here before")] : []),
    `remark ${endMark(target.tool.name, policy)}`,
  ];
  const lines = plan.blocks.length === 0 ? old : [...ours, ...old];
  const before = new Map<string, string>();
  for (const one of plan.interfaces) {
    const bound = base && boundAt(base.config, plan.where, one);
    if (bound !== undefined) before.set(one, bound.list);
  }
  // A list of remarks alone cannot be bound. What is bound there now can only be ours.
  if (lines.every((line) => line.startsWith("remark"))) {
    return before.size === 0 ? undefined : { plan, name: undefined, lines: [], elements: 0, present: true, before };
  }
  const hint = [edge.name, ...(base === undefined ? [] : plan.interfaces.slice(0, 1))].join("-");
  const content = lines.join("\n");
  let name: string;
  let existing: AccessList | undefined;
  let again = 0;
  do {
    name = nameOf(options.prefix, hint, plan.where, again === 0 ? content : `${content}\n${again}`);
    existing = base?.config.lists.get(name);
    again++;
  } while (
    base !== undefined &&
    (base.config.objects.has(name) || (existing !== undefined && !isSameList(existing, lines)))
  );
  return { plan, name, lines, elements: printed.elements, present: existing !== undefined, before };
}

/** Whether a name stands for something else in the base. The same group under the same name is ours, from before. */
export function isTaken(base: Base, group: GroupText): boolean {
  if (base.config.lists.has(group.name)) return true;
  const there = base.config.objects.get(group.name);
  return there !== undefined && !isSameGroup(there, group);
}

function isSameList(there: AccessList, lines: readonly string[]): boolean {
  return (
    there.entries.length === lines.length &&
    there.entries.every((entry, i) => withNumbers(bodyOf(entry).split(" ")) === withNumbers(lines[i]!.split(/\s+/)))
  );
}

function isSameGroup(there: ConfigObject, group: GroupText): boolean {
  return (
    there.kind === "group" &&
    there.unread.length === 0 &&
    there.members.length === group.members.length &&
    there.members.every((member, i) => withNumbers(member.words) === withNumbers(group.members[i]!.split(" ")))
  );
}

/** A line as we would write it: the device prints names for the numbers that it was given. */
function withNumbers(words: readonly string[]): string {
  if (words[0] === "remark") return words.join(" ");
  const start = words[0] === "extended" ? 2 : words[0] === "protocol-object" ? 1 : words.length;
  const types = words[start] === "icmp" ? icmpTypes : words[start] === "icmp6" ? icmp6Types : undefined;
  return words
    .map((word, i) => {
      if (i === start) return protocolNumbers.get(word) ?? word;
      if (i < start) return word;
      const operator = words[i - 1] === "range" || words[i - 2] === "range" || words[i - 1] === "eq";
      return (operator ? portNames.get(word) : types?.get(word)) ?? word;
    })
    .join(" ");
}

/** The lists that are to be bound. */
export function bound(lists: readonly PlannedList[]): (PlannedList & { readonly name: string })[] {
  return lists.filter((list): list is PlannedList & { name: string } => list.name !== undefined);
}

/** The policy's name in the remarks around our entries, which must fit into a remark and come back the same. */
export function markName(edge: Edge): string {
  const plain = typeable(edge.name.replace(/[^\x21-\x7e]+/g, "-"));
  return plain.length <= 50 ? plain : `${plain.slice(0, 39)}-${digest(plain)}`;
}
