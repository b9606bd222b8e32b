import * as ir from "../../ir/index.js";
import { families } from "../../net/index.js";
import { fateOfVerdict, firstPackets } from "../../packet-set/index.js";
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
    return context.writtenRules().flatMap(({ span, label, uses }) => {
      const accepting = uses.filter(({ rule }) => fateOfVerdict(rule.verdict) === "accepted");
      return context
        .questions()
        .filter((question) => question.direction === "inbound")
        .flatMap((question) => {
          const own = accepting.filter(({ filter }) => question.path.filters.includes(filter));
          const open = families.filter((family) =>
            own.some(({ rule }) => {
              const asked = space.and(question.asked, space.compile(ir.ofFamily(family)));
              return asked !== space.none && space.difference(asked, space.compile(rule.match)) === space.none;
            }),
          );
          const passing = space.bdd.orAll(
            own.map(({ met }) => space.and(met, space.and(question.asked, question.passes))),
          );
          if (open.length === 0 || passing === space.none) return [];
          return [
            packetDraft(context, {
              message: `"${label}" lets everything pass ${directionWords(["inbound"])}, from any address to any`,
              help: "write rules for what is meant to be reached",
              primary: span,
              packets: space.and(passing, firstPackets(space)),
              hooks: [question.hook],
              directions: ["inbound"],
            }),
          ];
        });
    });
  },
};
