import { plainDraft } from "../drafts.js";
import type { LintRule } from "../rule.js";

export const familyNotGiven: LintRule = {
  code: "RW6006",
  category: "reading",
  severity: "warning",
  docs: {
    what: "The text has the rules of one address family only, so that nothing is known about the other.",
    why: `The other family may be open as a barn door, or may be filtered by a file that was not given. A device with IPv4 rules alone is the
      commonest way to leave SMB open in IPv6.`,
    example: `# rules.v4 alone
*filter
:FORWARD DROP [0:0]
COMMIT`,
    instead: `# rules.v4 and rules.v6 side by side
ringwall lint rules.v4 rules.v6`,
    howToFix: `Keep the other family's rules in the repository too, in the same folder or in the same \`devices\` entry of ringwall.yaml. If the
      network really has one family only, ask about it alone: \`--family 4\`.`,
  },
  check(context) {
    const missing = context
      .violations()
      .flatMap(({ reason }) => (reason.kind === "family-not-given" ? [reason.family] : []));
    return [...new Set(missing)].map((family) => {
      const [name, other, number] = family === "ipv6" ? ["IPv6", "IPv4", 4] : ["IPv4", "IPv6", 6];
      return {
        ...plainDraft(context.configuration, {
          message: `there are rules for ${other} only: whether denied traffic passes in ${name} cannot be told`,
          help: `give the rules of ${name} too, or ask about ${other} alone with --family ${number}`,
          certainty: "may",
          identity: family,
        }),
        families: [family],
      };
    });
  },
};
