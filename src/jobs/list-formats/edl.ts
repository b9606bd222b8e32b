import type { AddressListFormat } from "../../vendor-kit/address-list.js";
import { listPrefixes, listRemarks } from "../../vendor-kit/address-list-text.js";
import { readPrefixes } from "./prefix-lines.js";

/**
 * A text that firewalls fetch from a URL again and again: external dynamic lists, threat feeds, security intelligence.
 * Lines that begin with `#` are comments to all of them; comments behind an address are not.
 *
 * Sources: PAN-OS Administrator's Guide, "Formatting Guidelines for an External Dynamic List"; FortiOS Administration
 * Guide, "Threat feeds".
 */
export const edlFormat: AddressListFormat = {
  name: "edl",
  about: "a text for firewalls that poll a URL: comments, then a prefix a line",
  write(list) {
    const lines = [
      ...listRemarks(list).map((remark) => `# ${remark}`),
      ...list.families.flatMap((family) => listPrefixes(list, family)),
    ];
    const text = lines.map((line) => `${line}\n`).join("");
    return {
      ok: true,
      files: [{ path: `${list.name}.txt`, text, about: "for firewalls that poll a URL" }],
      diagnostics: [],
    };
  },
  read([file]) {
    return readPrefixes((file?.text ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#")));
  },
};
