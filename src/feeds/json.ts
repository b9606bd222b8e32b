import type { Diagnostic, Source } from "../diagnostics/index.js";
import { jsonErrorOffset } from "./json-error.js";
import { diagnostic, span } from "../diagnostics/index.js";

export type JsonReading =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Diagnostic };

/** A feed's text as JSON. A byte order mark is fine. `what` names the format that was expected. */
export function readJson(source: Source, what: string): JsonReading {
  const text = source.text.charCodeAt(0) === 0xfeff ? source.text.slice(1) : source.text;
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    const at = jsonErrorOffset(text) + (source.text.length - text.length);
    return { ok: false, problem: notJson(source, text, at, what) };
  }
}

/** The error of a feed that is JSON, and not what its publisher writes. */
export function wrongFormat(source: Source, what: string, why: string, offset = 0): Diagnostic {
  return diagnostic("RW5001", `${source.path} is not ${what}: ${why}`, {
    primary: span(source, offset, Math.min(offset + 1, source.text.length)),
    help: "use the file as it is published, unchanged",
  });
}

function notJson(source: Source, text: string, at: number, what: string): Diagnostic {
  const start = text.trimStart();
  const why =
    start === ""
      ? "the file is empty"
      : start.startsWith("<")
        ? "it is HTML or XML; the download page was saved instead of the file"
        : start.startsWith("version https://git-lfs")
          ? "it is a Git LFS pointer; fetch the file itself with `git lfs pull`"
          : isCut(source.text.slice(at))
            ? "the JSON ends in the middle, so the download was cut short"
            : "it is not well-formed JSON here";
  return diagnostic("RW5001", `${source.path} is not ${what}: ${why}`, {
    primary: span(source, Math.min(at, source.text.length), Math.min(at + 1, source.text.length)),
    help: "download it again",
  });
}

/** Whether what is left is the beginning of a token, or nothing. */
function isCut(rest: string): boolean {
  return /^(?:"(?:[^"\\\n]|\\.)*\\?|[\w.+-]*)$/.test(rest);
}
