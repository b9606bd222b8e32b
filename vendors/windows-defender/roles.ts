import type { AddressSet, HostRole, Hosts, SecureOption } from "../../src/vendor-kit/index.js";
import { complementAddresses, isAnyAddress, isNoAddress } from "../../src/vendor-kit/index.js";
import type {
  AddressFilter,
  ConnectionSecurityRule,
  FirewallStore,
  HostSetting,
  PortFilter,
  Profile,
  RuleAction,
  WindowsPolicy,
  WindowsRule,
} from "./model.js";
import { anyAddresses, anyPorts, profiles } from "./model.js";
import { addressLists } from "./perimeter.js";
import type { Guard } from "./powershell.js";
import { displayText } from "./rule-text.js";

/** A role of the policy in the words of Windows. */
export interface RolePolicy {
  readonly role: HostRole;
  readonly policy: WindowsPolicy;
  /** What a computer must not be to get these rules. */
  readonly guards: readonly Guard[];
  /** What a computer must not be to get these services and settings. */
  readonly settingGuards: readonly Guard[];
}

export interface RoleOptions {
  /** What the names of our rules begin with. */
  /** The name of the policy. */
  readonly policy: string;
  readonly prefix: string;
  readonly group: string;
  readonly store: FirewallStore;
  readonly header: readonly string[];
}

/**
 * The rules and settings of one role.
 *
 * A block beats every allow but one that asks for security and overrides blocks. So what stays reachable without is cut
 * out of the blocks, and the servers that a host may reach after authentication need no hole in them.
 */
export function rolePolicy(role: HostRole, hosts: Hosts, options: RoleOptions): RolePolicy {
  const words = wordsOf(role, options.prefix);
  return {
    role,
    policy: {
      name: options.policy,
      header: options.header,
      store: options.store,
      group: options.group,
      connectionSecurityRules: connectionSecurity(role, hosts, words),
      // What allows comes before what blocks: a script that stops half-way has locked nobody out.
      rules: [...allowRules(role, words), ...blockRules(role, words)],
      profileSettings: [],
      disabledRules: role.inbound.kind === "none" ? builtInRules : [],
      services: [
        ...(role.serverService === "disabled" ? [{ service: "LanmanServer", startup: "Disabled" } as const] : []),
        ...(role.workstationService === "disabled"
          ? [{ service: "LanmanWorkstation", startup: "Disabled" } as const]
          : []),
      ],
      settings: smbSettings(role),
    },
    guards: [
      ...(role.inbound.kind === "none" ? (["no-domain-controller", "no-shares"] as const) : []),
      ...(role.outbound.kind === "none" ? (["no-domain-member"] as const) : []),
      ...(role.outbound.kind === "authenticated" ? (["domain-controller-listed"] as const) : []),
    ],
    settingGuards: [
      ...(role.serverService === "disabled" ? (["no-domain-controller", "no-shares"] as const) : []),
      ...(role.workstationService === "disabled" ? (["no-domain-member"] as const) : []),
    ],
  };
}

/**
 * What lets SMB in on a computer without shares, by names that are the same in every display language. Some exist on
 * client editions only (NoScope), one from Windows 11 24H2 and Server 2025 on (V2; creating a share can enable it).
 *
 * Source: Microsoft, "Secure SMB traffic in Windows Server"; names from the rules of Windows 10, 11 and Server 2016 to 2025.
 */
export const builtInRules: readonly string[] = [
  "FPS-SMB-In-TCP",
  "FPS-SMB-In-TCP-NoScope",
  "FPS-SMB-In-TCP-V2",
  "Netlogon-NamedPipe-In",
  "RemoteEventLogSvc-NP-In-TCP",
  "RemoteEventLogSvc-NP-In-TCP-NoScope",
  "RemoteSvcAdmin-NP-In-TCP",
  "RemoteSvcAdmin-NP-In-TCP-NoScope",
];

interface Words {
  readonly prefix: string;
  readonly about: string;
  readonly trusted: readonly Profile[];
  readonly untrusted: readonly Profile[];
}

function wordsOf(role: HostRole, prefix: string): Words {
  const trusted = profiles.filter((one) => role.trustedProfiles.some((profile) => profile === one.toLowerCase()));
  return {
    prefix,
    about: `Role ${role.name} (${role.kind}).${role.description === undefined ? "" : ` ${role.description}`}`,
    trusted,
    untrusted: profiles.filter((one) => !trusted.includes(one)),
  };
}

const port445: PortFilter = { ports: [{ first: 445, last: 445 }], keywords: [] };
const tcp = 6;

