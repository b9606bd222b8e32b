import { visibleLine } from "../visible.js";
import { conciseLine } from "./concise.js";
import { totalsText } from "./counts.js";
import type { Entry } from "./entries.js";
import { entriesOf, worstFirst } from "./entries.js";
import { factLines } from "./facts.js";
import type { Format, FormatEnv } from "./format.js";
import { logLines } from "./log.js";
import { regionOf, repositoryPath } from "./places.js";
import { failsRun } from "./report.js";

/**
 * Logging commands of Azure Pipelines: errors and warnings stand in the run's summary. It knows no notes; they are plain
 * lines of the log.
 *
 * Source: Azure Pipelines, logging commands (task.logissue, task.complete).
 */
export const azure: Format = {
  name: "azure",
  about: "logging commands of Azure Pipelines, for its log",
  write: (report, env) => {
    const entries = worstFirst(entriesOf(report)).filter((one) => one.finding?.suppressed === undefined);
    const fails = entries.some((one) =>
      one.finding === undefined ? one.severity === "error" : failsRun(one.severity, report),
    );
    const partly = !fails && entries.some((one) => one.severity !== "note");
    return [
      entries.map((entry) => issue(entry, env)).join("") +
        logLines([totalsText(report)]) +
        // Where the run fails, its exit code says so.
        (partly ? command("task.complete", { result: "SucceededWithIssues" }, "") : ""),
    ];
  },
};

function issue(entry: Entry, env: FormatEnv): string {
  const { code, severity, message, path, span, finding } = entry;
  if (severity === "note") return logLines([conciseLine(entry)]);
  const region = span === undefined ? undefined : regionOf(span);
  const properties = {
    type: severity,
    ...(path !== undefined && { sourcepath: visibleLine(repositoryPath(path, env)) }),
    ...(region !== undefined && { linenumber: region.line, columnnumber: region.column }),
    code,
  };
  const packet = finding === undefined ? [] : factLines(finding).slice(0, 1);
  return command("task.logissue", properties, [message, ...packet].join(" | "));
}

function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const given = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))};`);
  return `##vso[${name} ${given.join("")}]${escapeData(message)}\n`;
}

/** Source: azure-pipelines-task-lib, the escapes that the agent takes back. */
function escapeData(text: string): string {
  return text.replace(/%/g, "%AZP25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/\]/g, "%5D").replace(/;/g, "%3B");
}
