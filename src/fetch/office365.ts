import type { FeedText, Hosts } from "../feeds/index.js";
import {
  changesProblem,
  latestVersion,
  office365Address,
  office365Arrival,
  office365File,
  office365Version,
  plainAddress,
  replacementOf,
} from "../feeds/index.js";
import type { ArrivedFeed, ArrivedFile, Fetched, HeldFeed } from "./feed.js";
import { failure, feedText, limits, notFetched, textOf } from "./feed.js";
import type { Web } from "./web.js";

export interface Office365Ask {
  /** The feed's name in the lock, for messages. */
  readonly name: string;
  readonly instance: string;
  /** The web service, or a mirror of it, or the address of one file (`….json`) with the endpoints. */
  readonly from: URL;
  readonly hosts: Hosts;
  /** The GUID of this machine. */
  readonly client: string;
  /** The newest version, when the service was asked within the hour. */
  readonly known: string | undefined;
  readonly held: HeldFeed | undefined;
  readonly allowOlder: boolean;
}

/** What the service said, so that it is not asked again too soon. */
export type Office365Fetched = Fetched & { readonly latest?: string };

/**
 * The endpoints of an instance. Its version is asked for first, and only when it is not the held one, the endpoints and
 * the changes are.
 */
export async function fetchOffice365(web: Web, ask: Office365Ask): Promise<Office365Fetched> {
  if (ask.from.pathname.endsWith(".json")) return fetchFile(web, ask);
  const what = `the endpoints of Office 365 ${ask.instance}`;
  const latest = ask.known ?? (await askVersion(web, ask));
  if (typeof latest !== "string") return latest;
  if (ask.held?.version === latest) return { kind: "current", version: latest, latest };
  if (ask.held !== undefined) {
    const replacement = replacementOf(ask.name, ask.held, { version: latest, sha256: "" }, ask);
    if (replacement.kind === "refused") return { kind: "failed", diagnostic: replacement.diagnostic, latest };
  }

  const endpoints = await askFor(web, ask, what, "endpoints");
  if ("kind" in endpoints) return { ...endpoints, latest };
  const changes = await askFor(web, ask, `the changes of Office 365 ${ask.instance}`, "changes");
  if ("kind" in changes) return { ...changes, latest };
  const problem = changesProblem(changes.text);
  if (problem !== undefined) return { kind: "failed", diagnostic: problem, latest };
  const arrived = arrivedOffice365(endpoints.text, latest, ask.instance, endpoints.origin);
  return arrived.kind === "arrived"
    ? {
        kind: "arrived",
        feed: {
          ...arrived.feed,
          changes: { text: changes.text.source.text, sha256: changes.text.sha256, ...changes.origin },
        },
        latest,
      }
    : { ...arrived, latest };
}

async function askVersion(web: Web, { instance, from, hosts, client }: Office365Ask): Promise<string | Fetched> {
  const what = `the version of Office 365 ${instance}`;
  const url = office365Address(from.href, "version", instance, client);
  const answer = await web.get({ url, hosts, maxBytes: limits.answer });
  if (answer.kind !== "body") return notFetched(what, answer);
  const text = textOf(what, answer);
  if ("kind" in text) return text;
  const latest = latestVersion(text.source.text, instance);
  return typeof latest === "string" ? failure(what, `${text.source.path}: ${latest}`) : latest.version;
}

interface Served {
  readonly text: FeedText;
  readonly origin: Pick<ArrivedFile, "source" | "etag">;
}

async function askFor(
  web: Web,
  { instance, from, hosts, client }: Office365Ask,
  what: string,
  method: "endpoints" | "changes",
): Promise<Served | Extract<Fetched, { kind: "failed" }>> {
  const answer = await web.get({
    url: office365Address(from.href, method, instance, client),
    hosts,
    maxBytes: limits.file,
  });
  if (answer.kind !== "body") return notFetched(what, answer);
  const text = textOf(what, answer);
  return "kind" in text ? text : { text, origin: { source: plainAddress(answer.url) } };
}

async function fetchFile(web: Web, { instance, from, hosts, held }: Office365Ask): Promise<Fetched> {
  const what = `the endpoints of Office 365 ${instance}`;
  const etag = held?.source === plainAddress(from) ? held.etag : undefined;
  const answer = await web.get({ url: from, hosts, maxBytes: limits.file, etag });
  if (answer.kind === "unchanged" && held !== undefined) return { kind: "current", version: held.version };
  if (answer.kind !== "body") return notFetched(what, answer);
  const text = textOf(what, answer);
  if ("kind" in text) return text;
  return arrivedOffice365(text, undefined, instance, {
    source: plainAddress(answer.url),
    ...(answer.etag !== undefined && { etag: answer.etag }),
  });
}

/** Of a text that was fetched or given. Without `version` the text or its name has to say it. */
export function arrivedOffice365(
  text: FeedText,
  version: string | undefined,
  instance: string,
  origin: Pick<ArrivedFile, "source" | "etag">,
): { readonly kind: "arrived"; readonly feed: ArrivedFeed } | Extract<Fetched, { kind: "failed" }> {
  const known = version ?? office365Version(text);
  if (known === undefined) {
    return failure(
      `the endpoints of Office 365 ${instance}`,
      `${text.source.path}: nothing says which version it is`,
      "without a version nobody knows whether it is newer; put it into the file's name: o365-endpoints-worldwide-2026110100.json",
    );
  }
  const kept = version === undefined && /^\ufeff?\s*\{/.test(text.source.text) ? text : wrapped(text, known, instance);
  const arrival = office365Arrival(text, known);
  if (!arrival.ok) return { kind: "failed", diagnostic: arrival.diagnostic };
  return {
    kind: "arrived",
    feed: {
      version: known,
      prefixes: arrival.prefixes,
      file: { text: kept.source.text, sha256: kept.sha256, ...origin },
    },
  };
}

function wrapped({ source }: FeedText, version: string, instance: string): FeedText {
  return feedText(source.path, office365File(source.text, version, instance));
}
