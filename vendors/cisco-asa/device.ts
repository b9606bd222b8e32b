import type {
  Chain,
  Device,
  DeviceInterface,
  Diagnostic,
  Filter,
  Match,
  ParseOptions,
  Path,
  Rule,
} from "../../src/vendor-kit/index.js";
import {
  all,
  any,
  condition,
  diagnostic,
  didYouMean,
  egress,
  everyPacket,
  ingress,
  not,
  ofFamily,
  ofProtocol,
} from "../../src/vendor-kit/index.js";
import type { AccessList, Binding, Config, Interface } from "./config.js";
import { isEmpty, placeOf } from "./config.js";
import { rulesOf } from "./entries.js";
import { originOf, spanOf } from "./lexer.js";
import type { Meanings } from "./meanings.js";
import { meaningsOf } from "./meanings.js";

/**
 * What a configuration does with packets, as the ASA evaluates it:
 *
 *     arriving ─▶ list of the interface ─▶ that of its bridge ─▶ global list ─▶ implicit deny        leaving ─▶ out-list ─▶ implicit deny
 *                 (no list anywhere: by security-levels)                                  (no list: passes)
 *
 * Source: Cisco ASA Firewall CLI configuration guide, "Access Rules" (order of operations, implicit permits).
 */
export function deviceOf(
  name: string,
  config: Config,
  options: ParseOptions,
  meanings = meaningsOf(config),
): { readonly device: Device; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const board = new Board(config, meanings, diagnostics);
  const paths: Path[] = [];
  const assumed = board.bound.length === 0 && board.named.length === 0 ? assumedLists(config, diagnostics) : [];
  if (assumed.length > 0) {
    paths.push({ hook: "forward", filters: [assumedFilter(board, assumed)] });
  } else {
    paths.push({ hook: "forward", filters: [arriving(board), leaving(board)] });
    if (board.bound.some((one) => one.where === "control-plane")) {
      paths.push({ hook: "input", filters: [toItself(board)] });
    }
  }
  noteUnbound(config, board, assumed, diagnostics);
  return {
    device: {
      name,
      paths,
      interfaces: deviceInterfaces(config, board, assumed, options),
      ...(board.named.length > 0 && { hasNoOtherInterface: true }),
    },
    diagnostics: [...diagnostics, ...meanings.references.diagnostics],
  };
}

/** A list at its place. In version 8 an interface can have one for each family. */
interface Bound {
  readonly where: Binding["where"];
  readonly interface: string | undefined;
  /** The interface, and with a bridge's its members. */
  readonly names: readonly string[];
  readonly list: string;
  readonly family: "ipv4" | "ipv6" | undefined;
  readonly perUser: boolean;
  readonly binding: Binding;
}

/** The lists, read once, and where they are bound. */
class Board {
  /** Interfaces with a name: the others pass no packet. */
  readonly named: readonly (Interface & { readonly name: string })[];
  readonly bound: readonly Bound[];
  private readonly chains = new Map<string, Chain>();
  private readonly nameOf = new Map<string, string>();
  /** By the name of a bridge's interface. */
  private readonly membersOf = new Map<string, readonly string[]>();

  constructor(
    readonly config: Config,
    readonly meanings: Meanings,
    readonly diagnostics: Diagnostic[],
  ) {
    this.named = config.interfaces.filter((one): one is Interface & { name: string } => one.name !== undefined);
    for (const one of this.named) this.nameOf.set(one.name.toLowerCase(), one.name);
    for (const bridge of this.named) {
      const number = /^BVI ?(\d+)$/i.exec(bridge.hardware)?.[1];
      if (number === undefined) continue;
      const members = this.named.filter((one) => one.bridgeGroup === number);
      this.membersOf.set(
        bridge.name,
        members.map((one) => one.name),
      );
    }
    this.bound = this.resolveBindings();
  }

