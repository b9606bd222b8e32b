import type { Origin, Source } from "../../src/vendor-kit/index.js";
import { labelOf, linesOf, span } from "../../src/vendor-kit/index.js";
import type { Firewall, StoreKind } from "./firewall.js";
import { opposite } from "./firewall.js";
import { readBoolean, readProfiles } from "./fields.js";
import type { Scope } from "./model.js";
import { profiles } from "./model.js";
import { isBatch, runNetsh } from "./netsh-commands.js";
import { scriptParts } from "./powershell-form.js";
import type { Arguments } from "./powershell-arguments.js";
import { argumentsOf, wordsOf } from "./powershell-arguments.js";
import type { Command, Pipeline, Value } from "./powershell-syntax.js";
import { ownScope, readAssignments, readPowerShell } from "./powershell-syntax.js";
import type { RawRule } from "./raw-rule.js";
import { addRawRule, scopeOf } from "./raw-rule.js";
import type { Change, Selection } from "./rule-changes.js";
import { applyChange } from "./rule-changes.js";

/** How sure it is that a text is a PowerShell script about the firewall. */
export function detectPowerShell(source: Source): number {
  const { text } = source;
  const head = text.slice(0, 1_000_000);
  if (isBatch(source)) return 0;
  if (scriptParts(text)?.program !== undefined) return 1;
  if (/\b(?:New|Set|Remove|Enable|Disable)-NetFirewall(?:Rule|Profile)\b/i.test(head)) return 0.9;
  return /\bNetFirewall(?:Rule|Profile)\b/i.test(head) ? 0.6 : 0;
}

/**
 * Reads a PowerShell script as if it had run: one of ours by its data, anybody's by its commands. What cannot be followed
 * without running it (loops, functions, values that are computed) is unread, and unknown.
 */
export function readPowerShellScript(source: Source, firewall: Firewall): void {
  const parts = scriptParts(source.text);
  if (parts?.program === undefined) {
    if (parts !== undefined) {
      changedProgram(source, firewall);
      return;
    }
    otherMeanings(source, firewall);
    for (const pipeline of readPowerShell(source.text)) runPipeline(pipeline, source, firewall);
    return;
  }
  if (parts.program === "firewall") readOurData(source, parts.data, parts.dataStart, firewall);
}

/** Statements by which the cmdlets of a script do something else than they say. */
function otherMeanings(source: Source, firewall: Firewall): void {
  for (const line of linesOf(source)) {
    const found = changesMeaning.exec(line.text);
    if (found === null) continue;
    const place = span(source, line.start, line.start + line.text.length);
    firewall.unread(`${found[0].trim()}: what the script's cmdlets do with it is not followed`, { primary: place });
    firewall.anything.push({ label: labelOf(line.text), span: place });
  }
}

