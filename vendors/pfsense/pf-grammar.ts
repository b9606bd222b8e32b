import type { Diagnostic, Match, Span, Translation as TranslationInventory } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { limited } from "./filter-rules.js";
import { protocolNumbers } from "./names.js";
import type { Tables } from "./pf-hosts.js";
import { readHosts } from "./pf-hosts.js";
import type { Token } from "./pf-lexer.js";
import type { NewPlace } from "./pf-options.js";
import { readFilterOptions, readNewPlace, readTarget } from "./pf-options.js";
import type { InterfaceSpec, Reader } from "./pf-reader.js";
import { Unread, readInterfaceSpecs, statementSpan } from "./pf-reader.js";
import type { PfDirection, PfRule } from "./pf-rules.js";

/** A filter rule: the same for each of `on`, and for any interface where that is empty. */
export interface FilterRule {
  readonly rules: readonly PfRule[];
  readonly on: readonly InterfaceSpec[];
  /** Interfaces that are spoken of otherwise. */
  readonly mentioned: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Of a rule that rewrites destinations. */
  readonly translation?: TranslationInventory;
}

interface Draft {
  action: PfRule["action"];
  directions: readonly PfDirection[];
  quick: boolean;
  log: boolean;
  on: InterfaceSpec[];
  protocols: readonly number[] | undefined;
  match: Match[];
  mentioned: string[];
  diagnostics: Diagnostic[];
}

