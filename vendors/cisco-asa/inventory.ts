import type {
  Chain,
  Definition,
  Device,
  Edit,
  Filter,
  Hook,
  IdleRule,
  Inventory,
  Match,
  Source,
} from "../../src/vendor-kit/index.js";
import {
  any,
  cutLines,
  egress,
  everyPacket,
  ingress,
  inventoryOf,
  rulesWithCondition,
  span,
} from "../../src/vendor-kit/index.js";
import { commentsOf } from "./comments.js";
import type { AccessList, Binding, Config, Entry } from "./config.js";
import { isEmpty } from "./config.js";
import { inactiveRule, rulesOf } from "./entries.js";
import type { Command } from "./lexer.js";
import { spanOf } from "./lexer.js";
import type { Meanings } from "./meanings.js";
import { translationsOf } from "./translations.js";

/** What a configuration defines besides the rules that packets meet. */
export function inventory(sources: readonly Source[], config: Config, meanings: Meanings, device: Device): Inventory {
  return inventoryOf({
    definitions: () => definitionsOf(sources, config, meanings),
    idle: () => [...inactiveRules(config, meanings, device), ...timedRules(config, device)],
    translations: () => translationsOf(config, meanings),
    comments: () => sources.flatMap((source) => commentsOf(source, config)),
  });
}

function definitionsOf(sources: readonly Source[], config: Config, meanings: Meanings): Definition[] {
  const uses = usesOf(config);
  const definitions: Definition[] = [];
  for (const [name, object] of config.objects) {
    const empty = object.kind === "group" ? object.members.length === 0 : object.value === undefined;
    const kind = object.kind === "group" ? "object-group" : "object";
    const count = (uses.get(name) ?? 0) + (object.kind === "group" ? 0 : timesTranslated(config, name));
    definitions.push({
      kind,
      name,
      span: spanOf(object.command),
      uses: count,
      ...(object.unread.length === 0 && { empty }),
      ...removal(count, object.lines),
    });
  }
  for (const [name, range] of config.timeRanges) {
    const count = uses.get(name) ?? 0;
    definitions.push({
      kind: "time-range",
      name,
      span: spanOf(range.command),
      uses: count,
      ...removal(count, range.lines),
    });
  }
  for (const list of config.lists.values()) {
    const count = uses.get(list.name) ?? 0;
    const entries = [...list.entries, ...list.shown];
    const unbound = count === 0 && (list.kind === "extended" || list.kind === "ipv6");
    definitions.push({
      kind: "access-list",
      name: list.name,
      span: spanOf(list.first),
      uses: count,
      empty: isEmpty(list),
      ...(unbound && !isEmpty(list) && { filter: filterOf(list, meanings) }),
      ...(list.shown.length === 0 &&
        list.declared === undefined &&
        removal(
          count,
          entries.map((entry) => entry.command),
        )),
    });
  }
  const numbers = new Map(sources.map((source, i) => [source, i]));
  const place = ({ span: { source, start } }: Definition): number => (numbers.get(source) ?? 0) * 2 ** 32 + start;
  return definitions.sort((a, b) => place(a) - place(b));
}

