import type {
  Chain,
  Device,
  DeviceInterface,
  Diagnostic,
  Family,
  Filter,
  Hook,
  Match,
  ParseOptions,
  Path,
  Rule,
  Source,
  Span,
  Verdict,
} from "../../src/vendor-kit/index.js";
import {
  isHostBridge,
  all,
  diagnostic,
  everyPacket,
  families,
  hooks,
  labelOf,
  not,
  ofFamily,
  span,
  spanLabel,
} from "../../src/vendor-kit/index.js";
import type { ChainText, FamilyText, RulesText, RuleText, TableText, Word } from "./model.js";
import { isBuiltIn, legacyTables, ruleSpan } from "./model.js";
import type { MatchSetting } from "./matches.js";
import { readRule } from "./rule-reader.js";
import type { SetsText } from "./sets.js";
import { targetOf } from "./targets.js";
import { translatedMatch } from "./translated.js";

/**
 * The tables and built-in chains that a packet of a hook meets, in order. The nat table decides nothing: it cannot
 * drop, and what it rewrites is reported.
 *
 * Source: Linux include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities.
 */
const ways: Readonly<Record<Hook, readonly (readonly [table: string, chain: string])[]>> = {
  forward: [
    ["raw", "PREROUTING"],
    ["mangle", "PREROUTING"],
    ["mangle", "FORWARD"],
    ["filter", "FORWARD"],
    ["security", "FORWARD"],
    ["mangle", "POSTROUTING"],
  ],
  input: [
    ["raw", "PREROUTING"],
    ["mangle", "PREROUTING"],
    ["mangle", "INPUT"],
    ["filter", "INPUT"],
    ["security", "INPUT"],
  ],
  output: [
    ["raw", "OUTPUT"],
    ["mangle", "OUTPUT"],
    ["filter", "OUTPUT"],
    ["security", "OUTPUT"],
    ["mangle", "POSTROUTING"],
  ],
};

/** What the read rules of both families do to a packet, as one device. A family without rules is unknown. */
export function deviceOf(
  name: string,
  rules: RulesText,
  sets: SetsText,
  sources: readonly Source[],
  options: ParseOptions,
  diagnostics: Diagnostic[],
): Device {
  const interfaces = new Set<string>();
  const filters = new Map<Family, Record<Hook, readonly Filter[]>>();
  for (const family of families) {
    const tables = rules[family];
    filters.set(
      family,
      tables === undefined
        ? unknownFamily(family, sources, diagnostics)
        : new FamilyCompiler(family, tables, sets, interfaces, diagnostics).filters(),
    );
  }
  return {
    name,
    paths: hooks.map((hook): Path => ({ hook, filters: families.flatMap((family) => filters.get(family)![hook]) })),
    interfaces: [...interfaces].sort().map((one): DeviceInterface => {
      if (options.outside?.includes(one)) return { name: one, side: "outside" };
      return options.inside?.includes(one) || isHostBridge(one) ? { name: one, side: "inside" } : { name: one };
    }),
  };
}

const programOf: Readonly<Record<Family, string>> = { ipv4: "iptables", ipv6: "ip6tables" };

function unknownFamily(
  family: Family,
  sources: readonly Source[],
  diagnostics: Diagnostic[],
): Record<Hook, readonly Filter[]> {
  const title = family === "ipv4" ? "IPv4" : "IPv6";
  const source = sources[0];
  diagnostics.push(
    diagnostic("RW6006", `no ${title} rules are given, so that nothing is known about ${title} packets`, {
      primary: source === undefined ? undefined : span(source, 0, 0),
      help: `give the output of "${programOf[family]}-save" beside it`,
    }),
  );
  const label = `${title} rules are not given`;
  const chain: Chain = {
    name: "not given",
    order: "first-match",
    rules: [{ match: ofFamily(family), verdict: "unknown", origin: { label } }],
    end: "accept",
  };
  const filter: Filter = { name: label, chains: new Map([[chain.name, chain]]), entry: chain.name };
  return { forward: [filter], input: [filter], output: [filter] };
}

interface TableSetting extends MatchSetting {
  current: RuleText | undefined;
  chain: string;
}

