import type { Endpoint, Family } from "../../src/vendor-kit/index.js";
import {
  asPrefix4,
  asPrefix6,
  complement,
  formatIpv4,
  formatIpv6,
  formatPrefix4,
  formatPrefix6,
  ipv4Addresses,
  ipv6Addresses,
  isEverything,
  plainLine,
} from "../../src/vendor-kit/index.js";
import { Names, commentText } from "./syntax.js";
import type { NamedSet } from "./syntax.js";

/** Matches on one end of a packet, `ip saddr …`, and the named sets that they refer to. */
export class AddressSets {
  readonly sets: NamedSet[] = [];
  readonly #names = new Names();

  /** Matches an address of the endpoint: nothing to match when it has every one, undefined when it has none. */
  inside(endpoint: Endpoint, family: Family, end: End): string[] | undefined {
    const elements = elementsOf(endpoint, family);
    if (elements.length === 0) return undefined;
    if (hasEvery(endpoint, family)) return [];
    if (elements.length === 1) return [`${field(family, end)} ${elements[0]!}`];
    return [`${field(family, end)} @${this.#named(endpoint.id, family, elements, plainLine(endpoint.label))}`];
  }

  /**
   * As {@link inside}, for every other address. A set of several intervals is not looked up and negated, but has a
   * complement of its own: a lookup that finds nothing then means "inside", see `chains.ts`.
   */
  outside(endpoint: Endpoint, family: Family, end: End): string[] | undefined {
    if (hasEvery(endpoint, family)) return undefined;
    const elements = elementsOf(endpoint, family);
    if (elements.length === 0) return [];
    if (elements.length === 1) return [`${field(family, end)} != ${elements[0]!}`];
    const others = elementsOf(complementOf(endpoint), family);
    if (others.length === 1) return [`${field(family, end)} ${others[0]!}`];
    const remark = `Everything but ${plainLine(endpoint.label)}`;
    return [`${field(family, end)} @${this.#named(`not-${endpoint.id}`, family, others, remark)}`];
  }

  #named(id: string, family: Family, elements: readonly string[], remark: string): string {
    // The same name for other addresses would be a mistake upstream; it must not become one here.
    const name = this.#names.of(`${id} ${family} ${elements.join(" ")}`, id, family);
    if (!this.sets.some((set) => set.name === name)) {
      this.sets.push({ name, family, elements, remark: commentText(`${remark}: ${elements.length} intervals`) });
    }
    return name;
  }
}

export type End = "saddr" | "daddr";

/** Whether a match on the endpoint needs a set. */
export function needsSet(endpoint: Endpoint): boolean {
  return endpoint.addresses.ipv4.length > 1 || endpoint.addresses.ipv6.length > 1;
}

export function hasEvery(endpoint: Endpoint, family: Family): boolean {
  return family === "ipv4"
    ? isEverything(ipv4Addresses, endpoint.addresses.ipv4)
    : isEverything(ipv6Addresses, endpoint.addresses.ipv6);
}

export function hasNone(endpoint: Endpoint, family: Family): boolean {
  return endpoint.addresses[family].length === 0;
}

function field(family: Family, end: End): string {
  return `${family === "ipv4" ? "ip" : "ip6"} ${end}`;
}

function complementOf(endpoint: Endpoint): Endpoint {
  const { ipv4, ipv6 } = endpoint.addresses;
  const addresses = { ipv4: complement(ipv4Addresses, ipv4), ipv6: complement(ipv6Addresses, ipv6) };
  return { ...endpoint, addresses };
}

/** One element an interval: a prefix where it is one, else a range. There is no smaller cover. */
function elementsOf(endpoint: Endpoint, family: Family): string[] {
  return family === "ipv4"
    ? endpoint.addresses.ipv4.map((interval) => {
        const prefix = asPrefix4(interval);
        if (prefix === undefined) return `${formatIpv4(interval.first)}-${formatIpv4(interval.last)}`;
        return prefix.length === 32 ? formatIpv4(prefix.address) : formatPrefix4(prefix);
      })
    : endpoint.addresses.ipv6.map((interval) => {
        const prefix = asPrefix6(interval);
        if (prefix === undefined) return `${formatIpv6(interval.first)}-${formatIpv6(interval.last)}`;
        return prefix.length === 128 ? formatIpv6(prefix.address) : formatPrefix6(prefix);
      });
}
