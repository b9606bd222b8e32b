import type { Diagnostic, Label } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { Difference } from "../proof/prove.js";
import { prove } from "../proof/prove.js";
import type { Edge } from "../policy/edge.js";
import { hostFactsOf } from "../policy/host-facts.js";
import type { Claim, Emission, EmittedFile, Target, Vendor } from "../vendor-kit/vendor.js";
import type { Bdd, Fate, Trace } from "../packet-set/index.js";
import { SpaceExhausted } from "../packet-set/index.js";
import { decidingStep, stepOf } from "./explain.js";
import { packetText } from "./packet-syntax.js";

/** One target's output. Empty, with diagnostics that say why, where it cannot be written or proved. */
export interface CompiledTarget {
  /** The vendor's id. */
  readonly id: string;
  readonly files: readonly EmittedFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly proof: Proof;
}

/** `proved`: read back, every claim equal to the policy. `skipped`: nobody asked. `failed`: see the diagnostics. */
export type Proof = "proved" | "skipped" | "failed";

/**
 * Writes a policy for one vendor and, with `proof`, reads it back and compares it with the policy.
 *
 * The targets of one policy may share `diagrams`, which makes every proof but the first much shorter.
 */
export function compileTarget(
  edge: Edge,
  vendor: Vendor,
  target: Target,
  options: { readonly proof: boolean; readonly diagrams?: Bdd },
): CompiledTarget {
  const { id } = vendor.manifest;
  const emission = vendor.emit(edge, target);
  if (hasErrors(emission.diagnostics)) return { id, files: [], diagnostics: emission.diagnostics, proof: "skipped" };
  if (!options.proof) return { id, files: emission.files, diagnostics: emission.diagnostics, proof: "skipped" };

  const problems = emission.claims.flatMap((claim) => proofProblems(edge, vendor, emission, claim, options.diagrams));
  if (emission.claims.length === 0) problems.push(diagnostic("RW9002", `${id} makes no claim that could be proved`));
  return problems.length === 0
    ? { id, files: emission.files, diagnostics: emission.diagnostics, proof: "proved" }
    : { id, files: [], diagnostics: [...emission.diagnostics, ...problems], proof: "failed" };
}

function proofProblems(
  edge: Edge,
  vendor: Vendor,
  emission: Emission,
  claim: Claim,
  diagrams: Bdd | undefined,
): Diagnostic[] {
  const { id } = vendor.manifest;
  const of = claim.role === undefined ? id : `${id} (role ${claim.role.name})`;
  const emitted = claim.reads.map((path) => {
    const file = emission.files.find((one) => one.path === path);
    if (file === undefined) throw new Error(`${id} claims something of ${path}, which it did not write`);
    return { path: `${id}/${path}`, text: file.text };
  });
  const onto = claim.onto ?? [];
  const { device, diagnostics, facts } = vendor.parse([...onto, ...emitted], { outside: claim.outside });
  // What our own parser does not understand of our own text is nobody's to trust, wherever it stands. A base
  // configuration is somebody else's text: there, what is not understood is compared with itself.
  const unread =
    claim.base === undefined && onto.length === 0
      ? diagnostics.filter((one) => one.code === "RW6001" || one.severity === "error")
      : [];
  if (unread.length > 0) return unread.map((one) => unreadProblem(id, one));
  try {
    return [
      ...factProblems(of, edge, claim, facts ?? []),
      ...prove(edge, claim, device, diagrams).map((difference) => differenceProblem(of, difference)),
    ];
  } catch (error) {
    if (!(error instanceof SpaceExhausted)) throw error;
    return [diagnostic("RW9002", `the output for ${id} is too large to be compared with the policy: ${error.message}`)];
  }
}

/** What a role asks besides packets, against what was read back. */
function factProblems(of: string, edge: Edge, { role: claimed }: Claim, facts: readonly string[]): Diagnostic[] {
  const role = edge.hosts?.roles.find((one) => one.name === claimed?.name);
  if (claimed?.facts !== true || role === undefined) return [];
  const wanted = hostFactsOf(role, edge.hosts!);
  const problem = (words: string, how: string): Diagnostic =>
    diagnostic("RW9001", `the output for ${of} ${how}: ${words}`, {
      primary: role.span,
      help: "nothing is written; please report this with the policy, it is never your mistake",
    });
  return [
    ...wanted.filter((fact) => !facts.includes(fact)).map((fact) => problem(fact, "does not bring about")),
    ...facts
      .filter((fact) => !wanted.includes(fact))
      .map((fact) => problem(fact, "brings about what nobody asked for")),
  ];
}

function unreadProblem(id: string, { message, primary, related, help }: Diagnostic): Diagnostic {
  return diagnostic("RW9002", `the output for ${id} could not be read back completely: ${message}`, {
    primary,
    related,
    help,
  });
}

function differenceProblem(id: string, difference: Difference): Diagnostic {
  const { packet, expected, actual, directions, packets, policy, base, config } = difference;
  const crossing = directions.length === 0 ? "inside the edge" : directions.join(" and ");
  const undecided = actual === "unknown";
  return diagnostic(
    undecided ? "RW9002" : "RW9001",
    `the output for ${id} ${undecided ? "cannot be shown to mean" : "does not mean"} what the policy says: ` +
      `${packetText(packet)}, ${crossing}, must be ${fateWords[expected]} and is ${fateWords[actual]}`,
    {
      related: [
        ...labelOf("the policy decides it", policy),
        ...(base === undefined ? [] : labelOf("the base configuration decided it", base)),
        ...(config === undefined ? [] : labelOf("the output decides it", config)),
      ],
      help: [
        ...[...packet.conditions].map((words) => `if ${words}`),
        "the packets are:",
        ...packets.map((line) => `  ${line}`),
        "nothing is written; please report this with the policy, it is never your mistake",
      ].join("\n"),
    },
  );
}

const fateWords: Readonly<Record<Fate, string>> = {
  accepted: "accepted",
  dropped: "dropped",
  rejected: "rejected",
  undecided: "left to the rest of the device",
  unknown: "decided by text that was not understood",
};

/** The rule that settled a packet's fate, with its words and its place; without a place there is nothing to point at. */
function labelOf(who: string, trace: Trace): Label[] {
  const decidedBy = decidingStep(trace);
  if (decidedBy === undefined) return [];
  const { label, span } = stepOf(decidedBy);
  return span === undefined ? [] : [{ span, message: `${who} by ${label}` }];
}
