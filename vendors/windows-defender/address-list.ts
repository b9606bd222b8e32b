import type { AddressListFormat } from "../../src/vendor-kit/index.js";
import { isNoAddress, listRemarks, shortName, unionOf } from "../../src/vendor-kit/index.js";
import { readAddresses } from "./fields.js";
import { addressLists } from "./perimeter.js";
import { wordsOf } from "./powershell-arguments.js";
import { readAssignments } from "./powershell-syntax.js";
import { assignList, comment } from "./powershell.js";
import { allAddressEntries } from "./rule-text.js";

/**
 * PowerShell variables for `-RemoteAddress`: subnets and ranges, as many variables as rules are needed to hold them all,
 * because the lists of a rule have a limit.
 */
export const rangeList: AddressListFormat = {
  name: "windows-ranges",
  about: "lists of subnets and ranges for PowerShell, New-NetFirewallRule -RemoteAddress",
  write(list) {
    const plain = shortName(list.name, 60).replaceAll("-", "_");
    // No automatic variable ($input, $null, $args) has an underscore in it.
    const name = plain.includes("_") ? plain : `${plain}_list`;
    const parts = addressLists(list.addresses);
    const variables = parts.map((_, i) => (parts.length === 1 ? name : `${name}_${i + 1}`));
    const text = [
      ...listRemarks(list).map(comment),
      ...(parts.length === 1
        ? []
        : [comment(`A rule holds 1,000 entries of each family: write ${parts.length} rules, one for each list.`)]),
      ...parts.flatMap((part, i) => ["", ...assignList(variables[i]!, allAddressEntries(part))]),
      "",
    ].join("\n");
    const about = `${variables.map((variable) => `$${variable}`).join(", ")} for New-NetFirewallRule -RemoteAddress`;
    return { ok: true, files: [{ path: `${list.name}.ps1`, text, about }], diagnostics: [] };
  },
  read([file]) {
    const { variables, rest } = readAssignments(file?.text ?? "");
    if (rest.length > 0 || variables.size === 0) return undefined;
    const sets = [...variables.values()].map((value) => {
      const words = wordsOf(value);
      const addresses = words && readAddresses(words);
      return addresses === undefined || addresses === "any" || addresses.keywords.length > 0
        ? undefined
        : addresses.addresses;
    });
    if (!sets.every((set) => set !== undefined)) return undefined;
    const addresses = unionOf(sets);
    return isNoAddress(addresses) ? undefined : addresses;
  },
};
