import type {
  Comment,
  Definition,
  Device,
  Edit,
  Hook,
  IdleRule,
  Inventory,
  Span,
  Translation,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { readAddresses } from "./content.js";
import { filterRule } from "./filter-rules.js";
import type { PfRule } from "./pf-rules.js";
import { boundMatch } from "./pf-rules.js";
import type { RuleContext } from "./rule-context.js";
import { set } from "./rule-context.js";
import { portForwards } from "./translation.js";
import type { Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, has, valueOf } from "./xml.js";

/** What a configuration defines besides the rules that packets meet. `roots` are those of its files, `root` joins them. */
export function configInventory(
  roots: readonly Element[],
  root: Element,
  context: RuleContext,
  modern: (element: Element) => Element,
  device: Device,
): Inventory {
  const silent: RuleContext = { ...context, report: () => undefined };
  return kit.inventoryOf({
    definitions: () => definitionsOf(roots, root, silent),
    idle: () => [...disabledRules(root, silent, modern), ...scheduledRules(root, device)],
    translations: () => translationsOf(root, silent),
    comments: () => roots.flatMap(commentsOf),
  });
}

function aliasElements(root: Element): readonly Element[] {
  return [
    ...childrenOf(root, "aliases").flatMap((section) => childrenOf(section, "alias")),
    ...childrenOf(at(root, "OPNsense", "Firewall", "Alias", "aliases"), "alias"),
  ];
}

function ruleElements(root: Element): readonly Element[] {
  return [
    ...childrenOf(root, "filter").flatMap((section) => childrenOf(section, "rule")),
    ...childrenOf(at(root, "OPNsense", "Firewall", "Filter", "rules"), "rule"),
  ];
}

function definitionsOf(roots: readonly Element[], root: Element, context: RuleContext): Definition[] {
  const aliases = aliasElements(root);
  const schedules = childrenOf(at(root, "schedules"), "schedule");
  const named = [...aliases, ...schedules];
  const uses = usesOf(roots, new Set(named.map((one) => valueOf(one, "name"))));
  return named
    .map((element): Definition => {
      const name = valueOf(element, "name");
      const count = uses.get(name) ?? 0;
      const isAlias = element.name === "alias";
      const empty = isAlias && isEmptyAlias(element, name, context);
      return {
        kind: element.name,
        name,
        span: elementSpan(child(element, "name") ?? element),
        uses: count,
        ...((!isAlias || isListed(element)) && { empty }),
        ...(count === 0 && { removal: [cut(element)] }),
      };
    })
    .sort((a, b) => a.span.start - b.span.start);
}

/** The text holds what it stands for: it is not fetched from elsewhere. */
function isListed(alias: Element): boolean {
  return ["host", "network", "port", "networkgroup", ""].includes(valueOf(alias, "type").toLowerCase());
}

function isEmptyAlias(alias: Element, name: string, context: RuleContext): boolean {
  if (valueOf(alias, "address") === "" && valueOf(alias, "content") === "") return true;
  return context.aliases.isEmpty(name) || context.aliases.ports(name)?.ports.length === 0;
}

/** A name anywhere in a value is a use: also of packages, and of rules that are disabled. Descriptions are none. */
function usesOf(roots: readonly Element[], names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const open: Element[] = [...roots];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    const owner = element.name === "alias" || element.name === "schedule";
    for (const one of element.children) {
      if (spoken.has(one.name) || (owner && one.name === "name")) continue;
      open.push(one);
    }
    if (element.children.length > 0 || element.text === "" || names.size === 0) continue;
    for (const word of new Set(element.text.split(/[\s,;|!]+/))) {
      if (names.has(word)) uses.set(word, (uses.get(word) ?? 0) + 1);
    }
  }
  return uses;
}

const spoken = new Set(["descr", "detail", "description", "username"]);

function cut(element: Element): Edit {
  const place = elementSpan(element);
  return kit.cutLines(place) ?? { span: place, text: "" };
}

function disabledRules(root: Element, context: RuleContext, modern: (element: Element) => Element): IdleRule[] {
  return ruleElements(root).flatMap((element): IdleRule[] => {
    const flag = child(element, "disabled");
    const enabled = child(element, "enabled");
    const isOff = flag !== undefined && set(element, "disabled", context);
    if (!isOff && enabled?.text !== "0") return [];
    const active = { ...element, children: element.children.filter((one) => one !== flag && one !== enabled) };
    const rules = filterRule(has(active, "type") ? active : modern(active), context);
    const [first] = rules;
    if (first === undefined) return [];
    const activation: Edit =
      flag !== undefined
        ? cut(flag)
        : { span: kit.span(element.source, enabled!.openEnd, enabled!.closeStart), text: "1" };
    return [{ rule: joined(rules), why: "disabled", hooks: hooksOf(first), activation: [activation] }];
  });
}

