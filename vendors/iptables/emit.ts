import type {
  Claim,
  Diagnostic,
  Edge,
  Emission,
  EmittedFile,
  Family,
  Hook,
  Target,
} from "../../src/vendor-kit/index.js";
import { diagnostic, families, headerLines, render } from "../../src/vendor-kit/index.js";
import { ruleLines, setLines } from "./print.js";
import type { Ruleset, RulesetOptions } from "./ruleset.js";
import { closedRuleset, deepest, rulesetOf } from "./ruleset.js";
import { impossibleServices } from "./services.js";

/** The policy as restore files for iptables, ip6tables and ipset, with a script that loads them. */
export function emit(edge: Edge, target: Target): Emission {
  const options = optionsOf(target);
  const rulesets = families.map((family) => rulesetOf(edge, family, options));
  const diagnostics = [...refusals(edge), ...tooDeep(rulesets, target)];
  if (diagnostics.length > 0) return { files: [], diagnostics, claims: [] };

  const sets = rulesets.flatMap((ruleset) => ruleset.sets);
  const header = headerLines(edge, target);
  const rules = (ruleset: Ruleset, about: string): string =>
    render(target.templates["rules.hbs"]!, { header, about, lines: ruleLines(ruleset) });
  const files: EmittedFile[] = [];
  if (sets.length > 0) {
    files.push({
      path: "sets.ipset",
      text: render(target.templates["sets.hbs"]!, { header, about: setsAbout, lines: setLines(sets) }),
      about: `${sets.length} address sets for "ipset restore"`,
    });
  }
  for (const ruleset of rulesets) {
    const version = versionOf(ruleset.family);
    files.push({
      path: `rules.v${version}`,
      text: rules(
        ruleset,
        `For ${restoreOf(ruleset.family)} --noflush. apply.sh loads it with the rest and at any time again.`,
      ),
      about: `${ruleset.family === "ipv4" ? "IPv4" : "IPv6"} rules for "${restoreOf(ruleset.family)} --noflush"`,
    });
  }
  for (const family of families) {
    files.push({
      path: `closed.v${versionOf(family)}`,
      text: rules(
        closedRuleset(edge, family, options),
        "Without exceptions and sets. apply.sh loads it only when nothing else can be loaded.",
      ),
      about: `the ${family === "ipv4" ? "IPv4" : "IPv6"} rules without exceptions, for apply.sh when it cannot restore`,
    });
  }
  files.push({
    path: "apply.sh",
    text: render(target.templates["apply.sh.hbs"]!, {
      header,
      prefix: options.prefix,
      hooks: options.hooks.map((hook) => hook.toUpperCase()).join(" "),
      sets: sets.length > 0 ? "sets.ipset" : "",
    }),
    executable: true,
    about: "loads all of it; --dry-run shows what it would do, --rollback goes back",
  });
  const claim: Omit<Claim, "reads"> = {
    hooks: options.hooks,
    outside: options.outside.map((name) => name.replace(/\+$/, "*")),
    judged: "every-packet",
    acceptIsContinue: false,
    rejectIsDrop: false,
    continueBecomes: { inbound: "continue", outbound: "continue" },
  };
  return {
    files,
    diagnostics,
    claims: [
      { ...claim, reads: [...(sets.length > 0 ? ["sets.ipset"] : []), "rules.v4", "rules.v6"] },
      { ...claim, reads: ["closed.v4", "closed.v6"], mayStopMore: true },
    ],
  };
}

const setsAbout = "For ipset restore. apply.sh loads it before the rules that use the sets.";

function optionsOf(target: Target): RulesetOptions {
  const { outside, hooks, prefix, sets } = target.options as {
    readonly outside: readonly string[];
    readonly hooks?: readonly Hook[];
    readonly prefix?: string;
    readonly sets?: "auto" | "ipset" | "rules";
  };
  return {
    outside,
    hooks: hooks ?? ["forward", "input", "output"],
    prefix: prefix ?? "RW",
    sets: sets === "rules" ? "tree" : "ipset",
  };
}

function versionOf(family: Family): 4 | 6 {
  return family === "ipv4" ? 4 : 6;
}

function restoreOf(family: Family): string {
  return family === "ipv4" ? "iptables-restore" : "ip6tables-restore";
}

function refusals(edge: Edge): Diagnostic[] {
  return edge.rules.flatMap((rule) =>
    [rule, ...rule.exceptions].flatMap((box) =>
      impossibleServices(box.services).map(({ service, why }) =>
        diagnostic("RW3001", `iptables cannot match the service "${service.label}" of rule "${rule.name}": ${why}`, {
          primary: box.span,
          help: "leave the service out of this target's policy, or match its protocol without ports",
        }),
      ),
    ),
  );
}

function tooDeep(rulesets: readonly Ruleset[], target: Target): Diagnostic[] {
  return rulesets
    .filter((ruleset) => ruleset.depth > deepest)
    .map((ruleset) =>
      diagnostic(
        "RW3003",
        `the ${ruleset.family === "ipv4" ? "IPv4" : "IPv6"} rules would go ${ruleset.depth} jumps deep, and the kernel loads no more than ${deepest}`,
        {
          primary: target.spanOf("sets") ?? target.spanOf(),
          help: 'write "sets: ipset": a set needs no chains of its own',
        },
      ),
    );
}
