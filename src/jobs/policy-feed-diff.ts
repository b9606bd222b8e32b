import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressChange, AnyFeed } from "../feeds/index.js";
import { changeOf, isNoChange, readFeed } from "../feeds/index.js";
import { noAddress } from "../net/index.js";
import type { GivenFeed, PolicyDocument, UsedNetwork } from "../policy/index.js";
import { resolveNames, usedNetworks } from "../policy/index.js";

/** What two versions of a feed mean to a policy. */
export interface PolicyFeedDiff {
  /** The names of the policy's feeds that the two versions stand for. */
  readonly feeds: readonly string[];
  /** What the policy uses and has other addresses than before, in the order of the policy. */
  readonly changes: readonly UsedChange[];
  /** How many of its expressions take addresses from these feeds. */
  readonly used: number;
  /** What cannot be resolved any more, such as a tag that has vanished: the policy would not compile. */
  readonly broken: readonly Diagnostic[];
  /** What neither version resolves: the policy itself is wrong. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface UsedChange extends AddressChange {
  readonly used: UsedNetwork;
}

/**
 * The expressions of the policy's rules and exceptions with either version in place of the policy's own feed: with all
 * that the policy cuts out, and nothing that no rule uses. The feed of a policy is meant when it is of the same kind and,
 * as far as that can be told, of the same cloud or instance.
 */
export function diffForPolicy(
  document: PolicyDocument,
  feeds: ReadonlyMap<string, GivenFeed>,
  from: AnyFeed,
  to: AnyFeed,
): PolicyFeedDiff {
  const meant = [...document.feeds].flatMap(([name, { kind }]) =>
    kind === to.kind && isSamePart(feeds.get(name), to) ? [name] : [],
  );
  const before = resolveNames(document, withFeed(feeds, meant, from));
  const after = resolveNames(document, withFeed(feeds, meant, to));
  const [broke, breaks] = [errorsOf(before.diagnostics), errorsOf(after.diagnostics)];
  const isBoth = (one: Diagnostic): boolean => broke.some((other) => samePlace(one, other));
  const seen = new Set<string>();
  const changes: UsedChange[] = [];
  let count = 0;
  for (const used of usedNetworks(document)) {
    const key = `${used.rule ?? ""} ${used.use} ${used.label}`;
    const [old, now] = [before.network(used.node), after.network(used.node)];
    if (seen.has(key) || !(old ?? now)?.selections.some(({ kind }) => kind === to.kind)) continue;
    seen.add(key);
    count++;
    const change = changeOf(old?.addresses ?? noAddress, now?.addresses ?? noAddress);
    if (!isNoChange(change)) changes.push({ used, ...change });
  }
  return {
    feeds: meant,
    changes,
    used: count,
    broken: breaks.filter((one) => !isBoth(one)),
    diagnostics: breaks.filter(isBoth),
  };
}

function errorsOf(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

/** The messages name the file, which is another one. */
function samePlace(a: Diagnostic, b: Diagnostic): boolean {
  return (
    a.code === b.code && a.primary?.start === b.primary?.start && a.primary?.source.path === b.primary?.source.path
  );
}

/** Whether the version would be of use to the policy, so that CI has to look. */
export function concernsPolicy({ changes, broken }: PolicyFeedDiff): boolean {
  return changes.length > 0 || broken.length > 0;
}

function withFeed(
  feeds: ReadonlyMap<string, GivenFeed>,
  names: readonly string[],
  { source, sha256 }: AnyFeed,
): ReadonlyMap<string, GivenFeed> {
  return new Map([...feeds].map(([name, given]) => [name, names.includes(name) ? { source, sha256 } : given]));
}

/** A feed that cannot be read may be any. */
function isSamePart(given: GivenFeed | undefined, feed: AnyFeed): boolean {
  if (given === undefined || given === "unreadable") return true;
  const read = readFeed(given);
  if (!read.ok) return true;
  const { feed: own } = read;
  if (own.kind === "azure" && feed.kind === "azure") return own.cloud.toLowerCase() === feed.cloud.toLowerCase();
  if (own.kind === "office365" && feed.kind === "office365") {
    return own.instance === undefined || feed.instance === undefined || own.instance === feed.instance;
  }
  return false;
}
