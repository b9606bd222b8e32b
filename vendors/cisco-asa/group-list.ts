import type { AddressList, AddressListFormat, Family } from "../../src/vendor-kit/index.js";
import {
  fewestPrefixes4,
  fewestPrefixes6,
  formatIpv4,
  formatIpv6,
  listRemarks,
  netmask4,
  probedDestinations,
} from "../../src/vendor-kit/index.js";
import { parse } from "./parse.js";
import { typeable } from "./print.js";

/**
 * An object-group for each family, to be pasted. A group that exists already gains members and loses none, which the head
 * of the file says.
 *
 * Source: Cisco ASA Series Command Reference, object-group network.
 */
export const groupList: AddressListFormat = {
  name: "asa-object-group",
  about: "object-group network of Cisco ASA, one for each family, to be pasted",
  write(list) {
    const families = list.families.filter((family) => list.addresses[family].length > 0);
    const remarks = [
      ...listRemarks(list),
      `Use: access-list <name> extended permit tcp any object-group ${nameOf(list, families[0]!)} eq PORT`,
      "A group that exists keeps members that are not in this file: paste the list under another name (--name), refer to that,",
      "and remove the old group.",
    ];
    const text = [
      ...remarks.map((remark) => `! ${typeable(remark)}`),
      ...families.flatMap((family) => [
        `object-group network ${nameOf(list, family)}`,
        ...descriptionLines(list),
        ...members(list, family).map((member) => ` network-object ${member}`),
      ]),
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.asa`, text, about: "object-groups of Cisco ASA, to be pasted" }],
      diagnostics: [],
    };
  },
  read([file]) {
    if (file === undefined) return undefined;
    const names = [...file.text.matchAll(/^object-group network (\S+)$/gm)].map(([, name]) => name!);
    const text = [
      file.text.trimEnd(),
      "interface GigabitEthernet0/0",
      " nameif outside",
      " security-level 0",
      ...names.map((name) => `access-list probe extended permit ip any object-group ${name}`),
      "access-group probe in interface outside",
      "",
    ].join("\n");
    return probedDestinations(parse([{ path: file.path, text }], { outside: ["outside"] }), ({ origin }) =>
      origin.label.startsWith("access-list probe "),
    );
  },
};

function descriptionLines(list: AddressList): string[] {
  const text = typeable(listRemarks(list)[0]!);
  return text === "" ? [] : [` description ${text}`];
}

function members({ addresses }: AddressList, family: Family): string[] {
  return family === "ipv4"
    ? fewestPrefixes4(addresses.ipv4).map(({ address, length }) =>
        length === 32 ? `host ${formatIpv4(address)}` : `${formatIpv4(address)} ${formatIpv4(netmask4(length))}`,
      )
    : fewestPrefixes6(addresses.ipv6).map(({ address, length }) =>
        length === 128 ? `host ${formatIpv6(address)}` : `${formatIpv6(address)}/${length}`,
      );
}

function nameOf({ name }: AddressList, family: Family): string {
  return `${name.slice(0, 61)}-${family === "ipv4" ? "v4" : "v6"}`;
}
