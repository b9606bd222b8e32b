import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../library/files.js";
import { tool } from "../library/tool.js";
import { codeRoot } from "../registry.js";
import type { FactsMemory, FileFacts } from "./lint-devices.js";
import type { Io } from "./io.js";

/**
 * What is known of texts from earlier runs, by digests of all that it depends on: the texts, the policy, the settings and
 * the program itself. Whatever is missing, damaged or cannot be written is worked out anew; nothing depends on it.
 */
export interface LintCache {
  readonly facts: FactsMemory;
  get(key: string): string | undefined;
  set(key: string, text: string): void;
  /** Writes what is left to write. */
  close(): void;
}

/** `folder` undefined: nothing is kept beyond the run. What nobody has asked for in a month before `now` is removed. */
export function openCache(folder: string | undefined, now: Date): LintCache {
  const files = new Map<string, FileFacts>();
  if (folder === undefined) {
    return {
      facts: { get: (key) => files.get(key), set: (key, facts) => void files.set(key, facts) },
      get: () => undefined,
      set: () => undefined,
      close: () => undefined,
    };
  }
  const stamp = codeStamp();
  const index = join(folder, `files-${stamp}.json`);
  let known: Readonly<Record<string, FileFacts>> | undefined;
  let changed = false;
  const knownFacts = (): Readonly<Record<string, FileFacts>> => (known ??= readFacts(index));
  const pathOf = (key: string): string => {
    const name = sha256(`${stamp}\n${key}`);
    return join(folder, name.slice(0, 2), `${name.slice(2)}.json`);
  };
  return {
    facts: {
      get: (key) => files.get(key) ?? (Object.hasOwn(knownFacts(), key) ? knownFacts()[key] : undefined),
      set: (key, facts) => {
        files.set(key, facts);
        changed = true;
      },
    },
    get(key) {
      const path = pathOf(key);
      const text = readQuietly(path);
      const end = text?.indexOf("\n") ?? -1;
      if (text !== undefined) touch(path, now);
      // A file that was cut short, or that somebody changed, is none.
      return text !== undefined && text.slice(0, end) === sha256(text.slice(end + 1)) ? text.slice(end + 1) : undefined;
    },
    set: (key, text) => writeQuietly(pathOf(key), `${sha256(text)}\n${text}`),
    close() {
      if (!changed) return;
      removeOld(folder, now);
      const all = { ...knownFacts(), ...Object.fromEntries(files) };
      // What has not been asked for in a long time is not kept for ever.
      const entries = Object.entries(all).slice(-mostFacts);
      writeQuietly(index, JSON.stringify(Object.fromEntries(entries)));
    },
  };
}

const mostFacts = 100_000;

/** Where the cache is: what the command line says, else the folder that the system has for such things. */
export function cacheFolder(given: string | undefined, { cwd, env }: Pick<Io, "cwd" | "env">): string | undefined {
  if (given !== undefined) return resolve(cwd, given);
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local, HOME: home } = env;
  // Source: XDG Base Directory Specification; relative paths are to be ignored.
  if (xdg?.startsWith("/")) return join(xdg, "ringwall");
  if (process.platform === "win32") return local === undefined ? undefined : join(local, "ringwall", "cache");
  return home === undefined || home === "" ? undefined : join(home, ".cache", "ringwall");
}

/** What changes with the program: its version, and the files of a build or a checkout. */
function codeStamp(): string {
  const root = fileURLToPath(codeRoot());
  const files = ["src", "shared", "vendors"].flatMap((folder) => stampsIn(join(root, folder)));
  return sha256(JSON.stringify([tool().version, process.versions.node, files])).slice(0, 16);
}

function stampsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "fixtures" ? [] : stampsIn(path);
      if (!/\.[jt]s$/.test(entry.name) || entry.name.endsWith(".d.ts")) return [];
      const { size, mtimeMs } = statSync(path);
      return [`${entry.name} ${size} ${mtimeMs}`];
    });
  } catch {
    return [];
  }
}

const day = 24 * 60 * 60 * 1000;

/** Says that a file was asked for, once a day. */
function touch(path: string, now: Date): void {
  quietly(() => {
    if (now.getTime() - statSync(path).mtimeMs > day) utimesSync(path, now, now);
  });
}

/** At most once a day. */
function removeOld(folder: string, now: Date): void {
  quietly(() => {
    const mark = join(folder, "cleaned");
    const cleaned = statSync(mark, { throwIfNoEntry: false })?.mtimeMs;
    if (cleaned !== undefined && now.getTime() - cleaned < day) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(mark, "");
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.name.endsWith(".json") && now.getTime() - statSync(path).mtimeMs > 30 * day) rmSync(path);
    }
  });
}

function readFacts(path: string): Readonly<Record<string, FileFacts>> {
  try {
    const read = JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, FileFacts>> | null;
    return typeof read === "object" && read !== null ? read : {};
  } catch {
    return {};
  }
}

function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Under another name first: two runs at once do not see half a file of each other. */
function writeQuietly(path: string, text: string): void {
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  });
}

/** A cache that cannot be written is a slow run and no more. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
