import type { AddressList, AddressListFormat } from "../../src/vendor-kit/index.js";
import { listPrefixes, listRemarks, probedDestinations, shortName } from "../../src/vendor-kit/index.js";
import { longestChain } from "./names.js";
import { parse } from "./parse.js";

/**
 * A chain that accepts packets to the list's addresses, for hosts without ipset: one file that both restore commands
 * load, because each leaves the lines of the other family alone.
 *
 * Source: iptables(8), options -4 and -6; iptables-restore(8), --noflush.
 */
export const chainList: AddressListFormat = {
  name: "iptables",
  about: "a chain that accepts packets to the addresses, for iptables-restore and ip6tables-restore",
  write(list) {
    const chain = shortName(list.name, longestChain);
    const remarks = [
      ...listRemarks(list),
      ...list.families.map(
        (family) => `Load: ${family === "ipv4" ? "iptables" : "ip6tables"}-restore --noflush <this file>`,
      ),
      `Use: -A FORWARD -p tcp --dport 445 -j ${chain}`,
    ];
    const text = [
      ...remarks.map((remark) => `# ${remark}`),
      "*filter",
      // A chain that is declared is emptied in the same transaction.
      `:${chain} - [0:0]`,
      ...ruleLines(list, chain),
      "COMMIT",
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.rules`, text, about: "a chain for iptables-restore" }],
      diagnostics: [],
    };
  },
  read([file]) {
    const chain = /^:(\S+) - /m.exec(file?.text ?? "")?.[1];
    if (file === undefined || chain === undefined) return undefined;
    const text = file.text.replace(/^COMMIT$/m, () => `-A FORWARD -j ${chain}\nCOMMIT`);
    const sources = ["rules.v4", "rules.v6"].map((path) => ({ path, text }));
    return probedDestinations(parse(sources, {}));
  },
};

function ruleLines(list: AddressList, chain: string): string[] {
  return list.families.flatMap((family) =>
    listPrefixes(list, family).map((prefix) => `${family === "ipv4" ? "-4" : "-6"} -A ${chain} -d ${prefix} -j ACCEPT`),
  );
}
