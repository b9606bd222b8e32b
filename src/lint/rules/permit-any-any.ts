import type { Match } from "../../ir/index.js";
import * as ir from "../../ir/index.js";
import { families } from "../../net/index.js";
import type { PacketSet } from "../../packet-set/index.js";
import { countHeaders, fateOfVerdict } from "../../packet-set/index.js";
import type { LintContext } from "../context.js";
import { packetDraft } from "../drafts.js";
import { directionWords } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const permitAnyAny: LintRule = {
  code: "RW4038",
  category: "hygiene",
  severity: "warning",
  docs: {
    what: "A rule lets every new connection across the edge from any address to any address with any protocol, inbound.",
    why: `Such a rule is written for a test and stays. Whatever the rules behind it say has no meaning any more, and each service that
      somebody starts inside is published at once.`,
    example: `access-list OUT extended permit ip any any
access-group OUT in interface outside`,
    instead: `access-list OUT extended permit tcp any host 203.0.113.10 eq 443
access-group OUT in interface outside`,
    howToFix:
      "Write rules for what is meant to be reached. What the policy denies and this lets pass is reported besides as RW4001.",
  },
  check(context) {
    const { space } = context;
    const inbound = context.questions().filter((question) => question.direction === "inbound");
    return context.writtenRules().flatMap(({ span, label, uses }) => {
      const open = inbound.flatMap((question) => {
        const own = uses.filter(
          ({ rule, filter }) => fateOfVerdict(rule.verdict) === "accepted" && question.path.filters.includes(filter),
        );
        const packets = space.bdd.orAll(
          own.map(({ met }) => space.and(met, space.and(question.asked, question.passes))),
        );
        const isOpen =
          packets !== space.none &&
          own.some(({ rule }) => takesAll(context, question.asked, rule.match)) &&
          isMostOf(context, question.asked, packets);
        return isOpen ? [{ hook: question.hook, packets }] : [];
      });
      if (open.length === 0) return [];
      return [
        packetDraft(context, {
          message: `"${label}" lets everything pass ${directionWords(["inbound"])}, from any address to any`,
          help: "write rules for what is meant to be reached",
          primary: span,
          packets: space.bdd.orAll(open.map((one) => one.packets)),
          hooks: open.map((one) => one.hook),
          directions: ["inbound"],
        }),
      ];
    });
  },
};

/** All packets of a family that are asked about. */
function takesAll({ space }: LintContext, asked: PacketSet, match: Match): boolean {
  return families.some((family) => {
    const own = space.and(asked, space.compile(ir.ofFamily(family)));
    return own !== space.none && space.difference(own, space.compile(match)) === space.none;
  });
}

/** Not where a rule takes everything of the little that other rules send to it. */
function isMostOf({ space }: LintContext, asked: PacketSet, packets: PacketSet): boolean {
  return families.some((family) => {
    const own = space.compile(ir.ofFamily(family));
    const all = countHeaders(space, space.and(asked, own));
    return all > 0n && 2n * countHeaders(space, space.and(packets, own)) >= all;
  });
}
