import type { Source } from "../../src/vendor-kit/index.js";

/** How sure it is that a text is a configuration of pfSense or OPNsense, sections of one, or a pf.conf. */
export function detect(source: Source): number {
  const { text } = source;
  if (/^\uFEFF?\s*</.test(text)) return detectXml(text);
  return detectPf(text);
}

function detectXml(text: string): number {
  const head = text.slice(0, 20_000).replace(/<!--[^]*?-->/g, "");
  const root = /<([A-Za-z][\w.-]*)/.exec(head.replace(/<\?[^]*?\?>/g, ""))?.[1];
  if (root === "pfsense" || root === "opnsense") return 1;
  return root === "filter" || root === "aliases" ? 0.8 : 0;
}

/** The first lines that are not comments: rules of pf read unlike those of any other vendor here. */
function detectPf(text: string): number {
  let rules = 0;
  let others = 0;
  for (const line of text.slice(0, 40_000).split(/\r\n|\n|\r/)) {
    const plain = line.replace(/#.*/, "").trim();
    if (plain === "") continue;
    if (pfLine.test(plain)) rules++;
    else others++;
  }
  if (rules === 0) return 0;
  return rules >= others ? 0.9 : rules / (rules + others);
}

const pfLine =
  /^(pass|block|match)(\s+(in|out|drop|return\S*|log|quick|on|inet6?|proto|from|to|all|any)\b|$)|^table\s*<|^(scrub|antispoof|nat|rdr|binat|no nat|no rdr)\s+(in\s|on\s|log\s|pass\s|quick\s|for\s|proto\s)|^(nat-|rdr-|binat-)?anchor\s|^load anchor\s|^set\s+(skip|block-policy|limit|loginterface|optimization|ruleset-optimization|state-policy|state-defaults|timeout|debug|fingerprints|hostid|reassemble|require-order|syncookies)\b|^[A-Za-z]\w*\s*=\s*("|\{|')/;
