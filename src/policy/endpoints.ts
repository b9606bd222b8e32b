import { createHash } from "node:crypto";
import type { AddressSet } from "../net/index.js";
import { anyAddress } from "../net/index.js";
import type { NetworkNode } from "./document.js";
import type { Endpoint } from "./edge.js";
import type { Selection } from "./resolve.js";

/** One end of a rule, with the parts of feeds that it was made from. */
export interface End {
  readonly endpoint: Endpoint;
  readonly selections: readonly Selection[];
}

export const anywhere: Endpoint = { label: "any", id: "any", addresses: anyAddress };

/**
 * Gives each set of addresses an id that vendors can use as a name: from the words of the policy where they are short,
 * the same for the same set, and never the same for two sets, upper and lower case apart.
 */
export class EndpointIds {
  readonly #idOfSet = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor() {
    this.idOf(anyAddress, "any");
  }

  idOf(addresses: AddressSet, label: string): string {
    const key = contentKey(addresses);
    const known = this.#idOfSet.get(key);
    if (known !== undefined) return known;
    const digest = createHash("sha256").update(key).digest("hex");
    let id = plainId(label) ?? `set-${digest.slice(0, 8)}`;
    for (let digits = 6; this.#taken.has(id.toLowerCase()); digits++) {
      id = `${plainId(label) ?? "set"}-${digest.slice(0, digits)}`;
    }
    this.#taken.add(id.toLowerCase());
    this.#idOfSet.set(key, id);
    return id;
  }
}

/** How messages and comments speak of an expression: its names and literals. */
export function labelOf(node: NetworkNode): string {
  switch (node.kind) {
    case "literal":
      return node.text;
    case "reference":
      return node.name;
    case "union":
      return node.of.map(labelOf).join(", ");
    case "difference":
      return `${node.of.map(labelOf).join(", ")} without ${labelOf(node.minus)}`;
    case "azure":
      return [...node.tags.map((tag) => tag.text), ...node.regions.map((region) => `Storage.${region.text}`)].join(
        ", ",
      );
    case "office365": {
      const words = [node.areas, node.categories, node.ids, node.ports].flatMap((list) => list ?? []);
      return ["Office 365", ...words.map((word) => word.text), ...(node.required ? ["required"] : [])].join(" ");
    }
  }
}

const longestId = 40;

/** Letters, digits and single `-`, starting with a letter; undefined where nothing short and readable comes of it. */
function plainId(label: string): string | undefined {
  const plain = label.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  if (plain === "" || plain.length > longestId) return undefined;
  return /^[A-Za-z]/.test(plain) ? plain : `net-${plain}`;
}

function contentKey({ ipv4, ipv6 }: AddressSet): string {
  const text = (set: readonly { first: number | bigint; last: number | bigint }[]): string =>
    set.map(({ first, last }) => `${first.toString(16)}-${last.toString(16)}`).join(",");
  return `${text(ipv4)};${text(ipv6)}`;
}
