import { readerFindings } from "../reader-findings.js";
import type { LintRule } from "../rule.js";

export const silentFailure: LintRule = {
  code: "RW6003",
  category: "reading",
  severity: "warning",
  docs: {
    what: `The device accepts this text and does something else than it seems to say, without a word.`,
    why: `A rule for an alias that does not exist, a family that was left out, a VPN that goes around every list: the file looks right, the device is open.`,
    example: `<rule><type>block</type><source><address>no_such_alias</address></source></rule>`,
    instead: `<rule><type>block</type><ipprotocol>inet46</ipprotocol><source><any/></source></rule>`,
    howToFix: `Follow the help of the finding: define what is missing, or write out what was left to a default.`,
  },
  check(context) {
    const unbound = new Set(
      context.violations().map(({ reason }) => (reason.kind === "not-bound" ? reason.span.start : undefined)),
    );
    // That a list is bound nowhere is told where it matters.
    return readerFindings(context, "RW6003").filter(
      ({ primary }) => primary === undefined || !unbound.has(primary.start),
    );
  },
};
