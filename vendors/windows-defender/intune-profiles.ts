import type { Json, Origin, Source } from "../../src/vendor-kit/index.js";
import { labelOf, span } from "../../src/vendor-kit/index.js";
import type { Firewall } from "./firewall.js";
import type { Profile } from "./model.js";

/** The keys, in lower case, below which a configuration of Microsoft Graph has the settings of a profile. */
export const intuneProfiles: ReadonlyMap<string, Profile> = new Map([
  ["firewallprofiledomain", "Domain"],
  ["firewallprofileprivate", "Private"],
  ["firewallprofilepublic", "Public"],
]);

/**
 * Takes the settings of a profile as Intune has them. Of two flags such as `inboundConnectionsRequired` and `…Blocked` the
 * one that is true counts.
 *
 * Source: Microsoft Graph (beta), windowsFirewallNetworkProfile.
 */
export function readIntuneProfile(profile: Profile, json: Json, source: Source, firewall: Firewall): void {
  if (json.kind !== "object") return;
  const origin: Origin = { label: labelOf(`${profile} profile`), span: span(source, json.start, json.end) };
  const settings = firewall.profile(profile);
  for (const [name, value] of json.entries) {
    const word = value.kind === "word" || value.kind === "string" ? value.text.toLowerCase() : "?";
    if (["null", "false", "notconfigured"].includes(word) || harmless.test(name) || name.startsWith("@")) continue;
    settings.origin = origin;
    const key = name.toLowerCase();
    if (key === "firewallenabled" && word === "allowed") settings.enabled = true;
    else if (key === "firewallenabled" && word === "blocked") settings.enabled = false;
    else if (key === "incomingtrafficblocked" && word === "true") settings.blocksAllInbound = true;
    else if (key === "incomingtrafficrequired" && word === "true") settings.blocksAllInbound = false;
    else if (key === "inboundconnectionsblocked" && word === "true") settings.defaultInbound = "block";
    else if (key === "inboundconnectionsrequired" && word === "true") settings.defaultInbound = "allow";
    else if (key === "outboundconnectionsblocked" && word === "true") settings.defaultOutbound = "block";
    else if (key === "outboundconnectionsrequired" && word === "true") settings.defaultOutbound = "allow";
    else {
      firewall.unread(`the ${profile} profile's setting ${name.slice(0, 80)} is not read`, { primary: origin.span });
      firewall.anything.push(origin);
    }
  }
}

/** Settings that decide about no first packet. */
const harmless =
  /^(?:stealthMode|unicastResponsesToMulticast|inboundNotifications|connectionSecurityRules|securedPacketExemption)/i;
