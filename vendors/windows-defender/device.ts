import type {
  Chain,
  Device,
  Direction,
  Filter,
  Hook,
  Match,
  Origin,
  ParseOptions,
  Rule,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { addressMatch, icmpMatch, portMatch } from "./matches.js";
import type { Firewall, ReadProfile, ReadRule } from "./firewall.js";
import type { Profile, RuleAction, WindowsRule } from "./model.js";
import { profiles } from "./model.js";

/**
 * What a firewall does with the first packet of a connection to or from the host. A profile is an interface: the one
 * whose network has that category.
 *
 * Rules have no order. A profile that is off blocks nothing; otherwise an authenticated bypass beats a block, a block
 * beats an allow, and what no rule matches meets the default action of the profile. That is an ordered list again, with
 * the rules of each kind together.
 *
 * Source: Windows Firewall rules precedence, learn.microsoft.com/windows/security; MS-FASP section 2.2.34.
 */
export function deviceOf(name: string, firewall: Firewall, options: ParseOptions): Device {
  const outside = options.outside ?? ["Public"];
  return {
    name,
    hasNoOtherInterface: true,
    interfaces: profiles.map((profile) => ({
      name: profile,
      ...(outside.includes(profile)
        ? { side: "outside" as const }
        : options.inside?.includes(profile) === true
          ? { side: "inside" as const }
          : {}),
    })),
    paths: [
      { hook: "input", filters: [filterOf(firewall, "inbound")] },
      { hook: "output", filters: [filterOf(firewall, "outbound")] },
    ],
  };
}

function filterOf(firewall: Firewall, direction: Direction): Filter {
  const chain: Chain = {
    name: direction,
    order: "first-match",
    rules: rulesOf(firewall, direction),
    end: "continue",
    endOrigin: { label: "other rules of the host, and its default action" },
  };
  return { name: `Windows Defender Firewall, ${direction}`, chains: new Map([[direction, chain]]), entry: direction };
}

function rulesOf(firewall: Firewall, direction: Direction): Rule[] {
  const of = firewall.rules.filter(({ rule }) => rule.direction === direction && rule.enabled);
  const counted = of.flatMap((one) => counting(one, firewall));
  const readable = counted.filter((one) => !one.unread);
  const unread = counted.filter((one) => one.unread);
  const kind = (wanted: (action: RuleAction) => boolean): ReadRule[] =>
    readable.filter(({ rule }) => wanted(rule.action));
  const bypass = kind((action) => action.kind === "allow-if-secure" && action.overrideBlock);
  const block = kind((action) => action.kind === "block");
  const allow = kind(
    (action) => action.kind === "allow" || (action.kind === "allow-if-secure" && !action.overrideBlock),
  );
  return [
    ...profileRules(firewall, (profile) => profile.enabled === false, "accept", "the firewall is off"),
    ...profileRules(
      firewall,
      (profile) => profile.enabled === "unread",
      "unknown",
      "whether the firewall is on was not read",
    ),
    ...firewall.anything.map((origin): Rule => ({ match: kit.everyPacket, verdict: "unknown", origin })),
    ...bypass.map((one) => irRule(one, "accept")),
    // What a rule does that was not understood may be a bypass too, for authenticated connections.
    ...unread
      .filter(({ rule }) => rule.action.kind !== "block")
      .map((one) => irRule(one, "unknown", [kit.secureConditions["no-encapsulation"]])),
    ...block.map((one) => irRule(one, "drop")),
    ...(direction === "inbound" ? shields(firewall) : []),
    ...unread.map((one) => irRule(one, "unknown")),
    ...allow.map((one) => irRule(one, "accept")),
    ...profiles.flatMap((profile) => defaultOf(profile, firewall, direction)),
  ];
}

/** The profiles in which a rule of the local store counts: all, unless a Group Policy says that it does not. */
function counting(one: ReadRule, firewall: Firewall): ReadRule[] {
  if (one.store === "group-policy") return [one];
  const merging = (profile: Profile): boolean => firewall.profiles.get(profile)?.allowLocalRules !== false;
  const left = one.rule.profiles.filter(merging);
  if (left.length === 0) return [];
  const open = left.filter((profile) => firewall.profiles.get(profile)?.allowLocalRules === "unread");
  const sure = left.filter((profile) => !open.includes(profile));
  const within = (part: readonly Profile[], conditions: readonly string[]): ReadRule[] =>
    part.length === 0
      ? []
      : [{ ...one, rule: { ...one.rule, profiles: part }, conditions: [...one.conditions, ...conditions] }];
  return [...within(sure, []), ...within(open, ["rules of the local store count beside those of Group Policy"])];
}

function profileRules(
  firewall: Firewall,
  wanted: (profile: ReadProfile) => boolean,
  verdict: "accept" | "unknown",
  why: string,
): Rule[] {
  return [...firewall.profiles]
    .filter(([, settings]) => wanted(settings))
    .map(([profile, { origin }]) => ({
      match: kit.any(kit.ingress(profile), kit.egress(profile)),
      verdict,
      origin: { label: `${profile} profile: ${why}`, ...(origin?.span && { span: origin.span }) },
    }));
}

/** A profile that lets nothing in asks no rule that would allow something. */
function shields(firewall: Firewall): Rule[] {
  return [...firewall.profiles]
    .filter(([, { blocksAllInbound: told }]) => told !== undefined && told !== false)
    .map(([profile, { origin, blocksAllInbound }]) => ({
      match: kit.ingress(profile),
      verdict: blocksAllInbound === true ? "drop" : "unknown",
      origin: {
        label: `${profile} profile: all inbound connections are blocked`,
        ...(origin?.span && { span: origin.span }),
      },
    }));
}

/** A rule as the packets that it decides, and what else has to hold. */
export function irRule(one: ReadRule, verdict: "accept" | "drop" | "unknown", more: readonly string[] = []): Rule {
  const conditions = [...one.conditions, ...more, ...securityOf(one)].map(kit.condition);
  return { match: kit.all(matchOf(one.rule), ...conditions), verdict, origin: one.origin };
}

function securityOf({ rule: { action }, unread }: ReadRule): string[] {
  if (unread || action.kind !== "allow-if-secure") return [];
  if (action.encryption === "required") return kit.conditionsOf("encrypted");
  return kit.conditionsOf(action.authentication === "required" ? "authenticated" : "no-encapsulation");
}

/** The packets that a rule speaks of, under the conditions that no packet shows. */
export function matchOf(rule: WindowsRule): Match {
  const inbound = rule.direction === "inbound";
  return kit.all(
    inbound ? kit.ingress(...rule.profiles) : kit.egress(...rule.profiles),
    rule.protocol === "any" ? kit.everyPacket : kit.ofProtocol(rule.protocol),
    portMatch(rule.localPorts, inbound ? "destination-port" : "source-port", "local"),
    portMatch(rule.remotePorts, inbound ? "source-port" : "destination-port", "remote"),
    icmpMatch(rule),
    addressMatch(rule.local, inbound ? "destination" : "source", "local"),
    addressMatch(rule.remote, inbound ? "source" : "destination", "remote"),
    ...rule.scopes.map(({ field, value }) => kit.condition(field === "Condition" ? value : `${field} is ${value}`)),
  );
}

/**
 * The default action of a profile. Of a text that does not list all rules of a machine, others that it has may come
 * first; of one that does, an action that it does not say is open.
 */
function defaultOf(profile: Profile, firewall: Firewall, direction: Direction): Rule[] {
  const settings = firewall.profiles.get(profile);
  const told = direction === "inbound" ? settings?.defaultInbound : settings?.defaultOutbound;
  const match = direction === "inbound" ? kit.ingress(profile) : kit.egress(profile);
  const label = `${profile} profile: default ${direction} action`;
  const origin: Origin = { label, ...(settings?.origin?.span && { span: settings.origin.span }) };
  const whole = firewall.isWhole(direction) || settings?.allowLocalRules === false;
  if (told === "unread") return [{ match, verdict: "unknown", origin }];
  if (told === "block") return whole ? [{ match, verdict: "drop", origin }] : [];
  if (told === "allow") return whole ? [{ match, verdict: "accept", origin }] : [];
  if (!whole) return [];
  // Windows blocks inbound and allows outbound unless somebody has changed it, and this text does not say.
  const normal = direction === "inbound" ? "block" : "allow";
  const words = `the default ${direction} action of the ${profile} profile is ${normal}, as it is unless changed`;
  const other = normal === "block" ? "accept" : "drop";
  return [
    { match: kit.all(match, kit.condition(words)), verdict: normal === "block" ? "drop" : "accept", origin },
    { match, verdict: other, origin },
  ];
}

export const governedHooks: readonly Hook[] = ["input", "output"];
