import type { AddressSet } from "../net/index.js";
import { anyAddress, parsePrefix, prefixSet } from "../net/index.js";
import type { AnyPrefix } from "../net/index.js";

/** What is wrong with an address, and the sentence that says what to write. */
export interface LiteralProblem {
  readonly why: string;
  readonly help?: string;
}

export type LiteralReading =
  { readonly ok: true; readonly addresses: AddressSet } | { readonly ok: false; readonly problem: LiteralProblem };

/** Whether a text is meant as addresses and not as the name of a network: names have no `:` and start with a letter. */
export function looksLikeAddress(text: string): boolean {
  return text === "any" || /^[\d.]/.test(text) || text.includes(":") || text.includes("/");
}

/** `any`, an address, a prefix, or a range of addresses of one family; both ends belong to a range. */
export function parseLiteral(text: string): LiteralReading {
  if (text === "any") return { ok: true, addresses: anyAddress };
  const dash = text.indexOf("-");
  if (dash >= 0) return parseRange(text.slice(0, dash).trim(), text.slice(dash + 1).trim());
  const read = parsePrefix(text);
  return read.ok ? { ok: true, addresses: prefixSet(read.value) } : refused(text, read.problem);
}

function parseRange(firstText: string, lastText: string): LiteralReading {
  const first = parsePrefix(firstText);
  if (!first.ok) return refused(firstText, first.problem);
  const last = parsePrefix(lastText);
  if (!last.ok) return refused(lastText, last.problem);
  if (!first.value.bare || !last.value.bare) {
    return problem("a range goes from one address to another, without prefix lengths", "write 10.0.0.5-10.0.0.9");
  }
  if (first.value.family !== last.value.family) return problem("a range has both ends in one address family");
  if (first.value.prefix.address > last.value.prefix.address) {
    return problem("the range runs backwards", `write ${lastText}-${firstText}`);
  }
  return { ok: true, addresses: between(first.value, last.value) };
}

function between(first: AnyPrefix, last: AnyPrefix): AddressSet {
  return first.family === "ipv4"
    ? { ipv4: [{ first: first.prefix.address, last: last.prefix.address as number }], ipv6: [] }
    : { ipv4: [], ipv6: [{ first: first.prefix.address, last: last.prefix.address as bigint }] };
}

function refused(text: string, { why, instead }: { why: string; instead?: string }): LiteralReading {
  if (instead === undefined) return problem(why);
  const bare = text.slice(0, Math.max(0, text.indexOf("/")));
  const hasHostBits = bare !== "" && parsePrefix(bare).ok && !instead.startsWith(`${bare}/`);
  return problem(
    why,
    hasHostBits ? `write ${instead} for the network, or ${bare} for the one address` : `write ${instead}`,
  );
}

function problem(why: string, help?: string): LiteralReading {
  return { ok: false, problem: { why, ...(help !== undefined && { help }) } };
}
