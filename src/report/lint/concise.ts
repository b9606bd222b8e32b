import { positionOf } from "../../diagnostics/index.js";
import { visibleLine } from "../visible.js";
import type { Format } from "./format.js";
import type { Problem, Reported } from "./report.js";
import { shownFindings } from "./report.js";

/** `edge1.conf:12:1: error: RW4001 message`, a line a finding. */
export const concise: Format = {
  name: "concise",
  about: "a line a finding, for editors and grep",
  write: (report) => {
    const lines = [
      ...report.problems.map(problemLine),
      ...report.devices.flatMap((device) => shownFindings(device, report).map((one) => findingLine(one))),
    ];
    return [lines.map((line) => `${line}\n`).join("")];
  },
};

function problemLine({ primary, file, severity, code, message }: Problem): string {
  const place = primary === undefined ? file : placeIn(primary.source.path, primary);
  return `${place === undefined ? "" : `${visibleLine(place)}: `}${severity}: ${code} ${visibleLine(message)}`;
}

function findingLine({ file, primary, severity, code, message, suppressed }: Reported): string {
  const place = primary === undefined ? visibleLine(file) : placeIn(visibleLine(primary.source.path), primary);
  const why = suppressed === undefined ? "" : ` (suppressed: ${visibleLine(suppressed.reason)})`;
  return `${place}: ${severity}: ${code} ${visibleLine(message)}${why}`;
}

function placeIn(path: string, { source, start }: NonNullable<Reported["primary"]>): string {
  const { line, column } = positionOf(source, start);
  return `${path}:${line}:${column}`;
}
