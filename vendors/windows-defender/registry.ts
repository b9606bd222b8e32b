import type { Origin, Span } from "../../src/vendor-kit/index.js";
import { labelOf } from "../../src/vendor-kit/index.js";
import type { Firewall, StoreKind } from "./firewall.js";
import type { Profile, ProfileSettings, WindowsPolicy } from "./model.js";
import { addListedRule, addRawRule } from "./raw-rule.js";
import { readRegistryRule, registryRule } from "./registry-rule.js";

/** One value of the registry, whatever text it was read from or goes to. */
export interface RegistryValue {
  /** Without the root (`HKEY_LOCAL_MACHINE`): `SOFTWARE\Policies\…`. */
  readonly key: string;
  readonly name: string;
  /** A REG_SZ as text, a REG_DWORD as a number; other types, which no setting of the firewall has, are undefined. */
  readonly data: string | number | undefined;
}

/** A value with its place; a deletion takes values of that name, or all of a key and below it, away. */
export type RegistryStatement =
  | (RegistryValue & { readonly kind: "value"; readonly span: Span })
  | { readonly kind: "delete-value"; readonly key: string; readonly name: string; readonly span: Span }
  | { readonly kind: "delete-key"; readonly key: string; readonly span: Span }
  | { readonly kind: "unread"; readonly key: string; readonly why: string; readonly span: Span };

const POLICY_KEY = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";

/**
 * A policy as the values that Group Policy writes. What a policy says besides rules and profiles (built-in rules to turn
 * off, services, connection security) has no place here.
 *
 * Sources: MS-GPFAS sections 2.2.1.8 (version), 2.2.2 (rules), 2.2.3 (profiles).
 */
export function registryValues(policy: WindowsPolicy): RegistryValue[] {
  return [
    { key: POLICY_KEY, name: "PolicyVersion", data: 0x020a },
    ...policy.profileSettings.flatMap(profileValues),
    ...policy.rules.map((rule) => ({
      key: `${POLICY_KEY}\\FirewallRules`,
      name: rule.name,
      data: registryRule({ ...rule, group: rule.group ?? policy.group }),
    })),
  ];
}

function profileValues(settings: ProfileSettings): RegistryValue[] {
  const key = `${POLICY_KEY}\\${settings.profile}Profile`;
  const value = (name: string, data: boolean | undefined): RegistryValue[] =>
    data === undefined ? [] : [{ key, name, data: data ? 1 : 0 }];
  return [
    ...value("EnableFirewall", settings.enabled),
    ...value("DefaultInboundAction", settings.defaultInbound && settings.defaultInbound === "block"),
    ...value("DefaultOutboundAction", settings.defaultOutbound && settings.defaultOutbound === "block"),
    ...value("AllowLocalPolicyMerge", settings.allowLocalRules),
  ];
}

/** Reads statements in their order, as the registry would keep them, into a firewall. */
export function readRegistry(statements: readonly RegistryStatement[], firewall: Firewall): void {
  const kept = new Map<string, RegistryStatement & { kind: "value" }>();
  let looked = 0;
  for (const statement of statements) {
    const key = statement.key.toLowerCase();
    switch (statement.kind) {
      case "value":
        // A later value of the same name takes the place of the earlier one.
        kept.set(`${key}\\\\${statement.name.toLowerCase()}`, statement);
        break;
      case "delete-value":
        kept.delete(`${key}\\\\${statement.name.toLowerCase()}`);
        if (placeOf(statement.key).kind !== "elsewhere") deletion(statement, firewall);
        break;
      case "delete-key":
        looked += kept.size;
        if (looked > MOST_LOOKS) {
          firewall.unread("more deletions of keys than are followed", { primary: statement.span });
          firewall.anything.push({ label: "a deletion of a key", span: statement.span });
          break;
        }
        for (const name of kept.keys()) if (name.startsWith(`${key}\\`)) kept.delete(name);
        if (mayHoldFirewall(key)) deletion(statement, firewall);
        break;
      case "unread":
        if (statement.key !== "" && placeOf(statement.key).kind === "elsewhere") break;
        firewall.unread(statement.why, { primary: statement.span });
        firewall.anything.push({ label: labelOf(statement.why), span: statement.span });
    }
  }
  unclearControlSets([...kept.values()], firewall);
  for (const value of kept.values()) readValue(value, firewall);
}

/** A machine has several sets of settings, and the export of a whole hive does not say which one it runs with. */
function unclearControlSets(values: readonly (RegistryStatement & { kind: "value" })[], firewall: Firewall): void {
  const sets = new Set<string>();
  for (const { key, span } of values) {
    if (placeOf(key).kind === "elsewhere") continue;
    const set = /^system\\([^\\]+)\\/i.exec(key)?.[1]?.toLowerCase();
    if (set === undefined || sets.has(set)) continue;
    sets.add(set);
    if (sets.size < 2) continue;
    firewall.unread(`settings of several control sets (${[...sets].join(", ")}): which one is in force is not said`, {
      primary: span,
      help: "export HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet alone",
    });
    firewall.anything.push({ label: "settings of another control set", span });
  }
}

/** Each deletion of a key looks at each value; a text that asks for more than this is nobody's. */
const MOST_LOOKS = 5_000_000;

/** What is taken away may be a rule that this text does not show. */
function deletion(statement: { readonly span: Span }, firewall: Firewall): void {
  firewall.note("this takes away what the registry had there; the text does not say what that was", {
    primary: statement.span,
  });
}

type Place =
  | { readonly kind: "rules"; readonly store: StoreKind; readonly whole: boolean }
  | { readonly kind: "profile"; readonly profiles: readonly Profile[] }
  | { readonly kind: "exceptions"; readonly profile: Profile }
  | { readonly kind: "service" }
  | { readonly kind: "elsewhere" };

