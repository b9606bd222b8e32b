import type { Line, Source } from "../../src/vendor-kit/index.js";
import { lineSpan, linesOf } from "../../src/vendor-kit/index.js";
import type { RegistryStatement, RegistryValue } from "./registry.js";

/**
 * Values as a `.reg` file, which `reg import` and the registry editor read. Lines end with CR LF, as Windows writes them.
 * Without letters beyond ASCII the file is plain ASCII; otherwise it has to be UTF-16 with its byte order mark.
 */
export function registryText(values: readonly RegistryValue[], header: readonly string[]): string {
  const lines = ["Windows Registry Editor Version 5.00", "", ...header.map((line) => `; ${line}`)];
  let key: string | undefined;
  for (const value of values) {
    if (value.key !== key) lines.push("", `[HKEY_LOCAL_MACHINE\\${value.key}]`);
    key = value.key;
    const data =
      typeof value.data === "number" ? `dword:${value.data.toString(16).padStart(8, "0")}` : quoted(value.data ?? "");
    lines.push(`${quoted(value.name)}=${data}`);
  }
  const text = `${lines.join("\r\n")}\r\n`;
  return /^[\x00-\x7f]*$/.test(text) ? text : `\ufeff${text}`;
}

/** A quotation mark and a backslash have a backslash before them; nothing else is special. Line ends never get here. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** How sure it is that a text is a `.reg` file, or what `reg query` shows. */
export function detectRegistryText({ text }: Source): number {
  const head = text.slice(0, 2_000_000);
  if (!/firewall/i.test(head)) return 0;
  if (/^\ufeff?\s*(?:Windows Registry Editor Version 5\.00|REGEDIT4)\s*$/m.test(head.slice(0, 200))) {
    return /WindowsFirewall|FirewallPolicy/i.test(head) ? 1 : 0;
  }
  return /^HKEY_LOCAL_MACHINE\\.*(?:FirewallPolicy|WindowsFirewall)/im.test(head) ||
    /\bv2\.\d{1,2}\|Action=/i.test(head)
    ? 0.8
    : 0;
}

/** Reads a `.reg` file, what `reg query` shows, or lines of `name value` without a key. */
export function readRegistryText(source: Source): RegistryStatement[] {
  const statements: RegistryStatement[] = [];
  let key = "";
  const lines = linesOf(source);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const text = line.text.replace(/^\ufeff/, "").trim();
    const span = lineSpan(source, line);
    if (text === "" || text.startsWith(";") || /^(?:Windows Registry Editor Version 5\.00|REGEDIT4)$/.test(text))
      continue;
    if (text.startsWith("[")) {
      const found = /^\[(-?)(.*)\]$/.exec(text);
      key = withoutRoot(found?.[2] ?? text);
      if (found?.[1] === "-") statements.push({ kind: "delete-key", key, span });
      else if (found === null) statements.push({ kind: "unread", key, why: `the key ${text} has no end`, span });
    } else if (/^HKEY_[A-Z_]+(?:\\|$)/i.test(text) && !/\sREG_[A-Z_]+\s/.test(text)) {
      key = withoutRoot(text);
    } else if (text.startsWith('"') || text.startsWith("@=")) {
      // A value in hexadecimal digits goes on behind a backslash at the end of the line.
      const parts = [text];
      let end = line;
      while (/=hex/i.test(text) && parts.at(-1)!.endsWith("\\") && i + 1 < lines.length) {
        end = lines[++i]!;
        parts.push(end.text.trim());
      }
      const whole = parts.map((part, n) => (n < parts.length - 1 ? part.slice(0, -1) : part)).join("");
      statements.push(valueOf(whole, key, spanTo(source, line, end)));
    } else {
      statements.push(...queried(text, key, line, source));
    }
  }
  return statements;
}

function spanTo(source: Source, line: Line, end: Line): ReturnType<typeof lineSpan> {
  return { source, start: line.start, end: end.start + end.text.length };
}

function withoutRoot(key: string): string {
  return key.replace(/^(?:HKEY_LOCAL_MACHINE|HKLM:?)\\/i, "").replace(/\\+$/, "");
}

function valueOf(text: string, key: string, span: RegistryStatement["span"]): RegistryStatement {
  const name = text.startsWith("@") ? { text: "", end: 1 } : unquoted(text, 0);
  const equals = name && text.indexOf("=", name.end);
  if (name === undefined || equals !== name.end)
    return { kind: "unread", key, why: "a value without a name in quotation marks and =", span };
  const data = text.slice(equals + 1).trim();
  if (data === "-") return { kind: "delete-value", key, name: name.text, span };
  const value = { kind: "value", key, name: name.text, span } as const;
  if (data.startsWith('"')) {
    const read = unquoted(data, 0);
    if (read?.end !== data.length)
      return { kind: "unread", key, why: `the text of ${name.text} does not end well`, span };
    return { ...value, data: read.text };
  }
  const dword = /^dword:([0-9a-f]{1,8})$/i.exec(data);
  if (dword !== null) return { ...value, data: parseInt(dword[1]!, 16) };
  const hex = /^hex\(([12])\):([0-9a-f, ]*)$/i.exec(data);
  if (hex !== null) {
    const bytes = hex[2]!.split(",").map((byte) => parseInt(byte, 16) || 0);
    let chars = "";
    for (let i = 0; i + 1 < bytes.length; i += 2)
      chars += String.fromCharCode((bytes[i]! & 255) | ((bytes[i + 1]! & 255) << 8));
    return { ...value, data: chars.replace(/\0+$/, "") };
  }
  if (/^hex(?:\([0-9a-f]+\))?:[0-9a-f, ]*$/i.test(data)) return { ...value, data: undefined };
  return { kind: "unread", key, why: `the data of ${name.text} is in no form of a .reg file`, span };
}

/** A text in quotation marks that begins at `start`, and where it ends; undefined where it does not. */
function unquoted(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  if (text[start] !== '"') return undefined;
  const parts: string[] = [];
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') return { text: parts.join(""), end: i + 1 };
    if (c === "\\" && i + 1 < text.length) parts.push(text[++i]!);
    else parts.push(c);
  }
  return undefined;
}

/** A line of `reg query`: name, type and data with spaces between. Or a rule by itself, with or without a name before it. */
function queried(text: string, key: string, line: Line, source: Source): RegistryStatement[] {
  const span = lineSpan(source, line);
  const type = /\sREG_([A-Z_]+)(?:\s|$)/.exec(text);
  if (type !== null) {
    const name = text.slice(0, type.index).trimEnd();
    const data = text.slice(type.index + type[0].length).trimStart();
    const number = type[1] === "DWORD" && /^0x[0-9a-f]{1,8}$/i.test(data) ? Number(data) : undefined;
    return [{ kind: "value", key, name, data: type[1] === "SZ" ? data : number, span }];
  }
  const rule = /\bv\d{1,3}\.\d{1,3}\|/i.exec(text);
  if (rule !== null) {
    const name = text.slice(0, rule.index).trimEnd().replace(/[=:]$/, "").trim();
    const rules = key === "" ? "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules" : key;
    const data = text.slice(rule.index);
    return [{ kind: "value", key: rules, name: name === "" ? `rule of line ${line.number}` : name, data, span }];
  }
  return [{ kind: "unread", key, why: `this line is no value of the registry: ${text.slice(0, 80)}`, span }];
}
