import type { Parsed, ParseOptions, Source } from "../../src/vendor-kit/index.js";
import { isMarkup } from "../../src/vendor-kit/index.js";
import { readConfig } from "./config-reader.js";
import { deviceOf } from "./device.js";
import { inventory } from "./inventory.js";
import { meaningsOf } from "./meanings.js";

/**
 * Reads `show running-config`, configuration commands, and `show access-list`, from one source or several that are
 * taken one after the other.
 */
export function parse(sources: readonly Source[], options: ParseOptions): Parsed {
  const config = readConfig(sources);
  const meanings = meaningsOf(config);
  const { device, diagnostics } = deviceOf(sources.map((source) => source.path).join(", "), config, options, meanings);
  return {
    device,
    diagnostics: [...config.diagnostics, ...diagnostics],
    inventory: inventory(sources, config, meanings, device),
  };
}

/** How sure it is that a text is an ASA's: commands that no other device has, and the line with its version. */
export function detect(source: Source): number {
  const head = source.text.slice(0, 200_000);
  if (isMarkup(head)) return 0;
  if (/^[ \t]*(?:ASA|PIX) Version \S/m.test(head)) return 1;
  const signs = [
    /^[ \t]*access-list \S+ (?:line \d+ )?(?:extended (?:permit|deny)|remark|standard (?:permit|deny)) /m,
    /^[ \t]*access-list \S+; \d+ elements?/m,
    /^[ \t]*access-group \S+ (?:(?:in|out) interface \S+|global)/m,
    /^[ \t]*object-group (?:network|service|protocol|icmp-type) \S+/m,
    /^[ \t]*object (?:network|service) \S+/m,
    /^[ \t]*security-level \d+/m,
    /^[ \t]*nameif \S+/m,
    /^[ \t]*same-security-traffic permit /m,
  ];
  const found = signs.filter((sign) => sign.test(head)).length;
  return found === 0 ? 0 : Math.min(0.95, 0.6 + 0.1 * found);
}
