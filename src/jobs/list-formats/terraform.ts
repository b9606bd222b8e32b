import type { AddressList, AddressListFormat } from "../../vendor-kit/address-list.js";
import { listPrefixes, listRemarks } from "../../vendor-kit/address-list-text.js";
import { readPrefixes } from "./prefix-lines.js";

/**
 * A `.tf` file that declares a variable for each family, the list as its default.
 *
 * Source: Terraform language documentation, "Input Variables"; HCL native syntax, "Quoted string templates": a quote, a
 * backslash, `${` and `%{` mean something in quotes, so that none of them comes there.
 */
export const terraformFormat: AddressListFormat = {
  name: "terraform",
  about: "a .tf file: a variable for each family with the list as its default",
  write(list) {
    const blocks = list.families.map((family) =>
      [
        `variable "${variableName(list, family)}" {`,
        `  type        = list(string)`,
        `  description = "${inQuotes(listRemarks(list)[0]!)}"`,
        `  default = [`,
        ...listPrefixes(list, family).map((prefix) => `    "${prefix}",`),
        `  ]`,
        `}`,
        ``,
      ].join("\n"),
    );
    const text = belowRemarks(list, blocks);
    return { ok: true, files: [{ path: `${list.name}.tf`, text, about: "variables of Terraform" }], diagnostics: [] };
  },
  read([file]) {
    return readPrefixes([...(file?.text ?? "").matchAll(/^ {4}"([^"]*)",$/gm)].map(([, prefix]) => prefix!));
  },
};

/** Blocks of Terraform's language below what the list says of itself. */
export function belowRemarks(list: AddressList, blocks: readonly string[]): string {
  const remarks = listRemarks(list).map((remark) => `# ${remark}\n`);
  return [remarks.join(""), ...blocks].join("\n");
}

/** Terraform's names have letters, digits and `_`. */
export function variableName({ name }: AddressList, family: "ipv4" | "ipv6"): string {
  return `${name.replaceAll("-", "_")}_${family}`;
}

function inQuotes(plain: string): string {
  return plain
    .replaceAll('"', "'")
    .replaceAll("\\", "/")
    .replace(/([$%])\{/g, "$1 {");
}
