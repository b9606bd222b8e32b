import { createHash } from "node:crypto";
import type { Diagnostic, Source, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";

export type FileReading =
  | { readonly ok: true; readonly source: Source; readonly sha256: string }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/** Gives the file that a policy names at `namedAt`, by the path as the policy writes it. */
export type ReadFile = (path: string, namedAt?: Span) => FileReading;

/** Files by the paths that the policy writes. */
export type GivenFiles = Readonly<Record<string, string | Uint8Array>>;

export function readerOf(files: GivenFiles): ReadFile {
  return (path, namedAt) => {
    const content = Object.hasOwn(files, path) ? files[path] : undefined;
    if (content === undefined) {
      const message = `the file ${path} was not given${didYouMean(path, Object.keys(files))}`;
      return {
        ok: false,
        diagnostic: diagnostic("RW1003", message, { primary: namedAt, help: "hand it in among the files" }),
      };
    }
    const text = typeof content === "string" ? content : Buffer.from(content).toString("utf8");
    return { ok: true, source: { path, text }, sha256: sha256(content) };
  };
}

/** 64 lower-case hexadecimal digits. A text counts as its UTF-8 bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
