import type { AddressSet, Diagnostic, Target } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { PlannedRule } from "./plan.js";
import type { NamedSet } from "./regions.js";

export interface Tagged {
  readonly rules: readonly PlannedRule[];
  readonly tags: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Rules that look at the source of packets going out, made to work where sources are rewritten before them.
 *
 * pf translates first and filters then, so that a rule going out sees the firewall's own address. A tag does not
 * change: `match in from <clients> tag RW_clients` marks the packet as it comes in, and going out
 *
 *     from !clients  becomes  from !clients and not tagged      (one rule)
 *     from clients   becomes  from clients, or tagged           (two rules)
 *
 * The source itself is still asked, for packets of the firewall and for those that are not rewritten.
 *
 * A packet holds one tag, so the sets that need one must not overlap.
 */
export function withTags(rules: readonly PlannedRule[], prefix: string, target: Target): Tagged {
  const diagnostics: Diagnostic[] = [];
  const sets: { set: NamedSet; tag: string }[] = [];
  const tagOf = (set: NamedSet): string => {
    const known = sets.find((one) => kit.equalAddresses(one.set.addresses, set.addresses));
    if (known !== undefined) return known.tag;
    const tag = `${prefix}_${set.id.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 40)}`;
    const unique = sets.some((one) => one.tag === tag) ? `${tag}_${sets.length + 1}` : tag;
    sets.push({ set, tag: unique });
    return unique;
  };
  const result = rules.flatMap((rule): PlannedRule[] => {
    if (rule.direction !== "out") return [rule];
    if (!kit.isEverything(kit.portNumbers, rule.sourcePorts)) {
      diagnostics.push(
        kit.diagnostic(
          "RW3002",
          `"${rule.label}" asks for a source port, which outbound address translation rewrites before the rule sees it`,
          {
            primary: rule.span,
            help: "leave the source port out, or say translation: false where the firewall does not rewrite sources",
          },
        ),
      );
      return [rule];
    }
    switch (rule.source.kind) {
      case "any":
        return [rule];
      case "not-in":
        return [{ ...rule, tagged: { name: tagOf(rule.source.set), not: true } }];
      case "in":
        return [{ ...rule, source: { kind: "any" }, tagged: { name: tagOf(rule.source.set), not: false } }, rule];
    }
  });
  for (const [index, one] of sets.entries())
    for (const other of sets.slice(0, index)) {
      if (kit.isNoAddress(kit.intersectAddresses(one.set.addresses, other.set.addresses))) continue;
      diagnostics.push(
        kit.diagnostic(
          "RW3002",
          `outbound rules by the sources ${other.set.label} and ${one.set.label} need a tag each, and some addresses are in both: a packet of pf holds one tag`,
          {
            primary: target.spanOf(),
            help: "use sources that are equal or apart, or say translation: false where the firewall does not rewrite sources",
          },
        ),
      );
    }
  return { rules: [...sets.map(tagging), ...result], tags: sets.map((one) => one.tag), diagnostics };
}

function tagging({ set, tag }: { set: NamedSet; tag: string }): PlannedRule {
  return {
    action: "match",
    direction: "in",
    families: familiesOf(set.addresses),
    protocol: "any",
    sourcePorts: kit.anyPort,
    destinationPorts: kit.anyPort,
    source: { kind: "in", set },
    destination: { kind: "any" },
    log: false,
    tag,
    label: `tag ${set.id}`,
    notes: [`packets from ${set.label} keep this tag when their source is rewritten`],
  };
}

function familiesOf(set: AddressSet): PlannedRule["families"] {
  return kit.families.filter((family) => set[family].length > 0);
}
