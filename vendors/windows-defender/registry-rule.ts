import { protocols } from "../../src/vendor-kit/index.js";
import type { Scope, WindowsRule } from "./model.js";
import { MOST_NAME, profiles } from "./model.js";
import type { RawRule } from "./raw-rule.js";
import { addressEntries, displayText, portEntries } from "./rule-text.js";

/**
 * The data of a registry value that is a firewall rule: `v2.10|Action=Block|Active=TRUE|Dir=Out|Protocol=6|…|`. The
 * value's name is the rule's.
 *
 * Version 2.10 (Windows 7) has everything that we write. Source: MS-GPFAS section 2.2.2.19.
 */
export function registryRule(rule: WindowsRule): string {
  const { action, protocol } = rule;
  if (rule.name.length > MOST_NAME || rule.name.includes("|")) throw new Error(`not a rule's name: ${rule.name}`);
  const inbound = rule.direction === "inbound";
  const fields: string[] = [`Action=${action.kind === "block" ? "Block" : isInboundBypass(rule) ? "ByPass" : "Allow"}`];
  fields.push(`Active=${rule.enabled ? "TRUE" : "FALSE"}`, `Dir=${inbound ? "In" : "Out"}`);
  if (protocol !== "any") fields.push(`Protocol=${protocol}`);
  if (rule.profiles.length < profiles.length) fields.push(...rule.profiles.map((profile) => `Profile=${profile}`));
  fields.push(...portFields("L", portEntries(rule.localPorts)), ...portFields("R", portEntries(rule.remotePorts)));
  const icmp = protocol === protocols.icmp ? "ICMP4" : "ICMP6";
  fields.push(...(rule.icmp ?? []).map(({ type, code }) => `${icmp}=${type}:${code ?? "*"}`));
  for (const [end, filter] of [
    ["L", rule.local],
    ["R", rule.remote],
  ] as const) {
    if (filter === "any") continue;
    fields.push(...filter.keywords.flatMap((keyword) => keywordFields(end, keyword)));
    fields.push(...addressEntries(filter, "ipv4").map((entry) => `${end}A4=${entry}`));
    fields.push(...addressEntries(filter, "ipv6").map((entry) => `${end}A6=${entry}`));
  }
  if (rule.scopes.length > 0) throw new Error(`the registry form of ${rule.name} would lose its scopes`);
  fields.push(`Name=${displayText(rule.displayName)}`);
  if (rule.description !== undefined) fields.push(`Desc=${displayText(rule.description, 1000)}`);
  if (rule.group !== undefined) fields.push(`EmbedCtxt=${displayText(rule.group)}`);
  if (action.kind === "allow-if-secure") {
    fields.push(`Security=${action.encryption === "required" ? "AuthenticateEncrypt" : "Authenticate"}`);
    if (action.authentication === "no-encapsulation") fields.push("Security2_9=An-NoEncap");
    if (action.encryption === "dynamic") fields.push("Security2=AnE-Nego");
    if (action.overrideBlock && !inbound) fields.push("AuthByPassOut=TRUE");
  }
  switch (rule.edgeTraversal) {
    case "allow":
      fields.push("Edge=TRUE");
      break;
    case "defer-to-app":
      fields.push("Edge=TRUE", "Defer=App");
      break;
    case "defer-to-user":
      fields.push("Edge=TRUE", "Defer=User");
      break;
    case "block":
    case undefined:
      break;
  }
  return `v2.10|${fields.join("|")}|`;
}

function isInboundBypass({ action, direction }: WindowsRule): boolean {
  return direction === "inbound" && action.kind === "allow-if-secure" && action.overrideBlock;
}

/** Ranges came with version 2.10, and keywords of their own. */
function portFields(end: "L" | "R", entries: readonly string[]): string[] {
  return entries.map((entry) => {
    if (/^\d+$/.test(entry)) return `${end}Port=${entry}`;
    if (/^\d/.test(entry) || entry.startsWith("IPHTTPS")) return `${end}Port2_10=${entry}`;
    if (entry === "RPCEPMap") return `${end}Port=RPC-EPMap`;
    if (entry === "PlayToDiscovery") return `${end}Port2_20=Ply2Disc`;
    return `${end}Port=${entry}`;
  });
}

