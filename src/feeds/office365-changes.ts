import type { AddressSet } from "../net/index.js";
import type { FeedReading, FeedText } from "./feed.js";
import { prefixesToSet } from "./feed.js";
import { readJson, wrongFormat } from "./json.js";

/**
 * One change that the web service announces. Changes are published about 30 days before what is added may be used.
 *
 * Source: https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service, "Changes web method"
 */
export interface Office365Change {
  readonly endpointSet: number;
  /** `change`, `add` or `remove`; the service writes it in any case. */
  readonly disposition: string;
  /** `AddedIp`, `RemovedIpOrUrl`, …; undefined where the service does not say. */
  readonly impact: string | undefined;
  /** The version in which it is published, YYYYMMDDNN. */
  readonly version: string;
  readonly added: AddressSet;
  /** YYYY-MM-DD: the first day on which what is added may be used; undefined where nothing is added. */
  readonly effective: string | undefined;
  readonly removed: AddressSet;
}

const format = "a list of changes of Office 365 endpoints";

/** Reads the answer of `/changes/{instance}/{version}`. Addresses that are not strict prefixes are an error. */
export function readOffice365Changes({ source }: Pick<FeedText, "source">): FeedReading<readonly Office365Change[]> {
  const json = readJson(source, format);
  if (!json.ok) return json;
  const refuse = (why: string): FeedReading<never> => ({ ok: false, problem: wrongFormat(source, format, why) });
  if (!Array.isArray(json.value)) return refuse("it is not a list");
  const changes: Office365Change[] = [];
  for (const [i, entry] of (json.value as readonly unknown[]).entries()) {
    if (!isObject(entry)) return refuse(`entry ${i} is not an object`);
    const { endpointSetId, disposition, impact, version, add, remove } = entry;
    if (typeof endpointSetId !== "number") return refuse(`entry ${i} has no "endpointSetId"`);
    if (typeof disposition !== "string") return refuse(`entry ${i} has no "disposition"`);
    if (typeof version !== "string" || !/^\d{10}$/.test(version)) return refuse(`entry ${i} has no "version"`);
    const day = isObject(add) ? add["effectiveDate"] : undefined;
    const parts = [add, remove].map((part) => {
      const ips: unknown = isObject(part) ? (part["ips"] ?? []) : [];
      return prefixesToSet(source, Array.isArray(ips) ? ips : [ips], `change of endpoint set ${endpointSetId}`);
    });
    const [problem] = parts.flatMap(({ diagnostics }) => diagnostics);
    if (problem !== undefined) return { ok: false, problem };
    changes.push({
      endpointSet: endpointSetId,
      disposition: disposition.toLowerCase(),
      impact: typeof impact === "string" ? impact : undefined,
      version,
      added: parts[0]!.addresses,
      effective: typeof day === "string" ? dateOf(day) : undefined,
      removed: parts[1]!.addresses,
    });
  }
  return { ok: true, feed: changes };
}

/** YYYYMMDD as YYYY-MM-DD; anything else as it is not known. */
function dateOf(text: string): string | undefined {
  const parts = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(text);
  return parts === null ? undefined : parts.slice(1).join("-");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
