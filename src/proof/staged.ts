import type { Chain, Device, Filter, Hook, Path, Rule, Verdict } from "../ir/index.js";
import * as ir from "../ir/index.js";
import { pathOf } from "../packet-set/index.js";
import type { Claim } from "../vendor-kit/vendor.js";

/**
 * The way through a device that asks its own rules besides ours at every stage: what the policy accepts, drops or
 * rejects meets `decided`, what it leaves alone and what does not cross the edge meets the base.
 *
 * The stages of the policy and of the devices correspond: coming in, then going out.
 */
export function stagedPath(
  policy: Path,
  base: Device,
  decided: NonNullable<Claim["decided"]>,
  outside: readonly string[],
): Path {
  const devices = { base, accepted: decided.accepted, dropped: decided.dropped, rejected: decided.rejected };
  const stages = (device: Device): readonly Filter[] => pathOf(device.paths, policy.hook)?.filters ?? [];
  for (const device of Object.values(devices))
    if (stages(device).length !== policy.filters.length)
      throw new Error(
        `${device.name} has ${stages(device).length} filters on ${policy.hook}, the policy has ${policy.filters.length}`,
      );
  return {
    hook: policy.hook,
    filters: policy.filters.map((filter, stage) =>
      stagedFilter(
        filter,
        crosses(policy.hook, stage, outside),
        Object.entries(devices).map(([name, device]) => [name, stages(device)[stage]!] as const),
      ),
    ),
  };
}

function crosses(hook: Hook, stage: number, outside: readonly string[]): ir.Match {
  return hook === "input" || (hook === "forward" && stage === 0) ? ir.ingress(...outside) : ir.egress(...outside);
}

function stagedFilter(policy: Filter, crossing: ir.Match, devices: readonly (readonly [string, Filter])[]): Filter {
  const chains = new Map<string, Chain>();
  for (const [name, filter] of devices) {
    // The entry chain takes the name of the device; the others keep theirs behind it.
    const renamed = (chain: string): string => (chain === filter.entry ? name : `${name}: ${chain}`);
    for (const chain of filter.chains.values()) {
      const rules = chain.rules.map((rule) => ({ ...rule, verdict: calling(rule.verdict, renamed) }));
      const isEntry = chain.name === filter.entry;
      chains.set(renamed(chain.name), {
        ...chain,
        name: renamed(chain.name),
        rules: isEntry ? withEnd(chain, rules) : rules,
        end: "return",
      });
    }
  }
  const judged = policy.chains.get(policy.entry)!;
  const last: Rule = {
    match: ir.everyPacket,
    verdict: instead(judged.end),
    origin: judged.endOrigin ?? { label: "default" },
  };
  const rules: Rule[] = [
    { match: ir.not(crossing), verdict: goto("base"), origin: { label: "does not cross the edge" } },
    ...judged.rules.map((rule) => ({ ...rule, verdict: instead(rule.verdict) })),
    last,
  ];
  const entry: Chain = { name: policy.entry, order: "first-match", rules, end: "continue" };
  return { name: policy.name, chains: chains.set(policy.entry, entry), entry: policy.entry };
}

/** The end of a chain as a rule: the last one; where the last match decides the first, that every other overrules. */
function withEnd(chain: Chain, rules: readonly Rule[]): readonly Rule[] {
  if (chain.end === "continue" || chain.end === "return") return rules;
  const end: Rule = {
    match: ir.everyPacket,
    verdict: chain.end,
    origin: chain.endOrigin ?? { label: "no rule matches" },
  };
  return chain.order === "first-match" ? [...rules, end] : [end, ...rules];
}

function calling(verdict: Verdict, renamed: (chain: string) => string): Verdict {
  return typeof verdict === "object" ? { kind: verdict.kind, chain: renamed(verdict.chain) } : verdict;
}

function instead(verdict: Verdict): Verdict {
  switch (verdict) {
    case "accept":
      return goto("accepted");
    case "drop":
      return goto("dropped");
    case "reject":
      return goto("rejected");
    case "return":
    case "continue":
      return goto("base");
    default:
      return verdict;
  }
}

function goto(chain: string): Verdict {
  return { kind: "goto", chain };
}
