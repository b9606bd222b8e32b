/**
 * A text as it may be shown on a terminal: control characters and marks that turn the direction of writing become
 * `\u001b`-like escapes, so that a configuration cannot move the cursor, colour the screen or show another order of
 * words than the device reads. Line ends and tabs are kept. Marks by which the runners of CI know commands in a log, also
 * in the middle of a line, are broken in the same way: a remark must not set a variable of the pipeline that checks it.
 *
 * Sources: Unicode Technical Report 36 section 2.8 (bidirectional text spoofing); Azure Pipelines, logging commands.
 */
export function visible(text: string): string {
  const shown = dangerous.test(text) ? text.replace(everyDangerous, escapeCharacter) : text;
  return shown.includes("##") ? shown.replace(/#(?=#(?:vso)?\[)/gi, "\\u0023") : shown;
}

/** As {@link visible}, and on one line: line ends and tabs are escaped too. */
export function visibleLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, (character) => (character === "\n" ? "\\n" : "\\t"));
}

/**
 * As {@link visibleLine}, of a file's name, which may stand at the beginning of a line: there two colons would begin a
 * command to the runner of GitHub Actions.
 */
export function visiblePath(path: string): string {
  return visibleLine(path).replace(/^(\s*):(?=:)/, "$1\\u003a");
}

const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const everyDangerous = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

function escapeCharacter(character: string): string {
  if (character === "\r") return "\\r";
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
}

/** How many columns a terminal uses for a line without control characters: two for wide characters, none for marks. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += isWide(character.codePointAt(0)!) ? 2 : 1;
  }
  return width;
}

/** The blocks that are wide as a whole. Source: Unicode Standard Annex 11 (East Asian Width W and F). */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
