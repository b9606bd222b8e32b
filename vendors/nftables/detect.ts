import type { Source } from "../../src/vendor-kit/index.js";
import { isMarkup } from "../../src/vendor-kit/index.js";

/** How sure it is that a text is an nft script, a listing, or `nft --json list ruleset`; see `Vendor.detect`. */
export function detect(source: Source): number {
  const text = source.text.slice(0, 200_000);
  if (isMarkup(text)) return 0;
  if (/^\s*\{\s*"nftables"\s*:/.test(text)) return 1;
  if (/^#!.*\bnft\b/.test(text)) return 1;
  const table =
    /^\s*((add|create|delete|destroy|flush)\s+)?table\s+((inet|ip|ip6|bridge|arp|netdev)\s+)?[\w.-]+\s*[{;\r\n]/m;
  const chain = /\btype\s+(filter|nat|route)\s+hook\s+\w+/.test(text);
  if (table.test(text)) return chain ? 1 : 0.9;
  if (chain) return 0.9;
  if (/^\s*(nft\s+)?(add|insert|create)\s+(rule|chain|set|map|element)\s+(inet|ip|ip6|bridge|arp|netdev)\s/m.test(text))
    return 0.9;
  if (/^\s*flush\s+ruleset\s*;?\s*$/m.test(text)) return 0.8;
  return /^\s*(chain|set|map)\s+[\w.-]+\s*\{/m.test(text) ? 0.4 : 0;
}
