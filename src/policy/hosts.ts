import type { Span } from "../diagnostics/index.js";
import type { Match } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { Endpoint } from "./edge.js";

/**
 * What hosts inside do about SMB: a host firewall, and the settings of its SMB server and client. The edge keeps SMB off
 * the Internet; this keeps one infected host from the next, and a laptop closed in a network that nobody knows.
 *
 * Source of the roles and of what each asks for: Microsoft, "Secure SMB traffic in Windows Server".
 */
export interface Hosts {
  readonly domainControllers?: Endpoint;
  readonly fileServers?: Endpoint;
  /** In the order of the policy; their names differ, upper and lower case apart. */
  readonly roles: readonly HostRole[];
  /** Whether settings for storage accounts in the cloud are wanted too. */
  readonly cloudFiles: boolean;
  readonly span?: Span;
}

/** One sort of hosts. */
export interface HostRole {
  /** Letters, digits, `.`, `_` and `-`, starting with a letter. */
  readonly name: string;
  readonly kind: RoleKind;
  readonly description?: string;
  /** Whether Group Policy and logons reach it through a domain controller. */
  readonly domainMember: boolean;
  /** Networks of these categories are trusted; a public one never is. At least one. */
  readonly trustedProfiles: readonly TrustedProfile[];
  readonly inbound: InboundSmb;
  readonly outbound: OutboundSmb;
  readonly serverService: "keep" | "disabled";
  readonly workstationService: "keep" | "disabled";
  readonly smb: SmbSettings;
  readonly span?: Span;
}

/**
 * `client` and `member-server` have no shares; `file-server` has; `domain-controller` serves SYSVOL; `isolated` needs no
 * SMB at all and is not in a domain.
 */
export type RoleKind = "client" | "member-server" | "file-server" | "domain-controller" | "isolated";
export const roleKinds: readonly RoleKind[] = [
  "client",
  "member-server",
  "file-server",
  "domain-controller",
  "isolated",
];

/** The category of the network that a host is in. */
export type NetworkProfile = "domain" | "private" | "public";
export type TrustedProfile = Exclude<NetworkProfile, "public">;
export const networkProfiles: readonly NetworkProfile[] = ["domain", "private", "public"];
export const trustedProfiles: readonly TrustedProfile[] = ["domain", "private"];

/** Who may reach SMB on the host: nobody; some, in trusted networks; `any` leaves it to the host's other rules. */
export type InboundSmb =
  { readonly kind: "none" } | { readonly kind: "trusted"; readonly from: Endpoint } | { readonly kind: "any" };
export type InboundKind = InboundSmb["kind"];
export const inboundKinds: readonly InboundKind[] = ["none", "trusted", "any"];

/**
 * Whom the host may reach by SMB: nobody; in trusted networks the servers `to` when the connection is authenticated, and
 * `withoutAuthentication` always; anybody in trusted networks; `any` leaves it to the host's other rules.
 */
export type OutboundSmb =
  | { readonly kind: "none" }
  | {
      readonly kind: "authenticated";
      readonly to: Endpoint;
      readonly secure: SecureOption;
      readonly withoutAuthentication?: Endpoint;
    }
  | { readonly kind: "trusted-profiles" }
  | { readonly kind: "any" };
export type OutboundKind = OutboundSmb["kind"];
export const outboundKinds: readonly OutboundKind[] = ["none", "authenticated", "trusted-profiles", "any"];

/**
 * What "allow if secure" asks of a connection: that IPsec has authenticated it, protects the integrity of its packets,
 * encrypts them. Each asks for all that the one before does.
 */
export type SecureOption = "no-encapsulation" | "authenticated" | "encrypted";
export const secureOptions: readonly SecureOption[] = ["no-encapsulation", "authenticated", "encrypted"];

/** The connections that are secure in the sense of the option. The words are those of every parser of host firewalls. */
export function secureMatch(option: SecureOption): Match {
  return ir.all(...conditionsOf(option).map(ir.condition));
}

/** The words of the conditions that have to hold, all of them. */
export function conditionsOf(option: SecureOption): string[] {
  return secureOptions.slice(0, secureOptions.indexOf(option) + 1).map((one) => secureConditions[one]);
}

/** What each option asks beyond the one before; no packet shows it. */
export const secureConditions: Readonly<Record<SecureOption, string>> = {
  "no-encapsulation": "IPsec has authenticated the connection",
  authenticated: "IPsec protects the integrity of the connection",
  encrypted: "IPsec encrypts the connection",
};

export interface SmbSettings {
  readonly smb1: "removed" | "leave";
  readonly minimumDialect: SmbDialect | "leave";
  readonly encryption: "required" | "leave";
  /** In the order of preference; none leaves the host's own. */
  readonly ciphers: readonly SmbCipher[];
}

export type SmbDialect = "SMB3.0" | "SMB3.0.2" | "SMB3.1.1";
/** Ascending. */
export const smbDialects: readonly SmbDialect[] = ["SMB3.0", "SMB3.0.2", "SMB3.1.1"];

export type SmbCipher = "AES-128-GCM" | "AES-128-CCM" | "AES-256-GCM" | "AES-256-CCM";
export const smbCiphers: readonly SmbCipher[] = ["AES-128-GCM", "AES-128-CCM", "AES-256-GCM", "AES-256-CCM"];
