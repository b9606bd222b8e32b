import type { Device, Filter, Hook, Match, Origin, Rule } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { HostRole, NetworkProfile } from "./hosts.js";
import { networkProfiles, secureMatch } from "./hosts.js";

/** How a device names the categories of networks: as its interfaces. */
export type ProfileNames = Readonly<Record<NetworkProfile, string>>;

/**
 * What a role says, as a device: the right side of a host's proof. An interface is a category of networks; what arrives
 * at the host meets the input filter, what it sends the output filter.
 *
 * Only first packets of connections mean anything here: a host firewall lets the rest follow. What a role does not speak
 * of stays undecided.
 */
export function hostTruthOf(role: HostRole, profiles: ProfileNames): Device {
  return {
    name: `role ${role.name}`,
    interfaces: networkProfiles.map((profile) => ({ name: profiles[profile] })),
    hasNoOtherInterface: true,
    paths: [
      { hook: "input", filters: [filterOf(role, "input", inboundRules(role, profiles))] },
      { hook: "output", filters: [filterOf(role, "output", outboundRules(role, profiles))] },
    ],
  };
}

/** SMB over TCP. Source: IANA, microsoft-ds 445. */
const smb: Match = ir.all(ir.ofProtocol(ir.protocols.tcp), ir.numberIn("destination-port", [445, 445]));

function inboundRules(role: HostRole, profiles: ProfileNames): Rule[] {
  const { inbound } = role;
  switch (inbound.kind) {
    case "any":
      return [];
    case "none":
      return [{ match: smb, verdict: "drop", origin: originOf(role, "no SMB to this host") }];
    case "trusted":
      return [
        {
          match: ir.all(smb, ir.ingress(...trusted(role, profiles)), ir.from(inbound.from.addresses)),
          verdict: "accept",
          origin: originOf(role, `SMB from ${inbound.from.label} in trusted networks`),
        },
        { match: smb, verdict: "drop", origin: originOf(role, "no other SMB to this host") },
      ];
  }
}

function outboundRules(role: HostRole, profiles: ProfileNames): Rule[] {
  const { outbound } = role;
  const inTrusted = ir.all(smb, ir.egress(...trusted(role, profiles)));
  const nothingElse: Rule = { match: smb, verdict: "drop", origin: originOf(role, "no other SMB from this host") };
  switch (outbound.kind) {
    case "any":
      return [];
    case "none":
      return [nothingElse];
    case "trusted-profiles":
      return [
        { match: inTrusted, verdict: "return", origin: originOf(role, "SMB in trusted networks is left alone") },
        nothingElse,
      ];
    case "authenticated": {
      const { to, secure, withoutAuthentication } = outbound;
      const servers: Rule = {
        match: ir.all(inTrusted, ir.to(to.addresses), secureMatch(secure)),
        verdict: "accept",
        origin: originOf(role, `authenticated SMB to ${to.label}`),
      };
      if (withoutAuthentication === undefined) return [servers, nothingElse];
      const others: Rule = {
        match: ir.all(inTrusted, ir.to(withoutAuthentication.addresses)),
        verdict: "return",
        origin: originOf(role, `SMB to ${withoutAuthentication.label} is left alone`),
      };
      return [servers, others, nothingElse];
    }
  }
}

function originOf(role: HostRole, what: string): Origin {
  return { label: `role ${role.name}: ${what}`, ...(role.span && { span: role.span }) };
}

function trusted(role: HostRole, profiles: ProfileNames): string[] {
  return role.trustedProfiles.map((profile) => profiles[profile]);
}

function filterOf(role: HostRole, hook: Hook, rules: readonly Rule[]): Filter {
  const endOrigin = originOf(role, "nothing is said of it");
  const chain = { name: hook, order: "first-match", rules, end: "continue", endOrigin } as const;
  return { name: `role ${role.name} ${hook}`, chains: new Map([[hook, chain]]), entry: hook };
}