function placeOf(rule: RuleText | undefined): Span | undefined {
  return rule === undefined ? undefined : ruleSpan(rule);
}

/** Makes filters of one family's tables. */
class FamilyCompiler {
  private readonly compiled = new Map<string, ReadonlyMap<string, Chain>>();
  private readonly said = new Set<string>();
  private readonly changingSets: ReadonlySet<string>;
  private readonly marksChange: boolean;
  private readonly translated: Match | undefined;

  constructor(
    private readonly family: Family,
    private readonly tables: FamilyText,
    private readonly sets: SetsText,
    private readonly interfaces: Set<string>,
    private readonly diagnostics: Diagnostic[],
  ) {
    this.changingSets = setsThatRulesChange(tables);
    this.marksChange = hasWord(tables, /^(?:CONN)?MARK$/);
    this.translated = translatedMatch(tables, family);
  }

  filters(): Record<Hook, readonly Filter[]> {
    this.reportTranslation();
    return { forward: this.way("forward"), input: this.way("input"), output: this.way("output") };
  }

  private way(hook: Hook): readonly Filter[] {
    const beside = this.tables.get(legacyTables)?.unknown;
    const filters = ways[hook].flatMap(([tableName, chainName]) => {
      const table = this.tables.get(tableName);
      if (table !== undefined) return this.filter(table, chainName);
      return tableName === "filter" ? [this.noFilterTable(chainName)] : [];
    });
    return beside === undefined ? filters : [...filters, this.unknownFilter(beside.why, beside.span)];
  }

  private filter(table: TableText, builtIn: string): readonly Filter[] {
    const entry = table.chains.get(builtIn);
    if (entry === undefined) return [];
    // A table that is there for another hook's sake leaves this one alone.
    if (
      table.name !== "filter" &&
      table.unknown === undefined &&
      entry.rules.length === 0 &&
      entry.policies.length === 0
    ) {
      return [];
    }
    const chains = this.chainsOf(table, builtIn !== "PREROUTING");
    return [{ name: `${programOf[this.family]} ${table.name}/${builtIn}`, chains, entry: builtIn }];
  }

  /** Whatever passes the others may still be dropped there. */
  private unknownFilter(label: string, where: Span): Filter {
    const chain: Chain = {
      name: label,
      order: "first-match",
      rules: [this.otherFamily(), { match: everyPacket, verdict: "unknown", origin: { label, span: where } }],
      end: "accept",
    };
    return { name: `${programOf[this.family]} ${label}`, chains: new Map([[label, chain]]), entry: label };
  }

  private noFilterTable(builtIn: string): Filter {
    const label = `the ${programOf[this.family]} text has no filter table`;
    const chain: Chain = {
      name: builtIn,
      order: "first-match",
      rules: [this.otherFamily()],
      end: "continue",
      endOrigin: { label },
    };
    return { name: `${programOf[this.family]} filter/${builtIn}`, chains: new Map([[builtIn, chain]]), entry: builtIn };
  }

  private otherFamily(): Rule {
    return {
      match: not(ofFamily(this.family)),
      verdict: "accept",
      origin: {
        label: `${programOf[this.family]} sees ${this.family === "ipv4" ? "IPv4" : "IPv6"} packets only`,
        implied: true,
      },
    };
  }

  private chainsOf(table: TableText, hasEgress: boolean): ReadonlyMap<string, Chain> {
    const key = `${table.name} ${hasEgress}`;
    let chains = this.compiled.get(key);
    if (chains === undefined) {
      const setting = this.settingOf(table, hasEgress);
      const made = new Map([...table.chains].map(([name, chain]) => [name, this.chain(table, chain, setting)]));
      chains = this.withoutLoops(made, table);
      this.compiled.set(key, chains);
    }
    return chains;
  }

