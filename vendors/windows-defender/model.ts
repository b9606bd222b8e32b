import type { AddressSet, IntervalSet } from "../../src/vendor-kit/index.js";

/**
 * What Windows Defender Firewall with Advanced Security knows: the one model between the policy and every form that
 * Windows has of it (PowerShell, Group Policy registry values, netsh, Intune).
 *
 * Sources: MS-FASP (the firewall's own protocol), MS-GPFAS (the registry form), the NetSecurity PowerShell reference.
 */

/** The category of the network that an interface is on. `Public` is what people call a guest or public network. */
export type Profile = "Domain" | "Private" | "Public";
export const profiles: readonly Profile[] = ["Domain", "Private", "Public"];

export interface WindowsRule {
  /** The identifier (`-Name`): stable, independent of the display language, unique in its store, without `|`. */
  readonly name: string;
  readonly displayName: string;
  readonly description?: string;
  readonly group?: string;
  readonly direction: "inbound" | "outbound";
  readonly action: RuleAction;
  readonly enabled: boolean;
  /** At least one, in the order of {@link profiles}; all three are what Windows calls Any. */
  readonly profiles: readonly Profile[];
  /** An IANA number. */
  readonly protocol: number | "any";
  /** Ports on this host; only TCP and UDP have any. */
  readonly localPorts: PortFilter;
  readonly remotePorts: PortFilter;
  /** ICMP (protocol 1) and ICMPv6 (58) only; absent means every type. */
  readonly icmp?: readonly IcmpType[];
  /** Addresses of this host. */
  readonly local: AddressFilter;
  readonly remote: AddressFilter;
  /** Inbound only: whether packets that came through a NAT traversal (Teredo) match. Absent means `block`. */
  readonly edgeTraversal?: EdgeTraversal;
  /** What a rule asks besides the packet; all of them have to hold. */
  readonly scopes: readonly Scope[];
}

/**
 * `block` beats `allow`, whatever the order. `allow-if-secure` matches connections only that IPsec has authenticated;
 * with `overrideBlock` it beats block rules too.
 */
export type RuleAction =
  | { readonly kind: "allow" }
  | { readonly kind: "block" }
  | {
      readonly kind: "allow-if-secure";
      /** `required`: authenticated and integrity-protected; `no-encapsulation`: authenticated first packet only. */
      readonly authentication: "required" | "no-encapsulation";
      /** `dynamic` exists for inbound rules only. */
      readonly encryption: "not-required" | "required" | "dynamic";
      readonly overrideBlock: boolean;
    };

export type EdgeTraversal = "block" | "allow" | "defer-to-user" | "defer-to-app";

/** Ports: any, or those of the ranges and of the keywords (`RPC`, `RPCEPMap`, `IPHTTPSIn`, `Teredo`, …). */
export type PortFilter = "any" | { readonly ports: IntervalSet<number>; readonly keywords: readonly string[] };

/** Addresses: any, or those of the set and of the keywords (`LocalSubnet`, `DNS`, …). A family without any is not matched. */
export type AddressFilter = "any" | { readonly addresses: AddressSet; readonly keywords: readonly string[] };

/** Without a code, every code. */
export interface IcmpType {
  readonly type: number;
  readonly code?: number;
}

/** A condition that no packet shows: which program, service, interface, user, … it belongs to. */
export interface Scope {
  readonly field: ScopeField;
  /** As the text says it. */
  readonly value: string;
}

/** The names that PowerShell gives the fields. */
export type ScopeField =
  | "Program"
  | "Service"
  | "Package"
  | "Owner"
  | "InterfaceType"
  | "InterfaceAlias"
  | "LocalUser"
  | "RemoteUser"
  | "RemoteMachine"
  | "Platform"
  | "DynamicTarget"
  | "PolicyAppId"
  | "Condition";

/** What a profile does with packets that no rule matches; an absent field is not configured here. */
export interface ProfileSettings {
  readonly profile: Profile;
  /** False turns the firewall off in this profile: then nothing is blocked. */
  readonly enabled?: boolean;
  readonly defaultInbound?: "allow" | "block";
  readonly defaultOutbound?: "allow" | "block";
  /** False: rules of the local store do not count (Group Policy only). */
  readonly allowLocalRules?: boolean;
}

/** Asks for authentication of connections between the two ends; what `allow-if-secure` rests on. */
export interface ConnectionSecurityRule {
  readonly name: string;
  readonly displayName: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly profiles: readonly Profile[];
  readonly protocol: number | "any";
  readonly localPorts: PortFilter;
  readonly remotePorts: PortFilter;
  readonly local: AddressFilter;
  readonly remote: AddressFilter;
  readonly inboundSecurity: "none" | "request" | "require";
  readonly outboundSecurity: "none" | "request" | "require";
  /** In the order of preference. */
  readonly machineAuthentication: readonly ("kerberos" | "certificate")[];
  readonly userAuthentication: readonly ("kerberos" | "anonymous")[];
  /** `no-encapsulation`: quick mode offers to authenticate and then leave packets as they are. Absent: what is default. */
  readonly quickMode?: "no-encapsulation";
}

/** Where rules are kept: on the machine, or in a Group Policy object. */
export type FirewallStore =
  | { readonly kind: "local" }
  /** `domain` is fully qualified. */
  | { readonly kind: "group-policy"; readonly domain: string; readonly name: string };

/** All that one output says: what every printer takes. */
export interface WindowsPolicy {
  /** The policy's name. */
  readonly name: string;
  /** Lines for the head of the output, as the kit's `headerLines` gives them. */
  readonly header: readonly string[];
  readonly store: FirewallStore;
  /** Our group: all rules that we write belong to it, and uninstalling removes what does. */
  readonly group: string;
  /** In the order in which they are to be written, so that nothing is locked out on the way. */
  readonly connectionSecurityRules: readonly ConnectionSecurityRule[];
  readonly rules: readonly WindowsRule[];
  readonly profileSettings: readonly ProfileSettings[];
  /** Names (`-Name`) of rules that Windows brings along and that are to be off. */
  readonly disabledRules: readonly string[];
  readonly services: readonly ServiceSetting[];
  readonly settings: readonly HostSetting[];
}

/** A Windows service that is to be off. */
export interface ServiceSetting {
  readonly service: "LanmanServer" | "LanmanWorkstation";
  readonly startup: "Disabled";
}

/** A setting besides the firewall, such as an SMB dialect; the forms that cannot say it leave it out and say so. */
export interface HostSetting {
  /** The cmdlet that sets it: `Set-SmbServerConfiguration`. */
  readonly cmdlet: string;
  readonly parameter: string;
  readonly value: boolean | number | string;
  readonly about: string;
}

export const anyPorts: PortFilter = "any";
export const anyAddresses: AddressFilter = "any";

/** Most subnets, ranges or ports in one list of a rule. Source: MS-FASP, limits of FW_ADDRESSES and FW_PORTS. */
export const MOST_ENTRIES = 1000;
/** A rule's identifier has to be shorter than this. Source: MS-FASP section 2.2.37, wszRuleId. */
export const MOST_NAME = 511;
