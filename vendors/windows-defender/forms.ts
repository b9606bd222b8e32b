import type { Diagnostic, EmittedFile, Target } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";
import { intuneText, NotInIntune } from "./intune.js";
import type { WindowsPolicy } from "./model.js";
import type { Form } from "./options.js";
import type { ScriptDetails } from "./powershell.js";
import { printFirewallScript } from "./powershell.js";
import { registryPol } from "./registry-pol.js";
import { registryText } from "./registry-text.js";
import { registryValues } from "./registry.js";

/** The files of one policy, and which of them each say all of it. */
export interface Written {
  readonly files: readonly EmittedFile[];
  readonly reads: readonly string[];
}

/** One policy in the forms that are wanted, below `folder` (empty, or with `/` at its end). */
export function writtenForms(
  policy: WindowsPolicy,
  details: ScriptDetails,
  forms: readonly Form[],
  folder: string,
  target: Target,
  diagnostics: Diagnostic[],
): Written {
  const files: EmittedFile[] = [];
  if (forms.includes("powershell"))
    files.push({
      path: `${folder}ringwall.ps1`,
      text: printFirewallScript(policy, details, target.templates["firewall.ps1.hbs"]!),
      about: "applies the rules; also -WhatIf, -Check and -Remove",
    });
  if (forms.includes("registry")) files.push(...registryFiles(policy, folder));
  if (forms.includes("intune")) files.push(...intuneFiles(policy, folder, target, diagnostics));
  return { files, reads: files.map((file) => file.path) };
}

function registryFiles(policy: WindowsPolicy, folder: string): EmittedFile[] {
  const values = registryValues(policy);
  const text = registryText(values, policy.header);
  return [
    {
      path: `${folder}ringwall.reg`,
      text,
      ...(text.startsWith("\ufeff") && { encoding: "utf16le" as const }),
      about: "the same rules as Group Policy registry values, to read and to compare",
    },
    {
      path: `${folder}registry.pol`,
      text: registryPol(values),
      encoding: "utf16le",
      about: "the same for a Group Policy object",
    },
  ];
}

function intuneFiles(policy: WindowsPolicy, folder: string, target: Target, diagnostics: Diagnostic[]): EmittedFile[] {
  try {
    const text = intuneText(policy);
    return [{ path: `${folder}intune.json`, text, about: "the same rules for Intune, as Microsoft Graph takes them" }];
  } catch (error) {
    if (!(error instanceof NotInIntune)) throw error;
    diagnostics.push(
      diagnostic("RW3001", `Intune cannot say this policy: ${error.message}`, {
        primary: target.spanOf("write"),
        help: "leave intune out of `write`, and bring the rules to the hosts by Group Policy or by the script",
      }),
    );
    return [];
  }
}