function keywordFields(end: "L" | "R", keyword: string): string[] {
  const found = /^([A-Za-z]+)([46]?)$/.exec(keyword);
  const word = found?.[1] ?? keyword;
  const later = laterKeywords[word];
  const families = found?.[2] === "" ? ["4", "6"] : [found?.[2] ?? "4"];
  return families.map((family) => (later === undefined ? `${end}A${family}=${word}` : `${end}A${family}2=${later}`));
}

/** Source: MS-GPFAS section 2.2.2.13, ADDRESS-KEYWORD-VAL-2-20. */
const laterKeywords: Readonly<Record<string, string>> = {
  Internet: "IntErnet",
  Intranet: "IntrAnet",
  IntranetRemoteAccess: "RmtIntrAnet",
  PlayToDevice: "Ply2Renders",
  CaptivePortal: "CaptivePortal",
};

/** Reads the data of a value whose name is the rule's. */
export function readRegistryRule(name: string, data: string): RawRule {
  const [version = "", ...tokens] = data.split("|");
  const problems: string[] = [];
  if (!/^v2\.\d{1,3}$/i.test(version)) problems.push(`the version ${JSON.stringify(version.slice(0, 40))}`);
  // The last field ends with a bar too; what stands behind it is no field.
  if (tokens.at(-1) === "") tokens.pop();
  else problems.push("a text that does not end with a bar: it may be cut off");
  const raw: RawRule = { name, enabled: "FALSE", problems };
  const seen = new Set<string>();
  const twice = new Set<string>();
  const lists: Record<"LP" | "RP" | "LA" | "RA" | "Profile" | "Icmp", string[]> = {
    LP: [],
    RP: [],
    LA: [],
    RA: [],
    Profile: [],
    Icmp: [],
  };
  const scopes: Scope[] = [];
  for (const token of tokens) {
    const equals = token.indexOf("=");
    const key = (equals < 0 ? token : token.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? "" : token.slice(equals + 1);
    if (once.has(key) && seen.has(key)) {
      problems.push(`${key} given twice`);
      twice.add(key);
    }
    seen.add(key);
    const port = /^([lr])port(?:2_\d\d?)?$/.exec(key);
    const address = /^([lr])a([46])(2?)$/.exec(key);
    if (port !== null) {
      if (!seen.has("protocol")) problems.push("a port before its protocol");
      lists[port[1] === "l" ? "LP" : "RP"].push(value);
    } else if (address !== null) {
      // A keyword in the field of one family speaks of that family alone.
      const isKeyword = /^[A-Za-z]/.test(value) && !value.includes(":");
      lists[address[1] === "l" ? "LA" : "RA"].push(isKeyword ? value + address[2]! : value);
      const isIpv6 = value.includes(":");
      const isIpv4 = value.includes(".") && !isIpv6;
      if ((isIpv6 && address[2] === "4") || (isIpv4 && address[2] === "6")) problems.push(`${key}=${value}`);
    } else {
      switch (key) {
        case "action":
          raw.action = value;
          break;
        case "active":
          raw.enabled = value;
          break;
        case "dir":
          raw.direction = value;
          break;
        case "protocol":
          raw.protocol = value;
          break;
        case "profile":
          lists.Profile.push(value);
          break;
        case "icmp4":
        case "icmp6":
          lists.Icmp.push(value);
          if (raw.protocol !== (key === "icmp4" ? "1" : "58")) problems.push(`${token} of protocol ${raw.protocol}`);
          break;
        case "name":
          raw.displayName = value;
          break;
        case "desc":
          raw.description = value;
          break;
        case "embedctxt":
          raw.group = value;
          break;
        case "edge":
          raw.edgeTraversal = raw.edgeTraversal ?? value;
          break;
        case "defer":
          raw.edgeTraversal = `defer${value}`;
          break;
        case "security":
          securityOf(raw, value, problems);
          break;
        case "security2_9":
          if (value.toLowerCase() === "an-noencap") raw.authentication = "NoEncap";
          else problems.push(token);
          break;
        case "security2":
          if (value.toLowerCase() === "ane-nego") raw.encryption = "Dynamic";
          else problems.push(token);
          break;
        case "authbypassout":
          raw.overrideBlock = value;
          break;
        // Which releases may skip a rule that they do not understand, and loose mapping of answers: no packet's business.
        case "skipver":
        case "nnm":
        case "defaultoutboundaction":
          break;
        default: {
          const field = scopeFields.get(key);
          if (field === undefined) problems.push(token.slice(0, 100));
          else if (!(field.any?.test(value) ?? false))
            scopes.push({ field: field.field, value: field.field === "Condition" ? token : value });
        }
      }
    }
  }
  // Of two values either may count.
  if (twice.has("dir")) raw.direction = "either";
  if (twice.has("protocol")) raw.protocol = "any";
  if (twice.has("active")) raw.enabled = "TRUE";
  if (twice.has("action")) raw.action = "";
  if (raw.action === undefined) problems.push("a rule without an action");
  if (raw.direction === undefined) {
    problems.push("a rule without a direction");
    raw.direction = "";
  }
  if (raw.action?.toLowerCase() === "bypass" && raw.authentication === undefined) raw.authentication = "Required";
  if (lists.LP.length > 0) raw.localPorts = lists.LP;
  if (lists.RP.length > 0) raw.remotePorts = lists.RP;
  if (lists.LA.length > 0) raw.localAddresses = bothFamilies(lists.LA);
  if (lists.RA.length > 0) raw.remoteAddresses = bothFamilies(lists.RA);
  if (lists.Profile.length > 0) raw.profiles = lists.Profile;
  if (lists.Icmp.length > 0) raw.icmpTypes = lists.Icmp;
  if (scopes.length > 0) raw.scopes = scopes;
  return raw;
}

/** Fields that may stand once only. Source: MS-GPFAS section 2.2.2.19. */
const once = new Set(
  "action dir protocol app svc name desc embedctxt edge defer active rmauth ruauth authbypassout luauth luown apppkgid security security2_9 security2".split(
    " ",
  ),
);

/** A keyword that stands for both families is the keyword without a family. */
function bothFamilies(words: readonly string[]): string[] {
  const all = new Set(words);
  return words.flatMap((word) => {
    if (!/^[A-Za-z]+[46]$/.test(word)) return [word];
    const stem = word.slice(0, -1);
    if (word.endsWith("4")) return [all.has(`${stem}6`) ? stem : word];
    return all.has(`${stem}4`) ? [] : [word];
  });
}

function securityOf(raw: RawRule, value: string, problems: string[]): void {
  const word = value.toLowerCase();
  if (word !== "authenticate" && word !== "authenticateencrypt") {
    problems.push(`Security=${value}`);
    return;
  }
  raw.authentication = raw.authentication ?? "Required";
  if (word === "authenticateencrypt") raw.encryption = "Required";
}

const scopeFields: ReadonlyMap<string, { readonly field: Scope["field"]; readonly any?: RegExp }> = new Map(
  Object.entries({
    app: { field: "Program" },
    svc: { field: "Service" },
    if: { field: "InterfaceAlias" },
    iftype: { field: "InterfaceType" },
    rmauth: { field: "RemoteMachine" },
    ruauth: { field: "RemoteUser" },
    luauth: { field: "LocalUser" },
    luauth2_24: { field: "LocalUser" },
    luown: { field: "Owner" },
    apppkgid: { field: "Package" },
    platform: { field: "Platform" },
    platform2: { field: "Condition" },
    pcross: { field: "Condition", any: /^false$/i },
    lsm: { field: "Condition", any: /^false$/i },
    lom: { field: "Condition", any: /^false$/i },
    ttk: { field: "Condition" },
    ttk2_22: { field: "Condition" },
    ttk2_27: { field: "Condition" },
    ttk2_28: { field: "Condition" },
    securityrealmid: { field: "Condition" },
  } as const),
);
