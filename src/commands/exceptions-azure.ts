import type { Command } from "./command.js";
import { exceptionsOptions, formatsParagraph } from "./exceptions-options.js";
import { refuse, runExceptions } from "./exceptions-run.js";
import { feedOption, readFeeds } from "./feed-files.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "exceptions azure",
  summary: summaries["exceptions azure"],
  description: `Prints the addresses of Azure service tags as the fewest prefixes that are exactly they, in the form that a firewall
    takes. Warnings go to standard error: a whole cloud, storage that all customers share, and how many addresses
    --max-entries opens that nobody chose.

    ${formatsParagraph}`,
  positionals: [],
  options: [
    {
      name: "tag",
      kind: "list",
      value: "TAG",
      about: "the service tags, such as Storage.WestEurope; Storage.* is every tag that begins so",
    },
    {
      name: "region",
      kind: "list",
      value: "REGION",
      about: "the regions of the services that --tag names, or of Storage; WestEurope is Storage.WestEurope",
    },
    feedOption,
    ...exceptionsOptions,
  ],
  examples: [
    { line: "ringwall exceptions azure --tag Storage.WestEurope", about: "a prefix a line" },
    {
      line: "ringwall exceptions azure --region WestEurope,NorthEurope \\\n--format csv --out storage.csv",
      about: "Azure Files of two regions, as a table for a change board",
    },
    {
      line: "ringwall exceptions azure --tag Storage.WestEurope --max-entries 20",
      about: "for a device that holds few entries",
    },
  ],
  run(given, io) {
    const word = given.text("feed");
    const reading = readFeeds(word === undefined ? [] : [word], "azure", io);
    if (!reading.ok) return Promise.resolve(refuse(reading.diagnostics, given, io));
    return runExceptions(
      { azure: reading.feeds[0]!, tags: given.list("tag"), regions: given.list("region") },
      given,
      io,
    );
  },
};
