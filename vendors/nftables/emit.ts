import type { Claim, Direction, Edge, Emission, Hook, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, headerLines, hooks as allHooks, render } from "../../src/vendor-kit/index.js";
import { PolicyChains } from "./chains.js";
import { printTable } from "./print.js";
import { nextPriority, priorityNumber } from "./priorities.js";
import { commentText } from "./syntax.js";
import type { ChainText, RuleText } from "./syntax.js";

const fileName = "ringwall.nft";

/**
 * One nft script with one table. Each direction of the policy is a chain, each rule in it another: a packet gets there
 * only with the rule's interface, protocol and port, so that other traffic meets neither connection tracking nor a set.
 *
 * An exception returns from its rule's chain to the next rule. `accept` leaves the packet to the chains of other tables.
 */
export function emit(edge: Edge, target: Target): Emission {
  const options = readOptions(target);
  const priority = priorityNumber(options.priority);
  if (priority === undefined || priority <= connectionTracking) {
    const problem = diagnostic(
      "RW3005",
      `priority ${JSON.stringify(options.priority)} is not after connection tracking (${connectionTracking}), where no packet has a state yet`,
      { primary: target.spanOf("priority"), help: "write `filter - 10`, or a number above -200" },
    );
    return { files: [], diagnostics: [problem], claims: [] };
  }

  const policy = new PolicyChains(edge);
  const inbound = options.hooks.some((hook) => hook !== "output") ? policy.direction("inbound") : [];
  const outbound = options.hooks.some((hook) => hook !== "input") ? policy.direction("outbound") : [];
  const ways: Ways = {
    inbound: inbound.length === 0 ? [] : crossing("iifname", options.outside, "inbound"),
    outbound: outbound.length === 0 ? [] : crossing("oifname", options.outside, "outbound"),
  };
  const chains = [...baseChains(edge, options, ways), ...inbound, ...outbound];
  const text = render(target.templates[`${fileName}.hbs`]!, {
    header: headerLines(edge, target).map(commentText),
    table: options.table,
    lines: printTable({ name: options.table, sets: policy.sets, chains }),
  });
  const claim: Claim = {
    reads: [fileName],
    hooks: options.hooks,
    outside: options.outside,
    judged: "every-packet",
    acceptIsContinue: true,
    rejectIsDrop: false,
    continueBecomes: { inbound: "continue", outbound: "continue" },
  };
  const about = `nft script: replaces table inet ${options.table}`;
  return { files: [{ path: fileName, text, about }], diagnostics: [], claims: [claim] };
}

/** Hook priority of connection tracking. Source: Linux include/uapi/linux/netfilter_ipv4.h, NF_IP_PRI_CONNTRACK. */
const connectionTracking = -200;

interface Options {
  readonly outside: readonly string[];
  readonly hooks: readonly Hook[];
  readonly table: string;
  readonly priority: string;
}

function readOptions(target: Target): Options {
  const { outside, hooks, table, priority } = target.options as Partial<Options>;
  return {
    outside: outside ?? [],
    hooks: allHooks.filter((hook) => hooks === undefined || hooks.includes(hook)),
    table: table ?? "ringwall",
    priority: priority ?? "filter - 10",
  };
}

/** The rules of a base chain that lead to the chain of a direction. */
type Ways = Readonly<Record<Direction, readonly RuleText[]>>;

/**
 * Where `accept` occurs, each direction needs a base chain of its own: it would end the chain of the other direction,
 * too, for a packet that arrives and leaves outside. That packet meets inbound first, so their priorities differ.
 */
function baseChains(edge: Edge, options: Options, { inbound, outbound }: Ways): ChainText[] {
  const accepts = edge.default === "deny" || edge.rules.some((rule) => rule.action === "permit");
  const chain = (name: string, hook: Hook, rules: readonly RuleText[], priority = options.priority): ChainText => ({
    name,
    remarks: [],
    base: { hook, priority },
    rules,
  });
  return options.hooks.flatMap((hook) => {
    if (hook === "input") return [chain("input", hook, inbound)];
    if (hook === "output") return [chain("output", hook, outbound)];
    return accepts
      ? [
          chain("forward-inbound", hook, inbound),
          chain("forward-outbound", hook, outbound, nextPriority(options.priority)),
        ]
      : [chain("forward", hook, [...inbound, ...outbound])];
  });
}

/** A wildcard cannot stand in a set before nftables 1.0.3, so each gets a rule; names that it covers are left out. */
function crossing(end: "iifname" | "oifname", outside: readonly string[], chain: string): RuleText[] {
  const stems = outside.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  const isCovered = (name: string, stem: string): boolean => name !== `${stem}*` && name.startsWith(stem);
  const needed = outside.filter((name) => !stems.some((stem) => isCovered(name, stem)));
  const exact = needed.filter((name) => !name.endsWith("*")).map((name) => `"${name}"`);
  const wild = needed.filter((name) => name.endsWith("*")).map((name) => `"${name}"`);
  const alternatives = [...(exact.length === 0 ? [] : [listOf(exact)]), ...wild];
  return alternatives.map((names) => ({ matches: [`${end} ${names}`], statements: [`jump ${chain}`] }));
}

/** `"a"`, or `{ "a", "b" }`. */
function listOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `{ ${values.join(", ")} }`;
}
