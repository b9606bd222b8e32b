import type { Diagnostic } from "../diagnostics/index.js";
import type { PacketVerdict } from "../jobs/answer.js";
import type { DiffDifference, DiffFate, DiffResult } from "../jobs/diff.js";
import type { Way } from "../jobs/ways.js";
import type { Crossing, Mapping } from "../jobs/interfaces.js";
import { crossingText, otherInterface } from "../jobs/interfaces.js";
import { packetText } from "../jobs/packet-syntax.js";
import type { JsonStep } from "./explain.js";
import { jsonStep, paintVerdict, stepText } from "./explain.js";
import type { JsonDiagnostic } from "./json.js";
import { jsonDiagnostic } from "./json.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";
import { visibleLine } from "./visible.js";

/** How a report speaks of the two sides. */
export interface DiffNames {
  readonly a: DiffName;
  readonly b: DiffName;
}

export interface DiffName {
  /** The files as they were named. */
  readonly name: string;
  readonly kind: "policy" | "configuration";
  /** The vendor's id; undefined for a policy. */
  readonly vendor?: string;
}

/** What `ringwall diff --json` prints: schemas/diff-report.schema.json. */
export interface JsonDiff {
  readonly result: DiffResult["result"];
  readonly judged: DiffResult["judged"];
  readonly a: JsonDiffSide;
  readonly b: JsonDiffSide;
  readonly differences: readonly JsonDifference[];
  readonly laterDifferences: readonly JsonDifference[];
  readonly beyondPolicy: readonly JsonDifference[];
  readonly notCompared: DiffResult["notCompared"];
  readonly diagnostics: readonly JsonDiagnostic[];
}

interface JsonDiffSide extends DiffName {
  readonly outside: readonly string[];
  readonly inside: readonly string[];
  readonly outsideIs: Mapping["outsideIs"];
}

interface JsonDifference {
  readonly hook: string;
  readonly direction: string;
  readonly passesIn: "a" | "b" | "unknown";
  readonly certain: boolean;
  readonly packets: readonly string[];
  readonly example: string;
  readonly a: JsonFate;
  readonly b: JsonFate;
  readonly ways: readonly { readonly a: JsonWay; readonly b: JsonWay }[];
}

interface JsonFate {
  readonly verdict: PacketVerdict;
  readonly decidedBy: JsonStep | null;
}

interface JsonWay {
  readonly ingress?: string;
  readonly egress?: string;
}

export function jsonDiff(result: DiffResult, names: DiffNames, diagnostics: readonly Diagnostic[]): JsonDiff {
  const side = (which: "a" | "b"): JsonDiffSide => ({ ...names[which], ...result.mappings[which] });
  return {
    result: result.result,
    judged: result.judged,
    a: side("a"),
    b: side("b"),
    differences: result.differences.map(jsonDifference),
    laterDifferences: result.laterDifferences.map(jsonDifference),
    beyondPolicy: result.beyondPolicy.map(jsonDifference),
    notCompared: result.notCompared,
    diagnostics: [...diagnostics, ...result.diagnostics].map(jsonDiagnostic),
  };
}

function jsonDifference(one: DiffDifference): JsonDifference {
  return {
    hook: one.hook,
    direction: one.direction,
    passesIn: one.passesIn,
    certain: one.certain,
    packets: one.packets,
    example: packetText(one.example),
    a: jsonFate(one.a),
    b: jsonFate(one.b),
    ways: one.ways.map(({ a, b }) => ({ a: jsonWay(a), b: jsonWay(b) })),
  };
}

function jsonFate({ verdict, decidedBy }: DiffFate): JsonFate {
  return { verdict, decidedBy: decidedBy === undefined ? null : jsonStep(decidedBy) };
}

function jsonWay({ ingress, egress }: Crossing): JsonWay {
  return { ...(ingress !== undefined && { ingress }), ...(egress !== undefined && { egress }) };
}

/** A comparison for people. */
export function diffText(result: DiffResult, names: DiffNames, style: Style = plain): string {
  return [
    headline(result, names, style),
    ...result.differences.flatMap((one) => ["", ...differenceLines(one, names, style)]),
    ...laterLines(result, names, style),
    ...beyondLines(result, names, style),
    ...result.notCompared.map(
      ({ hook, onlyIn }) =>
        `not compared: ${hookNames[hook]}; only ${visibleLine(names[onlyIn].name)} has rules for them`,
    ),
    ...triedLines(result, names),
    "",
  ].join("\n");
}

