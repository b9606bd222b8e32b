import type { Hook } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { PacketSet } from "../packet-set/index.js";
import { firstPackets } from "../packet-set/index.js";
import type { Translation } from "../vendor-kit/inventory.js";
import type { LintContext } from "./context.js";
import { perContext } from "./per-context.js";
import type { EdgeQuestion } from "./edge-question.js";

/** A translation that brings denied packets past the filter. */
export interface Bypass {
  readonly translation: Translation;
  /** As they arrive. */
  readonly packets: PacketSet;
  /** What of the policy's services takes part, before or after. */
  readonly spokenOf: PacketSet;
  readonly certain: boolean;
  /** Where they are on their way behind the translation. */
  readonly hooks: readonly Hook[];
}

/** One for each statement, in the order of the text. */
export const bypassesOf = perContext(find);

function find(context: LintContext): readonly Bypass[] {
  const found = new Map<string, Bypass>();
  for (const translation of context.configuration.inventory?.translations ?? []) {
    for (const question of context.questions()) {
      if (question.direction !== "inbound" || !leadsTo(question.hook, translation)) continue;
      const bypass = bypassOf(context, question, translation);
      if (bypass === undefined) continue;
      // One statement may stand for several translations: it is told once.
      const { span } = translation;
      const key = `${span.source.path}:${span.start}`;
      const sofar = found.get(key);
      found.set(key, sofar === undefined ? bypass : together(context, sofar, bypass));
    }
  }
  return [...found.values()];
}

/** A new place is inside; the firewall itself where only the port is new, or the place is its loopback. */
function leadsTo(hook: Hook, { destination, bypassesFilter }: Translation): boolean {
  if (hook === "forward") return true;
  return !bypassesFilter && (destination === undefined || destination.ipv4.some(({ first }) => first >>> 24 === 127));
}

function together({ space }: LintContext, a: Bypass, b: Bypass): Bypass {
  return {
    translation: a.translation,
    packets: space.or(a.packets, b.packets),
    spokenOf: space.or(a.spokenOf, b.spokenOf),
    certain: a.certain || b.certain,
    hooks: [...a.hooks, ...b.hooks],
  };
}

function bypassOf(context: LintContext, question: EdgeQuestion, translation: Translation): Bypass | undefined {
  const { space } = context;
  const families = space.compile(ir.any(...context.options.families.map(ir.ofFamily)));
  const arriving = space.and(space.and(space.compile(translation.match), firstPackets(space)), families);
  // Packets that the policy denies as they arrive: they may pass as something else. What passes anyway is told elsewhere.
  const passing = translation.bypassesFilter ? space.none : space.and(question.denied, question.passes);
  const denied = space.difference(space.and(arriving, anywhere(context, question.denied)), anywhere(context, passing));
  const rewritten = afterTranslation(context, translation, translation.bypassesFilter ? arriving : denied);
  const packets = translation.bypassesFilter
    ? space.or(denied, denialsInto(context, question, translation, arriving, rewritten))
    : passesAsSomethingElse(context, question, rewritten) !== space.none
      ? denied
      : space.none;
  if (packets === space.none) return undefined;
  return {
    translation,
    packets,
    spokenOf: translation.bypassesFilter ? space.or(denied, rewritten) : packets,
    hooks: [question.hook],
    certain:
      space.must(packets) !== space.none &&
      question.whicheverIsOutside(space.and(question.asked, packets)) !== space.none,
  };
}

/** The packets as the filter sees them. Interfaces beyond the first are not known before. */
function afterTranslation({ space }: LintContext, { destination, ports }: Translation, packets: PacketSet): PacketSet {
  const { layout, bdd } = space;
  let result = packets;
  if (destination !== undefined) {
    const { first, bits } = layout.destination;
    result = space.and(bdd.exists(result, first, first + bits - 1), space.compile(ir.to(destination)));
  }
  if (ports !== undefined) {
    const { first, bits } = layout.destinationPort;
    const values = ports.map((one) => [one.first, one.last] as const);
    result = space.and(
      bdd.exists(result, first, first + bits - 1),
      space.compile(ir.numberIn("destination-port", ...values)),
    );
  }
  return result;
}

/** Without regard to where packets leave: that is decided behind the translation. */
function anywhere({ space }: LintContext, packets: PacketSet): PacketSet {
  const { egress } = space.layout;
  return space.bdd.exists(packets, egress.first, egress.first + egress.bits - 1);
}

/** Of packets that no filter is asked about, those that become what the policy denies. */
function denialsInto(
  context: LintContext,
  question: EdgeQuestion,
  { ports }: Translation,
  arriving: PacketSet,
  rewritten: PacketSet,
): PacketSet {
  const { space } = context;
  if (ports === undefined) return space.none;
  return space.and(rewritten, anywhere(context, question.denied)) === space.none ? space.none : arriving;
}

/** What comes out, is not denied by the policy as such, and passes the filter. */
function passesAsSomethingElse(context: LintContext, question: EdgeQuestion, rewritten: PacketSet): PacketSet {
  const { space } = context;
  return space.difference(space.and(rewritten, question.passes), question.denied);
}