  interfaceName(text: string): string {
    return this.nameOf.get(text.toLowerCase()) ?? text;
  }

  hasInterface(text: string): boolean {
    return this.nameOf.has(text.toLowerCase());
  }

  private resolveBindings(): Bound[] {
    const places = new Map<string, Bound>();
    const old = (this.config.version?.major ?? 9) < 9;
    for (const binding of this.config.bindings) {
      const list = this.config.lists.get(binding.list);
      if (list?.kind === "ethertype") {
        this.diagnostics.push(
          diagnostic(
            "RW6002",
            `ethertype list ${binding.list} filters frames; packets of IP pass it unless it denies all`,
            {
              primary: spanOf(binding.command),
            },
          ),
        );
        continue;
      }
      if (list !== undefined && isEmpty(list)) {
        this.diagnostics.push(
          diagnostic(
            "RW6004",
            `access-list ${binding.list} has no entry but remarks; the device does not bind such a list`,
            {
              primary: spanOf(binding.command),
              severity: "warning",
            },
          ),
        );
        continue;
      }
      const family = list?.kind === "ipv6" ? "ipv6" : old ? "ipv4" : undefined;
      if (binding.interface !== undefined && this.named.length > 0 && !this.hasInterface(binding.interface)) {
        this.diagnostics.push(
          diagnostic(
            "RW6005",
            `no interface is named ${JSON.stringify(binding.interface)}${didYouMean(binding.interface, this.nameOf.values())}; the device refuses this binding`,
            { primary: spanOf(binding.command) },
          ),
        );
      }
      const name = binding.interface === undefined ? undefined : this.interfaceName(binding.interface);
      places.set(`${placeOf(binding)} ${family ?? ""}`, {
        where: binding.where,
        interface: name,
        names: name === undefined ? [] : [name, ...(this.membersOf.get(name) ?? [])],
        list: binding.list,
        family,
        perUser: binding.perUser,
        binding,
      });
    }
    // The list of a bridge comes behind those of its members.
    return [...places.values()].sort((a, b) => Math.sign(a.names.length - 1) - Math.sign(b.names.length - 1));
  }

  at(where: Binding["where"]): Bound[] {
    return this.bound.filter((one) => one.where === where);
  }

  /** The chain of a list; its packets come back when no entry decides them. */
  chain(name: string, at?: Binding): Chain {
    let chain = this.chains.get(name);
    if (chain === undefined) {
      chain = { name: `access-list ${name}`, order: "first-match", rules: this.rules(name, at), end: "return" };
      this.chains.set(name, chain);
    }
    return chain;
  }

  private rules(name: string, at: Binding | undefined): Rule[] {
    const list = this.config.lists.get(name);
    if (list === undefined) {
      this.diagnostics.push(
        diagnostic(
          "RW6005",
          `access-list ${name} is bound and not defined${didYouMean(name, this.config.lists.keys())}; what it does is unknown`,
          {
            primary: at && spanOf(at.command),
            help: "give the part of the configuration that holds the list as well",
          },
        ),
      );
      return [
        {
          match: everyPacket,
          verdict: "unknown",
          origin: at === undefined ? { label: `access-list ${name}` } : originOf(at.command),
        },
      ];
    }
    return rulesOf(list, this.meanings, this.diagnostics);
  }
}

