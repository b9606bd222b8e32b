/**
 * Names of protocols, services and ICMP types as iptables takes them.
 *
 * Sources: IANA protocol numbers and service names as in netbase's /etc/protocols and /etc/services;
 * iptables/extensions/libxt_icmp.h for the ICMP types.
 */
export function protocolNumber(text: string): number | "all" | undefined {
  const word = text.toLowerCase();
  if (word === "all") return "all";
  if (/^(?:\d{1,3}|0x[0-9a-f]{1,2})$/.test(word)) {
    const number = Number(word);
    return number === 0 ? "all" : number <= 255 ? number : undefined;
  }
  return protocolNumbers[word];
}

const protocolNumbers: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipencap: 4,
  ipip4: 4,
  ipv4: 4,
  st: 5,
  tcp: 6,
  egp: 8,
  igp: 9,
  pup: 12,
  udp: 17,
  hmp: 20,
  "xns-idp": 22,
  rdp: 27,
  "iso-tp4": 29,
  dccp: 33,
  xtp: 36,
  ddp: 37,
  "idpr-cmtp": 38,
  ipv6: 41,
  "ipv6-route": 43,
  "ipv6-frag": 44,
  idrp: 45,
  rsvp: 46,
  gre: 47,
  esp: 50,
  "ipv6-crypt": 50,
  ah: 51,
  "ipv6-auth": 51,
  skip: 57,
  "ipv6-icmp": 58,
  icmpv6: 58,
  icmp6: 58,
  "ipv6-nonxt": 59,
  "ipv6-opts": 60,
  rspf: 73,
  vmtp: 81,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  "ax.25": 93,
  ipip: 94,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  carp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  fc: 133,
  "mobility-header": 135,
  "ipv6-mh": 135,
  mh: 135,
  udplite: 136,
  "mpls-in-ip": 137,
  manet: 138,
  hip: 139,
  shim6: 140,
  wesp: 141,
  rohc: 142,
};

/** A port's number, or its name in /etc/services. */
export function portNumber(text: string): number | undefined {
  if (/^(?:\d{1,5}|0[xX][0-9a-fA-F]{1,4}|0[0-7]{1,6})$/.test(text)) {
    // Source: xtables_strtoui reads numbers as C does.
    const number = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    return number <= 65535 ? number : undefined;
  }
  return servicePorts[text.toLowerCase()];
}

const servicePorts: Readonly<Record<string, number>> = {
  tcpmux: 1,
  echo: 7,
  discard: 9,
  systat: 11,
  daytime: 13,
  netstat: 15,
  qotd: 17,
  chargen: 19,
  "ftp-data": 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  mail: 25,
  time: 37,
  whois: 43,
  nicname: 43,
  tacacs: 49,
  domain: 53,
  dns: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  gopher: 70,
  finger: 79,
  http: 80,
  www: 80,
  "www-http": 80,
  kerberos: 88,
  "iso-tsap": 102,
  pop2: 109,
  "pop-2": 109,
  pop3: 110,
  "pop-3": 110,
  sunrpc: 111,
  portmapper: 111,
  auth: 113,
  ident: 113,
  sftp: 115,
  nntp: 119,
  ntp: 123,
  epmap: 135,
  "loc-srv": 135,
  "netbios-ns": 137,
  "netbios-dgm": 138,
  "netbios-ssn": 139,
  imap: 143,
  imap2: 143,
  snmp: 161,
  "snmp-trap": 162,
  snmptrap: 162,
  xdmcp: 177,
  bgp: 179,
  irc: 194,
  imap3: 220,
  ldap: 389,
  svrloc: 427,
  https: 443,
  snpp: 444,
  "microsoft-ds": 445,
  kpasswd: 464,
  smtps: 465,
  ssmtp: 465,
  submissions: 465,
  urd: 465,
  isakmp: 500,
  exec: 512,
  biff: 512,
  login: 513,
  who: 513,
  shell: 514,
  cmd: 514,
  syslog: 514,
  printer: 515,
  talk: 517,
  ntalk: 518,
  route: 520,
  router: 520,
  rip: 520,
  ripng: 521,
  "dhcpv6-client": 546,
  "dhcpv6-server": 547,
  rtsp: 554,
  nntps: 563,
  submission: 587,
  ipp: 631,
  ldaps: 636,
  "domain-s": 853,
  rsync: 873,
  "ftps-data": 989,
  ftps: 990,
  telnets: 992,
  imaps: 993,
  pop3s: 995,
  socks: 1080,
  openvpn: 1194,
  "ms-sql-s": 1433,
  "ms-sql-m": 1434,
  l2f: 1701,
  l2tp: 1701,
  pptp: 1723,
  radius: 1812,
  "radius-acct": 1813,
  nfs: 2049,
  cvspserver: 2401,
  git: 9418,
  mysql: 3306,
  "ms-wbt-server": 3389,
  rdp: 3389,
  svn: 3690,
  "ipsec-nat-t": 4500,
  epmd: 4369,
  sip: 5060,
  "sip-tls": 5061,
  "xmpp-client": 5222,
  "xmpp-server": 5269,
  postgresql: 5432,
  postgres: 5432,
  amqp: 5672,
  vnc: 5900,
  x11: 6000,
  redis: 6379,
  ircd: 6667,
  "bacula-dir": 9101,
  "bacula-fd": 9102,
  "bacula-sd": 9103,
  "http-alt": 8080,
  webcache: 8080,
  "https-alt": 8443,
  mdns: 5353,
  nrpe: 5666,
  webmin: 10000,
  "zabbix-agent": 10050,
  "zabbix-trapper": 10051,
  squid: 3128,
};

