import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { AddressSet, Family } from "../net/index.js";
import {
  anyAddress,
  fewestPrefixes4,
  fewestPrefixes6,
  fitPrefixes4,
  fitPrefixes6,
  families as allFamilies,
  intersectAddresses,
  isNoAddress,
  noAddress,
  subtractAddresses,
  unionAddresses,
} from "../net/index.js";
import { amount } from "../policy/index.js";
import type { AddressList, AddressListPart } from "../vendor-kit/address-list.js";

/** What was chosen from feeds or a policy, and what to make of it. */
export interface ListWish {
  /** As of {@link AddressList}. */
  readonly name: string;
  readonly description: string;
  readonly origin: readonly string[];
  readonly parts: readonly AddressListPart[];
  /** By default both. */
  readonly families?: readonly Family[] | undefined;
  /** Cut out of the list, before its complement is taken. */
  readonly minus?: { readonly addresses: AddressSet; readonly label: string } | undefined;
  /** Everything else instead: for firewalls whose denials beat permissions. */
  readonly complement?: boolean | undefined;
  /** At most so many prefixes of each family; by default as many as it takes. */
  readonly maxEntries?: number | undefined;
}

export interface MadeList {
  /** Undefined when there are errors. */
  readonly list?: AddressList;
  /** What `maxEntries` added to the list. */
  readonly widening: AddressSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes the list of a wish. Nothing is ever widened that was not asked for, and never into what `minus` cuts out. */
export function makeList(wish: ListWish): MadeList {
  const families = wish.families ?? allFamilies;
  const chosen = ofFamilies(unionAddresses(...wish.parts.map((part) => part.addresses)), families);
  const cut = wish.minus?.addresses ?? noAddress;
  const left = subtractAddresses(chosen, cut);
  const wanted = wish.complement === true ? subtractAddresses(ofFamilies(anyAddress, families), left) : left;
  const problems = [...emptyProblems(wish, families, chosen, left, wanted), ...minusProblems(wish, chosen)];
  if (problems.some(({ severity }) => severity === "error")) return { widening: noAddress, diagnostics: problems };

  const fitted = fit(wanted, left, wish, cut);
  if ("code" in fitted) return { widening: noAddress, diagnostics: [...problems, fitted] };
  const widening = subtractAddresses(fitted, wanted);
  const list: AddressList = {
    name: wish.name,
    description: wish.complement === true ? `everything but ${wish.description}` : wish.description,
    origin: [
      ...wish.origin,
      ...(wish.minus === undefined ? [] : [`without ${wish.minus.label}`]),
      ...(isNoAddress(widening)
        ? []
        : [`widened to ${entries(wish.maxEntries!)} a family, which adds ${amount(widening)} that were not chosen`]),
    ],
    families,
    addresses: fitted,
    parts:
      wish.complement === true
        ? []
        : wish.parts.map(({ label, addresses }) => ({ label, addresses: ofFamilies(addresses, families) })),
  };
  return { list, widening, diagnostics: [...problems, ...wideningProblems(wish, wanted, widening)] };
}

function ofFamilies(addresses: AddressSet, families: readonly Family[]): AddressSet {
  return {
    ipv4: families.includes("ipv4") ? addresses.ipv4 : [],
    ipv6: families.includes("ipv6") ? addresses.ipv6 : [],
  };
}

function emptyProblems(
  wish: ListWish,
  families: readonly Family[],
  chosen: AddressSet,
  left: AddressSet,
  wanted: AddressSet,
): Diagnostic[] {
  if (isNoAddress(chosen)) {
    const others = allFamilies.filter((family) => !families.includes(family));
    return [
      diagnostic("RW5003", `${wish.description} has no ${families.map(familyName).join(" or ")} addresses`, {
        help:
          others.length === 0
            ? "an empty list is an error, because it would look like one that works"
            : `it may have ${others.map(familyName).join(" or ")} addresses: choose another --family`,
      }),
    ];
  }
  if (isNoAddress(left)) {
    return [
      diagnostic("RW5003", `nothing is left of ${wish.description} without ${wish.minus?.label ?? "nothing"}`, {
        help: "an empty list is an error, because it would look like one that works; cut out less",
      }),
    ];
  }
  return isNoAddress(wanted)
    ? [diagnostic("RW5003", `there is nothing but ${wish.description}: its complement is empty`)]
    : [];
}

function minusProblems({ minus, description }: ListWish, chosen: AddressSet): Diagnostic[] {
  if (minus === undefined || !isNoAddress(intersectAddresses(minus.addresses, chosen))) return [];
  return [
    diagnostic("RW5013", `${minus.label} cuts nothing out of ${description}: they have no address in common`, {
      help: "is it the address that you mean? ringwall feeds lookup shows what holds it",
    }),
  ];
}

function fit(wanted: AddressSet, left: AddressSet, wish: ListWish, cut: AddressSet): AddressSet | Diagnostic {
  const { maxEntries: most } = wish;
  if (most === undefined) return wanted;
  // A complement is a list of what is to be closed: there, what was cut out may be added.
  const keepOut = wish.complement === true ? noAddress : subtractAddresses(cut, wanted);
  const ipv4 = fitPrefixes4(wanted.ipv4, most, keepOut.ipv4);
  const ipv6 = fitPrefixes6(wanted.ipv6, most, keepOut.ipv6);
  if (ipv4 !== undefined && ipv6 !== undefined) {
    const lost = allFamilies.find(
      (one) => wish.complement === true && left[one].length > 0 && isNoAddress(subtractOf(left, { ipv4, ipv6 }, one)),
    );
    if (lost === undefined) return { ipv4, ipv6 };
    return diagnostic(
      "RW5014",
      `everything but ${wish.description} does not fit into ${entries(most)} of ${familyName(lost)}: all of ${wish.description} would be in it`,
      { help: `allow more entries, up to ${countPrefixes(wanted, lost)}` },
    );
  }
  const family = ipv4 === undefined ? "ipv4" : "ipv6";
  return diagnostic(
    "RW5014",
    `${wish.description} does not fit into ${most} ${familyName(family)} prefixes without addresses that were cut out`,
    { help: `allow more entries, up to ${countPrefixes(wanted, family)}, or cut out less` },
  );
}

function subtractOf(left: AddressSet, fitted: AddressSet, family: Family): AddressSet {
  return subtractAddresses(ofFamilies(left, [family]), fitted);
}

function entries(most: number): string {
  return most === 1 ? "1 entry" : `${most} entries`;
}

function wideningProblems(wish: ListWish, wanted: AddressSet, widening: AddressSet): Diagnostic[] {
  if (isNoAddress(widening)) return [];
  const before = allFamilies
    .filter((family) => widening[family].length > 0)
    .map((family) => `${countPrefixes(wanted, family)} ${familyName(family)} prefixes`);
  const effect =
    wish.complement === true
      ? `takes in ${amount(widening)} of ${wish.description}, which were to be left out`
      : `opens ${amount(widening)} that ${wish.description} does not have`;
  return [
    diagnostic("RW5012", `at most ${entries(wish.maxEntries!)} instead of ${before.join(" and ")}: this ${effect}`, {
      help: "no smaller widening fits; choose fewer tags, or allow more entries",
    }),
  ];
}

function countPrefixes(addresses: AddressSet, family: Family): number {
  return family === "ipv4" ? fewestPrefixes4(addresses.ipv4).length : fewestPrefixes6(addresses.ipv6).length;
}

function familyName(family: Family): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}
