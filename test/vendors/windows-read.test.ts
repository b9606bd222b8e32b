import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Diagnostic, Source } from "../../src/vendor-kit/index.js";
import { spanLabel } from "../../src/vendor-kit/index.js";
import windows from "../../vendors/windows-defender/index.js";
import { deviceText } from "../support/device-text.js";
import { expectGolden } from "../support/golden.js";

const fixtures = join(import.meta.dirname, "../../vendors/windows-defender/fixtures");

/** What is understood of a text is in a file beside it. */
describe("Windows Defender: what is read of", () => {
  for (const [folder, title] of Object.entries({
    "netsh-english": "what netsh shows, with the profiles",
    "netsh-german": "what netsh shows on a German system",
    "netsh-other-language": "what netsh shows in a language that is not read",
    "netsh-commands": "a batch file",
    "powershell-commands": "a PowerShell script as people write them",
    "powershell-not-followed": "a PowerShell script that would have to run",
    "registry-file": "a .reg file of Group Policy values",
    "registry-query": "what reg query shows of the machine's own rules",
    "exports-joined": "exports with the filters in the rules, and of the profiles",
    "exports-without-filters": "an export of rules alone",
    "exports-in-parts": "exports of rules and of filters",
    intune: "a configuration of Intune",
    precedence: "rules in any order",
    "group-policy-alone": "a policy beside which local rules do not count",
  }))
    it(title, () => {
      const sources = readdirSync(join(fixtures, folder))
        .filter((name) => name !== "understood.txt")
        .sort()
        .map((path): Source => ({ path, text: readFileSync(join(fixtures, folder, path), "utf8") }));
      for (const source of sources) expect(windows.detect(source), source.path).to.be.greaterThan(0.4);
      const { device, diagnostics } = windows.parse(sources, {});
      expectGolden(join(fixtures, folder, "understood.txt"), `${diagnostics.map(line).join("")}${deviceText(device)}`);
    });
});

function line({ code, message, primary }: Diagnostic): string {
  return `${code} ${primary === undefined ? "" : `${spanLabel(primary)} `}${message}\n`;
}
