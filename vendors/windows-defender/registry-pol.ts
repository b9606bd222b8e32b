import type { Source } from "../../src/vendor-kit/index.js";
import type { RegistryStatement, RegistryValue } from "./registry.js";

/**
 * Values as a registry.pol file, a file of 16-bit words: a signature, and for each value `[key;name;type;size;data]`,
 * where key, name and data end with a zero, and type and size are 32 bits wide. Each character of the text is a word.
 *
 * Source: MS-GPREG section 2.2.1 (Registry Policy Message Syntax).
 */
export function registryPol(values: readonly RegistryValue[]): string {
  return SIGNATURE + values.map(entry).join("");
}

/** `PReg` in bytes, and version 1. */
const SIGNATURE = "\u5250\u6765\u0001\u0000";
const REG_SZ = 1;
const REG_DWORD = 4;

function entry({ key, name, data }: RegistryValue): string {
  const isNumber = typeof data === "number";
  const words = isNumber ? wide(data) : `${data ?? ""}\0`;
  return `[${key}\0;${name}\0;${wide(isNumber ? REG_DWORD : REG_SZ)};${wide(words.length * 2)};${words}]`;
}

/** 32 bits as two words, the lower first. */
function wide(number: number): string {
  return String.fromCharCode(number & 0xffff, number >>> 16);
}

function isPol(text: string): boolean {
  return text.startsWith(SIGNATURE);
}

/** How sure it is that a text is a registry.pol with settings of the firewall. */
export function detectRegistryPol({ text }: Source): number {
  if (!isPol(text)) return 0;
  return /WindowsFirewall/i.test(text) ? 1 : 0.3;
}

/** Reads a registry.pol. What stands behind an entry that is broken is not read, and said to be unread. */
export function readRegistryPol(source: Source): RegistryStatement[] {
  const { text } = source;
  const statements: RegistryStatement[] = [];
  let at = SIGNATURE.length;
  while (at < text.length) {
    const start = at;
    const read = entryAt(text, at);
    const span = { source, start, end: read?.end ?? text.length };
    if (read === undefined) {
      statements.push({ kind: "unread", key: POLICY, why: "this file is cut off or damaged from here on", span });
      break;
    }
    at = read.end;
    const { key, name, data } = read;
    const deleted = /^\*\*(del|delvals|deletevalues|deletekeys|securekey|soft)\.?(.*)$/i.exec(name);
    if (deleted === null) statements.push({ kind: "value", key, name, data, span });
    else if (deleted[1]!.toLowerCase() === "del")
      statements.push({ kind: "delete-value", key, name: deleted[2]!, span });
    else if (deleted[1]!.toLowerCase() === "soft")
      statements.push({ kind: "unread", key, why: `${deleted[2]} counts only where there is no such value yet`, span });
    else if (deleted[1]!.toLowerCase() !== "securekey") statements.push({ kind: "delete-key", key, span });
  }
  return statements;
}

const POLICY = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules";

function entryAt(
  text: string,
  start: number,
): { key: string; name: string; data: string | number | undefined; end: number } | undefined {
  const keyEnd = text.indexOf("\0;", start);
  if (text[start] !== "[" || keyEnd < 0) return undefined;
  const nameEnd = text.indexOf("\0;", keyEnd + 2);
  if (nameEnd < 0) return undefined;
  const type = numberAt(text, nameEnd + 2);
  const size = numberAt(text, nameEnd + 5);
  const dataStart = nameEnd + 8;
  const dataEnd = dataStart + size / 2;
  if (text[nameEnd + 4] !== ";" || text[nameEnd + 7] !== ";" || size % 2 !== 0 || text[dataEnd] !== "]")
    return undefined;
  const words = text.slice(dataStart, dataEnd);
  const data =
    type === REG_SZ ? words.replace(/\0+$/, "") : type === REG_DWORD && size === 4 ? numberAt(words, 0) : undefined;
  return { key: text.slice(start + 1, keyEnd), name: text.slice(keyEnd + 2, nameEnd), data, end: dataEnd + 1 };
}

function numberAt(text: string, at: number): number {
  return (text.charCodeAt(at) || 0) + (text.charCodeAt(at + 1) || 0) * 65536;
}