function arriving(board: Board): Filter {
  const { config, named } = board;
  const lists = board.at("in");
  const global = board.at("global");
  const rules: Rule[] = [
    ...unnamed(board),
    ...managementOnly(named),
    ...sameSecurity(board),
    ...config.doubts.map((doubt): Rule => ({
      match: everyPacket,
      verdict: "unknown",
      origin: originOf(doubt.command),
    })),
    ...config.established.map((command): Rule => {
      board.diagnostics.push(
        diagnostic("RW6002", "established lets connections in beside the lists when another one is open", {
          primary: spanOf(command),
        }),
      );
      return {
        match: all(ofProtocol(6, 17), condition(`allowed by "${command.words.join(" ")}"`)),
        verdict: "accept",
        origin: originOf(command),
      };
    }),
    ...lists.filter((one) => one.perUser).map((one) => perUser(board, one)),
  ];
  const chains = new Map<string, Chain>();
  const call = (name: string, match: Match, binding: Binding): void => {
    const chain = board.chain(name, binding);
    chains.set(chain.name, chain);
    rules.push({ match, verdict: { kind: "jump", chain: chain.name }, origin: originOf(binding.command) });
  };
  for (const same of byList(lists)) {
    call(same[0]!.list, any(...same.map((one) => placeMatch(one, "ingress"))), same[0]!.binding);
  }
  for (const one of global) call(one.list, familyMatch(one), one.binding);
  for (const one of global) {
    rules.push({ match: familyMatch(one), verdict: "drop", origin: implicitDeny(one) });
  }
  for (const one of lists) {
    rules.push({ match: placeMatch(one, "ingress"), verdict: "drop", origin: implicitDeny(one) });
  }
  rules.push(...bySecurityLevel(board));
  return filter("arriving", rules, chains, "continue");
}

function leaving(board: Board): Filter {
  const chains = new Map<string, Chain>();
  const rules: Rule[] = [];
  const lists = board.at("out");
  for (const same of byList(lists)) {
    const chain = board.chain(same[0]!.list, same[0]!.binding);
    chains.set(chain.name, chain);
    rules.push({
      match: any(...same.map((one) => placeMatch(one, "egress"))),
      verdict: { kind: "jump", chain: chain.name },
      origin: originOf(same[0]!.binding.command),
    });
  }
  for (const one of lists) {
    rules.push({ match: placeMatch(one, "egress"), verdict: "drop", origin: implicitDeny(one) });
  }
  if (board.named.length > 0) {
    rules.push({
      match: egress(...board.named.map((one) => one.name)),
      verdict: "accept",
      origin: { label: "no list for packets that leave by this interface" },
    });
  }
  return filter("leaving", rules, chains, "continue");
}

/**
 * Packets to the ASA itself. There is no deny at the end of a control-plane list: what it does not decide goes on to
 * the commands that open the box (ssh, http, icmp and others), which are not read.
 */
function toItself(board: Board): Filter {
  const chains = new Map<string, Chain>();
  const rules = board.at("control-plane").map((one): Rule => {
    const chain = board.chain(one.list, one.binding);
    chains.set(chain.name, chain);
    return {
      match: placeMatch(one, "ingress"),
      verdict: { kind: "jump", chain: chain.name },
      origin: originOf(one.binding.command),
    };
  });
  return filter("control-plane", rules, chains, "continue");
}

function filter(name: string, rules: readonly Rule[], chains: Map<string, Chain>, end: "continue"): Filter {
  const endOrigin = { label: "nothing in this text decides about packets of this interface" };
  chains.set(name, { name, order: "first-match", rules, end, endOrigin });
  return { name, chains, entry: name };
}

function byList(bound: readonly Bound[]): Bound[][] {
  const groups = new Map<string, Bound[]>();
  for (const one of bound) {
    const same = groups.get(one.list);
    if (same === undefined) groups.set(one.list, [one]);
    else same.push(one);
  }
  return [...groups.values()];
}

function placeMatch(bound: Bound, end: "ingress" | "egress"): Match {
  return all(end === "ingress" ? ingress(...bound.names) : egress(...bound.names), familyMatch(bound));
}

function familyMatch(bound: Bound): Match {
  return bound.family === undefined ? everyPacket : ofFamily(bound.family);
}

function implicitDeny(bound: Bound): Rule["origin"] {
  return {
    label: `implicit deny at the end of access-list ${bound.list}`,
    span: spanOf(bound.binding.command),
    implied: true,
  };
}