const changesMeaning =
  /^[^#]*?(?:\$(?:\w+:)?(?:PSDefaultParameterValues|WhatIfPreference)\s*(?:\[|\+?=|\.)|\b(?:function|filter)\s+(?:\w+:)?(?:\w+-NetFirewall\w+|netsh)\b)/i;

/** A script with the marks of ours whose program is another one: its rules are made by code that we do not know. */
function changedProgram(source: Source, firewall: Firewall): void {
  const end = Math.min(source.text.length, 80);
  firewall.unread(
    "this script has the form of ours, and its program was changed: what it does with its rules is not known",
    {
      primary: span(source, 0, end),
      help: "write it anew with ringwall compile",
    },
  );
  firewall.anything.push({ label: "a changed script", span: span(source, 0, end) });
}

function readOurData(source: Source, data: string, start: number, firewall: Firewall): void {
  const { variables, rest } = readAssignments(data);
  const place = (pipeline: Pipeline): Origin => originAt(source, start + pipeline.start, start + pipeline.end);
  for (const pipeline of rest) {
    const origin = place(pipeline);
    firewall.unread("this is no data of ours", { primary: origin.span });
    firewall.anything.push(origin);
  }
  const store = storeOf(variables.get("defaultpolicystore"));
  const rules = tableStarts(data, "FirewallRules");
  const known = itemsOf(variables.get("firewallrules"));
  if (known === undefined || rules.length !== known.length) {
    const origin = originAt(source, start, start + Math.min(80, data.length));
    firewall.unread("the list of rules of this script was not understood", { primary: origin.span });
    firewall.anything.push(origin);
    return;
  }
  for (const [i, table] of known.entries()) {
    const origin = originAt(source, start + rules[i]!.start, start + rules[i]!.end);
    const given: Arguments =
      table.kind === "table"
        ? { values: table.entries, problems: [], positional: [] }
        : { values: new Map(), problems: ["a rule that is no table"], positional: [] };
    const raw = rawRuleOf(given);
    addRawRule(
      firewall,
      raw,
      { ...origin, label: labelOf(raw.displayName ?? raw.name ?? "a rule without a name") },
      store,
    );
  }
  for (const table of itemsOf(variables.get("firewallprofiles")) ?? [{ kind: "dynamic" } as const]) {
    const origin = originAt(source, start, start + Math.min(80, data.length));
    if (table.kind === "table") setProfile({ values: table.entries, problems: [], positional: [] }, origin, firewall);
    else {
      firewall.unread("the list of profiles of this script was not understood", { primary: origin.span });
      firewall.anything.push(origin);
    }
  }
  const disabled = itemsOf(variables.get("disabledrules")) ?? [];
  const names = disabled.flatMap((one) => (one.kind === "text" ? [one.text] : []));
  if (store === "local") turnOff(names, firewall);
}

/** Rules of Windows that our script turns off; those that the text does not have are off where it ran. */
function turnOff(names: readonly string[], firewall: Firewall): void {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const next = firewall.rules.map((one) =>
    one.store === "local" && wanted.has(one.rule.name.toLowerCase())
      ? { ...one, rule: { ...one.rule, enabled: false } }
      : one,
  );
  firewall.rules.splice(0, firewall.rules.length, ...next);
}

/** Where each table of a list begins and ends: our printer writes them a statement each. */
function tableStarts(data: string, variable: string): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  const opening = new RegExp(`^\\$${variable} \\+= @\\{`, "gm");
  for (let match = opening.exec(data); match !== null; match = opening.exec(data)) {
    const end = data.indexOf("\n}", match.index);
    found.push({ start: match.index, end: end < 0 ? data.length : end + 2 });
  }
  return found;
}

function itemsOf(value: Value | undefined): readonly Value[] | undefined {
  return value === undefined ? [] : value.kind === "list" ? value.items : undefined;
}

function originAt(source: Source, start: number, end: number): Origin {
  const first = source.text.slice(start, Math.min(end, start + 400)).split(/[\r\n]/, 1)[0] ?? "";
  return { label: labelOf(first), span: span(source, start, Math.max(start, end)) };
}

function runPipeline(pipeline: Pipeline, source: Source, firewall: Firewall): void {
  for (const [i, command] of pipeline.commands.entries()) {
    const before = pipeline.commands.slice(0, i);
    runCommand(command, before, { pipeline, source, firewall, origin: originAt(source, command.start, command.end) });
  }
}

interface Run {
  readonly pipeline: Pipeline;
  readonly source: Source;
  readonly firewall: Firewall;
  readonly origin: Origin;
}

