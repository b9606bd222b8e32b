import type { Family, Place } from "../../src/vendor-kit/index.js";
import {
  anyAddress,
  equalSets,
  fewestPrefixes4,
  fewestPrefixes6,
  formatIpv4,
  formatIpv6,
  netmask4,
} from "../../src/vendor-kit/index.js";
import { digest } from "./digest.js";

/** How an entry speaks of addresses, and how many entries that becomes when the device expands it. */
export interface Spoken {
  readonly text: string;
  readonly count: number;
}

/** One object-group to be defined. `members` are lines without indentation. */
export interface GroupText {
  readonly name: string;
  readonly head: string;
  readonly members: readonly string[];
}

/** Names of objects, groups and lists have at most so many characters. */
const LONGEST_NAME = 64;

/**
 * The object-groups that the entries of an output need: flat, one family each, and one for each content.
 *
 * The digest in a name belongs to the content. So a group is never changed after it was defined: other content has
 * another name, and nothing that is in use gains or loses a member.
 */
export class Groups {
  private readonly made = new Map<string, GroupText>();
  private readonly spoken = new Map<Family, WeakMap<readonly unknown[], Spoken>>([
    ["ipv4", new WeakMap()],
    ["ipv6", new WeakMap()],
  ]);

  /** `isTaken` says which names stand for something else already. */
  constructor(
    private readonly prefix: string,
    private readonly isTaken: (group: GroupText) => boolean,
  ) {}

  /** In the order in which they were first needed. */
  all(): GroupText[] {
    return [...this.made.values()];
  }

  /** The addresses of one family, of which there must be some. */
  addresses(place: Place, family: Family): Spoken {
    const set = place.addresses[family];
    const cache = this.spoken.get(family)!;
    let spoken = cache.get(set);
    if (spoken === undefined) {
      spoken = this.speak(place, family);
      cache.set(set, spoken);
    }
    return spoken;
  }

  private speak(place: Place, family: Family): Spoken {
    const { ipv4, ipv6 } = place.addresses;
    if (family === "ipv4" && equalSets(ipv4, anyAddress.ipv4)) return { text: "any4", count: 1 };
    if (family === "ipv6" && equalSets(ipv6, anyAddress.ipv6)) return { text: "any6", count: 1 };
    const members =
      family === "ipv4"
        ? fewestPrefixes4(ipv4).map(({ address, length }) =>
            length === 32 ? `host ${formatIpv4(address)}` : `${formatIpv4(address)} ${formatIpv4(netmask4(length))}`,
          )
        : fewestPrefixes6(ipv6).map(({ address, length }) =>
            length === 128 ? `host ${formatIpv6(address)}` : `${formatIpv6(address)}/${length}`,
          );
    if (members.length === 1) return { text: members[0]!, count: 1 };
    const group = this.group(
      place.name,
      family === "ipv4" ? "v4" : "v6",
      "network",
      members.map((member) => `network-object ${member}`),
    );
    return { text: `object-group ${group.name}`, count: members.length };
  }

  /** Protocol numbers, more than one. */
  protocols(numbers: readonly number[]): Spoken {
    const members = numbers.map((number) => `protocol-object ${number}`);
    return { text: `object-group ${this.group("some", "protocols", "protocol", members).name}`, count: members.length };
  }

  private group(hint: string, kind: string, type: string, members: readonly string[]): GroupText {
    const content = `${type}\n${members.join("\n")}`;
    let group = this.made.get(content);
    for (let again = 0; group === undefined; again++) {
      const name = nameOf(this.prefix, hint, kind, again === 0 ? content : `${content}\n${again}`);
      const candidate: GroupText = { name, head: `object-group ${type} ${name}`, members };
      if (!this.isTaken(candidate)) group = candidate;
    }
    this.made.set(content, group);
    return group;
  }
}

/**
 * `prefix-hint-kind-digest` in letters, digits, `-` and `_`, where the digest is that of `content`. The hint is cut
 * where the whole would be too long.
 */
export function nameOf(prefix: string, hint: string, kind: string, content: string): string {
  const end = `-${kind}-${digest(content)}`;
  const plain = hint.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+/, "");
  return `${prefix}-${plain.slice(0, LONGEST_NAME - prefix.length - 1 - end.length)}${end}`;
}
