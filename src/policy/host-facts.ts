import type { AddressSet } from "../net/index.js";
import { formatIpv4, formatIpv6 } from "../net/index.js";
import type { HostRole, Hosts, SmbCipher, SmbDialect, TrustedProfile } from "./hosts.js";

/**
 * What a role asks of its hosts besides the fate of packets, in words that are the same for every reader: the right side
 * of a proof about settings.
 */
export function hostFactsOf(role: HostRole, hosts: Hosts): string[] {
  const { inbound, outbound, smb } = role;
  const server = role.serverService === "keep";
  const client = role.workstationService === "keep";
  const authenticates = hosts.roles.some((one) => one.outbound.kind === "authenticated");
  const facts: (string | false)[] = [
    inbound.kind === "none" && hostFacts.openersOff,
    inbound.kind === "none" && hostFacts.rulesNeverOn("domain controllers"),
    inbound.kind === "none" && hostFacts.rulesNeverOn("hosts with shares"),
    outbound.kind === "none" && hostFacts.rulesNeverOn("members of a domain"),
    outbound.kind === "authenticated" && hostFacts.rulesNeverOn("hosts whose domain controller is not listed"),
    outbound.kind === "authenticated" &&
      hostFacts.authentication("to", outbound.to.addresses, role.trustedProfiles, noEncapsulation(hosts)),
    inbound.kind === "trusted" &&
      authenticates &&
      hostFacts.authentication("from", inbound.from.addresses, role.trustedProfiles, noEncapsulation(hosts)),
    smb.smb1 === "removed" && hostFacts.smb1Removed,
    smb.smb1 === "removed" && server && hostFacts.smb1Off,
    ...(["server", "client"] as const)
      .filter((side) => (side === "server" ? server : client))
      .flatMap((side) => [
        smb.minimumDialect !== "leave" && hostFacts.dialect(side, smb.minimumDialect),
        smb.encryption === "required" && hostFacts.encryption(side),
        smb.ciphers.length > 0 && hostFacts.ciphers(side, smb.ciphers),
      ]),
    !server && hostFacts.serviceOff("server"),
    !server && hostFacts.serviceStays("server", "domain controllers"),
    !server && hostFacts.serviceStays("server", "hosts with shares"),
    !client && hostFacts.serviceOff("workstation"),
    !client && hostFacts.serviceStays("workstation", "members of a domain"),
  ];
  return facts.filter((fact) => fact !== false);
}

/** The words. */
export const hostFacts = {
  openersOff: "rules of the system that let SMB in are off",
  rulesNeverOn: (hosts: ProtectedHosts): string => `the rules are refused on ${hosts}`,
  authentication: (
    way: "to" | "from",
    addresses: AddressSet,
    profiles: readonly TrustedProfile[],
    withoutEncapsulation: boolean,
  ): string =>
    `authentication is asked for SMB ${way} ${addressWords(addresses)} in ${profiles.join(" and ")} networks` +
    (withoutEncapsulation ? ", without encapsulation" : ""),
  smb1Off: "the SMB server refuses SMB1",
  smb1Removed: "SMB1 is removed",
  dialect: (side: SmbSide, dialect: SmbDialect): string => `the SMB ${side} speaks nothing older than ${dialect}`,
  encryption: (side: SmbSide): string => `the SMB ${side} refuses what is not encrypted`,
  ciphers: (side: SmbSide, ciphers: readonly SmbCipher[]): string => `the SMB ${side} uses ${ciphers.join(", ")}`,
  serviceOff: (service: SmbService): string => `the ${service} service is off`,
  serviceStays: (service: SmbService, hosts: ProtectedHosts): string => `the ${service} service is left on ${hosts}`,
} as const;

export type SmbSide = "server" | "client";
export type SmbService = "server" | "workstation";
export type ProtectedHosts =
  "domain controllers" | "hosts with shares" | "members of a domain" | "hosts whose domain controller is not listed";

function noEncapsulation(hosts: Hosts): boolean {
  return hosts.roles.some(
    ({ outbound }) => outbound.kind === "authenticated" && outbound.secure === "no-encapsulation",
  );
}

function addressWords({ ipv4, ipv6 }: AddressSet): string {
  return [
    ...ipv4.map(({ first, last }) => `${formatIpv4(first)}-${formatIpv4(last)}`),
    ...ipv6.map(({ first, last }) => `${formatIpv6(first)}-${formatIpv6(last)}`),
  ].join(", ");
}
