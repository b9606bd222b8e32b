import type { Device, Diagnostic, Source, Span, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, didYouMean, spanLabel } from "../../src/vendor-kit/index.js";
import type { AccessList, Binding, Config, Entry } from "./config.js";
import { isEmpty, placeOf, wordsFrom } from "./config.js";
import { readConfig } from "./config-reader.js";
import { deviceOf } from "./device.js";
import { rulesOf } from "./entries.js";
import type { Action } from "./flatten.js";
import { spanOf } from "./lexer.js";
import { meaningsOf } from "./meanings.js";

/** The running-config that an output is laid over. */
export interface Base {
  readonly source: Source;
  /** As it is. */
  readonly config: Config;
  /** Without what an earlier output of the same policy put there. */
  readonly plain: Config;
  /** What `plain` does. */
  readonly device: Device;
  /**
   * What becomes of packets that our entries permit or deny: the rest of the configuration still has its say, such as
   * a list for what leaves by an inside interface.
   */
  readonly decided: Readonly<Record<"accepted" | "dropped" | "rejected", Device>>;
}

/** The remarks around our entries in a list that goes on with others. */
export function beginMark(tool: string, policy: string): string {
  return `==== ${tool} ${policy}: begin ====`;
}
export function endMark(tool: string, policy: string): string {
  return `==== ${tool} ${policy}: end ====`;
}

export function readBase(
  target: Target,
  outside: readonly string[],
  policy: string,
  diagnostics: Diagnostic[],
): Base | undefined {
  const source = target.files["base"];
  if (source === undefined) return undefined;
  const config = readConfig([source]);
  if (config.version !== undefined && config.version.major < 9) {
    diagnostics.push(
      diagnostic(
        "RW3008",
        `the base is of version ${config.version.major}.${config.version.minor}; the output is for 9.0 and later`,
        {
          primary: target.spanOf("base"),
        },
      ),
    );
  }
  const plain = withoutOurs(config, target.tool.name, policy, diagnostics);
  const { device } = deviceOf(`${source.path} before`, plain, {});
  const accepted = withAllDecided(source, config, outside, "permit");
  const dropped = withAllDecided(source, config, outside, "deny");
  return { source, config, plain, device, decided: { accepted, dropped, rejected: dropped } };
}

/** The base with lists on the outside that permit or deny everything. */
function withAllDecided(source: Source, config: Config, outside: readonly string[], action: Action): Device {
  let list = `${action}-everything`;
  while (config.lists.has(list)) list += "-";
  const text = [
    `access-list ${list} extended ${action} ip any any`,
    ...outside.flatMap((name) => [
      `access-group ${list} in interface ${name}`,
      `access-group ${list} out interface ${name}`,
    ]),
  ].join("\n");
  const name = `what our entries ${action}`;
  return deviceOf(name, readConfig([source, { path: name, text }]), {}).device;
}

/** Takes the entries between our remarks away, and a list that has no others from where it is bound. */
function withoutOurs(config: Config, tool: string, policy: string, diagnostics: Diagnostic[]): Config {
  const emptied = new Set<string>();
  const lists = new Map<string, AccessList>();
  for (const [name, list] of config.lists) {
    const entries = outsideMarks(list, beginMark(tool, policy), endMark(tool, policy), diagnostics);
    lists.set(name, entries.length === list.entries.length ? list : { ...list, entries });
    if (entries.length < list.entries.length && entries.every((entry) => bodyOf(entry).startsWith("remark"))) {
      emptied.add(name);
    }
  }
  return { ...config, lists, bindings: config.bindings.filter((one) => !emptied.has(one.list)) };
}

function outsideMarks(list: AccessList, begin: string, end: string, diagnostics: Diagnostic[]): readonly Entry[] {
  const kept: Entry[] = [];
  let opened: Entry | undefined;
  for (const entry of list.entries) {
    const body = bodyOf(entry);
    if (body === `remark ${begin}`) opened = entry;
    else if (body === `remark ${end}`) opened = undefined;
    else if (opened === undefined) kept.push(entry);
  }
  if (opened !== undefined) {
    diagnostics.push(
      diagnostic("RW3008", `the remark that ends our entries in access-list ${list.name} is missing`, {
        primary: spanOf(opened.command),
        help: `put "access-list ${list.name} remark ${end}" back behind them`,
      }),
    );
  }
  return kept;
}

/** An entry as one writes it behind `access-list NAME`. */
export function bodyOf(entry: Entry): string {
  return wordsFrom(entry.command.words, entry.body);
}

/** A list's entry as the base has it, remarks with their own blanks. */
export function copyOf(entry: Entry): string {
  const { command } = entry;
  let at = 0;
  for (let i = 0; i < entry.body; i++) at = command.text.indexOf(command.words[i]!, at) + command.words[i]!.length;
  return command.text.slice(at).trim();
}

/** The list that is bound at a place. */
export function boundAt(config: Config, where: Binding["where"], name: string): Binding | undefined {
  const wanted = placeOf({ where, interface: name, list: "", perUser: false, command: undefined as never });
  return config.bindings.findLast((one) => placeOf(one) === wanted && config.lists.get(one.list)?.kind !== "ethertype");
}

/**
 * What decides the packets that our entries leave over. `entries` of a list that was bound; or the global list; or,
 * where there is neither, one action for all, from the security-levels.
 */
export type Rest =
  | { readonly kind: "list"; readonly list: AccessList; readonly binding: Binding }
  | { readonly kind: "global" }
  | { readonly kind: "nothing" }
  | { readonly kind: "end"; readonly action: Action };

