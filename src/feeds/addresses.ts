/**
 * Which addresses may be asked. `microsoft`: https on the hosts of Microsoft. `given`: somebody named the host, so that
 * any https is theirs to answer for; plain http is for that host alone, and only on this machine.
 */
export type Hosts = { readonly kind: "microsoft" } | { readonly kind: "given"; readonly host: string };

/** Why an address must not be asked, as the end of a sentence; undefined when it may. */
export function addressProblem(url: URL, hosts: Hosts): string | undefined {
  if (url.protocol === "http:") {
    return hosts.kind === "given" && isThisMachine(url.hostname) && url.hostname === hosts.host
      ? undefined
      : "it is plain http, so that anybody on the way could change the list";
  }
  if (url.protocol !== "https:") return `it is ${url.protocol} and not https`;
  return hosts.kind === "microsoft" && !isMicrosoft(url.hostname) ? "it is no host of Microsoft" : undefined;
}

/**
 * An address without what may be secret or is of one machine only: user, password, query and fragment. The number of a
 * download page stays.
 */
export function plainAddress(url: URL): string {
  const id = url.searchParams.get("id");
  return `${url.origin}${url.pathname}${id !== null && /^\d{1,9}$/.test(id) ? `?id=${id}` : ""}`;
}

export function isMicrosoft(host: string): boolean {
  return ["microsoft.com", "office.com"].some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
