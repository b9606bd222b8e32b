import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import { intersectAddresses, isNoAddress, noAddress, subtractAddresses, unionAddresses } from "../net/index.js";
import type { AddressChange } from "./address-change.js";
import { changeOf, isNoChange } from "./address-change.js";
import type { EndpointSet, Office365Feed } from "./office365.js";
import type { Office365Change } from "./office365-changes.js";
import type { FeedPart } from "./parts.js";
import { partsOf } from "./parts.js";

/** Two versions of the endpoint sets of an instance. */
export interface Office365Diff {
  readonly kind: "office365";
  readonly from: Office365Feed;
  readonly to: Office365Feed;
  /** The sets that differ in anything, by id. */
  readonly sets: readonly EndpointSetChange[];
  /** The ids of the sets with the same addresses in other prefixes. */
  readonly resliced: readonly number[];
  readonly whole: AddressChange;
  /** How many sets were compared, new and vanished ones too. */
  readonly compared: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface EndpointSetChange extends AddressChange {
  readonly id: number;
  readonly what: "new" | "vanished" | "changed";
  /** As it is; as it was where it has vanished. */
  readonly set: EndpointSet;
  /** Host names and ports; equal lists are empty here. */
  readonly urls: WordChange;
  readonly ports: WordChange;
  /** What else is another than it was, in words: `category`, `Default`, `Optimize`. */
  readonly properties: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** The days from which added addresses may be used, as the changes feed says; earliest first. */
  readonly effective: readonly { readonly date: string; readonly addresses: AddressSet }[];
  /** Added addresses of which the changes feed says no day. */
  readonly undated: AddressSet;
}

export interface WordChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface Office365DiffOptions {
  /** Which sets are compared; by default all are. */
  readonly chosen?: (set: EndpointSet) => boolean;
  /** Of the changes feed; those between the two versions count, or all where a version is not known. */
  readonly changes?: readonly Office365Change[];
}

export function diffOffice365(
  from: Office365Feed,
  to: Office365Feed,
  options: Office365DiffOptions = {},
): Office365Diff {
  const { chosen = () => true } = options;
  const changes = between(options.changes ?? [], from.version, to.version);
  const [before, after] = [setsOf(from), setsOf(to)];
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
  const all = ids
    .map((id) => ({ before: before.get(id), after: after.get(id) }))
    .filter((one) => [one.before, one.after].some((part) => part !== undefined && chosen(part.set)));
  const compared = all.map((one) => ({ ...one, change: setChange(one.before, one.after, changes) }));
  return {
    kind: "office365",
    from,
    to,
    sets: compared.map(({ change }) => change).filter(isSomeChange),
    resliced: compared
      .filter((one) => !isSomeChange(one.change) && !sameWords(one.before!.set.prefixes, one.after!.set.prefixes))
      .map(({ change }) => change.id),
    whole: changeOf(
      unionAddresses(...all.map((one) => one.before?.addresses ?? noAddress)),
      unionAddresses(...all.map((one) => one.after?.addresses ?? noAddress)),
    ),
    compared: all.length,
    diagnostics: [...partsOf(from).diagnostics, ...partsOf(to).diagnostics],
  };
}

type SetPart = Extract<FeedPart, { kind: "endpoint-set" }>;

/** Rows with the same id are one set. */
function setsOf(feed: Office365Feed): ReadonlyMap<number, SetPart> {
  const sets = new Map<number, SetPart>();
  for (const part of partsOf(feed).parts) {
    if (part.kind !== "endpoint-set") continue;
    const known = sets.get(part.set.id);
    sets.set(part.set.id, known === undefined ? part : joined(known, part));
  }
  return sets;
}

function joined(a: SetPart, b: SetPart): SetPart {
  return {
    ...a,
    set: {
      ...a.set,
      urls: [...a.set.urls, ...b.set.urls],
      prefixes: [...a.set.prefixes, ...b.set.prefixes],
      ports: [...new Set([...a.set.ports, ...b.set.ports])],
    },
    published: [...a.published, ...b.published],
    addresses: unionAddresses(a.addresses, b.addresses),
  };
}

function setChange(
  before: SetPart | undefined,
  after: SetPart | undefined,
  changes: readonly Office365Change[],
): EndpointSetChange {
  const { set } = (after ?? before)!;
  const { added, removed } = changeOf(before?.addresses ?? noAddress, after?.addresses ?? noAddress);
  const effective = effectiveDays(
    added,
    changes.filter((change) => change.endpointSet === set.id),
  );
  return {
    id: set.id,
    what: before === undefined ? "new" : after === undefined ? "vanished" : "changed",
    set,
    added,
    removed,
    urls: wordChange(before?.set.urls, after?.set.urls),
    ports: wordChange(before?.set.ports, after?.set.ports),
    properties: before === undefined || after === undefined ? [] : propertyChanges(before.set, after.set),
    effective,
    undated: subtractAddresses(added, unionAddresses(...effective.map(({ addresses }) => addresses))),
  };
}

function effectiveDays(added: AddressSet, changes: readonly Office365Change[]): EndpointSetChange["effective"] {
  const days = [...new Set(changes.flatMap(({ effective }) => effective ?? []))].sort();
  let left = added;
  return days.flatMap((date) => {
    const announced = unionAddresses(...changes.filter((one) => one.effective === date).map((one) => one.added));
    const addresses = intersectAddresses(left, announced);
    left = subtractAddresses(left, addresses);
    return isNoAddress(addresses) ? [] : [{ date, addresses }];
  });
}

function propertyChanges(before: EndpointSet, after: EndpointSet): EndpointSetChange["properties"] {
  return (["area", "category", "required"] as const)
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: String(before[name]), after: String(after[name]) }));
}

function wordChange(before: readonly string[] = [], after: readonly string[] = []): WordChange {
  return {
    added: [...new Set(after)].filter((word) => !before.includes(word)).sort(),
    removed: [...new Set(before)].filter((word) => !after.includes(word)).sort(),
  };
}

function isSomeChange(change: EndpointSetChange): boolean {
  const words = [change.urls, change.ports].some(({ added, removed }) => added.length + removed.length > 0);
  return change.what !== "changed" || !isNoChange(change) || words || change.properties.length > 0;
}

function sameWords(a: readonly unknown[], b: readonly unknown[]): boolean {
  const there = new Set(a);
  return a.length === b.length && b.every((one) => there.has(one));
}

function between(changes: readonly Office365Change[], from: string, to: string): readonly Office365Change[] {
  const [first, last] = [from, to].map((version) => /\d{10}/.exec(version)?.[0]);
  return changes.filter(
    ({ version }) => (first === undefined || version > first) && (last === undefined || version <= last),
  );
}
