import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean, hasErrors } from "../diagnostics/index.js";
import type { AnyFeed } from "../feeds/index.js";
import { azureExceptions } from "../jobs/azure-exceptions.js";
import type { Chosen } from "../jobs/chosen.js";
import { makeList } from "../jobs/exception-list.js";
import { office365Exceptions } from "../jobs/office365-exceptions.js";
import { policyExceptions } from "../jobs/policy-exceptions.js";
import type { AddressSet, Family } from "../net/index.js";
import { equalAddresses, noAddress } from "../net/index.js";
import { resolvePolicy } from "../policy/index.js";
import type { Registry } from "../registry.js";
import type { AddressList, AddressListFormat } from "../vendor-kit/address-list.js";
import type { EmittedFile } from "../vendor-kit/vendor.js";
import type { GivenFeedText } from "./feeds.js";
import { readFeed } from "./feeds.js";
import type { GivenFiles, ReadFile } from "./files.js";
import { readerOf } from "./files.js";
import { addressListFormats } from "./list-formats.js";
import { loadPolicyFeeds } from "./policy.js";

/** Where a list of exceptions comes from. */
export type ExceptionsOf =
  | {
      readonly azure: GivenFeedText | AnyFeed;
      /** `Storage.WestEurope`, `Storage.*`. */
      readonly tags?: readonly string[];
      /** Of the services in `tags`, or of Storage. */
      readonly regions?: readonly string[];
    }
  | {
      readonly office365: GivenFeedText | AnyFeed;
      readonly areas?: readonly string[];
      readonly categories?: readonly string[];
      readonly ids?: readonly string[];
      /** `443` (TCP or UDP), `tcp/443`. */
      readonly ports?: readonly string[];
      readonly required?: boolean;
      /** Ports that no endpoint set publishes choose sets all the same. */
      readonly unpublishedPorts?: boolean;
    }
  | {
      readonly policy: string | Source;
      /** The feeds that the policy names, by the paths that it writes, or how to get them. */
      readonly files?: GivenFiles | ReadFile;
      /** One network of the policy; by default all that its exceptions take from feeds. */
      readonly network?: string;
      /** YYYY-MM-DD: exceptions that expired before it give a warning. Without it none is looked for. */
      readonly today?: string;
      /** Feeds to be used in place of those that the policy names, each for all of its kind. */
      readonly feeds?: readonly GivenFeedText[];
    };

export interface ExceptionsOptions {
  /** The name of a format; by default `cidr`. */
  readonly format?: string;
  /** What the list is called where a format needs a name; by default made of what was chosen. */
  readonly name?: string;
  /** By default both. */
  readonly families?: readonly Family[];
  readonly minus?: { readonly addresses: AddressSet; readonly label: string };
  readonly complement?: boolean;
  /** At most so many prefixes of each family, with the fewest addresses too many. */
  readonly maxEntries?: number;
  readonly registry?: Registry;
}

