import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { AnyFeed } from "../feeds/index.js";
import { feedTitle } from "../feeds/index.js";

/** The error of comparing Azure with Office 365. */
export function differentKinds(from: AnyFeed, to: AnyFeed): Diagnostic {
  return diagnostic(
    "RW5001",
    `${from.source.path} has ${feedTitle(from)}, ${to.source.path} has ${feedTitle(to)}: they have nothing in common`,
    { help: "compare two versions of the same feed" },
  );
}

/** What to know before two versions are compared: another cloud, the same version twice, the newer one first. */
export function pairWarnings(from: AnyFeed, to: AnyFeed): Diagnostic[] {
  const [a, b] = [partOf(from), partOf(to)];
  if (a !== undefined && b !== undefined && a !== b) {
    return [
      diagnostic(
        "RW5010",
        `${from.source.path} is of ${a}, ${to.source.path} of ${b}: this is not one feed at two times`,
      ),
    ];
  }
  const [before, after] = [numberOf(from), numberOf(to)];
  return before !== undefined && after !== undefined && before > after
    ? [
        diagnostic("RW5010", `${from.source.path} (${from.version}) is newer than ${to.source.path} (${to.version})`, {
          help: "the older one comes first; what is told here is the way back",
        }),
      ]
    : [];
}

function partOf(feed: AnyFeed): string | undefined {
  return feed.kind === "azure" ? `the cloud ${feed.cloud}` : feed.instance && `the instance ${feed.instance}`;
}

function numberOf({ version }: AnyFeed): number | undefined {
  const digits = /\d+/.exec(version)?.[0];
  return digits === undefined ? undefined : Number(digits);
}