function perUser(board: Board, bound: Bound): Rule {
  board.diagnostics.push(
    diagnostic("RW6002", "per-user-override: a list that a user brings along takes the place of this one", {
      primary: spanOf(bound.binding.command),
    }),
  );
  return {
    match: all(ingress(...bound.names), condition(`a per-user list overrides the one of ${bound.interface}`)),
    verdict: "unknown",
    origin: originOf(bound.binding.command),
  };
}

/** Where the text has the interfaces, there are no others: one without a name passes no packet. */
function unnamed(board: Board): Rule[] {
  if (board.named.length === 0) return [];
  const names = [...board.named.map((one) => one.name), ...board.bound.flatMap((one) => one.interface ?? [])];
  return [
    {
      match: not(all(ingress(...names), egress(...names))),
      verdict: "drop",
      origin: { label: "the configuration has no interface of that name" },
    },
  ];
}

function managementOnly(named: readonly (Interface & { readonly name: string })[]): Rule[] {
  return named
    .filter((one) => one.managementOnly)
    .map((one) => ({
      match: any(ingress(one.name), egress(one.name)),
      verdict: "drop",
      origin: { label: `${one.name} is management-only`, span: spanOf(one.command), implied: true },
    }));
}

/**
 * What no list can open: packets that turn round on one interface without `same-security-traffic permit
 * intra-interface`. Between interfaces of one level the sources disagree whether a list can.
 */
function sameSecurity(board: Board): Rule[] {
  const { config, named } = board;
  const rules: Rule[] = [];
  if (!config.sameSecurity.within && named.length > 0) {
    rules.push({
      match: any(...named.map((one) => all(ingress(one.name), egress(one.name)))),
      verdict: "drop",
      origin: { label: "no same-security-traffic permit intra-interface" },
    });
  }
  if (!config.sameSecurity.between) {
    for (const [level, names] of levelsOf(named)) {
      if (names.length < 2) continue;
      rules.push({
        match: all(
          ingress(...names),
          egress(...names),
          condition("lists cannot open the way between interfaces of one security-level"),
          not(any(...names.map((name) => all(ingress(name), egress(name))))),
        ),
        verdict: "drop",
        origin: { label: `no same-security-traffic permit inter-interface (level ${level})` },
      });
    }
  }
  return rules;
}

function levelsOf(named: readonly (Interface & { readonly name: string })[]): Map<number, string[]> {
  const levels = new Map<number, string[]>();
  for (const one of named) {
    const same = levels.get(one.level);
    if (same === undefined) levels.set(one.level, [one.name]);
    else same.push(one.name);
  }
  return levels;
}

/** Without a list: to a lower level yes, to a higher one no, to the same one where the configuration permits it. */
function bySecurityLevel(board: Board): Rule[] {
  const { config, named } = board;
  const rules: Rule[] = [];
  const levels = [...levelsOf(named)].sort(([a], [b]) => b - a);
  for (const [index, [level, names]] of levels.entries()) {
    const lower = levels.slice(index + 1).flatMap(([, others]) => others);
    const higher = levels.slice(0, index).flatMap(([, others]) => others);
    const from = ingress(...names);
    if (lower.length > 0) {
      rules.push({
        match: all(from, egress(...lower)),
        verdict: "accept",
        origin: { label: `from security-level ${level} to a lower one` },
      });
    }
    if (higher.length > 0) {
      rules.push({
        match: all(from, egress(...higher)),
        verdict: "drop",
        origin: { label: `from security-level ${level} to a higher one` },
      });
    }
    for (const name of names) {
      rules.push({
        match: all(ingress(name), egress(name)),
        verdict: config.sameSecurity.within ? "accept" : "drop",
        origin: { label: `back out of ${name}` },
      });
    }
    rules.push({
      match: all(from, egress(...names)),
      verdict: config.sameSecurity.between ? "accept" : "drop",
      origin: { label: `between interfaces of security-level ${level}` },
    });
  }
  return rules;
}

