import { otherInterface } from "../../jobs/interfaces.js";
import { placeOf } from "../blame.js";
import { packetDraft, plainDraft } from "../drafts.js";
import { servicesIn } from "../edge-findings.js";
import type { LintRule } from "../rule.js";

export const outsideNotKnown: LintRule = {
  code: "RW4011",
  category: "policy",
  severity: "warning",
  docs: {
    what: "Whether denied traffic crosses the edge depends on which interface is outside, and nobody says which one is.",
    why: `The text of most firewalls does not tell which side an interface is on. Whatever passes on every interface is reported as open
      and what passes on none as closed; this finding is the rest.`,
    example: `-A FORWARD -i eth0 -j ACCEPT
-A FORWARD -j DROP`,
    instead: `# ringwall.yaml
devices:
  - files: edge1/**
    outside: [eth1]`,
    howToFix: "Name the outside interfaces in ringwall.yaml, or with `--outside`.",
  },
  check(context) {
    const open = context.violations().filter((one) => one.reason.kind === "outside-not-known");
    if (open.length === 0) return [];
    const { configuration, mapping, space } = context;
    const packets = space.bdd.orAll(open.map((one) => one.packets));
    const names = mapping.outside.filter((name) => name !== otherInterface);
    const related = open.flatMap(({ by }) => {
      const { span, label } = placeOf(by);
      return span === undefined ? [] : [{ span, message: `lets it pass on some interfaces: ${label}` }];
    });
    const unique = related.filter((one, i) => related.findIndex((other) => other.span.start === one.span.start) === i);
    const draft = {
      message: `whether denied traffic (${servicesIn(context, packets)}) crosses the edge depends on which interface is outside, and nobody says`,
      help: `name it: --outside ${names[0] ?? "NAME"}, or \`outside\` in ringwall.yaml${names.length > 1 ? `; the text speaks of ${names.slice(0, 8).join(", ")}` : ""}`,
      certainty: "may" as const,
      identity: "outside not known",
      related: unique.slice(0, 5),
    };
    if (related.length === 0) return [plainDraft(configuration, draft)];
    return [
      packetDraft(context, {
        ...draft,
        packets,
        hooks: open.map((one) => one.hook),
        directions: open.map((one) => one.direction),
      }),
    ];
  },
};
