import type { Command } from "./command.js";
import { exceptionsOptions, formatsParagraph } from "./exceptions-options.js";
import { refuse, runExceptions } from "./exceptions-run.js";
import { feedsOption, readFeeds } from "./feed-files.js";
import { readTextFile, readerBeside } from "./files.js";
import { summaries } from "./summaries.js";

export const command: Command = {
  name: "exceptions",
  summary: summaries.exceptions,
  description: `Prints the addresses that a policy's exceptions take from feeds, or those of one of its networks, as the fewest
    prefixes that are exactly they, in the form that a firewall takes. Other lists need no policy: see the commands below.

    ${formatsParagraph}`,
  positionals: [{ name: "policy", about: "the policy, YAML or JSON", required: true, complete: "file" }],
  options: [
    { name: "network", kind: "text", value: "NAME", about: "this network of the policy" },
    {
      ...feedsOption,
      about: "use these files, or feeds of these names in the lock, in place of those that the policy names",
    },
    ...exceptionsOptions,
  ],
  examples: [
    { line: "ringwall exceptions policy.yaml", about: "all that its exceptions take from feeds" },
    {
      line: "ringwall exceptions policy.yaml --network azure-files --format edl",
      about: "one network, for firewalls that poll a URL",
    },
  ],
  run(given, io) {
    const path = given.positionals[0]!;
    const reading = readTextFile(path, { from: io.cwd });
    if (!reading.ok) return Promise.resolve(refuse([reading.diagnostic], given, io));
    const words = given.list("feed");
    const feeds = words.length === 0 ? undefined : readFeeds(words, undefined, io);
    if (feeds?.ok === false) return Promise.resolve(refuse(feeds.diagnostics, given, io));
    const network = given.text("network");
    const of = {
      policy: reading.source,
      files: readerBeside(path, io.cwd),
      today: io.now().toISOString().slice(0, 10),
      ...(network !== undefined && { network }),
      ...(feeds?.ok === true && { feeds: feeds.feeds }),
    };
    return runExceptions(of, given, io);
  },
};
