/**
 * Lines for a log that a CI runner reads: GitHub takes a line that begins with `::` for a command, whatever blanks stand
 * before it, and a file may be called so. What runners look for anywhere in a line is broken by {@link visible}.
 *
 * Source: GitHub Actions, workflow commands.
 */
export function logLines(lines: readonly string[]): string {
  return lines.map((line) => `${line.replace(/^(\s*):(?=:)/, "$1\\u003a")}\n`).join("");
}
