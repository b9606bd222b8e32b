import { existsSync, readdirSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { folderOfGlob, isGlob, matchesGlob } from "../jobs/glob.js";
import { isIncluded } from "../jobs/repository-settings.js";
import type { SettingsFile } from "./settings-file.js";
import { pathBelow, settingsName } from "./settings-file.js";
import { isDirectory, shownPath } from "./text-file.js";

/** A file to look at. */
export interface FoundFile {
  /** The full path. */
  readonly path: string;
  /** As messages and reports call it, with `/`. */
  readonly shown: string;
  /** Whether somebody named this very file; else it was met on a walk, and may be anything. */
  readonly named: boolean;
  /** Files of one word, `rules.v4,rules.v6`, are of one device: the word. */
  readonly together?: string;
  readonly settings: SettingsFile;
}

export interface FileSearch {
  /** In alphabetical order of what they are called, each once. */
  readonly files: readonly FoundFile[];
  /** Words that stand for nothing. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Which settings hold for the files of a folder. */
export type SettingsOf = (folder: string) => SettingsFile;

/**
 * The files that words of a command line mean: files, folders, patterns, and files of one device divided by commas.
 * Without words, what the settings of the working folder include.
 */
export function findFiles(words: readonly string[], cwd: string, settingsOf: SettingsOf): FileSearch {
  const found = new Map<string, FoundFile>();
  const diagnostics: Diagnostic[] = [];
  const add = (path: string, as: Pick<FoundFile, "named" | "together">): void => {
    const known = found.get(path);
    if (known !== undefined && (known.named || !as.named)) return;
    found.set(path, { path, shown: shownFile(cwd, path), settings: settingsOf(dirname(path)), ...as });
  };
  const addWalked = (folder: string, wanted: (path: string) => boolean): void => {
    for (const path of walk(folder, settingsOf, diagnostics)) if (wanted(path)) add(path, { named: false });
  };

  const mayBe = (path: string): boolean => mayBeConfiguration(path, settingsOf(dirname(path)));

  if (words.length === 0) {
    const own = settingsOf(cwd);
    const folder = own.path === undefined ? cwd : own.folder;
    addWalked(folder, (path) => mayBe(path) && isIncluded(own.settings, pathBelow(own.folder, path)));
  }
  for (const word of words) {
    const path = resolve(cwd, word);
    if (existsSync(path)) {
      if (isDirectory(path)) addWalked(path, mayBe);
      else add(path, { named: true });
      continue;
    }
    const parts = word.split(",").filter((part) => part !== "");
    if (parts.length > 1 && parts.every((part) => existsSync(resolve(cwd, part)))) {
      for (const part of parts) add(resolve(cwd, part), { named: true, together: word });
      continue;
    }
    if (isGlob(word)) {
      const before = found.size;
      const pattern = resolve(cwd, word).split(sep).join("/");
      addWalked(resolve(cwd, folderOfGlob(word.split(sep).join("/"))), (one) =>
        matchesGlob(pattern, one.split(sep).join("/")),
      );
      if (found.size === before) {
        diagnostics.push(
          diagnostic("RW1003", `no file is meant by ${word}`, {
            help: "* stands for anything within a name, ** for any folders; hidden files are left out",
          }),
        );
      }
      continue;
    }
    // Reading it says what is wrong.
    add(path, { named: true });
  }
  const files = [...found.values()].sort((a, b) => (a.shown < b.shown ? -1 : a.shown > b.shown ? 1 : 0));
  return { files, diagnostics };
}

/** A path as reports call it. */
export function shownFile(cwd: string, path: string): string {
  return shownPath(cwd, path).split(sep).join("/");
}

/**
 * Every file below a folder, hidden ones, links and what the settings exclude left out.
 */
function* walk(folder: string, settingsOf: SettingsOf, diagnostics: Diagnostic[]): Generator<string> {
  const settings = settingsOf(folder);
  for (const entry of entriesOf(folder, diagnostics)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const { settings: own, folder: from } = settings;
    if (own.exclude.length > 0 && !isIncluded({ ...own, include: [] }, pathBelow(from, path))) continue;
    if (entry.isDirectory()) yield* walk(path, settingsOf, diagnostics);
    else if (entry.isFile()) yield path;
  }
}

function entriesOf(folder: string, diagnostics: Diagnostic[]): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    diagnostics.push(diagnostic("RW1003", `cannot look into ${folder}: ${(error as Error).message}`));
    return [];
  }
}

/**
 * Whether a file may be a configuration by its name: code and documents are none, unless somebody asks for files of just
 * this name or ending.
 */
function mayBeConfiguration(path: string, { settings, folder }: SettingsFile): boolean {
  const name = basename(path);
  if (name === settingsName) return false;
  if (!notConfigurations.test(name)) return true;
  const asked = [...settings.include, ...settings.devices.flatMap((device) => device.files)];
  const below = pathBelow(folder, path);
  return asked.some((pattern) => /\.[^*?./]+$/.test(pattern) && matchesGlob(pattern, below));
}

const notConfigurations =
  /\.(?:md|markdown|rst|adoc|html?|css|ya?ml|toml|lock|tsx?|[cm]?[jt]s|py|pyc|go|rs|rb|java|c|h|cpp|sum|map|svg|png|jpe?g|gif|ico|pdf|docx?|xlsx?|zip|t?gz|bz2|xz|zst|tar|7z|jar|exe|dll|so|o|a|wasm|woff2?|ttf|pcap(?:ng)?|sqlite|db|log|sarif|patch|diff|orig|rej|hbs|j2|jinja2?|tmpl|erb)$|^(?:LICENSE|LICENCE|README|CHANGELOG|CODEOWNERS|Makefile|Dockerfile|Jenkinsfile|package(?:-lock)?\.json)$/i;

/** How many bytes a file on a walk may have: nobody's configuration has more, and something else soon has. */
export const mostBytes = 64 << 20;

/** Whether a file is more than anybody would read unasked. */
export function isHuge(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes;
}

/** The name of a file without what tells its part of a device: `edge1` for `edge1.v4.rules` and `edge1-ipset.conf`. */
export function stemOf(path: string): string {
  return basename(path)
    .toLowerCase()
    .split(/[.\-_ ]+/)
    .filter((word) => !partWord.test(word))
    .join(".");
}

const partWord =
  /^(?:(?:ip)?v?[46]|ip[46]?(?:tables|sets?)[46]?|sets?|rules|ruleset|save|conf|cfg|config|txt|dump|running)$/;