  private chain(table: TableText, text: ChainText, setting: TableSetting): Chain {
    const builtIn = isBuiltIn(table.name, text.name);
    const rules: Rule[] = [];
    if (builtIn) rules.push(this.otherFamily());
    if (builtIn && table.unknown !== undefined) {
      rules.push({
        match: everyPacket,
        verdict: "unknown",
        origin: { label: table.unknown.why, span: table.unknown.span },
      });
    }
    setting.chain = text.name;
    for (const rule of text.rules) rules.push(this.rule(table, rule, setting));
    if (!builtIn) return { name: text.name, order: "first-match", rules, end: "return" };

    const last = text.policies.findLastIndex((policy) => policy.when === everyPacket);
    // Conditional policies after the last certain one: the later counts.
    for (const policy of text.policies.slice(last + 1).reverse()) {
      rules.push({ match: policy.when, verdict: policy.action, origin: { label: "policy", span: policy.span } });
    }
    const policy = text.policies[last];
    if (policy !== undefined) {
      const endOrigin = { label: labelOf(textOf(policy.span)), span: policy.span };
      return { name: text.name, order: "first-match", rules, end: policy.action, endOrigin };
    }
    // Rules that are added to a table keep its policies, which for all but filter are ACCEPT in practice.
    const end = table.name === "filter" ? "continue" : "accept";
    const endOrigin = { label: `the text does not declare the policy of ${text.name}` };
    return { name: text.name, order: "first-match", rules, end, endOrigin };
  }

  private rule(table: TableText, text: RuleText, setting: TableSetting): Rule {
    const where = ruleSpan(text);
    // Few labels are ever shown, and long texts have many rules.
    const origin = {
      get label() {
        return labelOf(textOf(where));
      },
      span: where,
    };
    if (text.unread) return { match: text.when, verdict: "unknown", origin };
    setting.current = text;
    const { match, verdict, log } = readRule(text.words, setting);
    this.collectInterfaces(match);
    return {
      match: text.when === everyPacket ? match : all(text.when, match),
      verdict: this.resolved(verdict, table, text),
      origin,
      ...(log && { log }),
    };
  }

  private resolved(verdict: Verdict, table: TableText, text: RuleText): Verdict {
    if (typeof verdict === "string") return verdict;
    if (table.chains.has(verdict.chain) && !isBuiltIn(table.name, verdict.chain)) return verdict;
    this.say(
      diagnostic(
        "RW6005",
        `"${verdict.chain}" is neither a chain of the table ${table.name} nor a known target, so that what the rule does is unknown`,
        { primary: ruleSpan(text) },
      ),
    );
    return "unknown";
  }

  /** What the rules of a table are read with; `current` is the rule that is being read. */
  private settingOf(table: TableText, hasEgress: boolean): TableSetting {
    const say = (one: Diagnostic): void => this.say(one);
    const said = this.said;
    const setting: TableSetting = {
      current: undefined,
      chain: "",
      table: table.name,
      family: this.family,
      sets: this.sets,
      get place() {
        const label = setting.current === undefined ? "" : spanLabel(ruleSpan(setting.current));
        return label.slice(0, label.lastIndexOf(":"));
      },
      beforeTracking: table.name === "raw",
      marksChange: this.marksChange,
      translated: this.translated,
      changingSets: this.changingSets,
      isChain: (name) => table.chains.has(name),
      hasEgress,
      undecided: (what, help) => {
        const key = `undecided ${what}`;
        if (said.has(key)) return;
        said.add(key);
        say(diagnostic("RW6002", `the text does not say: ${what}`, { primary: placeOf(setting.current), help }));
      },
      refused: (what, word) =>
        say(
          diagnostic("RW6004", `iptables refuses this rule and with it the table: ${what}`, {
            primary: wordPlace(word),
          }),
        ),
      missing: (what, word, help) => say(diagnostic("RW6005", what, { primary: wordPlace(word), help })),
      unread: (what, word) =>
        say(
          diagnostic("RW6001", `this could not be read, what it could influence is unknown: ${what}`, {
            primary: wordPlace(word),
          }),
        ),
    };
    const wordPlace = (word: Word | undefined): Span | undefined => {
      const rule = setting.current;
      return rule === undefined || word === undefined ? placeOf(rule) : span(rule.source, word.start, word.end);
    };
    return setting;
  }