function allowRules(role: HostRole, words: Words): WindowsRule[] {
  const { inbound, outbound } = role;
  return [
    ...(inbound.kind === "trusted"
      ? rulesFor(words, {
          name: "Allow-In-SMB-Trusted",
          title: `Allow inbound ${profileWords(words.trusted)} SMB 445 from ${inbound.from.label}`,
          direction: "inbound",
          action: { kind: "allow" },
          profiles: words.trusted,
          remote: inbound.from.addresses,
        })
      : []),
    ...(outbound.kind === "authenticated"
      ? rulesFor(words, {
          name: "Allow-Out-SMB-Secure",
          title: `Allow outbound ${profileWords(words.trusted)} SMB 445 to ${outbound.to.label} if secure`,
          direction: "outbound",
          action: { kind: "allow-if-secure", ...security[outbound.secure], overrideBlock: true },
          profiles: words.trusted,
          remote: outbound.to.addresses,
        })
      : []),
  ];
}

const security: Readonly<
  Record<SecureOption, Pick<Extract<RuleAction, { kind: "allow-if-secure" }>, "authentication" | "encryption">>
> = {
  "no-encapsulation": { authentication: "no-encapsulation", encryption: "not-required" },
  authenticated: { authentication: "required", encryption: "not-required" },
  encrypted: { authentication: "required", encryption: "required" },
};

function blockRules(role: HostRole, words: Words): WindowsRule[] {
  return [...blockInbound(role, words), ...blockOutbound(role, words)];
}

function blockInbound({ inbound }: HostRole, words: Words): WindowsRule[] {
  const block = { direction: "inbound", action: { kind: "block" } } as const;
  const everywhere = { ...block, name: "Block-In-SMB", title: "Block all inbound SMB 445" };
  switch (inbound.kind) {
    case "any":
      return [];
    case "none":
      return rulesFor(words, { ...everywhere, profiles });
    case "trusted":
      return [
        ...rulesFor(words, {
          ...block,
          name: "Block-In-SMB-Untrusted",
          title: `Block inbound ${profileWords(words.trusted)} SMB 445 from all but ${inbound.from.label}`,
          profiles: words.trusted,
          remote: complementAddresses(inbound.from.addresses),
        }),
        ...rulesFor(words, {
          ...block,
          name: "Block-In-SMB-Public",
          title: `Block inbound ${profileWords(words.untrusted)} SMB 445`,
          profiles: words.untrusted,
        }),
      ];
  }
}

function blockOutbound({ outbound }: HostRole, words: Words): WindowsRule[] {
  const block = { direction: "outbound", action: { kind: "block" } } as const;
  const inPublic = {
    ...block,
    name: "Block-Out-SMB-Public",
    title: `Block outbound ${profileWords(words.untrusted)} SMB 445`,
    profiles: words.untrusted,
  };
  switch (outbound.kind) {
    case "any":
      return [];
    case "none":
      return rulesFor(words, { ...block, name: "Block-Out-SMB", title: "Block all outbound SMB 445", profiles });
    case "trusted-profiles":
      return rulesFor(words, inPublic);
    case "authenticated": {
      const { withoutAuthentication: others } = outbound;
      return [
        ...rulesFor(words, inPublic),
        ...rulesFor(words, {
          ...block,
          name: "Block-Out-SMB-Trusted",
          title: `Block outbound ${profileWords(words.trusted)} SMB 445${others === undefined ? "" : ` to all but ${others.label}`}`,
          profiles: words.trusted,
          ...(others && { remote: complementAddresses(others.addresses) }),
        }),
      ];
    }
  }
}

/** A public network is what people call a guest network, too. */
function profileWords(of: readonly Profile[]): string {
  return of.map((profile) => (profile === "Public" ? "Guest/Public" : profile)).join("/");
}

interface Draft {
  readonly name: string;
  readonly title: string;
  readonly direction: "inbound" | "outbound";
  readonly action: RuleAction;
  readonly profiles: readonly Profile[];
  /** Absent means any; empty means that there is nothing to say. */
  readonly remote?: AddressSet;
}

/** One rule, or as many as its addresses need. */
function rulesFor(words: Words, draft: Draft): WindowsRule[] {
  if (draft.profiles.length === 0) return [];
  const lists = listsOf(draft.remote);
  return lists.map((remote, i): WindowsRule => {
    const which = lists.length === 1 ? "" : ` (${i + 1} of ${lists.length})`;
    const inbound = draft.direction === "inbound";
    return {
      name: `${words.prefix}-Hosts-${draft.name}${i === 0 ? "" : `-${i + 1}`}`,
      displayName: displayText(`${words.prefix}: ${draft.title}`) + which,
      description: displayText(words.about, 1000),
      direction: draft.direction,
      action: draft.action,
      enabled: true,
      profiles: draft.profiles,
      protocol: tcp,
      localPorts: inbound ? port445 : anyPorts,
      remotePorts: inbound ? anyPorts : port445,
      local: anyAddresses,
      remote,
      ...(inbound && { edgeTraversal: "block" as const }),
      scopes: [],
    };
  });
}

