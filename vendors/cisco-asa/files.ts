import type { Edge, EmittedFile, Target } from "../../src/vendor-kit/index.js";
import { headerLines, render } from "../../src/vendor-kit/index.js";
import type { Base } from "./base.js";
import type { Groups } from "./groups.js";
import type { PlannedList } from "./lists.js";
import { bound } from "./lists.js";
import { hasInterface } from "./plan.js";
import { typeable } from "./print.js";

export const DEFINE = "1-define.cfg";
export const BIND = "2-bind.cfg";

/** The output, with the way back and what can be cleared away where there is a base. */
export function filesOf(
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
