import type { Family, Match, State } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  everyPacket,
  from,
  inState,
  noPacket,
  not,
  numberIn,
  ofProtocol,
  particular,
  protocols,
  protocolsWithPorts,
  tcpFlags,
  to,
  varying,
  withTcpFlags,
} from "../../src/vendor-kit/index.js";
import { rangeOf } from "./address-text.js";
import type { Word } from "./model.js";
import { icmpType, portNumber } from "./protocol-names.js";
import type { SetsText } from "./sets.js";
import { macNumber, setMatch } from "./sets.js";

/** An option of a match as a rule gives it. */
export interface GivenOption {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly Word[];
}

/** What the meaning of a match can depend on besides its own words. */
export interface MatchSetting {
  readonly family: Family;
  /** The hook that the table's rules are met at has such an interface. */
  readonly hasEgress: boolean;
  readonly sets: SetsText;
  /** `rules.v4:12`: for conditions that count for each rule by itself. */
  readonly place: string;
  /** Connection tracking has not seen the packet yet (the raw table). */
  readonly beforeTracking: boolean;
  /** Something sets packet or connection marks, so that a mark may differ from one rule to the next. */
  readonly marksChange: boolean;
  /** What packets of the state DNAT can be; undefined where that is not known. */
  readonly translated: Match | undefined;
  isChain(name: string): boolean;
  /** Sets that rules fill or empty. */
  readonly changingSets: ReadonlySet<string>;
  /** A condition that the text does not let us decide, for a note. */
  undecided(what: string, help?: string): void;
  /** The table and the chain that the rule stands in. */
  readonly table: string;
  readonly chain: string;
  /** Something that iptables refuses, so that it loads nothing of the table. */
  refused(what: string, word: Word | undefined): void;
  /** A name that should be defined in what was given, and is not. */
  missing(what: string, word: Word | undefined, help: string): void;
  /** Something that could not be read at all. */
  unread(what: string, word: Word | undefined): void;
}

/** A match extension: how many values its options take, and what it means. */
export interface MatchModule {
  /** Option name without dashes to its number of values; "rest" takes all up to the next option. */
  readonly options: Readonly<Record<string, number | "rest">>;
  build(options: readonly GivenOption[], setting: MatchSetting, name: string): Match;
}

/** The extension of that name; undefined for an unknown one. Source: iptables-extensions(8). */
export function matchModule(name: string): MatchModule | undefined {
  return Object.hasOwn(modules, name) ? modules[name] : undefined;
}

/** Ports of one protocol: `--sport`, `--dport` with a range. */
function portModule(protocol: number, more: Readonly<Record<string, number | "rest">> = {}): MatchModule {
  return {
    options: { "source-port": 1, sport: 1, "destination-port": 1, dport: 1, ...more },
    build: (options, setting, name) =>
      all(ofProtocol(protocol), ...options.map((option) => signed(option.negated, portOption(option, setting, name)))),
  };
}

function portOption(option: GivenOption, setting: MatchSetting, name: string): Match {
  const value = option.values[0];
  switch (option.name) {
    case "sport":
    case "source-port":
    case "dport":
    case "destination-port": {
      const field = option.name.startsWith("s") ? "source-port" : "destination-port";
      const range = value === undefined ? undefined : portRange(value.text);
      if (range !== undefined) return numberIn(field, range);
      return unknownValue(setting, `${field.replace("-", " ")} ${value?.text ?? ""}`, value);
    }
    case "syn":
      return withTcpFlags(tcpFlags.syn | tcpFlags.rst | tcpFlags.ack | tcpFlags.fin, tcpFlags.syn);
    case "tcp-flags": {
      const mask = flagBits(option.values[0]?.text ?? "");
      const comp = flagBits(option.values[1]?.text ?? "");
      if (mask !== undefined && comp !== undefined) return withTcpFlags(mask, comp);
      return unknownValue(setting, `TCP flags ${textOf(option.values)}`, value);
    }
    default:
      return variable(setting, `${name} ${option.name} ${textOf(option.values)}`.trim());
  }
}

