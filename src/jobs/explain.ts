import type { Span } from "../diagnostics/index.js";
import type { Device, Hook, Packet, Path, Rule } from "../ir/index.js";
import { hooks } from "../ir/index.js";
import type { Step, Trace } from "../packet-set/index.js";
import { matches } from "../packet-set/index.js";
import type { Direction, Edge, EdgeException, EdgeRule } from "../policy/edge.js";
import { hostTruthOf } from "../policy/host-truth.js";
import type { HostRole } from "../policy/hosts.js";
import { networkProfiles } from "../policy/hosts.js";
import { boxMatch, truthOf } from "../policy/truth.js";
import type { Answer, PacketVerdict } from "./answer.js";
import { answer } from "./answer.js";
import type { Crossing, Mapping, Sides } from "./interfaces.js";
import { crossingsOf, mappingOf } from "./interfaces.js";

/** What becomes of one packet, and who says so. */
export interface Explanation {
  readonly packet: Packet;
  readonly direction: Direction;
  readonly hook: Hook;
  /** `unknown` also when it depends on the interfaces, and nobody says which they are. */
  readonly verdict: PacketVerdict;
  /** Ways across the edge with the same answer, the ways in the order in which they were tried. Never empty. */
  readonly cases: readonly ExplainedCase[];
  readonly outsideIs: Mapping["outsideIs"] | "policy";
}

export interface ExplainedCase {
  readonly crossings: readonly Crossing[];
  readonly verdict: PacketVerdict;
  /** Absent where no rule and no default decides. */
  readonly decidedBy?: ExplainedStep;
  /** Each rule that the packet met and matched, in order, and the ends of chains that it came to. */
  readonly path: readonly ExplainedStep[];
  /** What the verdict depends on and the text does not say. */
  readonly conditions: readonly string[];
  /** The verdict if those conditions were otherwise, where that changes it. */
  readonly otherwise?: { readonly verdict: PacketVerdict; readonly decidedBy?: ExplainedStep };
}

export interface ExplainedStep {
  /** The filter and the chain, as people of that vendor call them; a policy's rules stand in neither. */
  readonly filter?: string;
  readonly chain?: string;
  readonly label: string;
  readonly span?: Span;
  /** What happened there: a verdict, `jump to NAME`, `return`, `excepted`. */
  readonly outcome: string;
}

/** What a policy says about a packet. */
export function explainByPolicy(edge: Edge, packet: Packet, direction: Direction): Explanation {
  const truth = truthOf(edge, { outside: ["outside"], hooks: ["forward"] });
  const crossing: Crossing =
    direction === "inbound"
      ? { hook: "forward", ingress: "outside", egress: "inside" }
      : { hook: "forward", ingress: "inside", egress: "outside" };
  const placed = place(packet, crossing);
  const { verdict, trace } = answer(truth.paths[0]!, placed);
  const deciding = trace.steps.filter((step) => step.chain.name === direction).at(-1);
  const decision = deciding === undefined ? undefined : stepOf(deciding);
  const excepted = exceptionsMet(edge, placed, direction, deciding?.rule);
  const path = [...excepted, ...(decision === undefined ? [] : [policyStep(decision)])];
  // Where an exception leads past every rule, the exception is what the reader asks for.
  const decidedBy = verdict === "continue" ? (excepted.at(-1) ?? path.at(-1)) : path.at(-1);
  return {
    packet: placed,
    direction,
    hook: "forward",
    verdict,
    outsideIs: "policy",
    cases: [{ crossings: [crossing], verdict, path, conditions: [], ...(decidedBy && { decidedBy }) }],
  };
}

/** What hosts of a role do with a packet, in each category of networks that they may be in. */
export function explainByRole(role: HostRole, packet: Packet, direction: Direction): Explanation {
  const device = hostTruthOf(role, { domain: "domain", private: "private", public: "public" });
  const hook = direction === "inbound" ? "input" : "output";
  return explainByDevice(device, packet, { direction, hook, sides: { outside: networkProfiles, inside: [] } })!;
}

/** What a configuration does with a packet. Undefined where it has no rules for packets of that hook. */
export function explainByDevice(
  device: Device,
  packet: Packet,
  question: { readonly direction: Direction; readonly hook: Hook; readonly sides: Sides },
): Explanation | undefined {
  const path = device.paths.find((one) => one.hook === question.hook);
  if (path === undefined) return undefined;
  const mapping = mappingOf(device, question.sides);
  const crossings = crossingsOf(mapping, question.direction, question.hook);
  const cases = gather(crossings.map((crossing) => caseOf(path, place(packet, crossing), crossing)));
  if (cases.length === 0) return undefined;
  const verdicts = new Set(cases.map((one) => one.verdict));
  return {
    packet: place(packet, cases[0]!.crossings[0]!),
    direction: question.direction,
    hook: question.hook,
    verdict: verdicts.size === 1 ? cases[0]!.verdict : "unknown",
    cases,
    outsideIs: mapping.outsideIs,
  };
}

