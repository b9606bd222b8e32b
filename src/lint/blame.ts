import type { Span } from "../diagnostics/index.js";
import type { Packet, Rule } from "../ir/index.js";
import * as ir from "../ir/index.js";
import { decidingStep } from "../jobs/explain.js";
import type { PacketSet, Step } from "../packet-set/index.js";
import { trace, witness } from "../packet-set/index.js";
import type { LintContext } from "./context.js";
import type { EdgeQuestion } from "./edge-question.js";

/** Packets of one fate, and the rule or default of the text that settles it for them. */
export interface Blamed {
  readonly packets: PacketSet;
  /** One of them. */
  readonly packet: Packet;
  /** Undefined only for a path without filters. */
  readonly step?: Step;
}

/** More lines than anybody reads of one device; the last part then holds what other rules settle too. */
const MOST_PARTS = 60;

/** The packets of a set by what settles their fate on the question's path. */
export function blame(context: LintContext, { path }: EdgeQuestion, set: PacketSet): Blamed[] {
  const { space } = context;
  const parts: Blamed[] = [];
  for (let rest = set; rest !== space.none;) {
    const packet = witness(space, rest)!;
    const step = decidingStep(trace(path, packet));
    const settled =
      step === undefined || parts.length === MOST_PARTS ? rest : space.and(rest, settledBy(context, step));
    // A packet always is among those that its own rule settles; were it not, the rest still has to end.
    const packets = settled === space.none ? rest : settled;
    parts.push({ packets, packet, ...(step && { step }) });
    rest = space.difference(rest, packets);
  }
  return parts;
}

function settledBy(context: LintContext, { filter, chain, rule }: Step): PacketSet {
  const effects = context.effects(filter).get(chain.name);
  if (effects === undefined) return context.space.none;
  return rule === undefined ? effects.end : effects.rules[chain.rules.indexOf(rule)]!;
}

/** What to call a step, and where it stands. */
export function placeOf(step: Step | undefined): { readonly label: string; readonly span?: Span } {
  const origin = step?.rule?.origin ?? step?.chain.endOrigin;
  return origin ?? { label: step === undefined ? "the device" : `the end of ${step.chain.name}` };
}

/** Whether a rule speaks of some services only, so that its verdict is meant for them: it leaves the web alone. */
export function isParticular(context: LintContext, { match }: Rule): boolean {
  const { space } = context;
  return space.and(space.compile(match), space.compile(web)) === space.none;
}

const web = ir.all(ir.ofProtocol(ir.protocols.tcp), ir.numberIn("destination-port", [80, 80]));
