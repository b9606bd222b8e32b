import type { Entry } from "./entries.js";
import { entriesOf } from "./entries.js";
import type { Format, FormatEnv } from "./format.js";
import { jsonText } from "./json-text.js";
import { regionOf, repositoryPath } from "./places.js";

/**
 * GitLab's Code Quality report: shown in merge requests, with what is new and what is gone. An issue needs a file, so
 * that problems of no file are not in it.
 *
 * Source: GitLab, code quality report format.
 */
export const gitlab: Format = {
  name: "gitlab",
  about: "a Code Quality report of GitLab",
  write: (report, env) => {
    const entries = entriesOf(report).filter((one) => one.finding?.suppressed === undefined);
    return [jsonText(entries.flatMap((entry) => issue(entry, env)))];
  },
};

function issue(entry: Entry, env: FormatEnv): object[] {
  const { code, message, path, span, fingerprint } = entry;
  if (path === undefined) return [];
  const { line, endLine } = span === undefined ? { line: 1, endLine: 1 } : regionOf(span);
  return [
    {
      description: message,
      check_name: code,
      fingerprint,
      severity: severityOf(entry),
      location: { path: repositoryPath(path, env), lines: { begin: line, end: endLine } },
    },
  ];
}

/** GitLab has five: what may be is one less than what is certain. */
function severityOf({ severity, finding }: Entry): "info" | "minor" | "major" | "critical" | "blocker" {
  const certain = finding?.certainty !== "may";
  switch (severity) {
    case "error":
      return certain ? "blocker" : "critical";
    case "warning":
      return certain ? "major" : "minor";
    case "note":
      return "info";
  }
}
