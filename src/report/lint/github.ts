import { codes } from "../../diagnostics/index.js";
import { visibleLine } from "../visible.js";
import { totalsText } from "./counts.js";
import type { Entry } from "./entries.js";
import { entriesOf, shortLines, worstFirst } from "./entries.js";
import { factLines } from "./facts.js";
import type { Format, FormatEnv } from "./format.js";
import { logLines } from "./log.js";
import { regionOf, repositoryPath } from "./places.js";

/**
 * Workflow commands of GitHub Actions, which become annotations. GitHub shows the first ten of each kind in a step, so
 * that the worst stand first; all of them stand in the log.
 *
 * Source: GitHub Actions, workflow commands; escapes as in the package @actions/core.
 */
export const github: Format = {
  name: "github",
  about: "annotations of GitHub Actions, for its log",
  write: (report, env) => {
    const entries = worstFirst(entriesOf(report)).filter((one) => one.finding?.suppressed === undefined);
    return [entries.map((entry) => annotation(entry, env)).join("") + logLines([totalsText(report)])];
  },
};

const kinds = { error: "error", warning: "warning", note: "notice" } as const;

function annotation(entry: Entry, env: FormatEnv): string {
  const { code, severity, message, help, finding } = entry;
  const properties = { ...placeProperties(entry, env), title: `${code} ${codes[code].name}` };
  const lines = [
    message,
    ...(finding === undefined ? [] : factLines(finding)),
    ...(help === undefined ? [] : [`help: ${shortLines(help)}`]),
  ];
  const given = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${kinds[severity]} ${given.join(",")}::${escapeData(lines.join("\n"))}\n`;
}

/** Columns are allowed within one line only. */
function placeProperties({ path, span }: Entry, env: FormatEnv): Readonly<Record<string, string | number>> {
  if (path === undefined) return {};
  const file = visibleLine(repositoryPath(path, env));
  if (span === undefined) return { file, line: 1 };
  const { line, column, endLine, endColumn } = regionOf(span);
  return line === endLine ? { file, line, endLine, col: column, endColumn } : { file, line, endLine };
}

function escapeData(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
