import type { Origin } from "../../src/vendor-kit/index.js";
import { protocols } from "../../src/vendor-kit/index.js";
import { readAddresses, readBoolean, readIcmpType, readPorts, readProfiles, readProtocol } from "./fields.js";
import type { Firewall, ListedRule, StoreKind } from "./firewall.js";
import type { EdgeTraversal, IcmpType, RuleAction, Scope, WindowsRule } from "./model.js";
import { profiles } from "./model.js";

/**
 * A rule in the words of a text, before they are understood: what every reader makes, whatever the form. A field that is
 * absent has the value of a new rule: inbound, allow, enabled, in all profiles, for every packet.
 */
export interface RawRule {
  name?: string;
  displayName?: string;
  description?: string;
  group?: string;
  /** `either` where a reader cannot tell. */
  direction?: string;
  action?: string;
  enabled?: string;
  profiles?: readonly string[];
  protocol?: string;
  localPorts?: readonly string[];
  remotePorts?: readonly string[];
  icmpTypes?: readonly string[];
  localAddresses?: readonly string[];
  remoteAddresses?: readonly string[];
  edgeTraversal?: string;
  authentication?: string;
  encryption?: string;
  overrideBlock?: string;
  scopes?: readonly Scope[];
  /** What the reader itself has not understood, each in words that follow "was not understood:". */
  problems?: readonly string[];
}

/**
 * Puts a rule into the firewall. A word that is not understood leaves its field as wide as it can be and makes what the
 * rule does unknown; nothing is skipped.
 *
 * Two rules come of one whose direction was not understood.
 */
export function addRawRule(
  firewall: Firewall,
  raw: RawRule,
  origin: Origin,
  store: StoreKind,
  conditions: readonly string[] = [],
): readonly WindowsRule[] {
  const { rules, problems } = understood(raw);
  if (problems.length > 0)
    firewall.unread(`of the rule "${origin.label}" was not understood: ${problems.join("; ")}`, {
      primary: origin.span,
      help: "what the rule may match is taken as unknown",
    });
  for (const rule of rules) firewall.add({ rule, raw, origin, store, conditions, unread: problems.length > 0 });
  return rules;
}

/** As {@link addRawRule}, for a rule of a list that may be all that a machine has. */
export function addListedRule(
  firewall: Firewall,
  raw: RawRule,
  origin: Origin,
  store: StoreKind,
  kind: ListedRule,
): void {
  for (const { direction } of addRawRule(firewall, raw, origin, store)) firewall.listed(direction, kind);
}

/** Two rules where the direction was not understood. */
export function understood(raw: RawRule): {
  readonly rules: readonly WindowsRule[];
  readonly problems: readonly string[];
} {
  const problems: string[] = [...(raw.problems ?? [])];
  const take = <T>(
    field: string,
    words: string | readonly string[] | undefined,
    absent: T,
    wide: T,
    read: () => T | undefined,
  ): T => {
    if (words === undefined) return absent;
    const value = read();
    if (value !== undefined) return value;
    problems.push(`${field} ${JSON.stringify(typeof words === "string" ? words : words.join(",")).slice(0, 200)}`);
    return wide;
  };
  const protocol = take("protocol", raw.protocol, "any", "any", () => readProtocol(raw.protocol!));
  const localPorts = take("local ports", raw.localPorts, "any", "any", () => readPorts(raw.localPorts!));
  const remotePorts = take("remote ports", raw.remotePorts, "any", "any", () => readPorts(raw.remotePorts!));
  if ((localPorts !== "any" || remotePorts !== "any") && protocol !== protocols.tcp && protocol !== protocols.udp)
    problems.push(`ports of protocol ${protocol}: only TCP and UDP have ports here`);
  const icmp = take("ICMP types", raw.icmpTypes, undefined, undefined, () => icmpTypes(raw.icmpTypes!));
  if (icmp !== undefined && icmp !== "any" && protocol !== protocols.icmp && protocol !== protocols.icmpv6)
    problems.push(`ICMP types of protocol ${protocol}`);
  const directions = take("direction", raw.direction, ["inbound"] as const, ["inbound", "outbound"] as const, () =>
    directionOf(raw.direction!),
  );
  const action = actionOf(raw, problems);
  const enabled = take("enabled", raw.enabled, true, true, () => readBoolean(raw.enabled!));
  const where = take("profiles", raw.profiles, profiles, profiles, () => readProfiles(raw.profiles!));
  const local = take("local addresses", raw.localAddresses, "any", "any", () => readAddresses(raw.localAddresses!));
  const remote = take("remote addresses", raw.remoteAddresses, "any", "any", () => readAddresses(raw.remoteAddresses!));
  const edge = take("edge traversal", raw.edgeTraversal, undefined, undefined, () => edgeOf(raw.edgeTraversal!));
  const name = raw.name ?? raw.displayName ?? "";
  const rules = directions.map((direction): WindowsRule => ({
    name,
    displayName: raw.displayName ?? name,
    ...(raw.description !== undefined && { description: raw.description }),
    ...(raw.group !== undefined && { group: raw.group }),
    direction,
    action,
    enabled,
    profiles: where,
    protocol,
    // Ports that no protocol of the rule has are no limit that could be claimed.
    localPorts: problems.length > 0 && protocol === "any" ? "any" : localPorts,
    remotePorts: problems.length > 0 && protocol === "any" ? "any" : remotePorts,
    ...(icmp !== undefined && icmp !== "any" && { icmp }),
    local,
    remote,
    ...(edge !== undefined && edge !== "block" && { edgeTraversal: edge }),
    scopes: raw.scopes ?? [],
  }));
  return { rules, problems };
}

