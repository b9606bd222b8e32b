import type { Family, Hook } from "../../src/vendor-kit/index.js";

/** One table of family inet, as `print.ts` writes it. All texts in it are safe in nft's syntax already. */
export interface Table {
  readonly name: string;
  readonly sets: readonly NamedSet[];
  readonly chains: readonly ChainText[];
}

/** A constant interval set. */
export interface NamedSet {
  readonly name: string;
  readonly family: Family;
  /** Prefixes, addresses and ranges, ascending, neither overlapping nor adjacent. */
  readonly elements: readonly string[];
  readonly remark: string;
}

export interface ChainText {
  readonly name: string;
  /** Lines for a comment in front of the chain. */
  readonly remarks: readonly string[];
  readonly base?: { readonly hook: Hook; readonly priority: string };
  readonly rules: readonly RuleText[];
}

export interface RuleText {
  /** All have to hold: `tcp dport 445`, `ip saddr @clients-ipv4`. */
  readonly matches: readonly string[];
  /** What is done then, the verdict last: `counter`, `log prefix "…"`, `drop`. */
  readonly statements: readonly string[];
  /** Kept by the kernel and shown by `nft list`. */
  readonly comment?: string;
}

/**
 * Text between the quotes of a comment or log prefix. nft knows no escapes there: quotes become apostrophes and
 * backslashes slashes. The kernel's limits: 127 bytes for a log prefix, 128 for a comment.
 *
 * Source: nftables src/scanner.l (quotedstring), Linux include/uapi/linux/netfilter/nf_log.h (NF_LOG_PREFIXLEN).
 */
export function quoted(plain: string): string {
  return `"${plain.replaceAll('"', "'").replaceAll("\\", "/")}"`;
}

/** Text behind a `#`. A backslash at the end of the line would continue it for some readers. */
export function commentText(plain: string): string {
  return plain.replaceAll("\\", "/");
}

/**
 * Names for chains and sets: letters, digits and hyphens, starting with a letter, at most 60 characters, all different.
 * Asking again for the same `key` gives the same name.
 */
export class Names {
  readonly #byKey = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(key: string, wish: string, ending: string): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const plain = wish
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40)
      .replace(/-+$/, "");
    const stem = /^[A-Za-z]/.test(plain) ? plain : plain === "" ? "rule" : `rule-${plain}`;
    let name = `${stem}-${ending}`;
    for (let n = 2; this.#taken.has(name); n++) name = `${stem}-${n}-${ending}`;
    this.#taken.add(name);
    this.#byKey.set(key, name);
    return name;
  }
}
