import type { Parsed, ParseOptions, Source } from "../../src/vendor-kit/index.js";
import { diagnostic, directions, isMarkup } from "../../src/vendor-kit/index.js";
import { deviceOf } from "./device.js";
import { factsIn } from "./facts.js";
import { Firewall } from "./firewall.js";
import { inventory } from "./inventory.js";
import { detectJson, Exports } from "./json-exports.js";
import { detectNetshCommands, readNetshScript } from "./netsh-commands.js";
import { detectNetshShow, readNetshShow } from "./netsh-show.js";
import { detectPowerShell, readPowerShellScript } from "./powershell-reader.js";
import { detectRegistryPol, readRegistryPol } from "./registry-pol.js";
import { detectRegistryText, readRegistryText } from "./registry-text.js";
import { readRegistry } from "./registry.js";

interface Form {
  detect(source: Source): number;
  read(source: Source, firewall: Firewall, exports: Exports): void;
}

/** Every text that rules of this firewall are written in; of two that are equally sure the first reads. */
const forms: readonly Form[] = [
  { detect: detectRegistryPol, read: (source, firewall) => readRegistry(readRegistryPol(source), firewall) },
  { detect: detectRegistryText, read: (source, firewall) => readRegistry(readRegistryText(source), firewall) },
  { detect: detectJson, read: (source, firewall, exports) => exports.read(source, firewall) },
  { detect: detectNetshShow, read: readNetshShow },
  { detect: detectPowerShell, read: readPowerShellScript },
  { detect: detectNetshCommands, read: readNetshScript },
];

/**
 * Reads texts of one machine, one after the other: exports of its rules, its registry, a Group Policy, and scripts as if
 * they had run.
 */
export function parse(sources: readonly Source[], options: ParseOptions): Parsed {
  const firewall = new Firewall();
  const exports = new Exports();
  for (const source of sources) {
    const form = surest(source);
    if (form !== undefined) form.read(source, firewall, exports);
    else if (source.text.trim() !== "") {
      const primary = { source, start: 0, end: Math.min(source.text.length, 80) };
      firewall.unread("this is in no form of Windows Defender Firewall that is known", { primary });
      firewall.anything.push({ label: source.path, span: primary });
    }
  }
  exports.finish(firewall);
  noteDefaults(firewall);
  const name = sources.map((source) => source.path).join(", ");
  return {
    device: deviceOf(name, firewall, options),
    diagnostics: firewall.diagnostics,
    facts: factsIn(sources),
    inventory: inventory(sources, firewall),
  };
}

/** How sure it is that a text is about this firewall. */
export function detect(source: Source): number {
  return isMarkup(source.text) ? 0 : Math.max(...forms.map((form) => form.detect(source)));
}

function surest(source: Source): Form | undefined {
  let best: Form | undefined;
  let most = 0;
  for (const form of forms) {
    const sureness = form.detect(source);
    if (sureness > most) [best, most] = [form, sureness];
  }
  return best;
}

/** A list of all rules leaves the default actions open unless another text says them. */
function noteDefaults(firewall: Firewall): void {
  const isTold = [...firewall.profiles.values()].some((one) => one.defaultInbound !== undefined);
  if (!directions.some((direction) => firewall.isWhole(direction)) || isTold) return;
  firewall.diagnostics.push(
    diagnostic(
      "RW6002",
      "the default actions of the profiles, and whether the firewall is on, are not in this text: what no rule decides depends on them",
      {
        help: "add what `netsh advfirewall show allprofiles` or `Get-NetFirewallProfile -PolicyStore ActiveStore | ConvertTo-Json` says",
      },
    ),
  );
}