/** `80`, `1024:`, `:1023`, `http:https`. Source: iptables/extensions/libxt_tcp.c. */
function portRange(text: string): readonly [number, number] | undefined {
  const colon = text.indexOf(":");
  const first = colon < 0 ? text : text.slice(0, colon);
  const last = colon < 0 ? text : text.slice(colon + 1);
  const low = first === "" ? 0 : portNumber(first);
  const high = last === "" ? 65535 : portNumber(last);
  return text === "" || low === undefined || high === undefined || low > high ? undefined : [low, high];
}

function flagBits(text: string): number | undefined {
  let bits = 0;
  for (const name of text.split(",")) {
    const word = name.toLowerCase();
    if (word === "all") bits |= 63;
    else if (word === "none") bits |= 0;
    else if (Object.hasOwn(tcpFlags, word) && word !== "ece" && word !== "cwr") {
      bits |= tcpFlags[word as keyof typeof tcpFlags];
    } else return undefined;
  }
  return bits;
}

/** Source: iptables-extensions(8), multiport: one of the three options, up to 15 ports, ranges with a colon. */
const multiport: MatchModule = {
  options: { "source-ports": 1, sports: 1, "destination-ports": 1, dports: 1, ports: 1 },
  build: (options, setting) =>
    all(
      ofProtocol(...protocolsWithPorts),
      ...options.map((option) => {
        const value = option.values[0];
        const ranges = (value?.text ?? "").split(",").map(portRange);
        const numbers = ranges.reduce((sum, range) => sum + (range !== undefined && range[0] !== range[1] ? 2 : 1), 0);
        if (numbers > 15) setting.refused(`multiport takes 15 ports at most, a range counting as two`, value);
        if (ranges.some((range) => range === undefined)) {
          return signed(option.negated, unknownValue(setting, `ports ${value?.text ?? ""}`, value));
        }
        const known = ranges as readonly (readonly [number, number])[];
        const source = numberIn("source-port", ...known);
        const destination = numberIn("destination-port", ...known);
        const match =
          option.name === "ports" ? any(source, destination) : option.name.startsWith("s") ? source : destination;
        return signed(option.negated, match);
      }),
    ),
};

function icmpModule(version: 4 | 6): MatchModule {
  const protocol = version === 4 ? protocols.icmp : protocols.icmpv6;
  return {
    options: { [version === 4 ? "icmp-type" : "icmpv6-type"]: 1 },
    build: (options, setting) =>
      all(
        ofProtocol(protocol),
        ...options.map((option) => {
          const value = option.values[0];
          const type = icmpType(value?.text ?? "", version);
          if (type === undefined) {
            return signed(option.negated, unknownValue(setting, `ICMP type ${value?.text ?? ""}`, value));
          }
          if (type === "any") return signed(option.negated, everyPacket);
          const parts = [numberIn("icmp-type", [type.type, type.type])];
          if (type.firstCode > 0 || type.lastCode < 255) {
            parts.push(numberIn("icmp-code", [type.firstCode, type.lastCode]));
          }
          return signed(option.negated, all(...parts));
        }),
      ),
  };
}

const iprange: MatchModule = {
  options: { "src-range": 1, "dst-range": 1 },
  build: (options, setting) =>
    all(
      ...options.map((option) => {
        const value = option.values[0];
        const range = rangeOf(value?.text ?? "", setting.family);
        if (range === undefined) {
          return signed(option.negated, unknownValue(setting, `${option.name} ${value?.text ?? ""}`, value));
        }
        return signed(option.negated, option.name === "src-range" ? from(range) : to(range));
      }),
    ),
};

