/** Longest name of a chain. Source: iptables(8), XT_EXTENSION_MAXNAMELEN less the closing zero. */
export const longestChain = 28;
/** Longest name of a set. Source: ipset(8), IPSET_MAXNAMELEN less the closing zero. */
export const longestSet = 31;
/** Longest text of a comment match. Source: iptables-extensions(8), comment. */
export const longestComment = 255;
/** Longest prefix of a LOG line. Source: iptables-extensions(8), LOG. */
export const longestLogPrefix = 29;

/**
 * The name of a rule's chain, such as `RW-I1-block-smb`. The number makes it unique, so that it can be cut anywhere.
 *
 * `key` is the letter of the chain that evaluates the rule with the rule's number.
 */
export function ruleChainName(prefix: string, key: string, ruleName: string): string {
  const words = ruleName
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
  return `${prefix}-${key}-${words}`.slice(0, longestChain).replace(/-+$/, "");
}

/**
 * The name of a set, such as `RW4-azure-files-1f0c5a2e`. It ends in a fingerprint of the entries: another content is
 * another set, so that rules which are loaded keep the sets that they were written for until they are replaced.
 */
export function setName(prefix: string, family: "ipv4" | "ipv6", id: string, entries: readonly string[]): string {
  const head = `${prefix}${family === "ipv4" ? 4 : 6}-`;
  const tail = `-${fingerprint([family, id, ...entries])}`;
  return `${head}${id.replace(/[^A-Za-z0-9-]/g, "-").slice(0, longestSet - head.length - tail.length)}${tail}`;
}

/** The set that is filled before it is swapped with the set of that name. */
export function fillingName(name: string): string {
  const head = name.slice(0, name.indexOf("-") + 1);
  return `${head}fill-${fingerprint([name])}`;
}

/** Eight hexadecimal digits. Source: FNV-1a with 32 bits (RFC 9923). */
function fingerprint(parts: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 10, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
