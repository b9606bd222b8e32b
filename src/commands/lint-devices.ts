import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { DeviceSettings } from "../jobs/repository-settings.js";
import { sha256 } from "../library/files.js";
import type { Registry } from "../registry.js";
import type { Vendor } from "../vendor-kit/vendor.js";
import type { FoundFile } from "./lint-files.js";
import { filesIncluded } from "./lint-includes.js";
import { isHuge, stemOf } from "./lint-files.js";
import { isOurs } from "./output.js";
import type { SettingsFile } from "./settings-file.js";
import { deviceSettingsOf } from "./settings-file.js";
import { decode, readTextFile } from "./text-file.js";

/** One firewall whose files are read together. */
export interface FoundDevice {
  /** As people call it: `edge1.conf`, `edge1/` for several files of a folder, or what the settings say. */
  readonly name: string;
  readonly vendor: string;
  /** At least one. */
  readonly files: readonly DeviceFile[];
  /** What the settings say of it. */
  readonly settings?: DeviceSettings;
  readonly settingsFile: SettingsFile;
}

export interface DeviceFile {
  /** The full path; undefined for standard input. */
  readonly path?: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly source: Source;
}

export interface DeviceSearch {
  /** In the order of their first files. */
  readonly devices: readonly FoundDevice[];
  /** Files met on a walk that are no configurations. */
  readonly skipped: readonly SkippedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface SkippedFile {
  readonly file: string;
  /** Follows the file's name: `no vendor recognises it`. */
  readonly why: string;
}

/** What is asked of a text once, and remembered by its digest and its file's name. */
export interface FileFacts {
  /** How sure vendors are that it is theirs, by their ids; those that are not at all are left out. */
  readonly scores: Readonly<Record<string, number>>;
  /** Which part of a device it holds, by those vendors. */
  readonly parts: Readonly<Record<string, string>>;
  /** What it includes of other files, by those vendors. */
  readonly includes?: Readonly<Record<string, readonly string[]>>;
  /** What Ringwall wrote: `script`, to load what stands beside it, if something does. */
  readonly ours?: "script" | "text";
}

export interface FactsMemory {
  get(key: string): FileFacts | undefined;
  set(key: string, facts: FileFacts): void;
}

export interface DeviceSearchOptions {
  readonly cwd: string;
  readonly registry: Registry;
  readonly memory: FactsMemory;
  /** The vendor that the command line names for everything. */
  readonly vendor?: string | undefined;
  /** Standard input, where it is to be looked at, as a file of this name. */
  readonly input?: { readonly text: string; readonly file: FoundFile };
  progress(words: string): void;
}

/** Reads files, tells which of them are configurations, and of which vendor, and which of them belong together. */
export async function findDevices(files: readonly FoundFile[], options: DeviceSearchOptions): Promise<DeviceSearch> {
  const vendors = lazyVendors(options.registry);
  const skipped: SkippedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const known: KnownFile[] = [];
  const all = options.input === undefined ? files : [options.input.file, ...files];
  let count = 0;
  for (const found of all) {
    if (++count % 50 === 0) options.progress(`reading ${count} of ${all.length} files`);
    if (!found.named && isHuge(found.path)) {
      skipped.push({ file: found.shown, why: "it is larger than any configuration" });
      continue;
    }
    const reading = readFile(found, options);
    if ("code" in reading) {
      diagnostics.push(reading);
      continue;
    }
    // A name may tell what a text does not: which family its rules are of.
    const key = `${reading.file.sha256} ${basename(found.path)}`;
    let facts = options.memory.get(key);
    if (facts === undefined) {
      facts = factsOf(reading.file.source, await vendors());
      options.memory.set(key, facts);
    }
    const settings = deviceSettingsOf(found.path, found.settings);
    known.push({ found, ...reading, facts, ...(settings !== undefined && { settings }) });
  }

  const chosen: Chosen[] = [];
  for (const group of groupsOf(known)) {
    const wanted = options.vendor ?? group[0]!.settings?.vendor;
    const choice = chooseVendor(group, wanted, options.registry.ids);
    diagnostics.push(...choice.diagnostics);
    skipped.push(...choice.skipped);
    chosen.push(...choice.devices);
  }
  const together = chosen.map((one) => ({ ...one, included: includedBy(one, known) }));
  const elsewhere = new Set(together.flatMap((one) => one.included));
  const roots = together.filter(({ files }) => !files.every((file) => elsewhere.has(file)));
  // What another file includes is read in its place there, and does not stand for itself; unless they include each other.
  const read = new Set(roots.flatMap((one) => [...one.files, ...one.included]));
  const devices = [...roots, ...together.filter(({ files }) => !files.every((file) => read.has(file)))].map((one) =>
    deviceOf([...one.files, ...one.included], one.vendor, nameOf(one.files)),
  );
  devices.sort((a, b) => compare(a.files[0]!.source.path, b.files[0]!.source.path));
  const names = new Set(devices.flatMap(({ files }) => files.map(({ source }) => source.path)));
  return { devices, skipped: skipped.filter(({ file }) => !names.has(file)), diagnostics };
}

/** Files that no settings and no command line put together may be included by one of these. */
function includedBy({ vendor, files }: Chosen, known: readonly KnownFile[]): KnownFile[] {
  const about = (one: KnownFile) => ({ one, path: one.found.path, includes: one.facts.includes?.[vendor] ?? [] });
  const own = known.filter((one) => files.includes(one)).map(about);
  if (own.every(({ includes }) => includes.length === 0)) return [];
  return filesIncluded([...own], [...own, ...known.filter((one) => !files.includes(one)).map(about)]).map(
    ({ one }) => one,
  );
}

interface Chosen {
  readonly vendor: string;
  readonly files: readonly KnownFile[];
}

interface KnownFile {
  readonly found: FoundFile;
  readonly file: DeviceFile;
  readonly facts: FileFacts;
  readonly settings?: DeviceSettings;
}

function lazyVendors(registry: Registry): () => Promise<readonly Vendor[]> {
  let loading: Promise<readonly Vendor[]> | undefined;
  return () => (loading ??= Promise.all(registry.ids.map(async (id) => (await registry.load(id)).vendor)));
}

function readFile(found: FoundFile, { cwd, input }: DeviceSearchOptions): { readonly file: DeviceFile } | Diagnostic {
  if (input?.file === found) {
    const { text } = input;
    return { file: { sha256: sha256(text), bytes: text.length, source: { path: found.shown, text } } };
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(found.path);
  } catch {
    // Once more, for the words.
    const reading = readTextFile(found.path, { from: cwd, shownAs: found.shown });
    return reading.ok ? diagnostic("RW1003", `cannot read ${found.shown}`) : reading.diagnostic;
  }
  const digest = sha256(bytes);
  return {
    file: {
      path: found.path,
      sha256: digest,
      bytes: bytes.length,
      source: fileSource(found.path, found.shown, digest, bytes),
    },
  };
}

/** How much text is kept while other files are read; of the rest only digests are, and it is read again when needed. */
const mostKept = 32 << 20;
let kept = 0;

/** A file as a source whose text is read when somebody asks for it. That it is still the same text is made sure. */
export function fileSource(path: string, shown: string, digest: string, bytes?: Buffer): Source {
  let own = bytes;
  if (own !== undefined && (kept += own.length) > mostKept) own = undefined;
  let text: string | undefined;
  return {
    path: shown,
    get text() {
      if (text === undefined) {
        const content = own ?? readFileSync(path);
        if (own === undefined && sha256(content) !== digest) {
          throw new Error(`${shown} has changed while it was looked at; run it again`);
        }
        text = decode(content);
        own = undefined;
      }
      return text;
    },
  };
}

function factsOf(source: Source, vendors: readonly Vendor[]): FileFacts {
  const scores: Record<string, number> = {};
  const parts: Record<string, string> = {};
  const includes: Record<string, readonly string[]> = {};
  for (const { manifest, detect, partOf, includesOf } of vendors) {
    const score = detect(source);
    if (score <= 0) continue;
    scores[manifest.id] = score;
    parts[manifest.id] = partOf?.(source) ?? whole;
    const included = includesOf?.(source) ?? [];
    if (included.length > 0) includes[manifest.id] = included;
  }
  const facts = { scores, parts, ...(Object.keys(includes).length > 0 && { includes }) };
  if (!isOurs(source.text)) return facts;
  return { ...facts, ours: source.text.startsWith("#!") ? "script" : "text" };
}

const whole = "whole";

/** Files of which one vendor has to be chosen: of one device already, or each by itself. */
function groupsOf(files: readonly KnownFile[]): (readonly KnownFile[])[] {
  const groups = new Map<string, KnownFile[]>();
  for (const file of files) {
    const { found, settings } = file;
    const key =
      found.together !== undefined
        ? `word ${found.together}`
        : settings?.name !== undefined
          ? `device ${found.settings.path} ${settings.name}`
          : `folder ${dirname(found.path)} ${found.settings.settings.devices.indexOf(settings!)}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()];
}

interface VendorChoice {
  readonly devices: readonly Chosen[];
  readonly skipped: readonly SkippedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

function chooseVendor(group: readonly KnownFile[], wanted: string | undefined, ids: readonly string[]): VendorChoice {
  if (wanted !== undefined && !ids.includes(wanted)) {
    const at = group[0]!.settings?.vendor === wanted ? group[0]!.settings.vendorAt : undefined;
    const message = `there is no vendor "${wanted}"${didYouMean(wanted, ids)}`;
    const help = `the vendors are ${ids.join(", ")}`;
    return { devices: [], skipped: [], diagnostics: [diagnostic("RW6008", message, { primary: at, help })] };
  }
  const { found, settings } = group[0]!;
  const isOne = found.together !== undefined || settings?.name !== undefined;
  return isOne ? chooseForOne(group, wanted, ids) : chooseForEach(group, wanted, ids);
}

/** The files of one device have one vendor. */
function chooseForOne(group: readonly KnownFile[], wanted: string | undefined, ids: readonly string[]): VendorChoice {
  const sum = (id: string): number => group.reduce((sofar, { facts }) => sofar + (facts.scores[id] ?? 0), 0);
  const choice = wanted === undefined ? surest(ids, sum) : { kind: "one" as const, vendor: wanted };
  const names = group.map(({ found }) => found.shown).join(", ");
  if (choice.kind !== "one") return { devices: [], skipped: [], diagnostics: [unclear(names, choice, ids)] };
  const { vendor } = choice;
  const known = group.filter((one) => one.found.named || !isStranger(one, vendor));
  const plain = known.filter((one) => one.found.named || one.facts.ours !== "script");
  const files = plain.length > 0 ? plain : known;
  const strangers = group.filter((one) => !files.includes(one));
  return {
    devices: files.length > 0 ? [{ vendor, files }] : [],
    skipped: strangers.map(({ found }) => ({ file: found.shown, why: `it is no configuration of ${vendor}` })),
    diagnostics: [],
  };
}

function chooseForEach(group: readonly KnownFile[], wanted: string | undefined, ids: readonly string[]): VendorChoice {
  const byVendor = new Map<string, KnownFile[]>();
  const skipped: SkippedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const one of group) {
    const { found, facts, settings } = one;
    // What somebody speaks of has to be read; what is met on a walk may be anything. Feeds, locks and baselines are JSON.
    const asked = found.named || (settings !== undefined && !found.path.endsWith(".json"));
    const choice =
      wanted === undefined ? surest(ids, (id) => facts.scores[id] ?? 0) : { kind: "one" as const, vendor: wanted };
    if (choice.kind === "one" && (asked || !isStranger(one, choice.vendor))) {
      byVendor.set(choice.vendor, [...(byVendor.get(choice.vendor) ?? []), one]);
    } else if (asked || choice.kind === "several") {
      diagnostics.push(unclear(found.shown, choice, ids));
    } else {
      skipped.push({ file: found.shown, why: "no vendor recognises it" });
    }
  }
  const devices = [...byVendor].flatMap(([vendor, all]) => {
    const isLoader = (one: KnownFile): boolean => !one.found.named && one.facts.ours === "script";
    const loaders = all.every(isLoader) ? [] : all.filter(isLoader);
    skipped.push(...loaders.map(({ found }) => ({ file: found.shown, why: "it loads what stands beside it" })));
    const files = all.filter((one) => !loaders.includes(one));
    const steps = files.filter(isStep);
    const others = steps.length > 1 ? files.filter((one) => !steps.includes(one)) : files;
    const together = partsTogether(others, ({ found, facts }) => ({
      part: facts.parts[vendor] ?? whole,
      stem: stemOf(found.path),
    }));
    return [...(steps.length > 1 ? [steps] : []), ...together].map((of) => ({ vendor, files: of }));
  });
  return { devices, skipped, diagnostics };
}

/** `1-define.cfg`, `2-bind.cfg`: Ringwall numbers the files of one device that are loaded one after the other. */
function isStep({ found, facts }: KnownFile): boolean {
  return facts.ours !== undefined && /^\d+-/.test(basename(found.path));
}

/** Below this a vendor only sees a likeness, as in a text that talks about configurations. */
const sure = 0.5;

function isStranger({ facts }: KnownFile, vendor: string): boolean {
  return (facts.scores[vendor] ?? 0) < sure;
}

type Surest =
  | { readonly kind: "one"; readonly vendor: string }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly vendors: readonly string[] };

function surest(ids: readonly string[], score: (id: string) => number): Surest {
  const best = Math.max(0, ...ids.map(score));
  if (best === 0) return { kind: "none" };
  const vendors = ids.filter((id) => score(id) === best);
  return vendors.length === 1 ? { kind: "one", vendor: vendors[0]! } : { kind: "several", vendors };
}

function unclear(names: string, choice: Surest, ids: readonly string[]): Diagnostic {
  const help = "say which one it is: --vendor, or `vendor` below `devices` in ringwall.yaml";
  return choice.kind === "several"
    ? diagnostic("RW6008", `${names} could be of ${choice.vendors.join(" or ")}`, { help })
    : diagnostic("RW6008", `no vendor recognises ${names}`, { help: `${help}; the vendors are ${ids.join(", ")}` });
}

/**
 * Files of one folder and vendor, put together by the parts of a device that they hold: all of them where no part occurs
 * twice, unless their names are numbered (`edge1.v4`, `edge2.v6`); else those whose names differ in nothing but the part.
 * A whole configuration stands for itself.
 */
export function partsTogether<T>(
  files: readonly T[],
  about: (file: T) => { readonly part: string; readonly stem: string },
): (readonly T[])[] {
  const wholes = files.filter((file) => about(file).part === whole);
  const parts = files.filter((file) => about(file).part !== whole);
  const noneTwice = (group: readonly T[]): boolean =>
    new Set(group.map((one) => about(one).part)).size === group.length;
  if (parts.length > 0 && noneTwice(parts) && !areNumbered(parts.map((one) => about(one).stem))) {
    return [...wholes.map((one) => [one]), parts];
  }

  const stems = new Map<string, T[]>();
  for (const part of parts) stems.set(about(part).stem, [...(stems.get(about(part).stem) ?? []), part]);
  const groups = [...stems.values()].flatMap((group) => (noneTwice(group) ? [group] : group.map((one) => [one])));
  return [...wholes.map((one) => [one]), ...groups];
}

function areNumbered(stems: readonly string[]): boolean {
  const plain = new Set(stems.map((stem) => stem.replace(/\d+/g, "")));
  return plain.size < new Set(stems).size;
}

function deviceOf(files: readonly KnownFile[], vendor: string, name: string): FoundDevice {
  const { found, settings } = files[0]!;
  return {
    name,
    vendor,
    files: files.map(({ file }) => file),
    ...(settings !== undefined && { settings }),
    settingsFile: found.settings,
  };
}

function nameOf(files: readonly KnownFile[]): string {
  const { found, settings } = files[0]!;
  if (settings?.name !== undefined) return settings.name;
  if (found.together !== undefined) return found.together;
  if (files.length === 1) return found.shown;
  const stem = stemOf(found.path);
  const folder = found.shown.slice(0, found.shown.lastIndexOf("/") + 1);
  const same = files.every((one) => stemOf(one.found.path) === stem);
  return same && stem !== ""
    ? `${folder}${stem}`
    : folder === ""
      ? files.map((one) => one.found.shown).join(",")
      : folder;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
