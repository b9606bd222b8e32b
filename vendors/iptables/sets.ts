import type { AddressSet, Diagnostic, Family, Match, Source, Span } from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  diagnostic,
  egress,
  everyPacket,
  from,
  ingress,
  linesOf,
  noAddress,
  noPacket,
  numberIn,
  ofProtocol,
  particular,
  protocols,
  span,
  subtractAddresses,
  to,
  unionOf,
} from "../../src/vendor-kit/index.js";
import { addressesOf, rangeOf } from "./address-text.js";
import type { Word } from "./model.js";
import { icmpType, portNumber, protocolNumber } from "./protocol-names.js";
import { wordsOf } from "./words.js";

/** An ipset as the text gives it. */
export interface SetText {
  readonly name: string;
  /** The command that creates it. */
  readonly span: Span;
  readonly type: string;
  /** Undefined for types without addresses. */
  readonly family: Family | undefined;
  /** Why its content cannot be known; undefined where the entries are all. */
  undecided?: string;
  readonly netmask: number | undefined;
  /** How many elements it takes. */
  readonly most: number;
  entries: SetEntry[];
  /** The elements of texts in which none may come twice. */
  readonly keys: Map<string, SetEntry>;
  repeated?: SetEntry & { readonly first: SetEntry };
  /** Commands besides those that create it and add to it name it. */
  alsoChanged?: true;
}