export interface ExceptionsResult {
  readonly ok: boolean;
  /** Absent when there are errors. */
  readonly list?: AddressList;
  /** What `maxEntries` added. */
  readonly widening: AddressSet;
  /** Empty when there are errors. */
  readonly files: readonly EmittedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A list of addresses in the form that a firewall takes, read back before it is given away. */
export async function exceptions(of: ExceptionsOf, options: ExceptionsOptions = {}): Promise<ExceptionsResult> {
  const formats = await addressListFormats(options.registry);
  const format = options.format === undefined ? formats[0] : formats.find((one) => one.name === options.format);
  if (format === undefined) return failed([unknownFormat(options.format!, formats)]);
  if (options.name !== undefined && !/^[a-z][a-z0-9-]{0,62}$/.test(options.name))
    return failed([badName(options.name)]);
  const most = options.maxEntries;
  if (most !== undefined && (!Number.isSafeInteger(most) || most < 1)) {
    return failed([diagnostic("RW1007", `a list of at most ${most} entries cannot be`, { help: "1 or more" })]);
  }

  const chosen = choose(of);
  if (hasErrors(chosen.diagnostics)) return failed(chosen.diagnostics);
  const { name, ...wish } = chosen;
  const made = makeList({ ...wish, ...options, name: options.name ?? name, maxEntries: most });
  const diagnostics = [...chosen.diagnostics, ...made.diagnostics];
  return made.list === undefined ? failed(diagnostics) : written(made.list, made.widening, format, diagnostics);
}

function written(
  list: AddressList,
  widening: AddressSet,
  format: AddressListFormat,
  before: readonly Diagnostic[],
): ExceptionsResult {
  const writing = format.write(list);
  const diagnostics = [...before, ...writing.diagnostics];
  if (!writing.ok) return failed(diagnostics);
  const read = format.read(writing.files);
  if (read === undefined || !equalAddresses(read, list.addresses)) {
    return failed([
      ...diagnostics,
      diagnostic("RW9001", `the list as ${format.name} was read back as other addresses than those that were chosen`, {
        help: "this is a fault of ringwall; please report it",
      }),
    ]);
  }
  return { ok: true, list, widening, files: writing.files, diagnostics };
}

function failed(diagnostics: readonly Diagnostic[]): ExceptionsResult {
  return { ok: false, widening: noAddress, files: [], diagnostics };
}

function choose(of: ExceptionsOf): Chosen {
  if ("policy" in of) return chooseFromPolicy(of);
  const reading = "azure" in of ? feedOf(of.azure) : feedOf(of.office365);
  if (!reading.ok) return nothing([reading.problem]);
  const { feed } = reading;
  if ("azure" in of) {
    const { tags = [], regions = [] } = of;
    return feed.kind === "azure" ? azureExceptions(feed, { tags, regions }) : nothing([otherKind(feed, "azure")]);
  }
  const { areas = [], categories = [], ids = [], ports = [], required = false, unpublishedPorts = false } = of;
  return feed.kind === "office365"
    ? office365Exceptions(feed, { areas, categories, ids, ports, required, unpublishedPorts })
    : nothing([otherKind(feed, "office365")]);
}

function chooseFromPolicy(of: Extract<ExceptionsOf, { policy: string | Source }>): Chosen {
  const source = typeof of.policy === "string" ? { path: "policy.yaml", text: of.policy } : of.policy;
  const readFile = typeof of.files === "function" ? of.files : readerOf(of.files ?? {});
  const given = (of.feeds ?? []).map((text) => readFeed(text));
  const wrong = given.flatMap((one) => (one.ok ? [] : [one.problem]));
  if (wrong.length > 0) return nothing(wrong);
  const instead = given.flatMap((one) => (one.ok ? [one.feed] : []));
  const { document, feeds, diagnostics } = loadPolicyFeeds(source, readFile, instead);
  if (document === undefined || hasErrors(diagnostics)) return nothing(diagnostics);
  const { diagnostics: said } = resolvePolicy(document, { feeds, ...(of.today !== undefined && { today: of.today }) });
  const chosen = policyExceptions(document, feeds, of.network);
  const fresh = chosen.diagnostics.filter((one) => !said.some((other) => other.message === one.message));
  return { ...chosen, diagnostics: [...diagnostics, ...said, ...fresh] };
}

function feedOf(given: GivenFeedText | AnyFeed): ReturnType<typeof readFeed> {
  return typeof given === "object" && "kind" in given ? { ok: true, feed: given } : readFeed(given);
}

function nothing(diagnostics: readonly Diagnostic[]): Chosen {
  return { description: "", name: "list", origin: [], parts: [], diagnostics };
}

function otherKind(feed: AnyFeed, wanted: AnyFeed["kind"]): Diagnostic {
  const titles = { azure: "Azure service tags", office365: "Office 365 endpoints" };
  return diagnostic("RW5001", `${feed.source.path} has ${titles[feed.kind]}, not ${titles[wanted]}`, {
    help: `ringwall exceptions ${feed.kind} takes this feed`,
  });
}

function unknownFormat(name: string, formats: readonly AddressListFormat[]): Diagnostic {
  const names = formats.map((format) => format.name);
  return diagnostic("RW1007", `there is no format "${name}"${didYouMean(name, names)}`, {
    help: `the formats are ${names.join(", ")}`,
  });
}

function badName(name: string): Diagnostic {
  return diagnostic("RW1007", `a list cannot be called "${name}"`, {
    help: "a name has lower-case letters, digits and hyphens, begins with a letter, and has at most 63 characters",
  });
}