/** The pf rules of one rule, as one. */
function joined(rules: readonly PfRule[]): IdleRule["rule"] {
  const first = rules[0]!;
  const verdicts = { pass: "accept", block: "drop", reject: "reject", match: "continue", unknown: "unknown" } as const;
  return {
    match: kit.any(
      ...rules.flatMap((rule) => rule.directions.map((direction) => kit.all(boundMatch(rule, direction), rule.match))),
    ),
    verdict: verdicts[first.action],
    origin: first.origin,
    quick: first.quick,
    ...(first.log && { log: true }),
  };
}

function hooksOf(rule: PfRule): Hook[] {
  return kit.hooks.filter(
    (hook) =>
      hook === "forward" ||
      (hook === "input" && rule.directions.includes("in")) ||
      (hook === "output" && rule.directions.includes("out")),
  );
}

function scheduledRules(root: Element, device: Device): IdleRule[] {
  const timed = kit.rulesWithCondition(device, (condition) => /^the schedule .* is on$/.test(condition));
  if (timed.length === 0) return [];
  const elements = new Map(ruleElements(root).map((one) => [`${one.start} ${one.source.path}`, one]));
  return timed.map(({ rule, condition, hooks }): IdleRule => {
    const place = rule.origin.span;
    const element = place && elements.get(`${place.start} ${place.source.path}`);
    const schedule = element && child(element, "sched");
    return {
      rule,
      why: `in force only while ${condition.replace(/ is on$/, "")} is on`,
      sometimes: true,
      hooks,
      ...(schedule !== undefined && { activation: [cut(schedule)] }),
    };
  });
}

function translationsOf(root: Element, context: RuleContext): Translation[] {
  const arriving = (name: string): kit.Match => kit.ingress(...(context.interfaces?.named(name) ?? [name]));
  const forwards = portForwards(root, context).map((forward): Translation => {
    const descr = kit.plainLine(valueOf(forward.element, "descr"), 60);
    return {
      label: kit.labelOf(`port forward ${descr === "" ? "" : `"${descr}" `}(${forward.interface})`),
      span: elementSpan(forward.element),
      match: kit.all(arriving(forward.interface), forward.outer),
      ...(!kit.isAnyAddress(forward.targets) && { destination: forward.targets }),
      ...(forward.innerPorts.length > 0 && {
        ports: kit.toSet(
          kit.portNumbers,
          forward.innerPorts.map(([first, last]) => ({ first, last })),
        ),
      }),
      bypassesFilter: forward.passes,
    };
  });
  const oneToOne = childrenOf(at(root, "nat"), "onetoone").flatMap((element): Translation[] => {
    if (has(element, "disabled")) return [];
    const inside = readAddresses(valueOf(child(element, "source"), "address"));
    const outside = inside && asLongAs(inside, readAddresses(valueOf(element, "external")));
    if (inside === undefined || outside === undefined) return [];
    return [
      {
        label: kit.labelOf(`1:1 translation of ${valueOf(element, "external")}`),
        span: elementSpan(element),
        match: kit.all(arriving(valueOf(element, "interface") || "wan"), kit.to(outside)),
        destination: inside,
        bypassesFilter: false,
      },
    ];
  });
  return [...forwards, ...oneToOne];
}

/** Of the outside only the first address is written. */
function asLongAs(inside: kit.AddressSet, outside: kit.AddressSet | undefined): kit.AddressSet | undefined {
  const [a, b] = [inside.ipv4[0], outside?.ipv4[0]];
  if (a !== undefined && b !== undefined) {
    return { ipv4: [{ first: b.first, last: Math.min(kit.highest.ipv4, b.first + a.last - a.first) }], ipv6: [] };
  }
  const [c, d] = [inside.ipv6[0], outside?.ipv6[0]];
  if (c === undefined || d === undefined) return undefined;
  const last = d.first + c.last - c.first;
  return { ipv4: [], ipv6: [{ first: d.first, last: last > kit.highest.ipv6 ? kit.highest.ipv6 : last }] };
}

/** What the descriptions of rules, aliases, forwards and schedules say, and comments of XML. */
function commentsOf(root: Element): Comment[] {
  if (!kit.speaksToLinter(root.source.text)) return [];
  const described: Element[] = [];
  const open: Element[] = [root];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (owners.has(element.name)) described.push(element);
    for (const one of element.children) open.push(one);
  }
  const found = described.flatMap((element) =>
    element.children.flatMap((one): Comment[] =>
      (one.name === "descr" || one.name === "description") && /ringwall/i.test(one.text)
        ? [{ text: one.text, span: elementSpan(one), about: elementSpan(element) }]
        : [],
    ),
  );
  const beside = [...root.source.text.matchAll(/<!--([^]*?)-->/g)].flatMap(({ 0: whole, 1: text, index }) =>
    /ringwall/i.test(text!) ? [{ text: text!.trim(), start: index, end: index + whole.length }] : [],
  );
  const statements = described.map((element): Span => elementSpan(element));
  return [...found, ...kit.aboutStatements(root.source, beside, statements)].sort(
    (a, b) => a.span.start - b.span.start,
  );
}

const owners = new Set(["rule", "alias", "onetoone", "schedule", "npt"]);