function listsOf(addresses: AddressSet | undefined): AddressFilter[] {
  if (addresses === undefined || isAnyAddress(addresses)) return [anyAddresses];
  return isNoAddress(addresses) ? [] : addressLists(addresses);
}

/**
 * What authentication rests on, at both ends: hosts ask for it towards the servers, servers ask it of whoever comes. Both
 * request and neither requires, so that nothing is cut off while the rules spread.
 */
function connectionSecurity(role: HostRole, hosts: Hosts, words: Words): ConnectionSecurityRule[] {
  const wanted = hosts.roles.flatMap((one) => (one.outbound.kind === "authenticated" ? [one.outbound.secure] : []));
  if (wanted.length === 0) return [];
  const plain = {
    description: displayText(words.about, 1000),
    enabled: true,
    profiles: words.trusted,
    protocol: tcp,
    local: anyAddresses,
    inboundSecurity: "request",
    outboundSecurity: "request",
    machineAuthentication: ["kerberos"],
    userAuthentication: ["kerberos"],
    ...(wanted.includes("no-encapsulation") && { quickMode: "no-encapsulation" as const }),
  } as const;
  const rules = (
    name: string,
    title: string,
    lists: readonly AddressFilter[],
    ports: Pick<ConnectionSecurityRule, "localPorts" | "remotePorts">,
  ): ConnectionSecurityRule[] =>
    lists.map((remote, i) => ({
      ...plain,
      ...ports,
      name: `${words.prefix}-Hosts-${name}${i === 0 ? "" : `-${i + 1}`}`,
      displayName:
        displayText(`${words.prefix}: ${title}`) + (lists.length === 1 ? "" : ` (${i + 1} of ${lists.length})`),
      remote,
    }));
  return [
    ...(role.inbound.kind === "trusted"
      ? rules("Authenticate-In-SMB", "Authenticate SMB to this host", listsOf(role.inbound.from.addresses), {
          localPorts: port445,
          remotePorts: anyPorts,
        })
      : []),
    ...(role.outbound.kind === "authenticated"
      ? rules("Authenticate-Out-SMB", "Authenticate SMB to servers", listsOf(role.outbound.to.addresses), {
          localPorts: anyPorts,
          remotePorts: port445,
        })
      : []),
  ];
}

/** A stopped service takes no settings, and needs none. */
function smbSettings({ smb, serverService, workstationService }: HostRole): HostSetting[] {
  const server = serverService === "keep" ? "Set-SmbServerConfiguration" : undefined;
  const client = workstationService === "keep" ? "Set-SmbClientConfiguration" : undefined;
  const ciphers = smb.ciphers.map((cipher) => cipher.replaceAll("-", "_")).join(", ");
  const dialect = `SMB${smb.minimumDialect.slice("SMB".length).replaceAll(".", "").padEnd(3, "0")}`;
  const setting = (
    cmdlet: string | undefined,
    parameter: string,
    value: HostSetting["value"],
    about: string,
  ): HostSetting[] => (cmdlet === undefined ? [] : [{ cmdlet, parameter, value, about }]);
  return [
    ...(smb.smb1 === "removed"
      ? [
          ...setting(server, "EnableSMB1Protocol", false, "no SMB1"),
          ...setting("Disable-WindowsOptionalFeature", "FeatureName", "SMB1Protocol", "no SMB1, not even its files"),
        ]
      : []),
    ...(smb.minimumDialect === "leave"
      ? []
      : [
          ...setting(server, "Smb2DialectMin", dialect, "nothing older than this dialect"),
          ...setting(client, "Smb2DialectMin", dialect, "nothing older than this dialect"),
        ]),
    ...(smb.encryption === "leave"
      ? []
      : [
          ...setting(server, "EncryptData", true, "all shares encrypt"),
          ...setting(server, "RejectUnencryptedAccess", true, "who cannot encrypt is refused"),
          ...setting(client, "RequireEncryption", true, "who cannot encrypt is not talked to"),
        ]),
    ...(smb.ciphers.length === 0
      ? []
      : [
          ...setting(server, "EncryptionCiphers", ciphers, "in the order of preference"),
          ...setting(client, "EncryptionCiphers", ciphers, "in the order of preference"),
        ]),
  ];
}
