import { size } from "../../net/index.js";
import type { AddressListFormat } from "../../vendor-kit/address-list.js";
import { listPrefixes } from "../../vendor-kit/address-list-text.js";
import { readPrefixes } from "./prefix-lines.js";

/** What `--format json` writes: schemas/address-list.schema.json. */
export interface JsonAddressList {
  readonly name: string;
  readonly description: string;
  readonly origin: readonly string[];
  /** Only of the families that were asked for. */
  readonly ipv4?: JsonFamily;
  readonly ipv6?: JsonFamily;
  /** What the list is made of; they may overlap. */
  readonly parts: readonly {
    readonly name: string;
    readonly ipv4: readonly string[];
    readonly ipv6: readonly string[];
  }[];
}

interface JsonFamily {
  /** A text, because JSON's readers round large numbers. */
  readonly addresses: string;
  readonly prefixes: readonly string[];
}

export const jsonFormat: AddressListFormat = {
  name: "json",
  about: "the list with its origin and its parts (schemas/address-list.schema.json)",
  write(list) {
    const { name, description, origin, families, addresses } = list;
    const family = (which: "ipv4" | "ipv6"): JsonFamily => ({
      addresses: size<number | bigint>(addresses[which]).toString(),
      prefixes: listPrefixes(list, which),
    });
    const value: JsonAddressList = {
      name,
      description,
      origin,
      ...(families.includes("ipv4") && { ipv4: family("ipv4") }),
      ...(families.includes("ipv6") && { ipv6: family("ipv6") }),
      parts: list.parts.map((part) => ({
        name: part.label,
        ipv4: families.includes("ipv4") ? listPrefixes(part, "ipv4") : [],
        ipv6: families.includes("ipv6") ? listPrefixes(part, "ipv6") : [],
      })),
    };
    const text = `${JSON.stringify(value, null, 2)}\n`;
    return { ok: true, files: [{ path: `${name}.json`, text, about: "the list as JSON" }], diagnostics: [] };
  },
  read([file]) {
    try {
      const { ipv4, ipv6 } = JSON.parse(file?.text ?? "") as Partial<JsonAddressList>;
      return readPrefixes([...(ipv4?.prefixes ?? []), ...(ipv6?.prefixes ?? [])]);
    } catch {
      return undefined;
    }
  },
};