/**
 * The lists of a text that has neither interfaces nor bindings, such as the output of `show access-list`. Nothing says
 * where they stand, so each is judged as if it filtered what arrives on an interface with the list's own name.
 */
function assumedLists(config: Config, diagnostics: Diagnostic[]): AccessList[] {
  const lists = [...config.lists.values()].filter(
    (list) =>
      (list.kind === "extended" || list.kind === "ipv6") &&
      !config.mentioned.has(list.name) &&
      (list.entries.length > 0 || list.shown.length > 0 || (list.declared ?? 0) > 0),
  );
  for (const list of lists) {
    diagnostics.push(
      diagnostic("RW6005", `nothing in this text says where access-list ${list.name} is bound`, {
        primary: spanOf(list.first),
        help: `it is judged as if bound "in" on an interface named ${list.name}; give the access-group commands to know better`,
      }),
    );
  }
  return lists;
}

function assumedFilter(board: Board, lists: readonly AccessList[]): Filter {
  const chains = new Map<string, Chain>();
  const rules: Rule[] = lists.flatMap((list): Rule[] => {
    const chain = board.chain(list.name);
    chains.set(chain.name, chain);
    const here = ingress(list.name);
    return [
      {
        match: here,
        verdict: { kind: "jump", chain: chain.name },
        origin: { ...originOf(list.first), implied: true },
      },
      {
        match: here,
        verdict: "drop",
        origin: { label: `implicit deny at the end of access-list ${list.name}`, implied: true },
      },
    ];
  });
  return filter("arriving", rules, chains, "continue");
}

/** A list that nothing uses does nothing, which its author may not know. */
function noteUnbound(config: Config, board: Board, assumed: readonly AccessList[], diagnostics: Diagnostic[]): void {
  if (assumed.length > 0 || board.named.length === 0) return;
  const used = new Set(config.bindings.map((one) => one.list));
  for (const list of config.lists.values()) {
    if (used.has(list.name) || config.mentioned.has(list.name) || list.kind !== "extended") continue;
    diagnostics.push(
      diagnostic("RW6003", `access-list ${list.name} is bound nowhere, so it does nothing`, {
        primary: spanOf(list.first),
        severity: "note",
      }),
    );
  }
}

/**
 * Routed, with an IPv4 address alone. Of what is bridged nobody can tell.
 *
 * Source: Cisco ASA Series Command Reference, `ipv6 enable`: without it or an address an interface has no IPv6.
 */
function isWithoutIpv6({ addresses, ipv6, bridgeGroup, hardware }: Interface): boolean {
  return !ipv6 && bridgeGroup === undefined && !/^bvi/i.test(hardware) && addresses.some(([word]) => word === "ip");
}

function deviceInterfaces(
  config: Config,
  board: Board,
  assumed: readonly AccessList[],
  options: ParseOptions,
): DeviceInterface[] {
  const given = (name: string): "outside" | "inside" | undefined =>
    options.outside?.includes(name) ? "outside" : options.inside?.includes(name) ? "inside" : undefined;
  const known: DeviceInterface[] = board.named.map((one) => {
    const side = given(one.name) ?? (one.level === 0 ? "outside" : one.level === 100 ? "inside" : undefined);
    const aliases = [one.hardware, one.description].filter((text) => text !== undefined && text !== "") as string[];
    return {
      name: one.name,
      ...(side && { side }),
      ...(aliases.length > 0 && { aliases }),
      ...(isWithoutIpv6(one) && { withoutIpv6: true }),
    };
  });
  const seen = new Set(known.map((one) => one.name));
  const others = [...board.bound.flatMap((one) => one.interface ?? []), ...assumed.map((list) => list.name)];
  for (const name of others) {
    if (seen.has(name)) continue;
    seen.add(name);
    const side = given(name);
    known.push({ name, ...(side && { side }) });
  }
  return known;
}
