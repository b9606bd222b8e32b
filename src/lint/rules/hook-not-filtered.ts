import type { Hook } from "../../ir/index.js";
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
  check: ({ configuration, unfilteredHooks }) =>
    unfilteredHooks.map((hook) => ({
      ...plainDraft(configuration, {
        message: `nothing here filters ${kinds[hook]}: whatever the policy denies of them passes, unless something outside this text stops it`,
        help: `filter them, or say in ringwall.yaml which hooks matter for this device: hooks: [${others(hook)}]`,
        certainty: "may",
        identity: hook,
      }),
      hooks: [hook],
    })),
};

const kinds: Readonly<Record<Hook, string>> = {
  forward: "packets that are forwarded",
  input: "packets to the firewall itself",
  output: "packets from the firewall itself",
};

function others(hook: Hook): string {
  return (["forward", "input", "output"] as const).filter((one) => one !== hook).join(", ");
}
