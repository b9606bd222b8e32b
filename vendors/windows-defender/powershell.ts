import type { AddressSet } from "../../src/vendor-kit/index.js";
import { asPrefix4, asPrefix6, formatIpv4, formatIpv6, render } from "../../src/vendor-kit/index.js";
import type {
  AddressFilter,
  ConnectionSecurityRule,
  FirewallStore,
  PortFilter,
  Profile,
  ProfileSettings,
  WindowsPolicy,
  WindowsRule,
} from "./model.js";
import { profiles } from "./model.js";

/** What a script says besides its rules. */
export interface ScriptDetails {
  /** Names the role; empty for a policy of the edge. */
  readonly role: string;
  /** What a computer must not be, asked when the script runs. */
  readonly guards: readonly Guard[];
  /** Every name of a built-in rule that any of our scripts turns off: what may be turned on again. */
  readonly builtInRules: readonly string[];
  /** Lines for people, below the head. Any text. */
  readonly notes: readonly string[];
}

export type Guard = "no-domain-controller" | "no-domain-member" | "no-shares" | "domain-controller-listed";

/** UTF-8 with a byte order mark: Windows PowerShell 5.1 takes a file without one for the system's ANSI code page. */
const byteOrderMark = "\ufeff";

/**
 * The script that brings connection security and firewall rules into force, compares them, and takes them back.
 *
 * PowerShell 5.1 and 7. Its form is that of powershell-form.ts; `template` is firewall.ps1.hbs.
 */
export function printFirewallScript(policy: WindowsPolicy, details: ScriptDetails, template: string): string {
  const data = [
    assign("Policy", policy.name),
    assign("Role", details.role),
    assign("Group", policy.group),
    assign("StateName", stateName(policy.group)),
    assign("DefaultPolicyStore", storeText(policy.store)),
    ...assignList("Guards", details.guards),
    ...assignList("BuiltInRules", details.builtInRules),
    ...assignList("DisabledRules", policy.disabledRules),
    ...tables("AuthenticationSets", authenticationSets(policy)),
    ...tables(
      "ConnectionSecurityRules",
      policy.connectionSecurityRules.map((rule) => connectionSecurityTable(rule, policy)),
    ),
    ...tables(
      "FirewallRules",
      policy.rules.map((rule) => ruleTable(rule, policy)),
    ),
    ...tables("FirewallProfiles", policy.profileSettings.map(profileTable)),
  ];
  return script(policy, details, template, data);
}

/**
 * The script that brings services and settings of SMB into force, compares them, and takes them back. `template` is
 * smb.ps1.hbs.
 */
export function printSmbScript(policy: WindowsPolicy, details: ScriptDetails, template: string): string {
  const of = (cmdlet: string): Table[] => {
    const settings = policy.settings.filter((one) => one.cmdlet === cmdlet);
    return settings.length === 0
      ? []
      : [Object.fromEntries(settings.map(({ parameter, value }) => [parameter, value]))];
  };
  const features = policy.settings.filter((one) => one.cmdlet === "Disable-WindowsOptionalFeature");
  const data = [
    assign("Policy", policy.name),
    assign("Role", details.role),
    assign("StateName", stateName(policy.group)),
    ...assignList("Guards", details.guards),
    ...tables("SmbServerConfiguration", of("Set-SmbServerConfiguration")),
    ...tables("SmbClientConfiguration", of("Set-SmbClientConfiguration")),
    ...assignList(
      "RemovedFeatures",
      features.map(({ value }) => String(value)),
    ),
    ...assignList(
      "DisabledServices",
      policy.services.map(({ service }) => service),
    ),
  ];
  return script(policy, details, template, data);
}

function script(policy: WindowsPolicy, details: ScriptDetails, template: string, data: readonly string[]): string {
  const header = [...policy.header, ...(details.notes.length > 0 ? ["", ...details.notes] : [])];
  return byteOrderMark + render(template, { header: header.map(comment), data });
}

/** A value of a table, and of a list in it. */
export type TableValue = string | boolean | number | readonly string[];
export type Table = Readonly<Record<string, TableValue>>;

/** `$Name = 'text'`. */
export function assign(name: string, text: string): string {
  return `$${name} = ${quoted(text)}`;
}

/** `$Name = @(…)`, one text a line. */
export function assignList(name: string, texts: readonly string[]): string[] {
  return listLines(`$${name} = `, texts, "");
}

