import { addressProblem, isMicrosoft } from "./addresses.js";
import type { Hosts } from "./addresses.js";

export type LinkReading = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly why: string };

/**
 * The newest `ServiceTags_<cloud>_YYYYMMDD.json` that a download page links to, wherever on the page: the pages have been
 * rebuilt before, and the name of the file stayed. The link has to lead to Microsoft, or to the host of the page when
 * somebody named that page.
 */
export function linkOnPage(html: string, page: URL, cloud: string, hosts: Hosts): LinkReading {
  const links = serviceTagLinks(html, page);
  const ofCloud = links.filter((link) => link.cloud.toLowerCase() === cloud.toLowerCase());
  const [newest] = ofCloud
    .filter(({ url }) => refusal(url, page, hosts) === undefined)
    .sort((a, b) => b.date.localeCompare(a.date));
  if (newest !== undefined) return { ok: true, url: newest.url };

  const [refused] = ofCloud;
  if (refused !== undefined) {
    return { ok: false, why: `its link leads to ${refused.url.origin}: ${refusal(refused.url, page, hosts)!}` };
  }
  const others = [...new Set(links.map((link) => link.cloud))];
  return {
    ok: false,
    why:
      others.length === 0
        ? `it has no link to a file ServiceTags_${cloud}_<date>.json`
        : `it links to the file of the cloud ${others.join(", ")}, not ${cloud}`,
  };
}

function refusal(url: URL, page: URL, hosts: Hosts): string | undefined {
  if (hosts.kind === "given" && url.hostname !== page.hostname && !isMicrosoft(url.hostname)) {
    return "it is neither the host of the page nor one of Microsoft";
  }
  return addressProblem(url, hosts);
}

interface Link {
  readonly url: URL;
  readonly cloud: string;
  /** YYYYMMDD. */
  readonly date: string;
}

function serviceTagLinks(html: string, page: URL): Link[] {
  return [...html.matchAll(/ServiceTags_([A-Za-z]+)_(\d{8})\.json/g)].flatMap((match) => {
    const [name, cloud, date] = match;
    const before = html.slice(Math.max(0, match.index - longest), match.index);
    const [, start = ""] = /([^"'<>()=\s]*)$/.exec(before) ?? [];
    const rest = html.slice(match.index + name.length, match.index + name.length + longest);
    const [query = ""] = /^\?[^"'<>()\s\\]*/.exec(rest) ?? [];
    const text = decoded(start.replace(/^.*&(?:quot|#34|#39);/, "") + name + query);
    // The pages name the file beside its address, too; a name alone is an address only where a link says so.
    const isLink = text.includes("/") || /\bhref\s*=\s*["']?$/i.test(before.slice(0, before.length - start.length));
    if (!isLink) return [];
    const url = URL.canParse(text, page.href) ? new URL(text, page.href) : undefined;
    return url === undefined ? [] : [{ url, cloud: cloud!, date: date! }];
  });
}

const longest = 1000;

/** In an attribute an address is written as HTML, in the page's data as JSON. */
function decoded(text: string): string {
  return text
    .replace(/\\u00([0-7][0-9a-fA-F])/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 16)))
    .replaceAll("\\/", "/")
    .replaceAll("&amp;", "&")
    .replaceAll("&#47;", "/");
}
