import type {
  Claim,
  Device,
  Diagnostic,
  Direction,
  Edge,
  Emission,
  EmittedFile,
  Parsed,
  Target,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { OwnAliases } from "./alias-names.js";
import { aliasesOf } from "./alias-names.js";
import type { BaseConfig, Ownership } from "./base-config.js";
import { merged, readBase, sectionTexts, trackers } from "./base-config.js";
import { checkBase, lostNames } from "./base-checks.js";
import { readInterfaces } from "./interfaces.js";
import { decidedDevices, readDocuments } from "./parse-config.js";
import { planOf } from "./plan.js";
import type { PlannedRule } from "./plan.js";
import type { ElementLines } from "./print-xml.js";
import { aliasElements, ruleElements } from "./print-xml.js";
import { pfLines } from "./print-pf.js";
import { withTags } from "./tags.js";
import { translatesSources } from "./translation.js";
import { at, valueOf } from "./xml.js";

/** The value of `targets.pfsense`, its defaults filled in. */
interface Options extends Ownership {
  readonly outside: readonly string[];
  readonly entries: number;
  /** Undefined: what the base says, on when there is none. */
  readonly translation: boolean | undefined;
  readonly write: readonly ("sections" | "pf.conf")[];
  readonly devices: readonly string[] | undefined;
}

/**
 * The policy as floating rules and aliases of pfSense, and the same as an anchor for pf.conf.
 *
 * With `base` the sections are the owner's with ours exchanged; every byte that is not ours stays as it was. Without
 * it they hold ours alone, and restoring them replaces everything that was there.
 */
export function emit(edge: Edge, target: Target): Emission {
  const options = optionsOf(target);
  const diagnostics: Diagnostic[] = [];
  const report = (one: Diagnostic): void => void diagnostics.push(one);

  const file = target.files["base"];
  const base = file === undefined ? undefined : readBase(file, options, report);
  if (file !== undefined && base === undefined) return failed(diagnostics);
  if (base !== undefined) diagnostics.push(...base.diagnostics);

  const plan = planOf(edge);
  diagnostics.push(...plan.diagnostics);
  let rules = plan.rules;
  let tags: readonly string[] = [];
  if (options.translation ?? (base === undefined || translatesSources(base.root))) {
    const tagged = withTags(rules, options.prefix, target);
    diagnostics.push(...tagged.diagnostics);
    ({ rules, tags } = tagged);
  }
  const before = base && readDocuments([base.document], {});
  if (before !== undefined) diagnostics.push(...refusedBase(before));
  if (base !== undefined) diagnostics.push(...checkBase(edge, rules, tags, base, options.outside, target));
  if (tags.length > 0)
    report(
      kit.diagnostic(
        "RW3007",
        `outbound rules look at sources, which address translation rewrites first: packets are tagged ${tags.join(", ")} where they come in, by a floating match rule`,
        {
          primary: target.spanOf(),
          help: "keep these rules together; say translation: false where the firewall rewrites no sources",
        },
      ),
    );

  const aliases = aliasesOf(rules, options.prefix, base === undefined ? [] : takenNames(base));
  const header = kit.headerLines(edge, target);
  const files: EmittedFile[] = [];
  const claims: Claim[] = [];
  if (options.write.includes("sections")) {
    const sections = sectionsOf(rules, aliases, options, header, tableRoom(base), diagnostics);
    if (base !== undefined) diagnostics.push(...lostNames(base, aliases, options.prefix));
    if (!kit.hasErrors(diagnostics))
      writeSections(target, options, base && before && { base, before: before.device }, sections, header, {
        files,
        claims,
        report,
      });
  }
  if (options.write.includes("pf.conf")) {
    const outside = options.devices ?? devicesOf(base, options.outside);
    if (options.devices === undefined && base === undefined)
      report(
        kit.diagnostic(
          "RW3007",
          `pf.conf takes ${options.outside.join(", ")} for the names of network interfaces; where no interface has that name, its rules meet no packet`,
          { primary: target.spanOf("outside"), help: "say devices: [em0], or write: [sections]", severity: "note" },
        ),
      );
    const lines = pfLines(rules, outside, aliases, diagnostics);
    files.push({
      path: "pf.conf",
      text: kit.render(target.templates["pf.conf.hbs"]!, { header: [...header, ...anchorHelp], lines }),
      about: "the same rules as an anchor for pf.conf (FreeBSD 14 and later)",
    });
    claims.push(overlayClaim(["pf.conf"], outside));
  }
  return kit.hasErrors(diagnostics) ? failed(diagnostics) : { files, diagnostics, claims };
}

/** pfSense loads no rule at all of a configuration that it refuses, and so none of ours. */
function refusedBase(before: Parsed): Diagnostic[] {
  return before.diagnostics
    .filter((one) => one.code === "RW6004")
    .slice(0, 5)
    .map((one) =>
      kit.diagnostic("RW3008", `the base configuration does not load: ${one.message}`, {
        primary: one.primary,
        help: one.help ?? "correct it first",
      }),
    );
}

function failed(diagnostics: readonly Diagnostic[]): Emission {
  return { files: [], diagnostics, claims: [] };
}

function optionsOf(target: Target): Options {
  const { options } = target;
  const names = (value: unknown): readonly string[] | undefined => {
    const list = typeof value === "string" ? [value] : value;
    return Array.isArray(list) ? list.map(String) : undefined;
  };
  return {
    outside: names(options["outside"]) ?? ["wan"],
    tracker: Number(options["tracker"] ?? 3_900_000_000),
    prefix: String(options["prefix"] ?? "RW"),
    entries: Number(options["entries"] ?? 4_500),
    translation: typeof options["translation"] === "boolean" ? options["translation"] : undefined,
    write: (names(options["write"]) as Options["write"] | undefined) ?? ["sections", "pf.conf"],
    devices: names(options["devices"]),
  };
}

function takenNames(base: BaseConfig): string[] {
  const interfaces = readInterfaces(base.root).all;
  return [...base.aliasNames, ...interfaces.flatMap((one) => [one.name, one.description])];
}

function devicesOf(base: BaseConfig | undefined, outside: readonly string[]): readonly string[] {
  if (base === undefined) return outside;
  const interfaces = readInterfaces(base.root).all;
  return outside.map((name) => interfaces.find((one) => one.name === name)?.hardware || name);
}

const anchorHelp: readonly string[] = [
  "Load it as an anchor in front of the other filter rules, and again after each change:",
  '  anchor "ringwall"',
  '  load anchor "ringwall" from "/usr/local/etc/pf.ringwall.conf"',
  "Open connections keep their state; pfctl -k ends them.",
];

/** How many entries all tables of pf may hold together. */
function tableRoom(base: BaseConfig | undefined): number {
  const said = Number(valueOf(at(base?.root, "system"), "maximumtableentries"));
  return said > 0 ? said : 400_000;
}

interface Sections {
  readonly aliases: readonly ElementLines[];
  readonly rules: readonly ElementLines[];
}

function sectionsOf(
  rules: readonly PlannedRule[],
  aliases: OwnAliases,
  options: Options,
  header: readonly string[],
  room: number,
  diagnostics: Diagnostic[],
): Sections {
  const numbered = rules.flatMap((rule) => ruleElements(rule, options.outside, aliases, diagnostics));
  if (numbered.length >= trackers)
    diagnostics.push(
      kit.diagnostic(
        "RW3003",
        `the policy needs ${numbered.length} rules, and the block of trackers for them holds ${trackers - 1}`,
        {
          help: "use fewer services or ranges of ports",
        },
      ),
    );
  const entries = aliases.all.reduce(
    (sum, alias) => sum + alias.entries.length * (alias.entries.length > options.entries ? 2 : 1),
    0,
  );
  if (2 * entries > room)
    diagnostics.push(
      kit.diagnostic(
        "RW3004",
        `the aliases hold ${entries} entries; pf has room for ${room}, and needs twice as much while it reloads`,
        { help: "raise System > Advanced > Firewall & NAT > Firewall Maximum Table Entries first" },
      ),
    );
  const about = header.join(" ");
  return {
    aliases: aliases.all.flatMap((alias) => aliasElements(alias, options.entries, about)),
    rules: numbered.map((lines, index) => lines(options.tracker + 1 + index)),
  };
}

interface Output {
  readonly files: EmittedFile[];
  readonly claims: Claim[];
  report(one: Diagnostic): void;
}

function writeSections(
  target: Target,
  options: Options,
  owners: { readonly base: BaseConfig; readonly before: Device } | undefined,
  sections: Sections,
  header: readonly string[],
  { files, claims, report }: Output,
): void {
  const section = (name: string, text: string, about: string): void => {
    const comment = header.map((line) => line.replace(/-(?=-)|-$/g, "- "));
    files.push({
      path: `${name}.xml`,
      text: kit.render(target.templates["section.xml.hbs"]!, { header: comment, section: text }),
      about,
    });
  };
  if (owners === undefined) {
    if (sections.aliases.length > 0)
      section("aliases", alone("aliases", sections.aliases), "restore area Aliases: our aliases alone");
    section("filter", alone("filter", sections.rules), "restore area Firewall Rules: our rules alone");
    claims.push(overlayClaim([...(sections.aliases.length > 0 ? ["aliases.xml"] : []), "filter.xml"], options.outside));
    report(
      kit.diagnostic(
        "RW3007",
        "restoring filter.xml and aliases.xml replaces every rule and alias of the firewall, because there is no base to put ours into",
        {
          primary: target.spanOf(),
          help: "give base: the config.xml of the firewall (Diagnostics > Backup & Restore)",
        },
      ),
    );
    return;
  }
  const { base, before } = owners;
  const text = merged(base, sections.aliases, sections.rules);
  files.push({ path: "config.xml", text, about: "the complete configuration with our rules and aliases exchanged" });
  for (const [name, found] of sectionTexts(text, ["aliases", "filter"]))
    section(
      name,
      found,
      `restore area ${name === "filter" ? "Firewall Rules" : "Aliases"}: yours, with ours exchanged`,
    );
  claims.push({
    ...overlayClaim(["config.xml"], options.outside),
    acceptIsContinue: false,
    base: before,
    decided: decidedDevices(base.root, options.outside),
  });
}

function alone(name: string, elements: readonly ElementLines[]): string {
  return [`<${name}>`, ...elements.flat().map((line) => `\t${line}`), `</${name}>`].join("\n");
}

function overlayClaim(reads: readonly string[], outside: readonly string[]): Claim {
  const leaves: Record<Direction, "continue"> = { inbound: "continue", outbound: "continue" };
  return {
    reads,
    hooks: kit.hooks,
    outside,
    judged: "first-packets",
    acceptIsContinue: true,
    rejectIsDrop: false,
    continueBecomes: leaves,
  };
}
