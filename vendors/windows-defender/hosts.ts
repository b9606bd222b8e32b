import type { Claim, Diagnostic, Edge, EmittedFile, HostRole, Hosts, Target } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";
import { governedHooks } from "./device.js";
import { fileServiceFiles } from "./file-service.js";
import { writtenForms } from "./forms.js";
import { profiles } from "./model.js";
import type { Options } from "./options.js";
import { printSmbScript } from "./powershell.js";
import type { RolePolicy } from "./roles.js";
import { builtInRules, rolePolicy } from "./roles.js";
import { displayText } from "./rule-text.js";

/** The files of all roles, and what they claim. */
export interface HostsEmission {
  readonly files: readonly EmittedFile[];
  readonly claims: readonly Claim[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface HostsOptions extends Pick<Options, "prefix" | "store" | "write"> {
  /** The group of all rules of roles: a host has one role, and its rules go when it gets another. */
  readonly group: string;
  readonly header: readonly string[];
}

/**
 * What the policy's roles become: for each a folder `hosts/<role>` with its rules in the forms that are wanted, and a
 * script for services and settings of SMB, which no form of firewall rules can say.
 */
export function emitHosts(edge: Edge, options: HostsOptions, target: Target): HostsEmission {
  const { hosts } = edge;
  if (hosts === undefined) return { files: [], claims: [], diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const files: EmittedFile[] = [];
  const claims: Claim[] = [];
  const secured: HostRole[] = [];
  for (const role of hosts.roles) {
    const made = rolePolicy(role, hosts, { ...options, policy: edge.name });
    const notes = notesOf(role);
    const folder = `hosts/${role.name}/`;
    if (made.policy.rules.length > 0) {
      const details = { role: role.name, guards: made.guards, builtInRules, notes };
      const written = writtenForms(made.policy, details, options.write, folder, target, diagnostics);
      files.push(...written.files);
      const others = written.reads.filter((path) => !path.endsWith(".ps1"));
      claims.push(...others.map((path) => claimOf([path], role, governedHooks, false)));
    }
    if (saysMore(made)) files.push(smbScript(made, folder, notes, target));
    const scripts = files.map(({ path }) => path).filter((path) => path.startsWith(folder) && path.endsWith(".ps1"));
    // A role without rules for packets has a script for settings alone.
    const rules = made.policy.rules.length > 0;
    if (scripts.length > 0 && (!rules || options.write.includes("powershell"))) {
      claims.push(claimOf(scripts, role, rules ? governedHooks : [], true));
    }
    if (made.policy.connectionSecurityRules.length > 0) secured.push(role);
  }
  if (hosts.cloudFiles) files.push(...fileServiceFiles(hosts, options.header, "azure-files/", target));
  diagnostics.push(...formProblems(secured, options, target), ...consequences(hosts, target));
  return { files, claims, diagnostics };
}

function saysMore({ policy }: RolePolicy): boolean {
  return policy.services.length > 0 || policy.settings.length > 0;
}

function smbScript(made: RolePolicy, folder: string, notes: readonly string[], target: Target): EmittedFile {
  const details = { role: made.role.name, guards: made.settingGuards, builtInRules: [], notes };
  return {
    path: `${folder}smb.ps1`,
    text: printSmbScript(made.policy, details, target.templates["smb.ps1.hbs"]!),
    about: `services and settings of SMB for ${made.role.name}; also -WhatIf, -Check and -Remove`,
  };
}

function claimOf(reads: readonly string[], role: HostRole, hooks: Claim["hooks"], facts: boolean): Claim {
  return {
    reads,
    hooks,
    outside: profiles,
    judged: "first-packets",
    acceptIsContinue: false,
    rejectIsDrop: true,
    continueBecomes: { inbound: "continue", outbound: "continue" },
    role: { name: role.name, profiles: { domain: "Domain", private: "Private", public: "Public" }, facts },
  };
}

/** What the person who runs a script should know, at its head. */
function notesOf(role: HostRole): string[] {
  return [
    `Role ${role.name} (${role.kind})${role.description === undefined ? "." : `: ${displayText(role.description, 1000)}`}`,
    wmiFilter(role),
    ...(role.outbound.kind === "authenticated"
      ? [
          "SMB to servers needs their connection security rules: give the servers their role first.",
          "A NAS or a printer that cannot authenticate is cut off unless the policy lists it below without-authentication.",
        ]
      : []),
    ...(role.outbound.kind === "authenticated" || role.outbound.kind === "trusted-profiles"
      ? [
          "In guest and public networks nothing is reached by SMB: small offices and travelling people may lose a NAS or a printer.",
        ]
      : []),
    "These rules are about TCP 445. SMB over NetBIOS uses TCP 139, SMB over QUIC UDP 443, and clients of Windows 11 24H2 can be told to use other ports.",
  ];
}

/** Source: Win32_OperatingSystem, ProductType: 1 a workstation, 2 a domain controller, 3 another server. */
function wmiFilter(role: HostRole): string {
  const types: Readonly<Record<HostRole["kind"], string>> = {
    client: "ProductType = 1",
    "member-server": "ProductType = 3",
    "file-server": "ProductType = 3",
    "domain-controller": "ProductType = 2",
    isolated: "ProductType <> 2",
  };
  return `As a Group Policy object link it with the WMI filter: SELECT * FROM Win32_OperatingSystem WHERE ${types[role.kind]}`;
}

/** Forms that cannot say all of a role. That Intune cannot is an error, and told where it is written. */
function formProblems(secured: readonly HostRole[], { write }: HostsOptions, target: Target): Diagnostic[] {
  if (!write.includes("registry") || secured.length === 0) return [];
  // Without the script nothing would bring them, and the blocks would stay: that is no matter of a warning.
  const code = write.includes("powershell") ? "RW3007" : "RW3001";
  return [
    diagnostic(
      code,
      `the registry form has no connection security rules (${secured.map((role) => role.name).join(", ")}): with it alone nothing is authenticated, and SMB to servers stops`,
      {
        primary: target.spanOf("write") ?? target.spanOf(),
        help: "have the scripts written too and run them on the same Group Policy object first (-PolicyStore), or leave registry out of `write`",
      },
    ),
  ];
}

/** What the roles mean for people, told once. */
function consequences(hosts: Hosts, target: Target): Diagnostic[] {
  const closing = hosts.roles.filter((role) => role.outbound.kind !== "any");
  if (closing.length === 0) return [];
  return [
    diagnostic(
      "RW3007",
      "SMB is closed in guest and public networks: small offices and travelling people may lose a NAS or a printer there; " +
        "SMB over NetBIOS (TCP 139), over QUIC (UDP 443) and on other ports that clients can be told to use is not covered",
      { severity: "note", primary: hosts.span ?? target.spanOf() },
    ),
  ];
}