export interface SetEntry {
  readonly text: string;
  readonly nomatch: boolean;
  /** The command that adds it. */
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export type SetsText = Map<string, SetText>;

/**
 * Reads what `ipset save` prints and `ipset restore` loads. `text` is what is read of the source, see `readRestore`.
 *
 * Source: ipset(8).
 */
export function readSets(source: Source, sets: SetsText, diagnostics: Diagnostic[], text = source.text): void {
  for (const line of linesOf({ path: source.path, text })) {
    const command = line.text.trim();
    if (command === "" || command.startsWith("#") || command === "COMMIT") continue;
    const indent = line.text.length - line.text.trimStart().length;
    const start = line.start + indent;
    runSetCommand(wordsOf(line.text, line.start), source, start, start + command.length, sets, diagnostics, true);
  }
  for (const set of sets.values()) reportRepeated(set, source, diagnostics);
}

/**
 * `ipset restore` stops at the first line that it refuses, and everything behind it is missing. It takes prefixes of
 * hash:net that hold each other, and no address or prefix twice.
 *
 * Source: ipset 7.17 and Linux 6.18, tried.
 */
function reportRepeated(set: SetText, source: Source, diagnostics: Diagnostic[]): void {
  if (set.repeated === undefined || set.repeated.source !== source) return;
  const { start, end, first } = set.repeated;
  diagnostics.push(
    diagnostic(
      "RW6004",
      `ipset restore stops here unless it runs with -exist: set "${set.name}" has this element already`,
      {
        primary: span(source, start, end),
        related: [{ span: span(first.source, first.start, first.end), message: "it is added here" }],
        help: "take one of the two out",
        severity: "warning",
      },
    ),
  );
}

/** Does what one command of ipset does (without the program's name). */
export function runSetCommand(
  words: readonly Word[],
  source: Source,
  start: number,
  end: number,
  sets: SetsText,
  diagnostics: Diagnostic[],
  stopsAtErrors = false,
): void {
  const plain = words.filter((word) => !setFlags.has(word.text));
  const [command, name, third] = plain.map((word) => word.text);
  const unread = (why: string): void => {
    diagnostics.push(
      diagnostic("RW6001", `this command of ipset could not be read: ${why}`, { primary: span(source, start, end) }),
    );
    const set = sets.get(name ?? "");
    if (set !== undefined) set.undecided = "a command that changes it could not be read";
  };
  const rest = plain.slice(3).map((word) => word.text);
  if (plain.some((word) => word.undecided)) return unread("a part of it is not known");
  switch (setCommands[command ?? ""]) {
    case "create":
      if (name === undefined || third === undefined) return unread("it has no name or no type");
      const isTaken = sets.has(name) && !words.some((word) => word.text === "-exist" || word.text === "-!");
      if (isTaken && stopsAtErrors) {
        diagnostics.push(
          diagnostic(
            "RW6004",
            `ipset restore stops here unless it runs with -exist: there is a set "${name}" already`,
            {
              primary: span(source, start, end),
              related: [{ span: sets.get(name)!.span, message: "it is created here" }],
              severity: "warning",
            },
          ),
        );
      }
      if (sets.has(name) && !isTaken) sets.get(name)!.alsoChanged = true;
      else {
        sets.set(name, createSet(name, third, rest, span(source, start, end)));
      }
      return;
    case "add": {
      const set = sets.get(name ?? "");
      if (set === undefined || third === undefined) return unread("its set is not created here");
      if (rest.includes("timeout")) set.undecided = "its entries expire";
      const entry: SetEntry = { text: third, nomatch: rest.includes("nomatch"), source, start, end };
      if (set.type === "hash:net" && third.endsWith("/0")) {
        diagnostics.push(
          diagnostic("RW6004", "sets of type hash:net take no prefix of length 0", {
            primary: span(source, start, end),
            help: set.family === "ipv6" ? "write ::/1 and 8000::/1" : "write 0.0.0.0/1 and 128.0.0.0/1",
          }),
        );
      }
      if (set.entries.length === set.most) {
        diagnostics.push(
          diagnostic("RW6004", `set "${set.name}" is full: it takes ${set.most} elements`, {
            primary: span(source, start, end),
            related: [{ span: set.span, message: "where it is created" }],
            help: `create it with a larger maxelem`,
          }),
        );
      }
      if (stopsAtErrors && set.repeated === undefined && set.undecided === undefined) {
        const key = elementKey(third, set);
        const first = set.keys.get(key);
        if (first === undefined) set.keys.set(key, entry);
        else set.repeated = { ...entry, first };
      }
      set.entries.push(entry);
      return;
    }
    case "del": {
      const set = sets.get(name ?? "");
      if (set === undefined || third === undefined) return unread("its set is not created here");
      const left = set.entries.filter((entry) => entry.text !== third);
      if (left.length === set.entries.length) set.undecided = "an entry is deleted that was not added as it stands";
      set.entries = left;
      set.alsoChanged = true;
      set.keys.delete(elementKey(third, set));
      return;
    }
    case "flush":
      for (const set of name === undefined ? sets.values() : [sets.get(name)]) {
        if (set === undefined) continue;
        set.entries = [];
        set.alsoChanged = true;
        set.keys.clear();
      }
      return;
    case "destroy":
      if (name === undefined) sets.clear();
      else sets.delete(name);
      return;
    case "swap": {
      const [a, b] = [sets.get(name ?? ""), sets.get(third ?? "")];
      if (a === undefined || b === undefined) return unread("its sets are not created here");
      sets.set(a.name, { ...b, name: a.name, alsoChanged: true });
      sets.set(b.name, { ...a, name: b.name, alsoChanged: true });
      return;
    }
    case "rename": {
      const set = sets.get(name ?? "");
      if (set === undefined || third === undefined) return unread("its set is not created here");
      sets.delete(set.name);
      sets.set(third, { ...set, name: third, alsoChanged: true });
      return;
    }
    case "nothing":
      return;
    default:
      return unread(`"${command ?? ""}" is not a command`);
  }
}

/** The same for elements that are one to the kernel: host bits and the length of a single address do not count. */
function elementKey(text: string, { type, family }: SetText): string {
  const comma = text.indexOf(",");
  const head = comma < 0 ? text : text.slice(0, comma);
  const slash = head.indexOf("/");
  if (slash < 0 || family === undefined || type.startsWith("hash:net,iface")) return text;
  const addresses = addressesOf(head, family);
  const [part] = addresses?.[family] ?? [];
  if (part === undefined) return text;
  const rest = comma < 0 ? "" : text.slice(comma);
  return part.first === part.last ? `${head.slice(0, slash)}${rest}` : `${part.first}-${part.last}${rest}`;
}

const setFlags = new Set(["-exist", "-!", "-q", "-quiet", "-o", "-output"]);

const setCommands: Readonly<Record<string, string>> = {
  create: "create",
  n: "create",
  new: "create",
  "-N": "create",
  add: "add",
  "-A": "add",
  del: "del",
  "-D": "del",
  flush: "flush",
  "-F": "flush",
  destroy: "destroy",
  x: "destroy",
  "-X": "destroy",
  swap: "swap",
  w: "swap",
  "-W": "swap",
  rename: "rename",
  e: "rename",
  "-E": "rename",
  list: "nothing",
  "-L": "nothing",
  "-n": "nothing",
  save: "nothing",
  "-S": "nothing",
  test: "nothing",
  "-T": "nothing",
  version: "nothing",
  quit: "nothing",
};

function createSet(name: string, type: string, rest: readonly string[], where: Span): SetText {
  const option = (word: string): string | undefined => {
    const at = rest.indexOf(word);
    return at < 0 ? undefined : rest[at + 1];
  };
  const kind = oldTypes[type] ?? type;
  const family = option("family") === "inet6" || rest.includes("-6") ? "ipv6" : "ipv4";
  const expires = option("timeout") ?? option("--timeout");
  const netmask = option("netmask") ?? option("--netmask");
  const undecided =
    expires !== undefined
      ? "its entries expire"
      : option("bitmask") !== undefined
        ? "it has a bit mask"
        : kind !== "list:set" && setReaders[kind] === undefined
          ? `sets of type ${type} are not read`
          : undefined;
  return {
    name,
    span: where,
    type: kind,
    family: kind === "bitmap:port" || kind === "list:set" || kind === "hash:mac" ? undefined : family,
    netmask: netmask === undefined ? undefined : Number(netmask),
    most: Number(option("maxelem") ?? (kind.startsWith("hash:") ? 65536 : Infinity)),
    entries: [],
    keys: new Map(),
    ...(undecided !== undefined && { undecided }),
  };
}

/** Names of types before ipset 6. */
const oldTypes: Readonly<Record<string, string>> = {
  ipmap: "bitmap:ip",
  macipmap: "bitmap:ip,mac",
  portmap: "bitmap:port",
  iphash: "hash:ip",
  nethash: "hash:net",
  ipporthash: "hash:ip,port",
  ipportiphash: "hash:ip,port,ip",
  ipportnethash: "hash:ip,port,net",
  setlist: "list:set",
};

/** Where a set match stands. */
export interface SetPlace {
  readonly family: Family;
  /** Before routing, a packet has no egress interface, and no entry with one matches. */
  readonly hasEgress: boolean;
}

/** What the set match asks. `flags` are the words `src` and `dst` in order. */
export function setMatch(
  set: SetText,
  flags: readonly string[],
  place: SetPlace,
  sets: SetsText,
  report: (why: string) => void,
  seen: ReadonlySet<string> = new Set(),
): Match {
  // Of ports, unlike addresses, those that are asked about may all be in it.
  const words = (set.type === "bitmap:port" ? condition : particular)(`${flags.join(",")} in set ${set.name}`);
  if (set.undecided !== undefined) {
    report(`the content of set "${set.name}" is not known: ${set.undecided}`);
    return words;
  }
  if (set.type === "list:set") {
    if (seen.has(set.name)) return noPacket;
    const inner = new Set([...seen, set.name]);
    return any(
      ...set.entries.map((entry) => {
        const member = sets.get(entry.text);
        if (member !== undefined) return setMatch(member, flags, place, sets, report, inner);
        report(`set "${entry.text}" in set "${set.name}" was not given`);
        return particular(`${flags.join(",")} in set ${entry.text}`);
      }),
    );
  }
  // Source: Linux net/netfilter/ipset/ip_set_core.c, ip_set_test: other family, or fewer flags than dimensions, no match.
  if (set.family !== undefined && set.family !== place.family) return noPacket;
  const reader = setReaders[set.type]!;
  if (flags.length < reader.length) return noPacket;
  const match = entriesMatch(set, reader, flags, place);
  if (match !== undefined) return match;
  report(`set "${set.name}" has an entry that could not be read`);
  return words;
}

/** A part of an entry: its addresses, a protocol with a port, a link-layer address, an interface. */
type Dimension = "address" | "port" | "plain-port" | "mac" | "interface";

const setReaders: Readonly<Record<string, readonly Dimension[]>> = {
  "hash:ip": ["address"],
  "hash:net": ["address"],
  "bitmap:ip": ["address"],
  "hash:mac": ["mac"],
  "bitmap:ip,mac": ["address", "mac"],
  "hash:ip,mac": ["address", "mac"],
  "bitmap:port": ["plain-port"],
  "hash:ip,port": ["address", "port"],
  "hash:net,port": ["address", "port"],
  "hash:net,iface": ["address", "interface"],
  "hash:net,net": ["address", "address"],
  "hash:ip,port,ip": ["address", "port", "address"],
  "hash:ip,port,net": ["address", "port", "address"],
  "hash:net,port,net": ["address", "port", "address"],
};

/** Undefined when an entry cannot be read. */
function entriesMatch(
  set: SetText,
  reader: readonly Dimension[],
  flags: readonly string[],
  place: SetPlace,
): Match | undefined {
  if (set.type === "hash:net,iface") return interfaceEntriesMatch(set, flags, place);
  // Entries that differ only in their first address are one match on a set of addresses. The rest of their text is the key.
  const groups = new Map<string, { readonly parts: readonly Match[]; readonly entries: AddressEntry[] }>();
  for (const entry of set.entries) {
    const texts = entryParts(entry.text, reader);
    const hasAddress = reader[0] === "address";
    const others = hasAddress ? texts.slice(1) : texts;
    const key = others.join(",");
    let group = groups.get(key);
    if (group === undefined) {
      const parts: Match[] = [];
      for (const [index, text] of others.entries()) {
        const at = index + (hasAddress ? 1 : 0);
        const part = partMatch(text, reader[at]!, flags[at]!, place, set);
        if (part === undefined) return undefined;
        parts.push(part);
      }
      group = { parts, entries: [] };
      groups.set(key, group);
    }
    if (hasAddress) {
      const addresses = entryAddresses(texts[0] ?? "", place.family, set.netmask);
      if (addresses === undefined) return undefined;
      group.entries.push({ addresses, nomatch: entry.nomatch, length: lengthOf(texts[0] ?? "") });
    } else if (entry.nomatch) {
      return undefined;
    }
  }
  const matches: Match[] = [];
  for (const { parts, entries } of groups.values()) {
    if (entries.some((entry) => entry.nomatch) && groups.size > 1 && reader.length > 2) return undefined;
    const address = reader[0] === "address" ? ofAddress(mostSpecific(entries), flags[0]!) : everyPacket;
    matches.push(all(address, ...parts));
  }
  return any(...matches);
}

/**
 * The longest prefix that holds an address alone is asked for its interfaces: a shorter one with the right interface
 * does not matter.
 *
 * Source: Linux net/netfilter/ipset/ip_set_hash_gen.h, mtype_test_cidrs, which stops at the first prefix (`multi`).
 */
function interfaceEntriesMatch(set: SetText, flags: readonly string[], place: SetPlace): Match | undefined {
  const byLength = new Map<number, { addresses: AddressSet; interfaces: Match; nomatch: boolean }[]>();
  for (const entry of set.entries) {
    const [net = "", name = ""] = entry.text.split(",");
    const addresses = entryAddresses(net, place.family, set.netmask);
    const interfaces = partMatch(name, "interface", flags[1]!, place, set);
    if (addresses === undefined || interfaces === undefined) return undefined;
    const length = lengthOf(net);
    const same = byLength.get(length) ?? [];
    same.push({ addresses, interfaces, nomatch: entry.nomatch });
    byLength.set(length, same);
  }
  let covered = noAddress;
  const matches: Match[] = [];
  for (const length of [...byLength.keys()].sort((a, b) => b - a)) {
    const here = byLength.get(length)!;
    for (const { addresses, interfaces, nomatch } of here) {
      if (!nomatch) matches.push(all(ofAddress(subtractAddresses(addresses, covered), flags[0]!), interfaces));
    }
    covered = unionOf([covered, ...here.map((entry) => entry.addresses)]);
  }
  return any(...matches);
}

interface AddressEntry {
  readonly addresses: AddressSet;
  readonly nomatch: boolean;
  readonly length: number;
}

/** The longest prefix that holds an address decides whether it is in the set or a `nomatch`. Source: ipset(8), hash:net. */
function mostSpecific(entries: readonly AddressEntry[]): AddressSet {
  if (entries.every((entry) => !entry.nomatch)) return unionOf(entries.map((entry) => entry.addresses));
  const lengths = [...new Set(entries.map((entry) => entry.length))].sort((a, b) => a - b);
  let result = noAddress;
  for (const length of lengths) {
    const here = entries.filter((entry) => entry.length === length);
    result = unionOf([result, ...here.filter((entry) => !entry.nomatch).map((entry) => entry.addresses)]);
    result = subtractAddresses(result, unionOf(here.filter((entry) => entry.nomatch).map((entry) => entry.addresses)));
  }
  return result;
}

function lengthOf(text: string): number {
  const slash = text.indexOf("/");
  return slash < 0 ? 128 : Number(text.slice(slash + 1));
}

/** The parts of an entry: `10.0.0.0/8,tcp:80,10.1.0.0/16`. An ICMP or unnamed part stays whole. */
function entryParts(text: string, reader: readonly Dimension[]): readonly string[] {
  return reader.length === 1 ? [text] : text.split(",");
}

function entryAddresses(text: string, family: Family, netmask: number | undefined): AddressSet | undefined {
  if (text.includes("-")) return rangeOf(text, family);
  return addressesOf(netmask === undefined || text.includes("/") ? text : `${text}/${netmask}`, family);
}

function partMatch(
  text: string,
  dimension: Dimension,
  flag: string,
  { family, hasEgress }: SetPlace,
  set: SetText,
): Match | undefined {
  switch (dimension) {
    case "address": {
      const addresses = entryAddresses(text, family, set.netmask);
      return addresses === undefined ? undefined : ofAddress(addresses, flag);
    }
    case "port":
      return protocolPort(text, flag);
    case "plain-port": {
      const range = portRange(text);
      // Source: Linux net/netfilter/ipset/ip_set_getport.c, ip_set_get_ip_port: TCP and UDP only.
      return range === undefined
        ? undefined
        : all(ofProtocol(protocols.tcp, protocols.udp), numberIn(portField(flag), range));
    }
    case "mac": {
      const mac = macNumber(text);
      // Source: ip_set_hash_mac.c: the sender's address, whichever the flag.
      return mac === undefined || flag !== "src" ? undefined : numberIn("source-mac", [mac, mac]);
    }
    case "interface":
      if (text.startsWith("physdev:")) return undefined;
      if (flag === "src") return ingress(interfaceName(text));
      return hasEgress ? egress(interfaceName(text)) : noPacket;
  }
}

function interfaceName(text: string): string {
  return text.endsWith("+") ? `${text.slice(0, text.length - 1)}*` : text;
}

/** `tcp:80`, `80` (TCP), `udp:1000-2000`, `icmp:echo-request`, `47:0`. */
function protocolPort(text: string, flag: string): Match | undefined {
  const colon = text.indexOf(":");
  const protocol = colon < 0 ? protocols.tcp : protocolNumber(text.slice(0, colon));
  const port = text.slice(colon + 1);
  if (protocol === undefined || protocol === "all") return undefined;
  if (protocol === protocols.icmp || protocol === protocols.icmpv6) {
    const type = icmpType(port, protocol === protocols.icmp ? 4 : 6);
    if (type === undefined || type === "any") return undefined;
    return all(
      ofProtocol(protocol),
      numberIn("icmp-type", [type.type, type.type]),
      numberIn("icmp-code", port.includes("/") ? [type.firstCode, type.lastCode] : [type.firstCode, type.firstCode]),
    );
  }
  const withPorts: readonly number[] = [protocols.tcp, protocols.udp, protocols.sctp, protocols.udplite];
  if (!withPorts.includes(protocol)) return port === "0" ? ofProtocol(protocol) : undefined;
  const range = portRange(port);
  return range === undefined ? undefined : all(ofProtocol(protocol), numberIn(portField(flag), range));
}

function portRange(text: string): readonly [number, number] | undefined {
  const [from = "", until = from] = text.split("-");
  const first = portNumber(from);
  const last = portNumber(until);
  return first === undefined || last === undefined || first > last ? undefined : [first, last];
}

export function macNumber(text: string): number | undefined {
  return /^[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2}){5}$/.test(text)
    ? text.split(":").reduce((value, octet) => value * 256 + Number.parseInt(octet, 16), 0)
    : undefined;
}

function portField(flag: string): "source-port" | "destination-port" {
  return flag === "src" ? "source-port" : "destination-port";
}

function ofAddress(addresses: AddressSet, flag: string): Match {
  return flag === "src" ? from(addresses) : to(addresses);
}
