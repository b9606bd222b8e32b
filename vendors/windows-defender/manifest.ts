import type { Manifest } from "../../src/vendor-kit/index.js";

export const manifest: Manifest = {
  id: "windows-defender",
  title: "Windows Defender Firewall",
  summary:
    "rules for the edge of a Windows host: a PowerShell script, Group Policy registry values (.reg and registry.pol), Intune JSON",
  versions: "Windows 10 and 11, Windows Server 2016 and later",
  capabilities: {
    ipv6: { kind: "native" },
    continue: {
      kind: "lowered",
      how: "block and allow rules are added to those that the host has; its other rules and its defaults decide the rest",
    },
    exceptions: {
      kind: "lowered",
      how: "a block beats every allow, so exceptions and earlier permits are cut out of the blocks, as ranges of addresses and ports",
    },
    reject: { kind: "lowered", how: "block; Windows Defender Firewall drops without an answer" },
    log: { kind: "unsupported", why: "Windows logs dropped packets for a whole profile, not for a rule" },
    icmp: { kind: "native" },
    "any-protocol": {
      kind: "lowered",
      how: "a rule has one protocol or any: any protocol but some cannot be said, and is an error",
    },
    "source-ports": { kind: "native" },
    "cuts-open-connections": {
      kind: "unsupported",
      why: "a rule judges the first packet of a connection; what becomes of open ones was not checked on a machine",
    },
    "firewall-itself": {
      kind: "lowered",
      how: "packets to and from the host, and nothing else: what a Windows router forwards meets no rule of this firewall",
    },
    base: { kind: "unsupported", why: "what the host has besides is not looked at; its other rules stay as they are" },
  },
  filters: ["input", "output"],
  fileOptions: [],
  targetSchema: {
    type: "object",
    additionalProperties: false,
    properties: {
      outside: {
        description:
          "The network profiles that are outside the edge. Windows has no other interfaces in its rules. Public alone by default.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["Domain", "Private", "Public"] },
        default: ["Public"],
      },
      inside: {
        description: "The profiles that are inside. Nothing is written for them; diff and explain use them.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["Domain", "Private", "Public"] },
      },
      gpo: {
        description:
          'The Group Policy object that the script writes to, as domain\\name ("corp.example.com\\Edge"). Without it the script writes to the host\'s own store.',
        type: "string",
        pattern: "^[A-Za-z0-9][A-Za-z0-9.-]*\\\\[^\\\\|\"*?\\[\\]`$\\r\\n\\u2018-\\u201f']{1,200}$",
      },
      exclusive: {
        description:
          "Rules of the hosts' own stores do not count in the outside profiles (AllowLocalFirewallRules False). Needs gpo. default: deny can only be said with it.",
        type: "boolean",
        default: false,
      },
      "open-inbound": {
        description:
          "Write the rule that default: permit means for arriving packets: every port of the host open to the outside. It is never assumed.",
        type: "boolean",
        default: false,
      },
      write: {
        description:
          "The forms to write. powershell is a script that also checks and uninstalls; registry is ringwall.reg and registry.pol for Group Policy; intune is JSON for Microsoft Graph.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["powershell", "registry", "intune"] },
        default: ["powershell", "registry"],
      },
      prefix: {
        description: "What the names of our rules begin with, and the name of their group.",
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9_-]{0,31}$",
        default: "Ringwall",
      },
    },
  },
  example: `outside: [Public]     # network profiles; Public is what people call a guest or public network
# gpo: corp.example.com\\Edge   # write to a Group Policy object instead of the host's own store
write: [powershell, registry]`,
  judges: "first-packets",
  hosts: true,
  apply: [
    "powershell -ExecutionPolicy Bypass -File {dir}/ringwall.ps1 -WhatIf   # shows what it would do; without -WhatIf it does it",
    "or import {dir}/registry.pol into a Group Policy object (LGPO.exe /m for the local one)",
  ],
};
