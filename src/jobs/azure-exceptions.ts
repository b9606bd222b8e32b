import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { AzureFeed } from "../feeds/index.js";
import { feedTitle, partsOf, selectAzure } from "../feeds/index.js";
import { amount, isCloudTag, isStorageTag } from "../policy/index.js";
import type { Chosen } from "./chosen.js";

export interface AzureWish {
  /** Names of tags; `Storage.*` is every tag whose name starts with `Storage.`. */
  readonly tags: readonly string[];
  /** Of the services that `tags` names, or of Storage where it names none. Empty means as the tags say. */
  readonly regions: readonly string[];
}

/** The addresses of service tags, each tag a part. */
export function azureExceptions(feed: AzureFeed, wish: AzureWish): Chosen {
  const names = tagNames(feed, wish);
  if (!names.ok) return { description: "", name: "", origin: [], parts: [], diagnostics: names.diagnostics };
  const selected = selectAzure(feed, { tags: names.tags.map((text) => ({ text })) });
  const chosen = new Set(selected.tags);
  const parts = partsOf(feed)
    .parts.flatMap((part) => (part.kind === "tag" && chosen.has(part.tag.name) ? [part] : []))
    .map((part) => ({ label: part.tag.name, addresses: part.addresses }));
  return {
    description: names.tags.join(", "),
    name: listName(names.tags),
    origin: [`${feedTitle(feed)}, sha256 ${feed.sha256}`],
    parts,
    diagnostics: [...selected.diagnostics, ...(hasErrors(selected.diagnostics) ? [] : broad(selected.tags, selected))],
  };
}

type Names =
  | { readonly ok: true; readonly tags: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function tagNames(feed: AzureFeed, { tags, regions }: AzureWish): Names {
  if (tags.length === 0 && regions.length === 0) {
    const help = "add --tag Storage.WestEurope, or --region WestEurope; ringwall feeds show lists what there is";
    return { ok: false, diagnostics: [diagnostic("RW1007", "nothing says which service tags are wanted", { help })] };
  }
  if (regions.length === 0) return { ok: true, tags };
  const narrow = tags.find((tag) => tag.includes("."));
  if (narrow !== undefined) {
    const help = `name the service alone, ${JSON.stringify(narrow.split(".", 1)[0])}, or leave out --region`;
    return {
      ok: false,
      diagnostics: [diagnostic("RW1007", `the tag "${narrow}" names its region already, beside --region`, { help })],
    };
  }
  const services = tags.length === 0 ? ["Storage"] : tags;
  return { ok: true, tags: services.flatMap((service) => regions.map((region) => tagOf(feed, service, region))) };
}

/** Some tags write their region in lower case, and some names are irregular; the feed says which region each has. */
function tagOf(feed: AzureFeed, service: string, region: string): string {
  const exact = `${service}.${region}`;
  if (feed.tags.has(exact)) return exact;
  const ofService = [...feed.tags.values()].filter((tag) => tag.service === service && tag.region !== "");
  const wanted = region.toLowerCase();
  const found =
    ofService.find((tag) => tag.name.toLowerCase() === exact.toLowerCase()) ??
    ofService.find((tag) => tag.region.toLowerCase() === wanted);
  return found?.name ?? exact;
}

/** `storage-westeurope`; of several, the first with how many there are more. */
export function listName(words: readonly string[]): string {
  const [first = "list", ...more] = words;
  const plain = first
    .toLowerCase()
    .replace(/\.\*$/, "-all")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 50)
    .replace(/-+$/, "");
  return `${plain === "" ? "list" : plain}${more.length === 0 ? "" : `-and-${more.length}-more`}`;
}

function broad(
  tags: readonly string[],
  { addresses }: Pick<ReturnType<typeof selectAzure>, "addresses">,
): Diagnostic[] {
  const clouds = tags.filter(isCloudTag);
  if (clouds.length > 0) {
    return [
      diagnostic(
        "RW2007",
        `this is all of ${clouds.slice(0, 3).join(", ")}${clouds.length > 3 ? " and more" : ""}: ${amount(addresses)}, most of them machines that anybody can rent`,
        { help: "choose the tag of the service that is needed (Azure Files: --tag Storage.WestEurope)" },
      ),
    ];
  }
  if (!tags.some(isStorageTag)) return [];
  return [
    diagnostic(
      "RW2012",
      "the storage tags hold the accounts of all customers, not only yours: data can leave to any of them",
      { help: "a private endpoint behind a VPN is narrower" },
    ),
  ];
}
