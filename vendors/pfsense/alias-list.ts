import type { AddressList, AddressListFormat } from "../../src/vendor-kit/index.js";
import { listPrefixes, listRemarks, probedDestinations, shortName } from "../../src/vendor-kit/index.js";
import { longestAliasName } from "./alias-names.js";
import { keywords } from "./aliases.js";
import { protocolNumbers, servicePorts } from "./names.js";
import { readConfig } from "./parse-config.js";
import { aliasElements } from "./print-xml.js";

/** The web interface cuts off at 5,000. */
const mostEntries = 4500;

/** Room for `_999` behind the name, for the parts of a large alias. A word that means something else gets another in front. */
export function aliasName({ name }: AddressList): string {
  const plain = shortName(name, longestAliasName - 4).replaceAll("-", "_");
  const taken = [...keywords, ...protocolNumbers.keys(), ...servicePorts.keys()].some(
    (word) => word.toLowerCase() === plain,
  );
  return taken ? `list_${plain}` : plain;
}

/** The section `<aliases>` with an alias of both families, in parts below one alias where it is large. */
export const aliasList: AddressListFormat = {
  name: "pfsense-alias",
  about: "aliases of pfSense as the section <aliases> of config.xml",
  write(list) {
    const remarks = [
      ...listRemarks(list),
      "Restoring the area Aliases replaces all aliases: put these among your own, or use the URL-table file.",
    ];
    const entries = list.families.flatMap((family) => listPrefixes(list, family));
    const alias = {
      name: aliasName(list),
      label: listRemarks(list)[0]!,
      addresses: list.addresses,
      entries,
      usedBy: [],
    };
    const elements = aliasElements(alias, mostEntries, listRemarks(list).slice(1).join(" "));
    const text = [
      `<?xml version="1.0"?>`,
      "<!--",
      // Two hyphens would end the comment.
      ...remarks.map((remark) => `  ${remark.replaceAll("--", "- -").replace(/-$/, "- ")}`),
      "-->",
      "<aliases>",
      ...elements.flat().map((line) => `\t${line}`),
      "</aliases>",
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.xml`, text, about: "the section <aliases> of pfSense's config.xml" }],
      diagnostics: [],
    };
  },
  read([file]) {
    const names = [...(file?.text ?? "").matchAll(/<name>([^<]*)<\/name>/g)].map(([, name]) => name!);
    const aliases = /<aliases>[^]*<\/aliases>/.exec(file?.text ?? "")?.[0];
    if (aliases === undefined || names.length === 0) return undefined;
    const text = `<?xml version="1.0"?><pfsense><interfaces><wan><if>em0</if><enable></enable><ipaddr>192.0.2.1</ipaddr><subnet>24</subnet></wan></interfaces>${aliases}<filter><rule><descr>the list</descr><type>block</type><interface>wan</interface><ipprotocol>inet46</ipprotocol><source><any></any></source><destination><address>${names.at(-1)!}</address></destination></rule></filter></pfsense>`;
    return probedDestinations(readConfig([{ path: "config.xml", text }], {}), ({ origin }) =>
      origin.label.includes("the list"),
    );
  },
};
