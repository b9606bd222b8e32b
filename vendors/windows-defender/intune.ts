import type { WindowsPolicy, WindowsRule } from "./model.js";
import { allAddressEntries, displayText, portEntries } from "./rule-text.js";

/** Something that the configuration of Intune has no field for. */
export class NotInIntune extends Error {}

/**
 * A policy as a device configuration for Intune, in the JSON of Microsoft Graph.
 *
 * Throws `NotInIntune`: above all for allow-if-secure, which the firewall's settings for devices (CSP) do not have.
 *
 * Sources: Microsoft Graph (beta), windows10EndpointProtectionConfiguration and windowsFirewallRule; Firewall CSP.
 */
export function intuneText(policy: WindowsPolicy): string {
  if (policy.profileSettings.length > 0)
    throw new NotInIntune("settings of a whole profile are not written for Intune");
  const configuration = {
    "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
    displayName: displayText(`${policy.group}`, 200),
    description: displayText(policy.header.join(" "), 1000),
    firewallRules: policy.rules.map(graphRule),
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function graphRule(rule: WindowsRule): object {
  const { action } = rule;
  if (action.kind === "allow-if-secure")
    throw new NotInIntune(
      `"${rule.displayName}" allows a connection only if IPsec has secured it, and the firewall settings of Intune (Firewall CSP) have no such rule: the block rules beside it would then cut all of it`,
    );
  if (rule.icmp !== undefined)
    throw new NotInIntune(`"${rule.displayName}" names ICMP types, which Graph has no field for`);
  if (rule.scopes.length > 0) throw new NotInIntune(`"${rule.displayName}" has conditions besides the packet`);
  if (!rule.enabled) throw new NotInIntune(`"${rule.displayName}" is disabled, which Graph has no field for`);
  return {
    displayName: displayText(rule.displayName),
    description: displayText(rule.description ?? "", 1000),
    packageFamilyName: null,
    filePath: null,
    serviceName: null,
    // Absent is all protocols.
    protocol: rule.protocol === "any" ? null : rule.protocol,
    localPortRanges: portEntries(rule.localPorts),
    remotePortRanges: portEntries(rule.remotePorts),
    localAddressRanges: allAddressEntries(rule.local),
    remoteAddressRanges: allAddressEntries(rule.remote),
    profileTypes: rule.profiles.map((profile) => profile.toLowerCase()),
    action: action.kind === "block" ? "blocked" : "allowed",
    trafficDirection: rule.direction === "inbound" ? "in" : "out",
    interfaceTypes: ["notConfigured"],
    edgeTraversal:
      rule.direction === "outbound" ? "notConfigured" : rule.edgeTraversal === "allow" ? "allowed" : "blocked",
    localUserAuthorizations: null,
  };
}
