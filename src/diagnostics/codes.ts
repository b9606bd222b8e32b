import type { Severity } from "./diagnostic.js";

interface CodeEntry {
  readonly name: string;
  readonly severity: Severity;
  readonly about: string;
}

/**
 * The catalogue of codes. First digit: 1 read, 2 resolve, 3 target, 4 lint, 5 feed, 6 vendor parse, 9 internal.
 * A code is never used for another thing later.
 */
export const codes = {
  RW1001: { name: "yaml-syntax", severity: "error", about: "the policy is not well-formed YAML or JSON" },
  RW1002: { name: "policy-shape", severity: "error", about: "the policy does not have the shape of its JSON Schema" },
  RW1003: {
    name: "file-unreadable",
    severity: "error",
    about: "a file that the policy or the command names cannot be read",
  },
  RW1004: { name: "address-syntax", severity: "error", about: "an address or prefix is not written strictly" },
  RW1005: { name: "service-syntax", severity: "error", about: "a service is not written as protocol/ports" },
  RW1006: { name: "packet-syntax", severity: "error", about: "a packet on the command line cannot be read" },
  RW1007: { name: "usage", severity: "error", about: "the command line is not usable" },
  RW1008: { name: "date-syntax", severity: "error", about: "a date is not a calendar date as YYYY-MM-DD" },
  RW1009: { name: "output-unwritable", severity: "error", about: "a file cannot be written; then none is" },
  RW1010: {
    name: "unknown-interface",
    severity: "error",
    about: "an interface that is said to be outside or inside does not occur in the configuration",
  },
  RW1011: { name: "baseline-unreadable", severity: "error", about: "the baseline of the linter is not in its format" },
  RW1012: { name: "nothing-to-lint", severity: "error", about: "no file of those named is a configuration" },
  RW1013: { name: "git-unusable", severity: "error", about: "Git cannot say what has changed" },
  RW1014: {
    name: "fix-not-applied",
    severity: "warning",
    about: "a fix would change what passes, or cannot be proved",
  },
  RW2001: { name: "unknown-network", severity: "error", about: "a rule refers to a network that is not defined" },
  RW2002: { name: "network-cycle", severity: "error", about: "networks contain each other" },
  RW2003: { name: "unknown-service", severity: "error", about: "a rule refers to a service that is not defined" },
  RW2004: { name: "empty-network", severity: "error", about: "a network selects no address" },
  RW2005: { name: "expired-exception", severity: "warning", about: "an exception is past its date" },
  RW2006: {
    name: "exception-without-effect",
    severity: "warning",
    about: "an exception excepts nothing from its rule",
  },
  RW2007: {
    name: "broad-exception",
    severity: "warning",
    about: "an exception opens a whole cloud or unlisted addresses",
  },
  RW2008: { name: "duplicate-name", severity: "error", about: "two things in one place have the same name" },
  RW2009: { name: "rule-without-effect", severity: "warning", about: "a rule can match no packet" },
  RW2010: { name: "family-mismatch", severity: "error", about: "a rule has no addresses of the family that it names" },
  RW2011: { name: "unknown-target", severity: "error", about: "the policy names a target that no vendor serves" },
  RW2012: {
    name: "shared-service",
    severity: "note",
    about: "an exception opens a service that all customers of a cloud share",
  },
  RW2013: {
    name: "host-lockout",
    severity: "error",
    about: "a role closes what its hosts cannot do without",
  },
  RW2014: { name: "host-incomplete", severity: "error", about: "a role needs addresses that the policy does not give" },
  RW2015: {
    name: "host-open",
    severity: "warning",
    about: "a role leaves open what hosts of its kind should close",
  },
  RW3001: { name: "target-unsupported", severity: "error", about: "a target cannot express what the policy says" },
  RW3002: {
    name: "target-approximate",
    severity: "error",
    about: "a target can express the policy only broader or narrower",
  },
  RW3003: { name: "target-limit", severity: "error", about: "the output passes a limit of the vendor" },
  RW3004: { name: "target-size", severity: "warning", about: "the output is larger than the vendor's devices like" },
  RW3005: { name: "target-option", severity: "error", about: "a target option is wrong or missing" },
  RW3006: {
    name: "target-end-undecided",
    severity: "error",
    about: "the end of a list cannot be decided from the policy",
  },
  RW3007: { name: "target-note", severity: "warning", about: "something to know before the output is applied" },
  RW3008: {
    name: "base-conflict",
    severity: "error",
    about: "the base configuration conflicts with what is to be added",
  },
  RW4001: { name: "denied-traffic-passes", severity: "error", about: "traffic that the policy denies passes" },
  RW4002: { name: "allowed-traffic-blocked", severity: "warning", about: "traffic that the policy allows is blocked" },
  RW4003: { name: "undecided", severity: "error", about: "it cannot be told whether denied traffic passes" },
  RW4004: { name: "ipv6-open", severity: "error", about: "IPv6 is open where IPv4 is closed" },
  RW4005: { name: "one-direction-open", severity: "error", about: "one direction is closed, the other is open" },
  RW4006: { name: "list-not-bound", severity: "error", about: "the list that denies is bound nowhere" },
  RW4007: { name: "deny-too-late", severity: "error", about: "a permit in front of it takes the packets of a denial" },
  RW4008: { name: "deny-not-in-force", severity: "error", about: "the rule that denies is inactive or scheduled" },
  RW4009: {
    name: "translation-bypasses-filter",
    severity: "error",
    about: "address translation brings denied traffic past the filter",
  },
  RW4010: { name: "hook-not-filtered", severity: "warning", about: "packets of a kind meet no filter at all" },
  RW4011: {
    name: "outside-not-known",
    severity: "warning",
    about: "whether traffic crosses the edge depends on which interface is outside",
  },
  RW4012: { name: "no-rules", severity: "error", about: "a file has no rule at all" },
  RW4020: { name: "exception-too-broad", severity: "warning", about: "an exception opens more than the policy's" },
  RW4021: { name: "exception-stale", severity: "warning", about: "an exception has addresses that left the feed" },
  RW4022: { name: "exception-incomplete", severity: "warning", about: "an exception lacks addresses of the feed" },
  RW4023: { name: "whole-cloud-exception", severity: "warning", about: "an exception opens a whole cloud" },
  RW4030: {
    name: "shadowed-rule",
    severity: "warning",
    about: "rules in front of it decide all of its packets otherwise",
  },
  RW4031: { name: "redundant-rule", severity: "note", about: "without it every packet meets the same fate" },
  RW4032: {
    name: "generalised-rules",
    severity: "note",
    about: "a rule is a special case of a later one that differs",
  },
  RW4033: { name: "correlated-rules", severity: "note", about: "two rules that differ overlap: their order decides" },
  RW4034: { name: "dead-rule", severity: "note", about: "no packet ever comes to it" },
  RW4035: { name: "unused-definition", severity: "note", about: "nothing refers to a set, chain, list or object" },
  RW4036: { name: "empty-definition", severity: "note", about: "a set, chain, list or object in use is empty" },
  RW4037: { name: "duplicate-rule", severity: "note", about: "the same rule stands there twice" },
  RW4038: { name: "permit-any-any", severity: "warning", about: "a rule lets everything pass" },
  RW4039: { name: "missing-log", severity: "warning", about: "a denial does not log and the policy wants it" },
  RW4050: { name: "suppression-unused", severity: "warning", about: "a suppression suppresses nothing" },
  RW4051: { name: "suppression-malformed", severity: "error", about: "a suppression has no reason or cannot be read" },
  RW4052: { name: "suppression-expired", severity: "warning", about: "a suppression is past its date" },
  RW5001: { name: "feed-unreadable", severity: "error", about: "a feed is not in the published format" },
  RW5002: { name: "unknown-tag", severity: "error", about: "a service tag does not occur in the feed" },
  RW5003: { name: "empty-selection", severity: "error", about: "a selection from a feed is empty" },
  RW5004: {
    name: "feed-missing",
    severity: "error",
    about: "a network selects from a feed that the policy does not name",
  },
  RW5005: { name: "feed-address", severity: "error", about: "an address in a feed is not a strict prefix" },
  RW5006: { name: "lock-unreadable", severity: "error", about: "the lock file is not in its format" },
  RW5007: { name: "lock-mismatch", severity: "error", about: "a feed is not the file that the lock names" },
  RW5008: {
    name: "feed-download",
    severity: "error",
    about: "a feed could not be fetched, or what came is not that feed",
  },
  RW5009: { name: "feed-older", severity: "error", about: "what was fetched is older than what is there" },
  RW5010: { name: "feed-note", severity: "warning", about: "something to know about a feed that was fetched" },
  RW5011: { name: "lock-missing", severity: "error", about: "there is no lock, or no such feed in it" },
  RW6001: {
    name: "unread-text",
    severity: "warning",
    about: "a form was not understood; what it could influence is unknown",
  },
  RW6002: { name: "undecidable-form", severity: "note", about: "a condition that the text does not let us decide" },
  RW6003: {
    name: "silent-failure",
    severity: "warning",
    about: "the device accepts this text and does something else",
  },
  RW6004: { name: "load-failure", severity: "error", about: "the device refuses this text" },
  RW6005: {
    name: "missing-reference",
    severity: "warning",
    about: "a name is used that the configuration does not define",
  },
  RW6006: { name: "family-not-given", severity: "note", about: "one address family has no configuration here" },
  RW6007: {
    name: "address-translation",
    severity: "note",
    about: "addresses are rewritten before or after the filter",
  },
  RW6008: { name: "unknown-vendor", severity: "error", about: "the vendor of a configuration is not recognised" },
  RW9001: { name: "proof-failed", severity: "error", about: "the emitted text does not mean what the policy says" },
  RW9002: { name: "proof-undecided", severity: "error", about: "the emitted text could not be read back completely" },
  RW9003: { name: "internal", severity: "error", about: "a broken invariant of ringwall itself" },
} as const satisfies Record<`RW${number}`, CodeEntry>;

export type Code = keyof typeof codes;
