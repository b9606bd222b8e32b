import type { Edit, Fix, Source } from "../diagnostics/index.js";
import { applyEdits } from "../diagnostics/index.js";
import type { Configuration } from "../jobs/configuration.js";
import type { Finding } from "./finding.js";
import { movePlaces, sameFates } from "./same-fates.js";

export interface FixOptions {
  /** Makes fixes too that change what passes; these are not proved. */
  readonly unsafe?: boolean;
  /** Reads the changed texts as the first ones were read; undefined when they cannot be read any more. */
  reread(sources: readonly Source[]): Configuration | undefined;
}

export interface Fixing {
  /** The texts as they are to be, in the order of the configuration's sources. */
  readonly texts: readonly string[];
  readonly applied: readonly AppliedFix[];
  readonly refused: readonly RefusedFix[];
}

export interface AppliedFix {
  readonly finding: Finding;
  readonly fix: Fix;
  /** Whether it was proved that no packet's fate changes. */
  readonly proved: boolean;
}

export interface RefusedFix {
  readonly finding: Finding;
  /** Follows "because": `it would change what passes`. */
  readonly why: string;
}

/**
 * Mends what can be mended by a change of the texts. A fix that is said to change nothing is made only where the changed
 * texts, read again, are proved to give every packet the fate that it had; fixes that hold one by one and not together
 * (each of two equal rules is redundant) are made as far as they hold together, in the order of the findings.
 */
export function fixConfiguration(
  configuration: Configuration,
  findings: readonly Finding[],
  options: FixOptions,
): Fixing {
  const refused: RefusedFix[] = [];
  const edits: Edit[] = [];
  const applied: AppliedFix[] = [];
  const attempts: Attempt[] = [];
  for (const finding of findings) {
    const unsafe = finding.fix === undefined;
    const fix = finding.fix ?? (options.unsafe === true ? finding.unsafeFix : undefined);
    if (fix === undefined) continue;
    const same = attempts.find((one) => one.fix.title === fix.title && sameEdits(one.fix.edits, fix.edits));
    if (same !== undefined) same.findings.push(finding);
    else attempts.push({ fix, unsafe, findings: [finding] });
  }

  const tryAll = (tried: readonly Attempt[]): void => {
    const apart = withoutOverlaps(edits, tried);
    for (const { findings: of } of apart.overlapping) {
      refused.push(...of.map((finding) => ({ finding, why: "it overlaps another fix; run it again" })));
    }
    const { fitting } = apart;
    if (fitting.length === 0) return;
    const wanted = [...edits, ...fitting.flatMap((one) => one.fix.edits)];
    const problem = problemOf(configuration, wanted, fitting[0]!.unsafe, options);
    if (problem === undefined) {
      edits.push(...fitting.flatMap((one) => one.fix.edits));
      applied.push(
        ...fitting.flatMap((one) => one.findings.map((finding) => ({ finding, fix: one.fix, proved: !one.unsafe }))),
      );
    } else if (fitting.length === 1) {
      refused.push(...fitting[0]!.findings.map((finding) => ({ finding, why: problem })));
    } else {
      const middle = fitting.length >> 1;
      tryAll(fitting.slice(0, middle));
      tryAll(fitting.slice(middle));
    }
  };
  // The proved ones first: they are compared with the text as it is, and the others would change what it means.
  tryAll(attempts.filter((one) => !one.unsafe));
  tryAll(attempts.filter((one) => one.unsafe));
  return { texts: configuration.sources.map((source) => applyEdits(source, edits)), applied, refused };
}

interface Attempt {
  readonly fix: Fix;
  readonly unsafe: boolean;
  readonly findings: Finding[];
}

/** Why the texts with these edits are no good; undefined when they are. */
function problemOf(
  configuration: Configuration,
  edits: readonly Edit[],
  unsafe: boolean,
  { reread }: FixOptions,
): string | undefined {
  const { sources, device } = configuration;
  const changed = sources.map((source): Source => ({ path: source.path, text: applyEdits(source, edits) }));
  const after = reread(changed);
  if (after === undefined) return "what it leaves could not be read any more";
  if (worse(configuration, after)) return "what it leaves could not be read as well as before";
  if (unsafe) return undefined;
  return sameFates(device, after.device, movePlaces(sources, changed, edits))
    ? undefined
    : "it is not proved that every packet would meet the same fate";
}

/** Whether something is not understood, or refused by the device, that was all right before. */
function worse(before: Configuration, after: Configuration): boolean {
  const count = ({ diagnostics }: Configuration): number =>
    diagnostics.filter((one) => one.code === "RW6001" || one.code === "RW6004" || one.code === "RW6005").length;
  return count(after) > count(before);
}

function withoutOverlaps(
  edits: readonly Edit[],
  attempts: readonly Attempt[],
): { readonly fitting: readonly Attempt[]; readonly overlapping: readonly Attempt[] } {
  const taken = [...edits];
  const fitting: Attempt[] = [];
  const overlapping: Attempt[] = [];
  for (const attempt of attempts) {
    const clash = attempt.fix.edits.some((edit) => taken.some((one) => overlap(one, edit)));
    if (clash) overlapping.push(attempt);
    else {
      taken.push(...attempt.fix.edits);
      fitting.push(attempt);
    }
  }
  return { fitting, overlapping };
}

/** Two insertions at one place overlap too: their order would be anybody's guess. */
function overlap({ span: a }: Edit, { span: b }: Edit): boolean {
  return a.source === b.source && ((a.start < b.end && b.start < a.end) || (a.start === b.start && a.end === b.end));
}

function sameEdits(a: readonly Edit[], b: readonly Edit[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ span, text }, index) => {
      const other = b[index]!;
      return (
        text === other.text &&
        span.source === other.span.source &&
        span.start === other.span.start &&
        span.end === other.span.end
      );
    })
  );
}