const mac: MatchModule = {
  options: { "mac-source": 1 },
  build: (options, setting) =>
    all(
      ...options.map((option) => {
        const value = option.values[0];
        const number = macNumber((value?.text ?? "").replace(/-/g, ":"));
        if (number === undefined) {
          return signed(option.negated, unknownValue(setting, `source MAC ${value?.text ?? ""}`, value));
        }
        return signed(option.negated, numberIn("source-mac", [number, number]));
      }),
    ),
};

const stateWords: Readonly<Record<string, readonly State[]>> = {
  NEW: ["new"],
  ESTABLISHED: ["established", "established-reply"],
  RELATED: ["related", "related-reply"],
  INVALID: ["invalid"],
  UNTRACKED: ["untracked"],
};

const tracked: readonly State[] = ["new", "established", "established-reply", "related", "related-reply"];

/** `NEW,ESTABLISHED`; SNAT and DNAT ask whether the connection's addresses are rewritten. */
function stateList(option: GivenOption, setting: MatchSetting): Match {
  const value = option.values[0];
  const parts: Match[] = [];
  const names: State[] = [];
  for (const name of (value?.text ?? "").toUpperCase().split(",")) {
    const words = Object.hasOwn(stateWords, name) ? stateWords[name] : undefined;
    if (words !== undefined) names.push(...words);
    else if (name === "SNAT" || name === "DNAT") {
      const possible = name === "DNAT" && setting.translated !== undefined ? [setting.translated] : [];
      const words = `connection has ${name === "SNAT" ? "source" : "destination"} NAT`;
      parts.push(all(inState(...tracked), ...possible, listed(setting, words)));
    } else return unknownValue(setting, `connection state ${value?.text ?? ""}`, value);
  }
  return any(...(names.length > 0 ? [inState(...names)] : []), ...parts);
}

const state: MatchModule = {
  options: { state: 1 },
  build: (options, setting) => {
    if (setting.beforeTracking) return undecided(setting, `connection state in the raw table at ${setting.place}`);
    return all(...options.map((option) => signed(option.negated, stateList(option, setting))));
  },
};

/**
 * Without a connection (invalid or untracked packets) only the state is looked at: with `--ctstate` everything else
 * holds, without it nothing matches.
 *
 * Source: Linux net/netfilter/xt_conntrack.c, conntrack_mt.
 */
const conntrack: MatchModule = {
  options: {
    ctstate: 1,
    ctdir: 1,
    ctproto: 1,
    ctorigsrc: 1,
    ctorigdst: 1,
    ctreplsrc: 1,
    ctrepldst: 1,
    ctorigsrcport: 1,
    ctorigdstport: 1,
    ctreplsrcport: 1,
    ctrepldstport: 1,
    ctstatus: 1,
    ctexpire: 1,
  },
  build: (options, setting) => {
    if (setting.beforeTracking) return undecided(setting, `connection in the raw table at ${setting.place}`);
    const stateOptions = options.filter((option) => option.name === "ctstate");
    const states = all(...stateOptions.map((option) => signed(option.negated, stateList(option, setting))));
    const rest = options.filter((option) => option.name !== "ctstate");
    if (rest.length === 0) return stateOptions.length > 0 ? states : inState(...tracked);
    const connection = all(
      inState(...tracked),
      ...rest.map((option) => {
        const value = option.values[0]?.text ?? "";
        if (option.name === "ctdir") {
          if (/^reply$/i.test(value)) return signed(option.negated, inState("established-reply", "related-reply"));
          if (/^original$/i.test(value)) return signed(option.negated, inState("new", "established", "related"));
          return unknownValue(setting, `connection direction ${value}`, option.values[0]);
        }
        return signed(option.negated, undecided(setting, `connection ${option.name} ${value}`));
      }),
    );
    return all(states, stateOptions.length > 0 ? any(connection, not(inState(...tracked))) : connection);
  },
};