/** Undefined where it cannot be said; the diagnostics tell why. */
export function restAt(
  base: Base,
  where: "in" | "out" | "control-plane",
  name: string,
  target: Target,
  diagnostics: Diagnostic[],
): Rest | undefined {
  const binding = boundAt(base.plain, where, name);
  if (binding !== undefined) {
    const list = base.plain.lists.get(binding.list);
    if (list === undefined || list.entries.length === 0 || isEmpty(list)) {
      conflict(
        diagnostics,
        `access-list ${binding.list} is bound and its entries are not in the base`,
        spanOf(binding.command),
      );
      return undefined;
    }
    if (binding.perUser) {
      conflict(
        diagnostics,
        "per-user-override: lists that users bring along would override our denies",
        spanOf(binding.command),
      );
      return undefined;
    }
    return isReadable(base.plain, list, diagnostics) ? { kind: "list", list, binding } : undefined;
  }
  switch (where) {
    case "control-plane":
      return { kind: "nothing" };
    case "out":
      return { kind: "end", action: "permit" };
    case "in": {
      const global = base.plain.bindings.findLast((one) => one.where === "global");
      if (global === undefined) return bySecurityLevels(base, name, target, diagnostics);
      const list = base.plain.lists.get(global.list);
      if (list === undefined || isEmpty(list)) {
        conflict(
          diagnostics,
          `access-list ${global.list} is bound and its entries are not in the base`,
          spanOf(global.command),
        );
        return undefined;
      }
      return isReadable(base.plain, list, diagnostics) ? { kind: "global" } : undefined;
    }
  }
}

/** Binding a list to an interface that had none takes the default by security-levels away: the list has to end with it. */
function bySecurityLevels(base: Base, name: string, target: Target, diagnostics: Diagnostic[]): Rest | undefined {
  const { interfaces, sameSecurity } = base.plain;
  const own = interfaces.find((one) => one.name?.toLowerCase() === name.toLowerCase())!;
  const permitted: string[] = [];
  const denied: string[] = [];
  for (const other of interfaces) {
    if (other.name === undefined || other.managementOnly) continue;
    if (other === own) {
      if (sameSecurity.within) permitted.push(other.name);
    } else if (own.level > other.level) {
      permitted.push(other.name);
    } else if (own.level < other.level) {
      denied.push(other.name);
    } else {
      (sameSecurity.between ? permitted : denied).push(other.name);
    }
  }
  if (permitted.length > 0 && denied.length > 0) {
    diagnostics.push(
      diagnostic(
        "RW3008",
        `interface ${name} has no list, so its security-level ${own.level} permits packets to ${permitted.join(", ")} and denies those to ${denied.join(", ")}; a list can end in one way only`,
        {
          primary: target.spanOf("base"),
          related: [{ span: spanOf(own.command), message: "the interface is here" }],
          help: `bind a list of your own to ${name} first that says what it shall permit, and give that as the base`,
        },
      ),
    );
    return undefined;
  }
  return { kind: "end", action: permitted.length > 0 ? "permit" : "deny" };
}

/** Refuses a list of which a line, or a group that it names, was not understood. */
function isReadable(config: Config, list: AccessList, diagnostics: Diagnostic[]): boolean {
  const found: Diagnostic[] = [];
  const meanings = meaningsOf(config);
  const rules = rulesOf(list, meanings, found);
  const problems = [...found, ...meanings.references.diagnostics].filter(
    (one) => one.code === "RW6001" || one.code === "RW6005",
  );
  if (problems.length === 0 && rules.every((rule) => rule.verdict !== "unknown")) return true;
  const [first] = problems;
  diagnostics.push(
    diagnostic(
      "RW3008",
      `access-list ${list.name} cannot be carried over: ${first?.message ?? "a line of it is not understood"}`,
      {
        primary: first?.primary ?? spanOf(list.first),
        related: problems
          .slice(1, 4)
          .flatMap((one) => (one.primary ? [{ span: one.primary, message: one.message }] : [])),
        help: "the base has to be the whole running-config; a line that this tool cannot read is not changed around",
      },
    ),
  );
  return false;
}

/** Whether the base can be built upon at all. */
export function checkBase(
  base: Base,
  sides: { readonly outside: readonly string[]; readonly inside: readonly string[] },
  target: Target,
  diagnostics: Diagnostic[],
): void {
  const names = base.config.interfaces.flatMap((one) => one.name ?? []);
  for (const side of ["outside", "inside"] as const) {
    for (const [i, name] of sides[side].entries()) {
      if (names.includes(name)) continue;
      diagnostics.push(
        diagnostic(
          "RW3008",
          names.length === 0
            ? "the base has no interface with a nameif, so it is not a whole running-config"
            : `the base has no interface named ${JSON.stringify(name)}${didYouMean(name, names)}`,
          { primary: target.spanOf(side, i) ?? target.spanOf("base"), help: `it has ${names.join(", ") || "none"}` },
        ),
      );
    }
  }
  for (const doubt of base.config.doubts.slice(0, 5)) {
    conflict(diagnostics, `${spanLabel(spanOf(doubt.command))}: ${doubt.why}`, spanOf(doubt.command));
  }
  for (const command of base.config.established.slice(0, 1)) {
    conflict(
      diagnostics,
      '"established" lets connections in beside every list, so our denies would not hold',
      spanOf(command),
    );
  }
}

function conflict(diagnostics: Diagnostic[], message: string, primary: Span): void {
  diagnostics.push(diagnostic("RW3008", message, { primary }));
}
