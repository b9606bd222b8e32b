import type { Action, Chain, Filter, Match, Packet, Path, Rule } from "../ir/index.js";
import { contains } from "../net/index.js";
import { matchesPattern } from "./alphabet.js";
import type { Fate } from "./fates.js";

/** A rule that a packet met and matched, or the end of a chain that it came to. */
export interface Step {
  readonly filter: Filter;
  readonly chain: Chain;
  /** Undefined for the chain's end. */
  readonly rule?: Rule;
  /** What happened: the rule's verdict, or the chain's end. */
  readonly outcome: Rule["verdict"] | Chain["end"];
}

export interface Trace {
  readonly fate: Fate;
  /** In the order of evaluation; of the rules that do not match, none. */
  readonly steps: readonly Step[];
  /** The step that settled the fate; undefined only for a path without filters. */
  readonly decidedBy?: Step;
}

/**
 * One packet through the filters of a path, rule by rule.
 *
 * Written without the packet sets, so that each can be checked against the other. `conditions` of the packet hold, all
 * others do not.
 */
export function trace(path: Path, packet: Packet): Trace {
  const steps: Step[] = [];
  let fate: Fate = "accepted";
  let decidedBy: Step | undefined;
  for (const filter of path.filters) {
    const outcome = traceFilter(filter, packet, steps);
    const last = steps.at(-1);
    switch (outcome) {
      case "dropped":
      case "rejected":
        return { fate: outcome, steps, ...(last && { decidedBy: last }) };
      case "accepted":
        if (fate === "accepted") decidedBy = last;
        break;
      case "undecided":
        if (fate === "accepted") [fate, decidedBy] = ["undecided", last];
        break;
      case "unknown":
        if (fate !== "unknown") [fate, decidedBy] = ["unknown", last];
        break;
    }
  }
  return { fate, steps, ...(decidedBy && { decidedBy }) };
}

const fateOf: Readonly<Record<Action | "continue" | "return" | "unknown", Fate>> = {
  accept: "accepted",
  drop: "dropped",
  reject: "rejected",
  continue: "undecided",
  return: "undecided",
  unknown: "unknown",
};

interface Frame {
  readonly chain: Chain;
  next: number;
}

/** More calls below each other than any kernel allows: a loop. */
const MOST_FRAMES = 10_000;

function traceFilter(filter: Filter, packet: Packet, steps: Step[]): Fate {
  const entry = filter.chains.get(filter.entry);
  if (entry === undefined) return "unknown";
  if (entry.order === "last-match") return traceLastMatch(filter, entry, packet, steps);

  const frames: Frame[] = [{ chain: entry, next: 0 }];
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const { chain } = frame;
    const rule = chain.rules[frame.next++];
    if (rule === undefined) {
      // The end of a chain that was jumped to is the way back; the entry chain's end is its verdict.
      if (frames.length > 1) {
        frames.pop();
        continue;
      }
      return end(filter, entry, steps);
    }
    if (!matches(rule.match, packet)) continue;
    steps.push({ filter, chain, rule, outcome: rule.verdict });
    if (typeof rule.verdict === "object") {
      const called = filter.chains.get(rule.verdict.chain);
      if (called === undefined || frames.length > MOST_FRAMES || frames.some((one) => one.chain === called))
        return "unknown";
      if (rule.verdict.kind === "goto") frames.pop();
      frames.push({ chain: called, next: 0 });
    } else if (rule.verdict === "return") {
      frames.pop();
    } else if (rule.verdict !== "continue") {
      return fateOf[rule.verdict];
    }
  }
  return end(filter, entry, steps);
}

function end(filter: Filter, entry: Chain, steps: Step[]): Fate {
  steps.push({ filter, chain: entry, outcome: entry.end });
  return fateOf[entry.end];
}

function traceLastMatch(filter: Filter, chain: Chain, packet: Packet, steps: Step[]): Fate {
  let last: Step | undefined;
  for (const rule of chain.rules) {
    if (!matches(rule.match, packet)) continue;
    const step: Step = { filter, chain, rule, outcome: rule.verdict };
    steps.push(step);
    if (rule.verdict === "continue") continue;
    last = step;
    if (rule.quick === true) break;
  }
  if (last === undefined) return end(filter, chain, steps);
  // The deciding step goes last, where callers look for it.
  if (steps.at(-1) !== last) steps.push(last);
  return typeof last.outcome === "object" ? "unknown" : fateOf[last.outcome];
}

/** Whether a packet matches. A missing interface matches no name. */
export function matches(match: Match, packet: Packet): boolean {
  switch (match.kind) {
    case "everything":
      return true;
    case "nothing":
      return false;
    case "all":
      return match.of.every((part) => matches(part, packet));
    case "any":
      return match.of.some((part) => matches(part, packet));
    case "not":
      return !matches(match.of, packet);
    case "family":
      return match.family === packet.family;
    case "interface": {
      const name = packet[match.end];
      return name !== undefined && match.names.some((pattern) => matchesPattern(pattern, name));
    }
    case "state":
      return match.states.includes(packet.state);
    case "number":
      return contains(match.values, numberOf(match.field, packet));
    case "tcp-flags":
      return (packet.tcpFlags & match.mask) === match.value;
    case "address":
      return packet.family === "ipv4"
        ? contains(match.addresses.ipv4, packet[match.end] as number)
        : contains(match.addresses.ipv6, packet[match.end] as bigint);
    case "condition":
      return packet.conditions.has(match.condition);
  }
}

function numberOf(field: Extract<Match, { kind: "number" }>["field"], packet: Packet): number {
  switch (field) {
    case "protocol":
      return packet.protocol;
    case "source-port":
      return packet.sourcePort;
    case "destination-port":
      return packet.destinationPort;
    case "icmp-type":
      return packet.icmpType;
    case "icmp-code":
      return packet.icmpCode;
    case "source-mac":
      return packet.sourceMac;
  }
}
