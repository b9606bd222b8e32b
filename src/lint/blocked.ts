import type { Direction, Hook } from "../ir/index.js";
import * as ir from "../ir/index.js";
import type { AddressSet, Family } from "../net/index.js";
import { isNoAddress, subtractAddresses } from "../net/index.js";
import type { PacketSet, Step } from "../packet-set/index.js";
import { addressesIn } from "../packet-set/index.js";
import { blame } from "./blame.js";
import type { LintContext } from "./context.js";
import { perContext } from "./per-context.js";
import type { EdgeQuestion } from "./edge-question.js";

/** Addresses that the policy allows something with, and with which nothing passes. */
export interface BlockedException {
  readonly hook: Hook;
  readonly direction: Direction;
  /** On the far side of the edge. */
  readonly addresses: AddressSet;
  readonly packets: PacketSet;
  readonly by: Step | undefined;
  /** Whether other addresses of the policy's exceptions do pass, of the same family. */
  readonly partly: boolean;
  readonly certain: boolean;
}

/** Through the firewall, or where the device forwards nothing, of its own packets. */
export const blockedExceptions = perContext(find);

function find(context: LintContext): readonly BlockedException[] {
  const questions = context.questions();
  const forwards = questions.some((question) => question.hook === "forward");
  return questions
    .filter((question) => (question.hook === "forward") === forwards)
    .flatMap((question) => context.options.families.flatMap((family) => blockedIn(context, question, family)));
}

function blockedIn(context: LintContext, question: EdgeQuestion, family: Family): BlockedException[] {
  const { space } = context;
  const { passes, unknown, hook, direction } = question;
  const allowed = space.and(question.allowed, space.compile(ir.ofFamily(family)));
  if (allowed === space.none) return [];
  const end = direction === "outbound" ? "destination" : "source";
  const through = addressesIn(space, space.and(allowed, space.or(passes, unknown)), end);
  const blocked = subtractAddresses(addressesIn(space, allowed, end), through);
  if (isNoAddress(blocked)) return [];
  const far = space.compile(end === "destination" ? ir.to(blocked) : ir.from(blocked));
  // What stops the plainest packet is what people have to change; what stops the odd ones besides is not worth a word.
  const [part] = blame(context, question, question.whicheverIsOutside(space.and(allowed, far)));
  if (part === undefined) return [];
  return [
    {
      hook,
      direction,
      addresses: addressesIn(space, part.packets, end),
      packets: part.packets,
      by: part.step,
      partly: !isNoAddress(through),
      certain: space.must(part.packets) !== space.none,
    },
  ];
}
