/**
 * Where Microsoft publishes its feeds.
 *
 * Sources: https://learn.microsoft.com/azure/virtual-network/service-tags-overview (download pages),
 * https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service.
 */
export interface AzureCloud {
  /** As the file writes it, and in the file's name: `ServiceTags_<cloud>_20261116.json`. */
  readonly cloud: string;
  /** The page with a link to the newest file. */
  readonly page: string;
}

export const azureClouds = {
  public: azureCloud("Public", 56519),
  usgov: azureCloud("AzureGovernment", 57063),
  china: azureCloud("China", 57062),
  germany: azureCloud("AzureGermany", 57064),
} as const;

/** By the words of the command line; the values are those of the web service. */
export const office365Instances = {
  worldwide: "Worldwide",
  china: "China",
  usgovdod: "USGovDoD",
  usgovgcchigh: "USGovGCCHigh",
} as const;

export type CloudWord = keyof typeof azureClouds;
export type InstanceWord = keyof typeof office365Instances;

export const cloudWords = Object.keys(azureClouds) as CloudWord[];
export const instanceWords = Object.keys(office365Instances) as InstanceWord[];

export const office365Service = "https://endpoints.office.com";

function azureCloud(cloud: string, download: number): AzureCloud {
  return { cloud, page: `https://www.microsoft.com/en-us/download/details.aspx?id=${download}` };
}

export type Office365Method = "version" | "endpoints" | "changes";

/**
 * An address of the web service. `client` is the GUID that the service wants of each machine; `changes` are those since
 * the service began, because a change is announced a month before it counts.
 */
export function office365Address(service: string, method: Office365Method, instance: string, client: string): URL {
  const url = new URL(service);
  const since = method === "changes" ? "/0000000000" : "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${method}/${instance}${since}`;
  url.searchParams.set("clientrequestid", client);
  return url;
}

/** The newest version of an instance, from the answer of `/version/<instance>`; a text says why there is none. */
export function latestVersion(text: string, instance: string): { readonly version: string } | string {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return text.trimStart().startsWith("<") ? "it is HTML or XML" : "it is not well-formed JSON";
  }
  if (typeof value !== "object" || value === null) return "it is not a JSON object";
  const { instance: of, latest } = value as Readonly<Record<string, unknown>>;
  if (typeof of !== "string" || of.toLowerCase() !== instance.toLowerCase()) return `it is not about ${instance}`;
  if (typeof latest !== "string" || !/^20\d{8}$/.test(latest)) return '"latest" is no version YYYYMMDDNN';
  return { version: latest };
}
