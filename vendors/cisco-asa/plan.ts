import type { Diagnostic, Direction, Edge, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, directions } from "../../src/vendor-kit/index.js";
import type { Base, Rest } from "./base.js";
import { boundAt, restAt } from "./base.js";
import type { Action, Block } from "./flatten.js";
import { flattenBefore, flattenWithEnd } from "./flatten.js";
import type { Options } from "./options.js";

export type Where = "in" | "out" | "control-plane";

/** One list: where it goes, what we say in it, and what goes on behind that. */
export interface Plan {
  readonly where: Where;
  readonly interfaces: readonly string[];
  /** None where an earlier output is withdrawn: then what was there before is all. */
  readonly blocks: readonly Block[];
  /** What decides the packets behind our entries, where it is not our own end. */
  readonly rest: Rest | undefined;
}

/** Lists of our own, for a device of which nothing is known: they end as the policy or the target says. */
export function planAlone(edge: Edge, target: Target, options: Options, diagnostics: Diagnostic[]): Plan[] {
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

/** Lists for a device whose running-config is known: what was bound goes on behind our entries. */
export function planOn(base: Base, edge: Edge, target: Target, options: Options, diagnostics: Diagnostic[]): Plan[] {
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

export function hasInterface(plan: Plan, name: string): boolean {
  return plan.interfaces.some((one) => one.toLowerCase() === name.toLowerCase());
}
