import { createHash } from "node:crypto";

/**
 * The form of our scripts: a head of comment lines, the program, and in the midst of the program the data between two
 * marks. What the program does with the data is known only of the very texts that are listed here, by digest: so a
 * reader of such a script needs to understand nothing but the data, and notices when somebody changed the program.
 *
 * The data is a list of statements, each of its own lines, in between lines of comment (`# …`) and empty lines:
 *
 *     $Name = 'text'
 *     $Name = @()
 *     $Name = @(
 *         'text'
 *     )
 *     $Name += @{
 *         Key  = 'text'
 *         Key2 = $true
 *         Key3 = @(
 *             'text'
 *         )
 *     }
 *
 * A text stands in single quotes, each single quote in it doubled (`quoted` in powershell.ts).
 *
 * Of `firewall.ps1`: `$Policy`, `$Role`, `$Group`, `$StateName`, `$DefaultPolicyStore` are texts; `$Guards`,
 * `$BuiltInRules`, `$DisabledRules` lists of texts; `$AuthenticationSets`, `$ConnectionSecurityRules`, `$FirewallRules`,
 * `$FirewallProfiles` lists of tables, whose keys are the parameters of New-NetIPsecRule, New-NetFirewallRule and
 * Set-NetFirewallProfile.
 */
export interface ScriptParts {
  /** What stands between the marks. */
  readonly data: string;
  /** Where `data` begins in the text. */
  readonly dataStart: number;
  /** Which program it is; undefined for one that is not ours, or was changed. */
  readonly program: ProgramName | undefined;
}

export type ProgramName = "firewall" | "smb";

/** A script's parts; undefined for a text that has not the two marks, each once, in their order. */
export function scriptParts(text: string): ScriptParts | undefined {
  const begin = onlyLine(text, "#region data");
  const end = onlyLine(text, "#endregion data");
  if (begin === undefined || end === undefined || end.start < begin.end) return undefined;
  const program = `${text.slice(0, begin.end)}${text.slice(end.start)}`;
  return {
    data: text.slice(begin.end, end.start),
    dataStart: begin.end,
    program: programs.get(digestOf(program)),
  };
}

/** The digest of a program, whatever its head says and its line ends are. */
export function digestOf(program: string): string {
  const lines = program.replace(/^\ufeff/, "").split(/\r?\n/);
  const first = lines.findIndex((line) => !/^#($| )/.test(line));
  return createHash("sha256").update(lines.slice(first).join("\n")).digest("hex");
}

/** Programs that were ever written, so that what an older release wrote can still be read. */
const programs: ReadonlyMap<string, ProgramName> = new Map<string, ProgramName>([
  ["6f6aab46d91dd75c1f6dced30fa03592e2449010c3357c3e935e765bda62ce36", "firewall"],
  ["e90fd71be2b45fe1faac10434b2454833d991171fead13d07ed6992e6b895a6a", "smb"],
]);

/** The line that is exactly `line`, with its end; undefined where it does not stand there exactly once. */
function onlyLine(text: string, line: string): { readonly start: number; readonly end: number } | undefined {
  const found = [...text.matchAll(new RegExp(`^${line}\\r?\\n`, "gm"))];
  const only = found.length === 1 ? found[0]! : undefined;
  return only && { start: only.index, end: only.index + only[0].length };
}
