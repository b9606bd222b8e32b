import type { Rule } from "../../ir/index.js";
import { placeOf } from "../blame.js";
import { directionWords, edgeFindings, hookWords } from "../edge-findings.js";
import type { LintRule } from "../rule.js";
import { removalOfOpening } from "../opening.js";

export const deniedTrafficPasses: LintRule = {
  code: "RW4001",
  category: "policy",
  severity: "error",
  docs: {
    what: "Packets that the policy denies cross the edge: a rule lets them pass, or no rule stops them.",
    why: `SMB and NetBIOS reachable from outside are how worms and ransomware come in; reachable outwards they hand password hashes
      to whoever asks for them. The finding names one such packet, the whole set that it belongs to, and the line that lets it
      through, so that nobody has to take it on trust.`,
    example: `-A FORWARD -p tcp --dport 400:500 -j ACCEPT`,
    instead: `-A FORWARD -p tcp --dport 445 -j DROP
-A FORWARD -p tcp --dport 400:500 -j ACCEPT`,
    howToFix: `Narrow the rule that lets the packets through, or put a denial in front of it; \`ringwall compile\` writes one that is
      proved. Where the traffic is meant, give the policy an exception with a reason: then every device is judged by it.`,
  },
  check: (context) =>
    edgeFindings(context, "passes", (found) => {
      const { label, span } = placeOf(found.by);
      const where = hookWords(found.hooks);
      return {
        message: `denied traffic ${found.certain ? "passes" : "may pass"} ${directionWords(found.directions)}, ${where}: "${label}" lets ${found.services} through`,
        help: helpFor(found.by?.rule),
        primary: span,
        unsafeFix: removalOfOpening(context, found),
      };
    }),
};

function helpFor(rule: Rule | undefined): string {
  if (rule === undefined) return "no rule stops it: put a denial into this chain, or let its end deny";
  return rule.origin.implied === true
    ? "nobody wrote a rule about it: put a denial where these packets pass"
    : "narrow this rule, or put a denial in front of it";
}
