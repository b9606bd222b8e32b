import type { Diagnostic } from "../diagnostics/index.js";
import { hasErrors } from "../diagnostics/index.js";
import { differentKinds, pairWarnings } from "../jobs/feed-pair.js";
import { concernsPolicy, diffForPolicy } from "../jobs/policy-feed-diff.js";
import { diffFeeds } from "../library/feeds.js";
import { loadPolicyFeeds } from "../library/policy.js";
import type { FeedsDiffReport, Style } from "../report/index.js";
import {
  feedsDiffMarkdown,
  feedsDiffText,
  feedsDiffer,
  jsonDiagnostic,
  jsonFeedsDiff,
  renderDiagnostics,
  style,
} from "../report/index.js";
import type { AnyFeed } from "../feeds/index.js";
import type { Command, Given } from "./command.js";
import { changesBeside, readFeeds } from "./feed-files.js";
import { filterOf, filterOptions } from "./feeds-options.js";
import { formatOf, formatProblem, giveOut, jsonText, outputOptions } from "./feeds-output.js";
import { readTextFile, readerBeside } from "./files.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "feeds diff",
  summary: summaries["feeds diff"],
  description: `Compares two versions of a feed, in addresses: an address that only stands in another prefix than before has not
    changed. Shown are new and vanished tags, what each tag and region gained and lost, and addresses that moved from one
    tag to another; of Office 365 endpoint sets also ports, host names and the days from which additions count, where the
    changes feed is given or locked. Counts are of addresses, with the fewest prefixes in brackets.

    With --policy it says what of that the policy uses, with all that the policy cuts out. --exit-code then asks about
    that alone: it ends with 1 when something changed that the policy uses.`,
  positionals: [
    { name: "old", about: "the older file, or the name of a feed in the lock", required: true, complete: "file" },
    { name: "new", about: "the newer one", required: true, complete: "file" },
  ],
  options: [
    ...filterOptions,
    { name: "policy", kind: "text", value: "FILE", about: "say what of it this policy uses" },
    {
      name: "changes",
      kind: "text",
      value: "FILE",
      about: "the answer of Office 365's changes service, for the dates",
    },
    { name: "exit-code", kind: "flag", about: "end with 1 when something differs, or with --policy when it uses that" },
    ...outputOptions(["text", "json", "markdown"], "feeds-diff-report"),
  ],
  examples: [
    { line: "ringwall feeds diff old.json new.json", about: "what a new version brings" },
    { line: 'ringwall feeds diff old.json new.json --tag "Storage.*"', about: "of storage alone" },
    {
      line: "ringwall feeds diff old.json new.json --policy policy.yaml \\\n--exit-code --format markdown",
      about: "in CI: does it concern us? as a text for the pull request",
    },
  ],
  run: (given, io) => Promise.resolve(runDiff(given, io)),
};

function runDiff(given: Given, io: Io): ExitCode {
  const usage = formatProblem(given);
  if (usage !== undefined) return refuse([usage], given, io);
  const reading = readFeeds(given.positionals, undefined, io);
  if (!reading.ok) return refuse(reading.diagnostics, given, io);
  const [from, to] = reading.feeds as readonly [AnyFeed, AnyFeed];
  if (from.kind !== to.kind) return refuse([differentKinds(from, to)], given, io);

  const path = given.text("changes");
  const read = path === undefined ? undefined : readTextFile(path, { from: io.cwd });
  if (read?.ok === false) return refuse([read.diagnostic], given, io);
  const changes = read ?? changesBeside(to, reading.lock, io);
  const answer = diffFeeds(from, to, { ...filterOf(given), ...(changes !== undefined && { changes }) });
  if (answer.difference === undefined || hasErrors(answer.diagnostics)) return refuse(answer.diagnostics, given, io);

  const policy = policyDiff(given, io, from, to);
  if ("refused" in policy) return refuse(policy.refused, given, io);
  const diagnostics = [...pairWarnings(from, to), ...(policy.of?.broken ?? [])];
  const report: FeedsDiffReport = {
    difference: answer.difference,
    ...(policy.of !== undefined && { policy: { name: given.text("policy")!, ...policy.of } }),
    diagnostics,
  };
  const failed = giveOut((style) => render(report, formatOf(given), style), given, io);
  if (failed !== undefined) return refuse([failed], given, io);
  if (formatOf(given) !== "json" && diagnostics.length > 0) {
    io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  }
  if (!given.flag("exit-code")) return exitCodes.done;
  const concerns = policy.of === undefined ? feedsDiffer(answer.difference) : concernsPolicy(policy.of);
  return concerns ? exitCodes.findings : exitCodes.done;
}

function policyDiff(
  given: Given,
  io: Io,
  from: AnyFeed,
  to: AnyFeed,
): { readonly of?: ReturnType<typeof diffForPolicy> } | { readonly refused: readonly Diagnostic[] } {
  const path = given.text("policy");
  if (path === undefined) return {};
  const reading = readTextFile(path, { from: io.cwd });
  if (!reading.ok) return { refused: [reading.diagnostic] };
  const { document, feeds, diagnostics } = loadPolicyFeeds(reading.source, readerBeside(path, io.cwd));
  // A feed that the policy names and that is not there is given by the two versions.
  const serious = diagnostics.filter(({ severity, code }) => severity === "error" && !feedProblems.includes(code));
  if (document === undefined || serious.length > 0) return { refused: document === undefined ? diagnostics : serious };
  const of = diffForPolicy(document, feeds, from, to);
  return hasErrors(of.diagnostics) ? { refused: of.diagnostics } : { of };
}

/** Of reading the policy's own feeds: missing, or not what the lock says, as after an update. */
const feedProblems: readonly string[] = ["RW1003", "RW5006", "RW5007"];

function render(report: FeedsDiffReport, format: string, style: Style): string {
  switch (format) {
    case "json":
      return jsonText(jsonFeedsDiff(report));
    case "markdown":
      return feedsDiffMarkdown(report);
    default:
      return feedsDiffText(report, style);
  }
}

function refuse(diagnostics: readonly Diagnostic[], given: Given, io: Io): ExitCode {
  if (formatOf(given) === "json") {
    io.stdout.write(jsonText({ diagnostics: diagnostics.map(jsonDiagnostic) }));
  } else {
    io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  }
  return exitCodes.usage;
}
