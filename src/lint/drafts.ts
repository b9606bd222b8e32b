import type { Label, Span } from "../diagnostics/index.js";
import { spanText } from "../diagnostics/index.js";
import type { Direction, Hook } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { Configuration } from "../jobs/configuration.js";
import { families } from "../net/index.js";
import type { PacketSet } from "../packet-set/index.js";
import { describe, withoutStateAndFlags, witness } from "../packet-set/index.js";
import type { LintContext } from "./context.js";
import type { Draft } from "./rule.js";

export interface PlainDraft {
  readonly message: string;
  readonly help?: string | undefined;
  readonly primary?: Span | undefined;
  readonly related?: readonly Label[];
  readonly certainty?: "must" | "may";
  readonly amounts?: readonly string[];
  /** By default the text at `primary`. */
  readonly identity?: string;
  readonly fix?: Draft["fix"] | undefined;
  readonly unsafeFix?: Draft["unsafeFix"] | undefined;
}

/** A finding that speaks of the text and of no packets. */
export function plainDraft({ sources }: Configuration, draft: PlainDraft): Draft {
  const { message, help, primary, related = [], certainty = "must", amounts = [], identity, fix, unsafeFix } = draft;
  return {
    message,
    ...(help !== undefined && { help }),
    file: (primary?.source ?? sources[0]!).path,
    ...(primary !== undefined && { primary }),
    related,
    certainty,
    hooks: [],
    directions: [],
    families: [],
    packets: [],
    conditions: [],
    amounts,
    identity: identity ?? (primary === undefined ? message : wordsOf(primary)),
    ...(fix !== undefined && { fix }),
    ...(unsafeFix !== undefined && { unsafeFix }),
  };
}

export interface PacketDraft extends PlainDraft {
  readonly packets: PacketSet;
  readonly hooks: readonly Hook[];
  readonly directions: readonly Direction[];
}

/** A finding with the packets behind it: all of them described, and one as evidence. */
export function packetDraft(context: LintContext, draft: PacketDraft): Draft {
  const { space } = context;
  const { packets, hooks, directions } = draft;
  const sure = space.must(packets);
  const candidates = sure === space.none ? packets : sure;
  const familiar = space.and(candidates, space.compile(fileSharing));
  const shown = witness(space, familiar === space.none ? candidates : familiar);
  return {
    ...plainDraft(context.configuration, draft),
    hooks: ir.hooks.filter((hook) => hooks.includes(hook)),
    directions: ir.directions.filter((direction) => directions.includes(direction)),
    families: families.filter((family) => space.and(packets, space.compile(ir.ofFamily(family))) !== space.none),
    ...(shown && { witness: shown }),
    packets: describe(space, withoutStateAndFlags(space, packets)),
    conditions: space.conditionsIn(packets),
  };
}

/** What people think of first: of a set that has such packets, one of them is the evidence. */
const fileSharing = ir.all(ir.ofProtocol(ir.protocols.tcp), ir.numberIn("destination-port", [445, 445]));

/** The text at a place in one line, so that neither an indent nor a line's number changes it. */
export function wordsOf(place: Span): string {
  return spanText(place).replace(/\s+/g, " ").trim();
}
