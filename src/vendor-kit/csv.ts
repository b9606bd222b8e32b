/**
 * Rows as a table of comma-separated values, lines ended by CR LF. A field that a spreadsheet would take for a formula
 * gets an apostrophe in front.
 *
 * Source: RFC 4180.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** Quoted where it has to be. */
function csvField(text: string): string {
  const plain = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  const harmless = /^[=+\-@\t]/.test(plain) ? `'${plain}` : plain;
  return /[",]/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