function headline({ result, judged }: DiffResult, { a, b }: DiffNames, style: Style): string {
  const pair = `${visibleLine(a.name)} and ${visibleLine(b.name)}`;
  const what = judged === "first-packets" ? "the first packets of connections" : "every packet";
  switch (result) {
    case "equal":
      return `${style.good("equal")}: ${pair} let the same packets pass (compared on ${what})`;
    case "different":
      return `${style.error("different")}: ${pair} do not let the same packets pass (compared on ${what})`;
    case "undecided":
      return `${style.warning("undecided")}: whether ${pair} let the same packets pass cannot be told from the texts`;
  }
}

const hookNames = {
  forward: "packets through the firewall",
  input: "packets to the firewall itself",
  output: "packets from the firewall itself",
} as const;

function differenceLines(one: DiffDifference, names: DiffNames, style: Style): string[] {
  const [a, b] = [visibleLine(names.a.name), visibleLine(names.b.name)];
  const what = {
    a: `pass in ${a} and not in ${b}`,
    b: `pass in ${b} and not in ${a}`,
    unknown: "cannot be compared: a text that decides them was not understood",
  }[one.passesIn];
  const may = one.certain ? "" : "may ";
  return [
    style.bold(
      `${one.direction === "either" ? "" : `${one.direction} `}${[hookNames[one.hook], wayText(one.ways, names)].filter((words) => words !== "").join(", ")}, that ${may}${what}:`,
    ),
    ...one.packets.map((line) => `  ${visibleLine(line)}`),
    `  such as ${packetText(one.example)}`,
    ...[...one.example.conditions].map((words) => `  if ${visibleLine(words)}`),
    `    ${a}: ${fateText(one.a, style)}`,
    `    ${b}: ${fateText(one.b, style)}`,
  ];
}

function fateText({ verdict, decidedBy }: DiffFate, style: Style): string {
  return paintVerdict(verdict, style) + (decidedBy === undefined ? "" : ` by ${stepText(decidedBy)}`);
}

/** The interfaces, by both names where the sides call them differently. A policy has no names for them. */
function wayText(ways: readonly Way[], names: DiffNames): string {
  const text = ({ a, b }: Way): string => {
    const own = (which: "a" | "b", crossing: Crossing) =>
      names[which].kind === "policy" ? [] : [crossingText(crossing)];
    const [first = "", second = first] = [...own("a", a), ...own("b", b)];
    return first === second ? first : `${first} (${second})`;
  };
  const texts = [...new Set(ways.map(text))].filter((one) => one !== "");
  return texts.slice(0, 2).join(" or ") + (texts.length > 2 ? ` or ${texts.length - 2} more ways` : "");
}

function laterLines({ laterDifferences: [first, ...more] }: DiffResult, names: DiffNames, style: Style): string[] {
  if (first === undefined) return [];
  const count = more.length === 0 ? "" : ` and ${more.length} more`;
  return [
    "",
    style.note("note:") +
      ` they also part on packets that start no connection (${packetText(first.example)}${count}): ` +
      `${first.a.verdict} in ${visibleLine(names.a.name)}, ${first.b.verdict} in ${visibleLine(names.b.name)}. This does not count here.`,
  ];
}

function beyondLines({ beyondPolicy: [first] }: DiffResult, names: DiffNames, style: Style): string[] {
  if (first === undefined) return [];
  const [policy, device] = first.passesIn === "a" ? [names.a, names.b] : [names.b, names.a];
  return [
    "",
    style.note("note:") +
      ` ${visibleLine(device.name)} stops packets that ${visibleLine(policy.name)} leaves to the device, such as ` +
      `${first.direction} ${packetText(first.example)}. This does not count here.`,
  ];
}

function triedLines({ mappings }: DiffResult, names: DiffNames): string[] {
  return (["a", "b"] as const).flatMap((which) => {
    const { outside, outsideIs } = mappings[which];
    if (outsideIs !== "tried") return [];
    const tried = outside.map((name) => (name === otherInterface ? "interfaces without a name in it" : name));
    return [
      `nobody says which interfaces of ${visibleLine(names[which].name)} are outside (--outside-${which} does); tried as outside: ${tried.join(", ")}`,
    ];
  });
}
