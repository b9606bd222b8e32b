import type { AddressListFormat } from "../../vendor-kit/address-list.js";
import { listPrefixes } from "../../vendor-kit/address-list-text.js";
import { readPrefixes } from "./prefix-lines.js";
import { belowRemarks, variableName } from "./terraform.js";

/** Values for variables that are declared elsewhere. Source: Terraform language documentation, "Variable Definitions Files". */
export const tfvarsFormat: AddressListFormat = {
  name: "tfvars",
  about: "a .tfvars file: a value for a variable of each family",
  write(list) {
    const blocks = list.families.map((family) =>
      [
        `${variableName(list, family)} = [`,
        ...listPrefixes(list, family).map((prefix) => `  "${prefix}",`),
        `]`,
        ``,
      ].join("\n"),
    );
    const text = belowRemarks(list, blocks);
    return {
      ok: true,
      files: [{ path: `${list.name}.auto.tfvars`, text, about: "values of Terraform variables" }],
      diagnostics: [],
    };
  },
  read([file]) {
    return readPrefixes([...(file?.text ?? "").matchAll(/^ {2}"([^"]*)",$/gm)].map(([, prefix]) => prefix!));
  },
};
