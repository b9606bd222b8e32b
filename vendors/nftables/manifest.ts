import type { Manifest } from "../../src/vendor-kit/index.js";

const native = { kind: "native" } as const;

export const manifest: Manifest = {
  id: "nftables",
  title: "nftables",
  summary: "One table of its own, replaced in one transaction; its base chains run before the filter chains of others.",
  versions: "nftables 0.9.3 and later, Linux 5.4 and later",
  capabilities: {
    ipv6: native,
    continue: native,
    exceptions: native,
    reject: native,
    log: native,
    icmp: native,
    "any-protocol": native,
    "source-ports": native,
    "cuts-open-connections": native,
    "firewall-itself": native,
    base: { kind: "unsupported", why: "a table of its own needs nothing of the ruleset that is there" },
  },
  judges: "every-packet",
  fileOptions: [],
  targetSchema: {
    type: "object",
    additionalProperties: false,
    required: ["outside"],
    properties: {
      outside: {
        description: "Outside interfaces as `ip link` names them; a `*` at the end stands for any rest, as in `ppp*`.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { type: "string", pattern: "^[A-Za-z0-9_.:@+-]{1,15}\\*?$" },
      },
      hooks: {
        description: "Which traffic meets the policy: through the firewall, to it, from it. All three by default.",
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { enum: ["forward", "input", "output"] },
      },
      table: {
        description: "Name of the table in family inet that the output owns and replaces. By default `ringwall`.",
        type: "string",
        pattern: "^[A-Za-z_][A-Za-z0-9_-]{0,62}$",
      },
      priority: {
        description:
          "When the base chains run, as nft writes it: `filter - 10` (the default), `mangle + 5`, `-5`. Above -200, where connection tracking runs.",
        type: "string",
        pattern: "^((mangle|filter|security)( *[+-] *[0-9]{1,3})?|[+-]?[0-9]{1,3})$",
      },
    },
  },
  example: `outside: [wan0]                  # interface names, ppp* for any that starts so
hooks: [forward, input, output]  # through the firewall, to it, from it`,
  apply: ["nft --check --file {dir}/ringwall.nft", "nft --file {dir}/ringwall.nft"],
};
