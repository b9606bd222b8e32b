import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import { intersectAddresses, noAddress, subtractAddresses, unionOf } from "../net/index.js";
import type { AddressChange } from "./address-change.js";
import { changeOf, isNoChange } from "./address-change.js";
import type { AzureFeed, AzureTag } from "./azure.js";
import type { Move } from "./moves.js";
import { movesBetween } from "./moves.js";
import type { FeedPart } from "./parts.js";
import { partsOf } from "./parts.js";

/** Two versions of the service tags of a cloud. */
export interface AzureDiff {
  readonly kind: "azure";
  readonly from: AzureFeed;
  readonly to: AzureFeed;
  /** The tags that are new, have vanished, or have other addresses, by name. */
  readonly tags: readonly TagChange[];
  /** The tags with the same addresses in other prefixes, by name. */
  readonly resliced: readonly string[];
  /** All tags of a region taken together, by the region's name; "" is that of the tags of no region. */
  readonly regions: readonly (AddressChange & { readonly region: string })[];
  /** Addresses that left one tag for another. They are among the changes of both tags, too. */
  readonly moves: readonly Move[];
  /** All tags that were compared, taken together. */
  readonly whole: AddressChange;
  /** How many tags were compared, new and vanished ones too. */
  readonly compared: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface TagChange extends AddressChange {
  readonly name: string;
  readonly service: string;
  readonly region: string;
  readonly what: "new" | "vanished" | "changed";
}

/** `chosen` says which tags are compared; by default all are. */
export function diffAzure(from: AzureFeed, to: AzureFeed, chosen: (tag: AzureTag) => boolean = () => true): AzureDiff {
  const [before, after] = [tagsOf(from), tagsOf(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const all = names.map((name) => compared(before.get(name), after.get(name)));
  const isChosen = new Map(all.map((one) => [one.change.name, one.tags.some((tag) => chosen(tag))]));
  const wanted = all.filter(({ change }) => isChosen.get(change.name));
  const isChange = ({ change }: Compared): boolean => change.what !== "changed" || !isNoChange(change);
  return {
    kind: "azure",
    from,
    to,
    tags: wanted.filter(isChange).map(({ change }) => change),
    resliced: wanted.filter((one) => !isChange(one) && one.resliced).map(({ change }) => change.name),
    regions: regionsOf(wanted),
    moves: movesBetween(all.filter(isChange).map(({ change }) => change)).filter(
      (move) => isChosen.get(move.from) === true || isChosen.get(move.to) === true,
    ),
    whole: changeTogether(wanted),
    compared: wanted.length,
    diagnostics: [...partsOf(from).diagnostics, ...partsOf(to).diagnostics],
  };
}

type TagPart = Extract<FeedPart, { kind: "tag" }>;

interface Compared {
  readonly change: TagChange;
  readonly before: AddressSet;
  readonly after: AddressSet;
  readonly resliced: boolean;
  /** One or two: as it was, and as it is. */
  readonly tags: readonly AzureTag[];
}

function tagsOf(feed: AzureFeed): ReadonlyMap<string, TagPart> {
  return new Map(partsOf(feed).parts.flatMap((part) => (part.kind === "tag" ? [[part.tag.name, part] as const] : [])));
}

function compared(before: TagPart | undefined, after: TagPart | undefined): Compared {
  const { name, service, region } = (after ?? before)!.tag;
  const [old, now] = [before?.addresses ?? noAddress, after?.addresses ?? noAddress];
  return {
    change: {
      name,
      service,
      region,
      what: before === undefined ? "new" : after === undefined ? "vanished" : "changed",
      ...changeOf(old, now),
    },
    before: old,
    after: now,
    resliced: !sameList(before?.tag.prefixes, after?.tag.prefixes),
    tags: [before, after].flatMap((part) => (part === undefined ? [] : [part.tag])),
  };
}

/** Order does not count. */
function sameList(a: readonly unknown[] = [], b: readonly unknown[] = []): boolean {
  const there = new Set(a);
  return a.length === b.length && b.every((one) => there.has(one));
}

function regionsOf(all: readonly Compared[]): AzureDiff["regions"] {
  const byRegion = new Map<string, Compared[]>();
  for (const one of all) byRegion.set(one.change.region, [...(byRegion.get(one.change.region) ?? []), one]);
  return [...byRegion]
    .map(([region, of]) => ({
      region,
      ...changeTogether(of),
    }))
    .filter((one) => !isNoChange(one))
    .sort((a, b) => (a.region < b.region ? -1 : 1));
}

/**
 * What became of all of them taken together. Only addresses that some tag gained can be new to all of them: which of
 * those another tag had before is a smaller question than the union of everything.
 */
function changeTogether(all: readonly Compared[]): AddressChange {
  const gained = unionOf(all.map(({ change }) => change.added));
  const lost = unionOf(all.map(({ change }) => change.removed));
  return {
    added: subtractAddresses(gained, unionOf(all.map(({ before }) => intersectAddresses(before, gained)))),
    removed: subtractAddresses(lost, unionOf(all.map(({ after }) => intersectAddresses(after, lost)))),
  };
}
