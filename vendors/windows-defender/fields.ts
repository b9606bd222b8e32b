import type { AddressSet } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { AddressFilter, IcmpType, PortFilter, Profile } from "./model.js";
import { profiles } from "./model.js";

/** Values as all forms of Windows write them. Undefined where a word is not understood: then nothing may be claimed. */

/** `Any`, addresses, ranges, subnets with a length or a mask, and keywords, each a text of its own. */
export function readAddresses(words: readonly string[]): AddressFilter | undefined {
  if (words.length === 0 || words.some(isAny)) return words.every(isAny) ? "any" : undefined;
  const sets: AddressSet[] = [];
  const keywords = new Set<string>();
  for (const word of words) {
    const keyword = addressKeywords.get(word.toLowerCase());
    const set = keyword === undefined ? readAddress(word) : undefined;
    if (keyword !== undefined) keywords.add(keyword);
    else if (set !== undefined) sets.push(set);
    else return undefined;
  }
  return { addresses: kit.unionOf(sets), keywords: [...keywords] };
}

function isAny(word: string): boolean {
  return word === "*" || word.toLowerCase() === "any";
}

/** One address, a range, or a subnet. A mask of no bits is invalid (MS-FASP section 2.2.4), and so it is not taken for any. */
export function readAddress(word: string): AddressSet | undefined {
  const [left, right, ...rest] = word.split(/([-/])/).filter((_, i) => i !== 1);
  if (left === undefined || rest.length > 0) return undefined;
  if (right === undefined) return rangeOf(left, left);
  return word.includes("-") ? rangeOf(left, right) : subnetOf(left, right);
}

function rangeOf(first: string, last: string): AddressSet | undefined {
  const [a4, b4] = [kit.parseIpv4(first), kit.parseIpv4(last)];
  if (a4 !== undefined && b4 !== undefined) return a4 <= b4 ? { ipv4: [{ first: a4, last: b4 }], ipv6: [] } : undefined;
  const [a6, b6] = [first, last].map((text) => (text.includes(":") ? kit.parseIpv6(text) : undefined));
  if (a6 === undefined || b6 === undefined || a6 > b6) return undefined;
  return { ipv4: [], ipv6: [{ first: a6, last: b6 }] };
}

/** Bits behind the mask do not count, as in Windows. */
function subnetOf(address: string, mask: string): AddressSet | undefined {
  const ipv4 = kit.parseIpv4(address);
  if (ipv4 !== undefined) {
    const dotted = kit.parseIpv4(mask);
    const length = dotted === undefined ? lengthOf(mask, 32) : kit.netmaskLength4(dotted);
    if (length === undefined || length === 0) return undefined;
    const size = 2 ** (32 - length);
    return kit.prefixSet({ family: "ipv4", prefix: { address: ipv4 - (ipv4 % size), length }, bare: false });
  }
  const ipv6 = address.includes(":") ? kit.parseIpv6(address) : undefined;
  const length = lengthOf(mask, 128);
  if (ipv6 === undefined || length === undefined || length === 0) return undefined;
  return kit.prefixSet({ family: "ipv6", prefix: { address: ipv6 & kit.netmask6(length), length }, bare: false });
}

function lengthOf(text: string, most: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Every spelling in lower case, with the one that we keep. Sources: MS-GPFAS section 2.2.2.13, New-NetFirewallRule. */
const addressKeywords = new Map<string, string>(
  Object.entries({
    LocalSubnet: ["localsubnet"],
    DNS: ["dns"],
    DHCP: ["dhcp"],
    WINS: ["wins"],
    DefaultGateway: ["defaultgateway"],
    Internet: ["internet"],
    Intranet: ["intranet"],
    IntranetRemoteAccess: ["rmtintranet", "intranetremoteaccess", "remotecorpnetwork"],
    PlayToDevice: ["ply2renders", "playtodevice", "playtorenderers"],
    CaptivePortal: ["captiveportal"],
  }).flatMap(([canonical, spellings]) =>
    spellings.flatMap((spelling) =>
      ["", "4", "6"].map((family): [string, string] => [spelling + family, canonical + family]),
    ),
  ),
);

/** `Any`, ports, ranges and keywords, each a text of its own. */
export function readPorts(words: readonly string[]): PortFilter | undefined {
  if (words.length === 0 || words.some(isAny)) return words.every(isAny) ? "any" : undefined;
  const ranges: { first: number; last: number }[] = [];
  const keywords = new Set<string>();
  for (const word of words) {
    const keyword = portKeywords.get(word.toLowerCase());
    if (keyword !== undefined) {
      keywords.add(keyword);
      continue;
    }
    const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word);
    if (found === null) return undefined;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (first > last || last > 65535) return undefined;
    ranges.push({ first, last });
  }
  return { ports: kit.toSet(kit.portNumbers, ranges), keywords: [...keywords] };
}

