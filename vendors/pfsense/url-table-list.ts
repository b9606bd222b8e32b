import type { AddressListFormat } from "../../src/vendor-kit/index.js";
import { listPrefixes, listRemarks, probedDestinations } from "../../src/vendor-kit/index.js";
import { readPf } from "./parse-pf.js";

/**
 * The file behind an alias of type URL Table (IPs), which pfSense fetches every few days, and a file for a table of pf:
 * a prefix a line, and comments.
 *
 * Source: pfSense documentation, Aliases, "URL Table Aliases"; pf.conf(5), TABLES.
 */
export const urlTableList: AddressListFormat = {
  name: "pfsense-url-table",
  about: "the file behind a URL Table alias of pfSense or a table of pf: a prefix a line, with comments",
  write(list) {
    const text = [
      ...listRemarks(list).map((remark) => `# ${remark}`),
      ...list.families.flatMap((family) => listPrefixes(list, family)),
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.txt`, text, about: "the file of a URL Table alias" }],
      diagnostics: [],
    };
  },
  read([file]) {
    if (file === undefined) return undefined;
    const text = `table <list> persist file "/${file.path}"\nblock drop in quick on em0 from any to <list>\n`;
    return probedDestinations(readPf([{ path: "pf.conf", text }, file], {}), ({ origin }) =>
      origin.label.includes("<list>"),
    );
  },
};
