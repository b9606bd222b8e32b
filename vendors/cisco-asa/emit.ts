import type { Claim, Diagnostic, Direction, Edge, Emission, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, hasErrors } from "../../src/vendor-kit/index.js";
import type { Base } from "./base.js";
import { checkBase, readBase } from "./base.js";
import { BIND, DEFINE, filesOf } from "./files.js";
import { MOST_ENTRIES, TooMany } from "./flatten.js";
import { Groups } from "./groups.js";
import type { PlannedList } from "./lists.js";
import { bound, isTaken, markName, writeList } from "./lists.js";
import type { Options } from "./options.js";
import { readOptions } from "./options.js";
import type { Where } from "./plan.js";
import { planAlone, planOn } from "./plan.js";
import { Unspeakable } from "./print.js";

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
