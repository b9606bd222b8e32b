import type { Parsed, ParseOptions, Source, Vendor } from "../../src/vendor-kit/index.js";
import { aliasList } from "./alias-list.js";
import { urlTableList } from "./url-table-list.js";
import { detect } from "./detect.js";
import { emit } from "./emit.js";
import { manifest } from "./manifest.js";
import { readConfig } from "./parse-config.js";
import { readPf } from "./parse-pf.js";
import { includesOf, partOf, removalOf } from "./parts.js";

const pfsense: Vendor = {
  manifest,
  detect,
  emit,
  parse,
  partOf,
  removalOf,
  includesOf,
  addressLists: [aliasList, urlTableList],
};
export default pfsense;

/** XML is a configuration of pfSense or OPNsense, anything else a pf.conf. */
function parse(sources: readonly Source[], options: ParseOptions): Parsed {
  const first = sources.find((source) => source.text.trim() !== "");
  return first !== undefined && /^\uFEFF?\s*</.test(first.text)
    ? readConfig(sources, options)
    : readPf(sources, options);
}
