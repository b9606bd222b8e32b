import type { Command } from "./command.js";
import { exceptionsOptions, formatsParagraph } from "./exceptions-options.js";
import { refuse, runExceptions } from "./exceptions-run.js";
import { feedOption, readFeeds } from "./feed-files.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "exceptions office365",
  summary: summaries["exceptions office365"],
  description: `Prints the addresses of Office 365 endpoint sets as the fewest prefixes that are exactly they, in the form that a
    firewall takes. A set must meet every option that is given, and within an option any of its words; without options it
    is all of Office 365. Sets that publish host names only have no addresses.

    No endpoint set publishes TCP 445. A port that none publishes is an error, which says how many addresses it would open;
    --unpublished-ports opens them all the same.

    ${formatsParagraph}`,
  positionals: [],
  options: [
    { name: "area", kind: "list", value: "AREA", about: "service areas: Exchange, SharePoint, Skype, Common" },
    { name: "category", kind: "list", value: "CATEGORY", about: "Optimize, Allow, Default" },
    { name: "port", kind: "list", value: "PORT", about: "sets that publish one of these: 443, tcp/443, udp/3478" },
    { name: "id", kind: "list", value: "ID", about: "the numbers of endpoint sets" },
    { name: "required", kind: "flag", about: "only sets that every customer needs" },
    { name: "unpublished-ports", kind: "flag", about: "take the sets also for ports that none of them publishes" },
    feedOption,
    ...exceptionsOptions,
  ],
  examples: [
    { line: "ringwall exceptions office365 --category Optimize --port 443", about: "what should not be inspected" },
    {
      line: "ringwall exceptions office365 --area Skype --format edl --out teams.txt",
      about: "a text for firewalls that poll a URL",
    },
  ],
  run(given, io) {
    const word = given.text("feed");
    const reading = readFeeds(word === undefined ? [] : [word], "office365", io);
    if (!reading.ok) return Promise.resolve(refuse(reading.diagnostics, given, io));
    const of = {
      office365: reading.feeds[0]!,
      areas: given.list("area"),
      categories: given.list("category"),
      ports: given.list("port"),
      ids: given.list("id"),
      required: given.flag("required"),
      unpublishedPorts: given.flag("unpublished-ports"),
    };
    return runExceptions(of, given, io);
  },
};
