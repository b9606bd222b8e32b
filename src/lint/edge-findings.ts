import type { Label } from "../diagnostics/index.js";
import type { Direction, Hook } from "../ir/index.js";
import * as ir from "../ir/index.js";
import { unionAddresses } from "../net/index.js";
import type { PacketSet } from "../packet-set/index.js";
import { addressesIn, countHeaders, countPorts } from "../packet-set/index.js";

import { serviceMatch } from "../policy/truth.js";
import { amountsOf } from "./amounts.js";
import { placeOf } from "./blame.js";
import type { LintContext } from "./context.js";
import { packetDraft } from "./drafts.js";
import type { PlainDraft } from "./drafts.js";
import type { Draft } from "./rule.js";
import type { Reason, Violation } from "./violations.js";

/** Violations of one kind that one line of the text is to blame for, on all hooks and in all directions. */
export interface Gathered<K extends Reason["kind"]> {
  readonly reason: Extract<Reason, { kind: K }>;
  readonly by: Violation["by"];
  readonly packets: PacketSet;
  readonly hooks: readonly Hook[];
  readonly directions: readonly Direction[];
  readonly certain: boolean;
  /** `smb and netbios-name`: the policy's services that take part. */
  readonly services: string;
}

/** One finding for each line, however many ways lead to it; none where there are no words for it. */
export function edgeFindings<K extends Reason["kind"]>(
  context: LintContext,
  kind: K,
  words: (found: Gathered<K>) => PlainDraft | undefined,
): Draft[] {
  return gather(context, kind).flatMap((found) => {
    const said = words(found);
    if (said === undefined) return [];
    const { certain, packets, hooks, directions } = found;
    const amounts = [...(said.amounts ?? amountsFor(context, found)), ...shareOf(context, found)];
    return [
      packetDraft(context, { certainty: certain ? "must" : "may", packets, hooks, directions, ...said, amounts }),
    ];
  });
}

type Facts = Pick<Gathered<Reason["kind"]>, "by" | "packets" | "directions">;

/** How many addresses outside, and how many ports. */
function amountsFor({ space }: LintContext, { packets, directions }: Facts): string[] {
  const ends = new Set(directions.map((direction) => (direction === "inbound" ? "source" : "destination")));
  const addresses = unionAddresses(...[...ends].map((end) => addressesIn(space, packets, end)));
  const ports = countPorts(space, packets);
  return [
    ...amountsOf(addresses),
    ...(ports === 0 ? [] : [`${ports.toLocaleString("en-US")} port${ports === 1 ? "" : "s"}`]),
  ];
}

/** How much of what the rule takes among the packets that cross the edge. */
function shareOf(context: LintContext, { by, packets }: Facts): string[] {
  if (by?.rule === undefined) return [];
  const { space } = context;
  const index = by.chain.rules.indexOf(by.rule);
  const met = context.effects(by.filter).get(by.chain.name)?.rules[index] ?? space.none;
  const asked = space.bdd.orAll(context.questions().map((question) => question.asked));
  const all = countHeaders(space, space.and(met, asked));
  const own = countHeaders(space, packets);
  if (all === 0n || own > all) return [];
  const permille = Number((own * 1000n) / all);
  return [`${permille < 1 ? "less than 0.1" : permille / 10} % of what the rule takes across the edge`];
}

function gather<K extends Reason["kind"]>(context: LintContext, kind: K): Gathered<K>[] {
  const { space } = context;
  const found = new Map<string, Violation[]>();
  for (const violation of context.violations()) {
    if (violation.reason.kind !== kind) continue;
    const key = keyOf(violation);
    found.set(key, [...(found.get(key) ?? []), violation]);
  }
  return [...found.values()].map((all) => {
    const packets = space.bdd.orAll(all.map((one) => one.packets));
    return {
      reason: all[0]!.reason as Extract<Reason, { kind: K }>,
      by: all[0]!.by,
      packets,
      hooks: all.map((one) => one.hook),
      directions: all.map((one) => one.direction),
      certain: all.some((one) => one.certain),
      services: servicesIn(context, packets),
    };
  });
}

/** What people would call the same thing: the same line to blame, and the same other line. */
function keyOf({ reason, by, certain }: Violation): string {
  const blamed = placeOf(by);
  const place = (span: { source: { path: string }; start: number } | undefined): string =>
    span === undefined ? "" : `${span.source.path}:${span.start}`;
  const other =
    reason.kind === "not-bound"
      ? place(reason.span)
      : "rule" in reason
        ? place(reason.rule.origin.span) || reason.rule.origin.label
        : "";
  const more =
    reason.kind === "too-broad"
      ? `${reason.end} ${reason.stale}`
      : reason.kind === "family-not-given"
        ? reason.family
        : "";
  // Of a rule that is not in force it does not matter which others let the packets through.
  const by_ = reason.kind === "not-in-force" || reason.kind === "not-bound" ? "" : place(blamed.span) || blamed.label;
  return `${by_}|${other}|${more}|${certain}`;
}

/** The services of the policy's rules that the packets belong to, by their names there. */
export function servicesIn({ space, options }: LintContext, packets: PacketSet): string {
  const services = options.edge.rules.flatMap((rule) => rule.services);
  const taking = services.filter((service) => space.and(packets, space.compile(serviceMatch(service))) !== space.none);
  // A service of several protocols has one name.
  const met = [...new Set(taking.map((service) => service.label))];
  if (met.length === 0) return "traffic that it denies by default";
  if (met.length > 4) return `${met.slice(0, 3).join(", ")} and ${met.length - 3} more services`;
  return met.length === 1 ? met[0]! : `${met.slice(0, -1).join(", ")} and ${met.at(-1)}`;
}

/** `inbound`, `outbound`, `in both directions`. */
export function directionWords(directions: readonly Direction[]): string {
  const named = ir.directions.filter((direction) => directions.includes(direction));
  return named.length === 2 ? "in both directions" : (named[0] ?? "");
}

/** Where the packets are on their way, where that is not through the firewall. */
export function hookWords(hooks: readonly Hook[]): string {
  const words = {
    forward: "through the firewall",
    input: "to the firewall itself",
    output: "from the firewall itself",
  };
  return ir.hooks
    .filter((hook) => hooks.includes(hook))
    .map((hook) => words[hook])
    .join(", ");
}

/** The line that lets packets pass, as a second place of a finding about another line. */
export function passLabels({ by }: { readonly by: Violation["by"] }): Label[] {
  const { span, label } = placeOf(by);
  return span === undefined ? [] : [{ span, message: `this lets it pass: ${label}` }];
}
