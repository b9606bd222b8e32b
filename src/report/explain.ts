import type { Diagnostic } from "../diagnostics/index.js";
import type { PacketVerdict } from "../jobs/answer.js";
import type { ExplainedCase, ExplainedStep, Explanation } from "../jobs/explain.js";
import type { Crossing } from "../jobs/interfaces.js";
import { crossingText } from "../jobs/interfaces.js";
import { packetText } from "../jobs/packet-syntax.js";
import type { JsonDiagnostic, JsonPlace } from "./json.js";
import { jsonDiagnostic, jsonPlace } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { placeOf } from "./text.js";
import { displayWidth, visibleLine } from "./visible.js";

/** What `ringwall explain --json` prints: schemas/explain-report.schema.json. */
export interface JsonExplanation {
  readonly verdict: PacketVerdict;
  readonly packet: string;
  readonly direction: "inbound" | "outbound";
  readonly hook: "forward" | "input" | "output";
  /** Null where nothing decides, and where the cases differ. */
  readonly decidedBy: JsonStep | null;
  /** Of the first case. */
  readonly path: readonly JsonStep[];
  readonly conditions: readonly string[];
  readonly outsideIs: Explanation["outsideIs"];
  readonly cases: readonly JsonCase[];
  readonly diagnostics: readonly JsonDiagnostic[];
}

interface JsonCase {
  readonly ways: readonly { readonly ingress?: string; readonly egress?: string }[];
  readonly verdict: PacketVerdict;
  readonly decidedBy: JsonStep | null;
  readonly path: readonly JsonStep[];
  readonly conditions: readonly string[];
  readonly otherwise?: { readonly verdict: PacketVerdict; readonly decidedBy: JsonStep | null };
}

export interface JsonStep {
  readonly label: string;
  readonly outcome: string;
  readonly filter?: string;
  readonly chain?: string;
  readonly place?: JsonPlace;
}

export function jsonExplanation(explanation: Explanation, diagnostics: readonly Diagnostic[]): JsonExplanation {
  const cases = explanation.cases.map(jsonCase);
  const [first] = cases;
  return {
    verdict: explanation.verdict,
    packet: packetText(explanation.packet),
    direction: explanation.direction,
    hook: explanation.hook,
    decidedBy: cases.length === 1 ? first!.decidedBy : null,
    path: first!.path,
    conditions: [...new Set(cases.flatMap((one) => one.conditions))],
    outsideIs: explanation.outsideIs,
    cases,
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
}

function jsonCase(one: ExplainedCase): JsonCase {
  return {
    ways: one.crossings.map(({ ingress, egress }) => ({
      ...(ingress !== undefined && { ingress }),
      ...(egress !== undefined && { egress }),
    })),
    verdict: one.verdict,
    decidedBy: one.decidedBy === undefined ? null : jsonStep(one.decidedBy),
    path: one.path.map(jsonStep),
    conditions: one.conditions,
    ...(one.otherwise && {
      otherwise: {
        verdict: one.otherwise.verdict,
        decidedBy: one.otherwise.decidedBy === undefined ? null : jsonStep(one.otherwise.decidedBy),
      },
    }),
  };
}

export function jsonStep({ span, ...step }: ExplainedStep): JsonStep {
  return { ...step, ...(span !== undefined && { place: jsonPlace(span) }) };
}

/** An explanation for people. */
export function explanationText(explanation: Explanation, style: Style = plain): string {
  const { cases, outsideIs } = explanation;
  const title = `${packetText(explanation.packet)}, ${explanation.direction}${hookWords(explanation.hook)}: ${verdictWords(explanation, style)}`;
  const several = cases.length > 1 || outsideIs === "tried";
  return [
    title,
    ...(outsideIs === "tried"
      ? ["nobody says which interfaces are outside (--outside does), so that each was tried:"]
      : []),
    ...cases.flatMap((one) => caseLines(one, several, style)),
    "",
  ].join("\n");
}

function hookWords(hook: Explanation["hook"]): string {
  return hook === "forward" ? "" : hook === "input" ? ", to the firewall itself" : ", from the firewall itself";
}

function verdictWords({ verdict, cases }: Explanation, style: Style): string {
  return verdict === "unknown" && cases.length > 1
    ? style.warning("it depends on the interfaces")
    : paintVerdict(verdict, style);
}

export function paintVerdict(verdict: PacketVerdict, style: Style): string {
  switch (verdict) {
    case "accept":
      return style.good(verdict);
    case "drop":
    case "reject":
      return style.error(verdict);
    case "continue":
      return `${style.note(verdict)} (left to the rest of the device)`;
    case "unknown":
      return style.warning(verdict);
  }
}

function caseLines(one: ExplainedCase, named: boolean, style: Style): string[] {
  const lines = ["", ...(named ? [`${waysText(one.crossings)}: ${paintVerdict(one.verdict, style)}`] : [])];
  const rows = one.path.map((step) => ({
    place: placeWords(step),
    outcome: step.outcome,
    label: visibleLine(step.label),
    step,
  }));
  const placeWidth = Math.max(0, ...rows.map((row) => displayWidth(row.place)));
  const outcomeWidth = Math.max(0, ...rows.map((row) => row.outcome.length));
  for (const row of rows) {
    const deciding = sameStep(row.step, one.decidedBy) ? style.bold(">") : " ";
    lines.push(
      `${deciding} ${row.place.padEnd(placeWidth)}  ${row.outcome.padEnd(outcomeWidth)}  ${row.label}`.trimEnd(),
    );
  }
  if (one.decidedBy !== undefined) lines.push(`  decided by ${stepText(one.decidedBy)}`);
  if (one.conditions.length > 0) {
    lines.push(`  the text does not say whether: ${one.conditions.map(visibleLine).join("; ")}`);
  }
  if (one.otherwise !== undefined) {
    const by = one.otherwise.decidedBy === undefined ? "" : `, decided by ${stepText(one.otherwise.decidedBy)}`;
    lines.push(
      `  ${paintVerdict(explicit(one), style)} if not, ${paintVerdict(one.otherwise.verdict, style)} if so${by}`,
    );
  }
  return lines;
}

/** The verdict of the shown way, where the case's own is that nobody can tell. */
function explicit(one: ExplainedCase): PacketVerdict {
  const outcome = one.decidedBy?.outcome;
  return outcome === "accept" || outcome === "drop" || outcome === "reject" ? outcome : "continue";
}

/** `-A FORWARD -j DROP (rules.v4:12:1)` */
export function stepText(step: ExplainedStep): string {
  return step.span === undefined ? visibleLine(step.label) : `${visibleLine(step.label)} (${placeOf(step.span)})`;
}

function placeWords(step: ExplainedStep): string {
  return step.span === undefined ? (step.chain ?? "") : placeOf(step.span);
}

function sameStep(a: ExplainedStep, b: ExplainedStep | undefined): boolean {
  return a.label === b?.label && a.span?.start === b.span?.start && a.outcome === b.outcome;
}

/** At most three ways; the others are counted. */
export function waysText(crossings: readonly Crossing[]): string {
  const texts = crossings.slice(0, 3).map(crossingText);
  const more = crossings.length - texts.length;
  return texts.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
