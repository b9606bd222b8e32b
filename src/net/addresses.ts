import ipaddr from "ipaddr.js";
import type { AddressSet, Family } from "./address-set.js";
import { ipv4Addresses, ipv6Addresses } from "./intervals.js";
import { netmask4, netmask6, prefixInterval4, prefixInterval6 } from "./prefixes.js";
import type { Prefix } from "./prefixes.js";

/** Why an address was refused, and how it could be written; both are sentences without a full stop. */
export interface AddressProblem {
  readonly why: string;
  /** The text to write instead, where one is certain. */
  readonly instead?: string;
}

export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: AddressProblem };

/** One address, or one prefix with its host bits zero. A bare address is a prefix of full length. */
export type AnyPrefix =
  | { readonly family: "ipv4"; readonly prefix: Prefix<number>; readonly bare: boolean }
  | { readonly family: "ipv6"; readonly prefix: Prefix<bigint>; readonly bare: boolean };

/**
 * Four decimal octets without leading zeros, as a number; undefined for anything else.
 *
 * Strict, because `010.0.0.1` is 8.0.0.1 to some readers and 10.0.0.1 to others.
 *
 * Source: RFC 6943 section 3.1.1 (strict form).
 */
export function parseIpv4(text: string, start = 0, end = text.length): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || dots === 3) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots++;
    } else {
      if (code < 48 || code > 57 || (digits > 0 && octet === 0)) return undefined;
      octet = octet * 10 + code - 48;
      if (octet > 255) return undefined;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined;
}

/** An IPv6 address in any form of RFC 4291 section 2.2, without a zone; undefined for anything else. */
export function parseIpv6(text: string): bigint | undefined {
  return parsePlainIpv6(text) ?? parseUnusualIpv6(text);
}

/** Hexadecimal groups with at most one `::`, which is how nearly every address is written. */
function parsePlainIpv6(text: string): bigint | undefined {
  const gap = text.indexOf("::");
  if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return undefined;
  const head = groupsOf(gap < 0 ? text : text.slice(0, gap));
  const tail = gap < 0 ? [] : groupsOf(text.slice(gap + 2));
  if (head === undefined || tail === undefined) return undefined;
  const count = head.length + tail.length;
  if (gap < 0 ? count !== 8 : count > 7) return undefined;
  const groups = [...head, ...new Array<number>(8 - count).fill(0), ...tail];
  const high = (groups[0]! * 65536 + groups[1]!) * 65536 + groups[2]!;
  const middle = groups[3]! * 65536 + groups[4]!;
  const low = (groups[5]! * 65536 + groups[6]!) * 65536 + groups[7]!;
  return (BigInt(high) << 80n) | (BigInt(middle) << 48n) | BigInt(low);
}

function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  let value = 0;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 58;
    if (code === 58) {
      if (digits === 0) return undefined;
      groups.push(value);
      value = 0;
      digits = 0;
    } else {
      const digit =
        code >= 48 && code <= 57
          ? code - 48
          : code >= 97 && code <= 102
            ? code - 87
            : code >= 65 && code <= 70
              ? code - 55
              : -1;
      if (digit < 0 || digits === 4) return undefined;
      value = value * 16 + digit;
      digits++;
    }
  }
  return groups;
}

function parseUnusualIpv6(text: string): bigint | undefined {
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text)
    .toByteArray()
    .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A dotted-quad or the RFC 5952 form: 198.51.100.7, 2001:db8::7. */
export function formatAddress(family: Family, address: number | bigint): string {
  return family === "ipv4" ? formatIpv4(address as number) : formatIpv6(address as bigint);
}

