import type { AddressList, AddressListFormat, EmittedFile, Family, Source } from "../../src/vendor-kit/index.js";
import { listPrefixes, listRemarks, probedDestinations, shortName } from "../../src/vendor-kit/index.js";
import { fillingName, longestSet } from "./names.js";
import { parse } from "./parse.js";
import { setLines } from "./print.js";

/**
 * Commands for `ipset restore` that make a set for each family hold exactly the list. Rules that use it stay.
 *
 * Source: ipset(8).
 */
export const ipsetList: AddressListFormat = {
  name: "ipset",
  about: "sets for ipset restore; loaded again, they are exchanged at once for the new list",
  write(list) {
    const sets = list.families.map((family) => ({
      name: nameOf(list, family),
      family,
      entries: listPrefixes(list, family).flatMap(withoutWhole),
    }));
    const remarks = [
      ...listRemarks(list),
      `Load: ipset restore -file <this file>     Use: -m set --match-set ${sets[0]!.name} dst`,
    ];
    const text = [
      ...remarks.map((remark) => `# ${remark}`),
      ...setLines(sets, (name) => fillingName(`list-${name}`)),
      "",
    ].join("\n");
    return {
      ok: true,
      files: [{ path: `${list.name}.ipset`, text, about: "sets for ipset restore" }],
      diagnostics: [],
    };
  },
  read([file]) {
    if (file === undefined) return undefined;
    return probedDestinations(parse([file, ...probes(file)], {}), ({ origin }) => origin.label.includes("--match-set"));
  },
};

/** hash:net knows no prefix of length 0. */
function withoutWhole(prefix: string): string[] {
  switch (prefix) {
    case "0.0.0.0/0":
      return ["0.0.0.0/1", "128.0.0.0/1"];
    case "::/0":
      return ["::/1", "8000::/1"];
    default:
      return [prefix];
  }
}

function probes({ text }: EmittedFile): Source[] {
  const swapped = [...text.matchAll(/^swap \S+ (\S+)$/gm)].map(([, name]) => name!);
  return (["ipv4", "ipv6"] as const).flatMap((family) => {
    const names = swapped.filter((name) => name.endsWith(family === "ipv4" ? "-v4" : "-v6"));
    if (names.length === 0) return [];
    const rules = names.map((name) => `-A FORWARD -m set --match-set ${name} dst -j DROP`);
    return [{ path: `rules.${family === "ipv4" ? "v4" : "v6"}`, text: ["*filter", ...rules, "COMMIT", ""].join("\n") }];
  });
}

function nameOf({ name }: AddressList, family: Family): string {
  return `${shortName(name, longestSet - 3)}${family === "ipv4" ? "-v4" : "-v6"}`;
}
