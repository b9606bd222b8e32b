import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { Tree } from "../policy/yaml.js";
import { readYaml } from "../policy/yaml.js";
import type { Sides } from "./interfaces.js";

/**
 * What a repository's `ringwall.yaml` says about the configurations in it, so that nobody has to say it on each command
 * line:
 *
 * ```yaml
 * devices:
 *   - files: edge1/**            # relative to ringwall.yaml; * within a folder, ** through folders
 *     vendor: some-vendor        # optional, else it is recognised
 *     outside: [wan0]
 *     inside: [lan0, dmz0]
 * ```
 */
export interface RepositorySettings {
  readonly devices: readonly DeviceSettings[];
}

export interface DeviceSettings {
  /** Patterns of paths, with `/`, relative to the settings' folder. */
  readonly files: readonly string[];
  readonly vendor?: string;
  readonly sides: Sides;
}

export interface SettingsReading {
  readonly settings: RepositorySettings;
  readonly diagnostics: readonly Diagnostic[];
}

/** Keys beyond `devices` belong to others and are left alone. */
export function readRepositorySettings(source: Source): SettingsReading {
  const { tree, diagnostics: syntax } = readYaml(source);
  const diagnostics = [...syntax];
  const refuse = (at: Tree, message: string, help?: string): undefined => {
    diagnostics.push(diagnostic("RW1002", message, { primary: at.span, help }));
  };
  const devices: DeviceSettings[] = [];
  const list = tree?.kind === "mapping" ? tree.entries.get("devices")?.value : undefined;
  if (list !== undefined && list.kind !== "list") refuse(list, "`devices` is a list", "write - files: ... below it");
  for (const item of list?.kind === "list" ? list.items : []) {
    if (item.kind !== "mapping") {
      refuse(item, "a device is a mapping with `files`, `outside` and `inside`");
      continue;
    }
    for (const [key, entry] of item.entries) {
      if (keys.includes(key)) continue;
      diagnostics.push(
        diagnostic("RW1002", `a device has no key "${key}"${didYouMean(key, keys)}`, {
          primary: entry.span,
          help: `it has ${keys.join(", ")}`,
        }),
      );
    }
    const texts = (key: string): readonly string[] => {
      const value = item.entries.get(key)?.value;
      const read = value === undefined ? [] : textsOf(value);
      return read ?? refuse(value!, `\`${key}\` is a text or a list of texts`) ?? [];
    };
    const files = texts("files");
    if (files.length === 0) refuse(item, "a device needs `files`", "files: edge1/running.conf");
    const [vendor] = texts("vendor");
    devices.push({
      files,
      ...(vendor !== undefined && { vendor }),
      sides: { outside: texts("outside"), inside: texts("inside") },
    });
  }
  return { settings: { devices }, diagnostics };
}

const keys: readonly string[] = ["files", "vendor", "outside", "inside"];

/** The first entry that speaks of a file; `path` is relative to the settings' folder, with `/`. */
export function settingsFor(settings: RepositorySettings, path: string): DeviceSettings | undefined {
  return settings.devices.find((device) => device.files.some((pattern) => matchesGlob(pattern, path)));
}

/** `*` stands for anything within a name, `**` for any folders, `?` for one character. A folder stands for all below it. */
export function matchesGlob(pattern: string, path: string): boolean {
  const parts = pattern.replace(/^\.\//, "").replace(/\/$/, "").split("/");
  const source = parts.map((part) => (part === "**" ? "(?:[^/]+/)*" : `${globPart(part)}/`)).join("");
  return new RegExp(`^${source}(?:.+/)?$`).test(`${path}/`);
}

function globPart(part: string): string {
  return part
    .replace(/[\\^$+.()|[\]{}]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replace(/\?/g, "[^/]");
}

function textsOf(tree: Tree): readonly string[] | undefined {
  if (tree.kind === "scalar") return typeof tree.value === "string" ? [tree.value] : undefined;
  if (tree.kind !== "list") return undefined;
  const texts = tree.items.map((item) =>
    item.kind === "scalar" && typeof item.value === "string" ? item.value : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}
