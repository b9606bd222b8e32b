import type { Diagnostic, IntervalSet, Match, Rule } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  diagnostic,
  everyPacket,
  noPacket,
  ofFamily,
  particular,
  protocolsWithPorts,
} from "../../src/vendor-kit/index.js";
import type { AccessList, Entry } from "./config.js";
import { originOf, spanFrom } from "./lexer.js";
import type { Meanings } from "./meanings.js";
import { Unread } from "./references.js";
import type { Ports, Protocol } from "./services.js";
import { hasPorts, isIcmp, numberMatch, portMatch } from "./services.js";
import { logLevels } from "./words.js";

/** The rules of a list, in order. Remarks and inactive entries are none. */
export function rulesOf(list: AccessList, meanings: Meanings, diagnostics: Diagnostic[]): Rule[] {
  if (list.entries.length > 0) {
    return list.entries.flatMap((entry) => {
      const read = readEntry(entry, list, meanings, diagnostics);
      return read === undefined ? [] : [read.rule];
    });
  }
  return shownRules(list, meanings, diagnostics);
}

/** What an inactive entry would do; undefined for any other, and for one that cannot be read. */
export function inactiveRule(entry: Entry, list: AccessList, meanings: Meanings): Rule | undefined {
  if (isRemark(entry) || !isInactive(entry)) return undefined;
  const { command } = entry;
  const active = { ...command, words: command.words.filter((word, i) => i <= entry.body || word !== "inactive") };
  const rule = readEntry({ ...entry, command: active }, list, meanings, [])?.rule;
  return rule?.verdict === "unknown" ? undefined : rule;
}

interface ReadEntry {
  readonly rule: Rule;
  /** False where the match holds a condition for a name that the text does not define. */
  readonly complete: boolean;
}

/**
 * `show access-list` puts below each entry what its objects and groups stand for. Where the definitions are not in the
 * text these lines take their place; and where fewer are shown than the header counts, more may match.
 */
function shownRules(list: AccessList, meanings: Meanings, diagnostics: Diagnostic[]): Rule[] {
  const elements = list.shown.reduce((sum, one) => sum + Math.max(isRemark(one) ? 0 : 1, one.expansion.length), 0);
  const allShown = list.declared === undefined || list.declared <= elements;
  if (list.shown.length === 0 && (list.declared ?? 0) > 0) {
    diagnostics.push(
      diagnostic("RW6001", "the entries of this list are not shown, only their hashes; what it does is unknown", {
        primary: originOf(list.first).span,
        help: "take the output of show access-list without brief, or the running-config",
      }),
    );
    return [{ match: everyPacket, verdict: "unknown", origin: originOf(list.first) }];
  }
  let reported = false;
  return list.shown.flatMap((entry): Rule[] => {
    const missing: Diagnostic[] = [];
    const before = meanings.references.diagnostics.length;
    const read = readEntry(entry, list, meanings, missing);
    if (read === undefined) return [];
    const understood = read.complete && read.rule.verdict !== "unknown";
    if (understood || entry.expansion.length === 0) {
      diagnostics.push(...missing);
      return [read.rule];
    }
    meanings.references.withdrawMissing(before);
    const parts = entry.expansion.flatMap((one) => {
      const part = readEntry(one, list, meanings, diagnostics);
      return part === undefined ? [] : [part.rule];
    });
    const verdict = parts[0]?.verdict ?? "unknown";
    if (parts.some((part) => part.verdict === "unknown") || (read.rule.verdict === "unknown" && !allShown)) {
      return [{ ...read.rule, verdict: "unknown" }];
    }
    const matches = parts.map((part) => part.match);
    if (!allShown) {
      matches.push(read.rule.match);
      if (!reported) {
        reported = true;
        diagnostics.push(
          diagnostic(
            "RW6002",
            `${list.name} has ${list.declared} elements and ${elements} are shown: entries with groups may match more than is seen`,
            { primary: originOf(list.first).span },
          ),
        );
      }
    }
    return [{ ...read.rule, verdict, match: any(...matches) }];
  });
}

function isRemark(entry: Entry): boolean {
  return entry.command.words[entry.body] === "remark";
}