function icmpTypes(words: readonly string[]): readonly IcmpType[] | "any" | undefined {
  if (words.length === 0) return undefined;
  if (words.every((word) => /^(any|\*)$/i.test(word))) return "any";
  const types = words.map(readIcmpType);
  return types.every((type) => type !== undefined) ? types : undefined;
}

function directionOf(word: string): readonly ("inbound" | "outbound")[] | undefined {
  switch (word.toLowerCase()) {
    case "in":
    case "inbound":
    case "1":
      return ["inbound"];
    case "out":
    case "outbound":
    case "2":
      return ["outbound"];
    case "either":
      return ["inbound", "outbound"];
    default:
      return undefined;
  }
}

/** The numbers are those of the CIM class (MSFT_NetFirewallRule) that `ConvertTo-Json` shows. */
function actionOf(raw: RawRule, problems: string[]): RuleAction {
  const word = (raw.action ?? "allow").toLowerCase();
  const kind = ["allow", "2"].includes(word) ? "allow" : ["block", "4"].includes(word) ? "block" : undefined;
  const bypass = ["bypass", "allowbypass", "3"].includes(word);
  if (kind === undefined && !bypass) problems.push(`action ${JSON.stringify(raw.action)}`);
  const authentication = authenticationOf(raw.authentication);
  if (authentication === undefined) problems.push(`authentication ${JSON.stringify(raw.authentication)}`);
  const encryption = encryptionOf(raw.encryption);
  if (encryption === undefined) problems.push(`encryption ${JSON.stringify(raw.encryption)}`);
  const override = raw.overrideBlock === undefined ? false : readBoolean(raw.overrideBlock);
  if (override === undefined) problems.push(`override of block rules ${JSON.stringify(raw.overrideBlock)}`);
  if (authentication === undefined || authentication === "not-required") {
    if (override === true || bypass || (encryption !== undefined && encryption !== "not-required"))
      problems.push("an override of block rules or an encryption without authentication, which Windows refuses");
    return { kind: kind ?? "allow" };
  }
  if (kind === "block") {
    problems.push("a block rule with authentication");
    return { kind };
  }
  return {
    kind: "allow-if-secure",
    authentication,
    encryption: encryption ?? "not-required",
    overrideBlock: override === true || bypass,
  };
}

function authenticationOf(word = "NotRequired"): "not-required" | "required" | "no-encapsulation" | undefined {
  switch (word.toLowerCase()) {
    case "notrequired":
    case "0":
      return "not-required";
    case "required":
    case "1":
      return "required";
    case "noencap":
    case "2":
      return "no-encapsulation";
    default:
      return undefined;
  }
}

function encryptionOf(word = "NotRequired"): "not-required" | "required" | "dynamic" | undefined {
  switch (word.toLowerCase()) {
    case "notrequired":
    case "0":
      return "not-required";
    case "required":
    case "1":
      return "required";
    case "dynamic":
    case "2":
      return "dynamic";
    default:
      return undefined;
  }
}

function edgeOf(word: string): EdgeTraversal | undefined {
  switch (word.toLowerCase().replace(/\s+/g, "")) {
    case "block":
    case "no":
    case "false":
    case "0":
      return "block";
    case "allow":
    case "yes":
    case "true":
    case "1":
      return "allow";
    case "defertouser":
    case "deferuser":
    case "2":
      return "defer-to-user";
    case "defertoapp":
    case "deferapp":
    case "defertoapplication":
    case "3":
      return "defer-to-app";
    default:
      return undefined;
  }
}

/** A field of the registry or of PowerShell that asks for something which no packet shows; undefined for `Any`. */
export function scopeOf(field: Scope["field"], value: string): Scope[] {
  return value === "" || /^(any|\*)$/i.test(value) ? [] : [{ field, value }];
}
