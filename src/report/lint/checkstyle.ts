import { codes } from "../../diagnostics/index.js";
import type { Entry } from "./entries.js";
import { entriesOf } from "./entries.js";
import type { Format, FormatEnv } from "./format.js";
import { regionOf, repositoryPath } from "./places.js";
import { element, xmlHead } from "./xml.js";

/** Checkstyle's XML, which many CI servers and editors read. */
export const checkstyle: Format = {
  name: "checkstyle",
  about: "Checkstyle XML, for CI servers and editors that read it",
  write: (report, env) => {
    const files = new Map<string, Entry[]>();
    for (const { path } of report.devices.flatMap((device) => device.files)) files.set(repositoryPath(path, env), []);
    for (const entry of entriesOf(report)) {
      const name = fileOf(entry, env);
      files.set(name, [...(files.get(name) ?? []), entry]);
    }
    const elements = [...files].flatMap(([name, entries]) => element("file", { name }, entries.flatMap(errorElement)));
    return [`${[xmlHead, ...element("checkstyle", { version: "10.0" }, elements)].join("\n")}\n`];
  },
};

/** A problem of no file stands below a name that no file has. */
function fileOf({ path }: Entry, env: FormatEnv): string {
  return path === undefined ? "-" : repositoryPath(path, env);
}

function errorElement({ code, severity, message, span }: Entry): string[] {
  const { line, column } = span === undefined ? { line: 1, column: 1 } : regionOf(span);
  return element("error", {
    line,
    column,
    severity: severity === "note" ? "info" : severity,
    message,
    source: `ringwall.${code}.${codes[code].name}`,
  });
}
