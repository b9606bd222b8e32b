import type { Code, Diagnostic, Severity, Source, Span } from "../diagnostics/index.js";
import { codes, diagnostic, didYouMean } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import { hooks } from "../ir/index.js";
import type { Family } from "../net/index.js";
import { families } from "../net/index.js";
import type { Tree } from "../policy/yaml.js";
import { readYaml } from "../policy/yaml.js";
import { matchesGlob } from "./glob.js";
import type { Sides } from "./interfaces.js";
import type { PlacedText } from "./settings-shape.js";
import { SettingsMapping } from "./settings-shape.js";

/**
 * What a repository's `ringwall.yaml` says about the configurations in it, so that nobody has to say it on each command
 * line. Its shape is schemas/ringwall.schema.json:
 *
 * ```yaml
 * policy: policy.yaml            # all paths relative to ringwall.yaml
 * include: [edge/**]             # * within a name, ** through folders
 * exclude: [edge/old]
 * devices:
 *   - files: edge1/**
 *     vendor: some-vendor        # optional, else it is recognised
 *     outside: [wan0]
 *     inside: [lan0, dmz0]
 * severities: { RW4031: off, permit-any-any: error }
 * fail-on: warning
 * baseline: ringwall-baseline.json
 * ```
 */
export interface RepositorySettings {
  readonly policy?: PlacedText;
  /** Empty: everything. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly devices: readonly DeviceSettings[];
  /** Empty: both. */
  readonly families: readonly Family[];
  readonly severities: Severities;
  readonly failOn?: FailOn;
  readonly baseline?: PlacedText;
}

export interface DeviceSettings {
  /** Patterns of paths, with `/`, relative to the settings' folder. */
  readonly files: readonly string[];
  /** With a name all these files are one device. Without one they are of several, as files are everywhere. */
  readonly name?: string;
  readonly vendor?: string;
  readonly vendorAt?: Span;
  readonly sides: Sides;
  /** Absent: all that the device has. */
  readonly hooks?: readonly Hook[];
}

export type Severities = ReadonlyMap<Code, Severity | "off">;

/** The least severity that makes a run of the linter fail. */
export type FailOn = Severity | "never";
export const failOns: readonly FailOn[] = ["error", "warning", "note", "never"];

export interface SettingsReading {
  readonly settings: RepositorySettings;
  readonly diagnostics: readonly Diagnostic[];
}

/** What holds where nobody says anything. */
export const noSettings: RepositorySettings = {
  include: [],
  exclude: [],
  devices: [],
  families: [],
  severities: new Map(),
};

/** The keys of `ringwall.yaml`, and those of one of its devices. */
export const settingsKeys: readonly string[] = [
  "policy",
  "include",
  "exclude",
  "devices",
  "family",
  "severities",
  "fail-on",
  "baseline",
];
export const deviceKeys: readonly string[] = ["files", "name", "vendor", "outside", "inside", "hooks"];

/** Whatever is wrong with it comes at once, and the rest is read all the same. */
export function readRepositorySettings(source: Source): SettingsReading {
  const { tree, diagnostics: syntax } = readYaml(source);
  const diagnostics = [...syntax];
  if (tree === undefined || (tree.kind === "scalar" && tree.value === null)) {
    return { settings: noSettings, diagnostics };
  }
  if (tree.kind !== "mapping") {
    diagnostics.push(
      diagnostic("RW1002", "ringwall.yaml is a mapping of settings", {
        primary: tree.span,
        help: `its keys are ${settingsKeys.join(", ")}`,
      }),
    );
    return { settings: noSettings, diagnostics };
  }
  const mapping = new SettingsMapping(tree, diagnostics).knows("ringwall.yaml", settingsKeys);
  const policy = mapping.text("policy");
  const failOn = mapping.choice("fail-on", failOns);
  const baseline = mapping.text("baseline");
  const settings: RepositorySettings = {
    ...(policy !== undefined && { policy }),
    include: patternsOf(mapping, "include"),
    exclude: patternsOf(mapping, "exclude"),
    devices: mapping
      .list("devices", "write - files: ... below it")
      .flatMap((item) => readDevice(item, diagnostics) ?? []),
    families: mapping.choices("family", families) ?? [],
    severities: readSeverities(mapping, diagnostics),
    ...(failOn !== undefined && { failOn }),
    ...(baseline !== undefined && { baseline }),
  };
  return { settings, diagnostics };
}

