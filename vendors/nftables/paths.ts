import type {
  Chain,
  Device,
  DeviceInterface,
  Diagnostic,
  Filter,
  Hook,
  Match,
  Origin,
  Path,
  Rule,
} from "../../src/vendor-kit/index.js";
import {
  isHostBridge,
  all,
  any,
  diagnostic,
  egress,
  everyPacket,
  hooks,
  ingress,
  inState,
  noPacket,
  not,
  ofFamily,
} from "../../src/vendor-kit/index.js";
import type { Token } from "./lexer.js";
import { splitStatements } from "./commands.js";
import { spanOf } from "./reader.js";
import type { Lowered } from "./matches.js";
import { lowerRule } from "./rules.js";
import type { RuleContext } from "./rules.js";
import { translatedMatch } from "./translated.js";
import type { BaseChain, ChainModel, Ruleset, TableModel, Unread } from "./ruleset.js";

/**
 * The filters of a ruleset as the paths of a device: each base chain is a filter on every way that its hook lies on, in
 * the order of the hooks and of their priorities. A hook without any base chain has no path.
 *
 * Source: nft(8), section CHAINS; the hooks' order is that of the kernel's packet flow.
 */
export function deviceOf(ruleset: Ruleset, name: string, report: (problem: Diagnostic) => void): Device {
  const changing = changedThings(ruleset);
  const translated = translatedMatch(ruleset);
  const lookups = new Map<TableModel, Map<string, Lowered>>();
  const staged: StagedFilter[] = [];
  const lookupsOf = (table: TableModel): Map<string, Lowered> => {
    const known = lookups.get(table) ?? new Map<string, Lowered>();
    lookups.set(table, known);
    return known;
  };
  for (const table of ruleset.tables.values()) {
    if (table.dormant || !ipFamilies.has(table.family)) continue;
    for (const chain of table.chains.values()) {
      const stage = chain.base === undefined ? undefined : stageOf(table.family, chain.base);
      if (stage === undefined) continue;
      if (chain.base!.type === "nat" && !mayDrop(table, chain)) {
        noteTranslation(chain, report);
        continue;
      }
      staged.push({
        stage,
        filter: filterOf(table, chain, stage, { changing, translated, report, lookups: lookupsOf(table) }),
        index: staged.length,
      });
    }
    for (const unread of table.unread) for (const stage of everyStage) staged.push(unknownFilter(unread, stage, table));
  }
  for (const unread of ruleset.unread) for (const stage of everyStage) staged.push(unknownFilter(unread, stage));
  // Of equal priority the one that was registered last comes first. Source: Linux net/netfilter/core.c,
  // nf_hook_entries_grow.
  staged.sort((a, b) => a.stage.order - b.stage.order || a.stage.priority - b.stage.priority || b.index - a.index);

  const paths: Path[] = [];
  for (const hook of hooks) {
    const filters = staged.filter(({ stage }) => stage.hooks.includes(hook)).map(({ filter }) => filter);
    if (filters.length > 0) paths.push({ hook, filters });
  }
  reportFamilies(ruleset, report);
  return { name, paths, interfaces: interfacesOf(paths) };
}

/** What a chain would do that no hook leads to, asked as a filter of forwarded packets. */
export function unboundFilter(ruleset: Ruleset, table: TableModel, chain: ChainModel): Filter {
  const context = { changing: changedThings(ruleset), lookups: new Map<string, Lowered>(), report: () => undefined };
  return filterOf(table, chain, everyStage[0]!, context);
}

interface StagedFilter {
  readonly stage: Stage;
  readonly filter: Filter;
  readonly index: number;
}

/** Where a base chain lies on the way of a packet, and what can be known there. */
interface Stage {
  readonly hooks: readonly Hook[];
  readonly order: number;
  readonly priority: number;
  /** Behind connection tracking; in front of it every packet looks invalid. */
  readonly tracked: boolean;
  readonly hasIngress: boolean;
  readonly hasEgress: boolean;
}

const ipFamilies = new Set(["inet", "ip", "ip6", "netdev"]);

function stageOf(family: string, base: BaseChain): Stage | undefined {
  const { priority } = base;
  // Source: Linux include/uapi/linux/netfilter_ipv4.h, NF_IP_PRI_CONNTRACK.
  const tracked = priority > -200;
  const stage = (stageHooks: readonly Hook[], order: number, has: Partial<Stage> = {}): Stage => ({
    hooks: stageHooks,
    order,
    priority,
    tracked: true,
    hasIngress: true,
    hasEgress: true,
    ...has,
  });
  switch (base.hook) {
    case "ingress":
      return stage(["forward", "input"], 0, { tracked: false, hasEgress: false });
    case "prerouting":
      return family === "netdev" ? undefined : stage(["forward", "input"], 1, { tracked, hasEgress: false });
    case "forward":
      return stage(["forward"], 2);
    case "input":
      return stage(["input"], 2, { hasEgress: false });
    case "output":
      return stage(["output"], 2, { tracked, hasIngress: false });
    case "postrouting":
      return stage(["forward", "output"], 3);
    case "egress":
      return stage(["forward", "output"], 4, { hasIngress: true });
    default:
      return undefined;
  }
}

