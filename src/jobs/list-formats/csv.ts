import type { AnyPrefix } from "../../net/index.js";
import {
  fewestPrefixes4,
  fewestPrefixes6,
  formatAddress,
  formatPrefix4,
  formatPrefix6,
  prefixInterval4,
  prefixInterval6,
  touches,
} from "../../net/index.js";
import type { AddressList, AddressListFormat } from "../../vendor-kit/address-list.js";
import { csvText } from "../../vendor-kit/csv.js";
import { readPrefixes } from "./prefix-lines.js";

/**
 * A table for a change board: each prefix with its first and last address, how many it has, and which parts of the feed
 * have something of it.
 */
export const csvFormat: AddressListFormat = {
  name: "csv",
  about: "a table: prefix, family, first and last address, count, and what it belongs to",
  write(list) {
    const rows = [["prefix", "family", "first", "last", "addresses", "belongs_to"], ...rowsOf(list)];
    const text = csvText(rows);
    return { ok: true, files: [{ path: `${list.name}.csv`, text, about: "a table" }], diagnostics: [] };
  },
  read([file]) {
    const lines = (file?.text ?? "").split("\r\n").slice(1);
    return readPrefixes(lines.map((line) => line.split(",", 1)[0]!).filter((prefix) => prefix !== ""));
  },
};

function rowsOf(list: AddressList): string[][] {
  const prefixes: AnyPrefix[] = list.families.flatMap((family): AnyPrefix[] =>
    family === "ipv4"
      ? fewestPrefixes4(list.addresses.ipv4).map((prefix) => ({ family, prefix, bare: false }))
      : fewestPrefixes6(list.addresses.ipv6).map((prefix) => ({ family, prefix, bare: false })),
  );
  return prefixes.map((one) => {
    const { first, last } = one.family === "ipv4" ? prefixInterval4(one.prefix) : prefixInterval6(one.prefix);
    const text = one.family === "ipv4" ? formatPrefix4(one.prefix) : formatPrefix6(one.prefix);
    return [
      text,
      one.family,
      formatAddress(one.family, first),
      formatAddress(one.family, last),
      String(BigInt(last) - BigInt(first) + 1n),
      partsOf(one, list),
    ];
  });
}

function partsOf(prefix: AnyPrefix, { parts }: AddressList): string {
  const having = parts.filter(({ addresses }) =>
    prefix.family === "ipv4"
      ? touches(addresses.ipv4, prefixInterval4(prefix.prefix))
      : touches(addresses.ipv6, prefixInterval6(prefix.prefix)),
  );
  return having.map(({ label }) => label).join("; ");
}