function runCommand(command: Command, before: readonly Command[], run: Run): void {
  const { firewall, origin, source } = run;
  const name = command.name?.replace(/^netsecurity\\/, "");
  switch (name) {
    case undefined:
      unknownCommand(run, "what this runs is known only when the script runs");
      return;
    case "new-netfirewallrule":
      newRule(command, before, run);
      return;
    case "set-netfirewallrule":
    case "enable-netfirewallrule":
    case "disable-netfirewallrule":
    case "remove-netfirewallrule":
      changeRules(name, command, before, run);
      return;
    case "set-netfirewallprofile":
      changeProfiles(command, run);
      return;
    case "set-netfirewallportfilter":
    case "set-netfirewalladdressfilter":
    case "set-netfirewallapplicationfilter":
    case "set-netfirewallinterfacefilter":
    case "set-netfirewallinterfacetypefilter":
    case "set-netfirewallsecurityfilter":
    case "set-netfirewallservicefilter":
    case "copy-netfirewallrule":
    case "rename-netfirewallrule":
    case "sync-netipsecrule":
      unknownCommand(run, `${name} changes rules in a way that is not followed`);
      return;
    case "netsh":
    case "netsh.exe": {
      const words = command.elements.map((element) => (element.kind === "value" ? wordsOf(element.value) : undefined));
      const isKnown = words.every((word) => word !== undefined);
      const plain = words.map((word) => word?.join(",") ?? "%");
      runNetsh(plain, { isKnown, when: conditionOf(run)[0] }, origin, firewall);
      return;
    }
    case "invoke-expression":
    case "iex":
    case ".":
    case "reg":
    case "reg.exe":
    case "set-itemproperty":
    case "new-itemproperty":
    case "remove-itemproperty":
    case "remove-item":
    case "sp":
      if (name === "invoke-expression" || name === "iex" || name === "." || speaksOfFirewall(command, source))
        unknownCommand(run, "what this does to the firewall is not followed");
      return;
    case "set-variable":
    case "new-variable":
    case "sv":
    case "nv":
      unknownCommand(run, "a variable that is set by its name may be any of the script's");
      return;
    case "stop-service":
    case "set-service":
    case "suspend-service":
    case "remove-service":
    case "sc":
    case "sc.exe":
    case "net":
    case "net.exe":
      if (/\b(?:mpssvc|bfe)\b/i.test(textOf(command, source)))
        unknownCommand(run, "this is about the firewall's own service: what then filters is not known");
      return;
    default:
      if (/\.(?:ps1|bat|cmd|wfw)$/.test(name)) unknownCommand(run, "another script is not followed");
      else if (!isHarmless(name) && changesFirewall(textOf(command, source)))
        unknownCommand(run, "what this does to the firewall is not followed");
  }
}

/** What only looks, and what runs a block: the commands in the block are followed by themselves. */
function isHarmless(name: string): boolean {
  return (
    /^(?:get|test|write|select|where|foreach|sort|measure|format|out|convertto|convertfrom|import-module|export)\b/.test(
      name,
    ) || ["%", "?", "", "invoke-command", "icm", "start-job", "start-threadjob", "echo"].includes(name)
  );
}

/** Other ways to the same rules: another shell, COM, CIM, the registry's values, Group Policy. */
function changesFirewall(text: string): boolean {
  const ways =
    /\|Action=\w|WindowsFirewall\\|FirewallPolicy\\|HNetCfg|MSFT_Net|(?:New|Set|Remove|Enable|Disable|Copy|Rename)-NetFirewall/i;
  return ways.test(text) || (/netsh/i.test(text) && /firewall/i.test(text));
}

function textOf(command: Command, source: Source): string {
  return source.text.slice(command.start, command.end);
}

function speaksOfFirewall(command: Command, source: Source): boolean {
  return /firewall|SharedAccess|\|Action=/i.test(textOf(command, source));
}

function unknownCommand({ firewall, origin }: Run, why: string): void {
  firewall.unread(`${origin.label}: ${why}`, { primary: origin.span });
  firewall.anything.push(origin);
}

/** In a block a command may run or not: its effect is under a condition that says which block. */
function conditionOf({ pipeline, source }: Run): string[] {
  if (pipeline.within === undefined) return [];
  const { keyword, start } = pipeline.within;
  let line = lineNumbers.get(source);
  if (line === undefined) lineNumbers.set(source, (line = linesOf(source).map((one) => one.start)));
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line[middle]! <= start) low = middle + 1;
    else high = middle;
  }
  return [`the ${keyword === "{" ? "block" : keyword} at ${source.path}:${low} runs`];
}

const lineNumbers = new WeakMap<Source, number[]>();

