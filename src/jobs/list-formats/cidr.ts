import type { AddressListFormat } from "../../vendor-kit/address-list.js";
import { listPrefixes } from "../../vendor-kit/address-list-text.js";
import { readPrefixes } from "./prefix-lines.js";

/** A prefix a line and nothing else: what a pipe wants. */
export const cidrFormat: AddressListFormat = {
  name: "cidr",
  about: "a prefix a line and nothing else",
  write(list) {
    const lines = list.families.flatMap((family) => listPrefixes(list, family));
    const text = lines.map((line) => `${line}\n`).join("");
    return { ok: true, files: [{ path: `${list.name}.txt`, text, about: "a prefix a line" }], diagnostics: [] };
  },
  read([file]) {
    return readPrefixes((file?.text ?? "").split("\n").filter((line) => line !== ""));
  },
};
