import type { Manifest } from "../../src/vendor-kit/index.js";

export const manifest: Manifest = {
  id: "iptables",
  title: "iptables and ipset",
  summary:
    "Own chains for iptables-restore and ip6tables-restore, address sets for ipset, and a script that loads them.",
  versions: "iptables 1.6.2 or later (legacy and nft), ipset 6.30 or later, Linux 4.9 or later",
  capabilities: {
    ipv6: { kind: "native" },
    continue: { kind: "native" },
    exceptions: { kind: "native" },
    reject: { kind: "native" },
    log: { kind: "native" },
    icmp: { kind: "native" },
    "any-protocol": { kind: "native" },
    "source-ports": { kind: "native" },
    "cuts-open-connections": { kind: "native" },
    "firewall-itself": { kind: "native" },
    base: { kind: "unsupported", why: "the output stands beside any other rules and needs no merging" },
  },
  fileOptions: [],
  judges: "every-packet",
  targetSchema: {
    type: "object",
    additionalProperties: false,
    required: ["outside"],
    properties: {
      outside: {
        description: "The outside interfaces. A + at the end is a wildcard: ppp+.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        // Source: Linux dev_valid_name and IFNAMSIZ; a leading - or ! would be read as an option.
        items: { type: "string", pattern: "^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,13}[A-Za-z0-9_.:@+-]?$" },
      },
      hooks: {
        description: "Which packets are judged: those forwarded, those to the firewall itself, those from it.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["forward", "input", "output"] },
        default: ["forward", "input", "output"],
      },
      sets: {
        description:
          "How long address lists are matched: auto and ipset put lists of more than 8 prefixes into an ipset, rules puts them into a tree of chains, which needs no ipset. Shorter lists are plain rules always.",
        enum: ["auto", "ipset", "rules"],
        default: "auto",
      },
      prefix: {
        description:
          "What the names of all own chains and sets begin with. Everything that begins so is ours to remove.",
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9]{0,5}$",
        default: "RW",
      },
    },
  },
  example: [
    "outside: [wan0]                  # ppp+ stands for all interfaces that begin with ppp",
    "hooks: [forward, input, output]  # input and output: the firewall's own traffic",
    "sets: auto                       # auto | ipset | rules (no ipset needed)",
    "",
  ].join("\n"),
  apply: ["sh {dir}/apply.sh --dry-run", "sh {dir}/apply.sh", "sh {dir}/apply.sh --rollback   # to go back"],
};
