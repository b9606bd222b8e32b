import type { Direction, Hook, Packet } from "../../ir/index.js";
import { crossingText } from "../../jobs/interfaces.js";
import { packetText } from "../../jobs/packet-syntax.js";
import type { Finding } from "../../lint/index.js";
import type { Family } from "../../net/index.js";
import { oneLine } from "./entries.js";
import { realFix } from "./report.js";

/** Something that a finding tells beside its message, for people. */
export interface Fact {
  /** `packet`, `packets`, … */
  readonly name: string;
  /** At least one, each on one line, no two the same. */
  readonly lines: readonly string[];
}

/** All that a finding tells beside its message, its related places and its help; the packet that shows it first. */
export function factsOf(finding: Finding): Fact[] {
  const { witness, packets, amounts, conditions } = finding;
  const [fix, unsafeFix] = [realFix(finding.fix), realFix(finding.unsafeFix)];
  const where = whereText(finding);
  const facts: Fact[] = [
    { name: "packet", lines: witness === undefined ? [] : [witnessText(witness)] },
    { name: "where", lines: where === "" ? [] : [where] },
    { name: "packets", lines: packets },
    { name: "how much", lines: amounts.length === 0 ? [] : [amounts.join(", ")] },
    { name: finding.certainty === "may" ? "depends on" : "conditions", lines: conditions },
    {
      name: "fix",
      lines: [
        ...(fix === undefined ? [] : [`${fix.title} (--fix)`]),
        ...(unsafeFix === undefined ? [] : [`${unsafeFix.title} (--unsafe-fix)`]),
      ],
    },
  ];
  return facts.flatMap(({ name, lines }) =>
    lines.length === 0 ? [] : [{ name, lines: fewLines([...new Set(lines.map((line) => oneLine(line)))]) }],
  );
}

/** More of them nobody reads, and some readers refuse. */
const mostLines = 20;

function fewLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`];
}

/** The facts as lines, `packet: tcp …`; further lines of a fact are indented. */
export function factLines(finding: Finding): string[] {
  return factsOf(finding).flatMap(({ name, lines }) =>
    lines.map((line, i) => (i === 0 ? `${name}: ${line}` : `  ${line}`)),
  );
}

/** `tcp 192.0.2.1:50000 > 10.20.1.5:445, arriving on wan0, leaving by lan0`: what stands before the comma is for `--packet`. */
export function witnessText(packet: Packet): string {
  const conditions = [...packet.conditions].map((words) => `if ${words}`);
  return [packetText(packet), crossingText(packet), ...conditions].filter((words) => words !== "").join(", ");
}

/** `inbound, IPv4 and IPv6, through the firewall`; "" where a finding speaks of no packets. */
function whereText({ directions, families, hooks }: Finding): string {
  const parts: string[][] = [
    directions.map((direction) => directionNames[direction]),
    families.map((family) => familyNames[family]),
    hooks.map((hook) => hookNames[hook]),
  ];
  return parts.flatMap((words) => (words.length === 0 ? [] : [list(words)])).join("; ");
}

const directionNames: Readonly<Record<Direction, string>> = { inbound: "inbound", outbound: "outbound" };
const familyNames: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
const hookNames: Readonly<Record<Hook, string>> = {
  forward: "through the firewall",
  input: "to the firewall itself",
  output: "from the firewall itself",
};

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`;
}