/** Where packets are meant when nobody says: through the device, or to and from it where it has no rules for others. */
export function usualHook(device: Device, direction: Direction): Hook {
  const has = (hook: Hook): boolean => device.paths.some((path) => path.hook === hook);
  const own = direction === "inbound" ? "input" : "output";
  return has("forward") || !has(own) ? "forward" : own;
}

function place(packet: Packet, { ingress, egress }: Crossing): Packet {
  return { ...packet, ...(ingress !== undefined && { ingress }), ...(egress !== undefined && { egress }) };
}

/** The rules whose packets an exception takes out, up to the rule that decides. */
function exceptionsMet(edge: Edge, packet: Packet, direction: Direction, deciding: Rule | undefined): ExplainedStep[] {
  const found: ExplainedStep[] = [];
  for (const rule of edge.rules) {
    if (deciding?.origin.label === `rule "${rule.name}"`) break;
    if (!rule.directions.includes(direction) || !matches(boxMatch(rule), packet)) continue;
    const exception = rule.exceptions.find(
      (one) => one.directions.includes(direction) && matches(boxMatch(one), packet),
    );
    if (exception !== undefined) found.push(exceptedStep(rule, exception));
  }
  return found;
}

function exceptedStep(rule: EdgeRule, exception: EdgeException): ExplainedStep {
  const reason = exception.reason === undefined ? "" : ` (${exception.reason})`;
  const number = rule.exceptions.indexOf(exception) + 1;
  return {
    label: `exception ${number} of rule "${rule.name}"${reason}`,
    outcome: "excepted",
    ...(exception.span && { span: exception.span }),
  };
}

function policyStep({ label, outcome, span }: ExplainedStep): ExplainedStep {
  return { label, outcome, ...(span && { span }) };
}

function caseOf(path: Path, packet: Packet, crossing: Crossing): ExplainedCase {
  const found: Answer = answer(path, packet);
  const decidedBy = decidingStep(found.trace);
  return {
    crossings: [crossing],
    verdict: found.verdict,
    ...(decidedBy && { decidedBy: stepOf(decidedBy) }),
    path: found.trace.steps.filter((step) => step === decidedBy || isWritten(step)).map(stepOf),
    conditions: found.conditions,
    ...(found.otherwise && { otherwise: otherwiseOf(found.otherwise) }),
  };
}

function otherwiseOf({ verdict, trace }: NonNullable<Answer["otherwise"]>): NonNullable<ExplainedCase["otherwise"]> {
  const decidedBy = decidingStep(trace);
  return { verdict, ...(decidedBy && { decidedBy: stepOf(decidedBy) }) };
}

/**
 * The step that a person would name. A packet is accepted because every filter accepts it: of these the last rule that
 * somebody wrote says more than the last filter, which may accept everything.
 */
export function decidingStep({ fate, steps, decidedBy }: Trace): Step | undefined {
  if (fate !== "accepted") return decidedBy;
  const accepting = steps.filter((step) => step.outcome === "accept" && isWritten(step));
  const rules = accepting.filter((step) => step.rule !== undefined);
  return (
    rules.findLast((step) => step.rule?.origin.implied !== true) ?? rules.at(-1) ?? mainEnd(accepting) ?? decidedBy
  );
}

/** Of several ends that all accept, that of the filter with most to say: it is where people look for a denial. */
function mainEnd(ends: readonly Step[]): Step | undefined {
  const size = ({ filter }: Step): number =>
    [...filter.chains.values()].flatMap(({ rules }) => rules.filter(({ origin }) => origin.implied !== true)).length;
  const isNamedLikeHook = ({ filter }: Step): boolean => hooks.some((hook) => hook === filter.entry.toLowerCase());
  return ends.reduce<Step | undefined>((best, one) => {
    if (best === undefined || size(one) > size(best)) return one;
    if (size(one) < size(best)) return best;
    return isNamedLikeHook(best) && !isNamedLikeHook(one) ? best : one;
  }, undefined);
}

/** Whether the step stands in a text. What a parser adds of its own accord, such as filters of the other family, does not. */
function isWritten({ rule, chain, outcome }: Step): boolean {
  return (rule?.origin ?? chain.endOrigin)?.span !== undefined || outcome !== "accept";
}

export function stepOf({ filter, chain, rule, outcome }: Step): ExplainedStep {
  const origin = rule?.origin ?? chain.endOrigin;
  return {
    filter: filter.name,
    chain: chain.name,
    label: origin?.label ?? `end of ${chain.name}`,
    outcome: typeof outcome === "string" ? outcome : `${outcome.kind === "jump" ? "jump" : "go"} to ${outcome.chain}`,
    ...(origin?.span && { span: origin.span }),
  };
}

/** Ways with the same answer become one case. */
function gather(cases: readonly ExplainedCase[]): ExplainedCase[] {
  const gathered = new Map<string, ExplainedCase>();
  for (const one of cases) {
    const key = JSON.stringify([
      one.verdict,
      one.conditions,
      ...one.path.map((step) => [step.chain, step.label, step.span?.start, step.outcome]),
    ]);
    const known = gathered.get(key);
    gathered.set(key, known === undefined ? one : { ...known, crossings: [...known.crossings, ...one.crossings] });
  }
  return [...gathered.values()];
}
