/** `*` stands for anything within a name, `**` for any folders, `?` for one character. A folder stands for all below it. */
export function matchesGlob(pattern: string, path: string): boolean {
  let matcher = matchers.get(pattern);
  if (matcher === undefined) matchers.set(pattern, (matcher = matcherOf(pattern)));
  return matcher.test(`${path}/`);
}

/** Whether a word of a command line is a pattern, if there is no file of that name. */
export function isGlob(word: string): boolean {
  return /[*?]/.test(word);
}

/** The folder below which everything stands that a pattern means: `edge` for `edge/*.conf`, `.` for `*.conf`. */
export function folderOfGlob(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  const fixed = parts.slice(0, first < 0 ? parts.length - 1 : first).join("/");
  return fixed === "" ? (pattern.startsWith("/") ? "/" : ".") : fixed;
}

const matchers = new Map<string, RegExp>();

function matcherOf(pattern: string): RegExp {
  const parts = pattern.replace(/^\.\//, "").replace(/\/$/, "").split("/");
  const source = parts.map((part) => (part === "**" ? "(?:[^/]+/)*" : `${globPart(part)}/`)).join("");
  return new RegExp(`^${source}(?:.+/)?$`);
}

function globPart(part: string): string {
  return part
    .replace(/[\\^$+.()|[\]{}]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replace(/\?/g, "[^/]");
}
