import type { Claim, Diagnostic, Direction, Edge, Emission, EmittedFile, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, directions, hasErrors, headerLines, render } from "../../src/vendor-kit/index.js";
import type { Base, Rest } from "./base.js";
import { beginMark, bodyOf, boundAt, checkBase, copyOf, endMark, readBase, restAt } from "./base.js";
import type { AccessList, ConfigObject } from "./config.js";
import { digest } from "./digest.js";
import type { Action, Block } from "./flatten.js";
import { MOST_ENTRIES, TooMany, flattenBefore, flattenWithEnd } from "./flatten.js";
import type { GroupText } from "./groups.js";
import { Groups, nameOf } from "./groups.js";
import type { Options } from "./options.js";
import { readOptions } from "./options.js";
import { icmp6Types, icmpTypes, portNames, protocolNumbers } from "./words.js";
import { Unspeakable, printBlocks, remark, typeable } from "./print.js";

/**
 * An edge policy as ASA commands, in the order in which a device can take them without a gap: `1-define.cfg` defines
 * groups and lists under names that nothing uses yet, `2-bind.cfg` binds the lists, each in one command that replaces
 * what was bound. With a base also the way back, and what can be cleared away afterwards.
 *
 * What arrives on an outside interface meets a list bound `in` there, what leaves by it a list bound `out`. These two
 * places are exactly the policy's directions; a list on an inside interface would also filter what goes to a DMZ.
 */
export function emit(edge: Edge, target: Target): Emission {
  const diagnostics: Diagnostic[] = [];
  const options = readOptions(target, diagnostics);
  const policy = markName(edge);
  const base = readBase(target, options.outside, policy, diagnostics);
  if (base !== undefined) checkBase(base, options, target, diagnostics);
  if (hasErrors(diagnostics)) return { files: [], diagnostics, claims: [] };

  let lists: readonly PlannedList[] = [];
  try {
    const plans =
      base === undefined
        ? planAlone(edge, target, options, diagnostics)
        : planOn(base, edge, target, options, diagnostics);
    const groups = new Groups(options.prefix, (group) => base !== undefined && isTaken(base, group));
    lists = plans.flatMap((plan) => writeList(plan, groups, edge, target, options, base) ?? []);
    noteReject(edge, target, diagnostics);
    noteSize(lists, target, options, diagnostics);
    if (hasErrors(diagnostics)) return { files: [], diagnostics, claims: [] };
    const files = filesOf(edge, target, lists, groups, base);
    return { files, diagnostics, claims: claimsOf(edge, options, lists, base) };
  } catch (error) {
    diagnostics.push(whyNot(error, target));
    return { files: [], diagnostics, claims: [] };
  }
}

const DEFINE = "1-define.cfg";
const BIND = "2-bind.cfg";

function whyNot(error: unknown, target: Target): Diagnostic {
  if (error instanceof TooMany) {
    return diagnostic("RW3003", `exceptions that overlap later rules make more than ${MOST_ENTRIES} entries`, {
      primary: target.spanOf(),
      help: "order the rules so that few of them follow the rule with the exceptions, or make the exceptions alike",
    });
  }
  if (error instanceof Unspeakable) {
    return diagnostic("RW3001", `an access-list cannot say a rule of this policy: ${error.message}`, {
      primary: target.spanOf(),
      help: "name the protocols, and ports of TCP, UDP and SCTP only, in the rules for this target",
    });
  }
  throw error;
}

type Where = "in" | "out" | "control-plane";

interface Plan {
  readonly where: Where;
  readonly interfaces: readonly string[];
  readonly blocks: readonly Block[];
  /** What decides the packets behind our entries, where it is not our own end. */
  readonly rest: Rest | undefined;
}