  /** Each finding once, also where a chain is compiled for several hooks. */
  private say(one: Diagnostic): void {
    const key = `${one.code} ${one.primary?.source.path ?? ""} ${one.primary?.start ?? 0} ${one.message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.diagnostics.push(one);
  }

  private reportTranslation(): void {
    for (const chain of this.tables.get("nat")?.chains.values() ?? []) {
      for (const rule of chain.rules) {
        if (rule.unread || targetWord(rule) !== "DROP") continue;
        const primary = ruleSpan(rule);
        const help = "drop in the table filter, or in raw before connections are tracked";
        this.say(diagnostic("RW6004", "the table nat takes no DROP: iptables refuses the table", { primary, help }));
      }
    }
    for (const table of this.tables.values()) {
      for (const chain of table.chains.values()) {
        for (const rule of chain.rules) {
          const target = targetWord(rule);
          if (target === undefined || !targetOf(target)?.translates) continue;
          this.say(
            diagnostic(
              "RW6007",
              `${programOf[this.family]} rewrites addresses or ports (${target}): the filter sees destinations as they are afterwards, sources as they are before`,
              { primary: ruleSpan(rule) },
            ),
          );
          return;
        }
      }
    }
  }

  private collectInterfaces(match: Match): void {
    switch (match.kind) {
      case "interface":
        for (const name of match.names) this.interfaces.add(name);
        return;
      case "all":
      case "any":
        for (const one of match.of) this.collectInterfaces(one);
        return;
      case "not":
        this.collectInterfaces(match.of);
    }
  }

  /** The kernel refuses a table in which a packet could walk in circles; what such a jump does is unknown. */
  private withoutLoops(chains: ReadonlyMap<string, Chain>, table: TableText): ReadonlyMap<string, Chain> {
    const backward = backwardJumps(chains);
    if (backward.size === 0) return chains;
    return new Map(
      [...chains].map(([name, chain]) => [
        name,
        {
          ...chain,
          rules: chain.rules.map((rule) => {
            if (!backward.has(rule)) return rule;
            this.say(
              diagnostic(
                "RW6004",
                `this jump of the table ${table.name} leads back to its own chain, so that the kernel refuses the table`,
                {
                  primary: rule.origin.span,
                },
              ),
            );
            return { ...rule, verdict: "unknown" as const };
          }),
        },
      ]),
    );
  }
}

function textOf(where: Span): string {
  return where.source.text.slice(where.start, Math.min(where.end, where.start + 200)).replace(/\s+/g, " ");
}

function targetWord(rule: RuleText): string | undefined {
  const at = rule.words.findIndex((word) => word.text === "-j" || word.text === "--jump");
  return at < 0 ? undefined : rule.words[at + 1]?.text;
}

/** Names of sets that some rule fills or empties. */
function setsThatRulesChange(tables: FamilyText): ReadonlySet<string> {
  const names = new Set<string>();
  for (const table of tables.values()) {
    for (const chain of table.chains.values()) {
      for (const rule of chain.rules) {
        if (targetWord(rule) !== "SET") continue;
        for (const [index, word] of rule.words.entries()) {
          if (/^--(?:add|del|map)-set$/.test(word.text)) names.add(rule.words[index + 1]?.text ?? "");
        }
      }
    }
  }
  return names;
}

function hasWord(tables: FamilyText, target: RegExp): boolean {
  for (const table of tables.values()) {
    for (const chain of table.chains.values()) {
      if (chain.rules.some((rule) => target.test(targetWord(rule) ?? ""))) return true;
    }
  }
  return false;
}

/** Rules whose jump closes a circle; without them no chain leads to itself. */
function backwardJumps(chains: ReadonlyMap<string, Chain>): ReadonlySet<Rule> {
  const backward = new Set<Rule>();
  const done = new Set<string>();
  for (const start of chains.keys()) {
    if (done.has(start)) continue;
    const open = new Set([start]);
    const stack = [{ name: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const rule = chains.get(top.name)?.rules[top.next++];
      if (rule === undefined) {
        open.delete(top.name);
        done.add(top.name);
        stack.pop();
      } else if (typeof rule.verdict === "object") {
        const chain = rule.verdict.chain;
        if (open.has(chain)) backward.add(rule);
        else if (!done.has(chain) && chains.has(chain)) {
          open.add(chain);
          stack.push({ name: chain, next: 0 });
        }
      }
    }
  }
  return backward;
}
