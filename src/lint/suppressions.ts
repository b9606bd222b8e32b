import type { Code, Span } from "../diagnostics/index.js";
import { codes, didYouMean } from "../diagnostics/index.js";
import { codeNamed, findingNames } from "../jobs/repository-settings.js";
import { isDate } from "../policy/index.js";
import type { Comment } from "../vendor-kit/inventory.js";
import type { Finding } from "./finding.js";
import { aboutNoPackets } from "./finding.js";
import { suppressionRules } from "./suppression-rules.js";

/**
 * A comment that asks to leave findings alone, in the comment syntax of its vendor:
 *
 * ```
 * # ringwall: ignore[RW4038, shadowed-rule] until=2027-01-31 CHG-1234: the old printers
 * # ringwall: ignore-file[missing-log] this box cannot log
 * ```
 *
 * It speaks of the rule or definition on its line, else of the next one; with `ignore-file` of its whole file.
 */
export interface Suppression {
  readonly codes: readonly Code[];
  readonly reason: string;
  /** YYYY-MM-DD, the last day on which it holds. */
  readonly until?: string;
  readonly wholeFile: boolean;
  readonly span: Span;
  readonly about: Span;
}

export interface SuppressionReading {
  readonly suppressions: readonly Suppression[];
  /** RW4051: those that cannot be read, and suppress nothing. */
  readonly problems: readonly Finding[];
}

/** What the suppressions of a device do to its findings on a day. */
export interface Suppressed {
  /** Each finding with the suppression that covers it, and RW4050, RW4051 and RW4052 behind them. */
  readonly findings: readonly { readonly finding: Finding; readonly by?: Suppression }[];
}

export interface SuppressOptions {
  /** YYYY-MM-DD; without it no suppression is past its date. */
  readonly today?: string;
  /** How much the rules about suppressions weigh, and which rules are off: a suppression of these is not unused. */
  severityOf(code: Code): Finding["severity"] | "off";
  /** True where only a part of the questions was asked, so that a suppression without effect proves nothing. */
  readonly partly?: boolean;
}

/** Puts the suppressions in a device's comments into effect. */
export function suppress(
  findings: readonly Finding[],
  comments: readonly Comment[],
  options: SuppressOptions,
): Suppressed {
  const { suppressions, problems } = readSuppressions(comments);
  const expired = (one: Suppression): boolean =>
    one.until !== undefined && options.today !== undefined && one.until < options.today;
  const inForce = suppressions.filter((one) => !expired(one));
  const used = new Set<Suppression>();
  const judged = findings.map((finding) => {
    const by = inForce.find((one) => covers(one, finding));
    if (by === undefined) return { finding };
    used.add(by);
    return { finding, by };
  });
  const unused = options.partly
    ? []
    : inForce.filter((one) => !used.has(one) && one.codes.every((code) => options.severityOf(code) !== "off"));
  const own = [...problems, ...unused.map(unusedFinding), ...suppressions.filter(expired).map(expiredFinding)];
  const weighed = own.flatMap((finding) => {
    const severity = options.severityOf(finding.code);
    return severity === "off" ? [] : [{ finding: { ...finding, severity } }];
  });
  return { findings: [...judged, ...weighed] };
}

/** The suppressions among a device's comments. */
export function readSuppressions(comments: readonly Comment[]): SuppressionReading {
  const suppressions: Suppression[] = [];
  const problems: Finding[] = [];
  for (const comment of comments) {
    const read = readSuppression(comment);
    if (read === undefined) continue;
    if ("message" in read) problems.push(read);
    else suppressions.push(read);
  }
  return { suppressions, problems };
}

const form = /\bringwall:\s*([\w-]+)\s*(\[([^\]]*)(\])?)?(.*)/is;