/** The first entry that speaks of a file; `path` is relative to the settings' folder, with `/`. */
export function settingsFor(settings: RepositorySettings, path: string): DeviceSettings | undefined {
  return settings.devices.find((device) => device.files.some((pattern) => matchesGlob(pattern, path)));
}

/** Whether a file that nobody named is one to look at. */
export function isIncluded(settings: RepositorySettings, path: string): boolean {
  const among = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchesGlob(pattern, path));
  return (settings.include.length === 0 || among(settings.include)) && !among(settings.exclude);
}

/** The code that people mean by its number or its name; undefined where there is none. */
export function codeNamed(word: string): Code | undefined {
  if (Object.hasOwn(codes, word)) return word as Code;
  return (Object.keys(codes) as Code[]).find((code) => codes[code].name === word);
}

/** Whether a code stands for a finding of the linter: what severities speak of. */
export function isFindingCode(code: Code): boolean {
  return /^RW[46]/.test(code) || code === "RW2005" || code === "RW2007";
}

/** What people may write for a rule, for did-you-mean. */
export function findingNames(): string[] {
  const known = (Object.keys(codes) as Code[]).filter(isFindingCode);
  return [...known.map((code): string => codes[code].name), ...known];
}

function patternsOf(mapping: SettingsMapping, key: string): readonly string[] {
  return mapping.texts(key).map((one) => one.text);
}

function readDevice(item: Tree, diagnostics: Diagnostic[]): DeviceSettings | undefined {
  if (item.kind !== "mapping") {
    diagnostics.push(
      diagnostic("RW1002", "a device is a mapping with `files`, `outside` and `inside`", { primary: item.span }),
    );
    return undefined;
  }
  const mapping = new SettingsMapping(item, diagnostics).knows("a device", deviceKeys);
  const files = patternsOf(mapping, "files");
  if (files.length === 0) mapping.refuse(item.span, "a device needs `files`", "files: edge1/running.conf");
  const name = mapping.text("name");
  const vendor = mapping.text("vendor");
  const own = mapping.choices("hooks", hooks);
  return {
    files,
    ...(name !== undefined && { name: name.text }),
    ...(vendor !== undefined && { vendor: vendor.text, vendorAt: vendor.span }),
    sides: { outside: patternsOf(mapping, "outside"), inside: patternsOf(mapping, "inside") },
    ...(own !== undefined && own.length > 0 && { hooks: hooks.filter((hook) => own.includes(hook)) }),
  };
}

function readSeverities(mapping: SettingsMapping, diagnostics: Diagnostic[]): Severities {
  const found = new Map<Code, Severity | "off">();
  const tree = mapping.mappingAt("severities", "severities: { redundant-rule: off, permit-any-any: error }");
  if (tree === undefined) return found;
  const values = new SettingsMapping(tree, diagnostics);
  for (const [key, entry] of tree.entries) {
    const code = codeNamed(key);
    if (code === undefined || !isFindingCode(code)) {
      values.refuse(
        entry.span,
        code === undefined
          ? `there is no rule "${key}"${didYouMean(key, findingNames())}`
          : `${key} is no rule of the linter, so that it has no severity of its own`,
        "ringwall rules lists them",
      );
      continue;
    }
    const severity = values.choice(key, ["off", "note", "warning", "error"] as const);
    if (severity !== undefined) found.set(code, severity);
  }
  return found;
}
