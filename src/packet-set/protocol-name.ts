const names: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  47: "gre",
  50: "esp",
  51: "ah",
  58: "icmpv6",
  89: "ospf",
  103: "pim",
  112: "vrrp",
  132: "sctp",
  136: "udplite",
};

/** The usual name of an IANA protocol number, or `protocol 200`. */
export function protocolName(number: number): string {
  return names[number] ?? `protocol ${number}`;
}

/** The number of a usual name; undefined for another word. */
export function protocolNumber(name: string): number | undefined {
  const found = Object.entries(names).find(([, one]) => one === name);
  return found === undefined ? undefined : Number(found[0]);
}