const addrtype: MatchModule = {
  options: { "src-type": 1, "dst-type": 1, "limit-iface-in": 0, "limit-iface-out": 0 },
  build: (options, setting) => {
    const limit = options.find((option) => option.name.startsWith("limit-iface"));
    const where =
      limit === undefined ? "" : ` on the ${limit.name === "limit-iface-in" ? "ingress" : "egress"} interface`;
    return all(
      ...options
        .filter((option) => option !== limit)
        .map((option) => {
          const end = option.name === "src-type" ? "source" : "destination";
          const types = (option.values[0]?.text ?? "").toLowerCase().split(",");
          return signed(
            option.negated,
            any(...types.map((type) => variable(setting, `${end} address is ${type}${where}`))),
          );
        }),
    );
  },
};

const set: MatchModule = {
  options: {
    "match-set": 2,
    set: 2,
    "return-nomatch": 0,
    "update-counters": 0,
    "update-subcounters": 0,
    "packets-eq": 1,
    "packets-lt": 1,
    "packets-gt": 1,
    "bytes-eq": 1,
    "bytes-lt": 1,
    "bytes-gt": 1,
  },
  build: (options, setting) =>
    all(
      ...options.map((option): Match => {
        if (option.name === "update-counters" || option.name === "update-subcounters") return everyPacket;
        if (option.name !== "match-set" && option.name !== "set") {
          return signed(
            option.negated,
            undecided(setting, `set ${option.name} ${textOf(option.values)} at ${setting.place}`),
          );
        }
        const name = option.values[0]?.text ?? "";
        const flags = (option.values[1]?.text ?? "").split(",");
        return signed(option.negated, namedSet(name, flags, options, setting));
      }),
    ),
};

function namedSet(
  name: string,
  flags: readonly string[],
  options: readonly GivenOption[],
  setting: MatchSetting,
): Match {
  const words = `${flags.join(",")} in set ${name}`;
  if (setting.changingSets.has(name)) return listed(setting, words, "rules add to this set or delete from it");
  if (options.some((option) => option.name === "return-nomatch")) return undecided(setting, `${words} as nomatch`);
  const known = setting.sets.get(name);
  if (known === undefined && setting.sets.size > 0) {
    const word = options.flatMap((option) => option.values).find((value) => value.text === name);
    setting.missing(
      `the set "${name}" is in none of the texts that were given: without it the rules do not load`,
      word,
      'create it in the sets, or give all of what "ipset save" prints',
    );
    return particular(words);
  }
  if (known === undefined) {
    return listed(setting, words, 'give the output of "ipset save" beside the rules');
  }
  return setMatch(known, flags, setting, setting.sets, (why) => setting.undecided(why));
}

/** `--set` remembers the address and always matches; the other options ask what was remembered. */
const recent: MatchModule = {
  options: {
    name: 1,
    set: 0,
    rcheck: 0,
    update: 0,
    remove: 0,
    seconds: 1,
    reap: 0,
    hitcount: 1,
    rttl: 0,
    rsource: 0,
    rdest: 0,
    mask: 1,
  },
  build: (options, setting, name) => {
    const command = options.find((option) => ["set", "rcheck", "update", "remove"].includes(option.name));
    if (command?.name === "set") return command.negated ? noPacket : everyPacket;
    return signed(command?.negated ?? false, variable(setting, ownWords(name, options, setting.place)));
  },
};

/**
 * A match whose answer the text does not hold: `same` for all rules that ask the same, or each rule for itself. Whether a
 * rate is kept is a matter of packets, whether a process is there one of the host.
 */
function free(
  counts: "same" | "each rule",
  options: MatchModule["options"],
  of: keyof typeof builders = counts === "same" ? "the host" : "packets",
): MatchModule {
  const build = builders[of];
  return {
    options,
    build: (given, setting, name) => {
      const place = counts === "same" ? undefined : setting.place;
      const [only, more] = given;
      if (only === undefined) return build(setting, place === undefined ? name : `${name} at ${place}`);
      if (more === undefined) {
        return signed(only.negated, build(setting, ownWords(name, [{ ...only, negated: false }], place)));
      }
      return build(setting, ownWords(name, given, place));
    },
  };
}

