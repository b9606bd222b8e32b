import type { Span } from "../../diagnostics/index.js";
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
  severity: "note",
  docs: {
    what: "Packets are denied without a log entry, where the policy's rule wants one (`log: true`).",
    why: "A host inside that tries to reach file shares outside is a host that somebody should look at. Without a log nobody does.",
    example: `-A FORWARD -o wan0 -p tcp --dport 445 -j DROP`,
    instead: `-A FORWARD -o wan0 -p tcp --dport 445 -j LOG --log-prefix "smb out: "
-A FORWARD -o wan0 -p tcp --dport 445 -j DROP`,
    howToFix:
      "Log in the rule that denies or in one in front of it. Where another device logs, take `log` from the policy's rule.",
  },
  check: (context) => {
    const found = new Map<string, { place: Span; label: string; packets: PacketSet; questions: EdgeQuestion[] }>();
    for (const question of context.questions()) {
      for (const { packets, step } of blame(context, question, deniedInSilence(context, question))) {
        const { label, span } = placeOf(step);
        if (span === undefined) continue;
        const key = `${span.source.path}:${span.start}`;
        const one = found.get(key) ?? { place: span, label, packets: context.space.none, questions: [] };
        found.set(key, one);
        one.packets = context.space.or(one.packets, packets);
        one.questions.push(question);
      }
    }
    return [...found.values()].map(({ place, label, packets, questions }) => {
      const directions = questions.map((one) => one.direction);
      return packetDraft(context, {
        message: `traffic (${servicesIn(context, packets)}) is denied ${directionWords(directions)} by "${label}" without a log entry, and the policy wants one`,
        help: "log in this rule or in one in front of it",
        primary: place,
        packets,
        hooks: questions.map((one) => one.hook),
        directions,
      });
    });
  },
};

/** What the policy wants logged, the device stops, and no rule on the way logs. */
function deniedInSilence(context: LintContext, question: EdgeQuestion): PacketSet {
  const { space } = context;
  const wanted = context.options.edge.rules.filter(
    (rule) => rule.log && rule.action !== "permit" && rule.directions.includes(question.direction),
  );
  if (wanted.length === 0) return space.none;
  const rules = space.compile(ir.any(...wanted.map((rule) => ruleMatch(rule, question.direction))));
  const stopped = space.difference(space.and(question.denied, rules), space.or(question.passes, question.unknown));
  return space.difference(stopped, logged(context, question));
}

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
