import type { Family, Match, NumberField } from "../../src/vendor-kit/index.js";
import {
  all,
  everyPacket,
  ingress,
  inState,
  ofFamily,
  ofProtocol,
  protocols,
  states,
} from "../../src/vendor-kit/index.js";
import type { Token } from "./lexer.js";
import { icmpCodes, icmpTypes, icmpv6Codes, icmpv6Types, portNames, protocolNames } from "./names.js";
import { wordsOf } from "./reader.js";
import type { Reader } from "./reader.js";

/** The left side of a match: which field of a packet nft looks at. */
export interface Selector {
  /** In nft's words: `tcp dport`. */
  readonly words: string;
  /** What a packet has to be for the field to exist. Without it the rule does not match, negated or not. */
  readonly needs: Match;
  readonly field: Field;
}

export type Field =
  | { readonly kind: "number"; readonly field: NumberField; readonly names: ReadonlyMap<string, number> }
  /** `th dport`, `@th,16,16`: the same bytes of any header behind the IP header. */
  | { readonly kind: "header-number"; readonly field: NumberField; readonly names: ReadonlyMap<string, number> }
  /** `ip6 nexthdr`: the first header behind the fixed one, which is the transport's only without extension headers. */
  | { readonly kind: "first-header" }
  | { readonly kind: "address"; readonly family: Family; readonly end: "source" | "destination" }
  | { readonly kind: "interface"; readonly end: "ingress" | "egress" }
  | { readonly kind: "state" }
  | { readonly kind: "direction" }
  | { readonly kind: "family" }
  | { readonly kind: "tcp-flags" }
  /**
   * Not a field of the model. `changing`: rules may change it on the way; `once`: every look gives another value;
   * `carried`: the packet brings it along or its route decides it, so that packets of either kind come.
   */
  | { readonly kind: "free"; readonly changing?: string; readonly once?: true; readonly carried?: true };

const none: ReadonlyMap<string, number> = new Map();
const ipv4 = ofFamily("ipv4");
const ipv6 = ofFamily("ipv6");

/** Packets with an entry in the connection table. Source: Linux net/netfilter/nft_ct.c, nft_ct_get_eval. */
const tracked = inState(...states.filter((state) => state !== "invalid" && state !== "untracked"));

/** Reads a selector at the reader's place, `ip saddr` or `ct original ip daddr`; undefined, and nothing read, if none is there. */
export function readSelector(reader: Reader): Selector | undefined {
  const start = reader.at;
  const selector = readOne(reader);
  if (selector === undefined) reader.at = start;
  return selector;
}