const builders = { packets: variable, some: listed, "the host": undecided };

/** A part of packets that the model leaves out: packets of both kinds come. */
function carried(options: MatchModule["options"]): MatchModule {
  return free("same", options, "packets");
}

const mark: MatchModule = {
  options: { mark: 1 },
  build: (given, setting, name) =>
    all(
      ...given.map((option) => {
        const what = name === "mark" ? "packet mark" : "connection mark";
        const value = option.values[0]?.text.toLowerCase() ?? "";
        // Packets that nothing has marked have the mark 0; what the rules have marked, nobody follows.
        const build = setting.marksChange || /^0(?:x0+)?(?:\/|$)/.test(value) ? undecided : listed;
        const place = setting.marksChange ? ` at ${setting.place}` : "";
        return signed(option.negated, build(setting, `${what} is ${value}${place}`));
      }),
    ),
};

const always: MatchModule = { options: { comment: 1, "nfacct-name": 1 }, build: () => everyPacket };

/** Source: iptables-extensions(8), and the manual pages of xtables-addons for geoip, condition, psd and the like. */
const modules: Readonly<Record<string, MatchModule>> = {
  tcp: portModule(protocols.tcp, { "tcp-flags": 2, syn: 0, "tcp-option": 1 }),
  udp: portModule(protocols.udp),
  udplite: portModule(protocols.udplite),
  sctp: portModule(protocols.sctp, { "chunk-types": "rest" }),
  dccp: portModule(protocols.dccp, { "dccp-types": 1, "dccp-option": 1 }),
  multiport,
  mport: multiport,
  icmp: icmpModule(4),
  icmp6: icmpModule(6),
  icmpv6: icmpModule(6),
  "ipv6-icmp": icmpModule(6),
  iprange,
  mac,
  state,
  conntrack,
  addrtype,
  set,
  recent,
  mark,
  connmark: mark,
  comment: always,
  nfacct: always,
  standard: always,
  limit: free("each rule", { limit: 1, "limit-burst": 1 }),
  hashlimit: free("each rule", {
    hashlimit: 1,
    "hashlimit-upto": 1,
    "hashlimit-above": 1,
    "hashlimit-burst": 1,
    "hashlimit-mode": 1,
    "hashlimit-srcmask": 1,
    "hashlimit-dstmask": 1,
    "hashlimit-name": 1,
    "hashlimit-htable-size": 1,
    "hashlimit-htable-max": 1,
    "hashlimit-htable-expire": 1,
    "hashlimit-htable-gcinterval": 1,
    "hashlimit-rate-match": 0,
    "hashlimit-rate-interval": 1,
  }),
  statistic: free("each rule", { mode: 1, probability: 1, every: 1, packet: 1 }),
  random: free("each rule", { average: 1 }),
  nth: free("each rule", { every: 1, counter: 1, start: 1, packet: 1 }),
  fuzzy: free("each rule", { "lower-limit": 1, "upper-limit": 1 }),
  quota: free("each rule", { quota: 1, grow: 0, "no-change": 0 }, "the host"),
  quota2: free("each rule", { quota: 1, grow: 0, "no-change": 0, name: 1, packets: 0 }, "the host"),
  connlimit: free("each rule", {
    "connlimit-upto": 1,
    "connlimit-above": 1,
    "connlimit-mask": 1,
    "connlimit-saddr": 0,
    "connlimit-daddr": 0,
  }),
  connrate: free("each rule", { connrate: 1 }),
  psd: free("each rule", {
    "psd-weight-threshold": 1,
    "psd-delay-threshold": 1,
    "psd-lo-ports-weight": 1,
    "psd-hi-ports-weight": 1,
  }),
  lscan: free("each rule", { stealth: 0, synscan: 0, cnscan: 0, grscan: 0, mirai: 0 }),
  rateest: free("each rule", {
    rateest: 1,
    rateest1: 1,
    rateest2: 1,
    "rateest-delta": 0,
    "rateest-lt": 0,
    "rateest-gt": 0,
    "rateest-eq": 0,
    "rateest-bps": "rest",
    "rateest-pps": "rest",
    "rateest-bps1": 1,
    "rateest-pps1": 1,
    "rateest-bps2": 1,
    "rateest-pps2": 1,
  }),
  connbytes: free("each rule", { connbytes: 1, "connbytes-dir": 1, "connbytes-mode": 1 }),
  time: free("same", {
    timestart: 1,
    timestop: 1,
    datestart: 1,
    datestop: 1,
    days: 1,
    weekdays: 1,
    monthdays: 1,
    contiguous: 0,
    kerneltz: 0,
    utc: 0,
    localtz: 0,
  }),
  owner: free(
    "same",
    {
      "uid-owner": 1,
      "gid-owner": 1,
      "pid-owner": 1,
      "sid-owner": 1,
      "cmd-owner": 1,
      "socket-exists": 0,
      "suppl-groups": 0,
    },
    "some",
  ),
  string: carried({ algo: 1, from: 1, to: 1, string: 1, "hex-string": 1, icase: 0 }),
  geoip: free("same", { "src-cc": 1, "source-country": 1, "dst-cc": 1, "destination-country": 1 }, "some"),
  physdev: free("same", {
    "physdev-in": 1,
    "physdev-out": 1,
    "physdev-is-in": 0,
    "physdev-is-out": 0,
    "physdev-is-bridged": 0,
  }),
  u32: carried({ u32: 1 }),
  bpf: carried({ bytecode: 1, "object-pinned": 1 }),
  length: carried({ length: 1 }),
  length2: carried({ length: 1, layer3: 0, layer4: 0, layer5: 0, layer7: 0 }),
  ttl: carried({ ttl: 1, "ttl-eq": 1, "ttl-lt": 1, "ttl-gt": 1 }),
  hl: carried({ "hl-eq": 1, "hl-lt": 1, "hl-gt": 1 }),
  tos: carried({ tos: 1 }),
  dscp: carried({ dscp: 1, "dscp-class": 1 }),
  ecn: carried({ "ecn-tcp-cwr": 0, "ecn-tcp-ece": 0, "ecn-ip-ect": 1 }),
  helper: free("same", { helper: 1 }, "some"),
  policy: free(
    "same",
    {
      dir: 1,
      pol: 1,
      strict: 0,
      reqid: 1,
      spi: 1,
      proto: 1,
      mode: 1,
      "tunnel-src": 1,
      "tunnel-dst": 1,
      next: 0,
    },
    "some",
  ),
  socket: free("same", { transparent: 0, nowildcard: 0, "restore-skmark": 0 }, "some"),
  rpfilter: carried({ loose: 0, validmark: 0, "accept-local": 0, invert: 0 }),
  ah: carried({ ahspi: 1, ahlen: 1, ahres: 0 }),
  esp: carried({ espspi: 1 }),
  ipcomp: carried({ ipcompspi: 1, compres: 0 }),
  cgroup: free("same", { cgroup: 1, path: 1 }),
  cluster: free("same", {
    "cluster-total-nodes": 1,
    "cluster-local-node": 1,
    "cluster-local-nodemask": 1,
    "cluster-hash-seed": 1,
  }),
  cpu: free("same", { cpu: 1 }),
  devgroup: free("same", { "src-group": 1, "dst-group": 1 }),
  pkttype: free("same", { "pkt-type": 1 }),
  realm: free("same", { realm: 1 }),
  tcpmss: carried({ mss: 1 }),
  connlabel: free("each rule", { label: 1, set: 0 }, "the host"),
  layer7: carried({ l7proto: 1, l7dir: 1 }),
  ipp2p: carried({
    ipp2p: 0,
    edk: 0,
    dc: 0,
    kazaa: 0,
    gnu: 0,
    bit: 0,
    apple: 0,
    winmx: 0,
    soul: 0,
    ares: 0,
    mute: 0,
    waste: 0,
    xdcc: 0,
    debug: 0,
  }),
  condition: free("same", { condition: 1 }),
  iface: free("same", {
    iface: 1,
    "dev-in": 0,
    "dev-out": 0,
    up: 0,
    down: 0,
    broadcast: 0,
    loopback: 0,
    pointtopoint: 0,
    running: 0,
    noarp: 0,
    arp: 0,
    promisc: 0,
    multicast: 0,
    dynamic: 0,
    "lower-up": 0,
    dormant: 0,
  }),
  ipv4options: carried({ flags: 1, any: 0, ssrr: 0, lsrr: 0, rr: 0, ts: 0, ra: 0, "any-opt": 0 }),
  osf: carried({ genre: 1, ttl: 1, log: 1 }),
  unclean: carried({}),
  dst: carried({ "dst-len": 1, "dst-opts": 1 }),
  hbh: carried({ "hbh-len": 1, "hbh-opts": 1 }),
  frag: carried({ fragid: 1, fragfirst: 0, fragmore: 0, fraglast: 0, fragres: 0, fraglen: 1 }),
  rt: carried({
    "rt-type": 1,
    "rt-segsleft": 1,
    "rt-len": 1,
    "rt-0-res": 0,
    "rt-0-addrs": 1,
    "rt-0-not-strict": 0,
  }),
  ipv6header: carried({ header: 1, soft: 0 }),
  mh: carried({ "mh-type": 1 }),
  eui64: carried({}),
  srh: carried({}),
  ipvs: free(
    "same",
    {
      ipvs: 0,
      vproto: 1,
      vaddr: 1,
      vport: 1,
      vdir: 1,
      vmethod: 1,
      vportctl: 1,
    },
    "some",
  ),
  ndpi: carried({ proto: 1, all: 0, error: 0 }),
  web: carried({}),
  l2tp: carried({ pversion: 1, tid: 1, sid: 1, type: 1 }),
  dns: carried({ qr: 0, qtype: 1, rmatch: 0, qname: 1, maxsize: 1, opcode: 1, aa: 0, tc: 0, rd: 0, ra: 0 }),
  // Of routers' systems (Tomato, DD-WRT, Asuswrt).
  account: { options: { aaddr: 1, aname: 1, ashort: 0 }, build: () => everyPacket },
  bcount: carried({ range: 1 }),
  webstr: carried({ url: 1, host: 1, content: 1 }),
  weburl: carried({ contains: 1, contains_regex: 1, matches_exactly: 1, domain_only: 0, path_only: 0 }),
};

function signed(negated: boolean, match: Match): Match {
  return negated ? not(match) : match;
}

function undecided(setting: MatchSetting, words: string, help?: string): Match {
  setting.undecided(words, help);
  return condition(words);
}

function listed(setting: MatchSetting, words: string, help?: string): Match {
  setting.undecided(words, help);
  return particular(words);
}

function variable(setting: MatchSetting, words: string): Match {
  setting.undecided(words);
  return varying(words);
}

/** A value that stands where one is needed, but is none that we know: a condition, and a diagnostic. */
function unknownValue(setting: MatchSetting, words: string, word: Word | undefined): Match {
  setting.unread(words, word);
  return condition(words.trim());
}

function ownWords(name: string, options: readonly GivenOption[], place: string | undefined): string {
  const parts = options.map((option) =>
    [option.negated ? "not" : "", option.name === name ? "" : option.name, textOf(option.values)]
      .filter((part) => part !== "")
      .join(" "),
  );
  return `${name} ${parts.join(" ")}${place === undefined ? "" : ` at ${place}`}`;
}

function textOf(words: readonly Word[]): string {
  return words.map((word) => word.text).join(" ");
}
