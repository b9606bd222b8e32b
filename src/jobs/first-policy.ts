import type { Manifest } from "../vendor-kit/vendor.js";

/**
 * The text of a first policy, with comments: it compiles as it stands, and its comments show the rest of the language.
 *
 * `schema` is where an editor finds the JSON Schema, relative to the policy; undefined leaves the line out.
 */
export function firstPolicy(name: string, manifests: readonly Manifest[], schema: string | undefined): string {
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    head(name),
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

# What to compile for. Remove what you do not have.`;
}
