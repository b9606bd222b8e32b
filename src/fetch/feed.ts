import { createHash } from "node:crypto";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { FeedText } from "../feeds/index.js";
import { plainAddress } from "../feeds/index.js";
import type { Answer } from "./web.js";

/** A feed of a publisher, checked, or the news that there is nothing newer. */
export type Fetched =
  | { readonly kind: "current"; readonly version: string }
  | { readonly kind: "arrived"; readonly feed: ArrivedFeed }
  | {
      readonly kind: "failed";
      readonly diagnostic: Diagnostic;
      /** What the machine has to remember. */
      readonly heldOff?: { readonly host: string; readonly until: Date };
    };

export interface ArrivedFeed {
  readonly version: string;
  readonly prefixes: number;
  readonly file: ArrivedFile;
  readonly changes?: ArrivedFile;
}

export interface ArrivedFile {
  /** Its bytes are those of the text in UTF-8. */
  readonly text: string;
  readonly sha256: string;
  /** As a lock writes it. */
  readonly source: string;
  readonly etag?: string;
}

/** What the lock says of the feed, when its files are really there. */
export interface HeldFeed {
  readonly version: string;
  readonly sha256: string;
  readonly source: string;
  readonly etag?: string;
}

export const mebibyte = 2 ** 20;
/** The files of 2026 have 4 MiB. */
export const limits = { page: 8 * mebibyte, file: 64 * mebibyte, answer: mebibyte } as const;

export function notFetched(
  what: string,
  answer: Exclude<Answer, { kind: "body" }>,
): Extract<Fetched, { kind: "failed" }> {
  switch (answer.kind) {
    case "unchanged":
      return failure(what, `${plainAddress(answer.url)}: it says "unchanged" about something that is not here`);
    case "failed":
      return failure(what, answer.why);
    case "later": {
      const until = `${answer.until.toISOString().slice(0, 16).replace("T", " ")} UTC`;
      return {
        ...failure(
          what,
          `${answer.host} ${answer.fresh ? "wants" : "wanted"} to be left alone until ${until}`,
          "run it again after that; until then it is not asked again from this machine, because asking prolongs the wait",
        ),
        ...(answer.fresh && { heldOff: { host: answer.host, until: answer.until } }),
      };
    }
  }
}

export function failure(what: string, why: string, help?: string): Extract<Fetched, { kind: "failed" }> {
  return {
    kind: "failed",
    diagnostic: diagnostic("RW5008", `${what} could not be fetched: ${why}`, {
      help:
        help ??
        "nothing was replaced; where this machine has no way to it, fetch the file by hand and give it with --file",
    }),
  };
}

/** The text of what was served; a failure when it is not UTF-8, or says of itself that it is something else. */
export function textOf(
  what: string,
  answer: Extract<Answer, { kind: "body" }>,
): FeedText | Extract<Fetched, { kind: "failed" }> {
  const shown = plainAddress(answer.url);
  if (isPage(answer)) {
    return failure(
      what,
      `${shown}: it is a page (HTML) and not the file; a proxy may want a login, or the page was moved`,
    );
  }
  // A file that is served as something else may be something else, even when it can be read.
  if (
    !/^(?:|application\/(?:[\w.-]+\+)?json|text\/(?:json|plain)|(?:application|binary)\/octet-stream)$/.test(
      answer.type,
    )
  ) {
    return failure(what, `${shown}: it is served as ${answer.type}, not as JSON`);
  }
  const text = strictText(answer.bytes);
  return text === undefined ? failure(what, `${shown}: it is not UTF-8`) : feedText(shown, text);
}

export function isPage({ type, bytes }: Extract<Answer, { kind: "body" }>): boolean {
  return /html/.test(type) || /^\s*</.test(bytes.subarray(0, 200).toString("utf8"));
}

/** Undefined for what is not UTF-8. A byte order mark stays, so that the text gives the same bytes again. */
export function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function feedText(path: string, text: string): FeedText {
  return { source: { path, text }, sha256: createHash("sha256").update(text).digest("hex") };
}
