import type { Family } from "../../src/vendor-kit/index.js";

/** Random rules of iptables and ip6tables with sets, which the kernel loads. */
export interface RandomRuleset {
  /** For `ipset restore`. */
  readonly sets: string;
  /** For `iptables-restore` and `ip6tables-restore`. */
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface Random {
  /** 0 to `below` - 1. */
  number(below: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** The same numbers for the same seed. Source: mulberry32 (Tommy Ettinger, public domain). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const number = (below: number): number => Math.floor(next() * below);
  return { number, chance: (probability) => next() < probability, pick: (from) => from[number(from.length)]! };
}

/** Types of sets that every kernel with ipset has, and those that a kernel may be built without. */
export const optionalSetTypes = ["hash:net,net"] as const;

/** `lacking` are the types that this kernel does not have. */
export function randomRuleset(random: Random, lacking: readonly string[]): RandomRuleset {
  const world: World = { random, netnet: !lacking.includes("hash:net,net") };
  return {
    sets: setTexts(world).join("\n") + "\n",
    ipv4: rulesText(world, "ipv4"),
    ipv6: rulesText(world, "ipv6"),
  };
}

interface World {
  readonly random: Random;
  readonly netnet: boolean;
}

const prefixes: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    "10.0.0.0/24",
    "10.0.0.0/25",
    "10.0.0.1/32",
    "10.0.0.0/8",
    "10.128.0.0/9",
    "172.16.0.0/24",
    "172.16.0.0/12",
    "203.0.113.9",
    "0.0.0.0/0",
    "192.0.2.1/255.255.255.0",
    "198.51.100.0/24",
  ],
  ipv6: [
    "2001:db8::/32",
    "2001:db8::/48",
    "2001:db8::1/128",
    "2001:db8::/64",
    "2001:db8:ff::/48",
    "2001:db8:ff::1",
    "2001:beef::/16",
    "::/0",
    "2001:dead::1",
  ],
};

const ranges: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["10.0.0.1-10.0.0.127", "10.0.0.128-10.1.0.0", "172.16.0.255-172.31.255.255", "8.8.8.8-203.0.113.9"],
  ipv6: ["2001:db8::1-2001:db8::ffff", "2001:db8:ff::1-2001:db8:ff:ffff::1", "2001:beef::-2001:dead::1"],
};

/** Every kind of set that the reader knows, for both families. */
function setTexts({ random, netnet }: World): string[] {
  const lines: string[] = [];
  for (const family of ["ipv4", "ipv6"] as const) {
    const version = family === "ipv4" ? "4" : "6";
    const option = family === "ipv4" ? "family inet" : "family inet6";
    const some = <T>(from: readonly T[]): T[] => from.filter(() => random.chance(0.5));
    const nets = prefixes[family].filter((prefix) => !prefix.endsWith("/0") && !prefix.includes("/255"));
    const hosts = nets.map((prefix) => prefix.replace(/\/.*/, ""));
    const add = (name: string, type: string, entries: readonly string[]): void => {
      lines.push(`create ${name}${version} ${type} ${option}`);
      for (const entry of new Set(entries)) lines.push(`add ${name}${version} ${entry}`);
    };
    add("ip", "hash:ip", some(hosts));
    add(
      "net",
      "hash:net",
      some(nets).map((net) => net + (random.chance(0.3) ? " nomatch" : "")),
    );
    add(
      "ipport",
      "hash:ip,port",
      some(hosts).map((host) => `${host},${random.pick(["tcp:80", "udp:137", "tcp:445", "sctp:22", "udp:1024"])}`),
    );
    add(
      "netport",
      "hash:net,port",
      some(nets).map((net) => `${net},${random.pick(["tcp:80", "udp:138", "tcp:443", "udp:1024"])}`),
    );
    if (netnet)
      add(
        "netnet",
        "hash:net,net",
        some(nets).map((net) => `${net},${random.pick(nets)}`),
      );
    add(
      "ipportnet",
      "hash:ip,port,net",
      some(hosts).map((host) => `${host},${random.pick(["tcp:80", "udp:137", "tcp:445"])},${random.pick(nets)}`),
    );
    add(
      "netiface",
      "hash:net,iface",
      some(nets).map((net) => `${net},${random.pick(["wan0", "lan0"])}`),
    );
  }
  // A set of the other family never matches.
  for (const version of [4, 6]) {
    lines.push(
      `create list${version} list:set`,
      ...["ip4", "net6", "ip6", "net4"].map((name) => `add list${version} ${name}`),
    );
  }
  lines.push("create ports bitmap:port range 0-65535");
  for (const range of ["22", "79-81", "445", "1024-5000"]) if (random.chance(0.5)) lines.push(`add ports ${range}`);
  return lines;
}