const profileKeys: ReadonlyMap<string, readonly Profile[]> = new Map([
  ["domainprofile", ["Domain"]],
  // Before Windows Vista there were two profiles; the name stayed for one of three.
  ["standardprofile", ["Private"]],
  ["privateprofile", ["Private"]],
  ["publicprofile", ["Public"]],
]);

function placeOf(key: string): Place {
  const lower = key.toLowerCase();
  const isPolicy = /^software\\policies\\microsoft\\windowsfirewall(?:\\|$)/.test(lower);
  // Not `Defaults` beside `Parameters`: those come into force when somebody resets the firewall.
  const isLocal = /^system\\[^\\]+\\services\\sharedaccess\\parameters\\firewallpolicy(?:\\|$)/.test(lower);
  if (/^system\\[^\\]+\\services\\mpssvc$/.test(lower)) return { kind: "service" };
  if (!isPolicy && !isLocal) return { kind: "elsewhere" };
  const parts = lower.split("\\");
  const last = parts.at(-1)!;
  if (last === "firewallrules") {
    const isPlain = parts.at(-2) === "firewallpolicy";
    return {
      kind: "rules",
      store: isPolicy || parts.at(-2) === "mdm" ? "group-policy" : "local",
      whole: isLocal && isPlain,
    };
  }
  if (parts.includes("restrictedservices")) return { kind: "rules", store: "local", whole: false };
  const named = profileKeys.get(last);
  if (named !== undefined) return { kind: "profile", profiles: named };
  const above = parts.flatMap((part) => profileKeys.get(part) ?? [])[0];
  if (above !== undefined && last !== "logging") return { kind: "exceptions", profile: above };
  return { kind: "elsewhere" };
}

function mayHoldFirewall(key: string): boolean {
  return /windowsfirewall|firewallpolicy|sharedaccess/.test(key);
}

function readValue(value: RegistryStatement & { kind: "value" }, firewall: Firewall): void {
  const place = placeOf(value.key);
  const origin: Origin = { label: labelOf(`${value.name}: ${value.data ?? ""}`), span: value.span };
  switch (place.kind) {
    case "rules": {
      if (typeof value.data !== "string") {
        firewall.unread(`${value.name} is no text, as a rule has to be`, { primary: value.span });
        firewall.anything.push(origin);
        return;
      }
      const raw = readRegistryRule(value.name, value.data);
      if (place.whole)
        addListedRule(firewall, raw, ruleOrigin(value), place.store, coreRule.test(value.name) ? "core" : "other");
      else addRawRule(firewall, raw, ruleOrigin(value), place.store);
      return;
    }
    case "profile":
      for (const profile of place.profiles) readProfileValue(profile, value, origin, firewall);
      return;
    case "exceptions":
      firewall.unread(`exceptions in the form of Windows XP (${value.key}) are not read`, { primary: value.span });
      addRawRule(
        firewall,
        { displayName: value.name, profiles: [place.profile], direction: "in", problems: ["it"] },
        origin,
        "group-policy",
      );
      return;
    case "service":
      if (value.name.toLowerCase() === "start" && value.data !== 2) {
        firewall.unread("the firewall's own service does not start by itself: what then filters is not known", {
          primary: value.span,
        });
        firewall.anything.push(origin);
      }
      return;
    case "elsewhere":
      return;
  }
}

/** Rules that every Windows has. */
const coreRule = /^CoreNet-/i;

function ruleOrigin(value: RegistryStatement & { kind: "value" }): Origin {
  const shown = /\|Name=([^|]*)\|/.exec(String(value.data))?.[1];
  return {
    label: labelOf(shown === undefined || shown.startsWith("@") ? value.name : shown),
    span: value.span,
  };
}

function readProfileValue(
  profile: Profile,
  { name, data, span }: RegistryStatement & { kind: "value" },
  origin: Origin,
  firewall: Firewall,
): void {
  const settings = firewall.profile(profile);
  settings.origin ??= origin;
  const flag = data === 0 ? false : data === 1 ? true : undefined;
  const told = flag ?? "unread";
  switch (name.toLowerCase()) {
    case "enablefirewall":
      settings.enabled = told;
      break;
    case "defaultinboundaction":
      settings.defaultInbound = flag === undefined ? "unread" : flag ? "block" : "allow";
      break;
    case "defaultoutboundaction":
      settings.defaultOutbound = flag === undefined ? "unread" : flag ? "block" : "allow";
      break;
    case "allowlocalpolicymerge":
      settings.allowLocalRules = told;
      break;
    case "donotallowexceptions":
      settings.blocksAllInbound = told;
      break;
    default:
      if (harmless.has(name.toLowerCase())) return;
      firewall.unread(`the ${profile} profile's setting ${name} is not known`, { primary: span });
      firewall.anything.push(origin);
      return;
  }
  if (flag === undefined) firewall.unread(`${name} is 0 or 1`, { primary: span });
}

/** Settings that decide about no packet. Source: MS-GPFAS section 2.2.3. */
const harmless = new Set(
  [
    "AllowLocalIPsecPolicyMerge",
    "AllowUserPrefMerge",
    "DisableNotifications",
    "DisableStealthMode",
    "DisableStealthModeIPsecSecuredPacketExemption",
    "DisableUnicastResponsesToMulticastBroadcast",
    "LogDroppedPackets",
    "LogFilePath",
    "LogFileSize",
    "LogIgnoredRules",
    "LogSuccessfulConnections",
    "PolicyVersion",
  ].map((name) => name.toLowerCase()),
);