export function readFilterRule(reader: Reader, tables: Tables, blockPolicy: "block" | "reject"): FilterRule {
  const first = reader.next()!;
  const draft: Draft = {
    action: first.text === "block" ? blockPolicy : (first.text as "pass" | "match"),
    directions: ["in", "out"],
    quick: false,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readBlockKind(reader, draft, first.text);
  readWay(reader, draft);
  readRoute(reader);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  const ports = readHosts(reader, draft, tables);
  const options = readFilterOptions(reader, draft);
  const span = statementSpan(first, reader);

  const portless = draft.protocols?.some(
    (one) => one !== kit.protocols.tcp && one !== kit.protocols.udp && one !== kit.protocols.sctp,
  );
  if (ports && (draft.protocols === undefined || portless === true))
    throw new Unread("a port needs proto tcp, udp or sctp", first, true);
  const tcpOnly = draft.protocols?.every((one) => one === kit.protocols.tcp) === true;
  if (options.flags !== undefined && draft.protocols !== undefined && !draft.protocols.includes(kit.protocols.tcp))
    throw new Unread("flags need proto tcp", first, true);
  const flags = options.flags ?? (draft.action === "pass" && options.state ? startsConnection : kit.everyPacket);
  const mayBeTcp = draft.protocols === undefined || draft.protocols.includes(kit.protocols.tcp);
  if (mayBeTcp) draft.match.push(tcpOnly ? flags : kit.any(kit.not(kit.ofProtocol(kit.protocols.tcp)), flags));

  const shared = {
    directions: draft.directions,
    quick: draft.quick,
    log: draft.log,
    ...(options.tag !== undefined && { tag: options.tag }),
    ...(options.tagged !== undefined && { tagged: options.tagged }),
    origin: { label: kit.labelOf(kit.spanText(span).replace(/\s+/g, " ")), span },
  };
  const match = kit.all(...draft.match);
  const { rewritten } = options;
  return {
    ...(rewritten !== undefined && {
      translation: {
        label: shared.origin.label,
        span,
        match: kit.all(arrivingOn(draft.on), match),
        ...(rewritten.destination !== undefined && { destination: rewritten.destination }),
        ...(rewritten.ports !== undefined && { ports: rewritten.ports }),
        bypassesFilter: false,
      },
    }),
    rules:
      draft.action === "pass" && options.limit !== undefined
        ? limited(shared, match, `${options.limit} of the rule ${shared.origin.label} is not reached`)
        : [
            {
              ...shared,
              action: draft.action,
              match:
                options.chance === undefined
                  ? match
                  : kit.all(match, kit.varying(`${options.chance} of the rule ${shared.origin.label}`)),
            },
          ],
    on: draft.on,
    mentioned: draft.mentioned,
    diagnostics: draft.diagnostics,
  };
}

const startsConnection = kit.withTcpFlags(kit.tcpFlags.syn | kit.tcpFlags.ack, kit.tcpFlags.syn);

function readBlockKind(reader: Reader, draft: Draft, word: string): void {
  if (word !== "block") return;
  if (reader.take("drop")) draft.action = "block";
  else if (
    reader.take("return") ||
    reader.take("return-rst") ||
    reader.take("return-icmp") ||
    reader.take("return-icmp6")
  ) {
    draft.action = "reject";
    reader.skipParentheses();
  }
}

function readWay(reader: Reader, draft: Pick<Draft, "directions" | "log" | "quick" | "on">): void {
  if (reader.take("in")) draft.directions = ["in"];
  else if (reader.take("out")) draft.directions = ["out"];
  for (;;) {
    if (reader.take("log") || reader.take("log-all")) {
      draft.log = true;
      reader.skipParentheses();
    } else if (reader.take("quick")) draft.quick = true;
    else if (reader.take("on")) draft.on = readInterfaceSpecs(reader);
    else return;
  }
}

/** Where packets are sent on decides nothing about their passing. */
function readRoute(reader: Reader): void {
  for (;;) {
    const word = reader.peek()?.text ?? "";
    if (reader.peek()?.kind !== "word" || !["route-to", "reply-to", "dup-to", "fastroute", "divert-to"].includes(word))
      return;
    reader.next();
    readTarget(reader);
    for (const pool of ["round-robin", "random", "source-hash", "bitmask", "sticky-address", "least-states"])
      if (reader.take(pool) && pool === "source-hash" && /^(0x|[0-9a-f]{16})/.test(reader.peek()?.text ?? ""))
        reader.next();
    if (reader.take("port")) reader.word();
  }
}

function readProtocol(reader: Reader, draft: Pick<Draft, "protocols" | "match">): void {
  if (!reader.take("proto")) return;
  const numbers = reader.list(() => {
    const token = reader.word();
    const number = /^\d{1,3}$/.test(token.text) ? Number(token.text) : protocolNumbers.get(token.text.toLowerCase());
    if (number === undefined || number > 255)
      throw new Unread(`the protocol "${kit.plainLine(token.text, 40)}" is not known here`, token);
    return number;
  });
  draft.protocols = numbers;
  draft.match.push(kit.ofProtocol(...numbers));
}

/** `anchor "name" in on em0 proto tcp from any to any { ... }`, up to the brace or the end of the line. */
export interface AnchorHead {
  readonly name: string;
  readonly token: Token;
  readonly span: Span;
  readonly directions: readonly PfDirection[];
  readonly quick: boolean;
  readonly on: readonly InterfaceSpec[];
  readonly match: Match;
}

export function readAnchorHead(reader: Reader, tables: Tables): AnchorHead {
  const token = reader.next()!;
  const words = ["in", "out", "on", "quick", "log", "inet", "inet6", "proto", "all", "from", "to"];
  const next = reader.peek();
  const named = next?.kind === "quoted" || (next?.kind === "word" && !words.includes(next.text));
  const name = named ? reader.next()!.text : "";
  const draft: Draft = {
    action: "match",
    directions: ["in", "out"],
    quick: false,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readWay(reader, draft);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  readHosts(reader, draft, tables);
  const options = readFilterOptions(reader, draft);
  if (options.tagged !== undefined)
    draft.match.push(kit.particular(`the packet is ${options.tagged.not ? "not " : ""}tagged ${options.tagged.name}`));
  return {
    name,
    token,
    span: statementSpan(token, reader),
    directions: draft.directions,
    quick: draft.quick,
    on: draft.on,
    match: kit.all(...draft.match),
  };
}

export interface Translation {
  readonly kind: "nat" | "rdr" | "binat";
  readonly passes: boolean;
  readonly on: readonly InterfaceSpec[];
  readonly match: Match;
  readonly tag?: string;
  readonly span: Span;
  /** What it does with packets that arrive; undefined for `nat`, for `no`, and where the target is not understood. */
  readonly arrives?: TranslationInventory;
}

/** FreeBSD's `rdr pass on em0 proto tcp from any to any port 80 -> 10.0.0.1 port 8080`, and `no rdr ...`. */
export function readTranslation(reader: Reader, tables: Tables): Translation {
  const first = reader.next()!;
  const no = first.text === "no";
  const kind = (no ? reader.word().text : first.text) as Translation["kind"];
  if (!["nat", "rdr", "binat"].includes(kind))
    throw new Unread(`"no ${kit.plainLine(kind, 20)}" is not known here`, first);
  const passes = reader.take("pass") && !no;
  const draft: Draft = {
    action: "pass",
    directions: ["in"],
    quick: true,
    log: false,
    on: [],
    protocols: undefined,
    match: [],
    mentioned: [],
    diagnostics: [],
  };
  readWay(reader, draft);
  draft.match.push(reader.family());
  readProtocol(reader, draft);
  readHosts(reader, draft, tables);
  let tag: string | undefined;
  if (reader.take("tag")) tag = reader.word().text;
  if (reader.take("tagged")) reader.word();
  const arrow = readArrow(reader);
  const place = no || kind === "nat" ? undefined : arrow;
  reader.skipStatement();
  const span = statementSpan(first, reader);
  const match = kit.all(...draft.match);
  const arrives = place && arrivingTranslation(kind, draft, place, { span, passes });
  return {
    kind,
    passes,
    on: draft.on,
    match,
    span,
    ...(tag !== undefined && { tag }),
    ...(arrives !== undefined && { arrives }),
  };
}

/** `-> TARGET [port N]`; undefined where that is not understood, which changes no packet's fate. */
function readArrow(reader: Reader): NewPlace | undefined {
  if (!reader.take("-") || !reader.take(">")) return undefined;
  try {
    return readNewPlace(reader);
  } catch (problem) {
    if (!(problem instanceof Unread)) throw problem;
    return {};
  }
}

/** `binat from INSIDE to any -> OUTSIDE`: what arrives for the outside goes inside. */
function arrivingTranslation(
  kind: Translation["kind"],
  draft: Draft,
  place: NewPlace,
  { span, passes }: { readonly span: Span; readonly passes: boolean },
): TranslationInventory | undefined {
  const shared = {
    label: kit.labelOf(kit.spanText(span).replace(/\s+/g, " ")),
    span,
    bypassesFilter: passes,
  };
  if (kind === "rdr") {
    const { destination, ports } = place;
    return {
      ...shared,
      match: kit.all(arrivingOn(draft.on), ...draft.match),
      ...(destination !== undefined && { destination }),
      ...(ports !== undefined && { ports }),
    };
  }
  const inside = draft.match
    .flatMap((match) => (match.kind === "all" || match.kind === "any" ? match.of : [match]))
    .find((match) => match.kind === "address" && match.end === "source");
  if (inside?.kind !== "address" || place.destination === undefined) return undefined;
  return {
    ...shared,
    match: kit.all(arrivingOn(draft.on), kit.to(place.destination)),
    destination: inside.addresses,
  };
}

function arrivingOn(on: readonly InterfaceSpec[]): Match {
  if (on.length === 0) return kit.everyPacket;
  return kit.any(...on.map(({ names, not }) => (not ? kit.not(kit.ingress(...names)) : kit.ingress(...names))));
}
