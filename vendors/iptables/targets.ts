import type { Verdict } from "../../src/vendor-kit/index.js";

/** What a target does, as far as the way of the packet is concerned. */
export interface TargetMeaning {
  readonly verdict: Verdict;
  /** The options that are its own; undefined when it has none. */
  readonly options: RegExp | undefined;
  readonly log?: true;
  /** It rewrites addresses or ports. */
  readonly translates?: true;
  /** Where it can stand; undefined where that is any table, or does not matter. */
  readonly tables?: readonly string[];
}

/** The target of that name; undefined for one that is unknown, or a chain. Source: iptables-extensions(8), TARGETS. */
export function targetOf(name: string): TargetMeaning | undefined {
  return Object.hasOwn(targets, name) ? targets[name] : undefined;
}

/** Does something to the packet or beside it and lets it go on to the next rule. */
function goesOn(options?: RegExp): TargetMeaning {
  return { verdict: "continue", options };
}

function logs(options: RegExp): TargetMeaning {
  return { verdict: "continue", options, log: true };
}

/** Ends the nat table's evaluation of a packet, which no filter sees. */
function translates(options: RegExp): TargetMeaning {
  return { verdict: "accept", options, translates: true, tables: ["nat"] };
}

function unknown(options?: RegExp): TargetMeaning {
  return { verdict: "unknown", options };
}

const toAddress = /^(?:to|to-destination|to-source|to-ports|random|random-fully|persistent|nodst|shift-port.*)$/;

const targets: Readonly<Record<string, TargetMeaning>> = {
  ACCEPT: { verdict: "accept", options: undefined },
  DROP: { verdict: "drop", options: undefined },
  RETURN: { verdict: "return", options: undefined },
  REJECT: { verdict: "reject", options: /^reject-with$/, tables: ["filter"] },
  // Source: xtables-addons(8): the connection never gets an answer from the host behind.
  TARPIT: { verdict: "drop", options: /^(?:tarpit|honeypot|reset)$/ },
  STEAL: { verdict: "drop", options: undefined },
  DELUDE: { verdict: "drop", options: undefined },
  CHAOS: { verdict: "drop", options: /^(?:delude|tarpit)$/ },
  LOG: logs(/^log-/),
  LOGMARK: logs(/^log-/),
  ULOG: logs(/^ulog-/),
  NFLOG: logs(/^nflog-/),
  TRACE: goesOn(),
  MARK: goesOn(/^(?:set-mark|set-xmark|and-mark|or-mark|xor-mark)$/),
  CONNMARK: goesOn(
    /^(?:set-mark|set-xmark|and-mark|or-mark|xor-mark|save-mark|restore-mark|mask|nfmask|ctmask|left-shift-mark|right-shift-mark)$/,
  ),
  SECMARK: goesOn(/^selctx$/),
  CONNSECMARK: goesOn(/^(?:save|restore)$/),
  CLASSIFY: goesOn(/^set-class$/),
  CHECKSUM: goesOn(/^checksum-fill$/),
  TOS: goesOn(/^(?:set-tos|and-tos|or-tos|xor-tos)$/),
  DSCP: goesOn(/^set-dscp/),
  TTL: { ...goesOn(/^ttl-/), tables: ["mangle"] },
  HL: { ...goesOn(/^hl-/), tables: ["mangle"] },
  ECN: goesOn(/^ecn-/),
  TCPMSS: goesOn(/^(?:set-mss|clamp-mss-to-pmtu)$/),
  TCPOPTSTRIP: goesOn(/^strip-options$/),
  SET: goesOn(/^(?:add-set|del-set|map-set|exist|timeout|map-mark|map-prio|map-queue)$/),
  CT: goesOn(/^(?:notrack|helper|ctevents|expevents|zone|zone-orig|zone-reply|timeout)$/),
  NOTRACK: goesOn(),
  IDLETIMER: goesOn(/^(?:timeout|label|alarm|send_nl_msg)$/),
  LED: goesOn(/^led-/),
  RATEEST: goesOn(/^rateest-/),
  AUDIT: logs(/^type$/),
  HMARK: goesOn(/^hmark-/),
  TEE: goesOn(/^(?:gateway|oif)$/),
  ACCOUNT: goesOn(/^(?:addr|tname)$/),
  FLOWOFFLOAD: goesOn(/^hw$/),
  SYSRQ: goesOn(),
  IMQ: goesOn(/^todev$/),
  DNAT: translates(toAddress),
  SNAT: translates(toAddress),
  MASQUERADE: translates(toAddress),
  REDIRECT: translates(toAddress),
  NETMAP: translates(toAddress),
  SAME: translates(toAddress),
  DNPT: { verdict: "continue", options: /^(?:src-pfx|dst-pfx)$/, translates: true },
  SNPT: { verdict: "continue", options: /^(?:src-pfx|dst-pfx)$/, translates: true },
  RAWDNAT: { verdict: "continue", options: /^to-/, translates: true },
  RAWSNAT: { verdict: "continue", options: /^to-/, translates: true },
  QUEUE: unknown(),
  NFQUEUE: unknown(/^(?:queue-|fail-open$)/),
  TPROXY: unknown(/^(?:on-port|on-ip|tproxy-mark)$/),
  SYNPROXY: unknown(/^(?:mss|wscale|sack-perm|timestamp|ecn)$/),
  CLUSTERIP: unknown(/^(?:new|hashmode|clustermac|total-nodes|local-node|hash-init)$/),
  MIRROR: unknown(),
  ROUTE: unknown(/^(?:oif|iif|gw|continue|tee)$/),
  ECHO: unknown(),
};
