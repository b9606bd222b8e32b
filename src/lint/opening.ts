import type { Fix } from "../diagnostics/index.js";
import type { PacketSet, Step } from "../packet-set/index.js";
import type { LintContext } from "./context.js";

/**
 * Cuts out a rule that lets packets pass, where all that it lets pass among the packets asked about is denied by the
 * policy: then nothing is lost with it. Absent for a rule that does more.
 */
export function removalOfOpening(
  context: LintContext,
  { by, packets }: { readonly by: Step | undefined; readonly packets: PacketSet },
): Fix | undefined {
  if (by?.rule?.origin.span === undefined) return undefined;
  const { space } = context;
  const { filter, chain, rule } = by;
  const met = context.effects(filter).get(chain.name)?.rules[chain.rules.indexOf(rule)] ?? space.none;
  const asked = space.bdd.orAll(context.questions().map((question) => question.asked));
  if (space.difference(space.and(met, asked), packets) !== space.none) return undefined;
  const edits = context.configuration.vendor.removalOf?.(rule.origin.span!);
  return edits === undefined ? undefined : { title: "remove the rule", edits };
}
