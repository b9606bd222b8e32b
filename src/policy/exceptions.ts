import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import {
  intersectAddresses,
  ipv4Addresses,
  ipv6Addresses,
  isEverything,
  isNoAddress,
  noAddress,
  size,
  subtract,
  portNumbers,
  toSet,
  unionAddresses,
} from "../net/index.js";
import type { EndpointSet } from "../feeds/index.js";
import type { ExceptionNode } from "./document.js";
import type { EdgeException, EdgeRule, Service } from "./edge.js";
import type { End } from "./endpoints.js";

/** An exception past its last day stays in force: an output must not change because a day has passed. */
export function expiryWarning(node: ExceptionNode, today: string): Diagnostic[] {
  if (node.expires === undefined || node.expires >= today) return [];
  const why = node.reason === undefined ? "" : ` (${node.reason})`;
  return [
    diagnostic("RW2005", `this exception${why} was meant to hold until ${node.expires}; it is still in force`, {
      primary: node.spans.get("expires") ?? node.span,
      help: "remove the exception, or agree on a new date",
    }),
  ];
}

export interface Judged {
  readonly node: ExceptionNode;
  readonly exception: EdgeException;
  readonly rule: EdgeRule;
  readonly from: End;
  readonly to: End;
}

/** What an exception from a rule that denies opens beyond what its author may think. */
export function broadWarnings(judged: Judged): Diagnostic[] {
  return (["from", "to"] as const).flatMap((key) => {
    const open = intersectAddresses(judged[key].endpoint.addresses, judged.rule[key].addresses);
    return [
      ...wholeCloud(judged, key, open),
      ...unpublishedPorts(judged, key, open),
      ...sharedStorage(judged, key),
      ...everyAddress(judged, key, open),
    ];
  });
}

type Key = "from" | "to";

function wholeCloud({ node, exception, ...judged }: Judged, key: Key, open: AddressSet): Diagnostic[] {
  const clouds = judged[key].selections.flatMap((selection) =>
    selection.kind === "azure" && selection.tags.some(isCloudTag) ? [selection] : [],
  );
  if (clouds.length === 0) return [];
  const opened = intersectAddresses(unionAddresses(...clouds.map((one) => one.addresses)), open);
  if (isNoAddress(opened)) return [];
  const tags = clouds.flatMap((one) => one.tags.filter(isCloudTag));
  return [
    diagnostic(
      "RW2007",
      `this exception opens ${services(exception)} ${key === "to" ? "to" : "from"} all of ${tags.join(", ")}: ${amount(opened)}, most of them machines that anybody can rent`,
      {
        primary: node.spans.get(key) ?? node.span,
        help: "choose the tag of the service that is needed (Azure Files: `regions: [WestEurope]`), or a private endpoint",
      },
    ),
  ];
}

/** `AzureCloud` and `AzureCloud.<region>` hold every public address of the cloud, customers' machines included. */
export function isCloudTag(tag: string): boolean {
  return tag === "AzureCloud" || tag.startsWith("AzureCloud.");
}

function unpublishedPorts({ node, exception, ...judged }: Judged, key: Key, open: AddressSet): Diagnostic[] {
  const sets = judged[key].selections.flatMap((selection) => (selection.kind === "office365" ? selection.sets : []));
  const unlisted = sets.filter(({ set }) => exception.services.some((service) => !publishes(set, service)));
  const opened = intersectAddresses(
    unlisted.length === 0 ? noAddress : unionAddresses(...unlisted.map((one) => one.addresses)),
    open,
  );
  if (isNoAddress(opened)) return [];
  const missing = exception.services.filter((service) => unlisted.some(({ set }) => !publishes(set, service)));
  const published = [...new Set(unlisted.flatMap(({ set }) => set.ports))].join(", ");
  return [
    diagnostic(
      "RW2007",
      `this exception opens ${[...new Set(missing.map((service) => service.label))].join(", ")} ${key === "to" ? "to" : "from"} ${amount(opened)} of Office 365, for which Microsoft does not publish it (published: ${published || "no ports"})`,
      {
        primary: node.spans.get(key) ?? node.span,
        help: "Office 365 needs no SMB; remove the exception unless you know who answers there",
      },
    ),
  ];
}