function readOne(reader: Reader): Selector | undefined {
  const start = reader.at;
  const head = reader.next();
  if (head?.kind !== "word") return undefined;
  const words = (): string => wordsOf(reader.tokens.slice(start, reader.at));
  const free = (needs: Match = everyPacket): Selector => ({
    words: words(),
    needs,
    field: { kind: "free", carried: true },
  });
  const ofHost = (): Selector => ({ words: words(), needs: everyPacket, field: { kind: "free" } });
  const once = (): Selector => ({
    words: words(),
    needs: everyPacket,
    field: { kind: "free", once: true, carried: true },
  });
  const second = (): string | undefined => {
    const token = reader.peek();
    if (token?.kind !== "word") return undefined;
    reader.at++;
    return token.text;
  };

  switch (head.text) {
    case "meta": {
      const key = second();
      return key === undefined ? undefined : metaSelector(key, words());
    }
    case "iif":
    case "iifname":
    case "oif":
    case "oifname":
    case "mark":
    case "skuid":
    case "skgid":
    case "iiftype":
    case "oiftype":
    case "iifgroup":
    case "oifgroup":
    case "iifkind":
    case "oifkind":
    case "pkttype":
    case "cpu":
    case "cgroup":
    case "rtclassid":
    case "nftrace":
    case "ibriport":
    case "obriport":
    case "ibrname":
    case "obrname":
    case "ibridgename":
    case "obridgename":
    case "secpath":
    case "time":
    case "day":
    case "hour":
      return metaSelector(head.text, `meta ${head.text}`);
    case "ip": {
      const key = second();
      if (key === "option") {
        second();
        takeIfFieldOf(reader, optionFields);
        return free(ipv4);
      }
      return key !== undefined && ipFields.has(key) ? ipSelector(key, words()) : undefined;
    }
    case "ip6": {
      const key = second();
      return key !== undefined && ip6Fields.has(key) ? ip6Selector(key, words()) : undefined;
    }
    case "tcp": {
      const key = second();
      if (key === "option") {
        // Raw: @255,8,8.
        if (second()?.startsWith("@") === true) while (reader.take(",")) second();
        takeIfFieldOf(reader, optionFields);
        return free(ofProtocol(protocols.tcp));
      }
      return key !== undefined && tcpFields.has(key)
        ? transportSelector("tcp", protocols.tcp, key, words())
        : undefined;
    }
    case "udp":
    case "udplite":
    case "sctp":
    case "dccp": {
      const key = second();
      if (head.text === "sctp" && key === "chunk") {
        second();
        takeIfFieldOf(reader, optionFields);
        return free(ofProtocol(protocols.sctp));
      }
      return key !== undefined && datagramFields.has(key)
        ? transportSelector(head.text, protocols[head.text], key, words())
        : undefined;
    }
    case "th": {
      const key = second();
      if (key !== "sport" && key !== "dport") return undefined;
      const field = key === "sport" ? "source-port" : "destination-port";
      return { words: words(), needs: everyPacket, field: { kind: "header-number", field, names: portNames } };
    }
    case "icmp":
    case "icmpv6": {
      const key = second();
      return key !== undefined && icmpFields.has(key) ? icmpSelector(head.text, key, words()) : undefined;
    }
    case "igmp":
    case "esp":
    case "ah":
    case "comp":
    case "gre":
    case "gretap":
    case "vxlan":
    case "geneve": {
      const key = second();
      if (key === undefined || !encapsulationFields.has(key)) return undefined;
      const numbers = { igmp: 2, esp: 50, ah: 51, comp: 108, gre: 47, gretap: 47, vxlan: 17, geneve: 17 };
      if (key === "ip" || key === "ip6" || key === "tcp" || key === "udp") second();
      return free(ofProtocol(numbers[head.text]));
    }
    case "ether": {
      const key = second();
      if (key === "saddr") {
        // nft adds a look at the kind of the ingress interface, which packets of the firewall itself lack.
        return { words: words(), needs: ingress("*"), field: { kind: "number", field: "source-mac", names: none } };
      }
      if (key === "type") return { words: words(), needs: everyPacket, field: { kind: "family" } };
      return key === "daddr" ? free() : undefined;
    }
    case "vlan":
    case "arp":
    case "hbh":
    case "dst":
    case "frag":
    case "mh":
    case "srh":
    case "rt": {
      const key = second();
      if (key === undefined) return undefined;
      if (head.text === "arp" && (key === "saddr" || key === "daddr")) second();
      if (head.text === "arp" && (key === "saddr" || key === "daddr")) return free();
      if (head.text === "rt" && (key === "ip" || key === "ip6")) second();
      const needs = ["hbh", "dst", "frag", "mh", "srh"].includes(head.text) ? ipv6 : everyPacket;
      return free(needs);
    }
    case "exthdr":
      return second() === undefined ? undefined : free(ipv6);
    case "ct":
      return ctSelector(reader, words, second);
    case "fib":
      return fibSelector(reader, words);
    case "socket": {
      const key = second();
      if (key === "cgroupv2" && reader.take("level")) second();
      return key === undefined ? undefined : ofHost();
    }
    case "osf": {
      if (reader.take("ttl")) second();
      return second() === undefined ? undefined : free();
    }
    case "ipsec": {
      second();
      if (reader.take("spnum")) second();
      const key = second();
      if (key === "ip" || key === "ip6") second();
      return key === undefined ? undefined : ofHost();
    }
    case "numgen": {
      second();
      if (reader.take("mod")) second();
      if (reader.take("offset")) second();
      return once();
    }
    case "symhash": {
      if (reader.take("mod")) second();
      if (reader.take("offset")) second();
      return free();
    }
    case "jhash": {
      for (;;) {
        if (readOne(reader) === undefined) return undefined;
        if (!reader.take(".")) break;
      }
      if (reader.take("mod")) second();
      if (reader.take("seed")) second();
      if (reader.take("offset")) second();
      return free();
    }
    case "@th":
    case "@nh":
    case "@ll":
    case "@ih":
      return rawSelector(reader, head, words);
    default:
      return undefined;
  }
}

