/**
 * The cmdlets that our scripts call, with their parameters and the values of their enumerations: what a script may say,
 * by release of Windows. The tests hold every script against it, because no Windows machine takes part in them.
 *
 * Parameters of splatted calls are listed in full; of the others those that the scripts use.
 *
 * Sources: the NetSecurity, SmbShare, CimCmdlets, DISM and Microsoft.PowerShell references for Windows Server 2016, 2019,
 * 2022 and 2025 (github.com/MicrosoftDocs/windows-powershell-docs, docset/winserver20*-ps).
 */
export interface Cmdlet {
  /** The module; `core` for those that every PowerShell has. */
  readonly module: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Server 2016 is Windows 10 1607, 2019 is 1809, 2022 is 21H2, 2025 is Windows 11 24H2. */
export type Release = "2016" | "2019" | "2022" | "2025";
export const releases: readonly Release[] = ["2016", "2019", "2022", "2025"];

export interface Parameter {
  readonly type: "text" | "texts" | "boolean" | "switch" | "number" | "object" | "enumeration";
  /** Of an enumeration: what it takes. */
  readonly values?: readonly string[];
  /** The first release that has it; absent means all of them. */
  readonly since?: Release;
  /** The last release whose reference lists it. */
  readonly until?: Release;
}

const text: Parameter = { type: "text" };
const texts: Parameter = { type: "texts" };
const boolean: Parameter = { type: "boolean" };
const flag: Parameter = { type: "switch" };
const number: Parameter = { type: "number" };
const object: Parameter = { type: "object" };

function oneOf(...values: readonly string[]): Parameter {
  return { type: "enumeration", values };
}

function since(release: Release, parameter: Parameter): Parameter {
  return { ...parameter, since: release };
}

/** In every cmdlet. Source: about_CommonParameters. */
export const commonParameters: Readonly<Record<string, Parameter>> = {
  ErrorAction: oneOf("SilentlyContinue", "Stop", "Continue", "Ignore", "Inquire", "Break"),
  Verbose: flag,
};

const supportsWhatIf = { WhatIf: flag, Confirm: flag } as const;
const job = { CimSession: object, ThrottleLimit: number, AsJob: flag } as const;

/** A string enumeration: `$true` is refused. */
const enabled = oneOf("True", "False");
const policyBoolean = oneOf("True", "False", "NotConfigured");
const profile = oneOf("Any", "Domain", "Private", "Public", "NotApplicable");
const action = oneOf("NotConfigured", "Allow", "Block");
const interfaceType = oneOf("Any", "Wired", "Wireless", "RemoteAccess");

/** What New-NetFirewallRule and Set-NetFirewallRule both set. */
const ruleFields = {
  Description: text,
  Enabled: enabled,
  Profile: profile,
  Platform: texts,
  Direction: oneOf("Inbound", "Outbound"),
  Action: action,
  EdgeTraversalPolicy: oneOf("Block", "Allow", "DeferToUser", "DeferToApp"),
  LooseSourceMapping: boolean,
  LocalOnlyMapping: boolean,
  Owner: text,
  LocalAddress: texts,
  RemoteAddress: texts,
  Protocol: text,
  LocalPort: texts,
  RemotePort: texts,
  IcmpType: texts,
  DynamicTarget: oneOf(
    "Any",
    "ProximityApps",
    "ProximitySharing",
    "WifiDirectPrinting",
    "WifiDirectDisplay",
    "WifiDirectDevices",
  ),
  Program: text,
  Package: text,
  Service: text,
  InterfaceAlias: texts,
  InterfaceType: interfaceType,
  LocalUser: text,
  RemoteUser: text,
  RemoteMachine: text,
  Authentication: oneOf("NotRequired", "Required", "NoEncap"),
  Encryption: oneOf("NotRequired", "Required", "Dynamic"),
  OverrideBlockRules: boolean,
  RemoteDynamicKeywordAddresses: since("2022", texts),
} as const;

const security = oneOf("None", "Request", "Require");

/** What New-NetIPsecRule and Set-NetIPsecRule both set. */
const connectionSecurityFields = {
  Description: text,
  Enabled: enabled,
  Profile: profile,
  Platform: texts,
  Mode: oneOf("None", "Tunnel", "Transport"),
  InboundSecurity: security,
  OutboundSecurity: security,
  QuickModeCryptoSet: text,
  Phase1AuthSet: text,
  Phase2AuthSet: text,
  KeyModule: oneOf("Default", "IKEv1", "IKEv2", "AuthIP"),
  LocalAddress: texts,
  RemoteAddress: texts,
  Protocol: text,
  LocalPort: texts,
  RemotePort: texts,
  InterfaceAlias: texts,
  InterfaceType: interfaceType,
} as const;

/** The store has to be named in every call: without it a cmdlet means the computer's own, or all of them. */
const store = { PolicyStore: text } as const;

function filterOf(): Cmdlet {
  return {
    module: "NetSecurity",
    parameters: { ...store, ...job, All: flag, AssociatedNetFirewallRule: object, AssociatedNetIPsecRule: object },
  };
}

function getSet(): Cmdlet {
  return { module: "NetSecurity", parameters: { ...store, ...job, Name: texts, Group: texts } };
}

function newSet(): Cmdlet {
  return {
    module: "NetSecurity",
    parameters: {
      ...store,
      ...job,
      ...supportsWhatIf,
      Name: text,
      DisplayName: text,
      Description: text,
      Group: text,
      Proposal: object,
      Default: flag,
    },
  };
}

function removeSet(): Cmdlet {
  return { module: "NetSecurity", parameters: { ...store, ...job, ...supportsWhatIf, Name: texts, Group: texts } };
}

const ciphers: Parameter = since("2022", text);
/** Source: Set-SmbServerConfiguration and Set-SmbClientConfiguration of 2025. */
const dialect = since("2025", oneOf("None", "SMB202", "SMB210", "SMB300", "SMB302", "SMB311"));

export const cmdlets: Readonly<Record<string, Cmdlet>> = {
  "New-NetFirewallRule": {
    module: "NetSecurity",
    parameters: { ...ruleFields, ...store, ...job, ...supportsWhatIf, Name: text, DisplayName: text, Group: text },
  },
  "Set-NetFirewallRule": {
    module: "NetSecurity",
    // `-Group` and `-DisplayName` are keys to look up here, and no script may take them for new values.
    parameters: { ...ruleFields, ...store, ...job, ...supportsWhatIf, Name: texts, NewDisplayName: text },
  },
  "Get-NetFirewallRule": {
    module: "NetSecurity",
    parameters: { ...store, ...job, Name: texts, Group: texts, AssociatedNetFirewallPortFilter: object },
  },
  "Remove-NetFirewallRule": {
    module: "NetSecurity",
    parameters: { ...store, ...job, ...supportsWhatIf, Name: texts },
  },
  "Get-NetFirewallAddressFilter": filterOf(),
  "Get-NetFirewallPortFilter": filterOf(),
  "Get-NetFirewallApplicationFilter": filterOf(),
  "Get-NetFirewallServiceFilter": filterOf(),
  "Get-NetFirewallInterfaceTypeFilter": filterOf(),
  "Get-NetFirewallSecurityFilter": filterOf(),
  "Get-NetFirewallProfile": { module: "NetSecurity", parameters: { ...store, ...job, Name: texts } },
  "Set-NetFirewallProfile": {
    module: "NetSecurity",
    parameters: {
      ...store,
      ...job,
      ...supportsWhatIf,
      Name: oneOf("Domain", "Private", "Public"),
      Enabled: policyBoolean,
      DefaultInboundAction: action,
      DefaultOutboundAction: action,
      AllowInboundRules: policyBoolean,
      AllowLocalFirewallRules: policyBoolean,
      AllowLocalIPsecRules: policyBoolean,
      LogAllowed: policyBoolean,
      LogBlocked: policyBoolean,
    },
  },
  "New-NetIPsecRule": {
    module: "NetSecurity",
    parameters: {
      ...connectionSecurityFields,
      ...store,
      ...job,
      ...supportsWhatIf,
      IPsecRuleName: text,
      DisplayName: text,
      Group: text,
    },
  },
  "Set-NetIPsecRule": {
    module: "NetSecurity",
    parameters: {
      ...connectionSecurityFields,
      ...store,
      ...job,
      ...supportsWhatIf,
      IPsecRuleName: texts,
      NewDisplayName: text,
    },
  },
  "Get-NetIPsecRule": { module: "NetSecurity", parameters: { ...store, ...job, IPsecRuleName: texts, Group: texts } },
  "Remove-NetIPsecRule": {
    module: "NetSecurity",
    parameters: { ...store, ...job, ...supportsWhatIf, IPsecRuleName: texts },
  },
  "New-NetIPsecAuthProposal": {
    module: "NetSecurity",
    parameters: { Machine: flag, User: flag, Kerberos: flag, Anonymous: flag },
  },
  "New-NetIPsecQuickModeCryptoProposal": {
    module: "NetSecurity",
    parameters: {
      Encapsulation: oneOf("None", "AH", "ESP"),
      AHHash: oneOf("None", "MD5", "SHA1", "SHA256", "AESGMAC128", "AESGMAC192", "AESGMAC256"),
      ESPHash: oneOf("None", "MD5", "SHA1", "SHA256", "AESGMAC128", "AESGMAC192", "AESGMAC256"),
      Encryption: oneOf("None", "DES", "DES3", "AES128", "AES192", "AES256", "AESGCM128", "AESGCM192", "AESGCM256"),
    },
  },
  "New-NetIPsecPhase1AuthSet": newSet(),
  "New-NetIPsecPhase2AuthSet": newSet(),
  "New-NetIPsecQuickModeCryptoSet": newSet(),
  "Get-NetIPsecPhase1AuthSet": getSet(),
  "Get-NetIPsecPhase2AuthSet": getSet(),
  "Get-NetIPsecQuickModeCryptoSet": getSet(),
  "Remove-NetIPsecPhase1AuthSet": removeSet(),
  "Remove-NetIPsecPhase2AuthSet": removeSet(),
  "Remove-NetIPsecQuickModeCryptoSet": removeSet(),

  "Set-SmbServerConfiguration": {
    module: "SmbShare",
    parameters: {
      ...job,
      ...supportsWhatIf,
      Force: flag,
      EnableSMB1Protocol: boolean,
      EncryptData: boolean,
      RejectUnencryptedAccess: boolean,
      EncryptionCiphers: ciphers,
      Smb2DialectMin: dialect,
      Smb2DialectMax: dialect,
    },
  },
  "Set-SmbClientConfiguration": {
    module: "SmbShare",
    parameters: {
      ...job,
      ...supportsWhatIf,
      Force: flag,
      RequireEncryption: since("2025", boolean),
      EncryptionCiphers: ciphers,
      Smb2DialectMin: dialect,
      Smb2DialectMax: dialect,
    },
  },
  "Get-SmbServerConfiguration": { module: "SmbShare", parameters: {} },
  "Get-SmbClientConfiguration": { module: "SmbShare", parameters: {} },
  "Get-SmbShare": { module: "SmbShare", parameters: { Special: boolean } },

  "Get-WindowsOptionalFeature": { module: "Dism", parameters: { Online: flag, FeatureName: text } },
  // These two know no -WhatIf.
  "Disable-WindowsOptionalFeature": {
    module: "Dism",
    parameters: { Online: flag, FeatureName: texts, NoRestart: flag, Remove: flag },
  },
  "Enable-WindowsOptionalFeature": {
    module: "Dism",
    parameters: { Online: flag, FeatureName: texts, NoRestart: flag },
  },
  "Get-CimInstance": { module: "CimCmdlets", parameters: { ClassName: text } },

  "Get-Service": { module: "core", parameters: { Name: texts } },
  "Set-Service": {
    module: "core",
    parameters: {
      ...supportsWhatIf,
      Name: text,
      // `AutomaticDelayedStart` exists from PowerShell 6 on only.
      StartupType: oneOf("Automatic", "Manual", "Disabled"),
    },
  },
  "Start-Service": { module: "core", parameters: { ...supportsWhatIf, Name: texts } },
  "Stop-Service": { module: "core", parameters: { ...supportsWhatIf, Name: texts, Force: flag } },
  "Get-Command": { module: "core", parameters: { Name: texts } },
  "Get-Content": {
    module: "core",
    parameters: { LiteralPath: texts, Raw: flag, Encoding: oneOf("UTF8", "Unicode", "ASCII") },
  },
  "Set-Content": {
    module: "core",
    parameters: { ...supportsWhatIf, LiteralPath: texts, Value: object, Encoding: oneOf("UTF8", "Unicode", "ASCII") },
  },
  "New-Item": {
    module: "core",
    parameters: { ...supportsWhatIf, ItemType: oneOf("Directory", "File"), Path: texts, Force: flag },
  },
  "Remove-Item": { module: "core", parameters: { ...supportsWhatIf, LiteralPath: texts } },
  "Test-Path": { module: "core", parameters: { LiteralPath: texts } },
  "Join-Path": { module: "core", parameters: { Path: texts, ChildPath: text } },
  "ConvertTo-Json": { module: "core", parameters: { InputObject: object } },
  "ConvertFrom-Json": { module: "core", parameters: {} },
  "ForEach-Object": { module: "core", parameters: { Process: object } },
  "Where-Object": { module: "core", parameters: { FilterScript: object } },
  "Sort-Object": { module: "core", parameters: { Property: object, Unique: flag } },
  "Select-Object": { module: "core", parameters: { First: number } },
  "Out-Null": { module: "core", parameters: {} },
  "Write-Host": { module: "core", parameters: { Object: object } },
  "Write-Warning": { module: "core", parameters: { Message: text } },
  "Add-Type": { module: "core", parameters: { AssemblyName: texts } },
  "Set-StrictMode": { module: "core", parameters: { Version: text } },
};
