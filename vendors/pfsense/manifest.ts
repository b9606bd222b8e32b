import type { Manifest } from "../../src/vendor-kit/index.js";

export const manifest: Manifest = {
  id: "pfsense",
  title: "pfSense and pf",
  summary: "Floating rules and aliases put into the owner's config.xml, and the same rules as an anchor for pf.conf.",
  versions: "pfSense 2.6 to 2.8 and pfSense Plus; pf.conf of FreeBSD 14 or later",
  capabilities: {
    ipv6: { kind: "native" },
    continue: { kind: "native" },
    exceptions: { kind: "lowered", how: "block rules match everything but the exception aliases; no pass rules" },
    reject: { kind: "native" },
    log: { kind: "native" },
    icmp: { kind: "lowered", how: "types by name, no codes in config.xml; types and codes in pf.conf" },
    "any-protocol": { kind: "lowered", how: "config.xml knows the protocols that the rule editor offers, pf.conf all" },
    "source-ports": {
      kind: "lowered",
      how: "inbound always; outbound where the firewall does not rewrite sources (translation: false)",
    },
    "cuts-open-connections": {
      kind: "unsupported",
      why: "a reload keeps states; reset them under Diagnostics > States, or with pfctl -k",
    },
    "firewall-itself": { kind: "native" },
    base: { kind: "native" },
  },
  fileOptions: ["base"],
  targetSchema: {
    type: "object",
    additionalProperties: false,
    required: ["outside"],
    properties: {
      outside: {
        description: "The outside interfaces as config.xml names them: wan, opt1.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_.]{0,14}$" },
      },
      base: {
        description:
          "The config.xml of the firewall (Diagnostics > Backup & Restore). Our rules and aliases are exchanged in it, every other byte is kept.",
        type: "string",
        minLength: 1,
      },
      translation: {
        description:
          "Whether the firewall rewrites the sources of packets going out. Then outbound rules that look at the source mark packets with a tag as they come in. By default as the base says, on without one.",
        type: "boolean",
      },
      entries: {
        description: "How many entries an alias may hold before it is split; the web interface cuts off behind 5,000.",
        type: "integer",
        minimum: 1,
        maximum: 5000,
        default: 4500,
      },
      tracker: {
        description: "Our rules have the 9,999 tracker numbers above this one; by them they are known again.",
        type: "integer",
        minimum: 1,
        maximum: 4294957295,
        default: 3900000000,
      },
      prefix: {
        description: "What the names of our aliases and tags begin with.",
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9]{0,7}$",
        default: "RW",
      },
      write: {
        description: "Which outputs are written: sections (for pfSense), pf.conf (an anchor for pf on FreeBSD).",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["sections", "pf.conf"] },
        default: ["sections", "pf.conf"],
      },
      devices: {
        description: "The outside interfaces as pf.conf names them: em0. By default as the base says.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_.]{0,14}$" },
      },
    },
  },
  example: [
    "outside: [wan]            # as config.xml names them",
    "# base: current/config.xml  # Diagnostics > Backup & Restore; without it the output replaces whole sections",
    "",
  ].join("\n"),
  judges: "first-packets",
  apply: [
    "Diagnostics > Backup & Restore > Restore: area Aliases with {dir}/aliases.xml, then area Firewall Rules with {dir}/filter.xml",
    "pfctl -nf {dir}/pf.conf   # FreeBSD: check, then load it as an anchor",
  ],
};
