import type { AddressList, AddressListFormat, Family } from "../../src/vendor-kit/index.js";
import { listPrefixes, listRemarks, probedDestinations } from "../../src/vendor-kit/index.js";
import { parse } from "./parse.js";
import { commentText } from "./syntax.js";

/** A table that most rulesets have; who has another exchanges the word. */
const table = "inet filter";

/**
 * Commands for `nft -f` that make two named sets hold exactly the list, in one transaction. Rules that use them stay.
 *
 * Source: nft(8), SETS and SET STATEMENT.
 */
export const setList: AddressListFormat = {
  name: "nft-set",
  about: `named sets of nftables in table ${table}, for nft -f; loaded again, they hold the new list at once`,
  write(list) {
    const remarks = [
      ...listRemarks(list),
      `Load: nft -f <this file>     Use: ${list.families.map((family) => `${daddr(family)} @${nameOf(list, family)}`).join(", ")}`,
      `Another table than ${table}: exchange the words everywhere in this file.`,
    ];
    const text = [
      "#!/usr/sbin/nft -f",
      ...remarks.map((remark) => `# ${commentText(remark)}`),
      `add table ${table}`,
      ...list.families.flatMap((family) => setLines(list, family)),
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.nft`, text, about: "sets of nftables, for nft -f" }],
      diagnostics: [],
    };
  },
  read([file]) {
    if (file === undefined) return undefined;
    const names = [...file.text.matchAll(/^add set inet filter (\S+) \{ type (ipv[46])_addr;/gm)];
    const rules = names.map(([, name, family]) => `add rule ${table} probe ${daddr(family as Family)} @${name!} drop`);
    const chain = `add chain ${table} probe { type filter hook forward priority 0; }`;
    return probedDestinations(parse([{ path: file.path, text: [file.text, chain, ...rules, ""].join("\n") }]));
  },
};

function setLines(list: AddressList, family: Family): string[] {
  const name = nameOf(list, family);
  const elements = listPrefixes(list, family);
  return [
    "",
    `add set ${table} ${name} { type ${family}_addr; flags interval; }`,
    `flush set ${table} ${name}`,
    ...(elements.length === 0
      ? []
      : [`add element ${table} ${name} {`, ...elements.map((element) => `\t${element},`), "}"]),
  ];
}

function nameOf({ name }: AddressList, family: Family): string {
  return `${name}-${family}`;
}

function daddr(family: Family): string {
  return family === "ipv4" ? "ip daddr" : "ip6 daddr";
}
