import type { AddressSet, Family } from "../../src/vendor-kit/index.js";
import {
  highest,
  netmask4,
  netmask6,
  netmaskLength4,
  noAddress,
  parseIpv4,
  parseIpv6,
  prefixSet,
} from "../../src/vendor-kit/index.js";

/**
 * The addresses of one entry of `-s` or `-d`: an address, a prefix, or an address and a mask, host bits dropped as
 * iptables drops them. Undefined for a host's name and for a mask with gaps, which no list of prefixes says.
 *
 * Source: iptables/libxtables/xtables.c, xtables_ipparse_any and xtables_ip6parse_any.
 */
export function addressesOf(text: string, family: Family): AddressSet | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? undefined : text.slice(slash + 1);
  return family === "ipv4" ? addresses4(address, mask) : addresses6(address, mask);
}

function addresses4(text: string, mask: string | undefined): AddressSet | undefined {
  const address = lenientIpv4(text);
  if (address === undefined) return undefined;
  const length = mask === undefined ? 32 : maskLength(mask, 32, () => netmaskLength4(parseIpv4(mask) ?? -1));
  if (length === undefined) return undefined;
  const network = (address & netmask4(length)) >>> 0;
  return prefixSet({ family: "ipv4", prefix: { address: network, length }, bare: false });
}

function addresses6(text: string, mask: string | undefined): AddressSet | undefined {
  const address = parseIpv6(text);
  if (address === undefined) return undefined;
  const length = mask === undefined ? 128 : maskLength(mask, 128, () => netmaskLength6(parseIpv6(mask)));
  if (length === undefined) return undefined;
  return prefixSet({ family: "ipv6", prefix: { address: address & netmask6(length), length }, bare: false });
}

function maskLength(mask: string, most: number, written: () => number | undefined): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= most ? Number(mask) : undefined;
  return written();
}

function netmaskLength6(mask: bigint | undefined): number | undefined {
  if (mask === undefined) return undefined;
  const length = mask.toString(2).replace(/0+$/, "").length;
  return mask === 0n ? 0 : netmask6(length) === mask ? length : undefined;
}

/** Missing octets are zero, and a leading zero is octal: `10/8` is 10.0.0.0/8 and `010.0.0.1` is 8.0.0.1. */
function lenientIpv4(text: string): number | undefined {
  const strict = parseIpv4(text);
  if (strict !== undefined) return strict;
  if (!/^(?:0[xX][0-9a-fA-F]{1,2}|\d{1,4})(?:\.(?:0[xX][0-9a-fA-F]{1,2}|\d{1,4})){0,3}$/.test(text)) return undefined;
  const octets = text.split(".").map((octet) => (/^0[0-7]+$/.test(octet) ? Number.parseInt(octet, 8) : Number(octet)));
  if (octets.some((octet) => Number.isNaN(octet) || octet > 255)) return undefined;
  while (octets.length < 4) octets.push(0);
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}

/** `10.0.0.1-10.0.0.9`, both ends included, or a single address; undefined where it is neither or upside down. */
export function rangeOf(text: string, family: Family): AddressSet | undefined {
  const [from = "", to = from, more] = text.split("-");
  if (more !== undefined) return undefined;
  if (family === "ipv4") {
    const first = parseIpv4(from);
    const last = parseIpv4(to);
    return first === undefined || last === undefined || first > last
      ? undefined
      : { ...noAddress, ipv4: [{ first, last }] };
  }
  const first = parseIpv6(from);
  const last = parseIpv6(to);
  return first === undefined || last === undefined || first > last
    ? undefined
    : { ...noAddress, ipv6: [{ first, last }] };
}

export function everyAddress(family: Family): AddressSet {
  return family === "ipv4"
    ? { ipv4: [{ first: 0, last: highest.ipv4 }], ipv6: [] }
    : { ipv4: [], ipv6: [{ first: 0n, last: highest.ipv6 }] };
}
