import { createHash } from "node:crypto";
import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressSet, Family } from "../net/index.js";
import { families, fewestPrefixes4, fewestPrefixes6, size } from "../net/index.js";
import type { AddressList } from "../vendor-kit/address-list.js";
import type { EmittedFile } from "../vendor-kit/vendor.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { visibleLine } from "./visible.js";

/** What `ringwall exceptions` made. */
export interface ExceptionsReport {
  readonly outcome: "printed" | "written" | "failed";
  readonly format: string;
  /** Absent when it failed. */
  readonly list?: AddressList;
  /** What --max-entries added to the list. */
  readonly widening: AddressSet;
  /** `path` is where it was written, as it is shown; or what it would be called. */
  readonly files: readonly (EmittedFile & { readonly change?: "created" | "updated" | "unchanged" })[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What `ringwall exceptions --json` prints: schemas/exceptions-report.schema.json. Counts of addresses are texts. */
export interface JsonExceptionsReport {
  readonly outcome: ExceptionsReport["outcome"];
  readonly format: string;
  readonly list: {
    readonly name: string;
    readonly description: string;
    readonly origin: readonly string[];
    /** Only of the families that were asked for. */
    readonly ipv4?: JsonCount;
    readonly ipv6?: JsonCount;
    readonly parts: readonly { readonly name: string; readonly ipv4: JsonCount; readonly ipv6: JsonCount }[];
  } | null;
  /** How many addresses --max-entries added. */
  readonly widening: { readonly ipv4: string; readonly ipv6: string };
  readonly files: readonly {
    readonly path: string;
    readonly about: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly change: "printed" | "created" | "updated" | "unchanged";
    /** Absent where it was written. */
    readonly text?: string;
  }[];
  readonly diagnostics: readonly JsonDiagnostic[];
}

export interface JsonCount {
  readonly prefixes: number;
  readonly addresses: string;
}

export function jsonExceptions(report: ExceptionsReport): JsonExceptionsReport {
  const { outcome, format, list, widening, files, diagnostics } = report;
  return {
    outcome,
    format,
    list: list === undefined ? null : jsonList(list),
    widening: { ipv4: size(widening.ipv4).toString(), ipv6: size(widening.ipv6).toString() },
    files: files.map((file) => ({
      path: file.path,
      about: file.about,
      bytes: Buffer.byteLength(file.text),
      sha256: createHash("sha256").update(file.text).digest("hex"),
      change: file.change ?? "printed",
      ...(file.change === undefined && { text: file.text }),
    })),
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
}

/** A line for each file that was written, with what is in it. */
export function exceptionsText({ list, files }: ExceptionsReport, style: Style = plain): string {
  const counts = list === undefined ? "" : `: ${countsText(list)}`;
  return files.map(({ path, change }) => `${style.bold(change ?? "printed")} ${visibleLine(path)}${counts}\n`).join("");
}

/** `98 IPv4 prefixes (1,234 addresses), 12 IPv6 prefixes`. */
export function countsText({ addresses, families: wanted }: AddressList): string {
  const parts = families
    .filter((family) => wanted.includes(family))
    .map((family) => {
      const { prefixes, addresses: count } = countOf(addresses, family);
      const name = family === "ipv4" ? "IPv4" : "IPv6";
      if (prefixes === 0) return `no ${name} addresses`;
      const words = `${grouped(prefixes)} ${name} ${prefixes === 1 ? "prefix" : "prefixes"}`;
      return family === "ipv4" ? `${words} (${grouped(count)} ${count === "1" ? "address" : "addresses"})` : words;
    });
  return parts.join(", ");
}

/** 1,234,567 */
export function grouped(count: number | bigint | string): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function countOf(addresses: AddressSet, family: Family): JsonCount {
  return family === "ipv4"
    ? { prefixes: fewestPrefixes4(addresses.ipv4).length, addresses: size(addresses.ipv4).toString() }
    : { prefixes: fewestPrefixes6(addresses.ipv6).length, addresses: size(addresses.ipv6).toString() };
}

function jsonList(list: AddressList): NonNullable<JsonExceptionsReport["list"]> {
  const { name, description, origin, addresses, parts } = list;
  return {
    name,
    description,
    origin,
    ...(list.families.includes("ipv4") && { ipv4: countOf(addresses, "ipv4") }),
    ...(list.families.includes("ipv6") && { ipv6: countOf(addresses, "ipv6") }),
    parts: parts.map((part) => ({
      name: part.label,
      ipv4: countOf(part.addresses, "ipv4"),
      ipv6: countOf(part.addresses, "ipv6"),
    })),
  };
}