/** `$Name = @()` and one `$Name += @{…}` for each table. */
export function tables(name: string, of: readonly Table[]): string[] {
  return [`$${name} = @()`, ...of.flatMap((table) => tableLines(`$${name} += `, table))];
}

function tableLines(before: string, table: Table): string[] {
  const width = Math.max(0, ...Object.keys(table).map((key) => key.length));
  return [
    `${before}@{`,
    ...Object.entries(table).flatMap(([key, value]) => {
      const start = `    ${key.padEnd(width)} = `;
      if (typeof value === "boolean") return [`${start}$${value}`];
      if (typeof value === "number") return [`${start}${value}`];
      return typeof value === "string" ? [`${start}${quoted(value)}`] : listLines(start, value, "    ");
    }),
    "}",
  ];
}

function listLines(before: string, texts: readonly string[], indent: string): string[] {
  if (texts.length === 0) return [`${before}@()`];
  return [`${before}@(`, ...texts.map((text) => `${indent}    ${quoted(text)}`), `${indent})`];
}

/**
 * Any text as a PowerShell string in single quotes, on one line. PowerShell takes U+2018 to U+201B for single quotes too,
 * and ends a string at each that is not doubled. Nothing else has a meaning in such a string: no `$`, no backtick.
 *
 * Line ends and controls become spaces; half a surrogate pair, which UTF-8 cannot hold, U+FFFD.
 *
 * Source: PowerShell's tokenizer, `IsSingleQuote` and `ScanStringLiteral` (CharTraits.cs, tokenizer.cs).
 */
export function quoted(text: string): string {
  return `'${oneLine(text).replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/** Any text as a line of comment. */
export function comment(text: string): string {
  return `# ${oneLine(text)}`.trimEnd();
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}

/** The file of the state before the first run: one for each group, because a computer's roles follow one another. */
function stateName(group: string): string {
  return group.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "Ringwall";
}

/** As `-PolicyStore` takes it. */
export function storeText(store: FirewallStore): string {
  return store.kind === "local" ? "PersistentStore" : `${store.domain}\\${store.name}`;
}

function ruleTable(rule: WindowsRule, policy: WindowsPolicy): Table {
  const { action } = rule;
  return {
    Name: rule.name,
    DisplayName: rule.displayName,
    Description: rule.description ?? rule.displayName,
    Group: rule.group ?? policy.group,
    Enabled: rule.enabled ? "True" : "False",
    Profile: profileText(rule.profiles),
    Direction: rule.direction === "inbound" ? "Inbound" : "Outbound",
    Action: action.kind === "block" ? "Block" : "Allow",
    // Inbound rules alone have the field; the article's "block edge traversal" of outbound rules does not exist.
    ...(rule.direction === "inbound" && { EdgeTraversalPolicy: edgeTraversalText[rule.edgeTraversal ?? "block"] }),
    ...{ Program: "Any", Service: "Any", InterfaceType: "Any" },
    ...Object.fromEntries(rule.scopes.map(({ field, value }) => [field, value])),
    ...protocolFields(rule),
    ...(rule.icmp !== undefined && {
      IcmpType: rule.icmp.map(({ type, code }) => (code === undefined ? `${type}` : `${type}:${code}`)),
    }),
    LocalAddress: addressText(rule.local),
    RemoteAddress: addressText(rule.remote),
    ...(action.kind === "allow-if-secure" && {
      Authentication: action.authentication === "required" ? "Required" : "NoEncap",
      Encryption: encryptionText[action.encryption],
      OverrideBlockRules: action.overrideBlock,
    }),
  };
}

const edgeTraversalText = {
  block: "Block",
  allow: "Allow",
  "defer-to-user": "DeferToUser",
  "defer-to-app": "DeferToApp",
} as const;

const encryptionText = { "not-required": "NotRequired", required: "Required", dynamic: "Dynamic" } as const;

/** A rule of another protocol than TCP and UDP is refused when it has ports. */
function protocolFields(
  rule: Pick<WindowsRule, "protocol" | "localPorts" | "remotePorts">,
): Readonly<Record<string, TableValue>> {
  const hasPorts = rule.protocol === 6 || rule.protocol === 17;
  return {
    Protocol: protocolText(rule.protocol),
    ...(hasPorts && { LocalPort: portText(rule.localPorts), RemotePort: portText(rule.remotePorts) }),
  };
}