/** References by name from entries, groups, translations and commands that are not followed; those of lists also by bindings. */
function usesOf(config: Config): ReadonlyMap<string, number> {
  const uses = new Map<string, number>(config.mentioned);
  const use = (name: string | undefined): void => {
    if (name !== undefined) uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  const references = ({ words }: Command, first: number): void => {
    for (let i = first; i < words.length - 1; i++) if (referring.has(words[i]!)) use(words[i + 1]);
  };
  for (const list of config.lists.values()) {
    for (const { command, body } of [...list.entries, ...list.shown]) {
      if (command.words[body] !== "remark") references(command, body);
    }
  }
  for (const object of config.objects.values()) {
    if (object.kind === "group") for (const member of object.members) references(member, 0);
  }
  for (const { command, object } of config.translations) {
    // Those of the outermost level are among the commands that are mentioned.
    if (object !== undefined) for (const word of new Set(command.words.slice(2))) use(word);
  }
  for (const binding of config.bindings) use(binding.list);
  if (isPart(config)) for (const list of config.lists.values()) use(list.name);
  return uses;
}

/** A text with neither interfaces nor bindings, whose lists are judged as if each were bound. */
function isPart(config: Config): boolean {
  return config.bindings.length === 0 && config.interfaces.every((one) => one.name === undefined);
}

const referring = new Set([
  "object",
  "object-group",
  "object-group-network-service",
  "object-group-user",
  "object-group-security",
  "group-object",
  "time-range",
]);

function timesTranslated(config: Config, name: string): number {
  return config.translations.filter((one) => one.object === name).length;
}

function removal(uses: number, lines: readonly Command[]): { removal?: NonNullable<Definition["removal"]> } {
  if (uses > 0) return {};
  const edits = lines.flatMap((line) => cutLines(spanOf(line)) ?? []);
  return edits.length === lines.length ? { removal: edits } : {};
}

/** What a list would do where it is bound. */
function filterOf(list: AccessList, meanings: Meanings): Filter {
  const chain: Chain = {
    name: `access-list ${list.name}`,
    order: "first-match",
    rules: rulesOf(list, meanings, []),
    end: "drop",
    endOrigin: { label: `implicit deny at the end of access-list ${list.name}` },
  };
  return { name: chain.name, chains: new Map([[chain.name, chain]]), entry: chain.name };
}

/** Of lists that are bound, or that are judged as if they were. */
function inactiveRules(config: Config, meanings: Meanings, device: Device): IdleRule[] {
  return [...config.lists.values()].flatMap((list) => {
    const bindings = config.bindings.filter((one) => one.list === list.name);
    if (bindings.length === 0 && !isPart(config)) return [];
    const atBox = bindings.length > 0 && bindings.every((one) => one.where === "control-plane");
    const through = bindings.every((one) => one.where !== "control-plane");
    const hooks: Hook[] = [...(atBox ? [] : ["forward" as const]), ...(through ? [] : ["input" as const])];
    const place = bindings.length > 0 && { comesTo: any(...bindings.map((one) => packetsAt(one, device))) };
    return [...list.entries, ...list.shown].flatMap((entry): IdleRule[] => {
      const rule = inactiveRule(entry, list, meanings);
      if (rule === undefined) return [];
      const edit = list.shown.length > 0 ? undefined : withoutWords(entry, / +inactive\s*$/);
      return [{ rule, why: "inactive", hooks, ...place, ...(edit !== undefined && { activation: [edit] }) }];
    });
  });
}

/** The packets that meet a list where it is bound. */
function packetsAt(binding: Binding, device: Device): Match {
  const name = binding.interface;
  if (name === undefined) return everyPacket;
  const known = device.interfaces.find((one) => one.name.toLowerCase() === name.toLowerCase())?.name ?? name;
  return binding.where === "out" ? egress(known) : ingress(known);
}

function timedRules(config: Config, device: Device): IdleRule[] {
  const timed = rulesWithCondition(device, (condition) => /^time-range \S+ is active$/.test(condition));
  if (timed.length === 0) return [];
  const entries = new Map<string, Entry>();
  for (const list of config.lists.values()) {
    for (const entry of list.entries) entries.set(placeKey(entry.command), entry);
  }
  return timed.map(({ rule, condition, hooks }): IdleRule => {
    const name = condition.split(" ")[1]!;
    const place = rule.origin.span;
    const entry = place === undefined ? undefined : entries.get(`${place.start} ${place.source.path}`);
    const edit = entry === undefined ? undefined : withoutWords(entry, / +time-range +\S+/);
    return {
      rule,
      why: `in force only at the times of ${name}`,
      sometimes: true,
      hooks,
      ...(edit !== undefined && { activation: [edit] }),
    };
  });
}

function placeKey({ source, start }: Command): string {
  return `${start} ${source.path}`;
}

function withoutWords({ command }: Entry, words: RegExp): Edit | undefined {
  const found = words.exec(command.text);
  if (found === null) return undefined;
  const start = command.start + found.index;
  return { span: span(command.source, start, start + found[0].length), text: "" };
}
