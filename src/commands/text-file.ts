import { readFileSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic, nearest } from "../diagnostics/index.js";
import type { FileReading } from "../library/files.js";
import { sha256 } from "../library/files.js";

export interface ReadFileOptions {
  /** Relative paths start here. */
  readonly from: string;
  /** What messages call the file; by default `path` as it was given. */
  readonly shownAs?: string;
  /** Where the path was written, when it was not the command line. */
  readonly namedAt?: Span | undefined;
}

/**
 * The text of a file. UTF-8, or UTF-16 with its byte order mark as Windows PowerShell redirects it; a byte order mark
 * of UTF-8 stays in the text. A file of 16-bit words without one (registry.pol) is known by its zeros. Bytes that are no
 * UTF-8 become U+FFFD.
 */
export function readTextFile(path: string, options: ReadFileOptions): FileReading {
  const full = resolve(options.from, path);
  try {
    const bytes = readFileSync(full);
    return { ok: true, source: { path: options.shownAs ?? path, text: decode(bytes) }, sha256: sha256(bytes) };
  } catch (error) {
    return { ok: false, diagnostic: unreadable(path, full, error as NodeJS.ErrnoException, options.namedAt) };
  }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A path as messages show it: relative, unless that would climb two folders or more. */
export function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near === "" ? "." : near.startsWith(join("..", "..")) ? path : near;
}

export function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString("utf16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.toString(hasWords(bytes) ? "utf16le" : "utf8");
}

/** Whether bytes are 16-bit words: no text in UTF-8 has zeros, and half of what is written in Latin letters is. */
function hasWords(bytes: Buffer): boolean {
  if (bytes.length % 2 !== 0) return false;
  const head = bytes.subarray(0, 1024);
  let high = 0;
  for (let i = 1; i < head.length; i += 2) if (head[i] === 0) high++;
  return high * 4 > head.length;
}

function unreadable(path: string, full: string, error: NodeJS.ErrnoException, namedAt: Span | undefined): Diagnostic {
  const { why, help } = explainReadError(full, error);
  return diagnostic("RW1003", `cannot read ${path}: ${why}`, { primary: namedAt, help });
}

function explainReadError(full: string, error: NodeJS.ErrnoException): { why: string; help?: string } {
  switch (error.code) {
    case "ENOENT":
      return { why: "there is no such file", help: missingHelp(full) };
    case "ENOTDIR":
      return { why: "a part of the path is a file, not a folder", help: `looked for ${full}` };
    case "EISDIR":
      return { why: "it is a folder", help: folderHelp(full) };
    case "EACCES":
    case "EPERM":
      return { why: "the permission is missing", help: `check who may read ${full}` };
    default:
      return { why: error.message };
  }
}

function missingHelp(full: string): string {
  const folder = dirname(full);
  if (!isDirectory(folder)) return `there is no folder ${folder} either`;
  const [near] = nearest(basename(full), namesIn(folder), 1);
  return near === undefined ? `looked for ${full}` : `looked for ${full}; there is ${near} beside it`;
}

function folderHelp(full: string): string {
  const policies = namesIn(full).filter((name) => /\.(ya?ml|json)$/.test(name));
  return policies.length === 0 ? "name a file in it" : `name a file in it, such as ${policies.slice(0, 3).join(", ")}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
