import type { HostsNode, NetworkNode, RoleNode, RoleSettingsNode } from "./document.js";
import type { Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { Reader } from "./fields.js";
import { oneOf, textAt, wordsAt } from "./fields.js";
import {
  inboundKinds,
  outboundKinds,
  roleKinds,
  secureOptions,
  smbCiphers,
  smbDialects,
  trustedProfiles,
} from "./hosts.js";
import { networkOf } from "./read-networks.js";
import type { Mapping, Tree } from "./yaml.js";
import { nodeAt } from "./yaml.js";

/** The policy's `hosts`, as far as they can be read. */
export function hostsOf(tree: Mapping, reader: Reader): HostsNode | undefined {
  const entry = tree.entries.get("hosts");
  if (entry?.value.kind !== "mapping") return undefined;
  const hosts = entry.value;
  const domainControllers = networkAt(hosts, "domain-controllers", reader);
  const fileServers = networkAt(hosts, "file-servers", reader);
  return {
    ...(domainControllers && { domainControllers }),
    ...(fileServers && { fileServers }),
    cloudFiles: flagAt(hosts, ["smb", "azure-files"]) ?? false,
    defaults: settingsOf(hosts, reader),
    roles: rolesOf(hosts, reader),
    span: entry.span,
  };
}

function rolesOf(hosts: Mapping, reader: Reader): RoleNode[] {
  const section = hosts.entries.get("roles")?.value;
  const roles: RoleNode[] = [];
  if (section?.kind !== "mapping") return roles;
  const names = new Map<string, Span>();
  for (const [name, entry] of section.entries) {
    const first = names.get(name.toLowerCase());
    if (first !== undefined) {
      reader.report(
        diagnostic("RW2008", `the role "${name}" differs from another in upper and lower case only`, {
          primary: entry.span,
          related: [{ span: first, message: "the other one" }],
          help: "give one of them another name: their scripts lie in folders of these names",
        }),
      );
    }
    names.set(name.toLowerCase(), entry.span);
    if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/i.test(name)) {
      reader.report(
        diagnostic(
          "RW1002",
          `"${name}" cannot name a role: no folder for its scripts can have that name on every system`,
          {
            primary: entry.span,
            help: "choose another name, and add `kind:`",
          },
        ),
      );
    }
    const tree: Mapping =
      entry.value.kind === "mapping" ? entry.value : { kind: "mapping", entries: new Map(), span: entry.span };
    const said = textAt(tree, "kind");
    const kind = oneOf(said ?? name, roleKinds);
    const description = textAt(tree, "description");
    const settings = settingsOf(tree, reader);
    if (kind !== undefined) {
      roles.push({ name, kind, ...(description !== undefined && { description }), settings, span: entry.span });
    } else if (said === undefined) {
      reader.report(
        diagnostic("RW1002", `the role "${name}" does not say of which kind its hosts are`, {
          primary: entry.span,
          help: `add \`kind:\` with one of ${roleKinds.join(", ")}; only roles named so need none`,
        }),
      );
    }
  }
  return roles;
}

function settingsOf(tree: Mapping, reader: Reader): RoleSettingsNode {
  const trusted = networkAt(tree, "trusted", reader);
  const withoutAuthentication = networkAt(tree, "without-authentication", reader);
  const profiles = listAt(tree, ["trusted-profiles"]).flatMap((text) => oneOf(text, trustedProfiles) ?? []);
  const ciphers = listAt(tree, ["smb", "ciphers"]).flatMap((text) => oneOf(text, smbCiphers) ?? []);
  const settings: { -readonly [key in keyof RoleSettingsNode]?: RoleSettingsNode[key] | undefined } = {
    domainMember: flagAt(tree, ["domain-member"]),
    inbound: oneOf(wordAt(tree, ["inbound"]), inboundKinds),
    outbound: oneOf(wordAt(tree, ["outbound"]), outboundKinds),
    trusted,
    withoutAuthentication,
    allowIfSecure: oneOf(wordAt(tree, ["allow-if-secure"]), secureOptions),
    trustedProfiles: profiles.length > 0 ? profiles : undefined,
    serverService: oneOf(wordAt(tree, ["services", "server"]), ["keep", "disabled"] as const),
    workstationService: oneOf(wordAt(tree, ["services", "workstation"]), ["keep", "disabled"] as const),
    smb1: oneOf(wordAt(tree, ["smb", "smb1"]), ["removed", "leave"] as const),
    minimumDialect: oneOf(wordAt(tree, ["smb", "minimum-dialect"]), [...smbDialects, "leave" as const]),
    encryption: oneOf(wordAt(tree, ["smb", "encryption"]), ["required", "leave"] as const),
    ciphers: ciphers.length > 0 ? ciphers : undefined,
  };
  // A key without a value would hide the default.
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { ...given, spans: spansOf(tree) };
}

function networkAt(tree: Mapping, key: string, reader: Reader): NetworkNode | undefined {
  const entry = tree.entries.get(key);
  return entry && networkOf(entry.value, reader);
}

function wordAt(tree: Tree, path: readonly string[]): string | undefined {
  const node = nodeAt(tree, path);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

function flagAt(tree: Tree, path: readonly string[]): boolean | undefined {
  const node = nodeAt(tree, path);
  return node?.kind === "scalar" && typeof node.value === "boolean" ? node.value : undefined;
}

function listAt(tree: Tree, path: readonly string[]): string[] {
  const parent = nodeAt(tree, path.slice(0, -1));
  return parent?.kind === "mapping" ? (wordsAt(parent, path[path.length - 1]!) ?? []).map((word) => word.text) : [];
}

function spansOf(tree: Mapping, before = ""): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const [key, { value }] of tree.entries) {
    spans.set(before + key, value.span);
    if (value.kind === "mapping" && (key === "services" || key === "smb")) {
      for (const [inner, span] of spansOf(value, `${key}.`)) spans.set(inner, span);
    }
  }
  return spans;
}