/** As {@link addressKeywords}. Sources: MS-GPFAS section 2.2.2.3, New-NetFirewallRule. */
const portKeywords = new Map<string, string>(
  Object.entries({
    RPC: ["rpc"],
    RPCEPMap: ["rpcepmap", "rpc-epmap"],
    IPHTTPSIn: ["iphttpsin", "iptlsin", "iphttps", "iptls"],
    IPHTTPSOut: ["iphttpsout", "iptlsout"],
    Teredo: ["teredo"],
    PlayToDiscovery: ["ply2disc", "playtodiscovery"],
    DHCP: ["dhcp"],
    mDNS: ["mdns"],
    CortanaOut: ["cortanaout"],
    TcpCDPSvc: ["tcpcdpsvc"],
  }).flatMap(([canonical, spellings]) => spellings.map((spelling): [string, string] => [spelling, canonical])),
);

/** A number, a name, or any. `icmpv4:8,any` of netsh is not one: see netsh's readers. */
export function readProtocol(word: string): number | "any" | undefined {
  if (isAny(word)) return "any";
  if (/^\d{1,3}$/.test(word)) {
    const number = Number(word);
    // 256 is what the firewall's own structures call any. Source: MS-FASP section 2.2.37, wIpProtocol.
    return number === 256 ? "any" : number <= 255 ? number : undefined;
  }
  return protocolNames.get(word.toLowerCase());
}

/** Names that netsh and PowerShell show or take; IANA numbers. */
const protocolNames = new Map<string, number>([
  ["hopopt", 0],
  ["icmpv4", 1],
  ["icmp", 1],
  ["igmp", 2],
  ["tcp", 6],
  ["udp", 17],
  ["ipv6", 41],
  ["ipv6-route", 43],
  ["ipv6-frag", 44],
  ["gre", 47],
  ["icmpv6", 58],
  ["ipv6-nonxt", 59],
  ["ipv6-opts", 60],
  ["vrrp", 112],
  ["pgm", 113],
  ["l2tp", 115],
]);

/** Names, or a number whose bits they are (1 Domain, 2 Private, 4 Public; 0 and 0x7fffffff any). */
export function readProfiles(words: readonly string[]): readonly Profile[] | undefined {
  const found = new Set<Profile>();
  for (const word of words) {
    const lower = word.toLowerCase();
    const name = profiles.find((one) => one.toLowerCase() === lower);
    if (name !== undefined) found.add(name);
    else if (isAny(word) || lower === "all") profiles.forEach((one) => found.add(one));
    else if (lower === "standard") found.add("Private");
    else if (/^\d{1,10}$/.test(word)) {
      const bits = Number(word);
      if (bits === 0 || bits === 0x7fffffff) profiles.forEach((one) => found.add(one));
      else if (bits <= 7) profiles.forEach((one, i) => bits & (1 << i) && found.add(one));
      else return undefined;
    } else return undefined;
  }
  return found.size === 0 ? undefined : profiles.filter((one) => found.has(one));
}

/** `8`, `8:0`, `8:*`, `3:any`; undefined for anything else. */
export function readIcmpType(word: string): IcmpType | undefined {
  const found = /^(\d{1,3})(?::(\d{1,3}|\*|any))?$/i.exec(word);
  if (found === null) return undefined;
  const type = Number(found[1]);
  const coded = found[2] !== undefined && /^\d/.test(found[2]);
  const code = coded ? Number(found[2]) : undefined;
  if (type > 255 || (code !== undefined && code > 255)) return undefined;
  return code === undefined ? { type } : { type, code };
}

/** `True`, `1`, `yes`, `TRUE`, `enable`; and the opposites. */
export function readBoolean(word: string): boolean | undefined {
  switch (word.toLowerCase()) {
    case "true":
    case "$true":
    case "1":
    case "yes":
    case "enable":
    case "enabled":
    case "on":
      return true;
    case "false":
    case "$false":
    case "0":
    case "2":
    case "no":
    case "disable":
    case "disabled":
    case "off":
      return false;
    default:
      return undefined;
  }
}

/** The words of a list with commas, each without spaces around it. An empty text has none. */
export function listed(text: string): string[] {
  return text.trim() === "" ? [] : text.split(",").map((word) => word.trim());
}