function planAlone(edge: Edge, target: Target, options: Options, diagnostics: Diagnostic[]): Plan[] {
  const plans: Plan[] = [];
  for (const direction of directions) {
    if (!decides(edge, direction)) continue;
    const end = endOf(edge, direction, target, options, diagnostics);
    if (end === undefined) continue;
    plans.push({
      where: direction === "inbound" ? "in" : "out",
      interfaces: options.outside,
      blocks: flattenWithEnd(edge, direction, end),
      rest: undefined,
    });
  }
  if (plans.length > 0) {
    diagnostics.push(
      diagnostic(
        "RW3007",
        `binding these lists to ${options.outside.join(", ")} takes the place of whatever is bound there now`,
        {
          primary: target.spanOf("outside"),
          help: "if lists are bound there already, give the running-config as `base:` and they are kept behind our entries",
        },
      ),
    );
  }
  plans.push(...planControlPlane(edge, options.outside, undefined, target, options, diagnostics));
  return plans;
}

/** Whether a direction needs a list: it has rules, or the policy denies by default. */
function decides(edge: Edge, direction: Direction): boolean {
  return edge.default === "deny" || edge.rules.some((rule) => rule.directions.includes(direction));
}

function endOf(
  edge: Edge,
  direction: Direction,
  target: Target,
  options: Options,
  diagnostics: Diagnostic[],
): Action | undefined {
  const said = options.after[direction];
  if (edge.default === "deny") return "deny";
  if (said === undefined && direction === "outbound" && edge.default === "permit") return "permit";
  if (said === undefined || (edge.default === "permit" && said === "deny")) {
    diagnostics.push(undecidedEnd(edge, direction, target, said));
    return undefined;
  }
  if (direction === "inbound" && said === "permit") {
    diagnostics.push(
      diagnostic(
        "RW3007",
        "the inbound list ends with permit ip any any: every port that no rule denies is open to the outside",
        {
          primary: target.spanOf("after", "inbound"),
        },
      ),
    );
  }
  return said;
}

function undecidedEnd(edge: Edge, direction: Direction, target: Target, said: Action | undefined): Diagnostic {
  const primary = said === undefined ? target.spanOf() : target.spanOf("after", direction);
  if (edge.default === "permit") {
    return diagnostic(
      "RW3006",
      said === undefined
        ? "default: permit would end the inbound list with permit ip any any, open to the whole outside; that is not done without being asked for"
        : `default: permit and after.${direction}: deny say two things about packets that no rule decides`,
      {
        primary,
        help:
          said === undefined
            ? "write `after: { inbound: permit }` if that is meant, or make the policy's default deny"
            : `drop after.${direction}, or change the policy's default`,
      },
    );
  }
  return diagnostic(
    "RW3006",
    `the ${direction} list has no end: the policy leaves packets that no rule decides to the device (default: continue), and an access-list denies whatever it does not permit`,
    {
      primary,
      help:
        direction === "inbound"
          ? "write `after: { inbound: deny }` if nothing else shall come in, or give the running-config as `base:` so that the list bound there goes on behind our entries"
          : "write `after: { outbound: permit }` if all else may leave, or give the running-config as `base:`",
    },
  );
}

function planOn(base: Base, edge: Edge, target: Target, options: Options, diagnostics: Diagnostic[]): Plan[] {
  const plans: Plan[] = [];
  noteEndUnused(edge, target, options, diagnostics);
  for (const direction of directions) {
    if (!decides(edge, direction) && edge.default === "continue") continue;
    const where = direction === "inbound" ? "in" : "out";
    if (edge.default !== "continue") {
      const end = endOf(edge, direction, target, options, diagnostics);
      if (end === undefined) continue;
      plans.push({ where, interfaces: options.outside, blocks: flattenWithEnd(edge, direction, end), rest: undefined });
      continue;
    }
    for (const one of sameRest(base, where, options.outside, target, diagnostics)) {
      const { rest, interfaces } = one;
      const blocks =
        rest.kind === "end" ? flattenWithEnd(edge, direction, rest.action) : flattenBefore(edge, direction);
      if (rest.kind === "end" && direction === "inbound" && rest.action === "permit") {
        diagnostics.push(
          diagnostic(
            "RW3007",
            `by its security-level ${interfaces.join(", ")} permits what no rule decides, and so does the list`,
            {
              primary: target.spanOf("outside"),
            },
          ),
        );
      }
      plans.push({ where, interfaces, blocks, rest });
    }
  }
  plans.push(...planControlPlane(edge, options.outside, base, target, options, diagnostics));
  return [...plans, ...planWithdrawals(base, plans, target, diagnostics)];
}

