import type { Family } from "../../src/net/index.js";

/** A firewall that lets nothing pass but the web, with SMB denied first. */
export function closed(family: Family = "ipv4"): string {
  return textOf("-A FORWARD -p tcp --dport 80 -j ACCEPT", family);
}

/** One that lets SMB in; line 5 is to blame. */
export function open(family: Family = "ipv4"): string {
  return textOf("-A FORWARD -p tcp --dport 445 -j ACCEPT", family);
}

function textOf(rule: string, family: Family): string {
  const own = family === "ipv6" ? "-A FORWARD -p ipv6-icmp -j ACCEPT" : "-A FORWARD -p icmp -j ACCEPT";
  return `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n${rule}\n${own}\nCOMMIT\n`;
}