function newRule(command: Command, before: readonly Command[], run: Run): void {
  const given = argumentsOf(command, ruleParameters, switches);
  if (isOnlyShown(given, run)) return;
  const raw = rawRuleOf(given);
  const shown = raw.displayName ?? raw.name;
  const origin = { ...run.origin, label: labelOf(shown ?? run.origin.label) };
  const { within } = run.pipeline;
  const problems = [...(raw.problems ?? [])];
  // One rule of a loop with known values is the same rule each time.
  if (within !== undefined && ownScope.has(within.keyword) && problems.length > 0)
    problems.push(`it stands in ${within.keyword === "{" ? "a block" : within.keyword}`);
  if (before.length > 0) problems.push("what is piped into it");
  const all: RawRule = problems.length > 0 ? { ...raw, problems } : raw;
  addRawRule(run.firewall, all, origin, storeOf(storeValue(given)), conditionOf(run));
}

/** `-WhatIf` shows what would be done, and does nothing. */
function isOnlyShown({ values }: Arguments, { firewall, origin }: Run): boolean {
  const value = values.get("whatif");
  if (value === undefined || (value.kind === "boolean" && !value.value)) return false;
  if (value.kind === "boolean") {
    firewall.note(`${origin.label}: -WhatIf does nothing`, { primary: origin.span });
    return true;
  }
  return false;
}

function storeValue({ values }: Arguments): Value | undefined {
  return values.has("gposession") ? { kind: "text", text: "gpo\\session" } : values.get("policystore");
}

/** `domain\object` is Group Policy, and so are resultant sets; the machine's own store is the default. */
function storeOf(value: Value | undefined): StoreKind {
  if (value === undefined) return "local";
  return value.kind === "text" && !value.text.includes("\\") && !/^rsop$/i.test(value.text) ? "local" : "group-policy";
}

/** The fields of a rule, for New- and Set-NetFirewallRule. */
function rawRuleOf({ values, problems, positional }: Arguments): RawRule {
  const raw: RawRule = {};
  const found: string[] = [...problems];
  if (positional.length > 0) found.push(`${positional.length} value(s) without a parameter`);
  const scopes: Scope[] = [];
  const text = (parameter: string): string | undefined => {
    const value = values.get(parameter);
    if (value === undefined) return undefined;
    const words = wordsOf(value);
    if (words !== undefined) return words.join(",");
    found.push(`-${parameter}, whose value is known only when the script runs`);
    return undefined;
  };
  const list = (parameter: string): readonly string[] | undefined => {
    const value = values.get(parameter);
    if (value === undefined) return undefined;
    const words = wordsOf(value);
    if (words !== undefined) return words;
    found.push(`-${parameter}, whose value is known only when the script runs`);
    return undefined;
  };
  const put = <K extends keyof RawRule>(field: K, value: RawRule[K] | undefined): void => {
    if (value !== undefined) raw[field] = value;
  };
  put("name", quietText(values.get("name")));
  put("displayName", quietText(values.get("displayname")));
  put("description", quietText(values.get("description")));
  put("group", quietText(values.get("group")));
  put("direction", values.has("direction") ? (text("direction") ?? "") : undefined);
  put("action", values.has("action") ? (text("action") ?? "") : undefined);
  if (values.get("enabled")?.kind === "boolean")
    found.push("-Enabled $true or $false: Windows takes the words True and False");
  else put("enabled", text("enabled"));
  const where = list("profile");
  put(
    "profiles",
    where?.flatMap((word) => word.split(",").map((one) => one.trim())),
  );
  put("protocol", text("protocol"));
  put("localPorts", list("localport"));
  put("remotePorts", list("remoteport"));
  put("icmpTypes", list("icmptype"));
  put("localAddresses", list("localaddress"));
  put("remoteAddresses", list("remoteaddress"));
  put("edgeTraversal", text("edgetraversalpolicy"));
  put("authentication", text("authentication"));
  put("encryption", text("encryption"));
  const override = values.get("overrideblockrules");
  if (override !== undefined) {
    if (override.kind === "boolean") raw.overrideBlock = String(override.value);
    else found.push("-OverrideBlockRules, whose value is known only when the script runs");
  }
  for (const [parameter, field] of Object.entries(scopeParameters)) {
    const value = values.get(parameter);
    if (value === undefined) continue;
    // A scope that is not known narrows the rule in an unknown way, and that is a condition like any other.
    scopes.push(...scopeOf(field, wordsOf(value)?.join(",") ?? "what the script says when it runs"));
  }
  if (values.has("remotedynamickeywordaddresses"))
    scopes.push({ field: "Condition", value: "the remote address is in a dynamic keyword" });
  if (scopes.length > 0) raw.scopes = scopes;
  if (found.length > 0) raw.problems = found;
  return raw;
}

