import type { Family, Source } from "../../src/vendor-kit/index.js";

/**
 * Which family's rules some lines are: what they say themselves (an address, an ICMP word), else the file's name, else
 * IPv4, which is what `iptables` alone means.
 */
export function familyOfLines(source: Source, lines: readonly string[]): Family {
  for (const line of lines) {
    const said = familySaid(line);
    if (said !== undefined) return said;
  }
  return familyOfName(source.path) ?? "ipv4";
}

/** What a line says of its family; comments and log prefixes, which stand between quotes, do not count. */
function familySaid(line: string): Family | undefined {
  const text = line.includes('"') ? line.replace(/"[^"]*"/g, '""') : line;
  if (
    /\s(?:-p (?:ipv6-icmp|icmpv6)\b|-m (?:icmp6|hl|rt|hbh|ipv6header|frag|eui64)\b|--icmpv6-type\b)|icmp6-/.test(text)
  )
    return "ipv6";
  if (/\s(?:-p icmp\b|-m (?:icmp|ttl)\b|--icmp-type\b)|\sicmp-(?:port|host|net|proto|admin)/.test(text)) return "ipv4";
  const address =
    /\s(?:-s|-d|--source|--destination|--src|--dst|--(?:src|dst)-range|--to-source|--to-destination)\s+(?:!\s*)?\[?([0-9a-fA-F:.]+)/.exec(
      text,
    )?.[1];
  if (address === undefined) return undefined;
  if (/^[0-9a-fA-F]*:[0-9a-fA-F]*:/.test(address)) return "ipv6";
  return /^\d+\.\d+\.\d+\.\d+/.test(address) ? "ipv4" : undefined;
}

/** `rules.v6`, `ip6tables.save`, `host-v4.rules`: the last such word of the path counts. */
export function familyOfName(path: string): Family | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (/ip6|ipv6|v6|6\.rules|inet6/.test(name)) return "ipv6";
  if (/ip4|ipv4|v4|iptables/.test(name)) return "ipv4";
  return undefined;
}