const ipFields = new Set("saddr daddr protocol version hdrlength dscp ecn length id frag-off ttl checksum".split(" "));
const ip6Fields = new Set("saddr daddr nexthdr version dscp ecn flowlabel length hoplimit".split(" "));
const tcpFields = new Set("sport dport flags sequence ackseq doff reserved window checksum urgptr".split(" "));
const datagramFields = new Set("sport dport length checksum csumcov vtag type".split(" "));
const icmpFields = new Set(
  "type code checksum id sequence gateway mtu parameter-problem packet-too-big max-delay taddr daddr".split(" "),
);
const encapsulationFields = new Set(
  "type mrt checksum group spi sequence hdrlength reserved nexthdr flags cpi version protocol vni ip ip6 tcp udp".split(
    " ",
  ),
);
const optionFields = new Set(
  "kind length size count left right tsval tsecr type ptr value addr flags tsn stream ssn ppid subtype init-tag last".split(
    " ",
  ),
);

function takeIfFieldOf(reader: Reader, fields: ReadonlySet<string>): void {
  if (reader.isOneOf(fields)) reader.at++;
}

function metaSelector(key: string, words: string): Selector | undefined {
  switch (key) {
    case "iif":
    case "iifname":
      return { words, needs: everyPacket, field: { kind: "interface", end: "ingress" } };
    case "oif":
    case "oifname":
      return { words, needs: everyPacket, field: { kind: "interface", end: "egress" } };
    case "l4proto":
      return { words, needs: everyPacket, field: { kind: "number", field: "protocol", names: protocolNames } };
    case "nfproto":
    case "protocol":
      return { words, needs: everyPacket, field: { kind: "family" } };
    case "mark":
    case "priority":
    case "pkttype":
    case "nftrace":
    case "secmark":
      return { words, needs: everyPacket, field: { kind: "free", changing: `meta ${key}` } };
    case "random":
      return { words, needs: everyPacket, field: { kind: "free", once: true, carried: true } };
    case "length":
      return { words, needs: everyPacket, field: { kind: "free", carried: true } };
    default:
      return metaKeys.has(key) ? { words, needs: everyPacket, field: { kind: "free" } } : undefined;
  }
}

const metaKeys = new Set(
  (
    "length skuid skgid iiftype oiftype iifgroup oifgroup iifkind oifkind cpu cgroup rtclassid ibriport obriport " +
    "ibrname obrname ibridgename obridgename ibrpvid ibrvproto ibrhwaddr secpath ipsec time day hour sdif sdifname broute"
  ).split(" "),
);

function ipSelector(key: string, words: string): Selector {
  switch (key) {
    case "saddr":
      return { words, needs: ipv4, field: { kind: "address", family: "ipv4", end: "source" } };
    case "daddr":
      return { words, needs: ipv4, field: { kind: "address", family: "ipv4", end: "destination" } };
    case "protocol":
      return { words, needs: ipv4, field: { kind: "number", field: "protocol", names: protocolNames } };
    default:
      return { words, needs: ipv4, field: { kind: "free", carried: true } };
  }
}