/** An ICMP type with its codes, both ends included. */
export interface IcmpType {
  readonly type: number;
  readonly firstCode: number;
  readonly lastCode: number;
}

/** `8`, `3/4`, `echo-request`; "any" for `any` (255). A name may be cut short, as iptables lets one. */
export function icmpType(text: string, version: 4 | 6): IcmpType | "any" | undefined {
  const numbers = /^(\d{1,3}|0x[0-9a-fA-F]{1,2})(?:\/(\d{1,3}|0x[0-9a-fA-F]{1,2}))?$/.exec(text);
  if (numbers !== null) {
    const type = Number(numbers[1]);
    const code = numbers[2] === undefined ? undefined : Number(numbers[2]);
    if (type > 255 || (code ?? 0) > 255) return undefined;
    // Source: Linux net/ipv4/netfilter/ip_tables.c, icmp_type_code_match: 0xFF is any type. ICMPv6 has no such word.
    if (type === 255 && version === 4) return "any";
    return { type, firstCode: code ?? 0, lastCode: code ?? 255 };
  }
  const word = text.toLowerCase();
  const names = version === 4 ? icmpTypes : icmp6Types;
  if (version === 4 && word === "any") return "any";
  const found = names[word] ?? uniquePrefix(names, word);
  if (found === undefined) return undefined;
  const [type, code] = found;
  return { type, firstCode: code ?? 0, lastCode: code ?? 255 };
}

type TypeName = readonly [type: number, code?: number];

function uniquePrefix(names: Readonly<Record<string, TypeName>>, word: string): TypeName | undefined {
  const found = Object.keys(names).filter((name) => name.startsWith(word));
  return found.length === 1 ? names[found[0]!] : undefined;
}

const icmpTypes: Readonly<Record<string, TypeName>> = {
  "echo-reply": [0],
  pong: [0],
  "destination-unreachable": [3],
  "network-unreachable": [3, 0],
  "host-unreachable": [3, 1],
  "protocol-unreachable": [3, 2],
  "port-unreachable": [3, 3],
  "fragmentation-needed": [3, 4],
  "source-route-failed": [3, 5],
  "network-unknown": [3, 6],
  "host-unknown": [3, 7],
  "network-prohibited": [3, 9],
  "host-prohibited": [3, 10],
  "tos-network-unreachable": [3, 11],
  "tos-host-unreachable": [3, 12],
  "communication-prohibited": [3, 13],
  "host-precedence-violation": [3, 14],
  "precedence-cutoff": [3, 15],
  "source-quench": [4],
  redirect: [5],
  "network-redirect": [5, 0],
  "host-redirect": [5, 1],
  "tos-network-redirect": [5, 2],
  "tos-host-redirect": [5, 3],
  "echo-request": [8],
  ping: [8],
  "router-advertisement": [9],
  "router-solicitation": [10],
  "time-exceeded": [11],
  "ttl-exceeded": [11],
  "ttl-zero-during-transit": [11, 0],
  "ttl-zero-during-reassembly": [11, 1],
  "parameter-problem": [12],
  "ip-header-bad": [12, 0],
  "required-option-missing": [12, 1],
  "timestamp-request": [13],
  "timestamp-reply": [14],
  "address-mask-request": [17],
  "address-mask-reply": [18],
};

const icmp6Types: Readonly<Record<string, TypeName>> = {
  "destination-unreachable": [1],
  "no-route": [1, 0],
  "communication-prohibited": [1, 1],
  "beyond-scope": [1, 2],
  "address-unreachable": [1, 3],
  "port-unreachable": [1, 4],
  "failed-policy": [1, 5],
  "reject-route": [1, 6],
  "packet-too-big": [2],
  "time-exceeded": [3],
  "ttl-exceeded": [3],
  "ttl-zero-during-transit": [3, 0],
  "ttl-zero-during-reassembly": [3, 1],
  "parameter-problem": [4],
  "bad-header": [4, 0],
  "unknown-header-type": [4, 1],
  "unknown-option": [4, 2],
  "echo-request": [128],
  ping: [128],
  "echo-reply": [129],
  pong: [129],
  "mld-listener-query": [130],
  "mld-listener-report": [131],
  "mld-listener-done": [132],
  "mld-listener-reduction": [132],
  "router-solicitation": [133],
  "router-advertisement": [134],
  "neighbour-solicitation": [135],
  "neighbor-solicitation": [135],
  "neighbour-advertisement": [136],
  "neighbor-advertisement": [136],
  redirect: [137],
};
