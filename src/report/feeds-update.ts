import type { Diagnostic } from "../diagnostics/index.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { visibleLine } from "./visible.js";

/** What `ringwall feeds update` did, or with --check would do, or with --frozen found. */
export interface FeedsUpdateReport {
  /** The lock file as it is shown. */
  readonly lock: string;
  /** `written`: a file was; `current`: there was nothing to write. */
  readonly outcome: "written" | "current" | "checked" | "frozen" | "failed";
  /** Empty when it failed. */
  readonly feeds: readonly ReportedFeed[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReportedFeed {
  /** In the lock. */
  readonly name: string;
  readonly kind: "azure" | "office365";
  /** The cloud or the instance. */
  readonly of: string;
  readonly change: FeedChange;
  readonly version: string;
  /** The version before, where another one was there. */
  readonly before?: string;
  /** As it is shown. */
  readonly file: string;
}

/** `restored`: the file was not the locked one, and is again. `same` and `differs`: against the lock. */
export type FeedChange =
  "added" | "updated" | "went-back" | "republished" | "restored" | "current" | "same" | "differs";

/** What `ringwall feeds update --json` prints: schemas/feeds-update-report.schema.json. */
export interface JsonFeedsUpdateReport extends Omit<FeedsUpdateReport, "diagnostics"> {
  readonly diagnostics: readonly JsonDiagnostic[];
}

export function jsonFeedsUpdate(report: FeedsUpdateReport): JsonFeedsUpdateReport {
  const { lock, outcome, feeds, diagnostics } = report;
  return { outcome, lock, feeds, diagnostics: diagnostics.map(jsonDiagnostic) };
}

/** A line for each feed and one for the whole. */
export function feedsUpdateText(report: FeedsUpdateReport, style: Style = plain): string {
  const rows = report.feeds.map((feed) => ({
    change: changeWords[feed.change],
    name: `${feed.name} (${feed.of})`,
    version: feed.before === undefined ? feed.version : `${feed.before} -> ${feed.version}`,
    file: feed.file,
    good: feed.change === "current" || feed.change === "same",
  }));
  const width = (of: "change" | "name" | "version"): number => Math.max(0, ...rows.map((row) => row[of].length));
  const lines = rows.map(({ change, name, version, file, good }) => {
    const word = change.padEnd(width("change"));
    const rest = visibleLine(`${name.padEnd(width("name"))}  ${version.padEnd(width("version"))}  ${file}`);
    return `${good ? style.good(word) : style.bold(word)}  ${rest}`;
  });
  return `${[...lines, lastLine(report)].join("\n")}\n`;
}

const changeWords: Readonly<Record<FeedChange, string>> = {
  added: "added",
  updated: "updated",
  "went-back": "went back",
  republished: "republished",
  restored: "restored",
  current: "current",
  same: "as locked",
  differs: "differs",
};

function lastLine({ outcome, lock, feeds }: FeedsUpdateReport): string {
  const changed = feeds.filter(({ change }) => change !== "current").length;
  switch (outcome) {
    case "written":
      return `wrote ${changed} ${changed === 1 ? "feed" : "feeds"} and ${lock}`;
    case "current":
      return "nothing to write";
    case "checked":
      return changed === 0 ? "nothing to write" : "nothing was written (--check)";
    case "frozen":
      return feeds.some(({ change }) => change === "differs")
        ? `the files are not those of ${lock}`
        : `the files are those of ${lock}`;
    case "failed":
      return "nothing was written";
  }
}