function ip6Selector(key: string, words: string): Selector {
  switch (key) {
    case "saddr":
      return { words, needs: ipv6, field: { kind: "address", family: "ipv6", end: "source" } };
    case "daddr":
      return { words, needs: ipv6, field: { kind: "address", family: "ipv6", end: "destination" } };
    case "nexthdr":
      return { words, needs: ipv6, field: { kind: "first-header" } };
    default:
      return { words, needs: ipv6, field: { kind: "free", carried: true } };
  }
}

function transportSelector(name: string, protocol: number, key: string, words: string): Selector {
  const needs = ofProtocol(protocol);
  if (key === "sport" || key === "dport") {
    const field = key === "sport" ? "source-port" : "destination-port";
    return { words, needs, field: { kind: "number", field, names: portNames } };
  }
  if (name === "tcp" && key === "flags") return { words, needs, field: { kind: "tcp-flags" } };
  return { words, needs, field: { kind: "free", carried: true } };
}

function icmpSelector(name: "icmp" | "icmpv6", key: string, words: string): Selector {
  const needs = name === "icmp" ? all(ipv4, ofProtocol(protocols.icmp)) : all(ipv6, ofProtocol(protocols.icmpv6));
  if (key === "type") {
    const names = name === "icmp" ? icmpTypes : icmpv6Types;
    return { words, needs, field: { kind: "number", field: "icmp-type", names } };
  }
  if (key === "code") {
    const names = name === "icmp" ? icmpCodes : icmpv6Codes;
    return { words, needs, field: { kind: "number", field: "icmp-code", names } };
  }
  return { words, needs, field: { kind: "free", carried: true } };
}

function ctSelector(reader: Reader, words: () => string, second: () => string | undefined): Selector | undefined {
  let key = second();
  if (key === "original" || key === "reply") {
    key = second();
    if (key === "ip" || key === "ip6") second();
  } else if (key === "ip" || key === "ip6") {
    second();
  }
  switch (key) {
    case "state":
      return { words: words(), needs: everyPacket, field: { kind: "state" } };
    case "direction":
      return { words: words(), needs: tracked, field: { kind: "direction" } };
    case "mark":
    case "label":
    case "zone":
    case "secmark":
    case "helper":
      return { words: words(), needs: tracked, field: { kind: "free", changing: `ct ${key}` } };
    case "status":
    case "expiration":
    case "l3proto":
    case "protocol":
    case "saddr":
    case "daddr":
    case "ip":
    case "ip6":
    case "proto-src":
    case "proto-dst":
    case "bytes":
    case "packets":
    case "avgpkt":
    case "id":
    case "event":
    case "timeout":
    case "expectation":
      return { words: words(), needs: tracked, field: { kind: "free" } };
    default:
      return undefined;
  }
}

function fibSelector(reader: Reader, words: () => string): Selector | undefined {
  for (let parts = 0; parts < 6; parts++) {
    if (!reader.isOneOf(fibParts)) return undefined;
    reader.at++;
    if (!reader.take(".")) break;
  }
  if (!reader.isOneOf(fibResults)) return undefined;
  reader.at++;
  return { words: words(), needs: everyPacket, field: { kind: "free", carried: true } };
}

const fibParts = new Set(["saddr", "daddr", "mark", "iif", "oif"]);
const fibResults = new Set(["type", "oif", "oifname", "check"]);

/** `@th,16,16`: base, offset and length in bits. */
function rawSelector(reader: Reader, base: Token, words: () => string): Selector | undefined {
  if (!reader.take(",")) return undefined;
  const offset = Number(reader.next()?.text);
  if (!reader.take(",")) return undefined;
  const length = Number(reader.next()?.text);
  if (!Number.isInteger(offset) || !Number.isInteger(length)) return undefined;
  const fields: Record<string, NumberField> = {
    "@th 0 16": "source-port",
    "@th 16 16": "destination-port",
    "@th 0 8": "icmp-type",
    "@th 8 8": "icmp-code",
  };
  const field = fields[`${base.text} ${offset} ${length}`];
  const known: Field =
    field === undefined ? { kind: "free", carried: true } : { kind: "header-number", field, names: none };
  return { words: words(), needs: everyPacket, field: known };
}
