import type { Hook } from "../../ir/index.js";
import { hooks } from "../../ir/index.js";
import { plainDraft } from "../drafts.js";
import type { LintRule } from "../rule.js";

export const hookNotFiltered: LintRule = {
  code: "RW4010",
  category: "policy",
  severity: "warning",
  docs: {
    what: "Packets of one kind (forwarded, to the firewall, from the firewall) meet no filter in this text at all.",
    why: `What no chain filters passes. Other files may filter it, or the host may not forward packets: this text does not say, so that
      "closed" would be a guess.`,
    example: `table inet filter {
  chain input { type filter hook input priority 0; policy drop; }
}`,
    instead: `table inet filter {
  chain input { type filter hook input priority 0; policy drop; }
  chain forward { type filter hook forward priority 0; policy drop; }
}`,
    howToFix: `Add a chain for these packets, give the file that has it to the linter together with this one, or say in ringwall.yaml that
      they do not matter for this device: \`hooks: [input, output]\`.`,
  },
  check({ configuration, unfilteredHooks: missing }) {
    if (missing.length === 0) return [];
    const rest = hooks.filter((hook) => !missing.includes(hook));
    return [
      {
        ...plainDraft(configuration, {
          message: `nothing here filters ${missing.map((hook) => kinds[hook]).join(" and ")}: whatever the policy denies of them passes, unless something outside this text stops it`,
          help:
            rest.length === 0
              ? "filter them, or give the file that does"
              : `filter them, or say in ringwall.yaml which packets matter for this device: hooks: [${rest.join(", ")}]`,
          certainty: "may",
          identity: missing.join(" "),
        }),
        hooks: missing,
      },
    ];
  },
};

const kinds: Readonly<Record<Hook, string>> = {
  forward: "packets that are forwarded",
  input: "packets to the firewall itself",
  output: "packets from the firewall itself",
};