export function formatIpv4(address: number): string {
  return `${Math.floor(address / 16777216)}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The canonical text. Source: RFC 5952 section 4 (lower case, longest run of zero groups, the first of equals). */
export function formatIpv6(address: bigint): string {
  const groups: number[] = [];
  for (let rest = address, i = 0; i < 4; i++) {
    const low = Number(rest & 0xffffffffn);
    groups.unshift(low >>> 16, low & 65535);
    rest >>= 32n;
  }
  let gapStart = -1;
  let gapLength = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > gapLength) [gapStart, gapLength] = [i, run];
    i += run;
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (gapStart < 0) return text(groups);
  return `${text(groups.slice(0, gapStart))}::${text(groups.slice(gapStart + gapLength))}`;
}

/** `address/length`, always with the length. */
export function formatPrefix4(prefix: Prefix<number>): string {
  return `${formatIpv4(prefix.address)}/${prefix.length}`;
}

/** `address/length`, always with the length. */
export function formatPrefix6(prefix: Prefix<bigint>): string {
  return `${formatIpv6(prefix.address)}/${prefix.length}`;
}

/**
 * An address or a prefix as a careful person writes it: no leading zeros, no missing octets, host bits zero.
 *
 * Refused with a correction: `10.20.1.5/16` (host bits), `010.0.0.1` (octal to some), `10.1/16` (missing octets), `/08`.
 */
export function parsePrefix(text: string): Reading<AnyPrefix> {
  const slash = text.indexOf("/");
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const ipv4 = parseIpv4(addressText);
  const ipv6 = ipv4 === undefined && addressText.includes(":") ? parseIpv6(addressText) : undefined;
  if (ipv4 === undefined && ipv6 === undefined)
    return refuse(describeBadAddress(addressText, slash < 0 ? "" : text.slice(slash)));
  const bits = ipv4 !== undefined ? 32 : 128;
  if (slash < 0) return accept(ipv4, ipv6, bits, true);

  const lengthText = text.slice(slash + 1);
  const length = Number(lengthText);
  if (!/^\d+$/.test(lengthText) || length > bits) {
    return refuse({ why: `the prefix length after "/" must be a whole number from 0 to ${bits}` });
  }
  if (String(length) !== lengthText) {
    return refuse({ why: "the prefix length has leading zeros", instead: `${addressText}/${length}` });
  }
  const zeroed = ipv4 !== undefined ? ipv4 - (ipv4 % 2 ** (32 - length)) : ipv6! & netmask6(length);
  if (zeroed !== (ipv4 ?? ipv6)) {
    const network = formatAddress(ipv4 !== undefined ? "ipv4" : "ipv6", zeroed);
    return refuse({
      why: `${addressText} has bits set beyond its prefix length, so one address or the whole network may be meant`,
      instead: `${network}/${length}`,
    });
  }
  return accept(ipv4, ipv6, length, false);
}

function accept(ipv4: number | undefined, ipv6: bigint | undefined, length: number, bare: boolean): Reading<AnyPrefix> {
  return ipv4 !== undefined
    ? { ok: true, value: { family: "ipv4", prefix: { address: ipv4, length }, bare } }
    : { ok: true, value: { family: "ipv6", prefix: { address: ipv6!, length }, bare } };
}

function refuse(problem: AddressProblem): Reading<never> {
  return { ok: false, problem };
}

function describeBadAddress(text: string, rest: string): AddressProblem {
  if (/^\d+(\.\d+){0,3}$/.test(text)) {
    const octets = text.split(".");
    if (octets.some((octet) => Number(octet) > 255)) return { why: "each number of an IPv4 address is 0 to 255" };
    const plain = octets.map((octet) => String(Number(octet)));
    while (plain.length < 4) plain.push("0");
    if (octets.some((octet) => /^0\d/.test(octet))) {
      return { why: "a number with a leading zero is octal to some readers", instead: plain.join(".") + rest };
    }
    return {
      why: "an IPv4 address needs four numbers; some readers fill in the missing ones elsewhere",
      instead: plain.join(".") + rest,
    };
  }
  if (text.includes("%")) return { why: "an IPv6 address with a zone belongs to one link, not to a network" };
  if (text.includes(":")) return { why: "this is not an IPv6 address (RFC 4291 section 2.2)" };
  return { why: "this is neither an IPv4 nor an IPv6 address" };
}

/** The addresses of a prefix as a set. */
export function prefixSet(value: AnyPrefix): AddressSet {
  return value.family === "ipv4"
    ? { ipv4: [prefixInterval4(value.prefix)], ipv6: [] }
    : { ipv4: [], ipv6: [prefixInterval6(value.prefix)] };
}

/** The length of a contiguous IPv4 network mask; undefined when it is not one. 255.255.255.0 is 24. */
export function netmaskLength4(mask: number): number | undefined {
  for (let length = 0; length <= 32; length++) if (netmask4(length) === mask) return length;
  return undefined;
}

export const highest = { ipv4: ipv4Addresses.max, ipv6: ipv6Addresses.max } as const;
