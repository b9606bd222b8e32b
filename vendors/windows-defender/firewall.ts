import type { Diagnostic, DiagnosticDetails, Direction, Origin } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";
import type { RawRule } from "./raw-rule.js";
import type { Profile, WindowsRule } from "./model.js";

/** A rule as a text has it, with what the text leaves open. */
export interface ReadRule {
  readonly rule: WindowsRule;
  readonly origin: Origin;
  readonly store: StoreKind;
  /** Conditions under which the rule is as it was read; all have to hold. */
  readonly conditions: readonly string[];
  /** True where what the rule does was not understood: its fields are then the widest that it can have. */
  readonly unread: boolean;
  /** The words that it was read from: a later statement may exchange some of them. */
  readonly raw: RawRule;
}

/** A rule of the group _Core Networking_, which every Windows has, or another. */
export type ListedRule = "core" | "other";

/** The store that a rule is in. Group Policy may say that rules of the local one do not count. */
export type StoreKind = "local" | "group-policy";

/** A value that a text gives, leaves open after saying something about it, or does not speak of. */
export type Told<T> = T | "unread" | undefined;

export interface ReadProfile {
  enabled: Told<boolean>;
  defaultInbound: Told<"allow" | "block">;
  defaultOutbound: Told<"allow" | "block">;
  allowLocalRules: Told<boolean>;
  /** "Block all incoming connections, including those in the list of allowed programs". */
  blocksAllInbound: Told<boolean>;
  origin: Origin | undefined;
}

export type ToldSettings = Readonly<Partial<Omit<ReadProfile, "origin">>>;

/** What a text tells of the opposite. */
export function opposite(told: Told<boolean>): Told<boolean> {
  return typeof told === "boolean" ? !told : told;
}

/**
 * A firewall as the texts describe it, one after the other: what a script would have made of it when it has run.
 * Readers put rules and settings in; `deviceOf` says what it does with packets.
 */
export class Firewall {
  readonly rules: ReadRule[] = [];
  readonly profiles = new Map<Profile, ReadProfile>();
  readonly diagnostics: Diagnostic[] = [];
  /** Statements that were not understood and may have changed any rule. */
  readonly anything: Origin[] = [];
  /** How many rules were looked at by statements that change rules. */
  work = 0;
  /** What lists of a machine's rules hold in each direction. */
  private readonly lists = { inbound: new Set<ListedRule>(), outbound: new Set<ListedRule>() };

  add(rule: ReadRule): void {
    this.rules.push(rule);
  }

  /** Notes that a list of a machine's rules has this one. */
  listed(direction: Direction, rule: ListedRule): void {
    this.lists[direction].add(rule);
  }

  /**
   * Whether some text lists all rules of a machine in a direction, so that nothing else decides: it has rules that every
   * Windows has, and others too. With the former alone somebody has asked for that group of rules.
   */
  isWhole(direction: Direction): boolean {
    return this.lists[direction].size === 2;
  }

  profile(profile: Profile): ReadProfile {
    let found = this.profiles.get(profile);
    if (found === undefined) {
      found = {
        enabled: undefined,
        defaultInbound: undefined,
        defaultOutbound: undefined,
        allowLocalRules: undefined,
        blocksAllInbound: undefined,
        origin: undefined,
      };
      this.profiles.set(profile, found);
    }
    return found;
  }

  /** Puts what a text tells of a profile in the place of what was told before; of the rest nothing changes. */
  settings(profile: Profile, told: ToldSettings, origin: Origin): void {
    const found = this.profile(profile);
    found.origin = origin;
    found.enabled = told.enabled ?? found.enabled;
    found.defaultInbound = told.defaultInbound ?? found.defaultInbound;
    found.defaultOutbound = told.defaultOutbound ?? found.defaultOutbound;
    found.allowLocalRules = told.allowLocalRules ?? found.allowLocalRules;
    found.blocksAllInbound = told.blocksAllInbound ?? found.blocksAllInbound;
  }

  /** Says that a statement was not understood. */
  unread(message: string, details: DiagnosticDetails): void {
    this.diagnostics.push(diagnostic("RW6001", message, details));
  }

  note(message: string, details: DiagnosticDetails): void {
    this.diagnostics.push(diagnostic("RW6002", message, details));
  }
}
