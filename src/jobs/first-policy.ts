import type { Manifest } from "../vendor-kit/vendor.js";

/** What a first policy is about: what crosses the edge; or that, and what single hosts do about SMB. */
export type Preset = "smb-edge" | "smb-hosts";
export const presets: readonly Preset[] = ["smb-edge", "smb-hosts"];

export interface FirstPolicyOptions {
  readonly preset?: Preset;
  /** Where an editor finds the JSON Schema, relative to the policy; undefined leaves the line out. */
  readonly schema?: string | undefined;
}

/** The text of a first policy, with comments: it compiles as it stands, and its comments show the rest of the language. */
export function firstPolicy(name: string, manifests: readonly Manifest[], options: FirstPolicyOptions = {}): string {
  const { preset = "smb-edge", schema } = options;
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    preset === "smb-edge" ? head(name) : hostsHead(name),
    "# What to compile for. Remove what you do not have.",
    "targets:",
    ...manifests.flatMap((manifest) => [
      `  # ${manifest.title}: ${manifest.summary}`,
      `  ${manifest.id}:`,
      ...manifest.example
        .trimEnd()
        .split("\n")
        .map((line) => (line === "" ? "" : `    ${line}`)),
      "",
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function head(name: string): string {
  return `# What may cross the edge of the network. Compile it with: ringwall compile policy.yaml
version: 1
name: ${name}
description: Keep SMB and NetBIOS off the Internet, in both directions and both address families.

# Address lists as Microsoft publishes them. Download the file, name it here, and networks can select from it.
# feeds:
#   azure: { file: feeds/ServiceTags_Public.json }
#   office365: { file: feeds/o365-endpoints-worldwide.json }

# Names for addresses. The ones below are reserved for documentation: put your own in their place.
networks:
  branch-clients: [192.0.2.0/24, "2001:db8:20::/48"]
  file-partner: [198.51.100.16/28, "2001:db8:1::/64"]
  # azure-files: { azure: { regions: [WestEurope] } }        # Storage.WestEurope; needs feeds.azure
  # clients-but-guests: { of: branch-clients, minus: 192.0.2.128/25 }

services:
  smb: tcp/445
  netbios: [udp/137-138, tcp/139]

# The first rule that matches the first packet of a connection decides. An exception takes packets out of its rule: they
# go on to the next one.
rules:
  - name: block-smb
    deny: [smb, netbios]
    direction: both              # inbound | outbound | both
    log: false
    except:
      - { to: file-partner, from: branch-clients, service: smb, direction: outbound, reason: our file exchange }

# What becomes of everything else: continue leaves it to the rest of the device, deny drops it, permit lets it pass.
default: continue
`;
}

/** The recommendations of Microsoft, "Secure SMB traffic in Windows Server", as a policy. */
function hostsHead(name: string): string {
  return `# SMB at the edge and on the hosts. Compile it with: ringwall compile policy.yaml
version: 1
name: ${name}
description: SMB stays inside, and inside only where it is needed.

# Names for addresses. The ones below are reserved for documentation: put your own in their place.
networks:
  domain-controllers: [192.0.2.10, 192.0.2.11, "2001:db8:10::10"]
  file-servers: [192.0.2.32/28, "2001:db8:10:1::/64"]
  offices: [198.51.100.0/24, "2001:db8:20::/48"]
  cannot-authenticate: [192.0.2.200, 192.0.2.201]     # a NAS, a printer that stores scans

services:
  smb: tcp/445
  netbios: [udp/137-138, tcp/139]

# The edge of each host that is itself the edge: what is outside says each target.
rules:
  - name: block-smb
    deny: [smb, netbios]
    direction: both

# What becomes of everything else: continue leaves it to the rest of the device.
default: continue

# What single hosts do about SMB. Apply the servers' roles first: what clients ask of servers, servers have to answer.
hosts:
  domain-controllers: domain-controllers
  file-servers: file-servers
  trusted: [offices, domain-controllers, file-servers]  # who may use shares
  without-authentication: cannot-authenticate           # stays reachable in trusted networks without IPsec
  allow-if-secure: authenticated                        # no-encapsulation | authenticated | encrypted
  trusted-profiles: [domain, private]                   # a public (guest) network never is
  smb:
    smb1: removed
    minimum-dialect: SMB3.0
    encryption: required
    ciphers: [AES-128-GCM, AES-128-CCM]
    # azure-files: true                                 # also settings for storage accounts: SMB 3, encryption
  roles:
    client:                                             # no shares: nobody comes in, only servers are reached
    member-server:
    file-server:                                        # never closed as a whole: trusted networks come in
    domain-controller:
    isolated:                                           # needs no SMB and is in no domain: services off
`;
}