/** Places that hold entries of an earlier output where the policy has none any more: they get back what else was there. */
function planWithdrawals(base: Base, plans: readonly Plan[], target: Target, diagnostics: Diagnostic[]): Plan[] {
  const withdrawals: Plan[] = [];
  for (const { where, interface: name, list } of base.config.bindings) {
    if (where === "global" || name === undefined || boundAt(base.config, where, name)?.list !== list) continue;
    const ours = base.plain.lists.get(list)?.entries.length !== base.config.lists.get(list)?.entries.length;
    const planned = [...plans, ...withdrawals].some((plan) => plan.where === where && hasInterface(plan, name));
    if (!ours || planned) continue;
    const rest: Rest | undefined =
      boundAt(base.plain, where, name) === undefined
        ? { kind: "nothing" }
        : restAt(base, where, name, target, diagnostics);
    if (rest !== undefined) withdrawals.push({ where, interfaces: [name], blocks: [], rest });
  }
  return withdrawals;
}

function hasInterface(plan: Plan, name: string): boolean {
  return plan.interfaces.some((one) => one.toLowerCase() === name.toLowerCase());
}

function noteEndUnused(edge: Edge, target: Target, options: Options, diagnostics: Diagnostic[]): void {
  if (edge.default !== "continue" || Object.keys(options.after).length === 0) return;
  diagnostics.push(
    diagnostic("RW3007", "after is not looked at: the base says what becomes of packets that no rule decides", {
      primary: target.spanOf("after"),
      severity: "note",
    }),
  );
}

/** Interfaces behind whose entries the same list goes on share one of ours. */
function sameRest(
  base: Base,
  where: Where,
  names: readonly string[],
  target: Target,
  diagnostics: Diagnostic[],
): { rest: Rest; interfaces: string[] }[] {
  const found: { rest: Rest; interfaces: string[] }[] = [];
  for (const name of names) {
    const rest = restAt(base, where, name, target, diagnostics);
    if (rest === undefined) continue;
    const same = found.find(
      (one) =>
        one.rest.kind === rest.kind &&
        (one.rest.kind !== "list" || rest.kind !== "list" || one.rest.list === rest.list) &&
        (one.rest.kind !== "end" || rest.kind !== "end" || one.rest.action === rest.action),
    );
    if (same === undefined) found.push({ rest, interfaces: [name] });
    else same.interfaces.push(name);
  }
  return found;
}

/** A control-plane list ends in no deny: what it leaves over goes on as before. */
function planControlPlane(
  edge: Edge,
  outside: readonly string[],
  base: Base | undefined,
  target: Target,
  options: Options,
  diagnostics: Diagnostic[],
): Plan[] {
  if (!options.controlPlane) return [];
  if (edge.default !== "continue") {
    diagnostics.push(
      diagnostic(
        "RW3001",
        `default: ${edge.default} for packets to the ASA itself would decide about its own VPN, routing and management`,
        {
          primary: target.spanOf("control-plane"),
          help: "use control-plane with default: continue, where only what the rules name is decided",
        },
      ),
    );
    return [];
  }
  const blocks = flattenBefore(edge, "inbound");
  if (blocks.length === 0) return [];
  if (base === undefined) return [{ where: "control-plane", interfaces: outside, blocks, rest: { kind: "nothing" } }];
  return sameRest(base, "control-plane", outside, target, diagnostics).map(({ rest, interfaces }) => ({
    where: "control-plane",
    interfaces,
    blocks,
    rest,
  }));
}