/** Other words behind `ringwall:` are somebody's own: our outputs mark what is theirs so, with the names of rules. */
function readSuppression(comment: Comment): Suppression | Finding | undefined {
  const [, verb = "", bracket, list = "", closed, rest = ""] = form.exec(comment.text) ?? [];
  const word = verb.toLowerCase();
  if (word !== "ignore" && word !== "ignore-file") {
    const near = bracket === undefined ? "" : didYouMean(word, ["ignore", "ignore-file"]);
    return near === "" ? undefined : malformed(comment, `"ringwall: ${verb}" means nothing${near}`);
  }
  if (bracket === undefined) {
    return /^\s*RW\d/i.test(rest) ? malformed(comment, "the rules to ignore have to stand in brackets") : undefined;
  }
  if (closed === undefined) return malformed(comment, "the bracket behind it is not closed");
  const named = list
    .split(/[\s,]+/)
    .filter((one) => one !== "")
    .map((one) => ({ word: one, code: codeOf(one) }));
  if (named.length === 0) return malformed(comment, "it does not say which rules to ignore");
  const wrong = named.find(({ code }) => code === undefined || !isSuppressible(code));
  if (wrong !== undefined) {
    return malformed(
      comment,
      wrong.code === undefined
        ? `there is no rule "${wrong.word}"${didYouMean(wrong.word, findingNames())}`
        : `${wrong.word} cannot be ignored`,
    );
  }
  const [, date] = /(?:^|\s)until=(\S*)/i.exec(rest) ?? [];
  if (date !== undefined && !isDate(date)) {
    return malformed(comment, `"until=${date}" is no day of the calendar, as YYYY-MM-DD`);
  }
  const reason = rest
    .replace(/(^|\s)until=\S*/i, "$1")
    .replace(/\s+/g, " ")
    .replace(/^[\s:,-]+/, "")
    .trim();
  if (!/[\p{L}\p{N}]/u.test(reason)) return malformed(comment, "it gives no reason");
  return {
    codes: named.map(({ code }) => code!),
    reason,
    ...(date !== undefined && { until: date }),
    wholeFile: word === "ignore-file",
    span: comment.span,
    about: comment.about,
  };
}

function codeOf(word: string): Code | undefined {
  return codeNamed(word) ?? codeNamed(word.toUpperCase()) ?? codeNamed(word.toLowerCase());
}

function isSuppressible(code: Code): boolean {
  return /^RW[46]/.test(code) && !suppressionRules.some((rule) => rule.code === code);
}

function covers({ codes: of, wholeFile, about }: Suppression, { code, file, primary }: Finding): boolean {
  if (!of.includes(code)) return false;
  if (wholeFile) return (primary?.source.path ?? file) === about.source.path;
  return primary !== undefined && primary.source === about.source && overlap(primary, about);
}

/** An empty span lies in what it touches. */
function overlap(a: Span, b: Span): boolean {
  const [from, to] = [Math.max(a.start, b.start), Math.min(a.end, b.end)];
  return from < to || (from === to && (a.start === a.end || b.start === b.end));
}

function malformed(comment: Comment, why: string): Finding {
  return about("RW4051", comment.span, {
    message: `this suppression is not in force: ${why}`,
    help: "write ringwall: ignore[RW4038] and the reason; until=YYYY-MM-DD in front of it where it is to end",
    identity: comment.text.trim(),
  });
}

function unusedFinding({ codes: of, span, wholeFile }: Suppression): Finding {
  const names = of.map((code) => `${code} (${codes[code].name})`).join(", ");
  return about("RW4050", span, {
    message: `nothing is found here that this would suppress: ${names}${wholeFile ? " in the whole file" : ""}`,
    help: "remove it, so that it does not hide what comes later",
    identity: of.join(","),
  });
}

function expiredFinding({ codes: of, span, until, reason }: Suppression): Finding {
  return about("RW4052", span, {
    message: `this suppression ended on ${until}: what it hid is reported again (${reason})`,
    help: "mend what it hides, or give it another date",
    identity: `${of.join(",")} ${until}`,
  });
}

function about(
  code: "RW4050" | "RW4051" | "RW4052",
  primary: Span,
  words: Pick<Finding, "message" | "identity"> & { readonly help: string },
): Finding {
  return {
    code,
    severity: codes[code].severity,
    ...words,
    file: primary.source.path,
    primary,
    ...aboutNoPackets,
  };
}
