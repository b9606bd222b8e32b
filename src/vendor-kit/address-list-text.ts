import { createHash } from "node:crypto";
import type { AddressSet, Family } from "../net/index.js";
import {
  anyAddress,
  anyIpv4,
  anyIpv6,
  complementAddresses,
  fewestPrefixes4,
  fewestPrefixes6,
  formatPrefix4,
  formatPrefix6,
  intersectAddresses,
  noAddress,
  unionOf,
} from "../net/index.js";
import type { Match, Rule } from "../ir/index.js";
import type { AddressList } from "./address-list.js";
import { plainLine } from "./text.js";
import type { Parsed } from "./vendor.js";

/** The list's prefixes of one family in ascending order, each with its length: `20.60.26.4/32`. */
export function listPrefixes({ addresses }: Pick<AddressList, "addresses">, family: Family): string[] {
  return family === "ipv4"
    ? fewestPrefixes4(addresses.ipv4).map(formatPrefix4)
    : fewestPrefixes6(addresses.ipv6).map(formatPrefix6);
}

/** What stands at the head of a list, one line of printable ASCII each, without comment signs. */
export function listRemarks({ description, origin }: AddressList): string[] {
  return [description, ...origin].map((line) => plainLine(line));
}

/** The name, cut to `most` characters where it is longer; then a digest makes sure that two names stay two. */
export function shortName(name: string, most: number): string {
  if (name.length <= most) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, most - 7).replace(/-+$/, "")}-${digest}`;
}

/**
 * The destinations of all rules that decide something, or of those that `isProbe` takes: what a list holds, read back
 * through a rule that uses it. Undefined where the text was not understood as a whole, or a rule asks for anything but
 * addresses and interfaces.
 */
export function probedDestinations(
  { device, diagnostics }: Pick<Parsed, "device" | "diagnostics">,
  isProbe: (rule: Rule) => boolean = decides,
): AddressSet | undefined {
  if (diagnostics.some(({ severity }) => severity !== "note")) return undefined;
  const rules = device.paths.flatMap(({ filters }) =>
    filters.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules)),
  );
  const found = rules
    .filter(isProbe)
    .map(({ match, verdict }) => (verdict === "unknown" ? undefined : destinationsOf(match)));
  const known = found.filter((one) => one !== undefined);
  return found.length === 0 || known.length < found.length ? undefined : unionOf(known);
}

function decides({ verdict }: Rule): boolean {
  return typeof verdict === "string" && verdict !== "continue" && verdict !== "return";
}

function destinationsOf(match: Match): AddressSet | undefined {
  switch (match.kind) {
    case "everything":
    case "interface":
      return anyAddress;
    case "nothing":
      return noAddress;
    case "family":
      return match.family === "ipv4" ? anyIpv4 : anyIpv6;
    case "address":
      return match.end === "destination" ? match.addresses : undefined;
    case "not": {
      const of = destinationsOf(match.of);
      return of === undefined ? undefined : complementAddresses(of);
    }
    case "all":
    case "any": {
      const parts = match.of.map(destinationsOf);
      const known = parts.filter((part) => part !== undefined);
      if (known.length < parts.length) return undefined;
      return match.kind === "any" ? unionOf(known) : known.reduce(intersectAddresses, anyAddress);
    }
    case "state":
    case "number":
    case "tcp-flags":
    case "condition":
      return undefined;
  }
}