const everyStage: readonly Stage[] = hooks.map((hook) => ({
  hooks: [hook],
  order: 2,
  priority: 0,
  tracked: true,
  hasIngress: true,
  hasEgress: true,
}));

function unknownFilter(unread: Unread, stage: Stage, table?: TableModel): StagedFilter {
  const origin: Origin = { label: unread.label, ...(unread.span && { span: unread.span }) };
  const only = table === undefined ? undefined : familyOf(table);
  const rule: Rule = { match: only === undefined ? everyPacket : ofFamily(only), verdict: "unknown", origin };
  const chain: Chain = { name: unread.label, order: "first-match", rules: [rule], end: "accept" };
  const filter: Filter = { name: unread.label, chains: new Map([[chain.name, chain]]), entry: chain.name };
  return { stage, filter, index: Number.MAX_SAFE_INTEGER };
}

function familyOf(table: TableModel): "ipv4" | "ipv6" | undefined {
  return table.family === "ip" ? "ipv4" : table.family === "ip6" ? "ipv6" : undefined;
}

function filterOf(
  table: TableModel,
  entry: ChainModel,
  stage: Stage,
  context: Pick<RuleContext, "changing" | "lookups" | "report" | "translated">,
): Filter {
  const chains = new Map<string, Chain>();
  const waiting: ChainModel[] = [entry];
  const queued = new Set([entry.name]);
  let anonymous = 0;
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    const rules: Rule[] = chain === entry && entry.base !== undefined ? outsideOf(table, entry) : [];
    for (const unread of chain.unread) {
      rules.push({
        match: everyPacket,
        verdict: "unknown",
        origin: { label: unread.label, ...(unread.span && { span: unread.span }) },
      });
    }
    const { name } = chain;
    for (const rule of chain.rules) {
      const lowered = lowerRule(rule, {
        ...context,
        sets: table.sets,
        addChain(tokens: readonly Token[]) {
          const inner: ChainModel = {
            name: `${name} {${++anonymous}}`,
            policy: "accept",
            unread: [],
            statements: [],
            rules: splitStatements(tokens).map((statement) => {
              const place = spanOf(statement);
              return { tokens: statement, ...(place && { span: place }) };
            }),
          };
          queued.add(inner.name);
          waiting.push(inner);
          return inner.name;
        },
      });
      for (const one of lowered) rules.push({ ...one, match: atStage(one.match, stage) });
    }
    for (const { verdict, origin } of rules) {
      if (typeof verdict !== "object" || queued.has(verdict.chain)) continue;
      const called = table.chains.get(verdict.chain);
      if (called === undefined) {
        const problem = `the chain ${JSON.stringify(verdict.chain)} is not defined, so what becomes of these packets is unknown`;
        context.report(diagnostic("RW6005", problem, { primary: origin.span }));
        continue;
      }
      queued.add(called.name);
      waiting.push(called);
    }
    // Without a word about it the policy is accept, and the place is where the word is missing.
    const place = chain.policySpan ?? chain.base?.span;
    const policy: Origin = { label: `policy ${chain.policy}`, ...(place && { span: place }) };
    chains.set(name, {
      name,
      order: "first-match",
      rules,
      end: chain !== entry || entry.base === undefined ? "return" : chain.policy,
      ...(chain === entry && entry.base !== undefined && { endOrigin: policy }),
    });
  }
  return { name: `table ${table.family} ${table.name} chain ${entry.name}`, chains, entry: entry.name };
}

/** What never gets into a base chain passes it. */
function outsideOf(table: TableModel, chain: ChainModel): Rule[] {
  const base = chain.base!;
  const inside: Match[] = [];
  const only = familyOf(table);
  if (only !== undefined) inside.push(ofFamily(only));
  if (base.hook === "ingress" && base.devices.length > 0) inside.push(ingress(...base.devices));
  if (base.hook === "egress" && base.devices.length > 0) inside.push(egress(...base.devices));
  // Only the first packet of a connection meets a nat chain. Source: nft(8), chain type nat.
  if (base.type === "nat") inside.push(inState("new", "related", "related-reply"));
  if (inside.length === 0) return [];
  const origin: Origin = {
    label:
      only === undefined
        ? `not for table ${table.family} ${table.name} chain ${chain.name}`
        : `table ${table.family} ${table.name} speaks of ${only === "ipv4" ? "IPv4" : "IPv6"} alone`,
    implied: true,
  };
  return [{ match: not(all(...inside)), verdict: "accept", origin }];
}