/** Names decide about no packet: one that is not known is no loss. */
function quietText(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : wordsOf(value)?.join(",");
}

const scopeParameters: Readonly<Record<string, Scope["field"]>> = {
  program: "Program",
  service: "Service",
  package: "Package",
  owner: "Owner",
  interfacetype: "InterfaceType",
  interfacealias: "InterfaceAlias",
  localuser: "LocalUser",
  remoteuser: "RemoteUser",
  remotemachine: "RemoteMachine",
  platform: "Platform",
  dynamictarget: "DynamicTarget",
  dynamictransport: "DynamicTarget",
  policyappid: "PolicyAppId",
};

function changeRules(name: string, command: Command, before: readonly Command[], run: Run): void {
  const isSet = name === "set-netfirewallrule";
  const given = argumentsOf(command, isSet ? ruleParameters : selectionParameters, switches);
  if (isOnlyShown(given, run)) return;
  // What is piped in says which rules are meant; the parameters then are what they become.
  const source = before.at(-1);
  const piped =
    source === undefined
      ? undefined
      : before.length === 1 && /^get-netfirewallrule$/.test(source.name ?? "")
        ? selectionOf(argumentsOf(source, selectionParameters, switches), false)
        : "unknown";
  const selection = piped ?? selectionOf(given, isSet);
  if (selection === "unknown") {
    unknownCommand(run, "which rules it speaks of is not followed");
    return;
  }
  const change = changeOf(name, given, piped === undefined);
  applyChange(run.firewall, selection, change, run.origin, storeOf(storeValue(given)), conditionOf(run)[0]);
}

/** Which rules are meant. Without any parameter all of them, as with -All. */
function selectionOf({ values, problems, positional }: Arguments, isSet: boolean): Selection | "unknown" {
  if (problems.length > 0) return "unknown";
  const selection: Partial<Record<keyof Selection, readonly string[]>> = {};
  for (const [parameter, field] of [
    ["name", "name"],
    ["displayname", "displayName"],
    ["group", "group"],
    ["displaygroup", "group"],
  ] as const) {
    const value = values.get(parameter);
    if (value === undefined) continue;
    const words = wordsOf(value);
    if (words === undefined) return "unknown";
    selection[field] = words;
  }
  if (positional.length > 0) {
    // The first value without a parameter is the name.
    const words = positional.length === 1 ? wordsOf(positional[0]!) : undefined;
    if (words === undefined || selection.name !== undefined) return "unknown";
    selection.name = words;
  }
  if (isSet) return selection;
  for (const parameter of [
    "inputobject",
    "associatednetfirewallportfilter",
    "policystoresource",
    "primarystatus",
    "status",
    "enabled",
    "action",
    "description",
  ])
    if (values.has(parameter)) return "unknown";
  const direction = values.get("direction");
  if (direction !== undefined) {
    const words = wordsOf(direction)?.map((word) => word.toLowerCase());
    if (words === undefined) return "unknown";
    selection.direction = words;
  }
  return selection;
}

function changeOf(name: string, given: Arguments, hasSelection: boolean): Change {
  switch (name) {
    case "remove-netfirewallrule":
      return { kind: "remove" };
    case "enable-netfirewallrule":
      return { kind: "set", fields: { enabled: "True" } };
    case "disable-netfirewallrule":
      return { kind: "set", fields: { enabled: "False" } };
  }
  const fields: RawRule = rawRuleOf({ ...given, positional: [] });
  if (hasSelection) {
    delete fields.name;
    delete fields.displayName;
    delete fields.group;
  }
  const renamed = quietText(given.values.get("newdisplayname"));
  if (renamed !== undefined) fields.displayName = renamed;
  return (fields.problems?.length ?? 0) > 0 ? { kind: "unknown" } : { kind: "set", fields };
}

