import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { Configuration } from "../jobs/configuration.js";
import { readConfiguration } from "../jobs/configuration.js";
import type { Sides } from "../jobs/interfaces.js";
import { loadPolicy } from "../library/policy.js";
import type { Edge, PolicyDocument } from "../policy/index.js";
import type { Registry } from "../registry.js";
import { isDirectory, readTextFile, readerBeside, shownPath } from "./files.js";
import type { Io } from "./io.js";
import { deviceSettingsOf, findSettings } from "./settings-file.js";

/** What a command line names: a policy, or the configuration of one device. */
export type Subject =
  | { readonly kind: "policy"; readonly name: string; readonly document: PolicyDocument; readonly edge: Edge }
  | { readonly kind: "configuration"; readonly name: string; readonly configuration: Configuration };

export interface SubjectReading {
  /** Undefined when there are errors. */
  readonly subject?: Subject;
  readonly diagnostics: readonly Diagnostic[];
}

export interface SubjectOptions {
  readonly io: Io;
  readonly registry: Registry;
  readonly vendor?: string | undefined;
  /** What the command line says of the interfaces. */
  readonly sides: Sides;
  /** What else says it, for a vendor's configuration, when nothing nearer does: the targets of a policy. */
  sidesOf?(vendor: string): Sides | undefined;
}

/** The texts behind a word of the command line, before they are read. */
export interface Texts {
  readonly name: string;
  readonly kind: "policy" | "configuration";
  /** At least one. */
  readonly sources: readonly Source[];
  readonly fromFolder: boolean;
}

/**
 * The files that a word means: one file, several of one device divided by commas (`rules.v4,rules.v6,ipset.conf`), or
 * all files in a folder.
 */
export function readTexts(word: string, io: Io): Texts | readonly Diagnostic[] {
  const paths = existsSync(resolve(io.cwd, word)) ? [word] : word.split(",").filter((path) => path !== "");
  const folders = paths.filter((path) => isDirectory(resolve(io.cwd, path)));
  const files = paths.flatMap((path) =>
    folders.includes(path) ? filesIn(resolve(io.cwd, path)).map((file) => shownPath(io.cwd, file)) : [path],
  );
  if (files.length === 0) return [diagnostic("RW1003", `there is no file in ${word}`)];
  const readings = files.map((path) => readTextFile(path, { from: io.cwd }));
  const problems = readings.flatMap((reading) => (reading.ok ? [] : [reading.diagnostic]));
  if (problems.length > 0) return problems;
  const sources = readings.flatMap((reading) => (reading.ok ? [reading.source] : []));
  const kind = sources.length === 1 && isPolicy(sources[0]!) ? "policy" : "configuration";
  return { name: word, kind, sources, fromFolder: folders.length > 0 };
}

export async function readSubject(texts: Texts, options: SubjectOptions): Promise<SubjectReading> {
  return texts.kind === "policy" ? readPolicySubject(texts, options.io) : readConfigurationSubject(texts, options);
}

function readPolicySubject({ name, sources: [source] }: Texts, io: Io): SubjectReading {
  const loaded = loadPolicy(source!, readerBeside(source!.path, io.cwd), undefined);
  const { document, edge, diagnostics } = loaded;
  if (document === undefined || edge === undefined) return { diagnostics };
  return { subject: { kind: "policy", name, document, edge }, diagnostics };
}

async function readConfigurationSubject(texts: Texts, options: SubjectOptions): Promise<SubjectReading> {
  const { io, registry, sides } = options;
  const file = resolve(io.cwd, texts.sources[0]!.path);
  const settings = findSettings(dirname(file), io.cwd);
  const device = deviceSettingsOf(file, settings);
  const vendor = options.vendor ?? device?.vendor;
  const wanted = vendor !== undefined && registry.ids.includes(vendor) ? [vendor] : registry.ids;
  const vendors = await Promise.all(wanted.map(async (id) => (await registry.load(id)).vendor));
  const reading = readConfiguration(texts.sources, vendors, {
    vendor,
    skipStrangers: texts.fromFolder,
    sidesFor: (id) => combined(sides, device?.sides, options.sidesOf?.(id)),
  });
  if (!reading.ok || hasErrors(settings.diagnostics)) {
    return { diagnostics: [...settings.diagnostics, ...(reading.ok ? [] : reading.diagnostics)] };
  }
  return {
    subject: { kind: "configuration", name: texts.name, configuration: reading.configuration },
    diagnostics: [...settings.diagnostics, ...reading.configuration.diagnostics],
  };
}

/** The sides that a policy's target gives its interfaces. By convention they stand below `outside` and `inside`. */
export function sidesOfTarget(document: PolicyDocument, vendor: string): Sides | undefined {
  const options = document.targets.get(vendor)?.options;
  if (options === undefined) return undefined;
  return { outside: names(options["outside"]), inside: names(options["inside"]) };
}

function names(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === "string");
}

/** Each side from the nearest that says something. */
export function combined(...given: readonly (Sides | undefined)[]): Sides {
  const first = (side: keyof Sides): readonly string[] =>
    given.find((one) => one !== undefined && one[side].length > 0)?.[side] ?? [];
  return { outside: first("outside"), inside: first("inside") };
}

/** A policy is YAML, or JSON with the keys of a policy; no vendor's configuration is either. */
function isPolicy({ path, text }: Source): boolean {
  if (/\.ya?ml$/i.test(path)) return true;
  if (!/\.json$/i.test(path)) return false;
  return /"version"\s*:\s*1\s*[,}]/.test(text) && /"rules"\s*:\s*\[/.test(text);
}

/** Every file below a folder, hidden ones left out. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith(".") || part === "node_modules"),
    )
    .sort();
}
