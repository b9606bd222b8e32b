import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import { feedOverview } from "../jobs/feed-overview.js";
import { feedsShowCsv, feedsShowText, jsonFeedsShow, renderDiagnostics, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import { familiesOf } from "./families.js";
import { feedsOption, readFeeds } from "./feed-files.js";
import { filterOf, filterOptions, speaksOf } from "./feeds-options.js";
import { formatOf, formatProblem, giveOut, jsonText, outputOptions } from "./feeds-output.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "feeds show",
  summary: summaries["feeds show"],
  description: `Shows what is in a feed: service tags, services and regions of Azure, endpoint sets of Office 365, with the number of
    prefixes as they are published, of the fewest that are the same, and of addresses.`,
  positionals: [],
  options: [
    feedsOption,
    ...filterOptions,
    { name: "family", kind: "text", value: "FAMILY", choices: ["4", "6", "both"], about: "by default both" },
    {
      name: "by",
      kind: "text",
      value: "WHAT",
      choices: ["tag", "service", "region"],
      about: "what a row is; by default a service, or a tag where --tag, --region or --service choose some",
    },
    ...outputOptions(["text", "json", "csv"], "feeds-show-report"),
  ],
  examples: [
    { line: "ringwall feeds show", about: "the services in the feeds of the lock" },
    { line: 'ringwall feeds show --tag "Storage.*" --family 4', about: "the storage of each region" },
    { line: "ringwall feeds show --region westeurope --format csv", about: "all tags of a region, as a table" },
  ],
  run: (given, io) => Promise.resolve(show(given, io)),
};

function show(given: Given, io: Io): ExitCode {
  const usage = formatProblem(given);
  if (usage !== undefined) return refuse([usage], given, io);
  const reading = readFeeds(given.list("feed"), undefined, io);
  if (!reading.ok) return refuse(reading.diagnostics, given, io);
  const filter = filterOf(given);
  const narrowed = speaksOf(filter, "azure");
  const by = (given.text("by") ?? (narrowed ? "tag" : "service")) as "tag" | "service" | "region";
  // Of several feeds, those are meant that the words speak of.
  const meant = reading.feeds.filter(({ kind }) => !speaksOf(filter, kind === "azure" ? "office365" : "azure"));
  const feeds = meant.length === 0 ? reading.feeds : meant;
  const overviews = feeds.map((feed) => feedOverview(feed, filter, by));
  const diagnostics = overviews.flatMap((one) => one.diagnostics);
  if (hasErrors(diagnostics)) return refuse(diagnostics, given, io);

  const format = formatOf(given);
  if (format === "csv" && new Set(overviews.map((one) => one.by)).size > 1) return refuse([severalKinds()], given, io);
  const families = familiesOf(given);
  const failed = giveOut(
    (style) => {
      switch (format) {
        case "json":
          return jsonText(jsonFeedsShow(overviews, families, diagnostics));
        case "csv":
          return feedsShowCsv(overviews, families);
        default:
          return feedsShowText(overviews, families, style);
      }
    },
    given,
    io,
  );
  return failed === undefined ? exitCodes.done : refuse([failed], given, io);
}

function refuse(diagnostics: readonly Diagnostic[], given: Given, io: Io): ExitCode {
  if (formatOf(given) === "json") io.stdout.write(jsonText(jsonFeedsShow([], [], diagnostics)));
  else io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}

function severalKinds(): Diagnostic {
  return diagnostic("RW1007", "the feeds of Azure and Office 365 have different columns, which one table cannot have", {
    help: "name one of them with --feed",
  });
}
