import { EnvHttpProxyAgent } from "undici";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Connects as the environment says: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, each in lower case, too, which goes
 * first. A proxy for http serves https as well when none is named for it, as in Node itself.
 *
 * Throws WrongProxy.
 */
export function connectionsBy(env: Environment, connectTimeout: number): EnvHttpProxyAgent {
  const connect = { timeout: connectTimeout };
  const all = proxyOf(env, "all_proxy");
  return new EnvHttpProxyAgent({
    // Empty and not undefined: undici would look into the environment of the process.
    httpProxy: proxyOf(env, "http_proxy") ?? all ?? "",
    httpsProxy: proxyOf(env, "https_proxy") ?? all ?? "",
    noProxy: valueOf(env, "no_proxy") ?? "",
    // A proxy gets plain http as http, and only https through a tunnel, which is what proxies allow.
    proxyTunnel: false,
    connect,
    proxyTls: connect,
    requestTls: connect,
    connections: 2,
  });
}

export class WrongProxy extends Error {}

function proxyOf(env: Environment, name: string): string | undefined {
  const value = valueOf(env, name);
  if (value === undefined) return undefined;
  const url = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new WrongProxy(`${name.toUpperCase()} is not the address of a proxy`);
  }
  return url;
}

/** An empty variable is as good as none. */
function valueOf(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}