/** The device keeps such an entry and does not look at it. `(inactive)` alone tells of the moment: a name not resolved. */
function isInactive(entry: Entry): boolean {
  const { words } = entry.command;
  let last = words.length - 1;
  while (last > entry.body && /^(?:\(|0x[0-9a-f])/.test(words[last]!)) last--;
  return words[last] === "inactive" && words[last - 1] !== "time-range";
}

/**
 * `[extended] permit|deny PROTOCOL SOURCE [PORTS] DESTINATION [PORTS | ICMP] [log ...] [time-range T] [inactive]`.
 *
 * Undefined for a remark and for an inactive entry. An entry that cannot be read has an unknown verdict, for all the
 * packets that the part which was read allows.
 */
function readEntry(
  entry: Entry,
  list: AccessList,
  meanings: Meanings,
  diagnostics: Diagnostic[],
): ReadEntry | undefined {
  const { command } = entry;
  const words = command.words;
  if (isRemark(entry) || isInactive(entry)) return undefined;
  const family = list.kind === "ipv6" ? "ipv6" : "extended";
  const oldFamily =
    (meanings.references.config.version?.major ?? 9) < 9 ? [ofFamily(list.kind === "ipv6" ? "ipv6" : "ipv4")] : [];
  const parts: Match[] = list.kind === "ipv6" ? [ofFamily("ipv6")] : oldFamily;
  let at = entry.body;
  try {
    if (list.kind === "standard") {
      throw new Unread(at, "a standard list cannot filter an interface; the device refuses to bind it");
    }
    if (words[at] === "extended") at++;
    const action = words[at++];
    if (action !== "permit" && action !== "deny") throw new Unread(at - 1, "permit or deny should stand here");

    const protocol = meanings.services.readProtocol(command, at);
    at = protocol.next;
    parts.push(protocolPart(protocol.value));

    at = readIdentity(words, at, "source", parts);
    const source = meanings.addresses.read(command, at, family);
    at = source.next;
    parts.push(meanings.addresses.match("source", source.value));

    const mayHavePorts =
      protocol.value.kind === "numbers" && (hasPorts(protocol.value.numbers) || protocol.value.doubts.length > 0);
    const sourcePorts = mayHavePorts ? portsBetween(meanings, entry, at) : undefined;
    if (sourcePorts !== undefined) {
      at = sourcePorts.next;
      parts.push(portsPart("source-port", sourcePorts.value, protocol.value));
    }

    at = readIdentity(words, at, "destination", parts);
    const destination = meanings.addresses.read(command, at, family);
    at = destination.next;
    parts.push(meanings.addresses.match("destination", destination.value));

    if (mayHavePorts) {
      const ports =
        meanings.services.readPorts(command, at) ??
        (words[at] === "object-group" ? meanings.services.missingPorts(command, at) : undefined);
      if (ports !== undefined) {
        at = ports.next;
        parts.push(portsPart("destination-port", ports.value, protocol.value));
      }
    } else if (protocol.value.kind === "numbers" && isIcmp(protocol.value.numbers)) {
      const icmp = meanings.services.readIcmp(command, at, protocol.value.numbers);
      at = icmp.next;
      parts.push(icmp.value);
    }

    const log = readTail(words, at, parts);
    const { config } = meanings.references;
    const time = words.indexOf("time-range", at);
    if (time > 0 && config.interfaces.length > 0 && !config.timeRanges.has(words[time + 1] ?? "")) {
      meanings.references.undefinedName(words[time + 1] ?? "", undefined, command, time + 1);
    }
    const match = all(...parts);
    return {
      rule: {
        match,
        verdict: action === "permit" ? "accept" : "drop",
        origin: originOf(command),
        ...(log && { log }),
      },
      complete: !mentionsMissing(match),
    };
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
    diagnostics.push(
      diagnostic("RW6001", `${error.why}; what this entry does is unknown`, { primary: spanFrom(command, error.word) }),
    );
    return { rule: { match: all(...parts), verdict: "unknown", origin: originOf(command) }, complete: true };
  }
}

function protocolPart(protocol: Protocol): Match {
  switch (protocol.kind) {
    case "any":
      return everyPacket;
    case "services":
      return protocol.match;
    case "numbers":
      return any(
        ...(protocol.numbers.length === 0 ? [] : [numberMatch("protocol", protocol.numbers)]),
        ...protocol.doubts.map((doubt) => condition(`protocol ${doubt}`)),
      );
  }
}

/** Ports mean something for the protocols that have them only. */
function portsPart(field: "source-port" | "destination-port", ports: Ports, protocol: Protocol): Match {
  const match = portMatch(field, ports);
  if (match.kind === "nothing") return noPacket;
  const numbers = protocol.kind === "numbers" ? protocol.numbers : [];
  const onlyPorts =
    numbers.length > 0 && protocol.kind === "numbers" && protocol.doubts.length === 0 && everyOneHasPorts(numbers);
  return onlyPorts ? match : all(PORT_PROTOCOLS, match);
}

const PORT_PROTOCOLS: Match = numberMatch(
  "protocol",
  [...protocolsWithPorts].sort((a, b) => a - b).map((n) => ({ first: n, last: n })),
);

function everyOneHasPorts(numbers: IntervalSet<number>): boolean {
  return numbers.every(({ first, last }) => first === last && protocolsWithPorts.includes(first));
}

/**
 * Ports behind the source. A group there that is not defined is one of ports only if two more addresses would be one
 * too many: another address, and nothing that begins one, has to follow.
 */
function portsBetween(
  meanings: Meanings,
  entry: Entry,
  at: number,
): { readonly value: Ports; readonly next: number } | undefined {
  const { command } = entry;
  const ports = meanings.services.readPorts(command, at);
  if (ports !== undefined) return ports;
  const name = command.words[at + 1];
  if (command.words[at] !== "object-group" || name === undefined || meanings.references.config.objects.has(name))
    return undefined;
  const behind = command.words[at + 2];
  const addressFollows =
    behind !== undefined && (/^(?:any[46]?|host|object|interface)$/.test(behind) || /^[0-9a-f]*[.:]/i.test(behind));
  return addressFollows ? meanings.services.missingPorts(command, at) : undefined;
}

/** `user`, `user-group`, `object-group-user`, `security-group`, `object-group-security` before an address: who, not where. */
function readIdentity(words: readonly string[], start: number, end: "source" | "destination", parts: Match[]): number {
  let at = start;
  for (;;) {
    switch (words[at]) {
      case "user":
      case "user-group":
      case "object-group-user":
        if (words[at + 1] === "any" && words[at] === "user") {
          parts.push(particular("user is known"));
        } else {
          parts.push(particular(`user is ${words[at]} ${words[at + 1] ?? ""}`));
        }
        at += 2;
        break;
      case "security-group":
        parts.push(particular(`${end} is of security-group ${words[at + 1] ?? ""} ${words[at + 2] ?? ""}`));
        at += 3;
        break;
      case "object-group-security":
        parts.push(particular(`${end} is of security-group ${words[at + 1] ?? ""}`));
        at += 2;
        break;
      default:
        return at;
    }
    if (at > words.length) throw new Unread(words.length - 1, "a name is missing");
  }
}

/** What stands behind the packets: logging, a time, and the counters of `show access-list`. True where it logs. */
function readTail(words: readonly string[], start: number, parts: Match[]): boolean {
  let at = start;
  let log = false;
  let shown = false;
  const end = words.length;
  while (at < end) {
    const word = words[at]!;
    if (word === "log" && !shown) {
      at++;
      log = words[at] !== "disable";
      if (words[at] === "disable" || words[at] === "default") at++;
      else {
        if (logLevels.includes(words[at] ?? "") || /^[0-7]$/.test(words[at] ?? "")) at++;
        if (words[at] === "interval") {
          if (!/^\d{1,5}$/.test(words[at + 1] ?? "")) throw new Unread(at, "an interval is a number of seconds");
          at += 2;
        }
      }
    } else if (word === "time-range" && !shown && words[at + 1] !== undefined) {
      parts.push(condition(`time-range ${words[at + 1]} is active`));
      at += 2;
    } else if (word.startsWith("(hitcnt=")) {
      shown = true;
      at++;
    } else if (word === "(inactive)" || word === "(time-range") {
      // What the device saw at the moment; the words before it say why.
      shown = true;
      at += word === "(inactive)" ? 1 : 2;
    } else if (/^0x[0-9a-f]{1,8}$/.test(word)) {
      shown = true;
      at++;
    } else {
      throw new Unread(at, `${JSON.stringify(word)} is not understood in this place`);
    }
  }
  return log;
}

function mentionsMissing(match: Match): boolean {
  switch (match.kind) {
    case "all":
    case "any":
      return match.of.some(mentionsMissing);
    case "not":
      return mentionsMissing(match.of);
    case "condition":
      return match.condition.endsWith("which is not defined");
    default:
      return false;
  }
}
