import type { Claim, Diagnostic, Edge, Emission, Target } from "../../src/vendor-kit/index.js";
import { diagnostic, hasErrors, headerLines } from "../../src/vendor-kit/index.js";
import { governedHooks } from "./device.js";
import { writtenForms } from "./forms.js";
import { emitHosts } from "./hosts.js";
import type { WindowsPolicy } from "./model.js";
import type { Options } from "./options.js";
import { readOptions } from "./options.js";
import type { Perimeter } from "./perimeter.js";
import { perimeterOf, TooMany, Unspeakable } from "./perimeter.js";
import { displayText } from "./rule-text.js";

/**
 * An edge policy for the edge of a Windows host: rules in the outside profiles for what arrives at the host and what
 * leaves it, in every form that is asked for. Each form is read back and proved by itself.
 */
export function emit(edge: Edge, target: Target): Emission {
  const options = readOptions(target);
  const diagnostics: Diagnostic[] = [...endProblems(edge, options, target)];
  if (hasErrors(diagnostics)) return failed(diagnostics);
  const perimeter = perimeterOrNot(edge, options, target, diagnostics);
  if (perimeter === undefined) return failed(diagnostics);
  const policy: WindowsPolicy = {
    name: edge.name,
    header: [...headerLines(edge, target), "What a Windows router forwards meets no rule of this firewall."],
    store: options.store,
    group: groupOf(edge, options),
    connectionSecurityRules: [],
    rules: perimeter.rules,
    profileSettings: perimeter.profileSettings,
    disabledRules: [],
    services: [],
    settings: [],
  };
  diagnostics.push(...notes(edge, policy, target));
  const details = { role: "", guards: [], builtInRules: [], notes: [] };
  const { files, reads } = writtenForms(policy, details, options.write, "", target, diagnostics);
  const group = `${policy.group}: hosts`;
  const hosts = emitHosts(edge, { ...options, group, header: headerLines(edge, target) }, target);
  diagnostics.push(...hosts.diagnostics);
  if (hasErrors(diagnostics)) return failed(diagnostics);
  const claims = reads.map((path) => claimOf(path, options));
  return { files: [...files, ...hosts.files], diagnostics, claims: [...claims, ...hosts.claims] };
}

function failed(diagnostics: readonly Diagnostic[]): Emission {
  return { files: [], diagnostics, claims: [] };
}

function groupOf(edge: Edge, options: Options): string {
  return displayText(`${options.prefix} ${edge.name.replace(/[*?[\]`]/g, " ")}`, 100);
}

/** What becomes of packets that no rule decides is Windows's own business, unless nothing else but these rules counts. */
function endProblems(edge: Edge, options: Options, target: Target): Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (options.exclusive && options.store.kind === "local")
    problems.push(
      diagnostic("RW3005", "exclusive: true is a setting of Group Policy, and the host's own store does not have it", {
        primary: target.spanOf("exclusive"),
        help: 'say which Group Policy object: gpo: "corp.example.com\\Edge"',
      }),
    );
  if (options.exclusive && edge.default !== "deny")
    problems.push(
      diagnostic(
        "RW3005",
        "exclusive: true takes the hosts' own rules out of force, and the policy does not say default: deny",
        {
          primary: target.spanOf("exclusive"),
          help: "leave exclusive out, so that other rules go on to count, or say default: deny",
        },
      ),
    );
  if (edge.default === "deny" && !options.exclusive)
    problems.push(
      diagnostic(
        "RW3001",
        "default: deny cannot be said beside other rules: every allow rule that a host has of its own would still let its packets through, and a block of all the rest would beat our own permits",
        {
          primary: target.spanOf(),
          help: "write to a Group Policy object with `exclusive: true`, so that the hosts' own rules do not count; or say default: continue",
        },
      ),
    );
  if (edge.default === "permit" && !options.openInbound)
    problems.push(
      diagnostic(
        "RW3006",
        "default: permit would open every port of the host to the outside that no rule denies; that is not done without being asked for",
        {
          primary: target.spanOf(),
          help: "write `open-inbound: true` if that is meant, or say default: continue",
        },
      ),
    );
  return problems;
}

function perimeterOrNot(
  edge: Edge,
  options: Options,
  target: Target,
  diagnostics: Diagnostic[],
): Perimeter | undefined {
  try {
    return perimeterOf(edge, { outside: options.outside, prefix: options.prefix, group: groupOf(edge, options) });
  } catch (error) {
    if (error instanceof Unspeakable) {
      const { rule, message } = error;
      diagnostics.push(
        diagnostic("RW3001", `no rules of Windows can say the rule "${rule.name}": ${message}`, {
          primary: rule.span ?? target.spanOf(),
          help: "name the protocols, and ports of TCP and UDP only; an exception or an earlier permit takes a piece out of every denial behind it",
        }),
      );
      return undefined;
    }
    if (!(error instanceof TooMany)) throw error;
    diagnostics.push(
      diagnostic("RW3003", "exceptions and permits that overlap later denials make more rules than can be written", {
        primary: target.spanOf(),
        help: "put denials in front of the permits that do not matter to them, or make the exceptions alike",
      }),
    );
    return undefined;
  }
}

function notes(edge: Edge, policy: WindowsPolicy, target: Target): Diagnostic[] {
  const named = (wanted: (rule: Edge["rules"][number]) => boolean): string =>
    edge.rules
      .filter(wanted)
      .map((rule) => JSON.stringify(rule.name))
      .join(", ");
  const first = (wanted: (rule: Edge["rules"][number]) => boolean) => edge.rules.find(wanted)?.span ?? target.spanOf();
  const found: Diagnostic[] = [];
  const rejects = (rule: Edge["rules"][number]): boolean => rule.action === "reject";
  if (edge.rules.some(rejects))
    found.push(
      diagnostic("RW3007", `reject becomes block (${named(rejects)}): Windows drops without an answer`, {
        primary: first(rejects),
      }),
    );
  const logs = (rule: Edge["rules"][number]): boolean => rule.log;
  if (edge.rules.some(logs))
    found.push(
      diagnostic(
        "RW3007",
        `log is left out (${named(logs)}): Windows logs the dropped packets of a profile, not of a rule`,
        {
          primary: first(logs),
          help: "Set-NetFirewallProfile -Name Public -LogBlocked True logs all of them",
        },
      ),
    );
  if (policy.rules.length > MANY_RULES)
    found.push(
      diagnostic(
        "RW3004",
        `the policy becomes ${policy.rules.length} rules; Windows has no limit, and gets slow with thousands`,
        {
          primary: target.spanOf(),
        },
      ),
    );
  return found;
}

/** A number to stop at and think; none is published. */
const MANY_RULES = 1000;

function claimOf(path: string, options: Options): Claim {
  return {
    reads: [path],
    hooks: governedHooks,
    outside: options.outside,
    judged: "first-packets",
    acceptIsContinue: false,
    rejectIsDrop: true,
    continueBecomes: { inbound: "continue", outbound: "continue" },
  };
}
