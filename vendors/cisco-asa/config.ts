import type { Diagnostic } from "../../src/vendor-kit/index.js";
import type { Command } from "./lexer.js";

/**
 * What a text says about filtering, command after command as the device would take them: a later `access-group` replaces
 * an earlier one, `no` and `clear configure` take away, entries with `line` go where they belong. References are names
 * still; {@link ./meanings.ts} follows them.
 */
export interface Config {
  /** Undefined where no line says it; 9.0 and later is assumed then. */
  readonly version: { readonly major: number; readonly minor: number } | undefined;
  readonly interfaces: readonly Interface[];
  /** Alias to address, from `name`. */
  readonly names: ReadonlyMap<string, string>;
  /** Objects and groups share their names. */
  readonly objects: ReadonlyMap<string, ConfigObject>;
  readonly lists: ReadonlyMap<string, AccessList>;
  readonly bindings: readonly Binding[];
  readonly timeRanges: ReadonlyMap<string, Block>;
  /** `nat` and `static`, in the order of the text. */
  readonly translations: readonly NatText[];
  readonly sameSecurity: { readonly between: boolean; readonly within: boolean };
  /** Commands after which nothing is certain: conduits of old, text of two devices. */
  readonly doubts: readonly Doubt[];
  /** `established` commands, which let connections in beside the lists. */
  readonly established: readonly Command[];
  /** Words of commands that this reader does not follow, where lists are mentioned for other ends, with how often. */
  readonly mentioned: ReadonlyMap<string, number>;
  readonly commands: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Interface {
  readonly hardware: string;
  readonly name: string | undefined;
  /** Where the text says none: 100 for the name `inside`, else 0. */
  readonly level: number;
  /** Words behind `ip address` and `ipv6 address`. */
  readonly addresses: readonly (readonly string[])[];
  /** Anything about IPv6 is said of it: an address, `ipv6 enable`. */
  readonly ipv6: boolean;
  readonly managementOnly: boolean;
  /** Of a member; the interface `BVI` of the same number speaks for all members. */
  readonly bridgeGroup: string | undefined;
  readonly shutdown: boolean;
  readonly description: string | undefined;
  readonly command: Command;
}

/** A command with the lines below it. */
export interface Block {
  readonly command: Command;
  /** Every line that belongs to it, the first included; also of a second place where it is written. */
  readonly lines: readonly Command[];
}

export type ConfigObject =
  | (Block & {
      readonly kind: "network";
      readonly value: Command | undefined;
      readonly unread: readonly Command[];
    })
  | (Block & {
      readonly kind: "service";
      readonly value: Command | undefined;
      readonly unread: readonly Command[];
    })
  | Group;

export interface Group extends Block {
  readonly kind: "group";
  /** `network`, `service`, `protocol`, `icmp-type`; others (`user`, `security`) cannot be decided. */
  readonly type: string;
  /** `tcp`, `udp` or `tcp-udp` of a group of ports; undefined for a group of whole services. */
  readonly ports: string | undefined;
  readonly members: readonly Command[];
  readonly unread: readonly Command[];
}

/** A command that translates addresses; in a block, with the object that it is about. */
export interface NatText {
  readonly command: Command;
  readonly object: string | undefined;
}

export interface AccessList {
  readonly name: string;
  /** `ipv6` lists are those of version 8. */
  readonly kind: "extended" | "standard" | "ipv6" | "ethertype" | "webtype";
  /** As the configuration has them. Where there are none, `shown` is all that is known. */
  readonly entries: readonly Entry[];
  readonly shown: readonly ShownEntry[];
  /** How many elements `show access-list` counts; undefined where the text has no such line. */
  readonly declared: number | undefined;
  readonly first: Command;
}

/** One line of a list. `body` is the index of the word behind the name and the line number. */
export interface Entry {
  readonly command: Command;
  readonly body: number;
}

/** A line of `show access-list` with what its objects and groups stand for. */
export interface ShownEntry extends Entry {
  readonly expansion: readonly Entry[];
}

export interface Binding {
  readonly list: string;
  readonly where: "in" | "out" | "control-plane" | "global";
  /** Undefined for `global`. */
  readonly interface: string | undefined;
  readonly perUser: boolean;
  readonly command: Command;
}

export interface Doubt {
  readonly why: string;
  readonly command: Command;
}

/** Whether a list has no entry, or remarks only. */
export function isEmpty(list: AccessList): boolean {
  const isRemark = (entry: Entry): boolean => entry.command.words[entry.body] === "remark";
  return list.entries.every(isRemark) && list.shown.every(isRemark) && (list.declared ?? 0) === 0;
}

/** Words from one on, with a blank between two. */
export function wordsFrom(words: readonly string[], first: number): string {
  return words.slice(first).join(" ");
}

/** Names of interfaces are the same in capital and small letters. */
export function placeOf(binding: Binding): string {
  return `${binding.where} ${binding.interface?.toLowerCase() ?? ""}`;
}
