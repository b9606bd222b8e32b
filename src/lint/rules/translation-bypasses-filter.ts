import * as ir from "../../ir/index.js";
import type { Translation } from "../../vendor-kit/inventory.js";
import type { PacketSet } from "../../packet-set/index.js";
import { firstPackets } from "../../packet-set/index.js";
import type { LintContext } from "../context.js";
import { packetDraft } from "../drafts.js";
import { servicesIn } from "../edge-findings.js";
import type { EdgeQuestion } from "../edge-question.js";
import type { Draft, LintRule } from "../rule.js";

export const translationBypassesFilter: LintRule = {
  code: "RW4009",
  category: "policy",
  severity: "error",
  docs: {
    what: `Address translation rewrites packets that the policy denies, or into such packets, and the filter lets pass what comes out, or is
      not asked.`,
    why: `The filter sees what translation has made of a packet. A forwarded port 445 that becomes another port inside passes a rule that
      knows 445 alone; \`rdr pass\` and associated pass rules ask no filter at all.`,
    example: `rdr pass on wan proto tcp to port 445 -> 10.0.0.5`,
    instead: `block in quick on wan proto tcp to port 445`,
    howToFix: `Remove the translation, or bind it to the addresses that the policy excepts. Where it forwards something else to a port that
      file sharing uses, give it another port inside.`,
  },
  check: (context) => {
    const found = new Map<string, Bypass>();
    for (const translation of context.configuration.inventory?.translations ?? []) {
      for (const question of context.questions()) {
        if (question.direction !== "inbound" || question.hook !== "forward") continue;
        const bypass = bypassOf(context, question, translation);
        if (bypass === undefined) continue;
        // One statement may stand for several translations: it is told once.
        const { span } = translation;
        const key = `${span.source.path}:${span.start}`;
        const sofar = found.get(key);
        found.set(key, sofar === undefined ? bypass : together(context, sofar, bypass));
      }
    }
    return [...found.values()].map((bypass) => draftOf(context, bypass));
  },
};

interface Bypass {
  readonly translation: Translation;
  /** As they arrive. */
  readonly packets: PacketSet;
  /** What of the policy's services takes part, before or after. */
  readonly spokenOf: PacketSet;
  readonly certain: boolean;
}

function together({ space }: LintContext, a: Bypass, b: Bypass): Bypass {
  return {
    translation: a.translation,
    packets: space.or(a.packets, b.packets),
    spokenOf: space.or(a.spokenOf, b.spokenOf),
    certain: a.certain || b.certain,
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
    certain:
      space.must(packets) !== space.none &&
      question.whicheverIsOutside(space.and(question.asked, packets)) !== space.none,
  };
}

function draftOf(context: LintContext, { translation, packets, spokenOf, certain }: Bypass): Draft {
  const { label, span, bypassesFilter } = translation;
  const how = bypassesFilter ? " and lets it pass without the filter" : " into something that the filter lets pass";
  return packetDraft(context, {
    message: `denied traffic (${servicesIn(context, spokenOf)}) ${certain ? "passes" : "may pass"} inbound: "${label}" rewrites it${how}`,
    help: "remove the translation, or limit it to the addresses that the policy excepts",
    primary: span,
    certainty: certain ? "must" : "may",
    packets,
    hooks: ["forward"],
    directions: ["inbound"],
  });
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
