import { visible } from "../visible.js";

/** An element with attributes and finished lines of content, which are indented. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[] = [],
): string[] {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`);
  const start = `<${name}${given.join("")}`;
  return content.length === 0 ? [`${start}/>`] : [`${start}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}

/** An element that holds a text, of which every character stays where it is. */
export function textElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text: string,
): string[] {
  const [line] = element(name, attributes);
  // One element of the list, so that indentation does not reach into the text.
  return [`${line!.slice(0, -2)}>${escaped(text)}</${name}>`];
}

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>';

/**
 * The five characters of markup are written as references; what XML 1.0 does not allow at all (most control characters,
 * lone surrogates, U+FFFE and U+FFFF) is made visible before, as are marks that turn the direction of writing.
 *
 * Source: XML 1.0 (Fifth Edition) sections 2.2, 2.4.
 */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, (character) => references[character]!);
}

/** A line end or tab in an attribute would be read as a blank. Source: XML 1.0 section 3.3.3. */
function attribute(text: string): string {
  return escaped(text).replace(/[\n\t]/g, (character) => (character === "\n" ? "&#10;" : "&#9;"));
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
