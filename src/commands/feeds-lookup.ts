import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { FeedQueries } from "../jobs/feed-queries.js";
import { queriesOfText, queriesOfWords } from "../jobs/feed-queries.js";
import { feedLookup } from "../library/feeds.js";
import { feedsLookupCsv, feedsLookupText, jsonFeedsLookup, renderSome, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import { feedsOption, readFeeds } from "./feed-files.js";
import { formatOf, formatProblem, giveOut, jsonText, outputOptions } from "./feeds-output.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "feeds lookup",
  summary: summaries["feeds lookup"],
  description: `Says which service tags and endpoint sets hold an address or a whole prefix, most specific first: by the longest
    prefix that is published, then by size. Without addresses, or with -, the first word of each line of standard input is
    looked up, thousands if need be. An address that is in no feed is an answer, not an error.`,
  positionals: [
    {
      name: "address",
      about: "addresses and prefixes; - reads them from standard input",
      required: false,
      many: true,
      complete: [],
    },
  ],
  options: [feedsOption, ...outputOptions(["text", "json", "csv"], "feeds-lookup-report")],
  examples: [
    { line: "ringwall feeds lookup 20.60.26.4 2603:1030::/40", about: "whose addresses are these?" },
    { line: "ringwall feeds lookup --format csv - > held.csv", about: "a list of addresses from a pipe" },
  ],
  run: (given, io) => lookup(given, io),
};

async function lookup(given: Given, io: Io): Promise<ExitCode> {
  const usage = formatProblem(given);
  if (usage !== undefined) return refuse([usage], given, io);
  const wanted = await queriesOf(given.positionals, io);
  if (wanted.queries.length === 0) return refuse([...wanted.diagnostics, ...nothingAsked(wanted)], given, io);
  const reading = readFeeds(given.list("feed"), undefined, io);
  if (!reading.ok) return refuse([...wanted.diagnostics, ...reading.diagnostics], given, io);

  const index = feedLookup(reading.feeds);
  const answers = wanted.queries.map((query) => ({ query, found: index.find(query.prefix)! }));
  const format = formatOf(given);
  const failed = giveOut(
    (style) => {
      switch (format) {
        case "json":
          return jsonText(jsonFeedsLookup(reading.feeds, answers, wanted.diagnostics));
        case "csv":
          return feedsLookupCsv(reading.feeds, answers);
        default:
          return feedsLookupText(reading.feeds, answers, style);
      }
    },
    given,
    io,
  );
  if (failed !== undefined) return refuse([...wanted.diagnostics, failed], given, io);
  if (format !== "json" && wanted.diagnostics.length > 0) {
    io.stderr.write(renderSome(wanted.diagnostics, 20, style(io.stderr.colour)));
  }
  return hasErrors(wanted.diagnostics) ? exitCodes.usage : exitCodes.done;
}

async function queriesOf(words: readonly string[], io: Io): Promise<FeedQueries> {
  const fromInput = words.length === 0 || words.includes("-");
  const given = queriesOfWords(words.filter((word) => word !== "-"));
  if (!fromInput) return given;
  const input = await io.stdin?.();
  if (input === undefined) return given;
  const piped = queriesOfText({ path: "standard input", text: input.toString("utf8") });
  return {
    queries: [...given.queries, ...piped.queries],
    diagnostics: [...given.diagnostics, ...piped.diagnostics],
  };
}

function nothingAsked({ diagnostics }: FeedQueries): Diagnostic[] {
  if (diagnostics.length > 0) return [];
  return [
    diagnostic("RW1007", "there is nothing to look up", {
      help: "write addresses or prefixes behind the command, or pipe them in, one a line",
    }),
  ];
}

function refuse(diagnostics: readonly Diagnostic[], given: Given, io: Io): ExitCode {
  if (formatOf(given) === "json") io.stdout.write(jsonText(jsonFeedsLookup([], [], diagnostics)));
  else io.stderr.write(renderSome(diagnostics, 20, style(io.stderr.colour)));
  return exitCodes.usage;
}
