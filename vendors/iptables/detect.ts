import type { Source } from "../../src/vendor-kit/index.js";

/** How sure it is that a text is iptables' or ipset's: its own line forms count, a mere mention does not. */
export function detect(source: Source): number {
  switch (kindOf(source)) {
    case "restore":
      return /^\*(?:filter|nat|mangle|raw|security)\s*$/m.test(source.text) ? 1 : 0.8;
    case "sets":
      return 0.9;
    case "script":
      return 0.8;
    case "other":
      return 0;
  }
}

export type TextKind = "restore" | "sets" | "script" | "other";

/** Which of the forms that iptables' configurations have a text is. */
export function kindOf(source: Source): TextKind {
  const text = source.text.replace(/^\uFEFF/, "");
  const script =
    /^#!/.test(text) ||
    /^[ \t]*(?:sudo[ \t]+)?(?:\/\S*\/)?ip6?tables(?:-nft|-legacy)?[ \t]/m.test(text) ||
    /^[ \t]*["']?\$\{?\w+\}?["']?[ \t]+(?:-t[ \t]+\w+[ \t]+)?-[ADINPFX][ \t]/m.test(text);
  if (/^#!/.test(text)) return /\bip6?tables|^[ \t]*["']?\$\{?IPT/m.test(text) ? "script" : "other";
  if (/^\*(?:filter|nat|mangle|raw|security)\s*$/m.test(text)) return "restore";
  if (/^(?:create|add) \S+ (?:hash|bitmap|list):?\S*|^-N \S+ \w+hash/m.test(text) || /^create \S+ \S+/m.test(text)) {
    return "sets";
  }
  if (script) return "script";
  if (/^(?:\[\d*:\d*\]\s*)?-[ADINPR] [A-Za-z]\S*( |$)/m.test(text) || /^:\S+ (?:ACCEPT|DROP|-) \[/m.test(text))
    return "restore";
  return "other";
}