function protocolText(protocol: number | "any"): string {
  const names: Readonly<Record<string, string>> = { any: "Any", 1: "ICMPv4", 6: "TCP", 17: "UDP", 58: "ICMPv6" };
  return names[protocol] ?? String(protocol);
}

function portText(filter: PortFilter): string | string[] {
  if (filter === "any") return "Any";
  const ranges = filter.ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return single([...ranges, ...filter.keywords]);
}

/** The fewest entries: single addresses, prefixes, else ranges. A whole family is two halves, for none is a prefix of length 0. */
function addressText(filter: AddressFilter): string | string[] {
  return filter === "any" ? "Any" : single([...addressTexts(filter.addresses), ...filter.keywords]);
}

export function addressTexts({ ipv4, ipv6 }: AddressSet): string[] {
  return [
    ...ipv4.flatMap(({ first, last }) => {
      if (first === last) return [formatIpv4(first)];
      const prefix = asPrefix4({ first, last });
      if (prefix === undefined) return [`${formatIpv4(first)}-${formatIpv4(last)}`];
      return prefix.length === 0 ? ["0.0.0.0/1", "128.0.0.0/1"] : [`${formatIpv4(first)}/${prefix.length}`];
    }),
    ...ipv6.flatMap(({ first, last }) => {
      if (first === last) return [formatIpv6(first)];
      const prefix = asPrefix6({ first, last });
      if (prefix === undefined) return [`${formatIpv6(first)}-${formatIpv6(last)}`];
      return prefix.length === 0 ? ["::/1", "8000::/1"] : [`${formatIpv6(first)}/${prefix.length}`];
    }),
  ];
}

function single(texts: readonly string[]): string | string[] {
  return texts.length === 1 ? texts[0]! : [...texts];
}

function profileText(of: readonly Profile[]): string | string[] {
  return of.length === profiles.length ? "Any" : single(of);
}

function profileTable(settings: ProfileSettings): Table {
  return {
    Name: settings.profile,
    ...(settings.enabled !== undefined && { Enabled: settings.enabled ? "True" : "False" }),
    ...(settings.defaultInbound && { DefaultInboundAction: settings.defaultInbound === "allow" ? "Allow" : "Block" }),
    ...(settings.defaultOutbound && {
      DefaultOutboundAction: settings.defaultOutbound === "allow" ? "Allow" : "Block",
    }),
    ...(settings.allowLocalRules !== undefined && {
      AllowLocalFirewallRules: settings.allowLocalRules ? "True" : "False",
    }),
  };
}

function connectionSecurityTable(rule: ConnectionSecurityRule, policy: WindowsPolicy): Table {
  return {
    IPsecRuleName: rule.name,
    DisplayName: rule.displayName,
    Description: rule.description ?? rule.displayName,
    Group: policy.group,
    Enabled: rule.enabled ? "True" : "False",
    Profile: profileText(rule.profiles),
    InboundSecurity: securityText[rule.inboundSecurity],
    OutboundSecurity: securityText[rule.outboundSecurity],
    Phase1AuthSet: setName(policy, "machine-kerberos"),
    Phase2AuthSet: setName(policy, "user-kerberos"),
    ...(withoutEncapsulation(policy) && { QuickModeCryptoSet: setName(policy, "no-encapsulation") }),
    ...protocolFields(rule),
    LocalAddress: addressText(rule.local),
    RemoteAddress: addressText(rule.remote),
  };
}

const securityText = { none: "None", request: "Request", require: "Require" } as const;

type SetKind = "machine-kerberos" | "user-kerberos" | "no-encapsulation";

/** What connection security rules refer to, in the same store as they. */
function authenticationSets(policy: WindowsPolicy): Table[] {
  if (policy.connectionSecurityRules.length === 0) return [];
  const kinds: SetKind[] = ["machine-kerberos", "user-kerberos"];
  if (withoutEncapsulation(policy)) kinds.push("no-encapsulation");
  return kinds.map((kind) => ({
    Kind: kind,
    Name: setName(policy, kind),
    DisplayName: `${policy.group}: ${kind}`,
    Group: policy.group,
  }));
}

function setName(policy: WindowsPolicy, kind: SetKind): string {
  return `${stateName(policy.group)}-${kind}`;
}

/** `NoEncap` has to be offered by a quick mode of our own. Source: New-NetFirewallRule, `-Authentication`. */
function withoutEncapsulation(policy: WindowsPolicy): boolean {
  return policy.connectionSecurityRules.some((rule) => rule.quickMode === "no-encapsulation");
}