function publishes(set: EndpointSet, service: Service): boolean {
  if (service.protocol !== 6 && service.protocol !== 17) return false;
  const protocol = service.protocol === 6 ? "tcp/" : "udp/";
  const ports = set.ports
    .filter((port) => port.startsWith(protocol))
    .map((port) => Number(port.slice(protocol.length)));
  const published = toSet(
    portNumbers,
    ports.map((port) => ({ first: port, last: port })),
  );
  return subtract(portNumbers, service.destinationPorts, published).length === 0;
}

function sharedStorage({ node, ...judged }: Judged, key: Key): Diagnostic[] {
  const shared = judged[key].selections.some(
    (selection) => selection.kind === "azure" && selection.tags.some(isStorageTag),
  );
  if (!shared) return [];
  return [
    diagnostic(
      "RW2012",
      "the storage tags hold the accounts of all customers, not only yours: data can leave to any of them",
      {
        primary: node.spans.get(key) ?? node.span,
        help: "a private endpoint behind a VPN is narrower",
      },
    ),
  ];
}

/** `Storage` and `Storage.<region>`. */
export function isStorageTag(tag: string): boolean {
  return /^Storage(\.|$)/.test(tag);
}

/** SMB and NetBIOS to the whole Internet, or a service that is not restricted at all. */
function everyAddress({ node, exception, rule, ...judged }: Judged, key: Key, open: AddressSet): Diagnostic[] {
  const direction = key === "to" ? "outbound" : "inbound";
  const every = exception.families.filter((family) =>
    family === "ipv4" ? isEverything(ipv4Addresses, open.ipv4) : isEverything(ipv6Addresses, open.ipv6),
  );
  if (every.length === 0 || !exception.directions.includes(direction)) return [];
  const other = key === "to" ? "from" : "to";
  const otherEnd = intersectAddresses(judged[other].endpoint.addresses, rule[other].addresses);
  const unrestricted = every.some((family) =>
    family === "ipv4" ? isEverything(ipv4Addresses, otherEnd.ipv4) : isEverything(ipv6Addresses, otherEnd.ipv6),
  );
  // Nobody routes packets to a feed's addresses inwards: such an exception opens nothing here.
  const elsewhere = direction === "inbound" && judged.to.selections.length > 0;
  if (elsewhere || !(unrestricted || exception.services.some(isFileSharing))) return [];
  const ends = key === "to" ? "to every address" : "from every address";
  return [
    diagnostic("RW2007", `this exception opens ${services(exception)} ${direction} ${ends} of the Internet`, {
      primary: node.spans.get(key) ?? node.span,
      help: `name the addresses with \`${key}:\`, or the other direction with \`direction:\``,
    }),
  ];
}

/** TCP 445 and 139, UDP 137 and 138. */
function isFileSharing(service: Service): boolean {
  const ports = service.protocol === 6 ? [445, 139] : service.protocol === 17 ? [137, 138] : [];
  return ports.some((port) => service.destinationPorts.some(({ first, last }) => first <= port && port <= last));
}

function services(exception: EdgeException): string {
  return [...new Set(exception.services.map((service) => service.label))].join(", ");
}

/** `4,718,592 IPv4 addresses and 1,024 IPv6 /64 networks`. */
export function amount(addresses: AddressSet): string {
  const parts: string[] = [];
  if (addresses.ipv4.length > 0) parts.push(counted(size(addresses.ipv4), "IPv4 address", "IPv4 addresses"));
  if (addresses.ipv6.length > 0) {
    const count = size(addresses.ipv6);
    parts.push(
      count < 1n << 64n
        ? counted(count, "IPv6 address", "IPv6 addresses")
        : counted(count >> 64n, "IPv6 /64 network", "IPv6 /64 networks"),
    );
  }
  return parts.join(" and ");
}

function counted(count: bigint, one: string, many: string): string {
  return `${count.toString().replace(/\B(?=(\d{3})+$)/g, ",")} ${count === 1n ? one : many}`;
}