function changeProfiles(command: Command, run: Run): void {
  const given = argumentsOf(command, profileParameters, switches);
  if (isOnlyShown(given, run)) return;
  if (run.pipeline.within !== undefined) {
    unknownCommand(run, "it may run or not");
    return;
  }
  setProfile(given, run.origin, run.firewall);
}

/** Set-NetFirewallProfile, and the tables of our scripts. */
function setProfile(given: Arguments, origin: Origin, firewall: Firewall): void {
  const named = given.values.get("name") ?? given.values.get("profile") ?? given.positional[0];
  const words = named === undefined ? ["Any"] : wordsOf(named)?.flatMap((word) => word.split(","));
  const which = words && readProfiles(words.map((word) => word.trim()));
  if (which === undefined || given.problems.length > 0) {
    firewall.unread(`${origin.label}: ${given.problems[0] ?? "which profiles it speaks of"} was not understood`, {
      primary: origin.span,
    });
    firewall.anything.push(origin);
    return;
  }
  const told = <T>(parameter: string, read: (word: string) => T | undefined): T | "unread" | undefined => {
    const value = given.values.get(parameter);
    if (value === undefined) return undefined;
    const word = wordsOf(value);
    const answer = word?.length === 1 ? read(word[0]!) : undefined;
    if (answer !== undefined) return answer;
    firewall.unread(`${origin.label}: the value of -${parameter} was not understood`, { primary: origin.span });
    return "unread";
  };
  const flag = (word: string): boolean | undefined => (/^notconfigured$/i.test(word) ? undefined : readBoolean(word));
  const action = (word: string): "allow" | "block" | undefined =>
    /^allow$/i.test(word) ? "allow" : /^block$/i.test(word) ? "block" : undefined;
  const settings = {
    enabled: told("enabled", flag),
    defaultInbound: told("defaultinboundaction", action),
    defaultOutbound: told("defaultoutboundaction", action),
    allowLocalRules: told("allowlocalfirewallrules", flag),
    blocksAllInbound: opposite(told("allowinboundrules", flag)),
  };
  for (const profile of profiles.filter((one) => which.includes(one))) firewall.settings(profile, settings, origin);
}

const common = [
  "whatif",
  "confirm",
  "verbose",
  "debug",
  "erroraction",
  "warningaction",
  "informationaction",
  "errorvariable",
  "warningvariable",
  "outvariable",
  "outbuffer",
  "pipelinevariable",
  "ea",
  "wa",
  "asjob",
  "cimsession",
  "throttlelimit",
  "passthru",
  "policystore",
  "gposession",
];

const switches = new Set(["whatif", "confirm", "verbose", "debug", "asjob", "passthru", "all", "tracepolicystore"]);

const ruleParameters = [
  ...common,
  ...Object.keys(scopeParameters),
  ..."name displayname newdisplayname group displaygroup description enabled profile direction action edgetraversalpolicy loosesourcemapping localonlymapping localaddress remoteaddress protocol localport remoteport icmptype authentication encryption overrideblockrules remotedynamickeywordaddresses inputobject".split(
    " ",
  ),
];

const selectionParameters = [
  ...common,
  ..."name displayname group displaygroup all inputobject description enabled direction action policystoresource policystoresourcetype primarystatus status tracepolicystore associatednetfirewalladdressfilter associatednetfirewallapplicationfilter associatednetfirewallportfilter associatednetfirewallprofile".split(
    " ",
  ),
];

const profileParameters = [
  ...common,
  ..."name profile all inputobject enabled defaultinboundaction defaultoutboundaction allowinboundrules allowlocalfirewallrules allowlocalipsecrules allowuserapps allowuserports allowunicastresponsetomulticast notifyonlisten enablestealthmodeforipsec logfilename logmaxsizekilobytes logallowed logblocked logignored disabledinterfacealiases".split(
    " ",
  ),
];