interface PlannedList {
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

function writeList(
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
function isTaken(base: Base, group: GroupText): boolean {
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

function noteReject(edge: Edge, target: Target, diagnostics: Diagnostic[]): void {
  const rejecting = edge.rules.filter((rule) => rule.action === "reject");
  if (rejecting.length === 0) return;
  diagnostics.push(
    diagnostic(
      "RW3007",
      `reject becomes deny (${rejecting.map((rule) => JSON.stringify(rule.name)).join(", ")}): an access-list drops without an answer`,
      {
        primary: rejecting[0]!.span ?? target.spanOf(),
        help: "`service resetinbound interface outside` makes the ASA answer all denied TCP, and nothing makes it for one rule",
      },
    ),
  );
}

function noteSize(lists: readonly PlannedList[], target: Target, options: Options, diagnostics: Diagnostic[]): void {
  const total = lists.reduce((sum, list) => sum + list.elements, 0);
  if (total <= options.warnEntries) return;
  diagnostics.push(
    diagnostic(
      "RW3004",
      `the lists expand to ${total} entries (${bound(lists)
        .map((list) => `${list.name}: ${list.elements}`)
        .join(", ")}), more than ${options.warnEntries}`,
      {
        primary: target.spanOf(),
        help: "a rule with sources, destinations and services expands to their product: name few services and leave one end open, or raise warn-entries when the model can hold it",
      },
    ),
  );
}

function filesOf(
  edge: Edge,
  target: Target,
  lists: readonly PlannedList[],
  groups: Groups,
  base: Base | undefined,
): EmittedFile[] {
  const header = headerLines(edge, target).map(typeable);
  const fresh = lists.filter((list) => !list.present);
  const newGroups = groups.all().filter((group) => base?.config.objects.get(group.name) === undefined);
  const files: EmittedFile[] = [
    {
      path: DEFINE,
      about: "groups and access-lists; binds nothing",
      text: render(target.templates["define.hbs"]!, {
        header,
        lists: bound(lists).map((list) => ({ name: list.name, elements: list.elements, behind: behindText(list) })),
        groups: newGroups.map((group) => ({ head: group.head, members: group.members })),
        entries: fresh.flatMap((list, i) => [
          ...(i === 0 ? [] : ["!"]),
          ...list.lines.map((line) => `access-list ${list.name} ${line}`),
        ]),
        nothing: lists.length === 0,
      }),
    },
    {
      path: BIND,
      about: "binds the lists; from here on they filter",
      text: render(target.templates["bind.hbs"]!, { header, bindings: bindLines(lists), nothing: lists.length === 0 }),
    },
  ];
  if (base === undefined) return files;
  const undo = lists.flatMap((list) =>
    list.plan.interfaces.flatMap((name) => {
      const old = list.before.get(name);
      if (old === list.name) return [];
      if (old !== undefined) return [bindLine(list, name, old)];
      return list.name === undefined ? [] : [`no ${bindLine(list, name, list.name)}`];
    }),
  );
  files.push({
    path: "rollback.cfg",
    about: "binds what the base had bound, then clears our lists and groups; before cleanup.cfg only",
    text: render(target.templates["rollback.hbs"]!, {
      header,
      bindings: undo,
      lists: fresh.map((list) => `clear configure access-list ${list.name}`),
      groups: [...newGroups].reverse().map((group) => `no ${group.head}`),
    }),
  });
  files.push({
    path: "cleanup.cfg",
    about: "clears lists and groups that nothing uses after the change; there is no rollback from here",
    text: render(target.templates["cleanup.hbs"]!, { header, ...cleanupLines(base, lists, groups) }),
  });
  return files;
}

function behindText(list: PlannedList): string {
  const { rest } = list.plan;
  switch (rest?.kind) {
    case "list":
      return `, and those of ${rest.list.name} behind them`;
    case "global":
      return "; the global list goes on behind them";
    default:
      return "";
  }
}

function bindLines(lists: readonly PlannedList[]): string[] {
  return lists.flatMap((list) =>
    list.plan.interfaces.flatMap((name) => {
      if (list.name !== undefined) return [bindLine(list, name, list.name)];
      const old = list.before.get(name);
      return old === undefined ? [] : [`no ${bindLine(list, name, old)}`];
    }),
  );
}

/** The lists that are to be bound. */
function bound(lists: readonly PlannedList[]): (PlannedList & { readonly name: string })[] {
  return lists.filter((list): list is PlannedList & { name: string } => list.name !== undefined);
}

function bindLine(list: PlannedList, interfaceName: string, name: string): string {
  const { where } = list.plan;
  return where === "control-plane"
    ? `access-group ${name} in interface ${interfaceName} control-plane`
    : `access-group ${name} ${where} interface ${interfaceName}`;
}

/** Lists that the change leaves without use, then groups of ours that only these named. */
function cleanupLines(
  base: Base,
  lists: readonly PlannedList[],
  groups: Groups,
): { lists: readonly string[]; groups: readonly string[] } {
  const { config } = base;
  const replaced = new Set(lists.flatMap((list) => [...list.before.values()].filter((old) => old !== list.name)));
  const stillBound = new Set<string>(bound(lists).map((list) => list.name));
  for (const binding of config.bindings) {
    const taken = lists.some(({ plan }) => plan.where === binding.where && hasInterface(plan, binding.interface ?? ""));
    if (!taken) stillBound.add(binding.list);
  }
  const gone = [...replaced].filter((name) => !stillBound.has(name) && !config.mentioned.has(name));
  const kept = new Set(groups.all().map((group) => group.name));
  const used = new Set<string>();
  for (const list of config.lists.values()) {
    if (gone.includes(list.name)) continue;
    for (const entry of list.entries) for (const word of entry.command.words) used.add(word);
  }
  for (const object of config.objects.values()) {
    if (object.kind === "group") for (const member of object.members) for (const word of member.words) used.add(word);
  }
  const mine = new Set(
    gone.flatMap((name) => config.lists.get(name)?.entries.flatMap((entry) => entry.command.words) ?? []),
  );
  const oldGroups = [...config.objects].flatMap(([name, object]) =>
    object.kind === "group" &&
    OURS.test(name) &&
    mine.has(name) &&
    !used.has(name) &&
    !kept.has(name) &&
    !config.mentioned.has(name)
      ? [`no object-group ${object.type} ${name}`]
      : [],
  );
  return { lists: gone.map((name) => `clear configure access-list ${name}`), groups: oldGroups };
}

/** The form of {@link nameOf} for groups: only such are cleared away. */
const OURS = /-(?:v4|v6|protocols)-[0-9a-f]{10}$/;

function claimsOf(edge: Edge, options: Options, lists: readonly PlannedList[], base: Base | undefined): Claim[] {
  const isBound = (where: Where): boolean => bound(lists).some((list) => list.plan.where === where);
  const fate = { deny: "drop", permit: "accept" } as const;
  const end = (direction: Direction): "continue" | "accept" | "drop" => {
    const said = options.after[direction];
    return edge.default !== "continue" || said === undefined || !isBound(direction === "inbound" ? "in" : "out")
      ? "continue"
      : fate[said];
  };
  const common = {
    reads: [DEFINE, BIND],
    outside: options.outside,
    judged: "first-packets",
    rejectIsDrop: true,
    ...(base && { onto: [base.source] }),
  } as const;
  const claims: Claim[] = [
    {
      ...common,
      hooks: ["forward"],
      acceptIsContinue: base === undefined,
      continueBecomes: { inbound: end("inbound"), outbound: end("outbound") },
      ...(base && { base: base.device, decided: base.decided }),
    },
  ];
  if (options.controlPlane && isBound("control-plane")) {
    const before = base?.device.paths.some((path) => path.hook === "input") === true ? base.device : undefined;
    claims.push({
      ...common,
      hooks: ["input"],
      acceptIsContinue: true,
      continueBecomes: { inbound: "continue", outbound: "continue" },
      ...(before && { base: before }),
    });
  }
  return claims;
}

/** The policy's name in the remarks around our entries, which must fit into a remark and come back the same. */
function markName(edge: Edge): string {
  const plain = typeable(edge.name.replace(/[^\x21-\x7e]+/g, "-"));
  return plain.length <= 50 ? plain : `${plain.slice(0, 39)}-${digest(plain)}`;
}
