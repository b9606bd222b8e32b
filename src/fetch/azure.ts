import type { FeedText, Hosts } from "../feeds/index.js";
import { azureArrival, linkOnPage, plainAddress } from "../feeds/index.js";
import type { ArrivedFile, Fetched, HeldFeed } from "./feed.js";
import { failure, isPage, limits, notFetched, textOf } from "./feed.js";
import type { Answer, Web } from "./web.js";

export interface AzureAsk {
  /** As the file writes it. */
  readonly cloud: string;
  /** A page with a link to the file, or the file. */
  readonly from: URL;
  readonly hosts: Hosts;
  readonly held: HeldFeed | undefined;
}

/** The newest service-tag file of a cloud: from a page by its link, or from the file's own address. */
export async function fetchAzure(web: Web, ask: AzureAsk): Promise<Fetched> {
  const what = `the service-tag file of Azure ${ask.cloud}`;
  const first = await askFor(web, ask, ask.from);
  if (first.kind !== "body") return ended(what, first, ask);
  if (!isPage(first)) return arrivedAs(what, first, ask);

  const link = linkOnPage(first.bytes.toString("utf8"), first.url, ask.cloud, ask.hosts);
  if (!link.ok) return failure(what, `${plainAddress(first.url)}: ${link.why}`, pageHelp);
  const second = await askFor(web, ask, link.url);
  return second.kind === "body" ? arrivedAs(what, second, ask) : ended(what, second, ask);
}

const pageHelp =
  "nothing was replaced; the page may have been rebuilt: open it, and give the address of its file with --url, or the file with --file";

function askFor(web: Web, { hosts, held, from }: AzureAsk, url: URL): Promise<Answer> {
  const etag = held?.source === plainAddress(url) ? held.etag : undefined;
  const isMicrosoftsPage = hosts.kind === "microsoft" && url === from;
  // A link that leads from somebody's page to Microsoft is asked under Microsoft's rule.
  const rule: Hosts = hosts.kind === "given" && url.hostname !== hosts.host ? { kind: "microsoft" } : hosts;
  return web.get({ url, hosts: rule, etag, maxBytes: isMicrosoftsPage ? limits.page : limits.file });
}

function ended(what: string, answer: Exclude<Answer, { kind: "body" }>, { held }: AzureAsk): Fetched {
  return answer.kind === "unchanged" && held !== undefined
    ? { kind: "current", version: held.version }
    : notFetched(what, answer);
}

function arrivedAs(what: string, answer: Extract<Answer, { kind: "body" }>, ask: AzureAsk): Fetched {
  const text = textOf(what, answer);
  if ("kind" in text) return text;
  return arrivedAzure(text, ask.cloud, {
    source: plainAddress(answer.url),
    ...(answer.etag !== undefined && { etag: answer.etag }),
  });
}

/** Of a text that was fetched or given. */
export function arrivedAzure(text: FeedText, cloud: string, origin: Pick<ArrivedFile, "source" | "etag">): Fetched {
  const arrival = azureArrival(text, cloud);
  if (!arrival.ok) return { kind: "failed", diagnostic: arrival.diagnostic };
  const { version, prefixes } = arrival;
  return {
    kind: "arrived",
    feed: { version, prefixes, file: { text: text.source.text, sha256: text.sha256, ...origin } },
  };
}
