import type { Severity } from "../../diagnostics/index.js";
import type { Style } from "../style.js";
import { visibleLine } from "../visible.js";
import { countFindings, countsText, isClean, totalsText } from "./counts.js";
import { entriesOf } from "./entries.js";
import { entryText } from "./entry-text.js";
import type { Format } from "./format.js";
import { logLines } from "./log.js";
import type { LintReport, ReportedDevice } from "./report.js";
import { failsRun, openFindings } from "./report.js";

/** For people: each finding with the lines that it speaks of, then a line a device, then the totals. */
export const text: Format = {
  name: "text",
  about: "for people: each finding with its lines, a packet as evidence, and what to do",
  write: (report, { style }) => {
    const lines = [
      ...entriesOf(report).flatMap((entry) => [...entryText(entry, style).trimEnd().split("\n"), ""]),
      ...deviceLines(report, style),
      ...totalLines(report, style),
    ];
    return [logLines(lines)];
  },
};

/** Beyond this many devices, those of which nothing is to be said are only counted. */
const manyDevices = 20;

function deviceLines({ devices }: LintReport, style: Style): string[] {
  const shown = devices.length <= manyDevices ? devices : devices.filter((device) => !isClean(device));
  const more = devices.length - shown.length;
  const lines = [
    ...shown.map((device) => deviceLine(device, style)),
    ...(more > 0 ? [`${more} more: ${style.good("ok")}`] : []),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

/** `edge1.conf (Cisco ASA): open, 3 errors`. "ok" is said only where the edge is closed for certain. */
function deviceLine(device: ReportedDevice, style: Style): string {
  const { name, vendor, edge, findings } = device;
  const counts = countsText(countFindings(findings));
  const suppressed = findings.filter((one) => one.suppressed !== undefined).length;
  const said = isClean(device) ? style.good("ok") : paintEdge(edge, style);
  const parts = [said, ...(counts === "" ? [] : [counts]), ...(suppressed === 0 ? [] : [`${suppressed} suppressed`])];
  return `${style.bold(visibleLine(name))} (${visibleLine(vendor.title)}): ${parts.join(", ")}`;
}

function paintEdge(edge: ReportedDevice["edge"], style: Style): string {
  switch (edge) {
    case "closed":
      return style.good(edge);
    case "open":
      return style.error(edge);
    case "undecided":
      return style.warning(edge);
  }
}

function totalLines(report: LintReport, style: Style): string[] {
  const { policy, devices, problems, failOn } = report;
  const against = policy === undefined ? "" : `, policy ${visibleLine(policy.name)} (${visibleLine(policy.path)})`;
  if (devices.length === 0) return [`${style.warning("no configuration was looked at")}${against}`];
  const open = devices.flatMap((device) => openFindings(device.findings));
  const fails = open.some((one) => failsRun(one.severity, report)) || problems.some((one) => one.severity === "error");
  const paint = fails ? style.error : open.length > 0 ? style.warning : style.good;
  const below = !fails && open.length > 0 && failOn !== "never" ? `; only ${atLeast[failOn]} would make it fail` : "";
  return [`${paint(totalsText(report))}${against}${below}`];
}

const atLeast: Readonly<Record<Severity, string>> = {
  error: "errors",
  warning: "warnings and errors",
  note: "any finding",
};
