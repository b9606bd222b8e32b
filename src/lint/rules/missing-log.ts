import { ruleMatch } from "../../policy/truth.js";
import * as ir from "../../ir/index.js";
import { blame, placeOf } from "../blame.js";
import type { LintContext } from "../context.js";
import { packetDraft } from "../drafts.js";
import { directionWords, servicesIn } from "../edge-findings.js";
import type { EdgeQuestion } from "../edge-question.js";
import type { PacketSet } from "../../packet-set/index.js";
import type { LintRule } from "../rule.js";

export const missingLog: LintRule = {
  code: "RW4039",
  category: "hygiene",
  severity: "warning",
  docs: {
    what: "Packets are denied without a log entry, where the policy's rule wants one (`log: true`).",
    why: "A host inside that tries to reach file shares outside is a host that somebody should look at. Without a log nobody does.",
    example: `-A FORWARD -o wan0 -p tcp --dport 445 -j DROP`,
    instead: `-A FORWARD -o wan0 -p tcp --dport 445 -j LOG --log-prefix "smb out: "
-A FORWARD -o wan0 -p tcp --dport 445 -j DROP`,
    howToFix:
      "Log in the rule that denies or in one in front of it. Where another device logs, take `log` from the policy's rule.",
  },
  check: (context) =>
    context.questions().flatMap((question) => {
      const { space } = context;
      const wanted = context.options.edge.rules.filter(
        (rule) => rule.log && rule.action !== "permit" && rule.directions.includes(question.direction),
      );
      if (wanted.length === 0) return [];
      const asked = space.and(
        question.denied,
        space.compile(ir.any(...wanted.map((rule) => ruleMatch(rule, question.direction)))),
      );
      const stopped = space.difference(space.difference(asked, question.passes), question.unknown);
      const silent = space.difference(stopped, logged(context, question));
      return blame(context, question, silent)
        .filter(({ step }) => placeOf(step).span !== undefined)
        .map(({ packets, step }) => {
          const { label, span } = placeOf(step);
          return packetDraft(context, {
            message: `traffic (${servicesIn(context, packets)}) is denied ${directionWords([question.direction])} by "${label}" without a log entry, and the policy wants one`,
            help: "log in this rule or in one in front of it",
            primary: span,
            packets,
            hooks: [question.hook],
            directions: [question.direction],
          });
        });
    }),
};

/** The packets that some rule on the way logs. */
function logged(context: LintContext, { path }: EdgeQuestion): PacketSet {
  const { space } = context;
  return space.bdd.orAll(
    path.filters.flatMap((filter) =>
      [...context.effects(filter)].flatMap(([name, { rules }]) =>
        filter.chains.get(name)!.rules.flatMap(({ log }, index) => (log === true ? [rules[index]!] : [])),
      ),
    ),
  );
}
