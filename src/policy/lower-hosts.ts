import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { HostsNode, NetworkNode, RoleNode, RoleSettingsNode } from "./document.js";
import type { Endpoint } from "./edge.js";
import type { HostRole, Hosts, InboundSmb, OutboundSmb, RoleKind, SmbSettings } from "./hosts.js";
import { networkProfiles } from "./hosts.js";
import { roleProblems } from "./role-problems.js";

/** What lowering takes from the rest of the policy. */
export interface HostWork {
  /** Undefined where its names could not be resolved; that was told. */
  endpoint(node: NetworkNode): Endpoint | undefined;
  /** The endpoint's name in outputs, for a set of addresses that the policy does not write as one. */
  joined(label: string, of: readonly Endpoint[]): Endpoint;
  readonly diagnostics: Diagnostic[];
}

/** The policy's hosts with every name resolved and every default put in; undefined when an address list is missing. */
export function lowerHosts(node: HostsNode, work: HostWork): Hosts | undefined {
  const resolved = (network: NetworkNode | undefined): Endpoint | undefined => network && work.endpoint(network);
  const servers: Servers = {
    domainControllers: resolved(node.domainControllers),
    fileServers: resolved(node.fileServers),
  };
  const roles = node.roles.map((role) => lowerRole(role, node, servers, work));
  if (roles.some((role) => role === undefined)) return undefined;
  return {
    ...(servers.domainControllers && { domainControllers: servers.domainControllers }),
    ...(servers.fileServers && { fileServers: servers.fileServers }),
    roles: roles.filter((role) => role !== undefined),
    cloudFiles: node.cloudFiles,
    span: node.span,
  };
}

interface Servers {
  readonly domainControllers: Endpoint | undefined;
  readonly fileServers: Endpoint | undefined;
}

function lowerRole(node: RoleNode, hosts: HostsNode, servers: Servers, work: HostWork): HostRole | undefined {
  const settings = withDefaults(node.settings, hosts.defaults);
  const usual = usually[node.kind];
  const inbound = inboundOf(node, settings, work);
  const outbound = outboundOf(node, settings, servers, work);
  if (inbound === undefined || outbound === undefined) return undefined;
  const role: HostRole = {
    name: node.name,
    kind: node.kind,
    ...(node.description !== undefined && { description: node.description }),
    domainMember: settings.domainMember ?? usual.domainMember,
    trustedProfiles: networkProfiles.filter(
      (profile) => profile !== "public" && (settings.trustedProfiles?.includes(profile) ?? true),
    ) as HostRole["trustedProfiles"],
    inbound,
    outbound,
    serverService: settings.serverService ?? usual.services,
    workstationService: settings.workstationService ?? usual.services,
    smb: smbOf(settings),
    span: node.span,
  };
  const hasFileServers = hosts.roles.some((one) => one.kind === "file-server");
  work.diagnostics.push(...roleProblems(role, { servers, hasFileServers, spanOf: spanFinder(node, hosts) }));
  return role;
}

/** What a kind of hosts does where the policy does not say. */
const usually: Readonly<
  Record<
    RoleKind,
    {
      readonly domainMember: boolean;
      readonly inbound: InboundSmb["kind"];
      readonly outbound: OutboundSmb["kind"];
      readonly services: "keep" | "disabled";
    }
  >
> = {
  client: { domainMember: true, inbound: "none", outbound: "authenticated", services: "keep" },
  "member-server": { domainMember: true, inbound: "none", outbound: "authenticated", services: "keep" },
  "file-server": { domainMember: true, inbound: "trusted", outbound: "authenticated", services: "keep" },
  "domain-controller": { domainMember: true, inbound: "trusted", outbound: "trusted-profiles", services: "keep" },
  isolated: { domainMember: false, inbound: "none", outbound: "none", services: "disabled" },
};

function inboundOf(node: RoleNode, settings: RoleSettingsNode, work: HostWork): InboundSmb | undefined {
  const kind = settings.inbound ?? usually[node.kind].inbound;
  if (kind !== "trusted") return { kind };
  if (settings.trusted === undefined) {
    work.diagnostics.push(
      diagnostic("RW2014", `the role "${node.name}" lets trusted hosts in, and nothing says which these are`, {
        primary: node.span,
        help: "add `trusted:` with the networks of the hosts that use its shares",
      }),
    );
    return undefined;
  }
  const from = work.endpoint(settings.trusted);
  return from && { kind, from };
}

function outboundOf(
  node: RoleNode,
  settings: RoleSettingsNode,
  { domainControllers, fileServers }: Servers,
  work: HostWork,
): OutboundSmb | undefined {
  const kind = settings.outbound ?? usually[node.kind].outbound;
  if (kind !== "authenticated") return { kind };
  const servers = [domainControllers, fileServers].filter((one) => one !== undefined);
  if (servers.length === 0) {
    work.diagnostics.push(
      diagnostic("RW2014", `the role "${node.name}" may reach servers when they authenticate, and there are none`, {
        primary: node.span,
        help: "add `domain-controllers:` and `file-servers:` to `hosts`, with their networks",
      }),
    );
    return undefined;
  }
  const others = settings.withoutAuthentication && work.endpoint(settings.withoutAuthentication);
  if (settings.withoutAuthentication !== undefined && others === undefined) return undefined;
  return {
    kind,
    to: servers.length === 1 ? servers[0]! : work.joined(servers.map((one) => one.label).join(", "), servers),
    secure: settings.allowIfSecure ?? "authenticated",
    ...(others && { withoutAuthentication: others }),
  };
}

function smbOf(settings: RoleSettingsNode): SmbSettings {
  return {
    smb1: settings.smb1 ?? "removed",
    minimumDialect: settings.minimumDialect ?? "leave",
    encryption: settings.encryption ?? "leave",
    ciphers: settings.ciphers ?? [],
  };
}

/** The settings of a role, and where it says nothing those of all hosts. */
function withDefaults(role: RoleSettingsNode, all: RoleSettingsNode): RoleSettingsNode {
  return { ...all, ...role };
}

/** Where a setting of a role stands: in the role, else with all hosts, else the role's name. */
function spanFinder(role: RoleNode, hosts: HostsNode): (key: string) => RoleNode["span"] {
  return (key) => role.settings.spans.get(key) ?? hosts.defaults.spans.get(key) ?? role.span;
}