function rulesText(world: World, family: Family): string {
  const { random } = world;
  const lines = ["*filter"];
  const users = ["C1", "C2", "C3", "C4", "C5"];
  const builtIns = ["INPUT", "FORWARD", "OUTPUT"];
  for (const chain of builtIns) lines.push(`:${chain} ${random.pick(["ACCEPT", "ACCEPT", "DROP"])} [0:0]`);
  for (const chain of users) lines.push(`:${chain} - [0:0]`);
  for (const chain of [...builtIns, ...users]) {
    // Chains lead to later ones only, so that there are no loops.
    const later = users.slice(users.indexOf(chain) + 1);
    const count = 1 + random.number(8);
    for (let i = 0; i < count; i++) lines.push(ruleText(world, family, chain, later, true));
  }
  lines.push("COMMIT");
  if (random.chance(0.4)) {
    lines.push("*mangle");
    for (const chain of ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"])
      lines.push(`:${chain} ACCEPT [0:0]`);
    lines.push(":M1 - [0:0]", ":M2 - [0:0]");
    for (const chain of ["PREROUTING", "FORWARD", "OUTPUT"])
      lines.push(ruleText(world, family, chain, ["M1", "M2"], false));
    lines.push(ruleText(world, family, "M1", ["M2"], false), ruleText(world, family, "M2", [], false));
    lines.push("COMMIT");
  }
  return lines.join("\n") + "\n";
}

function ruleText(world: World, family: Family, chain: string, later: readonly string[], mayReject: boolean): string {
  const { random } = world;
  const parts = [`-A ${chain}`];
  const not = (): string => (random.chance(0.25) ? "! " : "");
  const hasIngress = !["OUTPUT", "POSTROUTING"].includes(chain);
  const hasEgress = !["INPUT", "PREROUTING"].includes(chain);
  if (hasIngress && random.chance(0.2)) parts.push(`${not()}-i ${random.pick(["wan0", "wan+", "lan0", "l+"])}`);
  if (hasEgress && random.chance(0.2)) parts.push(`${not()}-o ${random.pick(["wan0", "w+", "lan0", "eth7"])}`);
  if (random.chance(0.2)) parts.push(addressText(random, family, "-s", not));
  if (random.chance(0.2)) parts.push(addressText(random, family, "-d", not));
  const isTcp = random.chance(0.5) ? protocolParts(random, family, parts, not) : false;
  if (random.chance(0.12))
    parts.push(`-m iprange ${not()}--${random.pick(["src", "dst"])}-range ${random.pick(ranges[family])}`);
  if (random.chance(0.15)) parts.push(stateText(random, not));
  if (random.chance(0.2)) parts.push(setText(world, family, not));
  // A link-layer address is there for packets that came by a wire.
  if (["INPUT", "FORWARD"].includes(chain) && random.chance(0.08))
    parts.push(`-m mac ${not()}--mac-source 02:00:00:00:00:77`);
  parts.push(targetText(random, later, mayReject, isTcp));
  return parts.join(" ");
}

/** The kernel's nf_tables refuse a prefix of length zero that is negated. */
function addressText(random: Random, family: Family, option: string, not: () => string): string {
  const prefix = random.pick(prefixes[family]);
  return prefix.endsWith("/0") ? `${option} ${prefix}` : `${not()}${option} ${prefix}`;
}

/** Adds a protocol with its matches; true where it is certainly TCP. */
function protocolParts(random: Random, family: Family, parts: string[], not: () => string): boolean {
  // Not `0:65535`: iptables 1.8.9 (nf_tables) reads it negated as any port.
  const port = (): string =>
    random.pick(["80", "445", "137:138", "1024:", ":1023", "22", "3000:40000", "http", "1:65535"]);
  const list = (): string => random.pick(["80,443", "22,79:81,445", "137,138,1024:65535", "0:21", "2000:9999,443"]);
  switch (random.number(9)) {
    case 0:
      parts.push(`-p tcp -m tcp ${not()}--dport ${port()}`);
      return true;
    case 1:
      parts.push(`-p udp -m udp ${not()}--${random.pick(["sport", "dport"])} ${port()}`);
      return false;
    case 2:
      parts.push(
        `-p ${random.pick(["tcp", "udp", "sctp", "dccp", "udplite"])} -m multiport ${not()}--${random.pick(["sports", "dports", "ports"])} ${list()}`,
      );
      return false;
    case 3:
      parts.push(
        `-p tcp ${not()}--tcp-flags ${random.pick(["SYN,ACK SYN", "ALL NONE", "ALL FIN,PSH,URG", "SYN,FIN SYN,FIN", "ACK ACK", "FIN,SYN,RST,ACK SYN"])}`,
      );
      return true;
    case 4:
      parts.push(`-p tcp ${not()}--syn`);
      return true;
    case 5:
      if (family === "ipv4")
        parts.push(
          `-p icmp -m icmp ${not()}--icmp-type ${random.pick(["8", "echo-request", "13/0", "any", "destination-unreachable", "3/3"])}`,
        );
      else
        parts.push(
          `-p ipv6-icmp -m icmp6 ${not()}--icmpv6-type ${random.pick(["128", "echo-request", "1/4", "destination-unreachable"])}`,
        );
      return false;
    case 6:
      parts.push(`${not()}-p ${random.pick(["tcp", "udp", "47", "132", "33", "136"])}`);
      return false;
    case 7:
      parts.push(`-p sctp -m sctp ${not()}--dport ${random.pick(["80", "1:445"])}`);
      return false;
    default:
      parts.push(`-p dccp -m dccp ${not()}--${random.pick(["sport", "dport"])} ${random.pick(["80", "1:445"])}`);
      return false;
  }
}

function stateText(random: Random, not: () => string): string {
  const states = random.pick([
    "NEW",
    "ESTABLISHED",
    "RELATED,ESTABLISHED",
    "INVALID",
    "UNTRACKED",
    "NEW,UNTRACKED",
    "INVALID,NEW,RELATED",
  ]);
  switch (random.number(4)) {
    case 0:
      return `-m state ${not()}--state ${states}`;
    case 1:
      return `-m conntrack ${not()}--ctstate ${states}`;
    case 2:
      return `-m conntrack --ctdir ${random.pick(["ORIGINAL", "REPLY"])}`;
    default:
      return `-m conntrack ${not()}--ctstate ${states} --ctdir ${random.pick(["ORIGINAL", "REPLY"])}`;
  }
}

function setText({ random, netnet }: World, family: Family, not: () => string): string {
  const version = family === "ipv4" ? "4" : "6";
  const end = (): string => random.pick(["src", "dst"]);
  const named = random.pick([
    "ip",
    "net",
    "list",
    "ipport",
    "netport",
    netnet ? "netnet" : "net",
    "ipportnet",
    "netiface",
    "ports",
  ]);
  switch (named) {
    case "ports":
      return `-m set ${not()}--match-set ports ${end()}`;
    case "ip":
    case "net":
    case "list":
      return `-m set ${not()}--match-set ${named}${version} ${end()}`;
    case "ipportnet":
      return `-m set ${not()}--match-set ${named}${version} ${end()},${end()},${end()}`;
    case "netiface":
      return `-m set ${not()}--match-set ${named}${version} ${end()},${end()}`;
    default:
      return `-m set ${not()}--match-set ${named}${version} ${end()},${end()}`;
  }
}

function targetText(random: Random, later: readonly string[], mayReject: boolean, isTcp: boolean): string {
  if (later.length > 0 && random.chance(0.35)) return `${random.pick(["-j", "-j", "-g"])} ${random.pick(later)}`;
  switch (random.number(8)) {
    case 0:
    case 1:
    case 2:
      return "-j DROP";
    case 3:
    case 4:
      return "-j ACCEPT";
    case 5:
      return "-j RETURN";
    case 6:
      return mayReject ? (isTcp ? "-j REJECT --reject-with tcp-reset" : "-j REJECT") : "-j MARK --set-mark 0x1";
    default:
      return random.pick(["", '-m comment --comment "! -j DROP" -j RETURN']);
  }
}
