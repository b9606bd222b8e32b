import type { Json, Origin, Source } from "../../src/vendor-kit/index.js";
import { labelOf, readJsonValues, span } from "../../src/vendor-kit/index.js";
import { readProfiles } from "./fields.js";
import type { Firewall, StoreKind, Told } from "./firewall.js";
import { opposite } from "./firewall.js";
import { intuneProfiles, readIntuneProfile } from "./intune-profiles.js";
import type { Scope } from "./model.js";
import { profiles } from "./model.js";
import type { RawRule } from "./raw-rule.js";
import { addListedRule, addRawRule, scopeOf } from "./raw-rule.js";

/** An object of a text, by its keys in lower case. */
interface Item {
  readonly fields: ReadonlyMap<string, Json>;
  readonly json: Json;
  readonly source: Source;
}

/** How sure it is that a text is JSON of `ConvertTo-Json`, or of Intune. */
export function detectJson({ text }: Source): number {
  const head = text.slice(0, 500_000);
  if (!/^\ufeff?\s*[[{]/.test(head)) return 0;
  if (/"trafficDirection"\s*:/.test(head) && /"profileTypes"\s*:/.test(head)) return 1;
  if (/windows10EndpointProtectionConfiguration/.test(head)) return 1;
  if (/vendor_msft_firewall_mdmstore/i.test(head)) return 0.9;
  const signs = [
    /"(?:EdgeTraversalPolicy|PolicyStoreSource(?:Type)?|LooseSourceMapping)"\s*:/,
    /"(?:DisplayName|InstanceID)"\s*:/,
    /"(?:Direction|LocalPort|RemoteAddress|DefaultInboundAction)"\s*:/,
    /MSFT_Net(?:FirewallRule|FirewallProfile|ProtocolPortFilter|AddressFilter)/,
  ];
  const found = signs.filter((sign) => sign.test(head)).length;
  return found === 0 ? 0 : Math.min(0.95, 0.4 + 0.2 * found);
}

/** Which part of an export a text is, by what it speaks of: rules, profiles, or filters of one kind. */
export function partOfJson(text: string): string {
  if (/"trafficDirection"\s*:/.test(text)) return "whole";
  if (/"Direction"\s*:/.test(text)) return "rules";
  if (/"DefaultInboundAction"\s*:/.test(text)) return "profiles";
  const key = /"(LocalPort|LocalAddress|Program|Authentication|InterfaceType|InterfaceAlias|Service)"\s*:/.exec(
    text,
  )?.[1];
  return key === undefined ? "whole" : `filters: ${key}`;
}

/** The objects of several texts, which belong together by their InstanceID. */
export class Exports {
  private readonly rules: Item[] = [];
  private readonly filters = new Map<string, Item[]>();
  private readonly kinds = new Set<FilterKind>();

  /** Takes the objects of a text. What is not read is said at once. */
  read(source: Source, firewall: Firewall): void {
    const { values, rest } = readJsonValues(source.text);
    for (const value of values) this.take(value, source, firewall);
    if (rest < source.text.length) {
      const primary = span(source, rest, Math.min(source.text.length, rest + 80));
      firewall.unread("this JSON is cut off or damaged from here on", { primary });
      firewall.anything.push({ label: source.path, span: primary });
    }
    if (/vendor_msft_firewall_mdmstore/i.test(source.text)) {
      const primary = span(source, 0, Math.min(source.text.length, 80));
      firewall.unread("a settings catalog of Intune is not read", { primary });
      firewall.anything.push({ label: source.path, span: primary });
    }
  }

  /** An object is told by its fields; others are looked into, because people wrap exports in objects of their own. */
  private take(json: Json, source: Source, firewall: Firewall): void {
    const stack: Json[] = [json];
    for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
      if (value.kind === "array") stack.push(...[...value.items].reverse());
      if (value.kind !== "object") continue;
      const fields = new Map([...value.entries].map(([key, entry]) => [key.toLowerCase(), entry]));
      const item: Item = { fields, json: value, source };
      const kind = filterKind(fields);
      if (fields.has("trafficdirection") && fields.has("action")) intuneRule(item, firewall);
      else if (fields.has("direction") && (fields.has("action") || fields.has("displayname"))) this.rules.push(item);
      else if (fields.has("defaultinboundaction")) profileOf(item, firewall);
      else if (kind !== undefined) this.takeFilter(item, kind);
      else {
        for (const [key, profile] of intuneProfiles) {
          const settings = fields.get(key);
          if (settings !== undefined) readIntuneProfile(profile, settings, source, firewall);
        }
        stack.push(...[...value.entries.values()].reverse());
      }
    }
  }

  private takeFilter(item: Item, kind: FilterKind): void {
    this.kinds.add(kind);
    const id = textOf(item.fields.get("instanceid"))?.toLowerCase() ?? "";
    const list = this.filters.get(id);
    if (list === undefined) this.filters.set(id, [item]);
    else list.push(item);
  }

  /** Joins rules and filters, when all texts are read. */
  finish(firewall: Firewall): void {
    let isBlind = false;
    for (const item of this.rules) {
      const id = textOf(item.fields.get("instanceid") ?? item.fields.get("name"))?.toLowerCase();
      const joined = new Map(item.fields);
      const parts = [...nested(item), ...(id === undefined ? [] : (this.filters.get(id) ?? []))];
      for (const part of parts) for (const [key, value] of part.fields) if (!joined.has(key)) joined.set(key, value);
      isBlind ||= !joined.has("authentication");
      exportedRule({ ...item, fields: joined }, firewall);
    }
    if (isBlind)
      firewall.note(
        "rules are exported without their security filters: a rule that lets authenticated connections past every block would not be seen",
        { primary: span(this.rules[0]!.source, 0, 0), help: "join Get-NetFirewallSecurityFilter too" },
      );
    if (this.rules.length === 0 && this.kinds.size > 0) {
      const [first] = [...this.filters.values()][0]!;
      firewall.unread("these are filters without the rules that they belong to", {
        primary: span(first!.source, first!.json.start, first!.json.end),
      });
      firewall.anything.push({ label: first!.source.path });
    }
  }
}

type FilterKind = "port" | "address" | "application" | "service" | "interface" | "security";

function filterKind(fields: ReadonlyMap<string, Json>): FilterKind | undefined {
  if (fields.has("protocol") && (fields.has("localport") || fields.has("icmptype"))) return "port";
  if (fields.has("localaddress") || fields.has("remoteaddress")) return "address";
  if (fields.has("program") || fields.has("package")) return "application";
  if (fields.has("authentication") && fields.has("encryption")) return "security";
  if (fields.has("interfacetype") || fields.has("interfacealias")) return "interface";
  return fields.has("service") && fields.has("instanceid") ? "service" : undefined;
}

/** Filters that people put into the rule itself: `"PortFilter": { … }`. */
function nested({ fields, source }: Item): Item[] {
  return [...fields.values()].flatMap((json): Item[] => {
    if (json.kind !== "object") return [];
    const inner = new Map([...json.entries].map(([key, entry]) => [key.toLowerCase(), entry]));
    return filterKind(inner) === undefined ? [] : [{ fields: inner, json, source }];
  });
}

/** A value as words. An array, and what Windows PowerShell makes of one (`{ "value": […], "Count": 2 }`), is a list. */
function wordsOf(json: Json): string[] | undefined {
  switch (json.kind) {
    case "string":
      return [json.text];
    case "number":
      return [json.text];
    case "word":
      return json.text === "null" ? [] : [json.text];
    case "array": {
      const words = json.items.map(wordsOf);
      return words.every((one) => one !== undefined) ? words.flat() : undefined;
    }
    case "object": {
      const value = json.entries.get("value") ?? json.entries.get("Value");
      return value === undefined ? undefined : wordsOf(value);
    }
  }
}

function textOf(json: Json | undefined): string | undefined {
  return json?.kind === "string" || json?.kind === "number" ? json.text : undefined;
}

function exportedRule({ fields, json, source }: Item, firewall: Firewall): void {
  const problems: string[] = [];
  const list = (key: string): readonly string[] | undefined => {
    const value = fields.get(key);
    if (value === undefined) return undefined;
    const words = wordsOf(value);
    if (words === undefined) problems.push(`the value of ${key}`);
    return words?.flatMap((word) => word.split(",").map((one) => one.trim()));
  };
  const text = (key: string): string | undefined => list(key)?.join(",");
  const raw: RawRule = {
    enabled: text("enabled") ?? "",
    direction: text("direction") ?? "",
    action: text("action") ?? "",
  };
  const name = textOf(fields.get("name")) ?? textOf(fields.get("instanceid"));
  const displayName = textOf(fields.get("displayname"));
  if (name !== undefined) raw.name = name;
  if (displayName !== undefined) raw.displayName = displayName;
  const group = textOf(fields.get("group")) ?? textOf(fields.get("rulegroup"));
  if (group !== undefined) raw.group = group;
  raw.profiles = list("profile") ?? list("profiles") ?? [];
  const put = <K extends keyof RawRule>(field: K, value: RawRule[K] | undefined): void => {
    if (value !== undefined) raw[field] = value;
  };
  put("protocol", text("protocol"));
  const ports = (key: string): readonly string[] | undefined => {
    const words = list(key);
    return words?.length === 0 ? undefined : words;
  };
  put("localPorts", ports("localport"));
  put("remotePorts", ports("remoteport"));
  const icmp = list("icmptype");
  if (icmp !== undefined && icmp.length > 0 && !icmp.every((word) => /^any$/i.test(word))) raw.icmpTypes = icmp;
  put("localAddresses", ports("localaddress"));
  put("remoteAddresses", ports("remoteaddress"));
  put("edgeTraversal", text("edgetraversalpolicy"));
  put("authentication", text("authentication"));
  put("encryption", text("encryption"));
  put("overrideBlock", text("overrideblockrules"));
  if (!fields.has("protocol")) problems.push("its protocol and ports: the port filter is not in the text");
  if (!fields.has("localaddress") && !fields.has("remoteaddress"))
    problems.push("its addresses: the address filter is not in the text");
  raw.scopes = scopesOf(fields, list);
  if (problems.length > 0) raw.problems = problems;
  const origin: Origin = {
    label: labelOf(displayName ?? name ?? "a rule without a name"),
    span: span(source, json.start, json.end),
  };
  const kind = /^CoreNet-/i.test(name ?? "") ? "core" : "other";
  addListedRule(firewall, raw, origin, storeOf(text("policystoresourcetype")), kind);
}

function scopesOf(fields: ReadonlyMap<string, Json>, list: (key: string) => readonly string[] | undefined): Scope[] {
  const scopes: Scope[] = [];
  const missing: string[] = [];
  for (const [key, field, filter] of [
    ["program", "Program", "application"],
    ["service", "Service", "service"],
    ["interfacetype", "InterfaceType", "interface type"],
    ["interfacealias", "InterfaceAlias", undefined],
    ["package", "Package", undefined],
    ["owner", "Owner", undefined],
    ["localuser", "LocalUser", undefined],
    ["remoteuser", "RemoteUser", undefined],
    ["remotemachine", "RemoteMachine", undefined],
    ["platform", "Platform", undefined],
    ["dynamictarget", "DynamicTarget", undefined],
    ["remotedynamickeywordaddresses", "Condition", undefined],
  ] as const) {
    const words = list(key);
    if (words === undefined && filter !== undefined) missing.push(filter);
    const value = words?.join(",") ?? "";
    // 0 is Any of an enumeration that was not written as text.
    if (value !== "0" && value.toLowerCase() !== "all") scopes.push(...scopeOf(field, value));
  }
  if (missing.length > 0)
    scopes.push({
      field: "Condition",
      value: `what its filters that are not in the text ask (${missing.join(", ")}): ${textOf(fields.get("name")) ?? textOf(fields.get("displayname")) ?? ""}`,
    });
  return scopes;
}

/** The numbers of MSFT_NetFirewallRule.PolicyStoreSourceType. What a management service wrote counts as policy does. */
function storeOf(word: string | undefined): StoreKind {
  return word === undefined || /^(?:local|1|0|hardcoded|6|generated|5)$/i.test(word) ? "local" : "group-policy";
}

function profileOf({ fields, json, source }: Item, firewall: Firewall): void {
  const name = textOf(fields.get("name")) ?? textOf(fields.get("profile")) ?? "";
  const which = readProfiles([name]);
  const origin: Origin = { label: labelOf(`${name} profile`), span: span(source, json.start, json.end) };
  if (which === undefined) {
    firewall.unread(`the profile ${JSON.stringify(name.slice(0, 40))} is not known`, { primary: origin.span });
    firewall.anything.push(origin);
    return;
  }
  const told = <T>(key: string, values: Readonly<Record<string, T | undefined>>): Told<T> => {
    const json = fields.get(key);
    if (json === undefined) return undefined;
    const word = wordsOf(json)?.join(",").toLowerCase() ?? "";
    if (Object.hasOwn(values, word)) return values[word];
    firewall.unread(`the ${name} profile's ${key} ${JSON.stringify(word.slice(0, 40))} is not known`, {
      primary: origin.span,
    });
    return "unread";
  };
  const action = {
    allow: "allow",
    "2": "allow",
    block: "block",
    "4": "block",
    notconfigured: undefined,
    "0": undefined,
  } as const;
  const flag = { true: true, "1": true, false: false, "0": false, notconfigured: undefined, "2": undefined } as const;
  const settings = {
    enabled: told("enabled", flag),
    defaultInbound: told("defaultinboundaction", action),
    defaultOutbound: told("defaultoutboundaction", action),
    allowLocalRules: told("allowlocalfirewallrules", flag),
    blocksAllInbound: opposite(told("allowinboundrules", flag)),
  };
  for (const profile of profiles.filter((one) => which.includes(one))) firewall.settings(profile, settings, origin);
}

/** A rule of Microsoft Graph (windowsFirewallRule). */
function intuneRule({ fields, json, source }: Item, firewall: Firewall): void {
  const problems: string[] = [];
  const list = (key: string): readonly string[] => {
    const value = fields.get(key);
    const words = value === undefined ? [] : wordsOf(value);
    if (words === undefined) problems.push(`the value of ${key}`);
    return words ?? [];
  };
  const one = (key: string): string => list(key).join(",");
  const raw: RawRule = {};
  const displayName = textOf(fields.get("displayname"));
  if (displayName !== undefined) raw.displayName = displayName;
  raw.direction = one("trafficdirection");
  const action = one("action").toLowerCase();
  raw.action = action === "blocked" ? "block" : action === "allowed" ? "allow" : action;
  const where = list("profiletypes").flatMap((word) => word.split(","));
  if (where.length > 0 && !where.every((word) => /^notconfigured$/i.test(word))) raw.profiles = where;
  const protocol = one("protocol");
  if (protocol !== "") raw.protocol = protocol;
  for (const [key, field] of [
    ["localportranges", "localPorts"],
    ["remoteportranges", "remotePorts"],
    ["localaddressranges", "localAddresses"],
    ["remoteaddressranges", "remoteAddresses"],
  ] as const) {
    const words = list(key);
    if (words.length > 0) raw[field] = words;
  }
  const edge = one("edgetraversal").toLowerCase();
  if (edge === "allowed") raw.edgeTraversal = "allow";
  else if (edge !== "" && edge !== "blocked" && edge !== "notconfigured") problems.push(`edgeTraversal ${edge}`);
  const scopes: Scope[] = [];
  for (const [key, field] of [
    ["packagefamilyname", "Package"],
    ["filepath", "Program"],
    ["servicename", "Service"],
    ["localuserauthorizations", "LocalUser"],
  ] as const)
    scopes.push(...scopeOf(field, one(key)));
  const interfaces = list("interfacetypes").filter((word) => !/^notconfigured$/i.test(word));
  if (interfaces.length > 0) scopes.push({ field: "InterfaceType", value: interfaces.join(",") });
  if (scopes.length > 0) raw.scopes = scopes;
  const known = new Set(
    "displayname description packagefamilyname filepath servicename protocol localportranges remoteportranges localaddressranges remoteaddressranges profiletypes action trafficdirection interfacetypes edgetraversal localuserauthorizations localuserauthorizedlist @odata.type".split(
      " ",
    ),
  );
  for (const key of fields.keys()) if (!known.has(key)) problems.push(`the field ${key.slice(0, 60)}`);
  if (problems.length > 0) raw.problems = problems;
  const origin: Origin = {
    label: labelOf(displayName ?? "a rule without a name"),
    span: span(source, json.start, json.end),
  };
  addRawRule(firewall, raw, origin, "group-policy");
}
