import type { Diagnostic, Span } from "../../src/vendor-kit/index.js";
import { diagnostic, didYouMean } from "../../src/vendor-kit/index.js";
import type { Config, Group } from "./config.js";
import type { Command } from "./lexer.js";
import { spanFrom, spanOf } from "./lexer.js";

/** A piece of a line that was read, and the index of the word behind it. */
export interface Piece<T> {
  readonly value: T;
  readonly next: number;
}

/** Thrown inside, caught where the line is read: which word is not understood, and why. */
export class Unread extends Error {
  constructor(
    readonly word: number,
    readonly why: string,
  ) {
    super(why);
  }
}

/**
 * What all readers of a configuration's names share: which groups are being followed at the moment, which names are
 * missing, and what was said.
 */
export class References {
  readonly diagnostics: Diagnostic[] = [];
  /** The names on the way from an entry to what is read now. */
  readonly open = new Set<string>();
  private readonly missing = new Set<string>();
  private readonly missingOf = new Map<Diagnostic, string>();
  private readonly reported = new Set<Command>();

  constructor(readonly config: Config) {}

  /** A group in itself, or nested deeper than anybody nests. */
  tooDeep(name: string): boolean {
    return this.open.has(name) || this.open.size >= MOST_NESTED;
  }

  /** Says that a group is not followed, and why: see {@link tooDeep}. */
  tellCircle(command: Command, at: number, name: string): void {
    this.diagnostics.push(
      diagnostic(
        "RW6004",
        this.open.has(name)
          ? `group ${JSON.stringify(name)} contains itself; the device refuses that`
          : `group ${JSON.stringify(name)} is nested deeper than ${MOST_NESTED} levels, and is not followed`,
        { primary: spanFrom(command, at) },
      ),
    );
  }

  /** Reads every member of a group; for each that cannot be read, and for none at all, there is a doubt. */
  eachMember(name: string, group: Group, doubts: string[], read: (member: Command) => void): void {
    const unread: Command[] = [...group.unread];
    for (const member of group.members) {
      try {
        read(member);
      } catch (error) {
        this.report(member, error);
        unread.push(member);
      }
    }
    for (const one of unread) this.unreadLine(one);
    if (unread.length > 0) doubts.push(`belongs to lines of ${name} that are not understood`);
    else if (group.members.length === 0) doubts.push(`belongs to ${name}, which is empty`);
  }

  unreadLine(command: Command): void {
    if (this.reported.has(command)) return;
    this.reported.add(command);
    this.diagnostics.push(
      diagnostic(
        "RW6001",
        `${JSON.stringify(command.words[0])} has no meaning in this place; what it would add is unknown`,
        {
          primary: spanOf(command),
        },
      ),
    );
  }

  report(command: Command, error: unknown): void {
    if (!(error instanceof Unread)) throw error;
    this.reported.add(command);
    this.diagnostics.push(diagnostic("RW6001", error.why, { primary: spanFrom(command, error.word) }));
  }

  /** A value for a name that is not defined. It is not kept, so that the next use of the name is looked at again. */
  undefinedName<T>(name: string, value: T, command: Command, at: number): T {
    if (this.missing.has(name)) return value;
    this.missing.add(name);
    const told = diagnostic(
      "RW6005",
      `${JSON.stringify(name)} is not defined in this text${didYouMean(name, this.nearNames())}; what it holds is unknown`,
      { primary: nameSpan(command, at) },
    );
    this.missingOf.set(told, name);
    this.diagnostics.push(told);
    return value;
  }

  /** Takes back what was said since `length` about names that are not defined: something else resolves them. */
  withdrawMissing(length: number): void {
    for (const told of this.diagnostics.splice(length)) {
      const name = this.missingOf.get(told);
      if (name === undefined) this.diagnostics.push(told);
      else this.missing.delete(name);
    }
  }

  /** Looking for the nearest of very many names for very many missing ones would take for ever. */
  private nearNames(): Iterable<string> {
    return this.missing.size > 50 ? [] : this.config.objects.keys();
  }
}

/** Bounds the recursion; published limits are far lower. */
const MOST_NESTED = 100;

/** One word of a command. */
export function nameSpan(command: Command, at: number): Span {
  const whole = spanFrom(command, at);
  return { ...whole, end: whole.start + (command.words[at]?.length ?? 0) };
}