/** A match as it turns out where a field is not there yet. */
function atStage(match: Match, stage: Stage): Match {
  if (stage.tracked && stage.hasIngress && stage.hasEgress) return match;
  switch (match.kind) {
    case "all":
      return all(...match.of.map((one) => atStage(one, stage)));
    case "any":
      return any(...match.of.map((one) => atStage(one, stage)));
    case "not":
      return not(atStage(match.of, stage));
    case "state":
      return stage.tracked ? match : match.states.includes("invalid") ? everyPacket : noPacket;
    case "interface":
      if (match.end === "ingress" && !stage.hasIngress) return noPacket;
      return match.end === "egress" && !stage.hasEgress ? noPacket : match;
    default:
      return match;
  }
}

/** A nat chain can drop, too: then it is a filter for first packets. */
function mayDrop(table: TableModel, entry: ChainModel): boolean {
  if (entry.policy === "drop") return true;
  const seen = new Set<string>([entry.name]);
  const waiting = [entry];
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    for (const { tokens } of chain.rules) {
      for (const [i, token] of tokens.entries()) {
        if (token.kind === "string") continue;
        if (token.text === "drop" || token.text === "reject" || token.text === "queue") return true;
        const map = token.text.startsWith("@") ? table.sets.get(token.text.slice(1)) : undefined;
        const called =
          token.text === "jump" || token.text === "goto"
            ? [tokens[i + 1]?.text ?? ""]
            : (map?.elements ?? []).map((element) => element.data?.[1]?.text ?? "");
        if (map?.elements.some((element) => element.data?.[0]?.text === "drop")) return true;
        for (const name of called) {
          const next = table.chains.get(name);
          if (next === undefined || seen.has(name)) continue;
          seen.add(name);
          waiting.push(next);
        }
      }
    }
  }
  return false;
}

function noteTranslation(chain: ChainModel, report: (problem: Diagnostic) => void): void {
  const isEmpty = chain.rules.length === 0;
  if (isEmpty) return;
  const when = chain.base!.hook === "prerouting" || chain.base!.hook === "output" ? "before" : "after";
  report(
    diagnostic("RW6007", `chain ${chain.name} rewrites addresses ${when} the filters`, { primary: chain.base!.span }),
  );
}

/** What some rule may change while a packet is on its way: marks and the like, and sets that rules fill. */
export function changedThings(ruleset: Ruleset): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const table of ruleset.tables.values()) {
    for (const chain of table.chains.values()) {
      for (const { tokens } of chain.rules) {
        for (const [i, token] of tokens.entries()) {
          if (token.kind !== "word") continue;
          const before = tokens[i - 1];
          if (token.text === "set" && before !== undefined) {
            const owner = tokens[i - 2]?.text === "ct" ? "ct" : "meta";
            changed.add(`${owner} ${before.text}`);
          }
          if (token.text.startsWith("@") && before !== undefined && ["add", "update", "delete"].includes(before.text)) {
            changed.add(token.text);
          }
          if (before?.text === "meter" || (token.text.startsWith("@") && tokens.some((one) => one.text === "set"))) {
            changed.add(token.text);
          }
        }
      }
    }
  }
  return changed;
}

/** A ruleset that filters one family only leaves the other open: worth a word. */
function reportFamilies(ruleset: Ruleset, report: (problem: Diagnostic) => void): void {
  const filtered = new Set<string>();
  for (const table of ruleset.tables.values()) {
    if ([...table.chains.values()].some((chain) => chain.base?.type === "filter")) filtered.add(table.family);
  }
  if (filtered.has("inet") || filtered.has("netdev") || filtered.has("ip") === filtered.has("ip6")) return;
  const [given, missing] = filtered.has("ip") ? ["ip", "IPv6"] : ["ip6", "IPv4"];
  report(diagnostic("RW6006", `only tables of family ${given} filter here: ${missing} meets no filter of this text`));
}

function interfacesOf(paths: readonly Path[]): DeviceInterface[] {
  const names = new Set<string>();
  const visit = (match: Match): void => {
    if (match.kind === "interface") for (const name of match.names) names.add(name);
    else if (match.kind === "all" || match.kind === "any") match.of.forEach(visit);
    else if (match.kind === "not") visit(match.of);
  };
  for (const path of paths) {
    for (const filter of path.filters) {
      for (const chain of filter.chains.values()) for (const rule of chain.rules) visit(rule.match);
    }
  }
  return [...names]
    .filter((name) => !name.endsWith("*") || isHostBridge(name))
    .sort()
    .map((name) => (isHostBridge(name) ? { name, side: "inside" } : { name }));
}
